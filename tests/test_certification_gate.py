"""certification-run through the one path: what is executed, what is simulated, and what keeps it shut."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from release_simulator import AT, RELEASE, Run, Simulator, denied

FOLDER = "test_artifacts/certification/latest"


@pytest.fixture
def release(tmp_path: Path) -> Simulator:
    """A workspace with a key and a trust file."""
    return Simulator(tmp_path)


def certify(release: Simulator, *options: str) -> Run:
    """Run the certification on few rows."""
    fixed = ("--release", RELEASE, "--at", AT, "--row-count", "200", "--format", "json")
    return release.run("ops", "certification-run", *fixed, *options)


def behaviour(release: Simulator, case_id: str) -> Any:
    """A behaviour file as JSON."""
    return json.loads((release.root / FOLDER / f"{case_id}__behavior.json").read_bytes())


def test_an_executed_case_passes_without_a_warning(release: Simulator) -> None:
    """From sqlite to sqlite the strategy and both systems ran: nothing to warn about."""
    done = certify(release, "--source", "sqlite", "--sink", "sqlite", "--strategy", "snapshot_diff")
    report = done.document
    assert (done.status, report["findings"]) == (0, [])
    assert (report["profile"], report["case_count"], report["passed"]) == ("mock_contract", 1, True)
    (case,) = report["results"]
    assert case["case_id"] == "sqlite_to_sqlite__snapshot_diff"
    assert case["artifact_path"] == f"{FOLDER}/sqlite_to_sqlite__snapshot_diff__behavior.json"
    assert (case["passed"], case["evidence_status"]) == (True, "executed")
    assert case["expected_checksum"] == case["actual_checksum"]
    shown = behaviour(release, case["case_id"])
    assert shown["passed"] is True
    assert all(check["passed"] for check in shown["quality_checks"])
    assert {check["name"] for check in shown["quality_checks"]} >= {
        "row_count",
        "checksum",
        "control.aborted_load",
    }


def test_a_simulated_report_passes_with_one_warning(release: Simulator) -> None:
    """All 200 cases of the default profile are simulated: one warning for the report, not one for each."""
    done = certify(release)
    report = done.document
    assert (done.status, report["case_count"], len(report["results"])) == (0, 200, 200)
    assert [f["message"] for f in report["findings"]] == [
        "200 of 200 cases are simulated: the connector itself was not run"
    ]
    assert all(case["passed"] and case["evidence_status"] == "simulated" for case in report["results"])
    assert len(list((release.root / FOLDER).glob("*__behavior.json"))) == 200


def test_simulated_cases_are_red_under_strict(release: Simulator) -> None:
    """Where the profile is strict, nothing that was not run counts, and every case says so."""
    release.config("profile: strict\n")
    done = certify(release, "--source", "postgres", "--sink", "mssql")
    assert (done.status, denied(done.document)) == (1, {"certification-run.connectors_ran"})
    assert not any(case["passed"] for case in done.document["results"])
    assert behaviour(release, "postgres_to_mssql__cdc")["passed"] is False
    done = certify(release, "--source", "sqlite", "--sink", "sqlite")
    assert (done.status, denied(done.document)) == (0, set())


def test_a_team_rule_about_one_strategy_makes_its_cases_red(release: Simulator) -> None:
    """A denied finding that names a strategy leaves the other cases as they are."""
    release.write(
        "policies/team/team.rego",
        "# METADATA\n# title: No cdc\n# description: Of a team.\n"
        "# custom: {code: team.no_cdc, severity: error, message: told, remedy: mend}\n"
        "package dpone.custom.certification_run.team\n\nimport rego.v1\n\n"
        'deny contains {"code": "team.no_cdc", "evidence": "certification", "key": "cdc", "params": {}} '
        'if input.gate == "certification-run"\n',
    )
    done = certify(release, "--source", "postgres", "--sink", "mssql", "--policy", "policies/team")
    assert (done.status, denied(done.document)) == (1, {"team.no_cdc"})
    red = [case["case_id"] for case in done.document["results"] if not case["passed"]]
    assert red == ["postgres_to_mssql__cdc"]


def test_files_of_another_run_are_named(release: Simulator) -> None:
    """A behaviour file that this run did not write is a warning, and is left alone."""
    certify(release, "--source", "sqlite", "--sink", "sqlite", "--strategy", "cdc")
    done = certify(release, "--source", "sqlite", "--sink", "sqlite", "--strategy", "append")
    (finding,) = done.document["findings"]
    assert (done.status, finding["rule"], finding["state"]) == (0, "certification-run.no_stale_files", "warned")
    assert finding["params"] == {"count": 1, "first": "sqlite_to_sqlite__cdc__behavior.json"}
    assert behaviour(release, "sqlite_to_sqlite__cdc")["case_id"] == "sqlite_to_sqlite__cdc"


@pytest.mark.parametrize(
    "wrong",
    [
        ("--source", "oracle"),
        ("--sink", "api"),
        ("--strategy", "xmin", "--source", "api"),
        ("--row-count", "0"),
    ],
)
def test_what_does_not_exist_is_wrong_usage_and_writes_nothing(
    release: Simulator, wrong: tuple[str, ...]
) -> None:
    """A slip selects no other cases and leaves no green report."""
    done = certify(release, *wrong)
    assert done.status == 2
    assert "choose" in done.err or "xmin is read from" in done.err
    assert not (release.root / FOLDER).exists()


def test_the_report_is_evidence_for_the_release_gate(release: Simulator) -> None:
    """The sealed report counts there; a changed one does not."""
    certify(release, "--source", "sqlite", "--sink", "sqlite")
    given = ("--artifact", f"certification={FOLDER}/certification_report.json")
    assert release.decided(*given) == (0, set())
    report = release.root / FOLDER / "certification_report.json"
    report.write_bytes(report.read_bytes() + b"\n")
    status, rules = release.decided(*given)
    assert (status, bool(rules)) == (1, True)


def test_the_facts_fit_their_schema_and_are_small(release: Simulator) -> None:
    """What rules see of 200 cases is described by the schema and below 10 KB."""
    shown = certify(release, "--show-input")
    (item,) = shown.document["evidence"]
    path = Path(__file__).parent.parent / "schemas" / "evidence" / "certification_report.v1.json"
    jsonschema.validate(item["facts"], json.loads(path.read_bytes()))
    assert item["facts"]["case_count"] == 200
    assert len(json.dumps(item["facts"])) < 10_000


def test_the_decision_is_the_same_again(release: Simulator) -> None:
    """The same cases give the same canonical input, so that a decision can be taken again."""
    inputs = [certify(release, "--strategy", "scd2", "--show-input").out for _ in range(2)]
    assert inputs[0] == inputs[1]
