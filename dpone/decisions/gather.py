"""Everything a decision looks at, collected and brought into one canonical input."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dpone.decisions.gate_input import GateInput, actor_of, canonicalise
from dpone.decisions.layering import own_layers
from dpone.decisions.recall import Recall
from dpone.decisions.record import open_ledger_of
from dpone.decisions.redacted import without_secrets
from dpone.decisions.request import Context, GateRequest
from dpone.decisions.sealing import materials
from dpone.decisions.waivers import Asked, waiver_facts
from dpone.evidence.collect import Surroundings, collect, from_service
from dpone.evidence.model import Evidence
from dpone.policy.kinds import joined_kinds
from dpone.policy.layers import Layer

Tell = Callable[[Sequence[Evidence]], None]


def _nobody(_: Sequence[Evidence]) -> None:
    """Hears nothing."""


def gather(
    request: GateRequest, context: Context, team: Sequence[Layer] = (), tell: Tell = _nobody
) -> tuple[list[Evidence], list[dict[str, Any]]]:
    """All evidence of a request, sorted by name, and the history of its gate and subject, newest first.

    Evidence is what was given, what services of this command found, and what the ledger knows of the
    subject: a piece that a later one supersedes, a red one that was left out. Raises `UndecidedError` when
    the ledger cannot be read. `team` are the layers whose custom kinds count; `tell` hears what was collected before
    the ledger is asked.
    """
    found = collected(request, context, team)
    tell(found)
    recall = recall_of(context, request.subject.environment)
    found = [recall.outdated(item) for item in found]
    if request.free is not None:
        found += recall.left_out(request.subject, found, {*request.free, request.artifact})
    found = sorted(found, key=lambda e: (e.name, e.uri, e.sha256))
    told = materials(found, request)
    return found, recall.history(request.artifact, request.subject, told) if request.subject.release else []


def asked_input(
    request: GateRequest,
    gathered: tuple[Sequence[Evidence], Sequence[Mapping[str, Any]]],
    team: Sequence[Layer],
    context: Context,
) -> GateInput:
    """The canonical input of a request from what was gathered for it. Raises `UndecidedError` when the ledger, which
    knows of waivers, cannot be read."""
    evidence, history = gathered
    actor = actor_of(context, request.gate, request.artifact, request.subject.environment)
    about = Asked(request.gate, request.subject, evidence)
    waivers = waiver_facts(about, context, open_ledger_of(context))
    return canonicalise(request, evidence, history, actor, context, team=team, waivers=waivers)


def whole_input(request: GateRequest, context: Context) -> tuple[list[Evidence], list[Layer], GateInput]:
    """What rules would be asked now: the evidence, the layers beside the built-in one, and the canonical input.
    Raises `UndecidedError`."""
    team = own_layers(request, context)
    gathered = gather(request, context, team)
    return gathered[0], team, asked_input(request, gathered, team, context)


def recall_of(context: Context, environment: str = "") -> Recall:
    """What the ledger knows, judged now for an environment."""
    return Recall(open_ledger_of(context), context.judges(environment))


def collected(request: GateRequest, context: Context, team: Sequence[Layer] = ()) -> list[Evidence]:
    """What was given, and what services of this command found."""
    judges = context.judges(request.subject.environment)
    around = Surroundings(
        context.workspace.read,
        context.workspace.uri,
        request.subject,
        judges,
        judges.at,
        context.config.get("limits", "file"),
        context.config.get("limits", "depth"),
        joined_kinds(layer.kinds for layer in team),
    )
    found = [without_secrets(collect(descriptor, around)) for descriptor in request.given]
    longest = context.config.for_gate(request.gate, "max_age")
    return found + [from_service(service, judges.at, longest) for service in request.services]
