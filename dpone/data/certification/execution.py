"""Run one strategy for real in SQLite, hold it against the oracle, and try to fool the comparison."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from dpone.data.certification.checksum import Measure, Tally, stored
from dpone.data.certification.dataset import ID, Dataset, Row
from dpone.data.certification.oracle import expected
from dpone.data.certification.sink import CHUNK, FAULTS, Sink
from dpone.data.certification.strategies import statements
from dpone.errors import UndecidedError
from dpone.record import dataclass

SAMPLE = 18
"""Sample rows of each table in a behaviour file, taken from the keys up to `SAMPLE_KEYS`."""
SAMPLE_KEYS = 100

ABORT = "aborted_load"
CONTROLS = (*FAULTS, ABORT)
"""What is tried after (the faults) and before (the abort) every load, and must be noticed."""

NOTHING = Measure(0, "")


@dataclass(frozen=True)
class Control:
    """One negative control and what noticed it: `row_count` or `checksum`; for the aborted load `rollback`,
    when the target afterwards was what it had been. Empty: nobody noticed."""

    name: str
    seen_by: str


@dataclass(frozen=True)
class Sought:
    """What the oracle says, in measures, counts of keys and sample rows. `changed` keys are in the target
    before and after with other rows, `deleted` ones only before, `inserted` ones only after."""

    source_count: int
    before: Measure
    expected: Measure
    changed: int
    deleted: int
    inserted: int
    samples: dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Found:
    """What the engine did. `error` is the class of the engine error that ended the load, else empty."""

    actual: Measure
    duplicate_keys: int
    controls: tuple[Control, ...]
    sample: list[dict[str, Any]]
    error: str = ""


@dataclass(frozen=True)
class Execution:
    """One strategy on one data set: what was sought and what was found. `columns` is how many the wider of source
    and target has."""

    strategy: str
    row_count: int
    columns: int
    sought: Sought
    found: Found


def execute(strategy: str, row_count: int, folder: Path) -> Execution:
    """Run `strategy` on its data set in an empty scratch `folder`: once aborted before its commit, once for
    real. Raises `UndecidedError` when the folder cannot hold the data."""
    return examine(Dataset(strategy, row_count), statements(strategy), folder)


def examine(data: Dataset, sql: Sequence[str], folder: Path) -> Execution:
    """Run the statements `sql` as the strategy of a data set; see `execute`."""
    sink = Sink(folder, data, sql)
    try:
        sought = _seek(data, sink)
    except sqlite3.Error as fault:
        raise UndecidedError(
            f"the embedded engine cannot hold {data.row_count} rows: {fault}",
            "free space for temporary files",
            code="disk",
        ) from None
    columns = max(len(sink.source_columns), len(sink.columns))
    return Execution(data.strategy, data.row_count, columns, sought, _run(sink, sought))


def _seek(data: Dataset, sink: Sink) -> Sought:
    """Grow the data set once, into the databases and through the oracle."""
    before, wanted = Tally(sink.kinds), Tally(sink.kinds)
    source_count = changed = deleted = inserted = 0
    shown: list[list[Row]] = [[], [], []]
    keys = expected(data)
    with sink.filling() as fill:
        while chunk := list(islice(keys, CHUNK)):
            tables = (
                [row for key, _ in chunk for row in key.source],
                [row for key, _ in chunk for row in key.before],
                [row for _, after in chunk for row in after],
            )
            fill(tables[0], tables[1])
            before.add(tables[1])
            wanted.add(tables[2])
            source_count += len(tables[0])
            changed += sum(bool(key.before and after and list(key.before) != after) for key, after in chunk)
            deleted += sum(bool(key.before and not after) for key, after in chunk)
            inserted += sum(bool(after and not key.before) for key, after in chunk)
            for some, rows in zip(shown, tables, strict=True):
                some += [row for row in rows if row[ID] <= SAMPLE_KEYS]
    samples = {
        "source_rows": _sample(stored(shown[0], sink.source_kinds), sink.source_columns),
        "target_before": _sample(stored(shown[1], sink.kinds), sink.columns),
        "expected_rows": _sample(stored(shown[2], sink.kinds), sink.columns),
    }
    return Sought(source_count, before.measure(), wanted.measure(), changed, deleted, inserted, samples)


def _run(sink: Sink, sought: Sought) -> Found:
    try:
        sink.load(commit=False)
        abort = Control(ABORT, "rollback" if sink.measure() == sought.before else "")
        sink.load(commit=True)
        actual = sink.measure()
        controls = [Control(name, _noticed(sink.measure_with_fault(name), sought.expected)) for name in FAULTS]
        sample = _sample(sink.rows_up_to(SAMPLE_KEYS), sink.columns)
        return Found(actual, sink.duplicate_keys(), (*controls, abort), sample)
    except (sqlite3.Error, TypeError, ValueError) as problem:
        return Found(NOTHING, 0, (), [], type(problem).__name__)


def _noticed(found: Measure, wanted: Measure) -> str:
    if found.count != wanted.count:
        return "row_count"
    return "checksum" if found.checksum != wanted.checksum else ""


def _sample(rows: Iterable[Row], columns: Sequence[str]) -> list[dict[str, Any]]:
    """The first rows by key as JSON objects, values as SQLite keeps them."""
    chosen = sorted(rows, key=lambda row: (row[ID], str(row)))
    return [dict(zip(columns, row, strict=True)) for row in chosen[:SAMPLE]]
