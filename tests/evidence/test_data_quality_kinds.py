"""Great Expectations, Soda, datacontract-cli, OpenLineage: real files, hostile ones, and silent greens."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kind_checks import change, denied, read_bytes, sample

from dpone.evidence.model import Invalid
from dpone.record import asdict
from dpone.workspace import time_text

GX, CHECKPOINT = "great_expectations/validation_pass.json", "great_expectations/checkpoint_pass.json"
SODA, CONTRACT = "soda/soda3_scan_pass.json", "datacontract/test_result_pass.json"
LINEAGE = "openlineage/events_pass.ndjson"
NOT_MET = "2 of 4 checks failed: expect_column_values_to_not_be_null device_id, expect_column_mean_to_be_between reading"


@pytest.mark.parametrize(
    ("path", "reported", "summary", "produced_at", "red"),
    [
        (GX, "passed", "4 checks evaluated, 0 failed", "2026-11-22T21:22:46Z", set()),
        ("great_expectations/validation_fail.json", "failed", NOT_MET, "2026-11-22T21:22:46Z", {"not_passed"}),
        (CHECKPOINT, "passed", "4 checks evaluated, 0 failed", "", set()),
        ("great_expectations/checkpoint_fail.json", "failed", NOT_MET, "", {"not_passed"}),
        (SODA, "passed", "3 checks evaluated, 0 failed", "2026-11-22T21:27:08Z", set()),
        (
            "soda/soda3_scan_fail.json",
            "failed",
            "2 of 3 checks failed: landing_bad: missing_percent(reading) < 10, landing_bad: missing_count(device_id) = 0",
            "2026-11-22T21:27:25Z",
            {"not_passed"},
        ),
        (CONTRACT, "passed", "8 checks evaluated, 0 failed", "2026-11-22T21:21:55Z", set()),
        (
            "datacontract/test_result_fail.json",
            "failed",
            "2 of 8 checks failed: telemetry__device_id__field_required, telemetry__reading__field_required",
            "2026-11-22T21:21:58Z",
            {"not_passed"},
        ),
        (LINEAGE, "passed", "1 of 1 run complete", "2026-11-22T20:00:42Z", set()),
        (
            "openlineage/events_fail.ndjson",
            "failed",
            (
                "0 of 1 run complete, failed: dpone.local telemetry_hourly, "
                "assertions failed: mqtt.readings not_null id"
            ),
            "2026-11-22T20:00:07Z",
            {"failed", "assertion_failed", "error_message", "nothing_completed"},
        ),
    ],
)
def test_real_files(path, reported, summary, produced_at, red):
    """Each sample says what its tool said, when, and is judged as a person would judge it."""
    reading = read_bytes(sample(path))
    assert (reading.reported, reading.summary, reading.contradictions) == (reported, summary, ())
    assert (time_text(reading.produced_at) if reading.produced_at else "") == produced_at
    assert denied(reading) == red


NO_STATISTICS = {"evaluated_expectations": 0, "successful_expectations": 0, "unsuccessful_expectations": 0}
ONE_SHORT = {"evaluated_expectations": 4, "successful_expectations": 3, "unsuccessful_expectations": 1}


def gx(first: dict[str, Any]) -> bytes:
    """A validation whose first expectation is not met, changed by `first`."""
    root = json.loads(sample(GX))
    root["results"][0] |= {"success": False, **first}
    root |= {"success": False, "statistics": ONE_SHORT}
    return json.dumps(root).encode()


RAISED = {"raised_exception": True, "exception_message": "m", "exception_traceback": "t"}
MILD = {"type": "expect_x", "kwargs": {}, "severity": "info"}


@pytest.mark.parametrize(
    ("data", "red", "contradicts"),
    [
        (change(GX, ("/results", []), ("/statistics", NO_STATISTICS)), {"nothing_evaluated"}, False),
        (change(GX, ("/results/0/success", False)), {"not_passed"}, True),
        (change(GX, ("/success", False)), set(), True),
        (change(GX, ("/statistics/evaluated_expectations", 5)), set(), True),
        (gx({}), {"not_passed"}, False),
        (gx({"exception_info": RAISED}), {"not_passed"}, False),
        (gx({"exception_info": {"('metric', 'x')": RAISED}}), {"not_passed"}, False),
        (gx({"exception_info": {}}), {"not_passed"}, False),
        (gx({"expectation_config": MILD}), {"warned"}, False),
        # an exception is an exception, however mild the expectation and whatever `success` says
        (change(GX, ("/results/0/exception_info", RAISED)), {"not_passed"}, True),
        (gx({"expectation_config": MILD, "exception_info": RAISED}), {"not_passed"}, False),
        (change(CHECKPOINT, ("/success", False)), set(), True),
        (change(CHECKPOINT, ("/statistics/evaluated_validations", 2)), set(), True),
        (
            change(
                CHECKPOINT,
                ("/validation_results/0/expectations", []),
                ("/validation_results/0/statistics", NO_STATISTICS),
            ),
            {"nothing_evaluated"},
            False,
        ),
        (
            (
                b'{"success": true, "validation_results": [], '
                b'"statistics": {"evaluated_validations": 0, "successful_validations": 0}}'
            ),
            {"nothing_evaluated"},
            False,
        ),
    ],
)
def test_great_expectations_silent_greens(data, red, contradicts):
    """An empty suite succeeds, exceptions hide in two shapes, and marks are compared with their details."""
    reading = read_bytes(data)
    assert denied(reading) == red
    assert bool(reading.contradictions) is contradicts


def test_an_empty_suite_beside_a_full_one_is_red():
    """A checkpoint counts validations; one of them may have looked at nothing."""
    root = json.loads(sample(CHECKPOINT))
    root["validation_results"].append({"success": True, "expectations": [], "statistics": NO_STATISTICS})
    root["statistics"] |= {"evaluated_validations": 2, "successful_validations": 2}
    reading = read_bytes(json.dumps(root).encode())
    assert (reading.reported, reading.contradictions) == ("passed", ())
    assert denied(reading) == {"nothing_evaluated"}


def test_an_unmet_expectation_of_low_severity_is_as_strict_as_configured():
    """By default what the suite calls a failure is one; a team may say that info only warns."""
    reading = read_bytes(gx({"expectation_config": MILD}))
    assert denied(reading, kinds={"great-expectations": {"warn": "warn"}}) == {"warned:warning"}


@pytest.mark.parametrize(
    ("edits", "red", "contradicts"),
    [
        ([("/checks/0/outcome", None)], {"not_evaluated"}, False),
        ([("/checks/0/outcome", ...)], {"not_evaluated"}, False),
        ([(f"/checks/{i}/outcome", None) for i in range(3)], {"not_evaluated", "nothing_evaluated"}, False),
        ([("/checks", [])], {"nothing_evaluated"}, False),
        ([("/checks/0/outcome", "fail")], {"not_passed"}, True),
        ([("/checks/0/outcome", "fail"), ("/hasFailures", True)], {"not_passed"}, False),
        ([("/checks/0/outcome", "warn"), ("/hasWarnings", True)], {"warned:warning"}, False),
        ([("/checks/0/outcome", "warn")], {"warned:warning"}, True),
        ([("/hasFailures", True)], set(), True),
        ([("/hasErrors", True)], {"scan_errors"}, False),
        ([("/queries/0/exception", "no such table")], {"scan_errors"}, False),
        ([("/logs/3/level", "error")], {"scan_errors"}, True),
        (
            [("/automatedMonitoringChecks", [{"name": "a", "outcome": "fail"}]), ("/hasFailures", True)],
            {"not_passed"},
            False,
        ),
    ],
)
def test_soda_silent_greens(edits, red, contradicts):
    """A check without an outcome was not evaluated, and errors show in three places."""
    reading = read_bytes(change(SODA, *edits))
    assert denied(reading) == red
    assert bool(reading.contradictions) is contradicts


def test_soda_counts_what_was_not_evaluated():
    """The counts keep what has no outcome apart from what passed."""
    reading = read_bytes(change(SODA, ("/checks/0/outcome", None)))
    assert asdict(reading.counts) == {"passed": 2, "failed": 0, "errored": 0, "skipped": 0, "not_evaluated": 1}
    assert reading.summary == "3 checks evaluated, 0 failed".replace("3", "2") + "; 1 check not evaluated"


@pytest.mark.parametrize(
    ("edits", "red", "contradicts"),
    [
        ([("/dryRun", True)], {"nothing_evaluated"}, False),
        ([("/checks", [])], {"nothing_evaluated"}, False),
        *[
            ([("/checks/0/result", said)], {"not_evaluated"}, False)
            for said in ("info", "skipped", "unknown", None)
        ],
        ([("/checks/0/result", "failed")], {"not_passed"}, True),
        ([("/checks/0/result", "error"), ("/result", "error")], {"not_passed", "no_result"}, False),
        ([("/checks/0/result", "warning"), ("/result", "warning")], {"warned:warning"}, False),
        ([("/checks/0/result", "warning")], {"warned:warning"}, True),
        ([("/result", "failed")], set(), True),
        ([("/result", "error")], {"no_result"}, False),
        ([("/result", "unknown")], {"no_result"}, False),
    ],
)
def test_datacontract_silent_greens(edits, red, contradicts):
    """A dry run tests nothing; results that say nothing prove nothing; the whole is compared with its parts."""
    reading = read_bytes(change(CONTRACT, *edits))
    assert denied(reading) == red
    assert bool(reading.contradictions) is contradicts


def lineage(*edits: Any) -> bytes:
    """The two events of a good run, each changed by its function."""
    rows = [json.loads(line) for line in sample(LINEAGE).splitlines()]
    for row, edit in zip(rows, edits, strict=False):
        edit(row)
    return "\n".join(json.dumps(row) for row in rows).encode()


def same(_row: Any) -> None:
    """Leave an event as it is."""


def kind(name: str) -> Any:
    """Make an event one of another type."""
    return lambda row: row.update(eventType=name)


def broken(row: Any) -> None:
    """Make the assertion of an event fail."""
    row["inputs"][0]["inputFacets"]["dataQualityAssertions"]["assertions"][0]["success"] = False


@pytest.mark.parametrize(
    ("data", "red", "contradicts"),
    [
        (sample(LINEAGE).splitlines()[0], {"open", "nothing_completed"}, False),
        (sample(LINEAGE).splitlines()[1], set(), False),
        (lineage(same, kind("RUNNING")), {"open", "nothing_completed"}, False),
        (lineage(same, kind("ABORT")), {"failed", "nothing_completed"}, False),
        (lineage(kind("FAIL"), same), {"failed", "nothing_completed"}, True),
        (lineage(broken, same), {"assertion_failed"}, False),
        (lineage(same, broken), {"assertion_failed"}, False),
        (
            lineage(same, lambda row: row["run"]["facets"].update(errorMessage={"message": "lost connection"})),
            {"error_message"},
            False,
        ),
        (lineage(lambda row: row.update(eventTime="2026-11-22T23:00:00Z"), same), set(), True),
        (lineage(lambda row: row["job"].update(name="other"), same), set(), True),
        (lineage(lambda row: row["run"].update(runId="another"), same), {"open"}, False),
        (
            lineage(*[lambda row: (row.pop("run"), row.pop("eventType"))] * 2),
            {"nothing_completed"},
            False,
        ),
    ],
)
def test_openlineage_silent_greens(data, red, contradicts):
    """A start without an end is open; what failed in one event failed; ends that exclude each other are said."""
    reading = read_bytes(data)
    assert denied(reading) == red
    assert bool(reading.contradictions) is contradicts


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (change(GX, ("/results/0/success", "true")), "/results/0/success is text"),
        (change(GX, ("/results/0/expectation_config/severity", "dire")), "no known meaning"),
        (change(GX, ("/statistics/evaluated_expectations", -1)), "out of range"),
        (change(GX, ("/statistics", ...)), "statistics"),
        (change(GX, ("/meta/run_id/run_time", "2026-11-22T21:22:46")), "not a time with an offset"),
        (change(SODA, ("/checks/0/outcome", "fine")), "no known meaning"),
        (change(SODA, ("/hasFailures", None)), "hasFailures is null"),
        (change(SODA, ("/checks/0/name", ...)), "name"),
        (change(CONTRACT, ("/result", "ok")), "no known meaning"),
        (change(CONTRACT, ("/checks/0/result", "PASSED")), "no known meaning"),
        (change(CONTRACT, ("/checks/0", "x")), "is text, not an object"),
        (lineage(kind("DONE")), "no known meaning"),
        (lineage(lambda row: row.update(eventTime="yesterday")), "not a time"),
        (lineage(lambda row: row["run"].pop("runId")), "runId"),
        (
            lineage(lambda row: row["inputs"][0]["inputFacets"]["dataQualityAssertions"].pop("assertions")),
            "assertions",
        ),
    ],
)
def test_what_is_malformed_is_invalid(data, words):
    """A wrong shape or a word without a meaning is refused with its place, never guessed at."""
    with pytest.raises(Invalid) as caught:
        read_bytes(data)
    assert words in f"{caught.value.message} {caught.value.pointer}"
