"""A recorded decision in the world of now: its input as it would be under today's configuration, trust and kinds.

Evidence is read again from the ledger's store; votes and what the ledger knew are judged again by the trust file.
What was made by a command of that day (the facts of its services, its parameters) stays as it was recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dpone.decisions.engine_choice import engine_item
from dpone.decisions.gate_input import actor_of
from dpone.decisions.kept import given_again, kept_reader
from dpone.decisions.precedence import ranked
from dpone.decisions.recall import Recall
from dpone.decisions.redacted import without_secrets
from dpone.decisions.waivers import Asked, rows_now
from dpone.evidence.collect import Descriptor, Surroundings, collect
from dpone.evidence.model import HOLDS_SECRET
from dpone.evidence.seals import Judges
from dpone.ops import approvals
from dpone.ops.past import Past
from dpone.ops.session import OPTIONS, Session
from dpone.policy.kinds import joined_kinds
from dpone.policy.layer import Layer, layer_items
from dpone.record import replace
from dpone.signing.dsse import BrokenSeal
from dpone.signing.trust import same_person

TAKES_DECLARED = ("release-gate", "docs-publish-pack", "incident-pack", "runbook-pack")
"""The gates that look at everything dpone.yaml declares, whether it is named to them or not."""
NEVER_READ = ("missing", "unreadable", "too_large")
"""States of evidence of which nothing was kept because nothing was read."""
WORTH = ("signed", "recorded_by", "trust", "expired", "from_future")
"""What a vote is worth by the trust file and the configuration."""
FOREIGN_KEY = "it was judged by a key of another machine, which the trust file does not list"


def in_this_world(
    past: Past, session: Session, team: Sequence[Layer]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The input as it would be now (`session` is `as_of` the decision), and what could not be had for it."""
    missing: list[str] = []
    judges = session.context.judges(past.stored.subject.environment, past.at)
    recall = Recall(past.stored.ledger, judges, past.stored.entry.index)
    evidence = _evidence(past, session, team, recall, missing)
    document = {
        **past.document,
        "protected": session.context.protected,
        "engine": engine_item(session.context),
        "actor": _actor(past, session),
        "parameters": _parameters(past.document["parameters"], session),
        "required": _required(past, session),
        "evidence": evidence,
        "approvals": _votes(past, session, judges, missing),
        "layers": _layers(past, team),
        "waivers": rows_now(
            past.document["waivers"],
            session.config.get("waivers"),
            Asked(past.stored.gate, past.stored.subject, ()),
            past.at,
        ),
        "history": ranked(row for told in past.document["history"] for row in _earlier(told, recall)),
    }
    return document, tuple(missing)


def _evidence(
    past: Past, session: Session, team: Sequence[Layer], recall: Recall, missing: list[str]
) -> list[dict[str, Any]]:
    workspace, config = session.workspace, session.config
    around = Surroundings(
        kept_reader(past.stored, past.question, workspace, missing),
        workspace.uri,
        past.stored.subject,
        recall.judges,
        past.at,
        config.get("limits", "file"),
        config.get("limits", "depth"),
        joined_kinds(layer.kinds for layer in team),
    )
    given = {(d.name, workspace.uri(d.path)): d for d in given_again(past.question, workspace)}
    known = set(config.names("evidence"))
    gone = {*past.question["declared"]} - known if past.stored.gate in TAKES_DECLARED else set()
    found: list[dict[str, Any]] = []
    for item in past.document["evidence"]:
        uri = item["source"]["uri"]
        if item["state"] == "omitted":
            if recalled := recall.at(_place(uri)):
                found.append({**item, "seal": {**item["seal"], "trust": recalled.vouched.seal.trust}})
            continue
        before = given.get((item["name"], uri))
        if item["producer"] == "service" or before is None:
            found.append({**item, "max_age_seconds": config.for_gate(past.stored.gate, "max_age")})
            continue
        if item["name"] in gone and not uri.startswith("ledger:"):
            continue
        asked = _described(before, past, session)
        if item["state"] in NEVER_READ or item["reason"] == HOLDS_SECRET:
            kind = asked.kind if item["reason"] != HOLDS_SECRET else item["kind"]
            found.append({**item, "max_age_seconds": asked.max_age_seconds, "kind": kind})
            continue
        fresh = without_secrets(collect(asked, around))
        if item["seal"]["trust"] == "local" and fresh.seal.state == "broken" and recall.judges.own is None:
            missing.append(f"{item['name']}: {FOREIGN_KEY}")
        if item["state"] == "superseded":
            fresh = recall.outdated(fresh)
        found.append(fresh.item())
    return found


def _described(given: Descriptor, past: Past, session: Session) -> Descriptor:
    """A piece of evidence as dpone.yaml describes that name now. What the command itself fixed stays: the kind,
    and the digests of the files a statement is about, which lay there then."""
    config = session.config
    if session.workspace.uri(given.path).startswith("ledger:"):
        return replace(given, max_age_seconds=config.for_gate(session.gate, "max_age"))
    declared = config.below("evidence", given.name)
    options = {key: value for key, value in declared.items() if key in OPTIONS}
    if "artifacts" in declared:
        then = given.options.get("artifacts", {})
        options["artifacts"] = {name: then.get(name, "") for name in declared["artifacts"]}
    pinned = past.config.find("evidence", given.name, "kind") if past.config else None
    kind = given.kind if given.kind and given.kind != pinned else str(declared.get("kind", ""))
    return replace(given, kind=kind, options=options, max_age_seconds=session.max_age(given.name))


def _layers(past: Past, team: Sequence[Layer]) -> list[dict[str, Any]]:
    """Who vouches for the layers now; for those that were given to the decision's own command, who did then."""
    then = {row["name"]: row for row in past.document["layers"]}
    return [row if row["digest"] else then[row["name"]] for row in layer_items(team)]


def _actor(past: Past, session: Session) -> dict[str, Any]:
    """Who decided, as the trust file of now judges that key at the time of then."""
    actor, body = past.document["actor"], past.stored.entry.body
    if session.context.signer is None:  # a key that nobody here lists
        return {**actor, "trust": "local" if actor["trust"] == "local" else "none", "roles": []}
    found = actor_of(session.context, session.gate, str(body["kind"]), session.subject.environment)
    claimed = str(actor["claimed"])
    return {
        **actor,
        "identity": found.identity,
        "roles": list(found.roles),
        "trust": found.trust,
        "claim_matches": bool(claimed) and same_person(claimed, found.identity),
    }


def _parameters(parameters: Mapping[str, Any], session: Session) -> dict[str, Any]:
    """What the command was called with; whether checks are named is configuration."""
    if "checks_named" not in parameters:
        return dict(parameters)
    return {**parameters, "checks_named": session.config.for_gate(session.gate, "require") != "declared"}


def _required(past: Past, session: Session) -> list[dict[str, Any]]:
    """What the gate itself required then, and what the configuration requires now. The gate's own are those
    that the configuration of then did not name."""
    takes = past.stored.gate in TAKES_DECLARED
    now = [r.item() for r in (session.required() if takes else session.demanded())]
    names = {r["name"] for r in now} | {*past.question["configured"]}
    longest = session.config.for_gate(session.gate, "max_age")
    own = [
        {**r, "max_age_seconds": longest if r["max_age_seconds"] else 0}
        for r in past.document["required"]
        if r["name"] not in names
    ]
    return sorted([*own, *now], key=lambda r: str(r["name"]))


def _votes(past: Past, session: Session, judges: Judges, missing: list[str]) -> list[dict[str, Any]]:
    """The votes that were counted then, with what they are worth now: a key that is not listed any more has
    none. What they say, and of which request, is what was signed."""
    votes = []
    for row in past.document["approvals"]:
        try:
            vote = approvals.read_vote(past.stored.read(row["digest"]), judges)
        except BrokenSeal:
            if row["trust"] == "local" and judges.own is None:
                missing.append(f"the vote of {row['actor']}: {FOREIGN_KEY}")
            continue
        (fresh,) = approvals.rows([vote], session, "", {})
        votes.append({**row, **{name: fresh[name] for name in WORTH}})
    return votes


def _earlier(row: Mapping[str, Any], recall: Recall) -> list[dict[str, Any]]:
    """A row of the history, where its signer may still speak."""
    found = recall.at(int(row["entry"]) - 1)
    seal = found.vouched.seal if found and found.heard else None
    return [{**row, "signer": seal.signer, "roles": list(seal.roles)}] if seal else []


def _place(uri: str) -> int:
    """The index behind `ledger:7/release_gate.json`, which counts from 1."""
    return int(uri.removeprefix("ledger:").partition("/")[0]) - 1
