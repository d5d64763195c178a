"""Sealing: an in-toto statement over the files and the input, signed as a DSSE envelope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dpone.canonical import canonical_bytes, sha256_hex
from dpone.decisions.gate_input import Actor, GateInput
from dpone.decisions.request import Context, GateRequest, Verdict
from dpone.evidence.model import Evidence
from dpone.evidence.seals import DECISION_PREDICATE
from dpone.record import asdict, dataclass
from dpone.signing.dsse import DECISION, seal
from dpone.signing.statement import StatementSubject, statement_bytes

DECISION_SCHEMA = "dpone.decision/v1"


@dataclass(frozen=True)
class Decision:
    """A decision with its files. `envelope` is empty for a preview, which has no id and no seal."""

    verdict: Verdict
    files: Mapping[str, bytes]
    envelope: bytes
    result_data: bytes

    @property
    def id(self) -> str:
        """SHA-256 of the envelope (64 hex digits), empty for a preview."""
        return sha256_hex(self.envelope) if self.envelope else ""


def seal_decision(
    request: GateRequest,
    verdict: Verdict,
    gate_input: GateInput,
    actor: Actor,
    layers: Mapping[str, str],
    files: Mapping[str, bytes],
    engine: Mapping[str, Any],
    context: Context,
) -> Decision:
    """Sign who decided what about which bytes, with which engine. Without a signer the decision stays a preview."""
    result_data = canonical_bytes(verdict.result.compared())
    if context.signer is None:
        return Decision(verdict, files, b"", result_data)
    subjects = [StatementSubject(name, sha256_hex(data)) for name, data in files.items()]
    subjects.append(StatementSubject("input", gate_input.digest))
    predicate = {
        "schema": DECISION_SCHEMA,
        "gate": request.gate,
        "kind": request.artifact,
        "subject": asdict(request.subject),
        "passed": verdict.result.passed,
        "status": verdict.result.status,
        "decided_at": verdict.decided_at,
        "clock": context.workspace.clock.source,
        "actor": {
            "identity": actor.identity,
            "roles": list(actor.roles),
            "trust": actor.trust,
            "claimed": request.claimed,
        },
        "engine": dict(engine),
        "input": gate_input.digest,
        "config": gate_input.config_digest,
        "result": sha256_hex(result_data),
        "policies": dict(layers),
        "trust": context.trust.digest,
        "profile": str(context.config.get("profile")),
        "checks": verdict.result.checks(),
        "materials": materials(verdict.evidence, request),
        "said": dict(request.said),
        "supersedes": next((h["decision"] for h in gate_input.document["history"]), ""),
    }
    payload = statement_bytes(subjects, DECISION_PREDICATE, predicate)
    return Decision(verdict, files, seal(payload, DECISION, context.signer), result_data)


def materials(evidence: Sequence[Evidence], request: GateRequest) -> list[dict[str, Any]]:
    """What the decision was made from: every piece of evidence, and what a service of it read."""
    listed = [
        {
            "name": e.name,
            "uri": e.uri,
            "kind": e.kind,
            "state": e.state,
            "sha256": e.sha256,
            "seal": e.seal.state,
        }
        for e in evidence
    ]
    return listed + [dict(m) for service in request.services for m in service.materials]
