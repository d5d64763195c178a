"""Connector marketplace: the catalogue of connectors, their capabilities and what is proved about them."""

from __future__ import annotations

from typing import Any

from dpone.data.connectors import catalogue
from dpone.decisions.request import GateRequest, Verdict
from dpone.evidence.collect import Service
from dpone.ops.session import Session
from dpone.record import asdict, replace
from dpone.reports.markdown import table

GATE, ARTIFACT = "marketplace", "connector_marketplace"


def request(session: Session) -> GateRequest:
    """Ask whether the catalogue is sound: it has entries, and none claims more than is proved."""
    entries = catalogue()
    rows = [asdict(entry) for entry in entries]
    facts = {
        "count": len(entries),
        "connectors": [{"connector": e.connector, "status": e.status, "proof": e.proof} for e in entries],
    }
    table_rows = [(e.connector, e.status, ", ".join(e.capabilities), e.docs) for e in entries]
    return replace(
        session.ask(ARTIFACT, lambda verdict: view(verdict, rows)),
        services=(Service("marketplace", ARTIFACT, facts, f"{len(entries)} connectors"),),
        sections=("## Connectors", "", *table(("connector", "status", "capabilities", "docs"), table_rows), ""),
        title="Connector marketplace",
    )


def view(verdict: Verdict, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The catalogue by connector."""
    del verdict
    return {"connectors": {row["connector"]: row for row in rows}}
