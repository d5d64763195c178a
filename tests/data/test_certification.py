"""Load strategies really run, agree with the oracle, and faults are seen."""

import hashlib
import json
import re
import sqlite3
from datetime import date, datetime, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpone.canonical import canonical_bytes
from dpone.data.certification import SINKS, SOURCES, STRATEGIES, certify, select
from dpone.data.certification.checksum import measure
from dpone.data.certification.dataset import build
from dpone.data.certification.execution import CONTROLS, SAMPLE, attempt, execute, prepare
from dpone.data.certification.oracle import expected
from dpone.data.certification.strategies import statements
from dpone.errors import UsageError
from dpone.record import replace


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("rows", [1, 2, 11, 70, 1500])
def test_every_strategy_agrees_with_the_oracle(strategy, rows):
    """SQL and oracle leave the same rows, from one key to many; every negative control is noticed."""
    run = execute(strategy, "seed", rows)
    assert run.error == ""
    assert (run.actual.count, run.actual.checksum) == (run.expected.count, run.expected.checksum)
    assert run.duplicate_keys == 0
    assert {control.name for control in run.controls} == {*CONTROLS, "abort_rolled_back"}
    assert all(control.seen_by for control in run.controls)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(STRATEGIES), st.text(max_size=8), st.integers(1, 160))
def test_strategies_agree_on_any_data(strategy, seed, rows):
    """Whatever data grow from a seed, SQL and oracle agree, and twice is the same."""
    run = execute(strategy, seed, rows)
    assert (run.error, run.actual) == ("", run.expected)
    assert execute(strategy, seed, rows) == run


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
    data = build(strategy, "mutant", 2000)
    trial = prepare(strategy, data)
    broken = tuple(re.sub(re.escape(right), wrong, part) for part in trial.sql)
    assert broken != trial.sql
    before, goal = measure(data.before, trial.kinds), measure(expected(strategy, data), trial.kinds)
    outcome = attempt(replace(trial, sql=broken), before, goal)
    missed = [control.name for control in outcome.controls if not control.seen_by]
    assert outcome.error or outcome.measure != goal or missed


def test_an_early_commit_is_caught_by_the_abort():
    """A strategy that commits in between is left half done when the connection is lost: the control sees it."""
    data = build("full_refresh", "seed", 100)
    trial = prepare("full_refresh", data)
    early = replace(trial, sql=(trial.sql[0], "COMMIT", "BEGIN", *trial.sql[1:]))
    before, goal = measure(data.before, trial.kinds), measure(expected("full_refresh", data), trial.kinds)
    outcome = attempt(early, before, goal)
    seen = {control.name: control.seen_by for control in outcome.controls}
    assert outcome.error or seen["abort_rolled_back"] == ""


def test_data_have_every_kind_of_change():
    """At the default size each strategy meets new, changed, unchanged and, where it deletes, vanished keys."""
    for strategy in STRATEGIES:
        run = execute(strategy, "seed", 500)
        assert run.inserted > 0, strategy
        assert run.changed > 0, strategy
    for strategy in ("full_refresh", "snapshot_diff", "cdc", "backfill", "partition_replace"):
        assert execute(strategy, "seed", 500).deleted > 0, strategy


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


def test_no_filter_selects_every_case():
    """All sources, sinks and strategies, each case with its own id."""
    cases = select()
    assert len(cases) == len(SOURCES) * len(SINKS) * len(STRATEGIES) == len({case.case_id for case in cases})
    assert {case.row_count for case in cases} == {10_000}


@pytest.mark.parametrize(
    "wrong", [{"source": "oracle"}, {"sink": "api"}, {"strategy": "snapshotdiff"}, {"source": " "}]
)
def test_an_unknown_name_is_an_error_that_names_the_choices(wrong):
    """A slip never selects zero cases."""
    with pytest.raises(UsageError, match="choose from"):
        select(**wrong)


@pytest.mark.parametrize("rows", [0, -1, 1_000_001, True])
def test_row_counts_have_limits(rows):
    """No rows prove nothing; too many are refused before any work."""
    with pytest.raises(UsageError, match="row-count"):
        select(row_count=rows)


def test_facts_say_what_was_simulated():
    """A case whose connectors did not run says so, names the execution behind it, and is counted apart."""
    found = certify(select(strategy="xmin", row_count=50))
    facts = found.facts()
    assert (facts["case_count"], facts["executed"], facts["simulated"]) == (36, 1, 35)
    (run,) = facts["executions"]
    assert (run["execution"], run["cases"], run["missed_controls"]) == ("sqlite_to_sqlite__xmin", 36, [])
    assert run["expected_checksum"] == run["actual_checksum"]
    assert len(canonical_bytes(certify(select(row_count=5)).facts())) < 10_000


def test_the_behaviour_file_has_the_fields_of_the_reference():
    """Every field old scripts read is there, except the verdict, which rules give."""
    (result,) = certify(select("postgres", "mssql", "snapshot_diff", 100)).results
    made = result.behaviour()
    json.dumps(made, allow_nan=False)
    assert {
        "case_id", "source", "sink", "strategy", "configured_row_count", "source_row_count", "target_before_count",
        "expected_row_count", "actual_row_count", "expected_checksum", "actual_checksum", "change_ratio",
        "changed_row_count", "delete_ratio", "deleted_row_count", "quality_checks", "notes", "source_rows",
        "target_before", "expected_rows", "actual_rows",
    } <= set(made)  # fmt: skip
    assert made["case_id"] == "postgres_to_mssql__snapshot_diff"
    assert made["evidence_status"] == "simulated"
    assert "neither connector was touched" in made["notes"][0]
    assert len(made["actual_rows"]) == SAMPLE
    assert made["actual_rows"] == made["expected_rows"]
    assert "passed" not in made
