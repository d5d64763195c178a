"""Synthetic data, the same for the same seed on every machine and every Python.

Every strategy gets what makes it hard: new, changed, unchanged and vanished rows, NULLs and odd texts,
a row exactly at the watermark, replayed and repeated changes, transaction ids that wrap around.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import Any

from dpone.data.certification.checksum import Kind
from dpone.record import dataclass

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


@dataclass(frozen=True)
class Dataset:
    """What a strategy starts from: the rows of the source (for `cdc` change events, with op and seq behind
    the columns), the rows of the target before, and the strategy's parameters."""

    source: tuple[Row, ...]
    before: tuple[Row, ...]
    parameters: Mapping[str, Any]


def build(strategy: str, seed_text: str, row_count: int) -> Dataset:
    """The data set of a strategy with `row_count` keys in the source, grown from `seed_text`."""
    seed = int.from_bytes(hashlib.sha256(seed_text.encode()).digest()[:8], "big")
    row = partial(_row, seed)
    ids = range(1, row_count + 1)
    gone = range(row_count + 1, row_count + row_count // 20 + DAYS + 1)
    before = tuple(row(i, 0) for i in (*(i for i in ids if not _is_new(i)), *gone))
    source = tuple(row(i, 1 if _is_new(i) or i % 5 == 0 else 0) for i in ids)
    watermark = max(r[UPDATED_AT] for r in before)
    if strategy == "append":
        return Dataset(tuple(r for r in source if r[UPDATED_AT] > watermark), before, {})
    if strategy in ("incremental_append", "incremental_merge"):
        again = tuple(row(i, 2) for i in ids if i % 50 == 0) if strategy == "incremental_merge" else ()
        return Dataset((*again, *source, before[-1]), before, {"watermark": watermark})
    if strategy == "xmin":
        return Dataset(source, before, {"last_xmin": (FIRST_XMIN + 199) % XID_MODULUS})
    if strategy == "cdc":
        return Dataset(tuple(_changes(row, ids)), before, {"applied_seq": 0})
    if strategy == "partition_replace":
        kept = tuple(row(i, 1) for i in ids if i % 10 != 3 and i % DAYS in (1, 2))
        return Dataset(kept, before, {})
    if strategy == "backfill":
        days = {"first": FIRST_DAY + timedelta(2), "last": FIRST_DAY + timedelta(4)}
        return Dataset(tuple(row(i, 1) for i in ids if i % 10 != 3), before, days)
    if strategy == "scd2":
        return Dataset(source, tuple(_history(row, before)), {"loaded_at": START + timedelta(days=30)})
    return Dataset(source, before, {})


def _is_new(number: int) -> bool:
    return number % 10 == 1


def _row(seed: int, number: int, version: int) -> Row:
    """One version of one key; all versions of a key have the same date, so the same partition."""
    noise = _mixed(seed, number, version)
    name = None if noise % 11 == 0 else f"{_NAMES[noise % len(_NAMES)]}{number % 97 or ''}"
    return (
        number,
        FIRST_DAY + timedelta(number % DAYS),
        name,
        Decimal((noise >> 8) % 2_000_001 - 1_000_000).scaleb(-2),
        START + timedelta(days=version, microseconds=number),
        bool(noise >> 40 & 1),
        (FIRST_XMIN + number % 200 + version * 250) % XID_MODULUS,
    )


def _mixed(seed: int, number: int, version: int) -> int:
    """Well spread 64 bits (the finaliser of SplitMix64), equal on every machine."""
    value = (seed + number * 0x9E3779B97F4A7C15 + version * 0xD1B54A32D192ED03) & _MASK
    value = ((value ^ value >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ value >> 27) * 0x94D049BB133111EB) & _MASK
    return value ^ value >> 31


def _changes(row: Any, ids: range) -> list[Row]:
    """Change events out of order: inserts, updates, deletes, a delete taken back, and replayed old events."""
    events: list[Row] = []
    for i in ids:
        if _is_new(i):
            events += [(*row(i, 1), "I", 4 * i), (*row(i, 2), "U", 4 * i + 1)]
        elif i % 14 == 10:
            events += [(*row(i, 0), "D", 4 * i), (*row(i, 2), "I", 4 * i + 2)]
        elif i % 7 == 3:
            events.append((*row(i, 0), "D", 4 * i))
        elif i % 5 == 0:
            events.append((*row(i, 1), "U", 4 * i))
        elif i % 9 == 0:
            events.append((*row(i, 3), "D", -i))  # applied long ago: must be ignored
    return events[::-1]


def _history(row: Any, current: tuple[Row, ...]) -> list[Row]:
    """Rows with validity: every key has a current version, every third a closed one before it."""
    opened, closed = START, START - timedelta(days=10)
    rows = [(*r, opened, None, True) for r in current]
    rows += [(*row(r[ID], 7), closed, opened, False) for r in current if r[ID] % 3 == 0]
    return rows
