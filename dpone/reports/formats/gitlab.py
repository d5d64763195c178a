"""GitLab's code quality report: docs.gitlab.com, "Code Quality", "Code Quality report format"."""

from __future__ import annotations

from typing import Any

from dpone.canonical import sha256_hex
from dpone.reports.model import Report, ShownFinding


def render(report: Report) -> bytes:
    """A JSON array with one entry per finding, the loudest first. GitLab drops the second of two entries with one
    fingerprint, so each has its own."""
    import json

    seen: dict[str, int] = {}
    ordered = sorted(report.findings, key=lambda f: (SEVERITIES.index(_severity(f)), f.rule, f.about))
    entries = [_entry(finding, report.home, seen) for finding in ordered]
    return (json.dumps(entries, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


SEVERITIES = ("blocker", "critical", "major", "minor", "info")
"""From the loudest to the quietest: no answer, a mandatory rule, any other red one, a warning, not counted."""


def _severity(finding: ShownFinding) -> str:
    if finding.state == "undetermined":
        return "blocker"
    if finding.state == "denied":
        return "critical" if finding.mandatory else "major"
    return "minor" if finding.state == "warned" else "info"


def _entry(finding: ShownFinding, home: str, seen: dict[str, int]) -> dict[str, Any]:
    told = (
        finding.message
        if finding.state in ("denied", "undetermined")
        else f"{finding.state}: {finding.message}"
    )
    if finding.state == "waived" and finding.justification:
        told += f" ({finding.justification})"
    elif finding.remedy:
        told += f" -> {finding.remedy}"
    fingerprint = sha256_hex(finding.fingerprint.encode())
    seen[fingerprint] = seen.get(fingerprint, 0) + 1
    if seen[fingerprint] > 1:
        fingerprint = sha256_hex(f"{fingerprint} {seen[fingerprint]}".encode())
    return {
        "description": told,
        "check_name": finding.rule,
        "fingerprint": fingerprint,
        "severity": _severity(finding),
        "location": {"path": finding.place.path or home, "lines": {"begin": max(1, finding.place.line)}},
    }
