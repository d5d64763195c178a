"""What turns red next: today's inputs, judged at the times at which something about them changes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from dpone.decisions.decide import engines
from dpone.decisions.engine_choice import engine_item
from dpone.decisions.evaluate import evaluate
from dpone.decisions.gate_input import evidence_of, made_input
from dpone.decisions.later import Event, at_time, events
from dpone.decisions.layering import builtin_layer, own_layers
from dpone.decisions.record import open_ledger_of
from dpone.decisions.result import Finding, Result
from dpone.decisions.stored import Stored, matching
from dpone.errors import NotGoodError, UndecidedError
from dpone.ops.session import Session
from dpone.policy.layer import Layer, layer_items
from dpone.record import dataclass, replace
from dpone.workspace import time_text

LATEST = 50
"""So many gates and subjects are looked at, the latest decided first."""
INSTANTS = 60
"""So many instants of one input are looked at, the first ones; the end is always among them."""


@dataclass(frozen=True)
class Turn:
    """A finding that is not red now: from when on it is, and why."""

    at: str
    finding: Finding
    why: str


@dataclass(frozen=True)
class Outlook:
    """What lies before one gate and subject: the status now and at the end, and what turns red in between, the
    first first; `problem` says why nothing could be told."""

    gate: str
    subject: Mapping[str, str]
    now: str
    then: str
    turns: tuple[Turn, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Given:
    """One input to be judged, with the configuration it is judged with."""

    document: Mapping[str, Any]
    config: Mapping[str, Any]


def outlook(session: Session, gate: str, days: int) -> list[Outlook]:
    """What turns red within so many days, for the latest decision of every gate and subject the ledger has (of
    the session's release and environment, and of `gate`, where these are named), under the layers of today.

    Where a release is named that has no decision yet, the evidence of its release gate is judged as it is now.
    Raises `NotGoodError` when there is nothing to look at.
    """
    given = _stored(session, gate)
    if not given and session.subject.release and gate in ("", "release-gate"):
        given = [_current(session)]
    if not given:
        raise NotGoodError(
            "no decision was recorded that this could be asked about", "take one first: dpone ops"
        )
    now = session.workspace.clock.now()
    return [_one(session, one, now, now + timedelta(days=days)) for one in given]


def _one(session: Session, given: Given, now: datetime, until: datetime) -> Outlook:
    gate, subject = str(given.document["gate"]), given.document["subject"]
    try:
        layers = _layers(session, given.document)
        with engines(session.context, len(layers)) as running:
            pairs = list(zip(layers, running, strict=True))
            today = at_time(
                {**given.document, "engine": engine_item(session.context), "layers": layer_items(layers)},
                now,
                given.config,
            )
            first = last = _judged(pairs, today, given.config)
            coming = events(today, layers, given.config, until)
            coming = [*coming[:-1][:INSTANTS], coming[-1]]
            seen = {_name(f) for f in first.denied}
            turns: list[Turn] = []
            for at in sorted({event.at for event in coming}):
                last = _judged(pairs, at_time(today, at, given.config), given.config)
                new = [f for f in last.denied if _name(f) not in seen]
                seen |= {_name(f) for f in new}
                turns += [Turn(time_text(at), f, _why(f, at, coming)) for f in new]
    except UndecidedError as fault:
        return Outlook(gate, subject, "undecided", "undecided", problem=str(fault))
    return Outlook(gate, subject, first.status, last.status, tuple(turns))


def _judged(pairs: Sequence[Any], document: Mapping[str, Any], config: Mapping[str, Any]) -> Result:
    given = made_input(document, config)
    result = evaluate(pairs, given, given.evidence)
    if result.status == "undecided":
        raise UndecidedError(result.problem or "the rules gave no answer", code=result.code)
    return result


def _layers(session: Session, document: Mapping[str, Any]) -> list[Layer]:
    gate = str(document["gate"])
    builtin = builtin_layer(gate, evidence_of(document), document)
    return [builtin, *own_layers(replace(session, gate=gate).ask("", lambda _: {}), session.context)]


def _stored(session: Session, gate: str) -> list[Given]:
    latest: dict[tuple[str, ...], Stored] = {}
    about = session.subject
    found = matching(
        open_ledger_of(session.context), gate=gate, release=about.release, environment=about.environment
    )
    for stored in found:
        if stored.entry.body["status"] != "undecided":
            place = (stored.gate, *vars(stored.subject).values())
            latest.pop(place, None)
            latest[place] = stored
    newest = list(latest.values())[-LATEST:]
    return [Given(s.json(s.digest("input")), s.json(s.digest("config"))) for s in newest]


def _current(session: Session) -> Given:
    """The input of the release gate as it would be now."""
    from dpone.decisions.gather import whole_input
    from dpone.ops.release_gate import request

    _, _, found = whole_input(request(session, ()), session.context)
    return Given(json.loads(found.data), json.loads(found.config_data))


def _why(finding: Finding, at: datetime, coming: Sequence[Event]) -> str:
    """What happens at that instant, about this finding where it can be told."""
    here = [event for event in coming if event.at == at and event.why]
    about = [e for e in here if finding.rule == e.rule or (e.evidence and e.evidence == finding.evidence)]
    return "; ".join(event.why for event in about or here)


def _name(finding: Finding) -> tuple[str, str]:
    return finding.fingerprint, finding.pointer
