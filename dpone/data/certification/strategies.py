"""The load strategies: set-based SQL from `stage` into `target`, each for one transaction.

The SQL of a strategy is `sql/<strategy>.sql` (SQLite); `:name` parameters come from the data set.
"""

from __future__ import annotations

from pathlib import Path

from dpone.record import dataclass


@dataclass(frozen=True)
class Strategy:
    """What a strategy asks of its tables: `key` are the columns that a unique index keeps unique in the
    target (none for strategies that append); `history` adds validity columns to the target, `changes`
    the operation and sequence number to the stage."""

    key: tuple[str, ...] = ("id",)
    history: bool = False
    changes: bool = False


_APPENDING = Strategy(key=())

STRATEGIES = {
    "append": _APPENDING,
    "backfill": Strategy(),
    "cdc": Strategy(changes=True),
    "full_refresh": Strategy(),
    "incremental_append": _APPENDING,
    "incremental_merge": Strategy(),
    "partition_replace": Strategy(),
    "replace": Strategy(),
    "scd2": Strategy(key=("id", "valid_from"), history=True),
    "shadow_swap": Strategy(),
    "snapshot_diff": Strategy(),
    "xmin": Strategy(),
}


def statements(strategy: str) -> tuple[str, ...]:
    """The SQL statements of a strategy, in order."""
    text = Path(__file__).with_name("sql").joinpath(f"{strategy}.sql").read_text(encoding="utf-8")
    return tuple(part for part in text.split(";\n") if part.strip())
