"""What the target must hold after a strategy, worked out key by key in plain Python.

Deliberately another way than the SQL that is being certified: no sets and no joins, only loops and
comparisons on the rows of one key at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dpone.data.certification.dataset import (
    BUSINESS_DATE,
    COLUMNS,
    UPDATED_AT,
    XID_MODULUS,
    XMIN,
    Dataset,
    Key,
    Row,
)

Parameters = Mapping[str, Any]
Rows = list[Row]

_WIDTH = len(COLUMNS)
_OP, _SEQ = _WIDTH, _WIDTH + 1
_HALF = XID_MODULUS // 2
_TRACKED = slice(1, 4)
_ACTIVE = 5


def expected(data: Dataset) -> Iterator[tuple[Key, Rows]]:
    """Every key of the data set with the rows it must have in the target afterwards."""
    rule = _ORACLES[data.strategy]
    parameters = data.parameters
    if data.strategy == "partition_replace":
        parameters = {"replaced": {row[BUSINESS_DATE] for key in data.each_key() for row in key.source}}
    for key in data.each_key():
        yield key, rule(key, parameters)


def _everything(key: Key, parameters: Parameters) -> Rows:
    del parameters
    return list(key.source)


def _append(key: Key, parameters: Parameters) -> Rows:
    del parameters
    return [*key.before, *key.source]


def _incremental_append(key: Key, parameters: Parameters) -> Rows:
    return [*key.before, *(row for row in key.source if row[UPDATED_AT] > parameters["watermark"])]


def _incremental_merge(key: Key, parameters: Parameters) -> Rows:
    result = list(key.before)
    for row in sorted(key.source, key=lambda row: row[UPDATED_AT]):
        if row[UPDATED_AT] > parameters["watermark"]:
            result = [row]
    return result


def _xmin(key: Key, parameters: Parameters) -> Rows:
    result = list(key.before)
    for row in key.source:
        ahead = row[XMIN] - parameters["last_xmin"]
        if ahead < -_HALF:
            ahead += XID_MODULUS  # the counter wrapped around in between
        if 0 < ahead < _HALF:
            result = [row]
    return result


def _cdc(key: Key, parameters: Parameters) -> Rows:
    result = list(key.before)
    for event in sorted(key.source, key=lambda event: event[_SEQ]):
        if event[_SEQ] > parameters["applied_seq"]:
            result = [] if event[_OP] == "D" else [event[:_WIDTH]]
    return result


def _partition_replace(key: Key, parameters: Parameters) -> Rows:
    kept = [row for row in key.before if row[BUSINESS_DATE] not in parameters["replaced"]]
    return [*kept, *key.source]


def _backfill(key: Key, parameters: Parameters) -> Rows:
    first, last = parameters["first"], parameters["last"]
    outside = [row for row in key.before if row[BUSINESS_DATE] < first or row[BUSINESS_DATE] > last]
    return outside + [row for row in key.source if first <= row[BUSINESS_DATE] <= last]


def _scd2(key: Key, parameters: Parameters) -> Rows:
    now = parameters["loaded_at"]
    incoming = list(key.source)
    result: Rows = []
    for row in key.before:
        *_, valid_from, _, is_current = row
        if not is_current:
            result.append(row)
        elif incoming and _attributes(incoming[0]) == _attributes(row):
            result.append(row)
            incoming = []
        else:
            result.append((*row[:_WIDTH], valid_from, now, False))
    return result + [(*row, now, None, True) for row in incoming]


def _attributes(row: Row) -> tuple[Any, ...]:
    return (*row[_TRACKED], row[_ACTIVE])


_ORACLES: dict[str, Callable[[Key, Parameters], Rows]] = {
    "append": _append,
    "backfill": _backfill,
    "cdc": _cdc,
    "full_refresh": _everything,
    "incremental_append": _incremental_append,
    "incremental_merge": _incremental_merge,
    "partition_replace": _partition_replace,
    "replace": _everything,
    "scd2": _scd2,
    "shadow_swap": _everything,
    "snapshot_diff": _everything,
    "xmin": _xmin,
}
