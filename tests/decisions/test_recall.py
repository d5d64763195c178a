"""What the ledger knows of a subject bears on a decision: later decisions, red ones left out, earlier refusals."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from release_simulator import AT, RELEASE, REPORTS, SAMPLES, Simulator, denied, granted

from dpone.signing.private import new_private_text
from dpone.signing.trust import TrustedKey

METRICS = ("--metrics-json", '{"lag": 5}')
MET, MISSED = '{"lag": {"max": 10}}', '{"lag": {"max": 1}}'


@pytest.fixture
def release(tmp_path: Path) -> Simulator:
    """A workspace where everything is sealed and green."""
    return Simulator(tmp_path)


def slo(release: Simulator, objectives: str, *options: str, name: str = "slo") -> int:
    """Evaluate objectives for the release into a folder of that name."""
    return release.run(
        "ops", "slo-evaluate", *METRICS, "--objectives-json", objectives, "--release", RELEASE,
        "--output-dir", f"out/{name}", "--at", AT, *options,
    ).status  # fmt: skip


def gate(release: Simulator, *options: str) -> tuple[int, set[str], dict[str, str]]:
    """The release gate: its exit code, what keeps it shut, and the state of each piece of evidence."""
    done = release.gate("--format", "json", *options)
    shown = json.loads(release.gate("--show-input", *options).out)
    return done.status, denied(done.document), {e["name"]: e["state"] for e in shown["evidence"]}


def test_a_later_decision_supersedes_an_earlier_one(release: Simulator) -> None:
    """A kept green report does not answer for the red one that came after it."""
    assert slo(release, MET, name="green") == 0
    given = ("--artifact", "slo=out/green/slo_report.json")
    assert gate(release, *given)[0] == 0
    assert slo(release, MISSED, name="red") == 1
    status, rules, states = gate(release, *given)
    assert (status, rules, states["slo"]) == (1, {"evidence.current"}, "superseded")


def test_the_latest_is_current_whatever_it_says(release: Simulator) -> None:
    """A green report after a red one is the one that counts."""
    assert slo(release, MISSED, name="red") == 1
    assert slo(release, MET, name="green") == 0
    assert gate(release, "--artifact", "slo=out/green/slo_report.json")[0] == 0
    status, rules, states = gate(release, "--artifact", "slo=out/red/slo_report.json")
    assert (status, states["slo"]) == (1, "superseded")
    assert "evidence.current" in rules


def test_a_red_decision_that_is_left_out_is_red(release: Simulator) -> None:
    """What the ledger knows about this release cannot be forgotten by not naming it."""
    assert gate(release)[0] == 0
    assert slo(release, MISSED) == 1
    status, rules, states = gate(release)
    assert (status, rules, states["slo_report"]) == (1, {"evidence.current"}, "omitted")


def test_a_green_decision_may_be_left_out(release: Simulator) -> None:
    """Evidence that nobody asks for and that says nothing bad is no finding."""
    assert slo(release, MET) == 0
    assert gate(release)[0] == 0


@pytest.mark.parametrize(
    ("options", "bears"),
    [
        ((), True),
        (("--run-id", "r1"), True),
        (("--commit", "abc"), True),
        (("--environment", "staging"), False),
    ],
)
def test_what_bears_on_a_release(release: Simulator, options: tuple[str, ...], bears: bool) -> None:
    """A red decision of another environment is not about this decision; one of any run of the release is."""
    assert slo(release, MISSED, *options) == 1
    assert gate(release)[0] == int(bears)


def test_another_release_does_not_bear(release: Simulator) -> None:
    """Red decisions of other releases are theirs."""
    done = release.run(
        "ops", "slo-evaluate", *METRICS, "--objectives-json", MISSED, "--release", "v0.7.0", "--at", AT
    )
    assert done.status == 1
    assert gate(release)[0] == 0


def test_one_word_of_a_key_that_may_not_speak_is_no_knowledge(release: Simulator) -> None:
    """A decision by a key without a grant neither supersedes nor is left out."""
    assert slo(release, MET, name="green") == 0
    stranger = new_private_text()
    own = release.env["DPONE_SIGNING_KEY"]
    public = release.public
    other = release.use_key(stranger)
    release.trust(granted(public), TrustedKey(other, "intern@example.com", ("dev",), (), (), ()))
    assert slo(release, MISSED, name="red") == 1
    release.env["DPONE_SIGNING_KEY"] = own
    assert gate(release, "--artifact", "slo=out/green/slo_report.json")[0] == 0


def test_undecided_supersedes_nothing(release: Simulator) -> None:
    """A run that could not decide is evidence of nothing."""
    assert slo(release, MET, name="green") == 0
    broken = release.layer(
        "package dpone.custom.slo_evaluate.team\n\nimport rego.v1\n\ndeny contains 1 if true"
    )
    assert slo(release, MISSED, "--policy", broken, name="broken") == 3
    assert gate(release, "--artifact", "slo=out/green/slo_report.json")[0] == 0


def test_refused_before_on_the_same_evidence_is_said(release: Simulator) -> None:
    """Green after red on unchanged evidence is a finding, and the decision names the one it comes after."""
    place = REPORTS["deps"][0]
    release.put(place, SAMPLES / "pip_audit/audit_fail.json")
    release.seal()
    red = release.gate("--format", "json")
    assert red.status == 1
    release.layer(
        "# METADATA\n# title: Nothing\n# description: Asks for nothing.\n"
        "# custom: {code: team.nothing, severity: error, message: told, remedy: mend}\n"
        "package dpone.custom.release_gate.team\n\nimport rego.v1\n\n"
        'deny contains {"code": "team.nothing", "params": {}} if input.gate == "other"\n'
    )
    again = release.gate("--format", "json", "--policy", "policies/team")
    said = {f["rule"] for f in again.document["findings"] if f["state"] == "warned"}
    assert "evidence.not_refused_before" in said
    first, second = release.entries()
    shown = json.loads(release.run("decision", "show", second["body"]["envelope"], "--format", "json").out)
    assert first["body"]["envelope"] in json.dumps(shown)


def test_other_evidence_was_not_refused(release: Simulator) -> None:
    """Mended evidence is judged afresh."""
    place = REPORTS["deps"][0]
    good = (release.root / place).read_bytes()
    release.put(place, SAMPLES / "pip_audit/audit_fail.json")
    release.seal()
    assert release.gate().status == 1
    release.write(place, good)
    release.seal()
    done = release.gate("--format", "json")
    assert done.status == 0
    assert "evidence.not_refused_before" not in {f["rule"] for f in done.document["findings"]}


def test_whoever_may_sign_less_cannot_supersede(release: Simulator) -> None:
    """A decision signed as owner is not outdated by one that is signed as ci."""
    ci = release.env["DPONE_SIGNING_KEY"]
    ci_public = release.public
    owner = release.use_key(new_private_text())
    release.trust(granted(ci_public), TrustedKey(owner, "owner@example.com", ("ci", "owner"), *[("*",)] * 3))
    assert gate(release)[0] == 0
    release.env["DPONE_SIGNING_KEY"] = ci
    status, rules, _ = gate(release)
    assert (status, rules) == (1, {"evidence.supersedes_by_role"})


def entry_of(release: Simulator, number: int) -> tuple[Path, dict[str, Any]]:
    """The file and the document of an entry."""
    place = sorted((release.root / ".dpone/ledger/entries").rglob("*.json"))[number]
    return place, json.loads(place.read_bytes())


def test_a_ledger_that_lost_what_it_knew_cannot_decide(release: Simulator) -> None:
    """When a decision the ledger lists is gone from its store, nobody can say what was left out."""
    assert slo(release, MISSED) == 1
    _, entry = entry_of(release, 0)
    envelope = entry["body"]["envelope"]
    (release.root / ".dpone/ledger/store/sha256" / envelope[:2] / envelope).unlink()
    done = release.gate()
    assert done.status == 3
    assert envelope in done.out + done.err


def test_what_was_recalled_replays(release: Simulator) -> None:
    """A decision on superseded and left-out evidence replays, and collects again, from the store alone."""
    assert slo(release, MET, name="green") == 0
    assert slo(release, MISSED, name="red") == 1
    assert slo(release, MISSED, "--run-id", "other", name="red") == 1
    assert gate(release, "--artifact", "slo=out/green/slo_report.json")[0] == 1
    shutil.rmtree(release.root / "out")
    assert release.run("decision", "replay", "latest", "--collect").status == 0
    assert release.run("decision", "verify", "latest").status == 0
