"""Approval record: the votes on a change request, and whether they are enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from dpone.canonical import sha256_hex
from dpone.clock import read_time
from dpone.decisions.gather import recall_of
from dpone.decisions.record import open_ledger_of
from dpone.decisions.request import GateRequest, Verdict
from dpone.errors import UsageError
from dpone.evidence.collect import Descriptor, Service
from dpone.evidence.fields import plural
from dpone.evidence.model import Evidence
from dpone.ops import approvals
from dpone.ops.approvals import Vote
from dpone.ops.critical import held
from dpone.ops.lifecycle import Step, adopted, blockers, found_by, free_at
from dpone.ops.session import Session
from dpone.record import dataclass, replace
from dpone.signing.trust import person
from dpone.workspace import ReadProblem, time_text

GATE, ARTIFACT = approvals.GATE, "approval_record"
NAME = "change_request"
IDS = {NAME: "approval.change_request_not_passed"}


@dataclass(frozen=True)
class Ballot:
    """What is to be decided now: by whom (as typed), how (empty: nobody votes, votes are only counted), votes
    that came as files, and a quorum asked for on the command line (0: none)."""

    actor: str = ""
    decision: str = ""
    comment: str = ""
    files: tuple[str, ...] = ()
    quorum: int = 0


def votes_lock(session: Session) -> AbstractContextManager[None]:
    """Hold the votes of this workspace while one is added and all are counted: one critical section."""
    return held(session, "approvals.lock", "another process is counting votes")


def request(session: Session, path: str, ballot: Ballot) -> GateRequest:
    """Ask whether a change is approved, with the vote cast now. Call it inside `votes_lock`."""
    session, descriptor = _change(session, path)
    said, digest = _said(session, descriptor) if descriptor else ({}, "")
    judges = recall_of(session.context, session.subject.environment).judges
    known = approvals.votes_of(open_ledger_of(session.context), session.subject.change_id, judges)
    sent, refused = approvals.read_files(session, ballot.files, judges)
    new = [v for v in sent if v not in known]
    vote = _cast(session, ballot, digest)
    new += [vote] if vote else []
    votes = [*known, *new]
    service = _service(session, ballot, votes, said)
    return replace(
        replace(session, claimed="").ask(ARTIFACT, lambda verdict: view(verdict, votes, ballot, said, digest)),
        given=(*((descriptor,) if descriptor else ()), *refused),
        services=(service,),
        approvals=tuple(approvals.rows(votes, session, digest, said)),
        beside=tuple(v.beside() for v in new),
        files=lambda _: {f"votes/{v.digest[:16]}.dsse.json": v.envelope for v in votes},
        free=free_at(ARTIFACT),
        parameters={"quorum": ballot.quorum},
        said={
            "change_request": digest,
            "risk_level": str(said.get("risk_level", "")),
            "requester": str(said.get("requester", "")),
            "votes": _told(approvals.rows(votes, session, digest, said)),
        },
        title=f"Approval record {session.subject.change_id}".rstrip(),
    )


def sign_only(session: Session, path: str, ballot: Ballot) -> Vote:
    """Sign a vote without counting it: for an approver who has the request and a key, and nothing else.

    The request is read as it is: whether it is sealed and whole is judged where votes are counted, over the
    digest that was signed. Raises `UsageError` without a key, a decision, or a file that is a change request.
    """
    from dpone.canonical import JsonProblem, parse_json

    signer = session.context.signer
    if signer is None:
        raise UsageError("there is no signing key here", "set DPONE_SIGNING_KEY, or signing.key in dpone.yaml")
    try:
        data = session.workspace.read(session.workspace.argument(path), session.config.get("limits", "file"))
        root = parse_json(data)
    except (ReadProblem, JsonProblem) as problem:
        raise UsageError(f"--change-request {path}: {problem}", "give change_request.json") from None
    if not isinstance(root, dict) or root.get("artifact_type") != NAME:
        raise UsageError(f"--change-request {path} is not a change request", "give change_request.json")
    about = root.get("decision", {}).get("subject", {}) if isinstance(root.get("decision"), dict) else {}
    names = (
        {k: str(v) for k, v in about.items() if k in vars(session.subject)} if isinstance(about, dict) else {}
    )
    subject = replace(session.subject, **names)
    actor = ballot.actor or _identity(session)
    return approvals.cast(
        sha256_hex(data), subject, actor, ballot.decision, ballot.comment, session.workspace.clock.now(), signer
    )


def _change(session: Session, path: str) -> tuple[Session, Descriptor | None]:
    """The change request, where there is one, and the session about what it is about."""
    asked = {
        n: (v,) for n, v in vars(session.subject).items() if v and n in ("release", "environment", "change_id")
    }
    found = found_by(session, Step(NAME, NAME, asked), path)
    session = adopted(session, found, ("release", "environment", "change_id"))
    if found is None:
        return session, None
    return session, replace(found, about=replace(session.subject, commit="", run_id="", deployment_id=""))


def _said(session: Session, descriptor: Descriptor) -> tuple[Mapping[str, Any], str]:
    """What the change request says, as far as its seal holds, and the digest of its file."""
    from dpone.decisions.gather import collected

    blank = replace(session.ask(ARTIFACT, lambda _: {}), given=(descriptor,))
    item: Evidence = collected(blank, session.context)[0]
    said = item.facts.get("said", {}) if item.state == "present" else {}
    return said, item.sha256


def _cast(session: Session, ballot: Ballot, digest: str) -> Vote | None:
    signer = session.context.signer
    if not ballot.decision or signer is None or not digest:
        return None
    actor = ballot.actor or _identity(session)
    return approvals.cast(
        digest, session.subject, actor, ballot.decision, ballot.comment, session.workspace.clock.now(), signer
    )


def _identity(session: Session) -> str:
    from dpone.decisions.gate_input import actor_of

    return actor_of(session.context, GATE, approvals.KIND, session.subject.environment).identity


def _service(session: Session, ballot: Ballot, votes: Sequence[Vote], said: Mapping[str, Any]) -> Service:
    expires = str(said.get("expires_at", ""))
    until = read_time(expires) if expires else None
    listed = said.get("approvers", [])
    actor = person(ballot.actor or (_identity(session) if ballot.decision else ""))
    facts = {
        "votes": len(votes),
        "cast": bool(ballot.decision),
        "request_known": bool(said),
        "actor": actor,
        "actor_listed": actor in listed,
        "risk_level": str(said.get("risk_level", "")),
        "limited": bool(expires),
        "expires_at": expires,
        "expired": bool(expires) and (until is None or until <= session.workspace.clock.now()),
    }
    return Service("votes", "votes", facts, plural(len(votes), "vote"))


def _told(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    kept = ("person", "decision", "signed", "same_request", "environment", "trust", "listed", "requester",
            "expired", "from_future")  # fmt: skip
    return [{name: row[name] for name in kept} for row in rows]


def view(
    verdict: Verdict, votes: Sequence[Vote], ballot: Ballot, said: Mapping[str, Any], digest: str
) -> dict[str, Any]:
    """The fields old scripts read. Counts are of people who are asked and voted on this very request; whether
    they are enough is what the rules said."""
    asked = said.get("approvers", [])
    mine = [v for v in votes if v.request == digest and person(v.actor) in asked]
    path = next((e.uri for e in verdict.evidence if e.name == NAME), "")
    return {
        "change_id": verdict.subject.change_id,
        "release": verdict.subject.release,
        "target_environment": verdict.subject.environment,
        "change_request_path": path,
        "change_request_sha256": digest,
        "status": "approved" if verdict.passed else "blocked",
        "blockers": blockers(verdict, IDS),
        "quorum_required": ballot.quorum,
        "approvals_count": len({person(v.actor) for v in mine if v.decision == "approved"}),
        "rejections_count": len({person(v.actor) for v in mine if v.decision == "rejected"}),
        "allowed_approvers": list(asked),
        "output_dir": verdict.output_dir,
        "decisions": [
            {
                "actor": v.actor,
                "decision": v.decision,
                "comment": v.comment,
                "decided_at": time_text(v.decided_at),
                "vote": v.digest,
            }
            for v in votes
        ],
    }
