"""Post-deploy verification: is the deployment good, or must it be rolled back?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dpone.decisions.request import GateRequest, Verdict
from dpone.ops.lifecycle import Step, adopted, blockers, found_by, free_at, items, joined
from dpone.ops.session import Session
from dpone.record import replace

GATE, ARTIFACT = "post-deploy-verify", "post_deploy_verify"
NAME = "deployment_record"


def request(session: Session, path: str, artifacts: Sequence[str]) -> GateRequest:
    """Ask whether a deployment may be closed: its record and the checks made on it afterwards."""
    asked = {n: (v,) for n, v in vars(session.subject).items()
             if v and n in ("release", "environment", "deployment_id")}  # fmt: skip
    record = found_by(session, Step(NAME, NAME, asked), path)
    session = adopted(session, record, ("release", "environment", "change_id", "deployment_id"))
    if record and path:
        record = replace(record, about=replace(session.subject, commit="", run_id=""))
    given = session.attached(artifacts)
    return replace(
        session.ask(ARTIFACT, view),
        given=joined(given, record),
        required=session.demanded(),
        parameters={"checks_named": session.config.for_gate(GATE, "require") != "declared"},
        free=free_at(ARTIFACT),
        title=f"Post-deploy verification {session.subject.deployment_id}".rstrip(),
    )


def view(verdict: Verdict) -> dict[str, Any]:
    """The fields old scripts read."""
    record = next((e for e in verdict.evidence if e.name == NAME), None)
    return {
        "deployment_id": verdict.subject.deployment_id,
        "release": verdict.subject.release,
        "environment": verdict.subject.environment,
        "status": "release_closed" if verdict.passed else "rollback_required",
        "blockers": blockers(verdict, {f"{GATE}.deployment_recorded": NAME}),
        "deployment_record_path": record.uri if record else "",
        "deployment_record_sha256": record.sha256 if record else "",
        "checks_count": sum(e.name != NAME for e in verdict.evidence),
        "output_dir": verdict.output_dir,
        "items": items(verdict),
    }
