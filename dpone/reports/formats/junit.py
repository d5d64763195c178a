"""JUnit XML: one test case per rule and item, so that any CI shows what is red."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from dpone.reports.model import Report, ShownFinding

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> bytes:
    """The JUnit document (attributes of xunit2). What could not be decided is an error, what a waiver covers
    is skipped with its reason, and warnings stand in the output of a case that passed."""
    told: dict[tuple[str, str], list[ShownFinding]] = {(case.rule, case.about): [] for case in report.cases}
    for finding in report.findings:
        told.setdefault((finding.rule, finding.about), []).append(finding)
    outcomes = {case: _outcome(findings) for case, findings in told.items()}
    count = list(outcomes.values()).count
    totals = f'tests="{len(told)}" failures="{count("failure")}" errors="{count("error")}"'
    name = _attr(report.check)
    properties = {**report.subject, "status": report.status, "decision": report.decision}
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f"<testsuites {totals}>",
        f'  <testsuite name={name} {totals} skipped="{count("skipped")}" timestamp={_attr(report.time)}>',
        "    <properties>",
        *(f"      <property name={_attr(k)} value={_attr(v)}/>" for k, v in properties.items() if v),
        "    </properties>",
        *(_case(report.check, case, outcomes[case], told[case]) for case in sorted(told)),
        "  </testsuite>",
        "</testsuites>",
    ]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _outcome(findings: list[ShownFinding]) -> str:
    """The element that stands in a case, empty for one that simply passed."""
    states = {finding.state for finding in findings}
    for state, element in (("undetermined", "error"), ("denied", "failure"), ("waived", "skipped")):
        if state in states:
            return element
    return "system-out" if findings else ""


def _case(check: str, case: tuple[str, str], outcome: str, findings: list[ShownFinding]) -> str:
    head = f"    <testcase classname={_attr(check)} name={_attr(' '.join(part for part in case if part))}"
    if not outcome:
        return f"{head}/>"
    shown = [finding for finding in findings if finding.red] or findings
    text = " | ".join(_sentence(finding) for finding in shown)
    if outcome == "system-out":
        return f"{head}><system-out>{escape(_plain(text))}</system-out></testcase>"
    kind = "" if outcome == "skipped" else f" type={_attr(case[0])}"
    return f"{head}><{outcome}{kind} message={_attr(text)}/></testcase>"


def _sentence(finding: ShownFinding) -> str:
    told = f"{finding.message} -> {finding.remedy}" if finding.remedy else finding.message
    if finding.state == "waived":
        return f"waived: {told} ({finding.justification})" if finding.justification else f"waived: {told}"
    return told if finding.red else f"{finding.state}: {told}"


def _attr(text: str) -> str:
    return quoteattr(_plain(text))


def _plain(text: str) -> str:
    return _FORBIDDEN.sub(" ", text)
