"""Outcomes of policy tests for people, for programs, and as JUnit XML."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from dpone.policy.outcomes import Outcome
from dpone.policy.reach import Place, Reach
from dpone.record import asdict

SHOWN = 25
"""Up to this many tests, those that passed are named too."""
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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


def tests_junit(outcomes: Sequence[Outcome], suite: str) -> str:
    """The outcomes as a JUnit document, a test suite for each file; no test at all is an error in it."""
    files: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        files.setdefault(outcome.path or suite, []).append(outcome)
    red = sum(not outcome.passed for outcome in outcomes)
    lines = ['<?xml version="1.0" encoding="utf-8"?>']
    if not outcomes:
        lines += [
            '<testsuites tests="1" failures="0" errors="1">',
            f'  <testsuite name={_attr(suite)} tests="1" failures="0" errors="1" skipped="0">',
            '    <testcase classname="dpone" name="tests"><error message="no tests found"/></testcase>',
            "  </testsuite>",
        ]
    else:
        lines.append(f'<testsuites tests="{len(outcomes)}" failures="{red}" errors="0">')
    for path, found in files.items():
        failed = sum(not outcome.passed for outcome in found)
        counts = f'tests="{len(found)}" failures="{failed}" errors="0" skipped="0"'
        lines.append(f"  <testsuite name={_attr(path)} {counts}>")
        for outcome in found:
            head = (
                f"<testcase classname={_attr(path)} name={_attr(outcome.name)} line={_attr(str(outcome.line))}"
            )
            told = f"><failure message={_attr(outcome.problem)}/></testcase>" if not outcome.passed else "/>"
            lines.append(f"    {head}{told}")
        lines.append("  </testsuite>")
    return "\n".join((*lines, "</testsuites>"))


def _attr(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub(" ", text), {"\n": "&#10;"})
