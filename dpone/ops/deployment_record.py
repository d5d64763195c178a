"""Deployment record: what was deployed where, by whom, under which approval, and how it went."""

from __future__ import annotations

from typing import Any

from dpone.clock import read_time
from dpone.decisions.request import GateRequest, Verdict
from dpone.evidence.collect import SKEW_SECONDS, Descriptor, Service
from dpone.evidence.fields import plural
from dpone.ops import lifecycle
from dpone.ops.approvals import votes_now
from dpone.ops.lifecycle import Step, adopted, behind, blockers, found_by, free_at, joined, vouched_of
from dpone.ops.session import Session
from dpone.record import dataclass, replace
from dpone.workspace import time_text

GATE, ARTIFACT = "deployment-record", "deployment_record"
STATUSES = ("succeeded", "completed", "failed", "partial")
IDS = {"approval_record": "deployment.approval_not_passed"}


@dataclass(frozen=True)
class Deployment:
    """A deployment as it is told. Times are RFC 3339 or empty (now); `checks` maps names to outcomes;
    `rollback` is the path of rollback evidence or empty."""

    deployment_id: str
    status: str
    checks: tuple[tuple[str, bool], ...]
    rollback: str = ""
    started_at: str = ""
    finished_at: str = ""


def request(session: Session, path: str, told: Deployment) -> GateRequest:
    """Ask whether a deployment stands: approved for this very environment, promoted, and well done."""
    session = session.about(replace(session.subject, deployment_id=told.deployment_id))
    asked = {
        n: (v,) for n, v in vars(session.subject).items() if v and n in ("release", "environment", "change_id")
    }
    approval = found_by(session, Step("approval_record", "approval_record", asked), path)
    session = adopted(session, approval, ("release", "change_id"))
    if approval and path:
        approval = replace(approval, about=replace(session.subject, commit="", run_id="", deployment_id=""))
    promotion, gate, change = _behind(session, approval)
    rollback = None
    if told.rollback:
        place = str(session.workspace.argument(told.rollback))
        rollback = session.descriptor("rollback", place)
    service = _service(session, told)
    return replace(
        session.ask(ARTIFACT, lambda verdict: view(verdict, told, service.facts)),
        given=joined((), approval, promotion, gate, change, rollback),
        approvals=votes_now(session, change),
        services=(service,),
        required=session.demanded(),
        free=free_at(ARTIFACT),
        said={
            "status": told.status,
            "deployer": service.facts["deployer"],
            "finished_seconds_ago": service.facts["finished_seconds_ago"],
        },
        title=f"Deployment record {told.deployment_id}",
    )


def _behind(session: Session, approval: Descriptor | None) -> tuple[Descriptor | None, ...]:
    """What the ledger has behind a deployment: the promotion, the decision about the release that the promotion
    was built on as it is now, and the change request that was approved as it is now."""
    about = session.subject
    if not about.release or not about.environment:
        return None, None, None
    here = {"release": (about.release,), "environment": (about.environment,)}
    promotion = found_by(session, Step("promotion_manifest", "promotion_manifest", here))
    if promotion:  # of the same change: one that was approved otherwise was not promoted
        promotion = replace(promotion, about=replace(about, commit="", run_id="", deployment_id=""))
    source = (vouched_of(session, promotion).signed or {}).get("said", {}) if promotion else {}
    before = {"release": (about.release,), "environment": (str(source.get("from_environment", "")), "")}
    gate = behind(session, Step("release_gate", "release_gate", before)) if promotion else None
    of_change = Step("change_request", "change_request", {**here, "change_id": (about.change_id,)})
    return promotion, gate, behind(session, of_change) if approval and about.change_id else None


def _service(session: Session, told: Deployment) -> Service:
    now = session.workspace.clock.now()
    finished = read_time(told.finished_at) if told.finished_at else now
    started = read_time(told.started_at) if told.started_at else finished
    settings = (
        session.config.below("environments", session.subject.environment) if session.subject.environment else {}
    )
    known = started is not None and finished is not None
    facts = {
        "deployment_id": told.deployment_id,
        "status": told.status,
        "checks": [{"name": name, "passed": passed} for name, passed in told.checks],
        "times_readable": known,
        "in_order": started is not None and finished is not None and started <= finished,
        "from_future": any(
            t is not None and (t - now).total_seconds() > SKEW_SECONDS for t in (started, finished)
        ),
        "started_seconds_ago": max(0, int((now - started).total_seconds())) if started else 0,
        "finished_seconds_ago": max(0, int((now - finished).total_seconds())) if finished else 0,
        "started_at": time_text(started) if started else told.started_at,
        "finished_at": time_text(finished) if finished else told.finished_at,
        "deployer": lifecycle.who(session, ARTIFACT, session.claimed),
        "has_rollback": bool(told.rollback),
        "needs_promotion": bool(settings.get("after")),
    }
    return Service("deployment", "deployment", facts, f"{told.status}, {plural(len(told.checks), 'check')}")


def view(verdict: Verdict, told: Deployment, facts: Any) -> dict[str, Any]:
    """The fields old scripts read."""
    approval = next((e for e in verdict.evidence if e.name == "approval_record"), None)
    return {
        "deployment_id": told.deployment_id,
        "change_id": verdict.subject.change_id,
        "release": verdict.subject.release,
        "environment": verdict.subject.environment,
        "actor": facts["deployer"],
        "approval_record_path": approval.uri if approval else "",
        "approval_record_sha256": approval.sha256 if approval else "",
        "status": told.status,
        "blockers": blockers(verdict, IDS),
        "started_at": facts["started_at"],
        "finished_at": facts["finished_at"],
        "rollback_artifact_path": told.rollback or None,
        "post_checks": dict(told.checks),
        "post_checks_count": len(told.checks),
        "failed_post_checks": [name for name, passed in told.checks if not passed],
        "output_dir": verdict.output_dir,
    }
