"""Run one strategy for real in SQLite, hold it against the oracle, and try to fool the comparison."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from dpone.data.certification.checksum import Kind, Measure, measure, stored
from dpone.data.certification.dataset import (
    CHANGE_COLUMNS,
    CHANGE_KINDS,
    COLUMNS,
    HISTORY_COLUMNS,
    HISTORY_KINDS,
    ID,
    KINDS,
    PARAMETER_KINDS,
    Dataset,
    Row,
    build,
)
from dpone.data.certification.oracle import expected
from dpone.data.certification.strategies import STRATEGIES, Strategy, statements
from dpone.record import dataclass

SAMPLE = 18
"""Sample rows of each table in a behaviour file."""

_COLUMNS = (
    "id INTEGER NOT NULL, business_date TEXT NOT NULL, name TEXT, amount INTEGER, updated_at INTEGER NOT NULL, "
    "active INTEGER NOT NULL, xmin INTEGER NOT NULL"
)
_VALIDITY = ", valid_from INTEGER NOT NULL, valid_to INTEGER, is_current INTEGER NOT NULL"
_CHANGE = ", op TEXT NOT NULL, seq INTEGER NOT NULL"

CONTROLS = {
    "row_dropped": ("DELETE FROM target WHERE rowid = (SELECT max(rowid) FROM target)",),
    "value_flipped": ("UPDATE target SET amount = amount + 1 WHERE rowid = (SELECT min(rowid) FROM target)",),
    "key_duplicated": (
        "INSERT INTO target SELECT * FROM target WHERE rowid = (SELECT min(rowid) FROM target)",
        "DELETE FROM target WHERE rowid = (SELECT max(rowid) - 1 FROM target) AND (SELECT count(*) FROM target) > 2",
    ),
}
"""Faults put into a finished target, each of which the comparison must see. A duplicated key takes the place
of another row, so that the row count alone would not show it."""

ROLLBACK = "abort_rolled_back"


@dataclass(frozen=True)
class Control:
    """One attempt to fool the comparison: `seen_by` constraint, row_count or checksum, empty when nobody
    noticed. For `abort_rolled_back`, rollback when the target was as before."""

    name: str
    seen_by: str


@dataclass(frozen=True)
class Execution:
    """What running a strategy gave. `changed` keys are in the target before and after with other values,
    `deleted` ones only before, `inserted` ones only after; `error` is the class of an engine error."""

    strategy: str
    seed: str
    row_count: int
    source_count: int
    before: Measure
    expected: Measure
    actual: Measure
    changed: int
    deleted: int
    inserted: int
    duplicate_keys: int
    controls: tuple[Control, ...]
    samples: dict[str, list[dict[str, Any]]]
    error: str = ""


@dataclass(frozen=True)
class Trial:
    """A strategy with its tables' columns and its rows as SQLite keeps them."""

    plan: Strategy
    sql: tuple[str, ...]
    columns: tuple[str, ...]
    kinds: tuple[Kind, ...]
    before: list[Row]
    source: list[Row]
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What a trial in SQLite gave: the target's rows and measure, duplicate keys, controls, engine error."""

    rows: tuple[Row, ...] = ()
    measure: Measure = Measure(0, "")
    duplicate_keys: int = 0
    controls: tuple[Control, ...] = ()
    error: str = ""


def execute(strategy: str, seed: str, row_count: int) -> Execution:
    """Run `strategy` on the data set grown from `seed` and work out beside it what should come of it."""
    data = build(strategy, seed, row_count)
    trial = prepare(strategy, data)
    wanted = expected(strategy, data)
    before, goal = measure(data.before, trial.kinds), measure(wanted, trial.kinds)
    outcome = attempt(trial, before, goal)
    changed, deleted, inserted = _changes(data.before, wanted)
    return Execution(
        strategy=strategy,
        seed=seed,
        row_count=row_count,
        source_count=len(data.source),
        before=before,
        expected=goal,
        actual=outcome.measure,
        changed=changed,
        deleted=deleted,
        inserted=inserted,
        duplicate_keys=outcome.duplicate_keys,
        controls=outcome.controls,
        samples={
            "source_rows": _sample(trial.source, COLUMNS + CHANGE_COLUMNS if trial.plan.changes else COLUMNS),
            "target_before": _sample(trial.before, trial.columns),
            "expected_rows": _sample(_stored(wanted, trial.kinds), trial.columns),
            "actual_rows": _sample(outcome.rows, trial.columns),
        },
        error=outcome.error,
    )


def attempt(trial: Trial, before: Measure, goal: Measure) -> Outcome:
    """Run a trial twice, first aborted before its commit, then for real, and put the faults of the negative
    controls into its result. `before` and `goal` are what the target measures before and should after."""
    with tempfile.TemporaryDirectory(prefix="dpone-certification-") as folder:
        path = Path(folder) / "sink.db"
        try:
            _create(path, trial)
            rollback = _abort(path, trial, before)
            with _open(path) as sink:
                _load(sink, trial)
                sink.execute("COMMIT")
                rows = tuple(_rows(sink, trial))
                return Outcome(
                    rows,
                    measure(rows, trial.kinds),
                    _duplicates(sink, trial.plan),
                    (*(_control(sink, name, trial, goal) for name in CONTROLS), rollback),
                )
        except (sqlite3.Error, TypeError, ValueError) as problem:
            return Outcome(error=type(problem).__name__)


def prepare(strategy: str, data: Dataset) -> Trial:
    """The trial of a strategy on a data set: its SQL, and the rows in the form SQLite keeps."""
    plan = STRATEGIES[strategy]
    kinds = KINDS + HISTORY_KINDS if plan.history else KINDS
    staged = KINDS + CHANGE_KINDS if plan.changes else KINDS
    values = {name: stored(PARAMETER_KINDS[name], value) for name, value in data.parameters.items()}
    return Trial(
        plan,
        statements(strategy),
        COLUMNS + HISTORY_COLUMNS if plan.history else COLUMNS,
        kinds,
        _stored(data.before, kinds),
        _stored(data.source, staged),
        values,
    )


@contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        yield connection


def _create(path: Path, trial: Trial) -> None:
    with _open(path) as sink:
        sink.execute("BEGIN")
        sink.execute(f"CREATE TABLE target ({_COLUMNS}{_VALIDITY if trial.plan.history else ''})")
        _insert(sink, "target", trial.before)
        if trial.plan.key:
            sink.execute(f"CREATE UNIQUE INDEX target_key ON target ({', '.join(trial.plan.key)})")
        sink.execute("COMMIT")


def _load(sink: sqlite3.Connection, trial: Trial) -> None:
    """Begin a transaction, stage the source rows and apply the strategy; the caller commits."""
    sink.execute("BEGIN")
    sink.execute(f"CREATE TABLE stage ({_COLUMNS}{_CHANGE if trial.plan.changes else ''})")
    _insert(sink, "stage", trial.source)
    sink.execute("CREATE INDEX stage_key ON stage (id)")
    for statement in trial.sql:
        sink.execute(statement, trial.parameters)
    sink.execute("DROP TABLE stage")


def _abort(path: Path, trial: Trial, before: Measure) -> Control:
    """Lose the connection between load and commit: the target must be what it was."""
    with _open(path) as sink:
        _load(sink, trial)
    with _open(path) as sink:
        unharmed = measure(_rows(sink, trial), trial.kinds) == before
    return Control(ROLLBACK, "rollback" if unharmed else "")


def _control(sink: sqlite3.Connection, name: str, trial: Trial, goal: Measure) -> Control:
    sink.execute("BEGIN")
    try:
        for statement in CONTROLS[name]:
            sink.execute(statement)
        found = measure(_rows(sink, trial), trial.kinds)
    except sqlite3.IntegrityError:
        return Control(name, "constraint")
    finally:
        sink.execute("ROLLBACK")
    if found.count != goal.count:
        return Control(name, "row_count")
    return Control(name, "checksum" if found.checksum != goal.checksum else "")


def _duplicates(sink: sqlite3.Connection, plan: Strategy) -> int:
    if not plan.key:
        return 0
    keys = ", ".join(plan.key)
    query = f"SELECT count(*) FROM (SELECT 1 FROM target GROUP BY {keys} HAVING count(*) > 1)"  # noqa: S608 - own names
    return int(sink.execute(query).fetchone()[0])


def _rows(sink: sqlite3.Connection, trial: Trial) -> Iterable[Row]:
    return sink.execute(f"SELECT {', '.join(trial.columns)} FROM target ORDER BY rowid")  # noqa: S608 - own names


def _insert(sink: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    if rows:
        places = ", ".join("?" * len(rows[0]))
        sink.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608 - own names


def _stored(rows: Sequence[Row], kinds: Sequence[Kind]) -> list[Row]:
    columns = zip(*rows, strict=True)
    converted = [
        [stored(kind, value) for value in column] for kind, column in zip(kinds, columns, strict=False)
    ]
    return list(zip(*converted, strict=True))


def _changes(before: Iterable[Row], after: Iterable[Row]) -> tuple[int, int, int]:
    """How many keys changed, vanished and appeared."""
    old, new = _by_key(before), _by_key(after)
    changed = sum(old[key] != new[key] for key in old.keys() & new.keys())
    return changed, len(old.keys() - new.keys()), len(new.keys() - old.keys())


def _by_key(rows: Iterable[Row]) -> dict[int, list[Row]]:
    table: dict[int, list[Row]] = {}
    for row in rows:
        table.setdefault(row[ID], []).append(row)
    return table


def _sample(rows: Iterable[Row], columns: Sequence[str]) -> list[dict[str, Any]]:
    """The first rows by key as JSON objects."""
    chosen = sorted(rows, key=lambda row: (row[ID], str(row)))
    return [dict(zip(columns, row, strict=True)) for row in chosen[:SAMPLE]]
