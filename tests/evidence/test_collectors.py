"""Collectors on real files: exact facts. And on hostile ones: Invalid, never anything else."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kind_checks import SAMPLES, check_facts, denied, read_bytes, sample

from dpone.evidence.model import Document, Invalid, Subject
from dpone.evidence.parsing import parse
from dpone.evidence.recognition import Unrecognized, collectors, recognize
from dpone.record import asdict
from dpone.workspace import time_text

KEY = "kBiFdXMPAvURkP/aQE3PCT/H4ap4tHm5+NGIKS5q/Ns="
ARTIFACT = {"sensorkit-0.2.1.tar.gz": "9495a322e5fc805c5aaa0676ea0dd433dd559e6ce7802399134237dc69c1fefd"}
TRUSTED = {"trusted_keys": [KEY], "artifacts": ARTIFACT}
RATIO = {"objectives": {"load_failure_ratio": {"max": 0.005}}}
FAST = {"objectives": {"test_bench_window": {"max": 0.00002}}}
LOAD = {"objectives": {"p95_ms": {"max": 60}, "requests_per_second": {"min": 10}}}
ROWS = {"objectives": {"dpone_rows_loaded_total": {"min": 10000, "reduce": "last"}}}


@pytest.mark.parametrize(
    ("path", "options", "reported", "summary", "produced_at", "red"),
    [
        ("pytest/junit_pass.xml", {}, "passed", "6 ran, 0 failed, 1 skipped", "2026-11-22T21:22:37Z", set()),
        (
            "pytest/junit_fail.xml",
            {},
            "failed",
            "2 of 8 tests failed: test_wrong_total, test_needs_db",
            "2026-11-22T21:22:38Z",
            {"not_passed"},
        ),
        ("datacontract/junit_pass.xml", {}, "passed", "8 ran, 0 failed, 0 skipped", "", set()),
        (
            "dbt/pass/run_results.json",
            {},
            "passed",
            "4 tests and 2 models passed",
            "2026-11-22T21:19:59Z",
            set(),
        ),
        (
            "dbt/fail/run_results.json",
            {},
            "failed",
            (
                "2 of 4 tests failed: accepted_values_stg_telemetry_unit__C__ratio, unique_stg_telemetry_device_id; "
                "skipped after it: 1 model"
            ),
            "2026-11-22T21:20:12Z",
            {"not_passed", "warned:warning"},
        ),
        (
            "dbt/pass/manifest.json",
            {},
            "unknown",
            "2 models and 4 tests defined, 1 model without a test",
            "2026-11-22T21:34:03Z",
            set(),
        ),
        ("dbt/pass/sources.json", {}, "passed", "1 of 1 sources fresh", "2026-11-22T21:19:56Z", set()),
        (
            "dbt/fail/sources.json",
            {},
            "failed",
            "1 of 1 sources not fresh: raw.raw_telemetry",
            "2026-11-22T21:20:08Z",
            {"stale"},
        ),
        (
            "coverage/coverage_pass.xml",
            {},
            "passed",
            "88.88 % of 9 lines covered",
            "2026-11-22T21:22:37Z",
            set(),
        ),
        ("coverage/coverage_pass.json", {}, "passed", "88.88 % of 9 lines covered", "", set()),
        ("sarif/bandit_pass.sarif", {}, "passed", "0 results", "2026-11-22T21:22:38Z", set()),
        (
            "sarif/bandit_fail.sarif",
            {},
            "failed",
            "1 error, 3 warnings, 1 note: B103 sensorkit/__init__.py:35",
            "2026-11-22T21:22:39Z",
            {"at_or_above_level"},
        ),
        ("sarif/ruff_pass.sarif", {}, "passed", "0 results", "", set()),
        ("bandit/bandit_pass.json", {}, "passed", "0 issues in 10 lines", "2026-11-22T21:22:37Z", set()),
        (
            "bandit/bandit_fail.json",
            {},
            "failed",
            "1 high, 3 medium, 1 low: B103 sensorkit/__init__.py:35",
            "2026-11-22T21:22:39Z",
            {"at_or_above_severity"},
        ),
        ("pip_audit/audit_pass.json", {}, "passed", "0 of 1 dependencies vulnerable", "", set()),
        (
            "pip_audit/audit_fail.json",
            {},
            "failed",
            "certifi 2023.7.22 has CVE-0000-00002, fixed in 2024.7.4",
            "",
            {"vulnerability"},
        ),
        ("prometheus/vector.json", ROWS, "passed", "1 of 1 objectives met", "2026-11-22T21:24:34Z", set()),
        (
            "prometheus/matrix_range.json",
            ROWS,
            "passed",
            "1 of 1 objectives met",
            "2026-11-22T21:24:34Z",
            set(),
        ),
        (
            "prometheus/failure_ratio.json",
            RATIO,
            "failed",
            "load_failure_ratio is 0.01, objective max 0.005",
            "2026-11-22T21:24:34Z",
            {"above_max"},
        ),
        (
            "prometheus/inf_value.json",
            RATIO,
            "empty",
            "no usable value for load_failure_ratio",
            "2026-11-22T21:24:34Z",
            {"no_value", "nothing_evaluated"},
        ),
        (
            "prometheus/empty_vector.json",
            RATIO,
            "empty",
            "no usable value for load_failure_ratio",
            "",
            {"no_value", "nothing_evaluated"},
        ),
        (
            "prometheus/vector.json",
            {},
            "empty",
            "1 series and no objective to hold them against",
            "2026-11-22T21:24:34Z",
            {"nothing_evaluated"},
        ),
        ("cyclonedx/bom_1.6.json", {}, "passed", "7 components", "2026-11-22T21:23:09Z", set()),
        ("cyclonedx/bom_1.5.xml", {}, "passed", "7 components", "2026-11-22T21:23:13Z", set()),
        (
            "intoto/dsse_pass.json",
            TRUSTED,
            "unknown",
            "provenance, signature valid, 1 of 1 subject compared",
            "2026-11-22T20:03:10Z",
            set(),
        ),
        (
            "intoto/dsse_pass.json",
            {"trusted_keys": [KEY]},
            "unknown",
            "provenance, signature valid, 0 of 1 subject compared",
            "2026-11-22T20:03:10Z",
            {"unchecked:warning"},
        ),
        (
            "intoto/dsse_pass.json",
            {},
            "unknown",
            "signature untrusted, provenance",
            "",
            {"signature", "unchecked:warning"},
        ),
        (
            "intoto/dsse_fail_untrusted_key.json",
            TRUSTED,
            "unknown",
            "signature untrusted, provenance",
            "",
            {"signature"},
        ),
        (
            "intoto/dsse_fail_wrong_digest.json",
            TRUSTED,
            "unknown",
            "provenance, about another file than sensorkit-0.2.1.tar.gz",
            "2026-11-22T20:03:10Z",
            {"other_subject"},
        ),
        (
            "intoto/dsse_fail_tampered_payload.json",
            TRUSTED,
            "unknown",
            "signature broken",
            "",
            {"signature", "other_subject", "not_passed", "unchecked:warning"},
        ),
        (
            "intoto/dsse_test_result_v0.1.json",
            TRUSTED,
            "failed",
            "test result FAILED, signature valid, 1 of 1 subject compared",
            "",
            {"not_passed"},
        ),
        (
            "intoto/statement_slsa_v1.json",
            TRUSTED,
            "unknown",
            "signature absent, provenance",
            "",
            {"signature"},
        ),
    ],
)
def test_real_files(path, options, reported, summary, produced_at, red):
    """Each sample says what its tool said, when, and is judged as a person would judge it."""
    reading = read_bytes(sample(path), options)
    assert (reading.reported, reading.summary, reading.contradictions) == (reported, summary, ())
    assert (time_text(reading.produced_at) if reading.produced_at else "") == produced_at
    assert denied(reading) == red


def test_dbt_facts():
    """Facts of a failed build, whole."""
    facts = read_bytes(sample("dbt/fail/run_results.json")).facts
    assert {key: value for key, value in facts.items() if key not in ("not_ok", "blocked_text")} == {
        "command": "build",
        "invocation_id": "68c8432e-c92a-4143-8e8f-f725bf15ad9f",
        "passed": 2,
        "failed": 2,
        "errored": 0,
        "warned": 1,
        "skipped": 1,
        "not_evaluated": 0,
        "executed": 5,
        "tests_executed": 4,
        "models": 2,
        "tests": 4,
        "seeds": 0,
        "snapshots": 0,
        "blocked": 3,
        "blocked_at": "/results/2",
        "warned_names": "not_null_stg_telemetry_reading",
        "warned_at": "/results/4",
        "not_ok_total": 4,
    }
    assert [node["pointer"] for node in facts["not_ok"]] == [
        "/results/2",
        "/results/3",
        "/results/5",
        "/results/4",
    ]


def test_junit_facts():
    """Facts of a failed test run, whole."""
    reading = read_bytes(sample("pytest/junit_fail.xml"))
    assert asdict(reading.counts) == {"passed": 6, "failed": 1, "errored": 1, "skipped": 1, "not_evaluated": 0}
    assert reading.facts == {
        "tests": 9,
        "executed": 8,
        "suites": 1,
        "flaky": 0,
        "skipped_percent": 11.12,
        "not_ok_total": 2,
        "not_ok": [
            {
                "name": "test_wrong_total",
                "classname": "tests.test_broken",
                "outcome": "failed",
                "pointer": "/testsuites/testsuite[1]/testcase[1]",
            },
            {
                "name": "test_needs_db",
                "classname": "tests.test_broken",
                "outcome": "errored",
                "pointer": "/testsuites/testsuite[1]/testcase[2]",
            },
        ],
        "not_ok_at": "/testsuites/testsuite[1]/testcase[1]",
        "not_ok_names": "test_wrong_total, test_needs_db",
    }


def test_coverage_says_the_same_in_both_forms():
    """XML and JSON of one run give the same numbers."""
    for verdict in ("pass", "fail"):
        xml, text = (
            dict(read_bytes(sample(f"coverage/coverage_{verdict}.{form}")).facts) for form in ("xml", "json")
        )
        for facts in (xml, text):
            del facts["lowest"], facts["lowest_names"]
        assert xml == text


def test_provenance_claims_its_commit_only_when_trusted():
    """A commit is a claim of whoever signed; without a trusted signature nobody claims anything."""
    path = "intoto/dsse_pass.json"
    assert read_bytes(sample(path), TRUSTED).claims == Subject(
        commit="a0f1490a20d0211c997b44bc357e1972deab8ae3"
    )
    assert read_bytes(sample(path)).claims == Subject()


def test_a_version_is_required():
    """A bill of materials that lost its version is invalid, not guessed at."""
    with pytest.raises(Invalid, match="specVersion"):
        read_bytes(sample("cyclonedx/bom_mutated_invalid.json"))


JSON_SAMPLES = [
    ("bandit/bandit_fail.json", {}),
    ("coverage/coverage_fail.json", {}),
    ("cyclonedx/bom_1.6.json", {}),
    ("dbt/fail/manifest.json", {}),
    ("dbt/fail/run_results.json", {}),
    ("dbt/fail/sources.json", {}),
    ("intoto/dsse_pass.json", TRUSTED),
    ("intoto/statement_slsa_v1.json", TRUSTED),
    ("pip_audit/audit_fail.json", {}),
    ("prometheus/matrix_range.json", ROWS),
    ("prometheus/vector.json", ROWS),
    ("sarif/bandit_fail.sarif", {}),
    ("sarif/ruff_fail.sarif", {}),
    ("great_expectations/validation_fail.json", {}),
    ("great_expectations/checkpoint_fail.json", {}),
    ("soda/soda3_scan_fail.json", {}),
    ("datacontract/test_result_fail.json", {}),
    ("spdx/spdx.json", {}),
    ("pytest_benchmark/benchmark_a.json", FAST),
    ("locust/summary_fail.json", LOAD),
    ("ruff/ruff_fail.json", {}),
    ("gitleaks/gitleaks_git_fail.json", {}),
    ("detect_secrets/detect_secrets_fail.json", {}),
    ("openlineage/events_fail.ndjson", {}),
]
PARSED = {path: parse((SAMPLES / path).read_bytes()).root for path, _ in JSON_SAMPLES}
NUMBERS = [None, True, False, 0, -1, 1, 10**15, 2**53, 10**30, 1.5, 1e308, 5e-324]
TEXTS = [
    "",
    "x",
    "NaN",
    "+Inf",
    "1e999",
    "\x00",
    "error",
    "warning",
    "\u202e",
    "a" * 5000,
    "2026-06-05T12:00:00",
]
SHAPES = [[], {}, [None], [[]], {"a": {}}, [1, "2"], [1e300, "1"]]
ODD = st.sampled_from([*NUMBERS, *TEXTS, *SHAPES])


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to every value inside `value`, itself left out."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, inner in members for place in [(*path, key), *places(inner, (*path, key))]]


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_no_document_makes_a_collector_raise_anything_but_invalid(data):
    """A real document with a few values replaced, removed or doubled is read or refused; facts always
    fit their schema."""
    path, options = data.draw(st.sampled_from(JSON_SAMPLES))
    root = copy.deepcopy(PARSED[path])
    for _ in range(data.draw(st.integers(1, 3))):
        found = places(root)
        if not found:
            break
        *above, last = data.draw(st.sampled_from(found))
        parent = root
        for key in above:
            parent = parent[key]
        action = data.draw(st.sampled_from(["replace", "remove", "double"]))
        if action == "replace":
            parent[last] = copy.deepcopy(data.draw(ODD))
        elif action == "remove":
            del parent[last]
        elif isinstance(parent, list):
            parent.append(copy.deepcopy(parent[last]))
    _read_or_refuse(Document("json", root, json.dumps(root).encode()), options)


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.builds(
            lambda name, kids, text, status: (
                f'<testcase name="{name}" {status}>{"".join(f"<{kid}>{text}</{kid}>" for kid in kids)}</testcase>'
            ),
            st.sampled_from(["a", "b", ""]),
            st.lists(
                st.sampled_from(["failure", "error", "skipped", "rerun", "other", "system-out"]), max_size=2
            ),
            st.sampled_from(["", "x"]),
            st.sampled_from(["", 'status="notrun"', 'status="failed"', 'result="skipped"']),
        ),
        lambda inner: st.builds(
            lambda kids, tests, failures, stamp: (
                f'<testsuite tests="{tests}" failures="{failures}" timestamp="{stamp}">{"".join(kids)}</testsuite>'
            ),
            st.lists(inner, max_size=3),
            st.sampled_from(["0", "1", "2", "-1", "x", ""]),
            st.sampled_from(["0", "1"]),
            st.sampled_from(["", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00", "x"]),
        ),
        max_leaves=8,
    )
)
def test_any_junit_is_read_or_invalid(text):
    """Suites of any nesting and any claims are read or refused, and a bad case is never lost."""
    document = parse(f"<testsuites>{text}</testsuites>".encode())
    reading = _read_or_refuse(document, {})
    if reading and ("<failure>" in text or "<error>" in text):
        assert reading.reported == "failed"
    if reading and reading.reported == "passed":
        assert reading.counts.passed > 0


def _read_or_refuse(document: Document, options: dict[str, Any]):
    try:
        reading = recognize(document).read(document, options)
    except (Invalid, Unrecognized):
        return None
    check_facts(reading)
    return reading


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["metadata", "runs", "version", "data", "status", "bomFormat", "payloadType", "results"]
                )
                | st.sampled_from(
                    ["meta", "files", "totals", "dependencies", "fixes", "metrics", "errors", "_type"]
                )
                | st.sampled_from(
                    [
                        "statistics",
                        "validation_results",
                        "checks",
                        "logs",
                        "spdxVersion",
                        "benchmarks",
                        "machine_info",
                    ]
                )
                | st.sampled_from(
                    [
                        "schemaURL",
                        "run",
                        "plugins_used",
                        "RuleID",
                        "offender",
                        "rule",
                        "Secret",
                        "datacontractCliVersion",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=15,
    )
)
def test_recognition_never_raises(value):
    """Whatever the shape, each collector answers yes or no, and names what is near without failing."""
    for syntax in ("json", "yaml"):
        document = Document(syntax, value, b"")
        for collector in collectors():
            assert collector.recognize(document) in (True, False)
            assert isinstance(collector.near(document), str)
            assert collector.shows_secret(document) in (True, False)
