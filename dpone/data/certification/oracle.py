"""What a target must hold after a strategy, worked out row by row in plain Python.

Deliberately another way than the SQL that is being certified: dictionaries and loops, one key at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dpone.data.certification.dataset import (
    BUSINESS_DATE,
    COLUMNS,
    ID,
    UPDATED_AT,
    XID_MODULUS,
    XMIN,
    Dataset,
    Row,
)

_WIDTH = len(COLUMNS)
_OP, _SEQ = _WIDTH, _WIDTH + 1
_HALF = XID_MODULUS // 2
_TRACKED = slice(1, 4)
_ACTIVE = 5


def expected(strategy: str, data: Dataset) -> list[Row]:
    """The rows of the target after `strategy`, in no particular order."""
    return _ORACLES[strategy](data)


def _everything(data: Dataset) -> list[Row]:
    return list(data.source)


def _append(data: Dataset) -> list[Row]:
    return [*data.before, *data.source]


def _incremental_append(data: Dataset) -> list[Row]:
    seen = data.parameters["watermark"]
    return [*data.before, *(row for row in data.source if row[UPDATED_AT] > seen)]


def _incremental_merge(data: Dataset) -> list[Row]:
    table = {row[ID]: row for row in data.before}
    for row in sorted(data.source, key=lambda row: row[UPDATED_AT]):
        if row[UPDATED_AT] > data.parameters["watermark"]:
            table[row[ID]] = row
    return list(table.values())


def _xmin(data: Dataset) -> list[Row]:
    table = {row[ID]: row for row in data.before}
    for row in data.source:
        ahead = row[XMIN] - data.parameters["last_xmin"]
        if ahead < -_HALF:
            ahead += XID_MODULUS  # the counter wrapped around in between
        if 0 < ahead < _HALF:
            table[row[ID]] = row
    return list(table.values())


def _cdc(data: Dataset) -> list[Row]:
    table = {row[ID]: row for row in data.before}
    for event in sorted(data.source, key=lambda event: event[_SEQ]):
        if event[_SEQ] <= data.parameters["applied_seq"]:
            continue
        if event[_OP] == "D":
            table.pop(event[ID], None)
        else:
            table[event[ID]] = event[:_WIDTH]
    return list(table.values())


def _partition_replace(data: Dataset) -> list[Row]:
    replaced = {row[BUSINESS_DATE] for row in data.source}
    return [*(row for row in data.before if row[BUSINESS_DATE] not in replaced), *data.source]


def _backfill(data: Dataset) -> list[Row]:
    first, last = data.parameters["first"], data.parameters["last"]
    outside = [row for row in data.before if row[BUSINESS_DATE] < first or row[BUSINESS_DATE] > last]
    return outside + [row for row in data.source if first <= row[BUSINESS_DATE] <= last]


def _scd2(data: Dataset) -> list[Row]:
    now = data.parameters["loaded_at"]
    fresh = {row[ID]: row for row in data.source}
    result: list[Row] = []
    for row in data.before:
        *_, valid_from, _, is_current = row
        if not is_current:
            result.append(row)
            continue
        incoming = fresh.pop(row[ID], None)
        if incoming is not None and _attributes(incoming) == _attributes(row):
            result.append(row)
            continue
        result.append((*row[:_WIDTH], valid_from, now, False))
        if incoming is not None:
            result.append((*incoming, now, None, True))
    return result + [(*row, now, None, True) for row in fresh.values()]


def _attributes(row: Row) -> tuple[Any, ...]:
    return (*row[_TRACKED], row[_ACTIVE])


_ORACLES: dict[str, Callable[[Dataset], list[Row]]] = {
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
