"""Data contracts in the Open Data Contract Standard (ODCS, v3.0.0 to v3.1.0), read as a contract over rows.

What has no counterpart here (a SQL query, a pattern, a nested column) is listed as unsupported, never left
out in silence. https://bitol-io.github.io/open-data-contract-standard/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dpone.data.contracts import Bounds, Contract, Unsupported
from dpone.data.odcs_quality import Collected, read_quality
from dpone.data.strict import known_keys, listing, mapping, number, shown
from dpone.errors import UsageError

VERSIONS = ("v3.0.0", "v3.0.1", "v3.0.2", "v3.1.0")
TYPES = ("string", "integer", "number", "boolean", "object", "array", "date", "timestamp")

_DESCRIBED = (
    "id", "name", "physicalType", "description", "businessName", "authoritativeDefinitions", "tags",
    "customProperties", "logicalType", "physicalName", "quality",
)  # fmt: skip
_OBJECT = (*_DESCRIBED, "dataGranularityDescription", "properties", "relationships")
_PROPERTY = (
    *_DESCRIBED, "primaryKey", "primaryKeyPosition", "logicalTypeOptions", "required", "unique", "partitioned",
    "partitionKeyPosition", "classification", "encryptedName", "transformSourceObjects", "transformLogic",
    "transformDescription", "examples", "criticalDataElement", "relationships", "properties", "items",
)  # fmt: skip


def is_odcs(value: Any) -> bool:
    """Whether a parsed document claims to be a data contract of this standard."""
    return isinstance(value, Mapping) and value.get("kind") == "DataContract" and "apiVersion" in value


def read_odcs(value: Mapping[str, Any], name: str = "") -> Contract:
    """Read the contract of one schema object; `name` chooses it where there are several.

    Every property is a required column; `required` forbids nulls, `primaryKey` does and is unique.
    Raises `UsageError` with one clear line.
    """
    version = value["apiVersion"]
    if version not in VERSIONS:
        raise UsageError(
            f"ODCS {shown(version)} is not understood", f"write the contract in one of {', '.join(VERSIONS)}"
        )
    objects = listing(value.get("schema", []), "schema", '[{"name": "orders", "properties": []}]')
    index, chosen = _choose(objects, name)
    where = f"schema[{index}]"
    known_keys(chosen, _OBJECT, where)
    found = Collected()
    keys: list[tuple[int, str]] = []
    rows = listing(chosen.get("properties", []), f"{where}.properties", '[{"name": "id"}]')
    for place, each in enumerate(rows):
        _property(each, f"{where}.properties[{place}]", version, found, keys)
    if keys:
        columns = tuple(column for _, column in sorted(keys))
        found.unique.setdefault(columns)
        found.not_null.update(dict.fromkeys(columns))
    read_quality(chosen.get("quality", []), f"{where}.quality", "", found)
    if chosen.get("relationships"):
        found.unsupported.append(Unsupported(f"{where}.relationships", "relationships to other data"))
    return _contract(found)


def _contract(found: Collected) -> Contract:
    low, high = found.min_rows, found.max_rows
    if low is not None and high is not None and low > high:
        raise UsageError(
            f"the contract wants at least {low} and at most {high} rows", "no row count can satisfy both"
        )
    return Contract(
        required_columns=tuple(found.columns),
        not_null=tuple(found.not_null),
        unique=tuple(found.unique),
        min_rows=low,
        max_rows=high,
        max_null_ratio=tuple(found.max_null_ratio.items()),
        types=tuple(found.types.items()),
        allowed_values=tuple(found.allowed_values.items()),
        ranges=tuple(found.ranges.items()),
        unsupported=tuple(found.unsupported),
    )


def _choose(objects: Sequence[Any], name: str) -> tuple[int, Mapping[str, Any]]:
    named = [mapping(each, f"schema[{i}]", '{"name": "orders"}') for i, each in enumerate(objects)]
    names = [str(each.get("name", "")) for each in named]
    if name:
        if names.count(name) != 1:
            raise UsageError(f"the contract has no object {name!r}", f"it has: {', '.join(names) or 'none'}")
        return names.index(name), named[names.index(name)]
    if len(named) != 1:
        raise UsageError(
            f"the contract has {len(named)} objects: {', '.join(names)}",
            "choose one with --contract-object NAME",
        )
    return 0, named[0]


def _property(value: Any, where: str, version: str, found: Collected, keys: list[tuple[int, str]]) -> None:
    """Read one column."""
    data = mapping(value, where, '{"name": "id", "required": true}')
    known_keys(data, _PROPERTY, where)
    column = data.get("physicalName") or data.get("name")
    if not isinstance(column, str) or not column:
        raise UsageError(f"{where} has no name", 'write it like {"name": "id"}')
    if column in found.columns:
        raise UsageError(f"{where} names the column {column!r} twice", "name every column once")
    found.columns[column] = None
    if _flag(data, "required", where):
        found.not_null[column] = None
    if _flag(data, "unique", where):
        found.unique[column,] = None
    if _flag(data, "primaryKey", where):
        position = data.get("primaryKeyPosition", -1)
        keys.append((position if isinstance(position, int) else -1, column))
    if "logicalType" in data:
        _type(data["logicalType"], f"{where}.logicalType", version, column, found)
    _options(data, f"{where}.logicalTypeOptions", column, found)
    for key in ("properties", "items", "relationships"):
        if data.get(key):
            found.unsupported.append(Unsupported(f"{where}.{key}", f"{key} of the column {column}"))
    read_quality(data.get("quality", []), f"{where}.quality", column, found)


def _flag(data: Mapping[str, Any], key: str, where: str) -> bool:
    value = data.get(key, False)
    if not isinstance(value, bool):
        raise UsageError(f"{where}.{key} is {shown(value)}, not true or false", "write it like true")
    return value


def _type(value: Any, where: str, version: str, column: str, found: Collected) -> None:
    if value == "time":
        found.unsupported.append(Unsupported(where, f"the type time of the column {column}"))
    elif value not in TYPES:
        raise UsageError(f"{where} is {shown(value)}, not a type", f"choose from {', '.join((*TYPES, 'time'))}")
    elif value == "date" and version.startswith("v3.0."):
        found.types[column] = ("date", "timestamp")  # the standard had no timestamp before v3.1.0
    else:
        found.types[column] = (value,)


def _options(data: Mapping[str, Any], where: str, column: str, found: Collected) -> None:
    """`minimum` and `maximum` of numbers become a range; every other option is said."""
    options = mapping(data.get("logicalTypeOptions") or {}, where, '{"minimum": 0}')
    numeric = data.get("logicalType") in ("integer", "number")
    limits = {key: options[key] for key in ("minimum", "maximum") if numeric and key in options}
    if limits:
        low, high = (
            number(limits[key], f"{where}.{key}") if key in limits else None for key in ("minimum", "maximum")
        )
        if low is not None and high is not None and low > high:
            raise UsageError(f"{where}: minimum {low} is above maximum {high}", "no value can satisfy both")
        found.ranges[column] = Bounds(low, high)
    for key in options:
        if key not in limits:
            found.unsupported.append(Unsupported(f"{where}.{key}", f"{key} of the column {column}"))
