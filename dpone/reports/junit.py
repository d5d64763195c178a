"""JUnit XML of a decision: one test case per rule and item, so that any CI shows what is red."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from dpone.decisions.decide import Outcome

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_report(outcome: Outcome) -> bytes:
    """The JUnit document (xunit2 attributes). An undecided gate is one error."""
    verdict = outcome.decision.verdict
    result = verdict.result
    cases: list[str] = []
    red: dict[tuple[str, str], list[str]] = {}
    for finding in result.denied:
        red.setdefault((finding.rule, finding.evidence), []).append(f"{finding.message} -> {finding.remedy}")
    answered = {(row.rule, row.evidence) for row in result.table} | set(red)
    for rule, name in sorted(answered):
        head = f"<testcase classname={_attr(outcome.request.gate)} name={_attr(f'{rule} {name}'.strip())}"
        if (rule, name) in red:
            told = " | ".join(red[rule, name])
            cases.append(f"    {head}><failure message={_attr(told)}/></testcase>")
        else:
            cases.append(f"    {head}/>")
    errors = 0
    if result.status == "undecided":
        errors = 1
        cases.append(
            f'    <testcase classname={_attr(outcome.request.gate)} name="decided">'
            f"<error message={_attr(result.problem or 'could not decide')}/></testcase>"
        )
    elif not result.passed and not red:
        red[("evaluated", "")] = []
        cases.append(
            f'    <testcase classname={_attr(outcome.request.gate)} name="evaluated">'
            '<failure message="no rule about content cleared any evidence"/></testcase>'
        )
    counts = f'tests="{len(cases)}" failures="{len(red)}" errors="{errors}" skipped="0"'
    suite = f"  <testsuite name={_attr(outcome.request.gate)} {counts} timestamp={_attr(verdict.decided_at)}>"
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f"<testsuites {counts}>",
        suite,
        *cases,
        "  </testsuite>",
        "</testsuites>",
    ]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _attr(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub(" ", text))
