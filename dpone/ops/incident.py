"""Incident pack: everything about an incident or review in one decision: what is attached, when it happened, what is
red and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dpone.decisions.request import GateRequest, Verdict
from dpone.ops.packs import action_rows, pack, required_names, timeline, title_of
from dpone.ops.session import Session
from dpone.record import replace
from dpone.reports.packs import action_list, timeline_table
from dpone.workspace import check_id

ARTIFACT = "ops_incident_pack"


def request(
    session: Session, incident_id: str, title: str, severity: str, artifacts: Sequence[str]
) -> GateRequest:
    """Ask whether anything attached to an incident is still red. Raises `UsageError`."""
    check_id(incident_id, "--incident-id")
    title, severity = title_of(title), title_of(severity, "--severity")
    required = required_names(session)

    def view(verdict: Verdict) -> dict[str, Any]:
        """The fields old scripts read, and beside them the timeline and what to mend."""
        return {
            "incident_id": incident_id,
            "title": title,
            "severity": severity,
            "artifact_dir": verdict.output_dir,
            "blockers": verdict.blockers(),
            "items": verdict.items(),
            "timeline": timeline(verdict),
            "actions": action_rows(verdict, required),
        }

    return replace(
        pack(session, ARTIFACT, artifacts, view),
        parameters={"attached": len(artifacts)},
        told=lambda verdict: told(verdict, required),
        said={"incident_id": incident_id, "severity": severity},
        title=f"Incident {incident_id}: {title}",
    )


def told(verdict: Verdict, required: Sequence[str]) -> list[str]:
    """The timeline and the checklist of the Markdown."""
    red = action_rows(verdict, required)
    listed = action_list(red) if red else ["Nothing attached is red.", ""]
    return [
        "## Timeline",
        "",
        *timeline_table(timeline(verdict)),
        "## What to mend, in this order",
        "",
        *listed,
    ]
