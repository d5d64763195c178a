"""Strict reading of what people write by hand: known keys only, numbers that mean what their text says.

Everything raises `UsageError` with the place, what stands there and what to write instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any, Literal

from dpone.canonical import MAX_INTEGER, JsonProblem, parse_json
from dpone.errors import UsageError

Relation = Literal["below", "equal", "above", "none"]

MAX_EXPONENT = 300

_FIFTEEN_DIGITS = Context(prec=15)


def parse_exact(data: bytes, where: str) -> Any:
    """Parse strict JSON, every fraction as a `Decimal` with the digits it was written with.

    Raises `UsageError` naming `where` when the text is not one JSON value (see `parse_json`).
    """
    try:
        parse_json(data)
        return json.loads(data, parse_float=Decimal)
    except JsonProblem as problem:
        raise UsageError(f"{where}: {problem}", "give one strict JSON value") from None


def parse_documents(data: bytes, where: str) -> list[Any]:
    """The documents of strict JSON (one, as `parse_exact` reads it) or of strict YAML (one or several).

    Raises `UsageError` naming `where`.
    """
    from dpone.strict_yaml import YamlProblem, parse_yaml_documents

    if data.lstrip()[:1] in (b"{", b"[", b'"'):
        return [parse_exact(data, where)]
    try:
        return parse_yaml_documents(data)
    except YamlProblem as problem:
        raise UsageError(f"{where}: {problem}", "give strict JSON or YAML") from None


def exact(value: Any) -> int | Decimal | None:
    """The number `value` stands for, or None when it is not a finite number (a boolean is none).

    A float means the shortest decimal text that reads back as it, which is what JSON showed.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    number = Decimal(repr(value)) if isinstance(value, float) else value
    return number if isinstance(number, Decimal) and number.is_finite() else None


def relation(actual: int | Decimal | Fraction, limit: int | Decimal | Fraction) -> Relation:
    """How `actual` stands to `limit`, compared without rounding."""
    left, right = Fraction(actual), Fraction(limit)
    if left == right:
        return "equal"
    return "below" if left < right else "above"


def json_number(value: int | Decimal) -> int | float:
    """`value` as canonical JSON can carry it: whole numbers within 2**53 - 1 exactly, all others
    rounded to 15 significant digits. Comparisons are made on the exact value, never on this one."""
    if isinstance(value, int) and abs(value) <= MAX_INTEGER:
        return value
    rounded = _FIFTEEN_DIGITS.create_decimal(value)
    if abs(rounded) <= MAX_INTEGER and rounded == int(rounded):
        return int(rounded)
    return float(rounded)


def number(value: Any, where: str) -> int | Decimal:
    """`value` as an exact number within what a double can span, else `UsageError`."""
    result = exact(value)
    if result is None or (result and abs(Decimal(result).adjusted()) > MAX_EXPONENT):
        raise UsageError(
            f"{where} is {shown(value)}, not a number", "write a finite JSON number without quotes"
        )
    return result


def whole(value: Any, where: str) -> int:
    """`value` as a whole number from 0 to 2**53 - 1, else `UsageError`."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_INTEGER:
        raise UsageError(f"{where} is {shown(value)}, not a whole number of at least 0", "write it like 1000")
    return value


def mapping(value: Any, where: str, example: str) -> Mapping[str, Any]:
    """`value` as an object with text keys, else `UsageError` that shows `example`."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) and key for key in value):
        raise UsageError(f"{where} is {shown(value)}, not an object", f"write it like {example}")
    return value


def listing(value: Any, where: str, example: str) -> Sequence[Any]:
    """`value` as a list, else `UsageError` that shows `example`."""
    if not isinstance(value, (list, tuple)):
        raise UsageError(f"{where} is {shown(value)}, not a list", f"write it like {example}")
    return value


def names(value: Any, where: str) -> tuple[str, ...]:
    """`value` as a list of different, non-empty texts, else `UsageError`."""
    result: list[str] = []
    for item in listing(value, where, '["id", "email"]'):
        if not isinstance(item, str) or not item:
            raise UsageError(f"{where} holds {shown(item)}, not a column name", 'write it like ["id", "email"]')
        if item in result:
            raise UsageError(f"{where} names {shown(item)} twice", "name every column once")
        result.append(item)
    return tuple(result)


def known_keys(value: Mapping[str, Any], allowed: Iterable[str], where: str) -> None:
    """Refuse a key outside `allowed`, naming the nearest one: a misspelt check must not vanish."""
    choices = list(allowed)
    for key in value:
        if key in choices:
            continue
        import difflib

        near = difflib.get_close_matches(key, choices, 1, 0.5)
        advice = f"did you mean {near[0]!r}? known" if near else "known"
        raise UsageError(f"{where} has an unknown key {shown(key)}", f"{advice}: {', '.join(choices)}")


def shown(value: Any) -> str:
    """`value` as it may stand in an error: its kind, and its text only when it is short and plain."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, (list, tuple)):
        return "a list"
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
