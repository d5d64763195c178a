"""evidence-bundle: three decisions and the one about them, and the gates that read it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from release_simulator import AT, KEY_VARIABLE, RELEASE, Run, Simulator, denied

from dpone.canonical import sha256_hex

FOLDER = "test_artifacts/ops/evidence/latest"
BUNDLE = f"{FOLDER}/ops_evidence_bundle.json"
ROWS = '[{"id": 1, "email": "a@example.com"}]'
CONTRACT = '{"required_columns": ["id", "email"], "not_null": ["id"]}'
NAMES = ["certification", "data_contract", "marketplace"]
POLICY = json.dumps(
    {"required_evidence": NAMES, "require_bundle_passed": True, "require_artifacts_exist": True}
)
OPTIONS = {
    "--run-id": "01JOPS00000000000000000000",
    "--source": "postgres",
    "--sink": "mssql",
    "--strategy": "snapshot_diff",
    "--row-count": "100",
    "--rows-json": ROWS,
    "--contract-json": CONTRACT,
}


@pytest.fixture
def release(tmp_path: Path) -> Simulator:
    """A workspace with a key and a trust file."""
    return Simulator(tmp_path)


def bundle(release: Simulator, *flags: str, env: dict[str, str] | None = None, **changed: str) -> Run:
    """Build the bundle; `changed` options are named like `rows_json`."""
    options = {**OPTIONS, **{f"--{name.replace('_', '-')}": value for name, value in changed.items()}}
    given = [part for pair in options.items() for part in pair]
    fixed = ("--release", RELEASE, "--at", AT, "--format", "json")
    return release.run("ops", "evidence-bundle", *fixed, *given, *flags, env=env)


def ask(release: Simulator, gate: str, *options: str) -> tuple[int, Any]:
    """Exit code and artifact of a gate that reads the bundle."""
    fixed = ("--release", RELEASE, "--at", AT, "--format", "json")
    done = release.run("ops", gate, *fixed, "--bundle-json", BUNDLE, *options)
    return done.status, done.document


def passed(document: Any) -> dict[str, bool]:
    """Items of a bundle and whether each passed."""
    return {item["name"]: item["passed"] for item in document["items"]}


def test_a_green_bundle_goes_through_every_gate(release: Simulator) -> None:
    """Bundle, go-live, policy and release gate pass one after the other on the files just written."""
    done = bundle(release)
    made = done.document
    assert (done.status, made["passed"], made["run_id"]) == (0, True, OPTIONS["--run-id"])
    assert made["artifact_dir"] == FOLDER
    assert passed(made) == dict.fromkeys(NAMES, True)
    for item in made["items"]:
        assert item["required"] is True
        assert item["sha256"] == sha256_hex((release.root / item["path"]).read_bytes())
    assert ask(release, "go-live-gate")[0] == 0
    assert ask(release, "policy-evaluate", "--policy-json", POLICY)[0] == 0
    assert release.decided("--artifact", f"evidence={BUNDLE}") == (0, set())


def test_every_item_is_sealed_and_recorded_by_itself(release: Simulator) -> None:
    """Four decisions, four seals, four ledger entries, and the bundle names the other three."""
    before = len(release.entries())
    bundle(release)
    assert len(release.entries()) == before + 4
    folder = release.root / FOLDER
    stems = ("certification_report", "data_contract_report", "connector_marketplace", "ops_evidence_bundle")
    for stem in stems:
        for ending in ("json", "md", "dsse.json"):
            assert (folder / f"{stem}.{ending}").is_file()
    assert (folder / "postgres_to_mssql__snapshot_diff__behavior.json").is_file()


def test_a_warning_inside_is_a_warning_of_the_bundle(release: Simulator) -> None:
    """The bundle says that its certification was simulated; an executed one leaves nothing to say."""
    rules = [f["rule"] for f in bundle(release).document["findings"]]
    assert rules == ["evidence-bundle.item_clean"]
    (release.root / FOLDER / "postgres_to_mssql__snapshot_diff__behavior.json").unlink()
    assert bundle(release, source="sqlite", sink="sqlite").document["findings"] == []


@pytest.mark.parametrize("rows", ['[{"id": null, "email": "a"}]', "[]"])
def test_a_red_item_makes_everything_red(release: Simulator, rows: str) -> None:
    """A broken contract is one red item, a red bundle, no go-live, and a policy violation."""
    done = bundle(release, rows_json=rows)
    assert (done.status, done.document["passed"]) == (1, False)
    assert passed(done.document) == {"certification": True, "data_contract": False, "marketplace": True}
    assert denied(done.document) == {"evidence-bundle.item_passed"}
    status, told = ask(release, "go-live-gate")
    assert (status, "data_contract" in told["blockers"]) == (1, True)
    status, told = ask(release, "policy-evaluate", "--policy-json", POLICY)
    assert (status, "required_evidence_failed.data_contract" in told["violations"]) == (1, True)
    assert release.decided("--artifact", f"evidence={BUNDLE}")[0] == 1


def test_rows_in_a_file_that_is_broken_are_a_red_item(release: Simulator) -> None:
    """What a file holds is evidence: the contract item is red, and the bundle is recorded as red."""
    release.write("rows.json", '{"not": "rows"}')
    done = bundle(release, rows_json="rows.json")
    assert (done.status, passed(done.document)["data_contract"]) == (1, False)


def test_simulated_items_are_red_under_strict(release: Simulator) -> None:
    """The profile of the workspace counts for every item inside."""
    release.config("profile: strict\n")
    done = bundle(release)
    assert (done.status, passed(done.document)["certification"]) == (1, False)
    assert bundle(release, source="sqlite", sink="sqlite").status == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"run_id": ""},
        {"source": "oracle"},
        {"source": ""},
        {"strategy": "xmin", "source": "mssql"},
        {"row_count": "0"},
        {"rows_json": '{"id": 1}'},
        {"rows_json": "[{"},
        {"contract_json": '{"unknown": 1}'},
    ],
)
def test_wrong_usage_writes_nothing(release: Simulator, changed: dict[str, str]) -> None:
    """A slip anywhere ends the command before the first of the four decisions."""
    before = release.files()
    done = bundle(release, **changed)
    assert (done.status, done.out) == (2, ""), done.err
    assert release.files() == before


def test_showing_the_input_decides_nothing(release: Simulator) -> None:
    """A bundle is made of decisions, so there is no input to show without taking them."""
    before = release.files()
    assert bundle(release, "--show-input").status == 2
    assert release.files() == before


def test_a_preview_has_the_true_verdict(release: Simulator) -> None:
    """In CI without a key nothing is sealed; the items still say what was decided about each."""
    release.env.pop(KEY_VARIABLE)
    green = bundle(release, env={"CI": "true"})
    assert passed(green.document) == dict.fromkeys(NAMES, True)
    red = bundle(release, env={"CI": "true"}, rows_json="[]")
    assert (red.status, passed(red.document)["data_contract"]) == (1, False)
    assert not list((release.root / FOLDER).glob("*.dsse.json"))


@pytest.mark.parametrize("change", ["edit", "remove"])
def test_files_that_changed_after_bundling_are_seen(release: Simulator, change: str) -> None:
    """A bundle counts for the files it was made of and for no others."""
    bundle(release)
    path = release.root / FOLDER / "data_contract_report.json"
    if change == "edit":
        path.write_bytes(path.read_bytes() + b"\n")
    else:
        path.unlink()
    status, told = ask(release, "go-live-gate")
    assert (status, denied(told)) == (1, {"go-live-gate.files_unchanged"})


def test_an_item_that_cannot_be_decided_leaves_no_green_bundle(release: Simulator) -> None:
    """Undecided outranks red, and an older green bundle does not stay in its place."""
    assert bundle(release).status == 0
    release.config("limits: {input: 1KB}\n")
    done = bundle(release)
    assert (done.status, done.out) == (3, ""), done.err
    left = json.loads((release.root / BUNDLE).read_bytes())
    assert (left["passed"], left["status"]) == (False, "undecided")
    assert not (release.root / FOLDER / "ops_evidence_bundle.dsse.json").exists()
    assert ask(release, "go-live-gate")[0] != 0
