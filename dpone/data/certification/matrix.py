"""Which cases there are: sources, sinks, strategies, and what running a case proves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from dpone.errors import UsageError
from dpone.record import dataclass

SOURCES = ("api", "clickhouse", "kafka", "mssql", "postgres", "sqlite")
SINKS = ("bigquery", "clickhouse", "kafka", "mssql", "postgres", "sqlite")
STRATEGIES = (
    "append",
    "backfill",
    "cdc",
    "full_refresh",
    "incremental_append",
    "incremental_merge",
    "partition_replace",
    "replace",
    "scd2",
    "shadow_swap",
    "snapshot_diff",
    "xmin",
)
EMBEDDED = "sqlite"
"""The one system that runs inside dpone."""

DEFAULT_ROW_COUNT = 10_000
MAX_ROW_COUNT = 1_000_000

EvidenceStatus = Literal["executed", "simulated"]


@dataclass(frozen=True)
class Case:
    """One strategy from one source to one sink on `row_count` synthetic rows."""

    source: str
    sink: str
    strategy: str
    row_count: int

    @property
    def case_id(self) -> str:
        """The name of the case in reports and file names."""
        return f"{self.source}_to_{self.sink}__{self.strategy}"

    @property
    def evidence_status(self) -> EvidenceStatus:
        """`executed` when source and sink themselves took part; `simulated` when the strategy ran in
        SQLite in their place, which says nothing about the connectors."""
        return "executed" if self.source == self.sink == EMBEDDED else "simulated"

    @property
    def execution(self) -> str:
        """The id of the case that really runs for this one, from which the data set grows: itself where it
        is `executed`, else the embedded case of the same strategy."""
        return f"{EMBEDDED}_to_{EMBEDDED}__{self.strategy}"


def select(
    source: str = "", sink: str = "", strategy: str = "", row_count: int = DEFAULT_ROW_COUNT
) -> tuple[Case, ...]:
    """Every case that fits the filters; an empty filter takes all. Raises `UsageError` for a name that does
    not exist, so that a slip never selects nothing, and for a row count outside 1 to a million."""
    if isinstance(row_count, bool) or not 1 <= row_count <= MAX_ROW_COUNT:
        raise UsageError(f"--row-count is {row_count}", f"choose a number from 1 to {MAX_ROW_COUNT}")
    return tuple(
        Case(one, other, how, row_count)
        for one in _chosen(source, SOURCES, "--source")
        for other in _chosen(sink, SINKS, "--sink")
        for how in _chosen(strategy, STRATEGIES, "--strategy")
    )


def _chosen(name: str, known: Sequence[str], option: str) -> Sequence[str]:
    if not name:
        return known
    if name not in known:
        raise UsageError(f"{option} {name[:80]!r} is not known", f"choose from {', '.join(known)}")
    return (name,)
