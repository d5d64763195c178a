"""Load strategies really run, agree with the oracle, and faults are seen."""

import hashlib
import json
import re
import sqlite3
import tempfile
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpone.canonical import canonical_bytes
from dpone.data.certification.checksum import measure
from dpone.data.certification.dataset import UPDATED_AT, Dataset
from dpone.data.certification.execution import ABORT, CONTROLS, SAMPLE, examine, execute
from dpone.data.certification.matrix import SINKS, SOURCES, STRATEGIES, select
from dpone.data.certification.results import certify
from dpone.data.certification.sink import FAULTS
from dpone.data.certification.strategies import statements
from dpone.errors import UsageError


def run(strategy, rows, sql=None):
    """One execution in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        if sql is None:
            return execute(strategy, rows, Path(folder))
        return examine(Dataset(strategy, rows), sql, Path(folder))


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("rows", [1, 2, 11, 70, 1500])
def test_every_strategy_agrees_with_the_oracle(strategy, rows):
    """SQL and oracle leave the same rows, from one key to many; every negative control is noticed."""
    done = run(strategy, rows)
    assert done.found.error == ""
    assert done.found.actual == done.sought.expected
    assert done.sought.expected.count > 0
    assert done.found.duplicate_keys == 0
    assert tuple(control.name for control in done.found.controls) == CONTROLS
    assert all(control.seen_by for control in done.found.controls)
    assert done.found.sample == done.sought.samples["expected_rows"]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(STRATEGIES), st.integers(1, 300))
def test_strategies_agree_at_any_size(strategy, rows):
    """Whatever the size, SQL and oracle agree, every control is noticed, and twice is the same."""
    done = run(strategy, rows)
    assert (done.found.error, done.found.actual) == ("", done.sought.expected)
    assert all(control.seen_by for control in done.found.controls)
    assert run(strategy, rows) == done


def test_a_load_can_be_repeated():
    """The swap leaves a target that can be swapped again: the same statements run twice without an error."""
    for strategy in ("full_refresh", "replace", "shadow_swap", "snapshot_diff"):
        done = run(strategy, 50, (*statements(strategy), *statements(strategy)))
        assert (done.found.error, done.found.actual) == ("", done.sought.expected), strategy


def test_a_row_stands_exactly_at_the_watermark():
    """The source has an unchanged row whose time is the watermark, which must not be loaded again."""
    for rows in (2, 11, 100, 101):
        data = Dataset("incremental_append", rows)
        times = [row[UPDATED_AT] for key in data.each_key() for row in key.source]
        assert times.count(data.parameters["watermark"]) == 1
        assert (
            max(row[UPDATED_AT] for key in data.each_key() for row in key.before)
            == data.parameters["watermark"]
        )


MUTANTS = [
    ("append", "FROM stage", "FROM stage WHERE id % 2 = 0"),
    ("backfill", "DELETE FROM target WHERE business_date BETWEEN :first AND :last", "SELECT :first"),
    ("backfill", "FROM stage\nWHERE business_date BETWEEN :first AND :last", "FROM stage WHERE business_date > :first"),
    ("cdc", "max(seq)", "min(seq)"),
    ("cdc", "seq > :applied_seq", "seq > :applied_seq - 1000000"),
    ("cdc", "WHERE s.op = 'D'", "WHERE s.op = 'X'"),
    ("full_refresh", "DELETE FROM target", "DELETE FROM target WHERE id > 10"),
    ("incremental_append", "> :watermark", ">= :watermark"),
    ("incremental_merge", "ORDER BY updated_at DESC", "ORDER BY updated_at"),
    ("incremental_merge", "amount = excluded.amount,", ""),
    ("partition_replace", "DELETE FROM target WHERE business_date IN (SELECT business_date FROM stage)",
     "DELETE FROM target WHERE id IN (SELECT id FROM stage)"),
    ("scd2", "valid_to = :loaded_at, is_current = 0", "valid_to = :loaded_at"),
    ("scd2", "OR s.name IS NOT target.name", "OR s.name <> target.name OR :loaded_at < 0"),
    ("shadow_swap", "ALTER TABLE shadow RENAME TO target", "ALTER TABLE retired RENAME TO target"),
    ("snapshot_diff", "DELETE FROM target WHERE NOT EXISTS", "SELECT 1 WHERE NOT EXISTS"),
    ("xmin", "((xmin - :last_xmin) & 4294967295) BETWEEN 1 AND 2147483647", "xmin > :last_xmin"),
    ("replace", "CREATE UNIQUE INDEX target_key ON target (id)", "COMMIT"),
]  # fmt: skip


@pytest.mark.parametrize(("strategy", "right", "wrong"), MUTANTS)
def test_a_faulty_strategy_is_seen(strategy, right, wrong):
    """A typical mistake in the SQL of a strategy changes count, checksum or a control, or is an error."""
    broken = tuple(re.sub(re.escape(right), wrong, part) for part in statements(strategy))
    assert broken != statements(strategy)
    done = run(strategy, 2000, broken)
    missed = [control.name for control in done.found.controls if not control.seen_by]
    assert done.found.error or done.found.actual != done.sought.expected or missed


def test_an_early_commit_is_caught_by_the_abort():
    """A strategy that commits in between is left half done when the connection is lost: the control sees it."""
    early = (
        "CREATE TEMP TABLE kept AS SELECT * FROM stage",
        "DROP TABLE stage",
        "DELETE FROM target",
        "COMMIT",
        "BEGIN",
        "INSERT INTO target SELECT * FROM kept",
        "CREATE TABLE stage (id)",
    )
    done = run("full_refresh", 100, early)
    assert (done.found.error, done.found.actual) == ("", done.sought.expected)
    assert [control.name for control in done.found.controls if not control.seen_by] == [ABORT]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_control_is_noticed_by_the_comparison_itself(fault):
    """Faults are put into a copy without constraints: row count or checksum must see them."""
    seen = {control.name: control.seen_by for control in run("snapshot_diff", 40).found.controls}
    assert seen[fault] in {"row_count", "checksum"}


def test_data_have_every_kind_of_change():
    """Each strategy meets new, changed, unchanged and, where it deletes, vanished keys."""
    for strategy in STRATEGIES:
        sought = run(strategy, 500).sought
        assert sought.inserted > 0, strategy
        assert 0 < sought.changed < sought.before.count, strategy
        if strategy in ("full_refresh", "snapshot_diff", "cdc", "backfill", "partition_replace"):
            assert sought.deleted > 0, strategy


def test_every_statement_is_one():
    """Each SQL file splits into whole statements that all do something."""
    for strategy in STRATEGIES:
        assert statements(strategy)
        assert all(sqlite3.complete_statement(part + ";") and ";" not in part for part in statements(strategy))


KINDS = ("integer", "date", "text", "decimal2", "timestamp", "boolean")
ROW = (7, date(2026, 1, 2), "ü", Decimal("-1.50"), datetime(2026, 1, 1, 0, 0, 0, 5, timezone.utc), True)


def test_the_checksum_is_the_documented_one():
    """Length and text of each canonical value, MD5, four words summed: worked out by hand."""
    fields = "1:75:204551:ü4:-15016:17672256000000051:1-"
    words = hashlib.md5(fields.encode()).hexdigest()
    doubled = "".join(f"{2 * int(words[i : i + 8], 16):016x}" for i in range(0, 32, 8))
    found = measure([(*ROW, None)] * 2, (*KINDS, "text"))
    assert (found.count, found.checksum) == (2, doubled)


def test_the_checksum_is_one_for_python_and_engine_values():
    """A typed row and the same row as an engine without types keeps it have one checksum."""
    kept = (7, "2026-01-02", "ü", -150, 1767225600000005, 1)
    assert measure([ROW], KINDS) == measure([kept], KINDS)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("integer", 1.0), ("integer", "1"), ("integer", True), ("text", 1), ("decimal2", 0.5), ("boolean", 2),
     ("boolean", "1"), ("timestamp", "2026-01-01"), ("date", 5), ("date", "soon")],
)  # fmt: skip
def test_a_value_of_another_kind_has_no_checksum(kind, value):
    """A float, or a text in a number's place, is refused instead of given some text."""
    with pytest.raises((TypeError, ValueError)):
        measure([(value,)], (kind,))


rows_of_text = st.lists(st.tuples(st.none() | st.text(max_size=3), st.none() | st.text(max_size=3)), max_size=6)


@given(rows_of_text, rows_of_text, st.randoms())
def test_the_checksum_ignores_order_and_nothing_else(left, right, random):
    """Shuffled rows measure the same; other rows measure differently, NULL and empty text included."""
    kinds = ("text", "text")
    shuffled = list(left)
    random.shuffle(shuffled)
    assert measure(shuffled, kinds) == measure(left, kinds)
    same = sorted(map(repr, left)) == sorted(map(repr, right))
    assert (measure(left, kinds) == measure(right, kinds)) is same


def test_without_filters_there_are_the_200_cases_of_the_reference():
    """20 pairs with a table sink by 9 strategies, 5 sources into a topic by 3, xmin from postgres into 5 sinks."""
    cases = select()
    assert len(cases) == 200 == len({case.case_id for case in cases})
    assert [case.case_id for case in cases] == sorted(case.case_id for case in cases)
    assert {case.row_count for case in cases} == {10_000}
    assert {case.source for case in cases if case.strategy == "xmin"} == {"postgres"}
    assert len([case for case in cases if case.sink == "kafka"]) == 16
    assert {case.evidence_status for case in cases} == {"simulated"}


def test_every_name_selects_something():
    """Each source, sink and strategy that is named gives at least one case of its own."""
    for name in SOURCES:
        assert {case.source for case in select(source=name)} == {name}
    for name in SINKS:
        assert {case.sink for case in select(sink=name)} == {name}
    for name in STRATEGIES:
        assert {case.strategy for case in select(strategy=name)} == {name}
        (own,) = select("sqlite", "sqlite", name)
        assert own.evidence_status == "executed"


@pytest.mark.parametrize(
    "wrong",
    [{"source": "oracle"}, {"sink": "api"}, {"strategy": "snapshotdiff"}, {"source": " "}, {"sink": "Kafka"}],
)
def test_an_unknown_name_is_an_error_that_names_the_choices(wrong):
    """A slip never selects zero cases."""
    with pytest.raises(UsageError, match="choose from"):
        select(**wrong)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"source": "mssql", "strategy": "xmin"}, "postgres"),
        ({"sink": "kafka", "strategy": "scd2"}, "a topic takes"),
    ],
)
def test_a_combination_that_no_system_can_do_is_an_error(wrong, why):
    """No case is left, and the advice says why."""
    with pytest.raises(UsageError, match=why):
        select(**wrong)


@pytest.mark.parametrize("rows", [0, -1, 5_000_001])
def test_row_counts_have_limits(rows):
    """No rows prove nothing; too many are refused before any work."""
    with pytest.raises(UsageError, match="row-count"):
        select(row_count=rows)


def test_facts_say_what_was_simulated():
    """A case whose connectors did not run is counted as simulated; each execution stands once."""
    facts = certify(select(strategy="xmin", row_count=50)).facts()
    assert (facts["case_count"], facts["executed"], facts["simulated"]) == (5, 0, 5)
    (only,) = facts["executions"]
    assert (only["strategy"], only["cases"], only["missed_controls"]) == ("xmin", 5, [])
    assert only["expected_checksum"] == only["actual_checksum"]
    whole = certify(select(row_count=5)).facts()
    assert sum(run["cases"] for run in whole["executions"]) == 200
    assert len(canonical_bytes(whole)) < 10_000
    own = certify(select("sqlite", "sqlite", row_count=5)).facts()
    assert (own["executed"], own["simulated"]) == (10, 0)


def test_the_behaviour_file_has_the_fields_of_the_reference():
    """Every field old scripts read is there, except the verdicts, which rules give."""
    (result,) = certify(select("postgres", "mssql", "snapshot_diff", 100)).results
    made = result.behaviour()
    json.dumps(made, allow_nan=False)
    assert {
        "case_id", "source", "sink", "strategy", "configured_row_count", "source_row_count", "target_before_count",
        "expected_row_count", "actual_row_count", "expected_checksum", "actual_checksum", "change_ratio",
        "changed_row_count", "delete_ratio", "deleted_row_count", "notes", "source_rows", "target_before",
        "expected_rows", "actual_rows",
    } <= set(made)  # fmt: skip
    assert made["case_id"] == "postgres_to_mssql__snapshot_diff"
    assert made["evidence_status"] == "simulated"
    assert "neither connector was touched" in made["notes"][0]
    assert len(made["actual_rows"]) == SAMPLE
    assert made["actual_rows"] == made["expected_rows"]
    assert "passed" not in made
    assert len(result.checks()) == 4 + len(CONTROLS)
