"""Evidence bundle: one certification case, one contract check and the connector catalogue, each decided and
sealed on its own, and the decision on the three with the digests of their files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dpone.canonical import sha256_hex
from dpone.data.certification.matrix import Case
from dpone.decisions.decide import Outcome, decide
from dpone.decisions.request import GateRequest, Verdict
from dpone.errors import UndecidedError, UsageError
from dpone.evidence.collect import Service
from dpone.evidence.model import Counts
from dpone.ops import certification, contracts, marketplace
from dpone.ops.session import Session
from dpone.ops.source import Source
from dpone.record import dataclass, replace

GATE, ARTIFACT = "evidence-bundle", "ops_evidence_bundle"


@dataclass(frozen=True)
class Item:
    """One item of the bundle: its name, the decision taken on it, and where its artifact lies."""

    name: str
    outcome: Outcome
    path: str

    @property
    def sha256(self) -> str:
        """Digest of the artifact file as it was written."""
        return sha256_hex(self.outcome.decision.files[f"{self.outcome.request.stem}.json"])

    def service(self) -> Service:
        """The item as evidence: what was decided, and the file it was written to as material."""
        request, decision, result = self.outcome.request, self.outcome.decision, self.outcome.result
        checks = result.checks()
        facts = {
            "gate": request.gate,
            "status": result.status,
            "passed": result.passed,
            "warned": checks["warned"],
            "decision": decision.id,
            "path": self.path,
            "sha256": self.sha256,
        }
        material = {
            "name": self.name,
            "uri": self.path,
            "kind": request.artifact,
            "state": "present",
            "sha256": self.sha256,
            "seal": "valid" if decision.envelope else "absent",
        }
        return Service(
            self.name,
            request.artifact,
            facts,
            f"{request.gate} {result.status}: {', '.join(e.summary or e.message for e in decision.verdict.evidence)}",
            Counts(passed=checks["cleared"], failed=checks["denied"]),
            reported="passed" if result.passed else "failed",
            materials=(material,),
        )


def request(session: Session, cases: Sequence[Case], rows: Source, contract: Source) -> GateRequest:
    """Decide the three items into the folder of the bundle, and ask whether the bundle stands.

    Raises `UsageError` before anything is written when an option cannot be understood or the run has no id,
    and `UndecidedError` when one of the three could not be decided: then there is no bundle.
    """
    if not session.subject.run_id:
        raise UsageError("a bundle needs the id of the run it is about", "give it: --run-id")
    # The contract first: what is wrong with its options must show before the long run of the strategies.
    terms = contracts.request(_for(session, contracts.GATE), rows, contract, "fail")
    catalogue = marketplace.request(_for(session, marketplace.GATE))
    strategies = certification.request(_for(session, certification.GATE), cases)
    asked = (("certification", strategies), ("data_contract", terms), ("marketplace", catalogue))
    items = tuple(_decided(session, name, part) for name, part in asked)
    return replace(
        session.ask(ARTIFACT, lambda verdict: view(verdict, items)),
        services=tuple(item.service() for item in items),
        title="Evidence bundle",
    )


def _for(session: Session, gate: str) -> Session:
    return replace(session, gate=gate)


def _decided(session: Session, name: str, part: GateRequest) -> Item:
    outcome = decide(part, session.context)
    if outcome.result.status == "undecided":
        raise UndecidedError(
            f"{part.gate} could not decide: {outcome.result.problem}", "mend that, and build the bundle again",
            code=outcome.result.code or "item_undecided",
        )  # fmt: skip
    return Item(name, outcome, session.workspace.uri(part.output_dir / f"{part.stem}.json"))


def view(verdict: Verdict, items: Sequence[Item]) -> dict[str, Any]:
    """The fields old scripts read; whether an item passed is what the rules said about it."""
    return {
        "run_id": verdict.subject.run_id,
        "artifact_dir": verdict.output_dir,
        "items": [
            {
                "name": item.name,
                "path": item.path,
                "sha256": item.sha256,
                "required": True,
                "passed": verdict.result.item_passed(item.name),
            }
            for item in items
        ],
    }
