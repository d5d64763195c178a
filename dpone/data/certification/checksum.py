"""The checksum that is the same on every engine and in every order of rows.

Each value becomes a canonical text by the kind of its column (integers as digits, decimals scaled to
integers, timestamps as microseconds and dates as days since 1970 in UTC, booleans 1 or 0, text as it
is); a field is ``length:text`` in characters, NULL is ``-``; the MD5 of a row's fields is read as four
32-bit words, and each word is summed over all rows. It finds accidents, not an adversary.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any, Literal

from dpone.record import dataclass

Kind = Literal["integer", "decimal2", "text", "date", "timestamp", "boolean"]

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_MODULUS = 1 << 64
_CHUNK = 20_000
_WHOLE = frozenset({"integer", "decimal2", "timestamp"})
"""Kinds that an engine without types keeps as whole numbers: the common case, and worth a short way."""


@dataclass(frozen=True)
class Measure:
    """How many rows there are and their checksum: four sums of 16 hexadecimal digits each."""

    count: int
    checksum: str


class Tally:
    """A measure in the making, for rows that come in pieces and in any order."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self._kinds = tuple(kinds)
        self._waiting: list[Sequence[Any]] = []
        self._sums = [0, 0, 0, 0]
        self._count = 0

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Take rows into account. Raises `TypeError`, here or from `measure`, for a value that is not of its
        column's kind, such as a float, which has no portable text."""
        self._waiting += rows
        if len(self._waiting) >= _CHUNK:
            self._flush()

    def measure(self) -> Measure:
        """The measure of the rows so far."""
        self._flush()
        return Measure(self._count, "".join(f"{total % _MODULUS:016x}" for total in self._sums))

    def add_texts(self, texts: Sequence[str]) -> None:
        """Take rows into account whose fields an engine has put into ``length:text`` itself."""
        digests = b"".join([hashlib.md5(text.encode(), usedforsecurity=False).digest() for text in texts])
        words = struct.unpack(f">{4 * len(texts)}I", digests)
        self._sums = [total + sum(words[place::4]) for place, total in enumerate(self._sums)]
        self._count += len(texts)

    def _flush(self) -> None:
        chunk, self._waiting = self._waiting, []
        if chunk:
            turned = zip(*chunk, strict=True)
            columns = [_fields(kind, column) for kind, column in zip(self._kinds, turned, strict=True)]
            self.add_texts(["".join(row) for row in zip(*columns, strict=True)])


def measure(rows: Iterable[Sequence[Any]], kinds: Sequence[Kind]) -> Measure:
    """Count and sum up `rows`, whose fields have the given `kinds`. Raises `TypeError` as `Tally.add`."""
    tally = Tally(kinds)
    remaining = iter(rows)
    while chunk := list(islice(remaining, _CHUNK)):
        tally.add(chunk)
    return tally.measure()


def stored(rows: Sequence[Sequence[Any]], kinds: Sequence[Kind]) -> list[tuple[Any, ...]]:
    """Rows of Python values as an engine without their types keeps them: exact, as integer or text."""
    if not rows:
        return []
    turned = zip(*rows, strict=True)
    return list(zip(*(_kept(kind, column) for kind, column in zip(kinds, turned, strict=True)), strict=True))


def _kept(kind: Kind, column: Sequence[Any]) -> Sequence[Any]:
    keep = _KEPT.get(kind)
    return column if keep is None else [None if value is None else keep(value) for value in column]


def _fields(kind: Kind, column: Sequence[Any]) -> list[str]:
    types = set(map(type, column))
    if kind in _WHOLE and types <= {int, type(None)}:
        return ["-" if value is None else f"{len(t := str(value))}:{t}" for value in column]
    if kind == "text" and types <= {str, type(None)}:
        return ["-" if value is None else f"{len(value)}:{value}" for value in column]
    text = _TEXTS[kind]
    return ["-" if value is None else f"{len(t := text(value))}:{t}" for value in column]


def _cents(value: Any) -> Any:
    return int(value.scaleb(2)) if isinstance(value, Decimal) else value


def _microseconds(value: Any) -> Any:
    return (value - _EPOCH) // _MICROSECOND if isinstance(value, datetime) else value


def _day(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _integer(value: Any) -> str:
    if type(value) is not int:
        raise TypeError(f"{value!r} is no integer")
    return str(value)


def _decimal2(value: Any) -> str:
    return _integer(_cents(value))


def _timestamp(value: Any) -> str:
    return _integer(_microseconds(value))


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError(f"{value!r} is no text")
    return value


@lru_cache(maxsize=10_000)
def _date(value: Any) -> str:
    day = value if isinstance(value, date) else date.fromisoformat(_text(value))
    return str(day.toordinal() - _EPOCH_DAY)


def _boolean(value: Any) -> str:
    if type(value) not in (bool, int) or value not in (0, 1):
        raise TypeError(f"{value!r} is no boolean")
    return "1" if value else "0"


_TEXTS: dict[Kind, Callable[[Any], str]] = {
    "integer": _integer,
    "decimal2": _decimal2,
    "text": _text,
    "date": _date,
    "timestamp": _timestamp,
    "boolean": _boolean,
}

_KEPT: dict[Kind, Callable[[Any], Any]] = {
    "boolean": int,
    "date": _day,
    "decimal2": _cents,
    "timestamp": _microseconds,
}
