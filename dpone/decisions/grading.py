"""What a finding counts for: rule modes and dates, severities, and how many one rule may have."""

from __future__ import annotations

from collections.abc import Iterable

from dpone.decisions.result import Finding, in_order
from dpone.policy.inventory import RuleInfo
from dpone.record import replace

IDLE = ("shadow", "upcoming")
"""Modes in which a rule does not count."""
PER_RULE = 200
"""Findings one rule may have about one item in one result; facts carry the totals."""


def mode_of(rule: RuleInfo, now: str) -> str:
    """`enforce`, `warn`, `shadow`, or `upcoming` for a rule that counts from a later date. Mandatory rules
    are always enforced. Instants in one form compare as texts."""
    if rule.mandatory:
        return "enforce"
    if rule.effective_from:
        since = rule.effective_from if "T" in rule.effective_from else f"{rule.effective_from}T00:00:00Z"
        if since > now:
            return "upcoming"
    return rule.mode


def graded(finding: Finding, fail_on: str, mode: str) -> Finding:
    """The finding in the state it counts for: under `fail_on` error a warning only warns."""
    if mode in IDLE:
        return replace(finding, state="shadow" if mode == "shadow" else "upcoming")
    lenient = mode == "warn" or (finding.severity == "warning" and fail_on == "error")
    return replace(finding, state="warned") if finding.state == "denied" and lenient else finding


def bounded(findings: Iterable[Finding]) -> list[Finding]:
    """At most `PER_RULE` findings for one rule and item, the first by key, and never a lost verdict."""
    seen: dict[tuple[str, str, str], int] = {}
    kept = []
    for finding in sorted(findings, key=lambda f: (*in_order(f), f.state)):
        place = (finding.rule, finding.evidence, finding.state)
        seen[place] = seen.get(place, 0) + 1
        if seen[place] <= PER_RULE:
            kept.append(finding)
    return kept
