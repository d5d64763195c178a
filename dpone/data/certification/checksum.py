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


@dataclass(frozen=True)
class Measure:
    """How many rows there are and their checksum: four sums of 16 hexadecimal digits each."""

    count: int
    checksum: str


def measure(rows: Iterable[Sequence[Any]], kinds: Sequence[Kind]) -> Measure:
    """Count and sum up `rows`, whose fields have the given `kinds`. Raises `TypeError` for a value that is
    not of its column's kind, such as a float, which has no portable text."""
    sums = [0, 0, 0, 0]
    count = 0
    remaining = iter(rows)
    while chunk := list(islice(remaining, _CHUNK)):
        columns = [_fields(kind, column) for kind, column in zip(kinds, zip(*chunk, strict=True), strict=True)]
        digests = b"".join(
            [
                hashlib.md5("".join(row).encode(), usedforsecurity=False).digest()
                for row in zip(*columns, strict=True)
            ]
        )
        words = struct.unpack(f">{4 * len(chunk)}I", digests)
        sums = [total + sum(words[place::4]) for place, total in enumerate(sums)]
        count += len(chunk)
    return Measure(count, "".join(f"{total % _MODULUS:016x}" for total in sums))


def stored(kind: Kind, value: Any) -> Any:
    """A Python value as an engine without the type keeps it: exact, as integer or text."""
    if value is None:
        return None
    if kind == "decimal2":
        return int(value.scaleb(2)) if isinstance(value, Decimal) else value
    if kind == "timestamp":
        return (value - _EPOCH) // _MICROSECOND if isinstance(value, datetime) else value
    if kind == "date":
        return value.isoformat() if isinstance(value, date) else value
    return int(value) if kind == "boolean" else value


def _fields(kind: Kind, column: Sequence[Any]) -> list[str]:
    text = _TEXTS[kind]
    return ["-" if value is None else f"{len(t := text(value))}:{t}" for value in column]


def _integer(value: Any) -> str:
    if type(value) is not int:
        raise TypeError(f"{value!r} is no integer")
    return str(value)


def _decimal2(value: Any) -> str:
    return _integer(stored("decimal2", value))


def _timestamp(value: Any) -> str:
    return _integer(stored("timestamp", value))


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
