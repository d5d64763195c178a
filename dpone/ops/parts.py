"""Decisions that are taken as parts of a larger one: each whole and sealed on its own, and evidence of the larger
by its verdict and the digest of its file."""

from __future__ import annotations

from typing import Any

from dpone.canonical import sha256_hex
from dpone.decisions.decide import Outcome, decide
from dpone.decisions.request import GateRequest
from dpone.errors import UndecidedError
from dpone.evidence.collect import Service
from dpone.evidence.model import Counts
from dpone.ops.session import Session
from dpone.record import dataclass


@dataclass(frozen=True)
class Part:
    """One part: its name, the gate and kind of its decision, how it ended, and where its artifact lies with which
    digest. `checks` are the counts of its table; `sealed` says whether it is signed; `reused` that it was taken by
    an earlier run, which did not come to its end."""

    name: str
    gate: str
    kind: str
    status: str
    passed: bool
    decision: str
    path: str
    sha256: str
    checks: tuple[int, int, int] = (0, 0, 0)
    told: str = ""
    sealed: bool = True
    reused: bool = False

    def service(self) -> Service:
        """The part as evidence: what was decided, and the file it was written to as material."""
        cleared, denied, warned = self.checks
        facts = {
            "gate": self.gate,
            "status": self.status,
            "passed": self.passed,
            "warned": warned,
            "decision": self.decision,
            "path": self.path,
            "sha256": self.sha256,
        }
        material = {
            "name": self.name,
            "uri": self.path,
            "kind": self.kind,
            "state": "present",
            "sha256": self.sha256,
            "seal": "valid" if self.sealed else "absent",
        }
        told = f": {self.told}" if self.told else ""
        return Service(
            self.name,
            self.kind,
            facts,
            f"{self.gate} {self.status}{told}",
            Counts(passed=cleared, failed=denied),
            reported="passed" if self.passed else "failed",
            materials=(material,),
        )

    def row(self, passed: bool) -> dict[str, Any]:
        """The part as an item of the larger artifact; `passed` is what the rules said about it."""
        return {"name": self.name, "path": self.path, "sha256": self.sha256, "passed": passed}


def taken(session: Session, name: str, request: GateRequest) -> Part:
    """Take the decision of a part. Raises `UndecidedError` when it could not be decided: then there is no larger
    one either."""
    outcome = decide(request, session.about(request.subject).context)
    result = outcome.result
    if result.status == "undecided":
        raise UndecidedError(
            f"{request.gate} could not decide: {result.problem}",
            "mend that, and run the whole again",
            code=result.code or "part_undecided",
        )
    checks = result.checks()
    return Part(
        name,
        request.gate,
        request.artifact,
        result.status,
        result.passed,
        outcome.decision.id,
        session.workspace.uri(request.output_dir / f"{request.stem}.json"),
        _digest(outcome),
        (checks["cleared"], checks["denied"], checks["warned"]),
        _told(outcome),
        sealed=bool(outcome.decision.envelope),
    )


def _digest(outcome: Outcome) -> str:
    return sha256_hex(outcome.decision.files[f"{outcome.request.stem}.json"])


def _told(outcome: Outcome) -> str:
    """What its one piece of evidence says; a decision on several speaks for itself."""
    evidence = outcome.decision.verdict.evidence
    return (evidence[0].summary or evidence[0].message) if len(evidence) == 1 else ""
