"""Synthetic data, the same for the same strategy and size on every machine and every Python.

Every strategy gets what makes it hard: new, changed, unchanged and vanished rows, NULLs and odd texts,
a row exactly at the watermark, replayed and repeated changes, transaction ids that wrap around. Rows are
grown key by key and never held, so that a million of them need no more memory than ten.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, NamedTuple

from dpone.data.certification.checksum import Kind

Row = tuple[Any, ...]

COLUMNS = ("id", "business_date", "name", "amount", "updated_at", "active", "xmin")
KINDS: tuple[Kind, ...] = ("integer", "date", "text", "decimal2", "timestamp", "boolean", "integer")
ID, BUSINESS_DATE, UPDATED_AT, XMIN = 0, 1, 4, 6

HISTORY_COLUMNS = ("valid_from", "valid_to", "is_current")
HISTORY_KINDS: tuple[Kind, ...] = ("timestamp", "timestamp", "boolean")
CHANGE_COLUMNS = ("op", "seq")
CHANGE_KINDS: tuple[Kind, ...] = ("text", "integer")

PARAMETER_KINDS: dict[str, Kind] = {
    "watermark": "timestamp",
    "last_xmin": "integer",
    "applied_seq": "integer",
    "first": "date",
    "last": "date",
    "loaded_at": "timestamp",
}

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
FIRST_DAY = date(2026, 1, 1)
DAYS = 7
XID_MODULUS = 1 << 32
FIRST_XMIN = XID_MODULUS - 400
"""Just before transaction ids wrap: the newer ones are the smaller numbers."""

_NAMES = ("plain", "", "quote ' and \"", "naïve Ünïcödé 漢字", "two\nlines", "  spaces  ", "%_;--", "NULL")
_MASK = (1 << 64) - 1


class Key(NamedTuple):
    """All rows of one key: in the target before, and in the source, oldest first (for `cdc` change events,
    with op and seq behind the columns)."""

    before: tuple[Row, ...]
    source: tuple[Row, ...]


class Dataset:
    """What a strategy starts from: `row_count` keys in the source, and a target that knows most of them
    and some that are gone."""

    def __init__(self, strategy: str, row_count: int) -> None:
        self.strategy, self.row_count = strategy, row_count
        self._seed = int.from_bytes(hashlib.sha256(strategy.encode()).digest()[:8], "big")
        # A key that is not new, and not changed either: its row in the source is the watermark's own.
        self._edge = row_count - 1 if _is_new(row_count) else row_count

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The strategy's own parameters, as an operator or a state store would give them."""
        return {
            "incremental_append": {"watermark": self._row(self._edge, 0)[UPDATED_AT]},
            "incremental_merge": {"watermark": self._row(self._edge, 0)[UPDATED_AT]},
            "xmin": {"last_xmin": (FIRST_XMIN + 199) % XID_MODULUS},
            "cdc": {"applied_seq": 0},
            "backfill": {"first": FIRST_DAY + timedelta(2), "last": FIRST_DAY + timedelta(4)},
            "scd2": {"loaded_at": START + timedelta(days=30)},
        }.get(self.strategy, {})

    def each_key(self) -> Iterator[Key]:
        """Every key with its rows, by ascending id."""
        for number in range(1, self.row_count + 1):
            before = () if _is_new(number) else self._before(number)
            yield Key(before, tuple(self._source(number)))
        for number in range(self.row_count + 1, self.row_count + self.row_count // 20 + DAYS + 1):
            yield Key(self._before(number), ())

    def _before(self, number: int) -> tuple[Row, ...]:
        row = self._row(number, 0)
        if self.strategy != "scd2":
            return (row,)
        opened, closed = START, START - timedelta(days=10)
        older = [(*self._row(number, 7), closed, opened, False)] if number % 3 == 0 else []
        return (*older, (*row, opened, None, True))

    def _source(self, number: int) -> Iterator[Row]:
        changed = _is_new(number) or (number % 5 == 0 and number != self._edge)
        if self.strategy == "cdc":
            yield from self._changes(number)
        elif self.strategy == "append":
            if changed:
                yield self._row(number, 1)
        elif self.strategy == "partition_replace":
            if number % 10 != 3 and number % DAYS in (1, 2):
                yield self._row(number, 1)
        elif self.strategy == "backfill":
            if number % 10 != 3:
                yield self._row(number, 1)
        else:
            yield self._row(number, 1 if changed else 0)
            if self.strategy == "incremental_merge" and number % 50 == 0:
                yield self._row(number, 2)

    def _changes(self, number: int) -> Iterator[Row]:
        """Change events: inserts, updates, deletes, a delete taken back, and replayed old events."""
        seq = 4 * number
        if _is_new(number):
            yield (*self._row(number, 1), "I", seq)
            yield (*self._row(number, 2), "U", seq + 1)
        elif number % 14 == 10:
            yield (*self._row(number, 0), "D", seq)
            yield (*self._row(number, 2), "I", seq + 2)
        elif number % 7 == 3:
            yield (*self._row(number, 0), "D", seq)
        elif number % 5 == 0:
            yield (*self._row(number, 1), "U", seq)
        elif number % 9 == 0:
            yield (*self._row(number, 3), "D", -number)  # applied long ago: must be ignored

    def _row(self, number: int, version: int) -> Row:
        """One version of one key; all versions of a key have the same date, so the same partition."""
        noise = _mixed(self._seed, number, version)
        name = None if noise % 11 == 0 else f"{_NAMES[noise % len(_NAMES)]}{number % 97 or ''}"
        order = number if number <= self.row_count else 0
        return (
            number,
            FIRST_DAY + timedelta(number % DAYS),
            name,
            Decimal((noise >> 8) % 2_000_001 - 1_000_000).scaleb(-2),
            START + timedelta(version, 0, order),
            bool(noise >> 40 & 1),
            (FIRST_XMIN + number % 200 + version * 250) % XID_MODULUS,
        )


def _is_new(number: int) -> bool:
    return number % 10 == 1


def _mixed(seed: int, number: int, version: int) -> int:
    """Well spread 64 bits (the finaliser of SplitMix64), equal on every machine."""
    value = (seed + number * 0x9E3779B97F4A7C15 + version * 0xD1B54A32D192ED03) & _MASK
    value = ((value ^ value >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ value >> 27) * 0x94D049BB133111EB) & _MASK
    return value ^ value >> 31
