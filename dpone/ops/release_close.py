"""Release close: the last word about a release in an environment."""

from __future__ import annotations

from typing import Any

from dpone.decisions.request import GateRequest, Verdict
from dpone.evidence.collect import Service
from dpone.ops.lifecycle import Step, adopted, behind, found_by, free_at, joined
from dpone.ops.session import Session
from dpone.record import replace

GATE, ARTIFACT = "release-close", "release_close"
NAME = "post_deploy_verify"
NEWEST = "latest_verification"
"""The latest verification here, beside one that was given and is of another deployment."""
MISSING, NOT_PASSED = "release_close.post_deploy_missing", "release_close.post_deploy_not_passed"


def request(session: Session, path: str, closed_by: str, notes: str) -> GateRequest:
    """Ask whether a release may be closed: after a good post-deploy verification of the same release,
    environment and deployment."""
    session = replace(session, claimed=session.claimed or closed_by)
    asked = {n: (v,) for n, v in vars(session.subject).items() if v and n in ("release", "environment")}
    verified = found_by(session, Step(NAME, NAME, asked), path)
    session = adopted(session, verified, ("environment", "change_id", "deployment_id"))
    if verified and path:
        verified = replace(verified, about=replace(session.subject, commit="", run_id=""))
    record, newest = None, None
    if session.subject.release and session.subject.environment:
        # The latest into this environment, whichever they are: an older one must not be closed in their place.
        here = {n: (getattr(session.subject, n),) for n in ("release", "environment")}
        record = behind(session, Step("deployment_record", "deployment_record", here))
        newest = behind(session, Step(NEWEST, NAME, here)) if path else None
    if newest and newest.about and newest.about.deployment_id == session.subject.deployment_id:
        newest = None  # of the same deployment: whether the one that was given is the latest is asked of it
    closing = Service("closing", "closing", {"closed_by": closed_by}, f"by {closed_by}")
    return replace(
        session.ask(ARTIFACT, lambda verdict: view(verdict, closed_by, notes)),
        given=joined((), verified, record, newest),
        services=(closing,),
        required=session.demanded(),
        free=free_at(ARTIFACT),
        said={"closed_by": closed_by},
        title=f"Release close {session.subject.release}".rstrip(),
    )


def view(verdict: Verdict, closed_by: str, notes: str) -> dict[str, Any]:
    """The fields old scripts read."""
    verified = next((e for e in verdict.evidence if e.name == NAME), None)
    absent = verified is not None and verified.state == "missing"
    told = []
    for finding in verdict.result.denied:
        red = (
            (MISSING if absent else NOT_PASSED)
            if finding.evidence == NAME
            else (finding.evidence or finding.rule)
        )
        told.append(finding.key if finding.key == MISSING else red)
    return {
        "release": verdict.subject.release,
        "status": "closed" if verdict.passed else "rollback_required",
        "blockers": list(dict.fromkeys(told)),
        "deployment_id": verdict.subject.deployment_id,
        "environment": verdict.subject.environment,
        "closed_by": closed_by,
        "closed_at": verdict.decided_at,
        "notes": notes,
        "post_deploy_verify_path": verified.uri if verified else "",
        "post_deploy_verify_sha256": verified.sha256 if verified else "",
        "output_dir": verdict.output_dir,
    }
