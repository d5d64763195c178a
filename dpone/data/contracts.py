"""Data contracts: what rows must look like, and the facts about rows that do or do not.

The contract is the seed's (`required_columns`, `not_null`, `unique`, `min_rows`, `max_null_ratio`) with
`max_rows`, `types`, `allowed_values` and `range`. Nothing here passes or fails: gate policy judges.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from dpone.data.strict import exact, known_keys, listing, mapping, names, number, relation, whole
from dpone.errors import UsageError
from dpone.record import dataclass

TYPES = ("string", "integer", "number", "boolean", "object", "array", "date", "timestamp")
"""Types a column may have. `integer` takes 3.0, as JSON Schema does; `date` and `timestamp` are
RFC 3339 texts."""

KEYS = (
    "required_columns",
    "not_null",
    "unique",
    "min_rows",
    "max_rows",
    "max_null_ratio",
    "types",
    "allowed_values",
    "range",
)


@dataclass(frozen=True)
class Bounds:
    """Inclusive limits of a numeric column; at least one is set."""

    minimum: int | Decimal | None
    maximum: int | Decimal | None


@dataclass(frozen=True)
class Unsupported:
    """A term of a contract that rows cannot be held against here: its place, what it is, and whether it is
    text for people (`text`), which no tool can check."""

    place: str
    what: str
    text: bool = False


@dataclass(frozen=True)
class Contract:
    """What rows must look like. Each entry of `unique` is one key of one or more columns; `unsupported` are
    the terms that cannot be checked."""

    required_columns: tuple[str, ...] = ()
    not_null: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    min_rows: int | None = None
    max_rows: int | None = None
    max_null_ratio: tuple[tuple[str, int | Decimal], ...] = ()
    types: tuple[tuple[str, tuple[str, ...]], ...] = ()
    allowed_values: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    ranges: tuple[tuple[str, Bounds], ...] = ()
    unsupported: tuple[Unsupported, ...] = ()


def read_contract(value: Any) -> Contract:
    """Read a contract from parsed JSON or YAML. Raises `UsageError` with one clear line."""
    data = mapping(value, "contract", '{"required_columns": ["id"], "min_rows": 1}')
    known_keys(data, KEYS, "contract")
    low = whole(data["min_rows"], "contract.min_rows") if "min_rows" in data else None
    high = whole(data["max_rows"], "contract.max_rows") if "max_rows" in data else None
    if low is not None and high is not None and low > high:
        raise UsageError(f"contract.min_rows {low} is above max_rows {high}", "no row count can satisfy both")
    return Contract(
        required_columns=names(data.get("required_columns", []), "contract.required_columns"),
        not_null=names(data.get("not_null", []), "contract.not_null"),
        unique=_unique(data.get("unique", [])),
        min_rows=low,
        max_rows=high,
        max_null_ratio=tuple((c, _ratio(v, c)) for c, v in _columns(data, "max_null_ratio", '{"email": 0.05}')),
        types=tuple((c, _types(v, c)) for c, v in _columns(data, "types", '{"id": "integer"}')),
        allowed_values=tuple(
            (c, _values(v, c)) for c, v in _columns(data, "allowed_values", '{"unit": ["C", "F"]}')
        ),
        ranges=tuple((c, _bounds(v, c)) for c, v in _columns(data, "range", '{"amount": {"min": 0}}')),
    )


def read_rows(value: Any, where: str = "rows") -> tuple[Mapping[str, Any], ...]:
    """Read a list of row objects from parsed JSON. Raises `UsageError` naming the first that is none."""
    rows = listing(value, where, '[{"id": 1}]')
    for index, row in enumerate(rows):
        mapping(row, f"{where}[{index}]", '{"id": 1}')
    return tuple(rows)


def _columns(data: Mapping[str, Any], key: str, example: str) -> list[tuple[str, Any]]:
    return list(mapping(data.get(key, {}), f"contract.{key}", example).items())


def _unique(value: Any) -> tuple[tuple[str, ...], ...]:
    where = "contract.unique"
    entries = [value] if isinstance(value, str) else listing(value, where, '["id"] or [["day", "id"]]')
    keys: list[tuple[str, ...]] = []
    for entry in entries:
        key = names([entry] if isinstance(entry, str) else entry, where)
        if not key:
            raise UsageError(f"{where} has a key without columns", 'write it like ["id"] or [["day", "id"]]')
        if key in keys:
            raise UsageError(f"{where} names the key {'+'.join(key)} twice", "name every key once")
        keys.append(key)
    return tuple(keys)


def _ratio(value: Any, column: str) -> int | Decimal:
    where = f"contract.max_null_ratio.{column}"
    ratio = number(value, where)
    if not 0 <= ratio <= 1:
        raise UsageError(
            f"{where} is {value}, not a ratio", "write a number from 0 to 1, 0.05 for five percent"
        )
    return ratio


def _types(value: Any, column: str) -> tuple[str, ...]:
    where = f"contract.types.{column}"
    chosen = names([value] if isinstance(value, str) else value, where)
    known_keys(dict.fromkeys(chosen), TYPES, where)
    if not chosen:
        raise UsageError(f"{where} names no type", f"choose from {', '.join(TYPES)}")
    return chosen


def _values(value: Any, column: str) -> tuple[Any, ...]:
    where = f"contract.allowed_values.{column}"
    values = listing(value, where, '["C", "F"]')
    if not values:
        raise UsageError(f"{where} allows nothing", 'write it like ["C", "F"]')
    return tuple(values)


def _bounds(value: Any, column: str) -> Bounds:
    where = f"contract.range.{column}"
    data = mapping(value, where, '{"min": 0, "max": 100}')
    known_keys(data, ("min", "max"), where)
    low = number(data["min"], f"{where}.min") if "min" in data else None
    high = number(data["max"], f"{where}.max") if "max" in data else None
    if low is None and high is None:
        raise UsageError(f"{where} has neither min nor max", 'write it like {"min": 0, "max": 100}')
    if low is not None and high is not None and low > high:
        raise UsageError(f"{where}: min {low} is above max {high}", "no value can satisfy both")
    return Bounds(low, high)


def inside(value: Any, bounds: Bounds) -> bool:
    """Whether `value` is a number within `bounds`."""
    actual = exact(value)
    if actual is None:
        return False
    above_minimum = bounds.minimum is None or relation(actual, bounds.minimum) != "below"
    return above_minimum and (bounds.maximum is None or relation(actual, bounds.maximum) != "above")
