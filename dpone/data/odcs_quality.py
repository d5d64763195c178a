"""Quality rules of a contract in ODCS: those of the library that rows can be held against, the rest by name."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from dpone.data.contracts import Bounds, Unsupported
from dpone.data.strict import known_keys, listing, mapping, names, number, shown
from dpone.errors import UsageError
from dpone.record import dataclass, field

OPERATORS = (
    "mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan", "mustBeLessOrEqualTo",
    "mustBeBetween", "mustNotBeBetween",
)  # fmt: skip
_KEYS = (
    *OPERATORS, "id", "authoritativeDefinitions", "businessImpact", "customProperties", "description", "dimension",
    "method", "name", "schedule", "scheduler", "severity", "tags", "type", "unit", "metric", "rule", "arguments",
    "query", "engine", "implementation", "validValues",
)  # fmt: skip
_TYPES = ("library", "text", "sql", "custom")


@dataclass
class Collected:
    """The terms of a contract while they are read, each once and in the contract's order."""

    columns: dict[str, None] = field(default_factory=dict)
    not_null: dict[str, None] = field(default_factory=dict)
    unique: dict[tuple[str, ...], None] = field(default_factory=dict)
    min_rows: int | None = None
    max_rows: int | None = None
    max_null_ratio: dict[str, int | Decimal] = field(default_factory=dict)
    types: dict[str, tuple[str, ...]] = field(default_factory=dict)
    allowed_values: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    ranges: dict[str, Bounds] = field(default_factory=dict)
    unsupported: list[Unsupported] = field(default_factory=list)


def read_quality(value: Any, where: str, column: str, found: Collected) -> None:
    """Read the rules of a column, or of the whole object where `column` is empty."""
    for index, each in enumerate(listing(value, where, '[{"metric": "rowCount", "mustBeGreaterThan": 0}]')):
        place = f"{where}[{index}]"
        rule = mapping(each, place, '{"metric": "rowCount", "mustBeGreaterThan": 0}')
        known_keys(rule, _KEYS, place)
        kind = rule.get("type", "library")
        if kind not in _TYPES:
            raise UsageError(
                f"{place}.type is {shown(kind)}, not a type of rule", f"choose from {', '.join(_TYPES)}"
            )
        if not (kind == "library" and _library(rule, place, column, found)):
            found.unsupported.append(Unsupported(place, _named(rule, kind, column), text=kind == "text"))


def _named(rule: Mapping[str, Any], kind: str, column: str) -> str:
    """A rule for people: its kind, metric or name, and the column."""
    known = next((rule[key] for key in ("metric", "rule", "name", "id") if isinstance(rule.get(key), str)), "")
    about = f" of the column {column}" if column else ""
    return f"the {kind} rule {known}".strip()[:120] + about


def _library(rule: Mapping[str, Any], where: str, column: str, found: Collected) -> bool:
    """Take over a rule of the library; False when rows cannot be held against it here."""
    metric = rule.get("metric", rule.get("rule"))
    if not isinstance(metric, str):
        raise UsageError(f"{where} names no metric", "write it like {metric: rowCount, mustBeGreaterThan: 0}")
    limits = {key: rule[key] for key in OPERATORS if key in rule}
    if len(limits) > 1:
        raise UsageError(f"{where} has {len(limits)} operators: {', '.join(limits)}", "write one rule for each")
    arguments = mapping(rule.get("arguments") or {}, f"{where}.arguments", '{"validValues": ["C", "F"]}')
    if metric == "rowCount" and not column:
        return rule.get("unit", "rows") == "rows" and _rows(limits, where, found)
    none = _none(limits, rule.get("unit", "rows"))
    if metric == "nullValues" and column:
        if none:
            found.not_null[column] = None
        return none or _null_ratio(limits, rule.get("unit", "rows"), where, column, found)
    if metric in ("duplicateValues", "duplicateCount") and none:
        return _duplicates(arguments, where, column, found)
    values = arguments.get("validValues", rule.get("validValues"))
    if (
        metric in ("invalidValues", "validValues")
        and column
        and values is not None
        and set(arguments) <= {"validValues"}
    ):
        allowed = none if metric == "invalidValues" else not limits or _none(limits, "rows")
        if allowed:
            found.allowed_values[column] = tuple(listing(values, f"{where}.validValues", '["C", "F"]'))
        return allowed
    return False


def _none(limits: Mapping[str, Any], unit: Any) -> bool:
    """Whether the operator allows no row at all: no more than 0, or fewer than 1 row."""
    zero = any(
        not isinstance(limits.get(key), bool) and limits.get(key) == 0
        for key in ("mustBe", "mustBeLessOrEqualTo")
    )
    one = limits.get("mustBeLessThan")
    return zero or (unit == "rows" and not isinstance(one, bool) and one == 1)


def _duplicates(arguments: Mapping[str, Any], where: str, column: str, found: Collected) -> bool:
    if not set(arguments) <= {"properties"}:
        return False
    columns = names(arguments.get("properties", [column] if column else []), f"{where}.arguments.properties")
    if columns:
        found.unique[columns] = None
    return bool(columns)


def _null_ratio(limits: Mapping[str, Any], unit: Any, where: str, column: str, found: Collected) -> bool:
    """A percentage of nulls that may be reached; one that may not be reached has no counterpart."""
    if unit != "percent" or "mustBeLessOrEqualTo" not in limits:
        return False
    share = Decimal(number(limits["mustBeLessOrEqualTo"], f"{where}.mustBeLessOrEqualTo")) / 100
    if not 0 <= share <= 1:
        raise UsageError(f"{where}.mustBeLessOrEqualTo is not a percentage", "write a number from 0 to 100")
    found.max_null_ratio[column] = min(share, found.max_null_ratio.get(column, share))
    return True


def _rows(limits: Mapping[str, Any], where: str, found: Collected) -> bool:
    """Row counts are whole, so a limit that may not be reached is the next one that may."""
    for operator, value in limits.items():
        place = f"{where}.{operator}"
        if operator == "mustBeBetween":
            low, high = (_count(each, place) for each in _pair(value, place))
            _narrow(found, low + 1, high - 1)  # the standard says: greater than the one, less than the other
        elif operator in ("mustNotBe", "mustNotBeBetween"):
            return False
        else:
            count = _count(value, place)
            low_by = {"mustBe": 0, "mustBeGreaterThan": 1, "mustBeGreaterOrEqualTo": 0}
            high_by = {"mustBe": 0, "mustBeLessThan": -1, "mustBeLessOrEqualTo": 0}
            _narrow(
                found,
                count + low_by[operator] if operator in low_by else None,
                count + high_by[operator] if operator in high_by else None,
            )
    return bool(limits)


def _pair(value: Any, where: str) -> tuple[Any, Any]:
    pair = listing(value, where, "[100, 120]")
    if len(pair) != 2:
        raise UsageError(f"{where} holds {len(pair)} values", "write it like [100, 120]")
    return pair[0], pair[1]


def _count(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"{where} is {shown(value)}, not a whole number of rows", "write it like 100")
    return value


def _narrow(found: Collected, low: int | None, high: int | None) -> None:
    """Keep the tighter of two limits."""
    if low is not None:
        found.min_rows = max(low, found.min_rows or 0, 0)
    if high is not None:
        if high < 0:
            raise UsageError("the contract wants fewer than 0 rows", "no row count can satisfy it")
        found.max_rows = high if found.max_rows is None else min(high, found.max_rows)
