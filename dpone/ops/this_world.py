"""The input of a stored decision as it would be in the world that is configured now: protection, the signer's
standing, requirements, and the evidence read again from the ledger's store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dpone.clock import parse_time
from dpone.decisions.kept import given_again, kept_reader, question_of
from dpone.decisions.redacted import without_secrets
from dpone.decisions.stored import Stored
from dpone.evidence.collect import Surroundings, collect
from dpone.evidence.seals import Judges
from dpone.ops.session import Session
from dpone.policy.kinds import joined_kinds
from dpone.policy.layers import Layer
from dpone.record import replace


def in_this_world(
    stored: Stored, document: dict[str, Any], session: Session, team: Sequence[Layer]
) -> tuple[dict[str, Any], list[str]]:
    """The input as it would be now: protection, the signer's standing, requirements, and the evidence read again
    from the store; and what could not be read again."""
    question = question_of(stored)
    missing: list[str] = []
    now = parse_time(question["evaluated_at"], "evaluated_at")
    context = session.context
    around = Surroundings(
        kept_reader(stored, question, session.workspace, missing),
        session.workspace.uri,
        stored.subject,
        Judges(
            context.trust, context.signer.public if context.signer else None, now, stored.subject.environment
        ),
        now,
        session.config.get("limits", "file"),
        session.config.get("limits", "depth"),
        joined_kinds(layer.kinds for layer in team),
    )
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for given in given_again(question, session.workspace):
        declared = session.descriptor(given.name, str(given.path), kind=given.kind)
        asked = replace(
            declared, path=given.path, problem=given.problem, duplicate=given.duplicate, about=given.about
        )
        item = without_secrets(collect(asked, around)).item()
        found[item["name"], item["source"]["uri"]] = item
    evidence = []
    for item in document["evidence"]:
        other = found.get((item["name"], item["source"]["uri"]))
        if item["producer"] == "service" or item["state"] == "omitted" or other is None:
            evidence.append({**item, "max_age_seconds": session.config.for_gate(stored.gate, "max_age")})
        elif item["state"] == "superseded":
            evidence.append({**other, "state": item["state"], "reason": item["reason"]})
        else:
            evidence.append(other)
    return {
        **document,
        "protected": context.protected,
        "actor": _actor(stored, document["actor"], session, now),
        "required": _required(question, document["required"], session),
        "evidence": evidence,
    }, missing


def _actor(stored: Stored, actor: Mapping[str, Any], session: Session, now: Any) -> dict[str, Any]:
    """Who decided, as the trust file of now judges that key at the time of then."""
    from dpone.signing.trust import same_person

    fingerprint = stored.entry.body.get("signer", "")
    key = next((k.public for k in session.context.trust.keys if k.public.fingerprint == fingerprint), None)
    if key is None:
        return {**actor, "trust": "local" if actor["trust"] == "local" else "none", "roles": []}
    standing = session.context.trust.standing(
        key,
        None,
        now,
        kind=str(stored.entry.body["kind"]),
        gate=stored.gate,
        environment=stored.subject.environment,
    )
    claimed = str(actor["claimed"])
    return {
        **actor,
        "identity": standing.identity,
        "roles": list(standing.roles),
        "trust": standing.trust,
        "claim_matches": bool(claimed) and same_person(claimed, standing.identity),
    }


def _required(
    question: Mapping[str, Any], required: Sequence[Mapping[str, Any]], session: Session
) -> list[dict[str, Any]]:
    """What the gate itself required then, and what the configuration requires now. The gate's own are those
    that the configuration of then did not name."""
    now = [r.item() for r in (session.required() if _takes_declared(question) else session.demanded())]
    names = {r["name"] for r in now} | {*question.get("configured", ())}
    own = [dict(r) for r in required if r["name"] not in names]
    return sorted([*own, *now], key=lambda r: str(r["name"]))


def _takes_declared(question: Mapping[str, Any]) -> bool:
    """Whether the gate looked at everything that was declared, as the release gate does."""
    declared = {*question.get("declared", ())}
    return bool(declared) and declared <= {given["name"] for given in question["given"]}
