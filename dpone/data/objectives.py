"""Service level objectives: metrics held against limits, as facts.

Comparisons are exact: numbers come as int or Decimal from JSON text (`strict.parse_exact`).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from dpone.data.strict import Relation, json_number, known_keys, mapping, number, relation
from dpone.errors import UsageError
from dpone.record import dataclass

MAX_LISTED = 100

ACTIONS = {
    "freshness_lag_seconds": "reduce the schedule interval, inspect the state lag, or fix upstream delays",
    "throughput_rows_per_second": "tune partitioning, the native bulk path, batch size, or the retry policy",
    "p95_latency_seconds": "inspect slow stages, target locks, API backoff, and finalization",
    "failure_rate": "investigate connector errors and target throttling",
    "retry_budget_used_ratio": "reduce transient failures or adjust the retry and backoff policy",
}
"""What the operations guide recommends when a known metric is red."""

OTHER_ACTION = "find what moved the metric, fix it, and run the same workload again"
MISSING_ACTION = "measure it: run the workload again with this metric in its report"


@dataclass(frozen=True)
class Objective:
    """One limit of one metric, inclusive: `operator` max or min."""

    metric: str
    operator: Literal["max", "min"]
    limit: int | Decimal


@dataclass(frozen=True)
class ObjectiveResult:
    """How one metric stands to one limit. Without a value, `actual` is 0 and `relation` none."""

    objective: Objective
    has_value: bool
    actual: int | Decimal
    relation: Relation

    @property
    def code(self) -> str:
        """The stable code of the seed's tool: `slo.<metric>.max`, `.min` or `.missing`."""
        return f"slo.{self.objective.metric}.{self.objective.operator if self.has_value else 'missing'}"

    @property
    def action(self) -> str:
        """What to do when this objective is not met."""
        return ACTIONS.get(self.objective.metric, OTHER_ACTION) if self.has_value else MISSING_ACTION

    def facts(self, pointer: str) -> dict[str, Any]:
        """The result as Rego sees it; `pointer` is its place in the artifact's `results`."""
        return {
            "code": self.code,
            "metric": self.objective.metric,
            "operator": self.objective.operator,
            "has_value": self.has_value,
            "relation": self.relation,
            "actual": json_number(self.actual),
            "objective": json_number(self.objective.limit),
            "actual_text": str(self.actual) if self.has_value else "",
            "objective_text": str(self.objective.limit),
            "action": self.action,
            "pointer": pointer,
        }


@dataclass(frozen=True)
class ObjectiveFacts:
    """All objectives with how the metrics stand to them; `unjudged` metrics have no objective."""

    results: tuple[ObjectiveResult, ...]
    unjudged: tuple[str, ...]

    def facts(self) -> dict[str, Any]:
        """Facts of kind ``slo_report``; the most notable results are listed first."""
        order = sorted(range(len(self.results)), key=lambda i: (not _notable(self.results[i]), i))
        return {
            "objective_count": len(self.results),
            "totals": {
                "missing": sum(not r.has_value for r in self.results),
                "above_max": sum((r.objective.operator, r.relation) == ("max", "above") for r in self.results),
                "below_min": sum((r.objective.operator, r.relation) == ("min", "below") for r in self.results),
            },
            "results": [self.results[i].facts(f"/results/{i}") for i in order[:MAX_LISTED]],
            "unjudged_metrics": list(self.unjudged[:MAX_LISTED]),
            "unjudged_total": len(self.unjudged),
        }


def read_metrics(value: Any) -> dict[str, int | Decimal | None]:
    """Read ``{metric: number}``; null means that the metric was not measured. Raises `UsageError`."""
    data = mapping(value, "metrics", '{"failure_rate": 0.001}')
    return {name: None if item is None else number(item, f"metrics.{name}") for name, item in data.items()}


def read_objectives(value: Any) -> tuple[Objective, ...]:
    """Read ``{metric: {min and/or max: number}}``. Raises `UsageError` with one clear line."""
    objectives: list[Objective] = []
    for metric, limits in mapping(value, "objectives", '{"failure_rate": {"max": 0.01}}').items():
        where = f"objectives.{metric}"
        data = mapping(limits, where, '{"max": 0.01}')
        known_keys(data, ("min", "max"), where)
        if not data:
            raise UsageError(f"{where} has neither min nor max", 'write it like {"max": 0.01}')
        own = [Objective(metric, side, number(data[side], f"{where}.{side}")) for side in SIDES if side in data]
        if len(own) == len(SIDES) and own[0].limit > own[1].limit:
            raise UsageError(
                f"{where}: min {own[0].limit} is above max {own[1].limit}", "no value can satisfy both"
            )
        objectives += own
    return tuple(objectives)


SIDES: tuple[Literal["min", "max"], ...] = ("min", "max")


def evaluate(metrics: Mapping[str, int | Decimal | None], objectives: tuple[Objective, ...]) -> ObjectiveFacts:
    """Hold `metrics` against `objectives`, in the order of the objectives."""
    results = []
    for objective in objectives:
        actual = metrics.get(objective.metric)
        if actual is None:
            results.append(ObjectiveResult(objective, False, 0, "none"))
        else:
            results.append(ObjectiveResult(objective, True, actual, relation(actual, objective.limit)))
    judged = {objective.metric for objective in objectives}
    return ObjectiveFacts(tuple(results), tuple(sorted(set(metrics) - judged)))


def _notable(result: ObjectiveResult) -> bool:
    outside = (result.objective.operator, result.relation) in (("max", "above"), ("min", "below"))
    return outside or not result.has_value
