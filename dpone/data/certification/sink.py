"""The embedded systems: a SQLite source, a SQLite sink, and one load from the first into the second."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from dpone.data.certification.checksum import Kind, Measure, Tally, stored
from dpone.data.certification.dataset import (
    CHANGE_COLUMNS,
    CHANGE_KINDS,
    COLUMNS,
    HISTORY_COLUMNS,
    HISTORY_KINDS,
    KINDS,
    PARAMETER_KINDS,
    Dataset,
    Row,
)
from dpone.data.certification.strategies import STRATEGIES, Strategy

_TABLE = (
    "id INTEGER NOT NULL, business_date TEXT NOT NULL, name TEXT, amount INTEGER, updated_at INTEGER NOT NULL, "
    "active INTEGER NOT NULL, xmin INTEGER NOT NULL"
)
_HISTORY = ", valid_from INTEGER NOT NULL, valid_to INTEGER, is_current INTEGER NOT NULL"
_CHANGES = ", op TEXT NOT NULL, seq INTEGER NOT NULL"

_DAYS = "CAST(julianday({0}) - 2440587.5 AS INTEGER)"
"""Days since 1970-01-01, which is the Julian day 2440587.5."""

CHUNK = 5_000
"""Rows that are held at a time."""

FAULTS = {
    "row_dropped": ("DELETE FROM probe WHERE rowid = (SELECT max(rowid) FROM probe)",),
    "value_flipped": ("UPDATE probe SET active = 1 - active WHERE rowid = (SELECT min(rowid) FROM probe)",),
    "key_duplicated": (
        "INSERT INTO probe SELECT * FROM probe WHERE rowid = (SELECT min(rowid) FROM probe)",
        "DELETE FROM probe WHERE rowid = (SELECT max(rowid) - 1 FROM probe) AND (SELECT count(*) FROM probe) > 2",
    ),
}
"""Faults put into a copy of a finished target that has no constraint, so that only the comparison can see
them. A duplicated key takes the place of another row, so that the row count alone does not show it."""


Fill = Callable[[Sequence[Row], Sequence[Row]], None]
"""Takes rows of the source and rows of the target before the load."""


class Sink:
    """The two databases of one execution, in `folder`; `sql` are the statements of its strategy. Whatever
    runs them may raise `sqlite3.Error`."""

    def __init__(self, folder: Path, data: Dataset, sql: Sequence[str]) -> None:
        self._path, self._source = folder / "sink.db", folder / "source.db"
        self._data, self._sql = data, sql
        self._plan: Strategy = STRATEGIES[data.strategy]
        self.columns = COLUMNS + HISTORY_COLUMNS if self._plan.history else COLUMNS
        self.kinds: tuple[Kind, ...] = KINDS + HISTORY_KINDS if self._plan.history else KINDS
        self.source_columns = COLUMNS + CHANGE_COLUMNS if self._plan.changes else COLUMNS
        self.source_kinds: tuple[Kind, ...] = KINDS + CHANGE_KINDS if self._plan.changes else KINDS

    @contextmanager
    def filling(self) -> Iterator[Fill]:
        """Make the source and the target and fill them, as they are before the load."""
        with _open(self._source) as source, _open(self._path) as sink:
            source.execute(f"CREATE TABLE rows ({_TABLE}{_CHANGES if self._plan.changes else ''})")
            sink.execute(f"CREATE TABLE target ({_TABLE}{_HISTORY if self._plan.history else ''})")

            def fill(rows: Sequence[Row], before: Sequence[Row]) -> None:
                _copy(source, "rows", stored(rows, self.source_kinds), self.source_columns)
                _copy(sink, "target", stored(before, self.kinds), self.columns)

            yield fill
            if self._plan.key:
                sink.execute(f"CREATE UNIQUE INDEX target_key ON target ({', '.join(self._plan.key)})")
            source.execute("COMMIT")
            sink.execute("COMMIT")

    def load(self, *, commit: bool) -> None:
        """Extract the source into a staging table and apply the strategy, all in one transaction; without
        `commit` the connection is lost after the last statement."""
        given = self._data.parameters
        kept = stored([tuple(given.values())], [PARAMETER_KINDS[name] for name in given])
        values = dict(zip(given, *kept, strict=True)) if given else {}
        with _open(self._path) as sink, _open(self._source) as source:
            sink.execute(f"CREATE TABLE stage ({_TABLE}{_CHANGES if self._plan.changes else ''})")
            # Newest first: a strategy that relies on the order of arrival is found out.
            _copy(sink, "stage", source.execute("SELECT * FROM rows ORDER BY rowid DESC"), self.source_columns)
            sink.execute("CREATE INDEX stage_key ON stage (id)")
            for statement in self._sql:
                sink.execute(statement, values)
            sink.execute("DROP TABLE stage")
            if commit:
                sink.execute("COMMIT")

    def measure(self) -> Measure:
        """Count and checksum of what the target holds."""
        with _open(self._path) as sink:
            return _measure(sink, "target", self.columns, self.kinds)

    def measure_with_fault(self, name: str) -> Measure:
        """Count and checksum of a copy of the target with one of `FAULTS` in it."""
        with _open(self._path) as sink:
            sink.execute(f"CREATE TEMP TABLE probe AS SELECT {', '.join(self.columns)} FROM target")  # noqa: S608 - own names
            for statement in FAULTS[name]:
                sink.execute(statement)
            return _measure(sink, "probe", self.columns, self.kinds)

    def duplicate_keys(self) -> int:
        """Keys that stand in the target more than once; 0 for strategies that promise no key."""
        if not self._plan.key:
            return 0
        keys = ", ".join(self._plan.key)
        with _open(self._path) as sink:
            query = f"SELECT count(*) FROM (SELECT 1 FROM target GROUP BY {keys} HAVING count(*) > 1)"  # noqa: S608 - own names
            return int(sink.execute(query).fetchone()[0])

    def rows_up_to(self, key: int) -> list[Row]:
        """The rows of the target with keys up to `key`, in no particular order."""
        with _open(self._path) as sink:
            return list(_select(sink, f"target WHERE id <= {key:d}", self.columns))


@contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection in a transaction that is rolled back unless the caller commits it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA temp_store = FILE")
        connection.execute("BEGIN")
        yield connection


def _copy(database: sqlite3.Connection, table: str, rows: Iterable[Row], columns: Sequence[str]) -> None:
    database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", rows)  # noqa: S608 - own names


def _select(database: sqlite3.Connection, table: str, columns: Sequence[str]) -> Iterable[Row]:
    return database.execute(f"SELECT {', '.join(columns)} FROM {table}")  # noqa: S608 - own names


def _measure(
    database: sqlite3.Connection, table: str, columns: Sequence[str], kinds: Sequence[Kind]
) -> Measure:
    """Count and checksum of a table, each row's text made by the engine itself, so that it does not share
    with the oracle what turns values into text."""
    fields = [_DAYS.format(name) if kind == "date" else name for name, kind in zip(columns, kinds, strict=True)]
    text = " || ".join(f"coalesce(length({field}) || ':' || {field}, '-')" for field in fields)
    rows = database.execute(f"SELECT {text} FROM {table}")  # noqa: S608 - own names
    tally = Tally(kinds)
    while chunk := rows.fetchmany(CHUNK):
        tally.add_texts([row for (row,) in chunk])
    return tally.measure()
