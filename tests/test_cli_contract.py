"""What scripts and people rely on: names of options and fields, the forms of output, the first gate's answers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import click
import pytest
from release_simulator import AT, RELEASE, REPORTS, SAMPLES, Run, Simulator, nothing_skipped
from syrupy.assertion import SnapshotAssertion

from dpone.cli import dpone
from dpone.signing.private import new_private_text

REFERENCE: dict[str, dict[str, list[str]]] = json.loads(
    (Path(__file__).parent / "reference" / "options.json").read_text()
)
"""The options of every command that the predecessor has, and which of them are required."""

JUNIT = REPORTS["tests"][0]


def normal(text: str) -> str:
    """A text without what depends on keys and versions: digests, ids, fingerprints, signatures."""
    text = re.sub(r"SHA256:[A-Za-z0-9+/]{43}", "SHA256:<key>", text)
    text = re.sub(r"\b[0-9a-f]{64}\b", "<sha256>", text)
    text = re.sub(r"\b(decision|decision show|explain) [0-9a-f]{4,16}\b", r"\1 <id>", text)
    text = re.sub(r"(title=release-gate PASSED::)[0-9a-f]{16}\b", r"\1<id>", text)
    text = re.sub(r"regopy \d+(\.\d+)+", "regopy <version>", text)
    return re.sub(r'("dpone": |dpone )"?\d+\.\d+\.\d+[a-z0-9.]*"?', r"\1<version>", text)


@pytest.fixture
def green(tmp_path: Path) -> Simulator:
    """A release where everything is sealed and good."""
    return Simulator(tmp_path)


@pytest.fixture
def red(green: Simulator) -> Simulator:
    """A release with a failed dbt test, a vulnerable dependency, and a report that nobody sealed."""
    green.put(REPORTS["dbt"][0], SAMPLES / "dbt/fail/run_results.json")
    green.put(REPORTS["deps"][0], SAMPLES / "pip_audit/audit_fail.json")
    green.seal()
    (green.root / f"{JUNIT}.dsse.json").unlink()
    return green


# the forms of output


@pytest.mark.parametrize("form", ["text", "json", "md"])
def test_a_green_gate_as_printed(green: Simulator, form: str, snapshot: SnapshotAssertion) -> None:
    """A passed release gate in each form, whole."""
    done = green.gate("--format", form)
    assert (done.status, done.err) == (0, "")
    assert normal(done.out) == snapshot


@pytest.mark.parametrize("form", ["text", "json", "md"])
def test_a_red_gate_as_printed(red: Simulator, form: str, snapshot: SnapshotAssertion) -> None:
    """A refused release gate in each form, whole: what failed comes first, each with its remedy."""
    done = red.gate("--format", form)
    assert (done.status, done.err) == (1, "")
    assert normal(done.out) == snapshot


@pytest.mark.parametrize("form", ["junit", "github"])
@pytest.mark.parametrize("colour", ["green", "red"])
def test_a_gate_as_ci_reads_it(
    form: str, colour: str, request: pytest.FixtureRequest, snapshot: SnapshotAssertion
) -> None:
    """The same decisions as JUnit XML and as commands of GitHub."""
    release: Simulator = request.getfixturevalue(colour)
    done = release.gate("--output", f"{form}=out")
    assert done.err == ""
    text = (release.root / "out").read_text()
    if form == "junit":
        root = ET.fromstring(text)
        failed = int(root.get("failures", "0")) + int(root.get("errors", "0"))
        assert (failed > 0) == (colour == "red")
    assert normal(text) == snapshot


def test_what_is_printed_is_what_is_kept(green: Simulator) -> None:
    """JSON and Markdown on standard output are the artifact files, byte for byte; nothing else is there."""
    assert green.gate("--format", "json").out == green.artifact.read_text()
    assert green.gate("--format", "md").out == green.artifact.with_suffix(".md").read_text()


def test_text_is_short(green: Simulator) -> None:
    """At most 25 lines, whatever there is to say; the rest is in the Markdown, and the text says so."""
    names = [f"e{number:02}" for number in range(20)]
    for name in names:
        green.write(f"{name}.json", '{"passed": true}')
    done = green.gate(*(part for name in names for part in ("--artifact", f"{name}={name}.json")))
    lines = done.out.splitlines()
    assert done.status == 1
    assert len(lines) <= 25, done.out
    assert "release_gate.md" in done.out
    assert done.out.isascii()


# the first gate (experience, last table)

Prepare = Callable[[Simulator], None]


def raw(release: Simulator) -> None:
    """Good reports as their tools wrote them."""
    for place, _ in REPORTS.values():
        (release.root / f"{place}.dsse.json").unlink()


def sealed(release: Simulator) -> None:
    """The same, sealed by the CI's key."""


def replaced(place: str, text: str) -> Prepare:
    """One report holds something else, and is sealed."""

    def prepare(release: Simulator) -> None:
        release.write(place, text)
        release.seal()

    return prepare


GOOD_JUNIT = nothing_skipped((SAMPLES / "pytest/junit_pass.xml").read_text())


def old(release: Simulator) -> None:
    """Last month's reports."""
    for place, _ in REPORTS.values():
        text = (release.root / place).read_text()
        release.write(place, text.replace("2026-11-22", "2026-10-22"))
    release.seal()


def of_another_release(release: Simulator) -> None:
    """A report that was sealed for another release."""
    done = release.run("evidence", "seal", f"tests={JUNIT}", "--release", "v0.7.0", "--at", AT)
    assert done.status == 0


def only_a_claim(release: Simulator) -> None:
    """A file that says of itself that it passed."""
    release.write("claim.json", '{"passed": true}')
    release.config("  claim: {path: claim.json}")


def nothing(release: Simulator) -> None:
    """No file, no configuration."""
    (release.root / "dpone.yaml").write_text("version: 1\n")


CONCERNS = {"evidence.sealed", "evidence.bound", "evidence.dated"}
FIRST_GATES: dict[str, tuple[Prepare, set[str], set[str]]] = {
    "raw": (raw, set(), CONCERNS),
    "sealed": (sealed, set(), set()),
    "one failed test": (
        replaced(JUNIT, (SAMPLES / "pytest/junit_fail.xml").read_text()),
        {"junit.not_passed"},
        {"junit.not_passed"},
    ),
    "no test executed": (
        replaced(JUNIT, (SAMPLES / "traps/junit_no_tests.xml").read_text()),
        {"junit.nothing_executed"},
        {"junit.nothing_executed"},
    ),
    "all skipped": (
        replaced(JUNIT, (SAMPLES / "traps/junit_all_skipped.xml").read_text()),
        {"junit.nothing_executed"},
        {"junit.nothing_executed"},
    ),
    "last month's": (old, {"evidence.fresh"}, {"evidence.fresh"}),
    "another release's": (of_another_release, {"evidence.not_foreign"}, {"evidence.not_foreign"}),
    "a claim": (only_a_claim, {"evidence.recognized"}, {"evidence.recognized"}),
    "nothing": (nothing, {"evidence.something_to_judge"}, {"evidence.something_to_judge"}),
}
"""What is there -> the rules that must refuse it under standard, and under strict; none: green."""


@pytest.mark.parametrize("profile", ["standard", "strict"])
@pytest.mark.parametrize("first", FIRST_GATES)
def test_the_first_gate(green: Simulator, first: str, profile: str) -> None:
    """The table of what a first gate answers, row by row, under both profiles."""
    prepare, standard, strict = FIRST_GATES[first]
    prepare(green)
    green.config(f"profile: {profile}")
    wanted = strict if profile == "strict" else standard
    status, rules = green.decided()
    assert status == (1 if wanted else 0)
    assert wanted <= rules
    if not wanted:
        assert not rules


def test_raw_evidence_warns_once_per_concern_and_names_the_remedy(green: Simulator) -> None:
    """On day one raw reports pass; what they cannot prove is said once each, with the command that helps."""
    raw(green)
    done = green.gate()
    assert done.status == 0
    warned = [line for line in done.out.splitlines() if line.startswith("warn")]
    assert 1 <= len(warned) <= len(CONCERNS)
    assert "dpone evidence seal" in done.out
    sealed_again = green.run("evidence", "seal", "--all", "--release", RELEASE, "--at", AT)
    assert sealed_again.status == 0
    assert "warn" not in green.gate().out


def test_a_claim_names_both_ways_out(green: Simulator) -> None:
    """Who gives a home-made file learns what is taken instead."""
    only_a_claim(green)
    told = green.gate().out
    assert "as the tool wrote it" in told
    assert "dpone wrote and sealed" in told


def test_nothing_at_all_names_init(tmp_path: Path) -> None:
    """In an empty folder the first gate is red and says how to begin; init then says what it needs."""
    empty = Simulator(tmp_path, green=False)
    done = empty.gate()
    assert done.status == 1
    assert "dpone ops init" in done.out
    begun = empty.run("ops", "init")
    assert begun.status == 2


def test_init_finds_reports_and_the_first_gate_passes(tmp_path: Path) -> None:
    """Reports in a folder, init, one gate: green, with nothing written by hand."""
    fresh = Simulator(tmp_path, green=False)
    for place, sample in REPORTS.values():
        fresh.put(place, SAMPLES / sample)
    begun = fresh.run("ops", "init")
    assert begun.status == 0, begun.err
    assert "Next: dpone ops release-gate" in begun.out
    done = fresh.gate()
    assert done.status == 0, done.out
    again = fresh.run("ops", "init")
    assert "dpone.yaml" in again.out + again.err


@pytest.mark.parametrize(("profile", "status"), [("standard", 0), ("strict", 1)])
def test_without_a_key_in_ci_there_is_a_preview(green: Simulator, profile: str, status: int) -> None:
    """The verdict of a fork's pull request: the same answer, unsigned, recorded nowhere; strict refuses it."""
    del green.env["DPONE_SIGNING_KEY"]
    green.env["CI"] = "true"
    green.config(f"profile: {profile}")
    assert green.decided() == (status, {"evidence.decision_signed"} if status else set())
    assert not green.entries()


def test_another_key_changes_nothing_that_is_shown(green: Simulator, tmp_path: Path) -> None:
    """The normaliser of these tests hides nothing else than keys and digests."""
    other = Simulator(tmp_path / "other")
    other.use_key(new_private_text())
    other.trust()
    other.seal()
    assert normal(green.gate().out) == normal(other.gate().out)


# the compatible surface


def command(name: str) -> click.Command | None:
    """A command of `dpone ops`, or None while there is none of that name."""
    group = dpone.get_command(click.Context(dpone), "ops")  # type: ignore[attr-defined]
    found: click.Command | None = group.get_command(click.Context(group), name)
    return found


EXISTING = sorted(name for name in REFERENCE if command(name))


@pytest.mark.parametrize("name", EXISTING)
def test_every_option_of_the_reference_is_there(name: str) -> None:
    """Scripts that call the predecessor's options find them; and nothing new is required of them."""
    found = command(name)
    assert found
    options = [p for p in found.params if isinstance(p, click.Option)]
    known = {flag for option in options for flag in option.opts}
    assert set(REFERENCE[name]["options"]) | {"--format"} <= known
    required = {option.opts[0] for option in options if option.required}
    assert required <= set(REFERENCE[name]["required"])


COMMON = ["--release", "--environment", "--run-id", "--commit", "--at", "--policy", "--trust-root", "--output"]


@pytest.mark.parametrize("name", EXISTING)
def test_every_gate_has_what_all_have(name: str) -> None:
    """What a decision is about, when, with which rules and where it goes is said in one way everywhere."""
    found = command(name)
    assert found
    known = {flag for p in found.params if isinstance(p, click.Option) for flag in p.opts}
    assert set(COMMON) <= known
    assert known & {"--output-dir"}


BUNDLE = "test_artifacts/ops/evidence/latest/ops_evidence_bundle.json"
ROWS, CONTRACT = '[{"id": 1, "name": "a"}]', '{"required_columns": ["id"], "unique": ["id"]}'
CASES: dict[str, tuple[list[str], str, dict[str, type | tuple[type, ...]]]] = {
    "evidence-bundle": (
        ["--run-id", "r1", "--source", "sqlite", "--sink", "sqlite", "--strategy", "append", "--row-count", "20",
         "--rows-json", ROWS, "--contract-json", CONTRACT],
        BUNDLE,
        {"run_id": str, "passed": bool, "items": list, "artifact_dir": str},
    ),
    "contract-check": (
        ["--rows-json", ROWS, "--contract-json", CONTRACT],
        ".dpone/contracts/latest/data_contract_report.json",
        {"mode": str, "passed": bool, "results": list},
    ),
    "security-audit": (
        ["--manifest-json", '{"connection_type": "env"}'],
        ".dpone/security/latest/security_audit.json",
        {"passed": bool, "findings": list},
    ),
    "slo-evaluate": (
        ["--metrics-json", '{"lag": 1}', "--objectives-json", '{"lag": {"max": 2}}'],
        ".dpone/slo/latest/slo_report.json",
        {"passed": bool, "results": list},
    ),
    "env-drift": (
        ["--source-env", "staging", "--target-env", "production", "--source", '{"a": 1}', "--target", '{"a": 2}'],
        ".dpone/env-drift/latest/env_drift.json",
        {"source_environment": str, "target_environment": str, "source_path": str, "target_path": str,
         "source_sha256": str, "target_sha256": str, "passed": bool, "blockers": list, "allowed_drift_count": int,
         "blocking_drift_count": int, "output_dir": str, "differences": list},
    ),
    "artifact-index": (
        ["--root", ".dpone/slo"],
        ".dpone/artifact-index/artifact_index.json",
        {"release": (str, type(None)), "total_artifacts": int, "total_bytes": int, "passed": bool, "roots": list,
         "output_dir": str, "items": list},
    ),
    "evidence-chain": (
        ["--artifact-index", ".dpone/artifact-index/artifact_index.json"],
        ".dpone/evidence-chain/v0.7.1__evidence_chain.json",
        {"release": str, "artifact_index_path": str, "artifact_index_hash": str, "previous_chain_hash": str,
         "chain_hash": str, "created_at": str, "entry_path": str, "markdown_path": str, "verified": bool},
    ),
    "evidence-chain-verify": (
        [],
        ".dpone/evidence-chain/evidence_chain_verify.json",
        {"verified": bool, "entry_count": int, "broken_entries": list},
    ),
    "go-live-gate": (
        ["--bundle-json", BUNDLE],
        ".dpone/go-live/latest/go_live_gate.json",
        {"passed": bool, "blockers": list, "warnings": list},
    ),
    "policy-evaluate": (
        ["--bundle-json", BUNDLE, "--policy-json", '{"required_evidence": ["certification"]}'],
        ".dpone/policy/latest/policy_decision.json",
        {"passed": bool, "violations": list, "actions": list},
    ),
    "release-gate": (
        [],
        ".dpone/releases/latest/release_gate.json",
        {"release": str, "passed": bool, "blockers": list, "warnings": list, "artifact_dir": str, "items": list},
    ),
    "marketplace": ([], ".dpone/marketplace/latest/connector_marketplace.json", {"connectors": dict}),
    "certification-run": (
        ["--source", "sqlite", "--sink", "sqlite", "--strategy", "append", "--row-count", "20"],
        "test_artifacts/certification/latest/certification_report.json",
        {"profile": str, "case_count": int, "passed": bool, "results": list},
    ),
    "release-orchestrator": (
        ["--root", ".dpone/slo"],
        ".dpone/release/release_orchestration.json",
        {"release": str, "passed": bool, "blockers": list, "output_dir": str, "steps": list},
    ),
    "release-promote": (
        ["--from-env", "staging", "--to-env", "production"],
        ".dpone/promotions/latest/promotion_manifest.json",
        {"release": str, "from_environment": str, "to_environment": str, "promoted_at": str, "passed": bool,
         "blockers": list, "output_dir": str, "items": list},
    ),
    "change-request": (
        ["--change-id", "CR-1", "--target-env", "production", "--risk-level", "low", "--requested-by", "a@example.com",
         "--approver", "b@example.com"],
        ".dpone/change-requests/latest/change_request.json",
        {"change_id": str, "release": str, "target_environment": str, "risk_level": str, "requested_by": str,
         "approvers": list, "requested_at": str, "expires_at": (str, type(None)), "passed": bool, "blockers": list,
         "output_dir": str, "items": list},
    ),
    "approval-record": (
        ["--change-request", ".dpone/change-requests/latest/change_request.json", "--actor", "b@example.com",
         "--decision", "approved"],
        ".dpone/approvals/latest/approval_record.json",
        {"change_id": str, "release": str, "target_environment": str, "change_request_path": str,
         "change_request_sha256": str, "status": str, "passed": bool, "blockers": list, "quorum_required": int,
         "approvals_count": int, "rejections_count": int, "allowed_approvers": list, "output_dir": str,
         "decisions": list},
    ),
    "deployment-record": (
        ["--deployment-id", "DEP-1", "--environment", "production", "--actor", "a@example.com", "--approval-record",
         ".dpone/approvals/latest/approval_record.json", "--status", "succeeded", "--post-check", "smoke=true"],
        ".dpone/deployments/latest/deployment_record.json",
        {"deployment_id": str, "change_id": str, "release": str, "environment": str, "actor": str,
         "approval_record_path": str, "approval_record_sha256": str, "status": str, "passed": bool, "blockers": list,
         "started_at": str, "finished_at": str, "rollback_artifact_path": (str, type(None)), "post_checks": dict,
         "post_checks_count": int, "failed_post_checks": list, "output_dir": str},
    ),
    "post-deploy-verify": (
        ["--deployment-record", ".dpone/deployments/latest/deployment_record.json", "--artifact",
         "slo=.dpone/slo/latest/slo_report.json"],
        ".dpone/post-deploy/latest/post_deploy_verify.json",
        {"deployment_id": str, "release": str, "environment": str, "status": str, "passed": bool, "blockers": list,
         "deployment_record_path": str, "deployment_record_sha256": str, "checks_count": int, "output_dir": str,
         "items": list},
    ),
    "release-close": (
        ["--closed-by", "a@example.com", "--post-deploy-verify", ".dpone/post-deploy/latest/post_deploy_verify.json"],
        ".dpone/release-close/latest/release_close.json",
        {"release": str, "status": str, "passed": bool, "blockers": list, "deployment_id": str, "environment": str,
         "closed_by": str, "closed_at": str, "notes": (str, type(None)), "post_deploy_verify_path": str,
         "post_deploy_verify_sha256": str, "output_dir": str},
    ),
    "production-maturity": (
        ["--artifact", "docs=build/junit.xml"],
        ".dpone/production-maturity/latest/production_maturity.json",
        {"release": str, "passed": bool, "level": str, "score": int, "blockers": list, "warnings": list,
         "required_domains": list, "items": list, "output_dir": str, "json_path": str, "markdown_path": str},
    ),
    "industrial-readiness": (
        ["--artifact", "ux=build/junit.xml", "--case", "sqlite:sqlite:append"],
        ".dpone/industrial-readiness/latest/industrial_readiness.json",
        {"release": str, "passed": bool, "level": str, "score": int, "blockers": list, "items": list, "matrix": dict,
         "output_dir": str, "json_path": str, "markdown_path": str},
    ),
    "pre-release-checklist": (
        ["--check", "documentation=true", "--artifact", "package=build/junit.xml"],
        ".dpone/pre-release/latest/pre_release_checklist.json",
        {"release": str, "release_type": str, "passed": bool, "generated_at": str, "blockers": list, "checks": list,
         "output_dir": str, "json_path": str, "markdown_path": str},
    ),
    "manifest-bundle": (
        ["--bundle-id", "01JBUNDLE", "--file", "config=dpone.yaml", "--redact"],
        ".dpone/manifest-bundles/latest/manifest_bundle.json",
        {"bundle_id": str, "passed": bool, "blockers": list, "output_dir": str, "items": list},
    ),
    "incident-pack": (
        ["--incident-id", "01JINC", "--title", "A review", "--artifact", "gate=.dpone/releases/latest/release_gate.json"],
        ".dpone/incidents/latest/ops_incident_pack.json",
        {"incident_id": str, "title": str, "severity": str, "passed": bool, "artifact_dir": str, "items": list},
    ),
    "docs-publish-pack": (
        ["--artifact", "release_gate=.dpone/releases/latest/release_gate.json"],
        ".dpone/docs-publish/docs_publish_pack.json",
        {"release": str, "passed": bool, "blockers": list, "output_dir": str, "readme_snippet_path": str,
         "pages_index_path": str, "sections": list},
    ),
    "runbook-pack": (
        ["--runbook-id", "01JRUN", "--title", "Go-live", "--artifact", "gate=.dpone/releases/latest/release_gate.json"],
        ".dpone/runbooks/latest/runbook_pack.json",
        {"runbook_id": str, "title": str, "passed": bool, "blockers": list, "output_dir": str,
         "operator_runbook_path": str, "sections": list},
    ),
}  # fmt: skip
"""Command -> good arguments, the artifact's file, its top-level fields as the predecessor's scripts read them.
In this order, each can use what those before it wrote."""

OURS = {"artifact_type", "schema_version", "status", "decision", "run"}


def test_every_command_is_held_to_its_fields() -> None:
    """No command joins the surface without its row here."""
    assert set(CASES) == set(EXISTING)


def test_the_fields_that_scripts_read(green: Simulator) -> None:
    """Each command writes its file, prints the same, keeps the predecessor's fields with their types, and
    has its own beside them."""
    for name, (arguments, file, fields) in CASES.items():
        done = green.run("ops", name, *arguments, "--release", RELEASE, "--at", AT, "--format", "json")
        assert done.status in (0, 1), (name, done)
        document: dict[str, Any] = done.document
        for field, kind in fields.items():
            assert isinstance(document[field], kind), (name, field, document[field])
        assert set(document) >= OURS, name
        path = green.root / file
        assert path.read_text() == done.out, name
        assert path.with_suffix(".md").is_file(), name
        assert path.with_suffix(".dsse.json").is_file(), name
        assert document["passed"] is (done.status == 0), name


def test_blockers_are_names(red: Simulator) -> None:
    """The release gate's blockers and warnings are names of evidence, as they always were."""
    document = red.gate("--format", "json").document
    assert document["blockers"] == ["dbt", "deps"]
    assert document["warnings"] == ["dbt", "tests"]
    assert [item["name"] for item in document["items"] if item["passed"]] == ["sast", "tests"]
    assert {"name", "path", "sha256", "passed", "summary"} <= set(document["items"][0])


def test_exit_codes_are_those_of_the_table(green: Simulator) -> None:
    """0 passed, 1 not passed, 2 wrong usage, 3 could not decide: one of each, on one workspace."""
    told: list[Run] = [
        green.gate(),
        green.gate(release="v9"),
        green.gate("--at", "now"),
        green.gate("--policy", "x"),
    ]
    assert [done.status for done in told] == [0, 1, 2, 3]


ENDINGS = {
    "an answer": ("", ["--version"], 0),
    "wrong usage": ("", ["nonsense"], 2),
    "a fault": ("cli.dpone.main = lambda **_: 1 / 0\n", [], 3),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_a_process_that_ends_at_once_loses_nothing(name: str) -> None:
    """What was written but not flushed comes out, exit functions run, and the status is the command's."""
    before, arguments, status = ENDINGS[name]
    code = f"import atexit, sys\nfrom dpone import cli\n{before}sys.stdout.write('first ')\n"
    code += "atexit.register(lambda: sys.stdout.write('last'))\ncli.program()\n"
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert done.stdout.startswith("first ")
    assert done.stdout.endswith("last")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pipe that is closed on its reading side")
def test_a_reader_that_went_away_is_no_success() -> None:
    """`dpone … | head -0`: the answer did not arrive, so the status is not 0 and there is no traceback."""
    with subprocess.Popen(
        [sys.executable, "-m", "dpone", "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert process.returncode != 0
    assert b"Traceback" not in said
