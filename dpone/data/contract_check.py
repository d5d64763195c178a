"""Hold rows against a contract and say what was found, as facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from dpone.data.contracts import Bounds, Contract, Unsupported, inside
from dpone.data.strict import Relation, json_number, relation
from dpone.data.values import has_type, identity
from dpone.record import dataclass

MAX_LISTED = 100
"""Results named one by one in the facts; totals count them all."""

MAX_ROWS_NAMED = 10
"""Row indexes named for one result."""

ACTIONS = {
    "required_columns": "add the source column, a schema evolution, or a contract migration",
    "not_null": "fix the nulls upstream or relax the contract",
    "unique": "fix the duplicate keys or configure a composite key",
    "min_rows": "check credentials, filters, pagination and state",
    "max_rows": "check filters and joins, or raise the limit",
    "max_null_ratio": "investigate the sparsity drift or adjust the threshold",
    "types": "cast at the source or migrate the contract",
    "allowed_values": "map or reject the new values, or extend the list",
    "range": "find where the values come from, or adjust the limits",
}

Row = Mapping[str, Any]


@dataclass(frozen=True)
class ContractResult:
    """What one check of a contract found.

    `checked` rows were looked at, `seen` of them have the column (all columns of a key), `violations`
    break the check, `null_keys` have a NULL in a unique key; `rows` are the first indexes of those
    (from 0). Checks with a limit have `operator` min or max, and `relation` of the exact `actual` to
    the exact `limit`; others have none.
    """

    code: str
    check: str
    columns: tuple[str, ...]
    checked: int
    seen: int
    violations: int = 0
    null_keys: int = 0
    rows: tuple[int, ...] = ()
    operator: Literal["min", "max", "none"] = "none"
    relation: Relation = "none"
    actual: int | Decimal = 0
    limit: int | Decimal = 0

    @property
    def message(self) -> str:
        """One short line for people: what was looked at and what was found."""
        if self.operator != "none":
            return f"{json_number(self.actual)} against {self.operator} {json_number(self.limit)}"
        nulls = f", {self.null_keys} with a null in the key" if self.null_keys else ""
        return f"{self.violations} of {self.checked} rows break it{nulls}"

    def facts(self, pointer: str) -> dict[str, Any]:
        """The result as Rego sees it; `pointer` is its place in the artifact's `results`."""
        return {
            "code": self.code,
            "check": self.check,
            "columns": list(self.columns),
            "checked": self.checked,
            "seen": self.seen,
            "violations": self.violations,
            "null_keys": self.null_keys,
            "rows": list(self.rows),
            "operator": self.operator,
            "relation": self.relation,
            "actual": json_number(self.actual),
            "limit": json_number(self.limit),
            "action": ACTIONS[self.check],
            "pointer": pointer,
        }


@dataclass(frozen=True)
class ContractFacts:
    """What a contract check found: `row_count` rows against every check of the contract."""

    row_count: int
    results: tuple[ContractResult, ...]
    unsupported: tuple[Unsupported, ...] = ()

    def facts(self) -> dict[str, Any]:
        """Facts of kind ``data_contract_report``; the most notable results are listed first."""
        order = sorted(range(len(self.results)), key=lambda i: (not _notable(self.results[i]), i))
        return {
            "row_count": self.row_count,
            "result_count": len(self.results),
            "totals": {
                "violating": sum(r.violations > 0 for r in self.results),
                "null_keys": sum(r.null_keys > 0 for r in self.results),
                "unseen": sum(r.seen == 0 and bool(r.columns) for r in self.results),
                "below_min": sum((r.operator, r.relation) == ("min", "below") for r in self.results),
                "above_max": sum((r.operator, r.relation) == ("max", "above") for r in self.results),
            },
            "results": [self.results[i].facts(f"/results/{i}") for i in order[:MAX_LISTED]],
            "unsupported_total": len(self.unsupported),
            "unsupported": [
                {"place": each.place, "what": each.what, "text": each.text}
                for each in sorted(self.unsupported, key=lambda each: each.text)[:MAX_LISTED]
            ],
        }


def check(rows: Sequence[Row], contract: Contract) -> ContractFacts:
    """Hold every row against every check of `contract`. A missing column counts as NULL."""
    results = [_rows(rows, "required_columns", c, _lacks(c)) for c in contract.required_columns]
    results += [_rows(rows, "not_null", c, _is_null(c)) for c in contract.not_null]
    results += [_unique(rows, key) for key in contract.unique]
    results += _row_count(len(rows), contract)
    results += [_null_ratio(rows, column, limit) for column, limit in contract.max_null_ratio]
    results += [_rows(rows, "types", c, _of_no_type(c, types)) for c, types in contract.types]
    results += [
        _rows(rows, "allowed_values", c, _not_among(c, values)) for c, values in contract.allowed_values
    ]
    results += [_rows(rows, "range", c, _outside(c, bounds)) for c, bounds in contract.ranges]
    return ContractFacts(len(rows), tuple(results), contract.unsupported)


# NULL has no type, no value and no size: how many there may be is for not_null and max_null_ratio to say.


def _lacks(column: str) -> Callable[[Row], bool]:
    return lambda row: column not in row


def _is_null(column: str) -> Callable[[Row], bool]:
    return lambda row: row.get(column) is None


def _of_no_type(column: str, types: tuple[str, ...]) -> Callable[[Row], bool]:
    return lambda row: row.get(column) is not None and not any(has_type(row[column], name) for name in types)


def _not_among(column: str, values: tuple[Any, ...]) -> Callable[[Row], bool]:
    allowed = {identity(value) for value in values}
    return lambda row: row.get(column) is not None and identity(row[column]) not in allowed


def _outside(column: str, bounds: Bounds) -> Callable[[Row], bool]:
    return lambda row: row.get(column) is not None and not inside(row[column], bounds)


def _rows(rows: Sequence[Row], name: str, column: str, bad: Callable[[Row], bool]) -> ContractResult:
    found = [index for index, row in enumerate(rows) if bad(row)]
    return ContractResult(
        f"{name}.{column}",
        name,
        (column,),
        checked=len(rows),
        seen=_seen(rows, (column,)),
        violations=len(found),
        rows=tuple(found[:MAX_ROWS_NAMED]),
    )


def _unique(rows: Sequence[Row], key: tuple[str, ...]) -> ContractResult:
    first: set[tuple[Any, ...]] = set()
    repeated: list[int] = []
    nulls: list[int] = []
    for index, row in enumerate(rows):
        values = tuple(row.get(column) for column in key)
        if any(value is None for value in values):
            nulls.append(index)
            continue
        own = tuple(identity(value) for value in values)
        if own in first:
            repeated.append(index)
        first.add(own)
    return ContractResult(
        f"unique.{'+'.join(key)}",
        "unique",
        key,
        checked=len(rows),
        seen=_seen(rows, key),
        violations=len(repeated),
        null_keys=len(nulls),
        rows=tuple(sorted(repeated + nulls)[:MAX_ROWS_NAMED]),
    )


def _null_ratio(rows: Sequence[Row], column: str, limit: int | Decimal) -> ContractResult:
    nulls = [index for index, row in enumerate(rows) if row.get(column) is None]
    total = len(rows)
    ratio = Decimal(len(nulls)) / total if total else Decimal(0)
    # As fractions, because a third has no exact decimal.
    standing = relation(Fraction(len(nulls), total), Fraction(limit)) if total else "none"
    return ContractResult(
        f"max_null_ratio.{column}",
        "max_null_ratio",
        (column,),
        checked=total,
        seen=_seen(rows, (column,)),
        rows=tuple(nulls[:MAX_ROWS_NAMED]),
        operator="max",
        relation=standing,
        actual=ratio,
        limit=limit,
    )


def _row_count(total: int, contract: Contract) -> list[ContractResult]:
    results = []
    if contract.min_rows is not None:
        results.append(_row_limit("min_rows", total, "min", contract.min_rows))
    if contract.max_rows is not None:
        results.append(_row_limit("max_rows", total, "max", contract.max_rows))
    return results


def _row_limit(name: str, total: int, operator: Literal["min", "max"], limit: int) -> ContractResult:
    return ContractResult(
        name,
        name,
        (),
        checked=total,
        seen=total,
        operator=operator,
        relation=relation(total, limit),
        actual=total,
        limit=limit,
    )


def _seen(rows: Iterable[Row], columns: tuple[str, ...]) -> int:
    return sum(all(column in row for column in columns) for row in rows)


def _notable(result: ContractResult) -> bool:
    outside = (result.operator, result.relation) in (("min", "below"), ("max", "above"))
    return bool(outside or result.violations or result.null_keys or (result.columns and result.seen == 0))
