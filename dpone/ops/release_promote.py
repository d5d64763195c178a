"""Release promotion: the same release, from the environment where it was allowed into the next one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dpone.decisions.request import GateRequest, Verdict
from dpone.evidence.collect import Descriptor, Service
from dpone.ops.approvals import votes_now
from dpone.ops.lifecycle import Step, adopted, behind, blockers, found_by, free_at, from_before, items, joined
from dpone.ops.session import Session
from dpone.record import replace

GATE, ARTIFACT = "release-promote", "promotion_manifest"


def request(session: Session, source: str, artifacts: Sequence[str]) -> GateRequest:
    """Ask whether a release may go from the environment `source` into the one the session is about.

    What it stands on is found in the ledger: the release's decision in the source environment, the drift
    between the two, and the approval of the change where there is one.
    """
    given = session.attached(artifacts)
    names = {descriptor.name for descriptor in given}
    release, target = session.subject.release, session.subject.environment
    here = {"release": (release,), "environment": (target,)}
    approval = _found(session, names, Step("approval_record", "approval_record", here))
    approval = approval or next((d for d in given if d.name == "approval_record"), None)
    session = adopted(session, approval, ("change_id",))
    given = from_before(session, given, source)
    steps = (
        Step("release_gate", "release_gate", {"release": (release,), "environment": (source, "")}),
        Step("env_drift", "env_drift", {"environment": (target,), "release": (release, "")}),
    )
    change = None
    if approval and release:
        of_change = {**here, "change_id": (session.subject.change_id,)}
        change = behind(session, Step("change_request", "change_request", of_change))
    found = [_found(session, names, step) for step in steps]
    settings = session.config.below("environments", target) if target else {}
    facts = {
        "from_environment": source,
        "to_environment": target,
        "comes_after": str(settings.get("after", "")),
        "needs_approval": settings.get("required_change_request") is True,
    }
    return replace(
        session.ask(ARTIFACT, lambda verdict: view(verdict, source)),
        given=joined(given, *found, approval, change),
        approvals=votes_now(session, change),
        services=(Service("promotion", "promotion", facts, f"{source} -> {target}"),),
        required=session.demanded(),
        free=free_at(ARTIFACT),
        said={"from_environment": source, "to_environment": target},
        title=f"Promotion {release} {source} -> {target}",
    )


def _found(session: Session, given: set[str], step: Step) -> Descriptor | None:
    """The evidence of a step, unless some was given under its name or the release is not named."""
    return None if step.name in given or not session.subject.release else found_by(session, step)


def view(verdict: Verdict, source: str) -> dict[str, Any]:
    """The fields old scripts read."""
    return {
        "release": verdict.subject.release,
        "from_environment": source,
        "to_environment": verdict.subject.environment,
        "promoted_at": verdict.decided_at,
        "blockers": blockers(verdict, {}),
        "output_dir": verdict.output_dir,
        "items": items(verdict),
    }
