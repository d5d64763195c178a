"""Text for people, without colour."""

from __future__ import annotations

from dpone.reports.model import Report


def render(report: Report) -> bytes:
    """The text as the terminal shows it."""
    return report.text
