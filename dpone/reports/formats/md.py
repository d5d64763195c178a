"""Markdown: the artifact, byte for byte; for a check of policies a table of what it found."""

from __future__ import annotations

from dpone.reports.model import Report


def render(report: Report) -> bytes:
    """The Markdown document."""
    return report.markdown
