"""JSON: the artifact, byte for byte."""

from __future__ import annotations

from dpone.reports.model import Report


def render(report: Report) -> bytes:
    """The JSON document."""
    return report.document
