"""Which cases there are: sources, sinks, strategies, and what running a case proves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from dpone.errors import UsageError
from dpone.record import dataclass

EMBEDDED = "sqlite"
"""The one system that runs inside dpone, where every strategy is really executed."""

DEFAULT_SOURCES = ("api", "clickhouse", "kafka", "mssql", "postgres")
DEFAULT_SINKS = ("bigquery", "clickhouse", "kafka", "mssql", "postgres")
DEFAULT_STRATEGIES = (
    "backfill",
    "cdc",
    "full_refresh",
    "incremental_append",
    "incremental_merge",
    "partition_replace",
    "replace",
    "scd2",
    "snapshot_diff",
    "xmin",
)
"""Without filters: every combination of these that exists, 200 cases. 20 pairs of source and table sink with
9 strategies each, 5 sources into a topic with 3, and xmin from postgres into each of the 5 sinks."""

SOURCES = (*DEFAULT_SOURCES, EMBEDDED)
SINKS = (*DEFAULT_SINKS, EMBEDDED)
STRATEGIES = ("append", *DEFAULT_STRATEGIES, "shadow_swap")

XMIN_SOURCES = ("postgres", EMBEDDED)
"""`xmin` is a system column of PostgreSQL; the embedded engine's data set carries a copy of it."""

TOPIC = "kafka"
TOPIC_STRATEGIES = ("append", "cdc", "incremental_append", "incremental_merge", "xmin")
"""What a topic as sink can do: take records and keyed upserts. It cannot be read back and compared,
emptied in part, or swapped."""

DEFAULT_ROW_COUNT = 10_000
MAX_ROW_COUNT = 5_000_000

EvidenceStatus = Literal["executed", "simulated"]


@dataclass(frozen=True)
class Case:
    """One strategy from one source to one sink on `row_count` synthetic keys."""

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


def select(
    source: str = "", sink: str = "", strategy: str = "", row_count: int = DEFAULT_ROW_COUNT
) -> tuple[Case, ...]:
    """Every case that fits the filters, sorted by id; without a filter an axis has its default members.

    Raises `UsageError` for a name that does not exist, for a combination that no system can do (so that
    a slip never selects nothing), and for a row count outside 1 to five millions.
    """
    if not 1 <= row_count <= MAX_ROW_COUNT:
        raise UsageError(f"--row-count is {row_count}", f"choose a number from 1 to {MAX_ROW_COUNT}")
    cases = [
        Case(one, other, how, row_count)
        for one in _chosen(source, DEFAULT_SOURCES, SOURCES, "--source")
        for other in _chosen(sink, DEFAULT_SINKS, SINKS, "--sink")
        for how in _chosen(strategy, DEFAULT_STRATEGIES, STRATEGIES, "--strategy")
        if not _impossible(one, other, how)
    ]
    if not cases:
        raise UsageError(
            f"no case is left of --source {source or 'any'} --sink {sink or 'any'} --strategy {strategy}",
            _impossible(source, sink, strategy),
        )
    return tuple(sorted(cases, key=lambda case: case.case_id))


def _impossible(source: str, sink: str, strategy: str) -> str:
    """Why the combination does not exist, as advice; empty where it does."""
    if strategy == "xmin" and source not in XMIN_SOURCES:
        return f"xmin is read from {' or '.join(XMIN_SOURCES)}"
    if sink == TOPIC and strategy not in TOPIC_STRATEGIES:
        return f"a topic takes {', '.join(TOPIC_STRATEGIES)}"
    return ""


def _chosen(name: str, usual: Sequence[str], known: Sequence[str], option: str) -> Sequence[str]:
    if not name:
        return usual
    if name not in known:
        raise UsageError(f"{option} {name[:80]!r} is not known", f"choose from {', '.join(known)}")
    return (name,)
