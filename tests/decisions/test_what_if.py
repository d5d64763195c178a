"""Past decisions in another world: nothing changes where nothing changed, and every loosening shows."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from release_simulator import AT, RELEASE, SAMPLES, STEPS, Run, Simulator, Way, granted

from dpone.record import replace
from dpone.signing.private import new_private_text
from dpone.signing.trust import TrustedKey

METRICS = ("--metrics-json", '{"lag": 5}')
MET, MISSED = '{"lag": {"max": 10}}', '{"lag": {"max": 1}}'


def what_if(release: Simulator, *options: str, status: int = 0) -> dict[str, Any]:
    """What would change, as JSON; the command must end with that exit code and leave every file as it is."""
    before = release.files()
    done = release.run("policy", "what-if", "--format", "json", *options)
    assert done.status == status, (done.out, done.err)
    assert release.files() == before
    found: dict[str, Any] = done.document
    return found


def flips(release: Simulator, *options: str) -> list[tuple[str, str, str, set[str]]]:
    """Every flip: gate, verdict before and after, and the rules whose findings are new or gone."""
    rows = what_if(release, *options)["results"]
    return [
        (r["gate"], r["before"], r["after"], {c["rule"] for c in (*r["new"], *r["gone"])})
        for r in rows
        if r["flips"]
    ]


def said(release: Simulator, *options: str) -> Run:
    """The answer as people read it."""
    return release.run("policy", "what-if", *options)


@pytest.fixture(scope="module")
def whole_way(tmp_path_factory: pytest.TempPathFactory) -> Way:
    """A release that went the whole way, and tried some steps it could not take."""
    way = Way(tmp_path_factory.mktemp("way") / "release")
    way.walk("approve")
    time.sleep(2.1)  # so that a vote has an age when it is looked at again
    way.walk("close", "promote")
    assert way.step("deploy", "--status", "failed", "--deployment-id", "DEP-2").status == 1
    way.act("ci")
    assert way.run("ops", "pre-release-checklist", "--release", RELEASE).status in (0, 1)
    return way


@pytest.fixture
def way(whole_way: Way, tmp_path: Path) -> Way:
    """That release in a folder of its own."""
    return whole_way.copy(tmp_path / "copy")


@pytest.fixture
def release(tmp_path: Path) -> Simulator:
    """A workspace where everything is sealed and green, with one green decision."""
    simulator = Simulator(tmp_path)
    assert simulator.gate().status == 0
    return simulator


def red(release: Simulator, name: str, sample: str) -> None:
    """Let one report be a bad one, sealed, and have it refused."""
    place = {"tests": "build/junit.xml", "deps": "build/pip-audit.json", "dbt": "target/run_results.json"}[name]
    release.put(place, SAMPLES / sample)
    release.seal()
    assert release.gate().status == 1


# the same world


def test_the_same_world_changes_nothing_on_the_whole_way(whole_way: Way) -> None:
    """Every decision of a lifecycle, green and red, replays, and is the same in the world it was taken in:
    no verdict, no finding, no key."""
    replayed = whole_way.run("decision", "replay", "--all")
    assert replayed.status == 0, replayed.out
    found = what_if(whole_way)
    gates = {row["gate"] for row in found["results"]}
    assert gates >= {
        "release-gate", "env-drift", "change-request", "approval-record", "release-promote", "deployment-record",
        "slo-evaluate", "post-deploy-verify", "release-close", "pre-release-checklist",
    }  # fmt: skip
    assert {row["before"] for row in found["results"]} == {"passed", "failed"}
    assert found["decisions"] >= len(STEPS) + 2
    assert (found["flips"], found["cannot"], found["config"]) == (0, 0, {})
    assert [(r["new"], r["gone"]) for r in found["results"]] == [([], [])] * found["decisions"]


BREAKS: dict[str, Callable[[Simulator], object]] = {
    "bad tests": lambda s: s.put("build/junit.xml", SAMPLES / "pytest/junit_fail.xml"),
    "vulnerable": lambda s: s.put("build/pip-audit.json", SAMPLES / "pip_audit/audit_fail.json"),
    "missing": lambda s: (s.root / "build/bandit.sarif").rename(s.root / "build/away"),
    "a folder": lambda s: (
        (s.root / "target/run_results.json").rename(s.root / "target/away"),
        (s.root / "target/run_results.json").mkdir(),
    ),
    "not XML": lambda s: s.write("build/junit.xml", b"\xff{"),
    "unknown": lambda s: s.write("build/pip-audit.json", '{"passed": true}'),
    "a secret": lambda s: s.put("build/pip-audit.json", secret_report(s)),
    "too large": lambda s: s.config("limits: {file: 2KB}"),
    "pattern": lambda s: s.write("build/other.sarif", "{}"),
    "red slo": lambda s: s.run("ops", "slo-evaluate", *METRICS, "--objectives-json", MISSED, "--release", RELEASE,
                               "--at", AT),
    "green slo": lambda s: s.run("ops", "slo-evaluate", *METRICS, "--objectives-json", MET, "--release", RELEASE,
                                 "--at", AT),
}  # fmt: skip


def secret_report(release: Simulator) -> Path:
    """A report of gitleaks that shows what it found."""
    leak = [{"RuleID": "aws", "Description": "key", "StartLine": 1, "EndLine": 1, "StartColumn": 1, "EndColumn": 2,
             "Match": "AKIA" + "IOSFODNN7EXAMPLE", "Secret": "AKIA" + "IOSFODNN7EXAMPLE", "File": "a.py",
             "SymlinkFile": "", "Commit": "", "Entropy": 3.1, "Author": "", "Email": "", "Date": "", "Message": "",
             "Tags": [], "Fingerprint": "a.py:aws:1"}]  # fmt: skip
    return release.write("build/gitleaks.json", json.dumps(leak))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(sorted(BREAKS)), min_size=1, max_size=4, unique=True))
def test_the_same_world_changes_nothing_whatever_the_evidence_was(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    """Whatever was missing, broken, foreign, left out or later when it was decided: what-if in the unchanged
    world says what replay says, for every decision."""
    release = Simulator(tmp_path_factory.mktemp("any") / "release")
    for name in sorted(
        names, key="too large".__ne__
    ):  # a configuration that changes later is not the same world
        BREAKS[name](release)
        release.gate("--artifact", "again=build/junit.xml")
        release.gate("--artifact", "sast=build/*.sarif")
    assert release.run("decision", "replay", "--all").status == 0
    found = what_if(release)
    assert (found["flips"], found["cannot"], found["config"]) == (
        0, 0, {} if "too large" not in names else found["config"],
    )  # fmt: skip
    if "too large" not in names:
        assert [(r["new"], r["gone"]) for r in found["results"]] == [([], [])] * found["decisions"]


def test_a_superseded_and_an_omitted_piece_stay_what_they_were(release: Simulator) -> None:
    """What the ledger knew when it was decided is not forgotten, and what it learned later does not count."""
    slo = ("ops", "slo-evaluate", *METRICS, "--release", RELEASE, "--at", AT, "--output-dir")
    assert release.run(*slo, "out/green", "--objectives-json", MET).status == 0
    given_path = ("--artifact", "slo=out/green/slo_report.json")
    assert release.gate(*given_path).status == 0
    assert release.run(*slo, "out/red", "--objectives-json", MISSED).status == 1
    assert release.gate(*given_path).status == 1  # superseded
    assert release.gate().status == 1  # omitted
    found = what_if(release)
    assert (found["flips"], found["cannot"], found["decisions"]) == (0, 0, 6)


def test_the_layer_of_a_command_line_is_not_taken_away(release: Simulator) -> None:
    """A layer that a gate was given with --policy is part of how it is called: it stays, unless another
    of its name is tried."""
    strict = release.rule('deny contains {"code": "team.rule"} if {\n\tinput.gate == "release-gate"\n}')
    assert release.gate("--policy", strict).status == 1
    assert flips(release) == []
    shutil.move(release.root / strict, release.root / "elsewhere" / "team")
    loose = release.rule('deny contains {"code": "team.rule"} if {\n\tinput.gate == "no gate"\n}')
    assert flips(release, "--policy", loose) == [("release-gate", "failed", "passed", {"team.rule"})]


# rules, thresholds, requirements


def test_a_layer_that_is_added(release: Simulator) -> None:
    """A new rule shows which past releases it would have refused, with its sentence."""
    layer = release.rule(
        'deny contains {"code": "team.rule", "evidence": "dbt"} if {\n\tinput.subject.release != ""\n}'
    )
    assert flips(release, "--policy", layer) == [("release-gate", "passed", "failed", {"team.rule"})]
    done = said(release, "--policy", layer)
    assert re.search(
        r"flips   release-gate  v0\.7\.1  \w{12}  PASSED -> FAILED\n        team\.rule  told\n", done.out
    )
    assert "mandatory rules touched: none" in done.out


def test_a_layer_of_the_configuration_that_is_taken_away(release: Simulator) -> None:
    """What dpone.yaml names no longer is gone: a weakening, and it shows as one."""
    layer = release.rule('deny contains {"code": "team.rule"} if {\n\tinput.gate == "release-gate"\n}')
    text = (release.root / "dpone.yaml").read_text("utf-8")
    release.config(f"policies: [{layer}]")
    assert release.gate().status == 1
    release.write("dpone.yaml", text)
    found = what_if(release, "--gate", "release-gate")
    assert (found["flips"], found["weaker"]) == (1, 1)
    assert found["config"] == {"policies": [f'["{layer}"]', "[]"]}


def test_a_layer_that_replaces_the_gate_leaves_the_mandatory_rules(release: Simulator) -> None:
    """Replacing swaps a gate's own rules; nothing mandatory is lost, and that is what is said."""
    release.write("policies/team/.manifest", json.dumps({"roots": ["dpone/custom/release_gate/team"], "rego_version": 1,
                  "metadata": {"replaces": "release-gate"}}))  # fmt: skip
    layer = release.rule('deny contains {"code": "team.rule"} if {\n\tinput.gate == "no gate"\n}')
    found = what_if(release, "--policy", layer)
    assert (found["cannot"], found["mandatory_rules_lost"]) == (0, [])


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        ("kinds: {junit: {min_executed: 1}}", "kinds: {junit: {min_executed: 100}}", ("passed", "failed")),
        ("kinds: {junit: {min_executed: 100}}", "kinds: {junit: {min_executed: 1}}", ("failed", "passed")),
        ("gates: {release-gate: {max_age: 1s}}", "gates: {release-gate: {max_age: 7d}}", ("failed", "passed")),
        ("gates: {release-gate: {max_age: 7d}}", "gates: {release-gate: {max_age: 1s}}", ("passed", "failed")),
        ("gates: {release-gate: {require: [tests, slo]}}", "gates: {release-gate: {require: [tests]}}",
         ("failed", "passed")),
        ("gates: {release-gate: {require: [tests]}}", "gates: {release-gate: {require: [tests, slo]}}",
         ("passed", "failed")),
        ("profile: standard", "profile: strict\nconcerns: {unsealed: fail}", None),
        ("environments: {staging: {}}", "environments: {staging: {protected: true}}", None),
    ],
)  # fmt: skip
def test_what_dpone_yaml_says(tmp_path: Path, then: str, now: str, expected: tuple[str, str] | None) -> None:
    """A threshold, an age or a requirement that moves shows as the flip it would be, in both directions; one
    that everything satisfies shows none. The key is named."""
    release = Simulator(tmp_path)
    text = (release.root / "dpone.yaml").read_text("utf-8")
    release.write("dpone.yaml", f"{text}{then}\n")
    assert release.gate().status == (1 if expected and expected[0] == "failed" else 0)
    release.write("dpone.yaml", f"{text}{now}\n")
    found = what_if(release)
    assert [(r["before"], r["after"]) for r in found["results"] if r["flips"]] == (
        [expected] if expected else []
    )
    assert found["weaker"] == (1 if expected == ("failed", "passed") else 0)
    assert found["config"]


def test_evidence_that_is_no_longer_declared_is_not_looked_at(release: Simulator) -> None:
    """Taking a name out of dpone.yaml takes its findings out of the release gate: that weakening shows."""
    red(release, "deps", "pip_audit/audit_fail.json")
    text = (release.root / "dpone.yaml").read_text("utf-8")
    release.write("dpone.yaml", "".join(line for line in text.splitlines(True) if "deps" not in line))
    assert flips(release) == [("release-gate", "failed", "passed", {"pip-audit.vulnerability"})]


def test_concerns_count_as_they_are_set_now(tmp_path: Path) -> None:
    """Unsealed reports warned then; where they fail now, the old decisions fall."""
    release = Simulator(tmp_path)
    for seal in (release.root).rglob("*.dsse.json"):
        seal.unlink()
    assert release.gate().status == 0
    release.config("concerns: {unsealed: fail}")
    assert [f[:3] for f in flips(release)] == [("release-gate", "passed", "failed")]


def test_objectives_are_those_of_now(tmp_path: Path) -> None:
    """Metrics are read again with the objectives that dpone.yaml has now."""
    release = Simulator(tmp_path)
    release.put("build/prom.json", SAMPLES / "prometheus" / "failure_ratio.json")
    text = (release.root / "dpone.yaml").read_text("utf-8")
    declared = "  slo: {path: build/prom.json, kind: prometheus, objectives: {load_failure_ratio: {max: %s}}}\n"
    release.write("dpone.yaml", text + declared % "0.5")
    release.seal()
    assert release.gate().status == 0
    release.write("dpone.yaml", text + declared % "0.0000001")
    found = what_if(release)
    assert found["config"] == {"evidence.slo.objectives.load_failure_ratio.max": ["0.5", "1e-07"]}
    assert flips(release) == [("release-gate", "passed", "failed", {"prometheus.above_max"})]


# environments


def test_an_environment_that_is_protected_now(tmp_path: Path) -> None:
    """Protecting an environment lays the profile strict under every decision that was aimed at it."""
    release = Simulator(tmp_path)
    for seal in release.root.rglob("*.dsse.json"):
        seal.unlink()
    assert release.gate("--environment", "production").status == 0
    release.config("environments: {production: {protected: true}}")
    found = what_if(release)
    assert (found["flips"], found["config"]["protected environment production"]) == (1, ["false", "true"])


def test_an_environment_that_is_not_protected_any_more(way: Way) -> None:
    """Taking the protection away is named, whether or not it turns something green."""
    text = (way.root / "dpone.yaml").read_text("utf-8")
    way.write("dpone.yaml", text.replace("protected: true, ", ""))
    way.anchor(way.trust(*(way.entry(name) for name in way.keys)))
    found = what_if(way)
    assert found["config"]["protected environment production"] == ["true", "false"]
    assert found["config"]["environments.production.protected"] == ["true", "unset"]
    assert found["not_tried"] == ["environments.production.protected"]


# trust


def test_a_trust_file_that_is_not_accepted_yet(way: Way) -> None:
    """A pull request has its own trust file, which nothing anchors yet: it is tried as if it were accepted. A
    root that is given and says otherwise is still obeyed."""
    del way.env["DPONE_TRUST_ROOT"]
    found = what_if(way)
    assert (found["flips"], found["cannot"], found["config"]) == (0, 0, {})
    assert said(way, "--trust-root", "SHA256:" + "A" * 43).status in (2, 3)


def test_a_key_without_grants_now(release: Simulator) -> None:
    """A decision that was signed by a key that may not sign it now would not be taken."""
    release.trust(replace(granted(release.public), kinds=("slo_report",)))
    found = what_if(release)
    assert [(r["before"], r["after"]) for r in found["results"]] == [("passed", "failed")]
    assert "trust file" in found["config"]


def test_a_key_that_is_revoked_counts_for_nothing_from_then_on(way: Way) -> None:
    """An approver's key that was revoked before the vote takes the vote away; the seals of others hold."""
    from datetime import datetime, timezone

    from dpone.signing.trust import Revocation

    entry = way.entry("architect")
    way.trust_people(
        architect=replace(entry, revoked=Revocation(datetime(2020, 1, 1, tzinfo=timezone.utc), "lost"))
    )
    flipped = flips(way)
    assert ("approval-record", "passed", "failed") in [f[:3] for f in flipped]


def test_an_approvers_key_that_is_removed(way: Way) -> None:
    """Without the key there is no vote: the quorum is not reached."""
    from release_simulator import PEOPLE

    way.anchor(way.trust(*(way.entry(n) for n in PEOPLE if n != "architect"), protected=("production",)))
    assert ("approval-record", "passed", "failed") in [f[:3] for f in flips(way)]


def test_approvals_are_as_old_as_they_were_and_judged_as_now(way: Way) -> None:
    """approvals.expires counts from the vote to the decision, with the value of now."""
    way.config("approvals: {expires: 1s}")
    found = what_if(way)
    assert found["config"]["approvals.expires"][1] == "1s"
    assert found["cannot"] == 0
    flipped = {row["gate"] for row in found["results"] if row["flips"]}
    assert flipped & {"release-promote", "deployment-record"}
    assert "approval-record" not in flipped


def test_a_red_decision_by_a_key_that_may_not_speak_now_is_not_left_out(release: Simulator) -> None:
    """Taking away the grant of the one who refused would let the release pass: it shows as such."""
    own = release.env["DPONE_SIGNING_KEY"]
    public, other = release.public, release.use_key(new_private_text())
    tester = TrustedKey(other, "tester@example.com", ("qa",), ("*",), ("*",), ("*",))
    release.trust(granted(public), tester)
    missed = ("ops", "slo-evaluate", *METRICS, "--objectives-json", MISSED, "--release", RELEASE, "--at", AT)
    assert release.run(*missed).status == 1
    release.env["DPONE_SIGNING_KEY"] = own
    assert release.gate().status == 1
    release.trust(granted(public), replace(tester, kinds=()))
    flipped = flips(release, "--gate", "release-gate")
    assert [f for f in flipped if f[1] == "failed"] == [
        ("release-gate", "failed", "passed", {"evidence.current"})
    ]


def test_a_trust_file_that_demands_a_layer(release: Simulator) -> None:
    """A pinned layer that is not there would leave every decision undecided: a flip with its reason."""
    layer = release.rule('deny contains {"code": "team.rule"} if {\n\tinput.gate == "no gate"\n}')
    data = json.loads((release.root / "dpone.trust.json").read_text("utf-8"))
    data["layers"] = [{"name": "team", "digest": "0" * 64}]
    release.write("dpone.trust.json", json.dumps(data))
    (row,) = what_if(release)["results"]
    assert (row["before"], row["after"], row["gone"]) == ("passed", "undecided", [])
    assert "demands the policy layer team" in row["problem"]
    assert "demands the policy layer team" in said(release, "--policy", layer).out


def test_another_machines_own_key_cannot_be_judged(tmp_path: Path) -> None:
    """Seals by a key that no trust file lists mean something on that machine alone: said, not flipped."""
    release = Simulator(tmp_path)
    (release.root / "dpone.trust.json").unlink()
    assert release.gate().status == 0
    assert what_if(release)["cannot"] == 0
    release.use_key(new_private_text())
    done = said(release)
    assert (done.status, done.out) == (3, "")  # nor is its ledger continued
    done = said(release, "--ledger", "file:.dpone/ledger")
    assert (done.status, done.out) == (3, "")
    assert "a key of another machine" in done.err


# what cannot be told


@pytest.mark.parametrize("text", ["package dpone.custom.release_gate.team\n\nimport rego.v1\n\ndeny contains {",
                                  "package dpone.gates.release_gate\n\nimport rego.v1\n"])  # fmt: skip
def test_a_layer_that_does_not_load(release: Simulator, text: str) -> None:
    """One clear line, exit 3, and no half answer."""
    layer = release.layer(text)
    done = said(release, "--policy", layer)
    assert (done.status, done.out) == (3, "")
    assert "policy layer team" in done.err
    assert "Traceback" not in done.err


def test_a_rule_that_breaks_on_one_decision_spoils_no_other(release: Simulator) -> None:
    """What the engine cannot run is UNDECIDED for that decision alone; the next is answered as ever."""
    release.gate(release="v0.7.2")
    release.gate(release="v0.7.3")
    layer = release.rule(
        'deny contains {"code": "team.rule", "key": told} if {\n\tinput.subject.release == "v0.7.2"\n'
        "\tsome e in input.evidence\n\ttold := e.facts.failed\n}"
    )
    found = what_if(release, "--policy", layer)
    ends = {r["release"]: (r["after"], r["cannot"]) for r in found["results"]}
    assert ends["v0.7.1"] == ("passed", "")
    assert ends["v0.7.2"][0] == "undecided"
    assert ends["v0.7.3"][0] in ("passed", "failed")


def test_evidence_that_was_not_kept_is_named(tmp_path: Path) -> None:
    """Where the ledger did not keep a report, the decision cannot be taken again: which one, and why."""
    release = Simulator(tmp_path)
    release.config("keep: {evidence_up_to: 1KB}")
    assert release.gate().status == 0
    done = said(release)
    assert done.status == 3
    assert "was not kept: too large" in done.err
    release.config("")
    text = (release.root / "dpone.yaml").read_text("utf-8")
    release.write("dpone.yaml", text.replace("1KB", "5MB"))
    assert release.gate().status == 0
    assert what_if(release)["cannot"] == 1


def test_undecided_decisions_have_nothing_to_compare_with(release: Simulator) -> None:
    """A decision that was never taken is neither a flip nor the same."""
    broken = release.layer("package nowhere\n")
    assert release.gate("--policy", broken).status == 3
    shutil.rmtree(release.root / broken)
    found = what_if(release)
    assert (found["same"], found["cannot"], found["flips"]) == (1, 1, 0)


def test_missing_and_damaged_objects_are_named(release: Simulator) -> None:
    """A ledger's store that lost something says so for that decision and answers for the others."""
    assert release.gate(release="v0.7.2").status in (0, 1)
    first = release.entries()[0]["body"]
    store = release.root / ".dpone" / "ledger"
    (gone,) = [
        p for p in store.rglob("*") if p.is_file() and first["input"] in (p.name, p.parent.name + p.name)
    ]
    gone.unlink()
    found = what_if(release)
    assert [bool(r["cannot"]) for r in found["results"]] == [True, False]


# which decisions


def test_which_decisions_are_taken_again(release: Simulator, tmp_path: Path) -> None:
    """--gate, --release and --last choose; --ledger takes another ledger; none is said as none."""
    release.gate(release="v0.7.2")
    other = ("ops", "slo-evaluate", *METRICS, "--objectives-json", MET, "--release", RELEASE, "--at", AT)
    assert release.run(*other).status == 0
    assert what_if(release)["decisions"] == 3
    assert what_if(release, "--gate", "slo-evaluate")["decisions"] == 1
    assert what_if(release, "--release", "v0.7.2")["decisions"] == 1
    assert what_if(release, "--last", "36500d")["decisions"] == 3
    nothing = said(release, "--gate", "env-drift")
    assert (nothing.status, nothing.out) == (1, "")
    assert "no such decision" in nothing.err
    bad = said(release, "--last", "soon")
    assert bad.status == 2
    shutil.move(release.root / ".dpone" / "ledger", release.root / "moved")
    assert what_if(release, "--ledger", "file:moved")["decisions"] == 3
    assert said(release, "--ledger", "carrier-pigeon").status == 2


def test_the_ledger_in_git(release: Simulator) -> None:
    """Decisions on a branch of a repository are read with the same spec as in dpone.yaml; nothing is pushed."""
    import subprocess

    bare = release.folder / "origin.git"
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    release.config(f"ledger: git:{bare}#dpone-ledger")
    assert release.gate().status == 0
    refs = subprocess.run(["git", "-C", str(bare), "show-ref"], check=True, capture_output=True).stdout
    text = (release.root / "dpone.yaml").read_text("utf-8")
    release.write("dpone.yaml", text.replace(f"ledger: git:{bare}#dpone-ledger\n", ""))
    done = said(release, "--format", "json", "--ledger", f"git:{bare}#dpone-ledger")
    assert (done.status, done.document["decisions"]) == (0, 1)
    assert set(done.document["config"]) == {"ledger"}
    assert subprocess.run(["git", "-C", str(bare), "show-ref"], check=True, capture_output=True).stdout == refs


# what is shown


def test_flips_make_a_gate_only_when_asked(release: Simulator) -> None:
    """Advice ends with 0; --fail-on-flips N with 1 from N flips on, in the outputs too."""
    layer = release.rule('deny contains {"code": "team.rule"} if {\n\tinput.gate == "release-gate"\n}')
    assert said(release, "--policy", layer).status == 0
    assert said(release, "--policy", layer, "--fail-on-flips", "2").status == 0
    assert said(release, "--policy", layer, "--fail-on-flips", "0").status == 2
    done = said(release, "--policy", layer, "--fail-on-flips", "1", "--output", "junit=build/flips.xml", "--output",
                "md=build/flips.md")  # fmt: skip
    assert done.status == 1
    assert 'failures="1"' in (release.root / "build/flips.xml").read_text("utf-8")
    assert "1 of 1 past decisions would change" in (release.root / "build/flips.md").read_text("utf-8")


def test_what_is_shown(release: Simulator) -> None:
    """The text, and the comment for a pull request, word for word."""
    layer = release.rule(
        'deny contains {"code": "team.rule", "evidence": "dbt"} if {\n\tinput.gate == "release-gate"\n}'
    )
    release.config("kinds: {junit: {min_executed: 3}}")
    plain = re.sub(
        r"\b[0-9a-f]{12}\b", "ID", re.sub(r"in \d+\.\d s", "in 0.1 s", said(release, "--policy", layer).out)
    )
    assert plain == (
        "1 decision, re-decided in 0.1 s; nothing recorded\n"
        "flips   release-gate  v0.7.1  ID  PASSED -> FAILED\n"
        "        team.rule  told\n"
        "same    0 of 1      cannot  0\n"
        "config keys changed: kinds.junit.min_executed (1 -> 3)\n"
        "mandatory rules touched: none\n"
    )
    comment = re.sub(r"\b[0-9a-f]{12}\b", "ID", said(release, "--policy", layer, "--format", "md").out)
    assert comment == (
        "### 1 of 1 past decisions would change\n"
        "\n"
        "0 stay the same, 0 could not be taken again.\n"
        "\n"
        "| decision | verdict | findings |\n"
        "|---|---|---|\n"
        "| release-gate v0.7.1 ID | PASSED → FAILED | +team.rule(dbt) |\n"
        "\n"
        "Configuration keys changed: kinds.junit.min\\_executed (1 -&gt; 3)\n"
        "\n"
        "Mandatory rules touched: none\n"
        "\n"
        "All of it: `dpone policy what-if --format json`\n"
    )


HOSTILE = "x|<script>alert(1)</script>[a](http://e.example)@everyone `c`"


def test_hostile_names_do_nothing_in_a_comment(release: Simulator) -> None:
    """Names of evidence and settings are text in the Markdown: no cell, tag, link or mention of their own."""
    assert release.gate("--artifact", f"{HOSTILE}=build/junit.xml").status in (0, 1)
    layer = release.rule(
        'deny contains {"code": "team.rule", "evidence": e.name} if {\n\tsome e in input.evidence\n}'
    )
    release.config(f"gates: {{release-gate: {{settings: {{note: {json.dumps(HOSTILE)}}}}}}}")
    done = said(release, "--policy", layer, "--format", "md")
    assert done.status == 0
    assert "script" in done.out
    for markup in ("<script", "[a](", "://", "@everyone", "@e"):
        assert markup not in done.out
    rows = [line for line in done.out.splitlines() if line.startswith("| release-gate")]
    assert rows
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {4}


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("gates: {release-gate: {settings: {api_token: hunter2hunter2}}}", "hunter2"),
        ("gates: {release-gate: {settings: {note: ghp_" + "a1B2" * 9 + "}}}", "a1B2a1B2"),
        ("gates: {release-gate: {settings: {url: 'https://ann:s3cretpw@db.example.com/x'}}}", "s3cretpw"),
        ("signing: {key: 'env:NOTHING_HERE_s3cr3t'}", "s3cr3t"),
        (
            "drift: {allow: [{path: a, owner: o, reason: 'password=hunter2hunter2', expires: 2027-01-01}]}",
            "hunter2",
        ),
    ],
)
def test_no_secret_of_a_configuration_is_shown(release: Simulator, line: str, secret: str) -> None:
    """Keys that changed are named; values that are or look secret are not."""
    extra = {"env": {"NOTHING_HERE_s3cr3t": release.env["DPONE_SIGNING_KEY"]}}
    release.config(line)
    for form in ("text", "json", "md"):
        done = release.run("policy", "what-if", "--format", form, **extra)
        assert done.status == 0, done.err
        assert secret not in done.out + done.err
        assert "REDACTED" in done.out


def test_no_key_is_made_by_looking(tmp_path: Path) -> None:
    """A machine without a key has none after what-if either."""
    release = Simulator(tmp_path)
    assert release.gate().status == 0
    del release.env["DPONE_SIGNING_KEY"]
    assert what_if(release)["flips"] == 0


def test_thousands_of_lines_are_bounded() -> None:
    """A comment stays below what a pull request takes, and a terminal gets a page; the counts are whole."""
    from dpone.ops.again import Again, Change
    from dpone.reports import what_if as report

    release = type("Subject", (), {"release": "r" * 128, "environment": "e" * 128})
    stored = type("Stored", (), {"gate": "release-gate", "id": "0" * 64, "subject": release})
    change = Change("team.rule" * 10, HOSTILE * 2, "m" * 5000)
    found = [Again(stored, "passed", "failed", (change,) * 40) for _ in range(5000)]  # type: ignore[arg-type]
    found += [Again(stored, "passed", cannot="c" * 9000) for _ in range(5000)]  # type: ignore[arg-type]
    assert report.summary(found)["flips"] == 5000
    assert len(report.markdown(found)) < 65_536
    assert len(report.text(found, 1.0).splitlines()) < 300


def test_progress_is_told_in_a_log_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Work of less than a second says nothing; longer work a line every few seconds where no terminal is."""
    from dpone.commands import progress

    clock = iter(n / 10 for n in range(1000))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    told = progress.Progress(200, "decisions taken again")
    for done in range(1, 201):
        told.tell(done)
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert lines[0].endswith("of 200 decisions taken again")
    assert 3 <= len(lines) <= 5
    quick = progress.Progress(5, "decisions taken again")
    for done in range(1, 6):
        quick.tell(done)
    assert capsys.readouterr().err == ""


def test_an_engine_that_ends_is_not_the_new_world(release: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that a machine kills in the middle costs one more try: no flip, and no lost replay either."""
    import itertools

    from dpone.decisions import engine_pool, replay
    from dpone.policy.engines.regopy_engine import RegopyEngine

    for number in range(2, 8):
        release.gate(release=f"v0.7.{number}")
    asked = itertools.count()

    class Mortal(RegopyEngine):
        def begin(self, input_text: str, entrypoints: Any = None) -> Callable[[], dict[str, Any]]:
            if next(asked) in deaths:
                self.close()
            return super().begin(input_text, entrypoints)

    monkeypatch.setattr(engine_pool, "start_engine", lambda *_: Mortal())
    monkeypatch.setattr("dpone.decisions.batch.WORKERS", 1)
    monkeypatch.setattr(replay, "WORKERS", 1)
    deaths = set(range(1, 100, 3))
    found = what_if(release)
    assert (found["flips"], found["cannot"], found["same"]) == (0, 0, 7)
    # Here questions wait before an engine, and all of them are lost with it: each is asked once more.
    asked, deaths = itertools.count(), {3}
    assert release.run("decision", "replay", "--all").status == 0
    assert next(asked) > 7 + 1


def test_an_engine_that_takes_no_layer_is_ended(release: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else knows of a process whose layer could not be given to it."""
    from dpone.decisions import engine_pool
    from dpone.policy.engines.interface import EngineFault
    from dpone.policy.engines.regopy_engine import RegopyEngine

    assert release.gate(release="v3").status in (0, 1)
    started: list[RegopyEngine] = []
    ended: list[RegopyEngine] = []

    class Picky(RegopyEngine):
        def load(self, *_: object) -> None:
            started.append(self)
            raise EngineFault("load", "it takes none")

        def close(self) -> None:
            ended.append(self)
            super().close()

    monkeypatch.setattr(engine_pool, "start_engine", lambda *_: Picky())
    assert release.run("decision", "replay", "--all").status == 3
    assert {row["after"] for row in what_if(release)["results"]} == {"undecided"}
    assert len(started) > 2
    assert started == ended


def test_an_engine_with_questions_before_it_makes_no_room_for_another(
    release: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More kinds of decisions in turns than engines stay loaded: each decision is asked once all the same."""
    from dpone.decisions import engine_pool, replay
    from dpone.policy.engines.regopy_engine import RegopyEngine

    settings_before = (release.root / "dpone.yaml").read_text("utf-8")
    for number in (*range(engine_pool.ENGINES + 2), *range(engine_pool.ENGINES + 2)):
        (release.root / "dpone.yaml").write_text(
            f"{settings_before}\nkinds: {{junit: {{max_skipped_percent: {40 + number}}}}}\n", encoding="utf-8"
        )
        assert release.gate(release=f"v2.{number}").status in (0, 1)
    begun: list[str] = []

    class Counting(RegopyEngine):
        def begin(self, input_text: str, entrypoints: Any = None) -> Callable[[], dict[str, Any]]:
            begun.append(input_text)
            return super().begin(input_text, entrypoints)

    monkeypatch.setattr(engine_pool, "start_engine", lambda *_: Counting())
    monkeypatch.setattr(replay, "WORKERS", 1)
    replayed = release.run("decision", "replay", "--all")
    assert replayed.status == 0, replayed.out
    assert len(begun) == replayed.out.count("\nsame ") + 1 >= 2 * (engine_pool.ENGINES + 2)


def test_many_layers_replay(release: Simulator) -> None:
    """A decision may have more layers than a replay keeps loaded otherwise."""
    from dpone.decisions.engine_pool import ENGINES

    options: list[str] = []
    for number in range(ENGINES + 1):
        name = f"team{number}"
        rule = f'deny contains {{"code": "{name}.rule"}} if {{\n\tinput.gate == "no gate"\n}}'
        options += ["--policy", release.rule(rule, name, f"{name}.rule")]
    assert release.gate(*options).status == 0
    replayed = release.run("decision", "replay", "--all")
    assert replayed.status == 0, replayed.out
    assert what_if(release)["flips"] == 0
