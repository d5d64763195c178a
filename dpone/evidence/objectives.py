"""Objectives from dpone.yaml (`evidence.<name>.objectives`), and values held beside them.

Rules compare; this only puts value and limit next to each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpone.evidence.fields import LISTED, Field, plain_number
from dpone.evidence.model import Invalid
from dpone.record import dataclass

REDUCTIONS = ("max", "min", "sum", "avg", "last")


@dataclass(frozen=True)
class Objective:
    """One limit of one metric, inclusive: `operator` max or min. `reduce` may be empty."""

    metric: str
    operator: str
    limit: int | float
    reduce: str

    def row(self, value: float | None, reason: str, pointer: str) -> dict[str, Any]:
        """The objective beside its value, as rules see it; `reason` says why there is none."""
        return {
            "metric": self.metric[:200],
            "operator": self.operator,
            "objective": self.limit,
            "value": 0 if value is None else plain_number(value),
            "has_value": value is not None,
            "reason": reason,
            "pointer": pointer,
        }


def read_objectives(options: Mapping[str, Any]) -> list[Objective]:
    """The objectives by metric and operator; at most a hundred. Raises `Invalid` (`options`)."""
    given = Field(dict(options)).get("objectives")
    found = []
    for metric, objective in sorted(given.members() if given else [], key=lambda member: member[0]):
        if not set(objective.object()) <= {"max", "min", "reduce"} or not {"max", "min"} & set(
            objective.object()
        ):
            raise Invalid("options", f"objective {metric[:100]!r} needs max or min, and may have reduce")
        reduction = objective.get("reduce")
        how = reduction.choice(REDUCTIONS) if reduction else ""
        found += [
            Objective(metric, op, limit.number(), how) for op in ("max", "min") if (limit := objective.get(op))
        ]
    if len(found) > LISTED:
        raise Invalid("options", f"{len(found)} objectives for one answer, at most {LISTED}")
    return found


def measured(objectives: list[Objective], values: Mapping[str, tuple[float, str]]) -> list[dict[str, Any]]:
    """Every objective beside the value of its name, with a `text` for people and a `key`; `values` are pairs of a
    finite number and its pointer."""
    rows = []
    for objective in objectives:
        value, pointer = values.get(objective.metric, (None, ""))
        row = objective.row(value, "" if value is not None else "no_data", pointer)
        told = (
            f"{objective.metric[:200]} is {value:.15g}"
            if value is not None
            else (f"{objective.metric[:200]} was not measured")
        )
        text = f"{told}, objective {objective.operator} {objective.limit:.15g}"
        rows.append({**row, "text": text, "key": f"{row['metric']} {objective.operator}"})
    return rows


def met(row: Mapping[str, Any]) -> bool:
    """Whether a value keeps its limit: for summaries and counts only, the rules compare for themselves."""
    if not row["has_value"]:
        return False
    value, limit = row["value"], row["objective"]
    return bool(value <= limit if row["operator"] == "max" else value >= limit)
