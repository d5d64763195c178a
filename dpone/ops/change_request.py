"""Change request: who asks for which change to which environment, at what risk, and who may approve it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dpone.clock import read_time
from dpone.decisions.request import GateRequest, Verdict
from dpone.evidence.collect import Service
from dpone.evidence.fields import plural
from dpone.ops import approvals, lifecycle
from dpone.ops.lifecycle import Step, blockers, found_by, free_at, items, joined
from dpone.ops.session import Session
from dpone.record import dataclass, replace
from dpone.signing.trust import person, same_person
from dpone.workspace import check_id

GATE, ARTIFACT = "change-request", "change_request"
RISKS = ("low", "medium", "high", "critical")


@dataclass(frozen=True)
class Change:
    """A change as it is asked for. `expires_at` is RFC 3339 or empty; names are as they were typed."""

    change_id: str
    risk_level: str
    requested_by: str
    approvers: tuple[str, ...]
    expires_at: str = ""


def request(session: Session, change: Change, artifacts: Sequence[str]) -> GateRequest:
    """Ask whether a change may be put before its approvers.

    Attached is what was given, and the release's own decision where the ledger knows it. Raises `UsageError`
    for an id that cannot name a change.
    """
    check_id(change.change_id, "--change-id")
    session = session.about(replace(session.subject, change_id=change.change_id))
    session = replace(session, claimed=session.claimed or change.requested_by)
    requester = lifecycle.who(session, ARTIFACT, change.requested_by)
    before = session.config.find("environments", session.subject.environment, "after")
    where = {"environment": (before, "")} if before else {}
    gate = Step("release_gate", "release_gate", {"release": (session.subject.release,), **where})
    given = lifecycle.from_before(session, session.attached(artifacts), str(before or ""))
    found = found_by(session, gate) if session.subject.release else None
    return replace(
        session.ask(ARTIFACT, lambda verdict: view(verdict, change)),
        given=joined(given, found),
        services=(_service(session, change, requester),),
        required=session.demanded(),
        free=free_at(ARTIFACT),
        said={
            "risk_level": change.risk_level,
            "requester": requester,
            "requested_by": change.requested_by,
            "approvers": sorted({person(name) for name in change.approvers}),
            "expires_at": change.expires_at,
        },
        title=f"Change request {change.change_id}",
    )


def _service(session: Session, change: Change, requester: str) -> Service:
    now = session.workspace.clock.now()
    expires = read_time(change.expires_at) if change.expires_at else None
    facts = {
        "change_id": change.change_id,
        "risk_level": change.risk_level,
        "requester": requester,
        "approvers": [
            {
                "person": person(name),
                "requester": same_person(name, requester) or same_person(name, change.requested_by),
                "can_sign": approvals.can_sign(session, name),
            }
            for name in sorted(set(change.approvers))
        ],
        "limited": bool(change.expires_at),
        "expires_at": change.expires_at,
        "expires_readable": expires is not None,
        "expired": expires is not None and expires <= now,
    }
    return Service(
        "change", "change", facts, f"{change.risk_level} risk, {plural(len(change.approvers), 'approver')}"
    )


def view(verdict: Verdict, change: Change) -> dict[str, Any]:
    """The fields old scripts read."""
    return {
        "change_id": change.change_id,
        "release": verdict.subject.release,
        "target_environment": verdict.subject.environment,
        "risk_level": change.risk_level,
        "requested_by": change.requested_by,
        "approvers": list(dict.fromkeys(change.approvers)),
        "requested_at": verdict.decided_at,
        "expires_at": change.expires_at or None,
        "blockers": blockers(verdict, {}),
        "output_dir": verdict.output_dir,
        "items": items(verdict),
    }
