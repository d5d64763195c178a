"""Ways to get a release through that should not go: each is tried on a workspace that is green without it."""

from __future__ import annotations

import base64
import json
import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from release_simulator import AT, IDENTITY, RELEASE, REPORTS, SAMPLES, Simulator, granted, signer

from dpone.policy.layers import load_layer
from dpone.signing.private import new_private_text
from dpone.signing.trust import ANY, PinnedLayer, Revocation, Trust, TrustedKey
from dpone.signing.trust_file import trust_bytes

JUNIT = REPORTS["tests"][0]


@pytest.fixture
def release(tmp_path: Path) -> Simulator:
    """A workspace where everything is sealed and green."""
    return Simulator(tmp_path)


def test_nothing_broken_is_green(release: Simulator) -> None:
    """The workspace every test here starts from passes, so each red below has one cause."""
    assert release.decided() == (0, set())


def test_a_layer_that_denies_keeps_the_gate_shut(release: Simulator) -> None:
    """A team's rule is asked and believed."""
    layer = release.rule('deny contains {"code": "team.rule", "params": {}} if input.gate == "release-gate"')
    assert release.decided("--policy", layer) == (1, {"team.rule"})


# what a file says of itself


@pytest.mark.parametrize(
    "content",
    [
        '{"passed": true}',
        '{"passed": true, "status": "passed", "blockers": [], "items": []}',
        "passed: true\n",
        '<passed value="true"/>',
        '{"artifact_type": "release_gate", "passed": true}',
    ],
)
def test_saying_passed_is_not_evidence(release: Simulator, content: str) -> None:
    """A file that only claims to have passed is not recognised, and the gate is red."""
    release.write("claim.json", content)
    assert release.decided("--artifact", "claim=claim.json") == (1, {"evidence.recognized"})


@pytest.mark.parametrize("place", ["copy", "renamed"])
def test_an_artifact_without_its_seal_is_red(release: Simulator, place: str) -> None:
    """Dpone's own artifact is believed only through the signed decision beside it."""
    release.gate()
    release.put(f"{place}/release_gate.json", release.artifact)
    assert release.decided("--artifact", f"before={place}/release_gate.json") == (1, {"evidence.well_formed"})


def test_a_hand_written_artifact_is_red(release: Simulator) -> None:
    """An artifact's JSON with its verdict turned is not the file that was signed."""
    release.write(JUNIT, (SAMPLES / "pytest/junit_fail.xml").read_bytes())
    assert release.gate().status == 1
    folder = release.artifact.parent
    shutil.copytree(folder, release.root / "forged")
    document = json.loads(release.artifact.read_bytes())
    document.update(passed=True, status="passed", blockers=[])
    release.write("forged/release_gate.json", json.dumps(document))
    release.reports()
    release.seal()
    status, rules = release.decided("--artifact", "before=forged/release_gate.json")
    assert (status, rules) == (1, {"evidence.well_formed", "evidence.seal_holds"})


def test_a_red_decision_stays_red_in_the_next_gate(release: Simulator) -> None:
    """A sealed artifact says what its signature says: a refused gate refuses the next one."""
    release.put("bad.xml", SAMPLES / "pytest/junit_fail.xml")
    assert release.gate("--artifact", "tests=bad.xml", "--output-dir", "red").status == 1
    assert release.decided("--artifact", "before=red/release_gate.json") == (1, {"evidence.artifact_passed"})


def test_the_decision_about_another_release_is_foreign(release: Simulator) -> None:
    """A green gate of one release does not carry another."""
    for name, (place, _) in REPORTS.items():
        assert name
        (release.root / f"{place}.dsse.json").unlink()
    assert release.gate("--output-dir", "old", release="v0.7.0").status == 0
    assert release.decided("--artifact", "before=old/release_gate.json") == (1, {"evidence.not_foreign"})


def test_a_green_decision_of_another_gate_is_not_this_kind(release: Simulator) -> None:
    """Where a kind is pinned, the sealed artifact of another gate does not take its place."""
    slo = ("--metrics-json", '{"lag": 1}', "--objectives-json", '{"lag": {"max": 2}}')
    done = release.run("ops", "slo-evaluate", *slo, "--release", RELEASE, "--at", AT)
    assert done.status == 0, done.err
    release.config("  earlier: {path: .dpone/slo/latest/slo_report.json, kind: release_gate}")
    assert release.decided() == (1, {"evidence.recognized"})


# seals


def seal_of(place: str) -> str:
    """Where the seal of a report lies."""
    return f"{place}.dsse.json"


def test_evidence_replaced_after_sealing_is_red(release: Simulator) -> None:
    """The seal is over the bytes, so another good report in the same place does not fit it."""
    path = release.root / JUNIT
    path.write_bytes(path.read_bytes() + b"\n")
    assert release.decided() == (1, {"evidence.seal_holds"})


def test_the_seal_of_another_file_does_not_fit(release: Simulator) -> None:
    """A seal moved beside another file is broken."""
    release.put(seal_of(JUNIT), release.root / seal_of(REPORTS["dbt"][0]))
    assert release.decided() == (1, {"evidence.seal_holds"})


def test_a_seal_for_another_release_is_foreign(release: Simulator) -> None:
    """Evidence sealed for one release is refused in the gate of another."""
    assert release.decided(release="v0.7.2") == (1, {"evidence.not_foreign"})


def outsider(release: Simulator, key: TrustedKey | None, *keys: TrustedKey) -> tuple[int, set[str]]:
    """Seal the tests with signer 7, trusted as `key` says; then decide with the usual key."""
    from base64 import b64encode

    usual, private = granted(release.public), release.env["DPONE_SIGNING_KEY"]
    release.env["DPONE_SIGNING_KEY"] = b64encode(bytes([7]) * 32).decode()
    done = release.run("evidence", "seal", f"tests={JUNIT}", "--release", RELEASE, "--at", AT)
    assert done.status == 0, done.err
    release.env["DPONE_SIGNING_KEY"] = private
    release.trust(usual, *((key,) if key else ()), *keys)
    return release.decided()


NOW = datetime(2026, 11, 23, tzinfo=timezone.utc)
BOB = "bob@example.com"


def bob(**limits: object) -> TrustedKey:
    """Signer 7 in the trust file, with limits."""
    fields = {"roles": (), "kinds": (ANY,), "gates": (ANY,), "environments": (ANY,), **limits}
    return TrustedKey(signer(7).public, BOB, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "holds"),
    [
        (bob(), True),
        (None, False),
        (bob(revoked=Revocation(NOW - timedelta(days=1), "laptop stolen")), False),
        (bob(valid_until=NOW), False),
        (bob(valid_from=NOW + timedelta(seconds=1)), False),
        (bob(kinds=("dbt",)), False),
        (bob(kinds=()), False),
    ],
    ids=["trusted", "unknown", "revoked", "expired", "not_yet", "other_kind", "no_kind"],
)
def test_a_seal_counts_only_with_a_key_that_may_make_it(
    release: Simulator, key: TrustedKey | None, holds: bool
) -> None:
    """Unknown, revoked, expired and not granted keys break a seal; a good one does not."""
    expected = (0, set()) if holds else (1, {"evidence.seal_holds"})
    assert outsider(release, key) == expected


def test_a_key_for_another_environment_breaks_the_seal(release: Simulator) -> None:
    """A seal that names no environment is judged for the environment of the gate."""
    release.config("environments: {staging: {}}")
    outsider(release, bob(environments=("test",)))
    assert release.decided("--environment", "staging") == (1, {"evidence.seal_holds"})


def test_a_signed_decision_is_no_evidence_seal_and_no_seal_a_decision(release: Simulator) -> None:
    """Each signed thing has its own type and cannot stand in another's place."""
    release.gate()
    decision = release.artifact.with_suffix(".dsse.json")
    own = (release.root / seal_of(JUNIT)).read_bytes()
    release.put(seal_of(JUNIT), decision)
    assert release.decided("--output-dir", "second") == (1, {"evidence.seal_holds"})
    release.write(seal_of(JUNIT), own)
    release.put("copy/release_gate.json", release.artifact)
    release.write("copy/release_gate.dsse.json", own)
    assert release.decided("--artifact", "before=copy/release_gate.json") == (
        1,
        {"evidence.seal_holds", "evidence.well_formed"},
    )


def test_the_payload_of_a_seal_cannot_be_edited(release: Simulator) -> None:
    """Signing covers the payload: another release written into it breaks the seal."""
    path = release.root / seal_of(JUNIT)
    envelope = json.loads(path.read_bytes())
    payload = base64.b64decode(envelope["payload"]).replace(RELEASE.encode(), b"v0.7.2")
    envelope["payload"] = base64.b64encode(payload).decode()
    path.write_text(json.dumps(envelope, separators=(",", ":"), sort_keys=True))
    assert release.decided() == (1, {"evidence.seal_holds"})


# names


def test_one_name_stands_for_one_file(release: Simulator) -> None:
    """Two files under one name are refused, in either order, even when the second is the same."""
    release.put("bad.xml", SAMPLES / "pytest/junit_fail.xml")
    for pair in (("bad.xml", JUNIT), (JUNIT, "bad.xml")):
        options = [part for path in pair for part in ("--artifact", f"tests={path}")]
        status, rules = release.decided(*options)
        assert status == 1
        assert "evidence.named_once" in rules
    status, rules = release.decided("--artifact", f"tests={JUNIT}", "--artifact", f" tests ={JUNIT}")
    assert (status, rules) == (1, {"evidence.named_once"})


def test_a_typed_name_must_be_the_signers(release: Simulator) -> None:
    """Who decides is who signs; the same person in other letters is the same person."""
    assert release.decided("--actor", "CI@Example.com") == (0, set())
    assert release.decided("--actor", "boss@example.com") == (1, {"evidence.claim_matches_signer"})


# trust


def protect(release: Simulator) -> str:
    """Protect production in the trust file; returns its fingerprint. The clock is real from here on."""
    release.live()
    return release.trust(protected=("production",))


PRODUCTION = ("--environment", "production")


def test_a_protected_environment_needs_an_anchor(release: Simulator) -> None:
    """Trust that comes from the folder itself is not enough for a protected environment."""
    fingerprint = protect(release)
    assert release.decided(*PRODUCTION) == (1, {"evidence.signer_anchored"})
    assert release.decided(*PRODUCTION, "--trust-root", fingerprint) == (0, set())


@pytest.mark.parametrize("spelling", ["Production", "PRODUCTION", "pRoDuCtIoN"])
def test_protection_does_not_depend_on_case(release: Simulator, spelling: str) -> None:
    """Another spelling of a protected environment is protected."""
    protect(release)
    assert release.decided("--environment", spelling) == (1, {"evidence.signer_anchored"})
    release.trust()
    release.config("environments: {production: {protected: true}}")
    assert release.decided("--environment", spelling) == (1, {"evidence.signer_anchored"})


def test_an_edited_trust_file_does_not_match_its_anchor(release: Simulator) -> None:
    """Who adds a key to an anchored trust file gets no answer, and the older green one is gone."""
    release.anchor(protect(release))
    assert release.gate(*PRODUCTION).status == 0
    release.trust(granted(release.public), bob(), protected=("production",))
    done = release.gate(*PRODUCTION)
    assert done.status == 3
    assert "trust root" in done.err
    assert json.loads(release.artifact.read_bytes())["passed"] is False


def test_the_folder_cannot_anchor_itself(release: Simulator) -> None:
    """A trust root inside the workspace vouches for nothing."""
    protect(release)
    done = release.gate(*PRODUCTION, "--trust-root", "dpone.trust.json")
    assert done.status == 2
    assert "inside the workspace" in done.err


def test_a_key_that_the_trust_file_does_not_list_records_nothing(release: Simulator) -> None:
    """Its decision is shown and signed, but an entry of its own would make the ledger unreadable to all others."""
    assert release.decided() == (0, set())
    known = release.env["DPONE_SIGNING_KEY"]
    release.use_key(new_private_text())
    assert "the trust file does not list, nothing recorded" in release.gate("--format", "text").out
    release.env["DPONE_SIGNING_KEY"] = known
    assert release.decided() == (0, set())
    assert len(release.entries()) == 2
    assert release.run("ledger", "verify").status == 0


@pytest.mark.parametrize(
    "key",
    [
        bob(revoked=Revocation(NOW - timedelta(days=1), "laptop stolen")),
        bob(valid_until=NOW),
        bob(gates=("slo-evaluate",)),
        bob(kinds=("slo_report",)),
    ],
    ids=["revoked", "expired", "other_gate", "other_artifact"],
)
def test_a_key_that_may_not_decide_does_not(release: Simulator, key: TrustedKey) -> None:
    """A key that the trust file refuses cannot pass a gate, protected or not."""
    release.trust(granted(release.public), key)
    release.env["DPONE_SIGNING_KEY"] = base64.b64encode(bytes([7]) * 32).decode()
    assert release.decided() == (1, {"evidence.signer_trusted"})


# configuration

LOOSE = {
    "concerns: {unsealed: allow, unbound: allow, undated: allow, stale: allow}": "stale",
    "kinds: {junit: {min_executed: 0, max_skipped_percent: 100}}": "skipped",
    "gates: {release-gate: {max_age: 52w}}": "stale",
    "gates: {release-gate: {kinds: {junit: {min_executed: 0, max_skipped_percent: 100}}}}": "skipped",
    "gates: {'*': {max_age: 52w, kinds: {junit: {max_skipped_percent: 100}}}}": "stale",
}


@pytest.mark.parametrize(("text", "kind"), LOOSE.items(), ids=range(len(LOOSE)))
def test_configuration_cannot_loosen_a_protected_environment(release: Simulator, text: str, kind: str) -> None:
    """What dpone.yaml allows elsewhere is red where the environment is protected."""
    if kind == "skipped":
        data = (SAMPLES / "pytest/junit_pass.xml").read_text()
        cases = data.split("<testcase")
        kept = cases[0] + "<testcase" + cases[1] + "<testcase" + cases[6] + "</testsuite></testsuites>"
        release.write(JUNIT, kept.replace('tests="7"', 'tests="2"'))
    release.live(60 if kind == "stale" else 0)
    release.anchor(release.trust(protected=("production",)))
    release.config(text)
    expected = {"stale": "evidence.fresh", "skipped": "junit.skipped"}[kind]
    assert release.decided()[0] == 0
    assert release.decided(*PRODUCTION) == (1, {expected})


def test_who_may_loosen_is_named_in_the_decision(release: Simulator) -> None:
    """A signer whom the trust root lets loosen may, and the decision says who did."""
    release.live(60)
    release.anchor(release.trust(protected=("production",), loosen=(IDENTITY,)))
    release.config("gates: {release-gate: {max_age: 52w}}")
    done = release.gate(*PRODUCTION, "--format", "json")
    assert done.status == 0
    assert done.document["decision"]["loosened_by"] == IDENTITY


def test_a_protected_environment_takes_no_set_time(release: Simulator) -> None:
    """Setting the clock back makes stale evidence fresh, so a protected environment takes no set clock."""
    release.anchor(release.trust(protected=("production",)))
    assert release.decided(*PRODUCTION) == (1, {"evidence.clock_is_real"})


def test_taking_evidence_out_of_the_configuration_does_not_pass(release: Simulator) -> None:
    """With nothing declared and nothing given there is nothing to judge."""
    release.write("dpone.yaml", "version: 1\n")
    status, rules = release.decided()
    assert (status, rules) == (1, {"evidence.something_to_judge"})


def test_the_command_line_cannot_drop_what_is_declared(release: Simulator) -> None:
    """Giving one file does not make the gate forget the other declared ones."""
    release.write(REPORTS["dbt"][0], (SAMPLES / "dbt/fail/run_results.json").read_bytes())
    release.seal()
    status, rules = release.decided("--artifact", f"tests={JUNIT}")
    assert (status, rules) == (1, {"dbt.not_passed"})


# policy layers

WEAKENING = {
    "a second body for a built-in rule": "package dpone.evidence\n\nimport rego.v1\n\nseal_is_good(_) := true\n",
    "a second body in the library": 'package dpone.lib\n\nimport rego.v1\n\nseverity("fail") := "none"\n',
    "a gate of its own": "package dpone.gates.release_gate\n\nimport rego.v1\n\nrelease_named := []\n",
    "the configuration": 'package dpone.config\n\nimport rego.v1\n\nconcerns := {"stale": "allow"}\n',
    "input renamed": "package dpone.custom.release_gate.team\n\nimport rego.v1\n\nimport data.dpone.lib as input\n",
    "another layer's package": "package dpone.custom.release_gate.other\n\nimport rego.v1\n\ndeny := set()\n",
    "an unknown gate": "package dpone.custom.no_such_gate.team\n\nimport rego.v1\n\ndeny := set()\n",
    "what does not parse": "package dpone.custom.release_gate.team\n\nimport rego.v1\n\ndeny contains {\n",
    "no rule at all": "",
}


@pytest.mark.parametrize("rules", WEAKENING.values(), ids=WEAKENING.keys())
def test_a_layer_that_reaches_beyond_its_own_is_refused(release: Simulator, rules: str) -> None:
    """Nothing is decided with a layer that is not wholly its own; the older green answer is replaced."""
    assert release.gate().status == 0
    done = release.gate("--policy", release.layer(rules), "--format", "json")
    assert done.status == 3
    assert done.document["status"] == "undecided"
    assert json.loads(release.artifact.read_bytes())["passed"] is False


def test_a_layer_brings_no_data(release: Simulator) -> None:
    """A data document in a layer could overlay the configuration, so the layer is refused."""
    layer = release.rule('deny contains {"code": "team.rule", "params": {}} if input.gate == "other"')
    release.write(f"{layer}/data.json", '{"dpone": {"config": {"concerns": {"stale": "allow"}}}}')
    assert release.gate("--policy", layer).status == 3


def test_a_layer_cannot_take_the_built_in_name(release: Simulator) -> None:
    """A layer called dpone would stand in the record in the place of the built-in rules."""
    layer = release.rule('deny contains {"code": "team.rule", "params": {}} if input.gate == "other"', "dpone")
    assert release.gate("--policy", layer).status == 3


def test_two_layers_cannot_share_a_name(release: Simulator) -> None:
    """Two layers of one name could not be told apart in the record, so nothing is decided."""
    layer = release.rule('deny contains {"code": "team.rule", "params": {}} if input.gate == "other"')
    shutil.copytree(release.root / layer, release.root / "elsewhere" / "team")
    assert release.gate("--policy", layer).status == 0
    assert release.gate("--policy", layer, "--policy", "elsewhere/team").status == 3


def test_a_layer_that_clears_everything_clears_nothing(release: Simulator) -> None:
    """A team's check that finds everything good does not make a file of no kind good."""
    check = (
        "# METADATA\n# title: All is well\n# description: It is not.\n"
        "# custom: {applies_to: evidence, severity: error, message: told, remedy: mend}\n"
        'well := [{"evidence": e.name, "ok": true, "params": {}} | some e in input.evidence]'
    )
    layer = release.layer(f"package dpone.custom.release_gate.team\n\nimport rego.v1\n\n{check}")
    assert release.gate("--policy", layer).status == 0
    release.write("claim.json", '{"passed": true}')
    assert release.decided("--policy", layer, "--artifact", "claim=claim.json") == (1, {"evidence.recognized"})


NEVER_ENDS = """deny contains {"code": "team.rule", "params": {"n": n}} if {
	some a in numbers.range(1, 3000)
	some b in numbers.range(1, 3000)
	n := a * b
	n < 0
}"""


@pytest.mark.parametrize(
    "body",
    [
        NEVER_ENDS,
        'deny contains "text"',
        'deny contains {"code": "team.unknown", "params": {}}',
        'deny contains {"code": "team.rule", "params": {"n": 1 / 0}}',
    ],
    ids=["never ends", "a text", "an unknown code", "divides by zero"],
)
def test_a_layer_that_does_not_answer_decides_nothing(release: Simulator, body: str) -> None:
    """A layer that runs too long, crashes or answers in another form is never a pass."""
    assert release.gate().status == 0
    release.config("limits: {decide: 1s}")
    done = release.gate("--policy", release.rule(body), "--format", "json")
    assert done.status == 3, done.out
    assert json.loads(release.artifact.read_bytes())["passed"] is False


def test_a_demanded_layer_cannot_be_left_out(release: Simulator) -> None:
    """A layer that the trust file pins is there, unchanged, or nothing is decided."""
    layer = release.rule('deny contains {"code": "team.rule", "params": {}} if input.gate == "other"')
    digest = load_layer(release.root / layer, "release-gate").source_digest
    keys = (granted(release.public),)
    pinned = Trust(keys, layers=(PinnedLayer("team", digest),), state="workspace")
    release.write("dpone.trust.json", trust_bytes(pinned))
    assert release.gate().status == 3
    assert release.gate("--policy", layer).status == 0
    release.rule('deny contains {"code": "team.rule", "params": {}} if input.gate == "none"')
    done = release.gate("--policy", layer)
    assert done.status == 3
    assert json.loads(release.artifact.read_bytes())["passed"] is False


# a run that could not decide


@pytest.mark.parametrize(
    ("config", "why"),
    [("limits: {input: 1KB}", "limits.input"), ("ledger: file:build/junit.xml/ledger", "ledger")],
    ids=["input too large", "no ledger"],
)
def test_an_older_green_answer_does_not_outlive_a_run_without_one(
    release: Simulator, config: str, why: str
) -> None:
    """Where the answer cannot be had or kept, the file that a pipeline reads says so, unsealed by the old seal."""
    assert release.gate().status == 0
    old = release.artifact.with_suffix(".dsse.json").read_bytes()
    release.config(config)
    done = release.gate()
    assert done.status == 3
    assert why in done.out + done.err
    told = json.loads(release.artifact.read_bytes())
    assert (told["passed"], told["status"]) == (False, "undecided")
    envelope = release.artifact.with_suffix(".dsse.json")
    assert not envelope.exists() or envelope.read_bytes() != old


def test_a_preview_leaves_no_older_seal_beside_it(release: Simulator) -> None:
    """In CI without a key there is a verdict, but nothing signed and nothing recorded."""
    assert release.gate().status == 0
    del release.env["DPONE_SIGNING_KEY"]
    entries = len(release.entries())
    done = release.gate("--format", "json", env={"CI": "true"})
    assert done.status == 0
    assert done.document["decision"]["signed"] is False
    assert not release.artifact.with_suffix(".dsse.json").exists()
    assert len(release.entries()) == entries
    assert not list(release.home.rglob("*"))


@pytest.mark.parametrize(("name", "code"), [("team", "dbt.not_passed"), ("dbt", "dbt.not_passed")])
def test_a_layer_cannot_speak_for_a_built_in_rule(release: Simulator, name: str, code: str) -> None:
    """A rule of a team under the id of a built-in one, in shadow, would take the red one with it."""
    release.write(REPORTS["dbt"][0], (SAMPLES / "dbt/fail/run_results.json").read_bytes())
    release.seal()
    assert release.decided() == (1, {"dbt.not_passed"})
    layer = release.rule(f'deny contains {{"code": "{code}", "params": {{}}}} if input.gate == "x"', name, code)
    path = release.root / layer / f"{name}.rego"
    path.write_text(path.read_text().replace("severity: error", "severity: error, mode: shadow"))
    assert release.gate("--policy", layer).status == 3
