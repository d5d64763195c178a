"""A document as its leaves: each with its place, its type and its value; nothing is rounded or converted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from typing import Any

from dpone.canonical import MAX_DEPTH, JsonProblem
from dpone.config.flat_paths import index_step, joined, key_step, member_step
from dpone.record import dataclass

MAX_PATHS = 250_000
MAX_PATH_LENGTH = 1_000
MAX_EXPONENT = 300
"""Numbers beyond what a double can span are refused: tools would read infinity or zero."""

__all__ = ["MAX_DEPTH", "Flat", "Leaf", "Problem", "flatten"]


class Problem(JsonProblem):
    """A configuration that cannot be compared; `reason` is a stable code."""


@dataclass(frozen=True)
class Leaf:
    """A value that holds no other: `steps` lead to it as they are shown, `keys` as they stand (texts and
    positions). `type` is text, integer, fraction, boolean, null, date, empty object or empty list; `value`
    is str, int, Decimal, bool or None, and for dates their RFC 3339 text."""

    steps: tuple[str, ...]
    keys: tuple[str | int, ...]
    type: str
    value: Any


@dataclass(frozen=True)
class Flat:
    """The leaves of a document by the text of their place, in the order of the document."""

    form: str
    leaves: dict[str, Leaf]


Step = tuple[str, str | int, Any]


def flatten(root: Any, form: str, lists: str) -> Flat:
    """The leaves of an object or list. `lists` is `position`, or `key:NAME`: then lists whose members are
    objects go by the text or whole number under NAME. Raises `Problem`."""
    name = lists.partition(":")[2]
    leaves: dict[str, Leaf] = {}
    stack: list[tuple[str, tuple[str, ...], tuple[str | int, ...], Iterator[Step]]] = [
        ("", (), (), _children(root, name, ""))
    ]
    while stack:
        text, steps, keys, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            continue
        step, key, value = child
        place = joined(text, step)
        if len(place) > MAX_PATH_LENGTH:
            raise Problem(
                "path_too_long", f"a place needs more than {MAX_PATH_LENGTH} characters: {place[:80]}..."
            )
        inner_steps, inner_keys = (*steps, step), (*keys, key)
        if isinstance(value, (dict, list)) and value:
            if len(stack) >= MAX_DEPTH:
                raise Problem("too_deep", f"nested deeper than {MAX_DEPTH} levels")
            stack.append((place, inner_steps, inner_keys, _children(value, name, place)))
            continue
        if len(leaves) == MAX_PATHS:
            raise Problem("too_many_paths", f"more than {MAX_PATHS} values; compare it in parts")
        leaves[place] = Leaf(inner_steps, inner_keys, *_typed(value, place))
    return Flat(form, leaves)


def _children(value: Any, name: str, place: str) -> Iterator[Step]:
    if isinstance(value, dict):
        return ((key_step(key), key, inner) for key, inner in value.items())
    if name and any(isinstance(item, dict) and name in item for item in value):
        return iter(_members(value, name, place))
    return ((index_step(index), index, inner) for index, inner in enumerate(value))


def _members(items: list[Any], name: str, place: str) -> list[Step]:
    seen: dict[str, int] = {}
    members: list[Step] = []
    for index, item in enumerate(items):
        value = item.get(name) if isinstance(item, dict) else None
        if not isinstance(value, (str, int)) or isinstance(value, bool):
            raise Problem("list_key", f"{place or 'the list'}[{index}] has no text or whole number under {name}, by which "
                          "drift.lists compares lists")  # fmt: skip
        step = member_step(name, value)
        if step in seen:
            raise Problem(
                "duplicate_list_key",
                f"{place or 'the list'}[{index}] has the same {name} as member {seen[step]}",
            )
        seen[step] = index
        members.append((step, index, item))
    return members


def _typed(value: Any, place: str) -> tuple[str, Any]:
    if isinstance(value, str):
        return "text", value
    if value is None or isinstance(value, bool):
        return ("null" if value is None else "boolean"), value
    if isinstance(value, int):
        return "integer", value
    if isinstance(value, (float, Decimal)):
        number = value if isinstance(value, Decimal) else Decimal(repr(value))
        if not number.is_finite() or (number and abs(number.adjusted()) > MAX_EXPONENT):
            raise Problem("bad_number", f"{place[:200]} is not a number that tools read alike")
        return "fraction", number
    if isinstance(value, (dict, list)):
        return ("empty object" if isinstance(value, dict) else "empty list"), None
    assert isinstance(value, (date, time))
    return "date", value.isoformat()
