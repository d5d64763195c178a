"""Go-live gate: go or no-go on an evidence bundle."""

from __future__ import annotations

from typing import Any

from dpone.decisions.request import GateRequest, Required, Verdict
from dpone.ops.bundle import NAME, bundle_files
from dpone.ops.lifecycle import free_at
from dpone.ops.session import Session
from dpone.record import replace

GATE, ARTIFACT = "go-live-gate", "go_live_gate"


def request(session: Session, bundle: str) -> GateRequest:
    """Ask whether a bundle lets a release go live."""
    return replace(
        session.ask(ARTIFACT, view),
        given=(session.descriptor(NAME, bundle, kind="ops_evidence_bundle"),),
        services=(bundle_files(session, bundle),),
        required=(Required(NAME, ("ops_evidence_bundle",)),),
        title="Go-live gate",
        free=free_at(ARTIFACT),
    )


def view(verdict: Verdict) -> dict[str, Any]:
    """The fields old scripts read: names of required items that are red, and of optional ones."""
    red = [f.key or f.evidence or f.rule for f in verdict.result.denied]
    optional = [f.key or f.evidence or f.rule for f in verdict.result.warned]
    return {
        "blockers": list(dict.fromkeys(red)),
        "warnings": list(dict.fromkeys(optional)),
        "items": [item for item in verdict.items() if item["name"] == NAME],
    }
