"""bandit's JSON report.

A file that does not parse leaves exit status 0 and an entry under `errors`. The metrics count every
issue, also those that a level filter or a baseline kept out of `results`: what is hidden that way is a
fact of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from dpone.evidence.fields import LISTED, Field, names_text, plural
from dpone.evidence.model import Counts, Document, Reading

KIND = "bandit"
TITLE = "bandit report"
PRODUCER = "bandit -r . -f json -o build/bandit.json"

_RANKS = {"LOW": 1, "MEDIUM": 2, "HIGH": 3, "UNDEFINED": 3}
"""An issue whose severity bandit does not know is judged like the worst."""


def recognize(document: Document) -> bool:
    """Whether this is an object with bandit's `errors`, `results` and `metrics._totals`."""
    root = document.root
    if document.syntax != "json" or not isinstance(root, dict):
        return False
    metrics = root.get("metrics")
    lists = isinstance(root.get("errors"), list) and isinstance(root.get("results"), list)
    return lists and isinstance(metrics, dict) and "_totals" in metrics


def read(document: Document, _options: Mapping[str, Any]) -> Reading:
    """Count issues by severity and compare them with the metrics."""
    root = Field(document.root)
    totals = root.at("metrics").at("_totals")
    loc = totals.at("loc").count()
    errors = [each.at("filename").text() for each in root.at("errors").array()]
    issues = [_issue(each) for each in root.at("results").array()]
    issues.sort(key=lambda issue: -issue["rank"])
    listed = Counter(issue["severity"] for issue in issues)
    measured = {severity: _metric(totals, severity) for severity in _RANKS}
    hidden = {severity: max(0, measured[severity] - listed[severity]) for severity in _RANKS}
    facts: dict[str, Any] = {
        "loc": loc,
        "high": listed["HIGH"],
        "medium": listed["MEDIUM"],
        "low": listed["LOW"],
        "undefined": listed["UNDEFINED"],
        "hidden_high": hidden["HIGH"] + hidden["UNDEFINED"],
        "hidden_medium": hidden["MEDIUM"],
        "hidden_low": hidden["LOW"],
        "errors": len(errors),
        "errors_text": names_text([name[:200] for name in errors]),
        "nosec": totals.at("nosec").count(),
        "results_total": len(issues),
        "results": issues[:LISTED],
    }
    when = root.get("generated_at")
    return Reading(
        kind=KIND,
        tool="bandit",
        reported="failed" if issues or errors else "passed" if loc else "empty",
        counts=Counts(failed=len(issues), errored=len(errors), skipped=sum(hidden.values())),
        facts=facts,
        summary=_summary(facts),
        produced_at=when.instant() if when else None,
        contradictions=tuple(
            f"lists {listed[severity]} issues of severity {severity}, its metrics say {measured[severity]}"
            for severity in _RANKS
            if listed[severity] > measured[severity]
        ),
    )


def _issue(issue: Field) -> dict[str, Any]:
    severity = issue.at("issue_severity").choice(_RANKS)
    rule, file = issue.at("test_id").text()[:60], issue.at("filename").text()[:200]
    line = issue.at("line_number").count()
    return {
        "rule": rule,
        "severity": severity,
        "rank": _RANKS[severity],
        "file": file,
        "line": line,
        "key": f"{rule} {file}:{line}",
        "pointer": issue.pointer,
    }


def _metric(totals: Field, severity: str) -> int:
    found = totals.get(f"SEVERITY.{severity}")
    return found.count() if found else 0


def _summary(facts: Mapping[str, Any]) -> str:
    if facts["errors"]:
        return f"{plural(facts['errors'], 'file')} could not be read: {facts['errors_text']}"
    if not facts["loc"]:
        return "no line of code was scanned"
    issues = facts["results"]
    if not issues:
        return f"0 issues in {plural(facts['loc'], 'line')}"
    counted = [f"{facts[name]} {name}" for name in ("undefined", "high", "medium", "low") if facts[name]]
    return f"{', '.join(counted)}: {issues[0]['key']}"
