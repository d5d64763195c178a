"""Votes on a change request: each a signed statement over the digest of the request that was seen.

A vote is *signed* when the key belongs to the one who decides; otherwise it is *asserted* by whoever recorded
it. Votes are files that can be mailed, and entries of the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from dpone.canonical import sha256_hex
from dpone.decisions.gather import recall_of
from dpone.decisions.request import Beside
from dpone.evidence.collect import SKEW_SECONDS, Descriptor
from dpone.evidence.model import Subject
from dpone.evidence.seals import Judges, known_keys, read_subject
from dpone.ledger.interface import Ledger
from dpone.ops.lifecycle import vouched_of
from dpone.ops.session import Session
from dpone.record import asdict, dataclass, replace
from dpone.signing.dsse import APPROVAL, MAX_ENVELOPE_BYTES, BrokenSeal, open_envelope, seal
from dpone.signing.keys import PublicKey, Signer
from dpone.signing.statement import StatementSubject, read_statement, statement_bytes
from dpone.signing.trust import person, same_person
from dpone.workspace import ReadProblem, read_time, time_text

PREDICATE = "urn:dpone:approval:v1"
GATE, KIND = "approval-record", "approval"
DECISIONS = ("approved", "rejected")


@dataclass(frozen=True)
class Vote:
    """One vote as it was signed. `request` is the SHA-256 of the change request that was seen, `subject` what
    that one is about, `key` the key that signed."""

    request: str
    subject: Subject
    actor: str
    decision: str
    comment: str
    decided_at: datetime
    key: PublicKey
    envelope: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the envelope."""
        return sha256_hex(self.envelope)

    def beside(self) -> Beside:
        """The vote as an entry of the ledger."""
        body = {
            "kind": KIND,
            "subject": asdict(self.subject),
            "request": self.request,
            "envelope": self.digest,
        }
        return Beside(KIND, body, (self.envelope,))


def cast(
    request: str, subject: Subject, actor: str, decision: str, comment: str, at: datetime, signer: Signer
) -> Vote:
    """Sign a vote on the change request with that digest."""
    plain = replace(subject, commit="", run_id="", deployment_id="")
    predicate = {
        "subject": asdict(plain),
        "actor": actor,
        "decision": decision,
        "comment": comment,
        "decided_at": time_text(at),
    }
    payload = statement_bytes([StatementSubject("change_request.json", request)], PREDICATE, predicate)
    data = seal(payload, APPROVAL, signer)
    return Vote(request, plain, actor, decision, comment, at, signer.public, data)


def read_vote(data: bytes, judges: Judges) -> Vote:
    """Read a signed vote. Raises `BrokenSeal` for one that is not whole, or whose key nobody here knows."""
    verified = open_envelope(data, APPROVAL).verify(known_keys(judges))
    statement = read_statement(verified.payload, PREDICATE)
    said = statement.predicate
    texts = [said.get(name) for name in ("actor", "decision", "comment", "decided_at")]
    if not all(isinstance(text, str) for text in texts) or said["decision"] not in DECISIONS:
        raise BrokenSeal("wrong_shape", "it is not a vote")
    decided_at = read_time(said["decided_at"])
    if decided_at is None or len(statement.subjects) != 1:
        raise BrokenSeal("wrong_shape", "it does not say when it was cast, or on what")
    return Vote(
        statement.subjects[0].sha256, read_subject(said.get("subject")), said["actor"], said["decision"],
        said["comment"], decided_at, verified.signers[0], data,
    )  # fmt: skip


def votes_of(ledger: Ledger, change_id: str, judges: Judges) -> list[Vote]:
    """The votes that the ledger has on a change, oldest first. One that does not verify is no vote."""
    found = []
    for entry in ledger.find(KIND, {"change_id": change_id}):
        if entry.type == KIND:
            try:
                found.append(read_vote(ledger.get_object(entry.envelope), judges))
            except BrokenSeal:
                continue
    return found[::-1]


def read_files(
    session: Session, paths: Iterable[str], judges: Judges
) -> tuple[list[Vote], tuple[Descriptor, ...]]:
    """Votes that came as files, and as evidence those that cannot be counted: a file that cannot be read, is no
    vote, or is signed by a key that nobody here vouches for. Such a one is red and is not kept."""
    found, refused = [], []
    for number, text in enumerate(paths, 1):
        path: Path = session.workspace.argument(text)
        name = "approval" if number == 1 else f"approval-{number}"
        try:
            found.append(read_vote(session.workspace.read(path, MAX_ENVELOPE_BYTES), judges))
        except ReadProblem:
            refused.append(Descriptor(name, path))
        except BrokenSeal as broken:
            refused.append(Descriptor(name, path, problem=broken.message))
    return found, tuple(refused)


def rows(
    votes: Sequence[Vote], session: Session, request: str, said: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Votes as rules see them; `request` is the digest of the request that is judged, `said` what it says."""
    now = session.workspace.clock.now()
    longest = timedelta(seconds=session.config.get("approvals", "expires"))
    listed = said.get("approvers", [])
    askers = {said.get("requester", ""), person(str(said.get("requested_by", "")))} - {""}
    told = []
    for vote in votes:
        standing = _standing(session, vote)
        signed = standing.trust in ("anchored", "workspace") and same_person(standing.identity, vote.actor)
        name = person(vote.actor)
        told.append(
            {
                "person": name,
                "actor": vote.actor,
                "decision": vote.decision,
                "signed": signed,
                "recorded_by": standing.identity,
                "trust": standing.trust,
                "same_request": vote.request == request,
                "change_id": vote.subject.change_id,
                "release": vote.subject.release,
                "environment": vote.subject.environment,
                "decided_at": time_text(vote.decided_at),
                "expired": now - vote.decided_at > longest,
                "from_future": vote.decided_at - now > timedelta(seconds=SKEW_SECONDS),
                "listed": name in listed,
                "requester": name in askers,
                "digest": vote.digest,
            }
        )
    return told


def votes_now(session: Session, change: Descriptor | None) -> tuple[dict[str, Any], ...]:
    """The votes that the ledger has on a change request, as rules see them now: one may have been withdrawn, or
    its key revoked, since they were counted. Nothing where the request itself does not hold."""
    if change is None or change.recorded is None:
        return ()
    signed = vouched_of(session, change).signed
    if signed is None:
        return ()
    recall = recall_of(session.context, session.subject.environment)
    votes = votes_of(recall.ledger, signed["subject"]["change_id"], recall.judges)
    return tuple(rows(votes, session, sha256_hex(change.recorded.data), signed.get("said", {})))


def can_sign(session: Session, name: str) -> bool:
    """Whether the trust file has a key with which that person may approve for this environment, now."""
    trust, now = session.context.trust, session.workspace.clock.now()
    return any(
        same_person(key.identity, name)
        and trust.standing(
            key.public, None, now, kind=KIND, gate=GATE, environment=session.subject.environment
        ).trust
        != "none"
        for key in trust.keys
    )


def _standing(session: Session, vote: Vote) -> Any:
    return session.context.trust.standing(
        vote.key, session.context.own, session.workspace.clock.now(),
        kind=KIND, gate=GATE, environment=vote.subject.environment,
    )  # fmt: skip
