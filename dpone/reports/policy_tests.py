"""Outcomes of policy tests for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from dpone.policy.outcomes import Outcome
from dpone.policy.reach import Place, Reach
from dpone.record import asdict

SHOWN = 25
"""Up to this many tests, those that passed are named too."""


def test_lines(outcomes: Sequence[Outcome], *, every: bool) -> list[str]:
    """One line a test and, where it failed, what was expected and what came."""
    width = max((len(outcome.name) for outcome in outcomes), default=0)
    lines = []
    for outcome in outcomes:
        if not outcome.passed:
            place = "" if outcome.problem.startswith("expected  ") else f"{outcome.path}:{outcome.line}   "
            first, *more = outcome.problem.split("\n")
            lines += [
                f"{outcome.name:<{width}}  FAIL",
                f"    {place}{first}",
                *(f"    {line}" for line in more),
            ]
        elif every or len(outcomes) <= SHOWN:
            lines.append(f"{outcome.name:<{width}}  ok")
    return lines


def closing_line(outcomes: Sequence[Outcome], reaches: Sequence[Reach], engine: str) -> str:
    """`3 of 5 passed, rules 1 of 1, rule bodies 2 of 2 reached, engine regopy 1.5.2`."""
    if not outcomes:
        return "no tests found: nothing was proved"
    parts = [f"{sum(outcome.passed for outcome in outcomes)} of {len(outcomes)} passed"]
    if reaches:
        parts.append(together(reaches).line())
    return ", ".join((*parts, *([f"engine {engine}"] if engine else [])))


def together(reaches: Sequence[Reach]) -> Reach:
    """What several folders' tests reach, as one."""
    return Reach(
        tuple(rule for reach in reaches for rule in reach.rules),
        tuple(body for reach in reaches for body in reach.bodies),
    )


def missed_lines(places: Sequence[Place]) -> list[str]:
    """One line for everything no test reaches, with its file and line."""
    return [f"not reached  {place.path}:{place.line}  {place.name}" for place in places]


def reach_document(reach: Reach) -> dict[str, object]:
    """The same for programs."""
    return {
        "rules": {"reached": sum(r.reached for r in reach.rules), "total": len(reach.rules), "percent": reach.rule_percent},
        "bodies": {
            "reached": sum(b.reached for b in reach.bodies),
            "total": len(reach.bodies),
            "percent": reach.body_percent,
        },
        "missed": [asdict(place) for place in reach.missed],
    }  # fmt: skip


def tests_json(outcomes: Sequence[Outcome]) -> str:
    """The outcomes as a JSON array."""
    return json.dumps([{**asdict(o), "passed": o.passed} for o in outcomes], indent=2, ensure_ascii=False)
