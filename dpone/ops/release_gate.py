"""The release gate: all evidence of a release, from raw tool output to sealed decisions, in one answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dpone.decisions.request import GateRequest, Verdict
from dpone.ops.lifecycle import free_at
from dpone.ops.session import Session
from dpone.record import replace

ARTIFACT = "release_gate"


def request(session: Session, artifacts: Sequence[str]) -> GateRequest:
    """Ask the release gate about everything declared in dpone.yaml and given as `name=path`."""
    return replace(
        session.ask(ARTIFACT, view),
        given=session.evidence(artifacts),
        required=session.required(),
        free=free_at(ARTIFACT),
        title=f"Release gate {session.subject.release}".strip(),
    )


def view(verdict: Verdict) -> dict[str, Any]:
    """The fields old scripts read."""
    return {
        "release": verdict.subject.release,
        "blockers": verdict.blockers(),
        "warnings": sorted({f.evidence or f.rule for f in verdict.result.warned}),
        "artifact_dir": verdict.output_dir,
        "items": verdict.items(),
    }
