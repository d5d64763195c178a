"""Typed readers over parsed JSON: what a collector asks for is there and of its type, or `Invalid`.

Used instead of a modelling library because every gate pays its import.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from dpone.canonical import MAX_INTEGER
from dpone.evidence.model import Document, Invalid
from dpone.workspace import read_time

LISTED = 100
"""How many elements of one class the facts list; totals stand beside the list."""

_NAMES = {
    dict: "an object",
    list: "an array",
    str: "text",
    bool: "a boolean",
    int: "a number",
    float: "a number",
}


class Field:
    """One value of a document and the RFC 6901 pointer that leads to it."""

    __slots__ = ("pointer", "value")

    def __init__(self, value: Any, pointer: str = "") -> None:
        self.value, self.pointer = value, pointer

    def at(self, key: str) -> Field:
        """The required member `key` of an object."""
        members = self.object()
        if key not in members:
            raise Invalid("wrong_shape", f"{self._where()} has no {key!r}", self.pointer)
        return self._child(key, members[key])

    def get(self, key: str) -> Field | None:
        """The member `key` of an object, or None when it is absent or null."""
        value = self.object().get(key)
        return None if value is None else self._child(key, value)

    def object(self) -> dict[str, Any]:
        """The value as an object."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        return self.value

    def array(self) -> list[Field]:
        """The elements of an array."""
        if not isinstance(self.value, list):
            raise self.wrong("an array")
        return [Field(value, f"{self.pointer}/{i}") for i, value in enumerate(self.value)]

    def members(self) -> list[tuple[str, Field]]:
        """The members of an object, in the document's order."""
        return [(key, self._child(key, value)) for key, value in self.object().items()]

    def text(self) -> str:
        """The value as text."""
        if not isinstance(self.value, str):
            raise self.wrong("text")
        return self.value

    def boolean(self) -> bool:
        """The value as true or false."""
        if not isinstance(self.value, bool):
            raise self.wrong("true or false")
        return self.value

    def integer(self, least: int = -MAX_INTEGER) -> int:
        """The value as an integer from `least` to 2**53 - 1. Booleans are not integers; 3.0 is not either."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.wrong("an integer")
        if not least <= self.value <= MAX_INTEGER:
            raise Invalid("bad_number", f"{self._where()} is out of range", self.pointer)
        return self.value

    def count(self) -> int:
        """The value as an integer of at least 0."""
        return self.integer(0)

    def number(self) -> int | float:
        """The value as a finite number in the form the canonical input allows (see `plain_number`)."""
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            raise self.wrong("a number")
        return plain_number(self.value, self.pointer)

    def choice(self, allowed: Iterable[str]) -> str:
        """The value as one of the texts `allowed`; an unknown one has no known meaning and is refused."""
        text = self.text()
        if text not in allowed:
            raise Invalid(
                "unknown_value", f"{self._where()} is {text[:60]!r}, which has no known meaning", self.pointer
            )
        return text

    def instant(self) -> datetime:
        """The value as an RFC 3339 time with its offset, in UTC."""
        found = read_time(self.text())
        if found is None:
            raise Invalid("wrong_shape", f"{self._where()} is not a time with an offset", self.pointer)
        return found

    def wrong(self, wanted: str) -> Invalid:
        """The error for a value of another type than `wanted`."""
        found = "null" if self.value is None else _NAMES.get(type(self.value), "something else")
        return Invalid("wrong_shape", f"{self._where()} is {found}, not {wanted}", self.pointer)

    def _where(self) -> str:
        return self.pointer or "the document"

    def _child(self, key: str, value: Any) -> Field:
        return Field(value, f"{self.pointer}/{key.replace('~', '~0').replace('/', '~1')}")


def plain_number(value: float, pointer: str = "") -> int | float:
    """`value` as the canonical input carries it: an integer within 2**53 - 1, or a float of at most
    15 significant digits. Raises `Invalid` for what fits neither: infinity, NaN and subnormal numbers included."""
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise Invalid("bad_number", f"{pointer or 'a number'} is out of range", pointer)
        return value
    rounded = float(f"{value:.15g}")  # the largest doubles round to infinity
    if not math.isfinite(rounded):
        raise Invalid("bad_number", f"{pointer or 'a number'} is not finite", pointer)
    if 0 < abs(rounded) < sys.float_info.min:  # the embedded engine cannot read subnormal numbers
        raise Invalid("bad_number", f"{pointer or 'a number'} is too close to 0", pointer)
    return rounded


def percent_down(part: int, whole: int) -> float:
    """`part` of `whole` in percent, cut to two decimals, never rounded up: for what has a minimum."""
    return (part * 10_000 // whole) / 100 if whole else 0.0


def percent_up(part: int, whole: int) -> float:
    """`part` of `whole` in percent, two decimals, never rounded down: for what has a maximum."""
    return -(-part * 10_000 // whole) / 100 if whole else 0.0


def names_text(names: list[str], shown: int = 5) -> str:
    """Names for one line: ``a, b, c and 4 more``."""
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {more} more" if more > 0 else "")


def plural(count: int, noun: str) -> str:
    """``1 test``, ``2 tests``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def is_list_of(document: Document, keys: frozenset[str]) -> bool:
    """Whether a JSON document is a list of objects that all have these keys; so is an empty list, which
    several tools write."""
    root = document.root
    if document.syntax != "json" or not isinstance(root, list):
        return False
    return all(isinstance(each, dict) and set(each) >= keys for each in root)
