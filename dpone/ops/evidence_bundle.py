"""Evidence bundle: one certification case, one contract check and the connector catalogue, each decided and
sealed on its own, and the decision on the three with the digests of their files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dpone.data.certification.matrix import Case
from dpone.decisions.request import GateRequest, Verdict
from dpone.errors import UsageError
from dpone.ops import certification, contracts, marketplace
from dpone.ops.parts import Part, taken
from dpone.ops.session import Session
from dpone.ops.source import Source
from dpone.record import replace

GATE, ARTIFACT = "evidence-bundle", "ops_evidence_bundle"


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
    items = tuple(taken(session, name, part) for name, part in asked)
    return replace(
        session.ask(ARTIFACT, lambda verdict: view(verdict, items)),
        services=tuple(item.service() for item in items),
        title="Evidence bundle",
    )


def _for(session: Session, gate: str) -> Session:
    return replace(session, gate=gate)


def view(verdict: Verdict, items: Sequence[Part]) -> dict[str, Any]:
    """The fields old scripts read; whether an item passed is what the rules said about it."""
    return {
        "run_id": verdict.subject.run_id,
        "artifact_dir": verdict.output_dir,
        "items": [{**item.row(verdict.result.item_passed(item.name)), "required": True} for item in items],
    }
