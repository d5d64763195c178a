"""Signed waivers: one statement, signed by the one who asks for it and by another who approves it.

Both signatures are over the same bytes, so that nobody approves something else than was asked for. A waiver's id
is the digest of these bytes and does not change when a signature is added. Waivers are files that can be mailed,
and entries of the ledger; so is the revocation of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from dpone.canonical import sha256_hex
from dpone.decisions.request import Beside
from dpone.errors import UsageError
from dpone.evidence.model import Subject
from dpone.ledger.interface import Ledger
from dpone.record import asdict, dataclass, field, replace
from dpone.signing.dsse import WAIVER, BrokenSeal, countersign, open_envelope, seal
from dpone.signing.keys import PublicKey, Signer
from dpone.signing.statement import StatementSubject, read_statement, statement_bytes
from dpone.workspace import read_time, time_text

PREDICATE = "urn:dpone:waiver:v1"
REVOCATION = "urn:dpone:waiver-revocation:v1"
KIND, TYPE = "waiver", "waiver"
REVOKED = "waiver_revocation"
NOTHING = sha256_hex(b"")
"""What a waiver's statement is about where it is bound to no evidence: the digest of no bytes."""
TEXTS = (
    "rule", "match", "gate", "release", "environment", "kind", "evidence", "reason", "owner", "ticket", "requester",
    "requester_key", "not_before", "not_after", "created_at",
)  # fmt: skip


@dataclass(frozen=True)
class Terms:
    """What is asked for: which finding of which rule, at which gate and for which release and environment (empty:
    any), on which evidence (`sha256` empty: whatever it says next), why, who answers for it, and from when until
    when (the first instant at which it no longer counts)."""

    rule: str
    match: str
    gate: str
    release: str
    environment: str
    kind: str
    evidence: str
    sha256: str
    reason: str
    owner: str
    ticket: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True)
class Signed:
    """A waiver that was read, with the keys whose signatures hold; others are not known here."""

    id: str
    terms: Terms
    requester: str
    requester_key: str
    created_at: datetime
    keys: tuple[PublicKey, ...]
    envelope: bytes

    @property
    def name(self) -> str:
        """The id as people see it."""
        return f"W-{self.id[:12]}"

    def about(self) -> Subject:
        """What its ledger entry is about."""
        return Subject(release=self.terms.release, environment=self.terms.environment)

    def beside(self) -> Beside:
        """The waiver as an entry of the ledger."""
        body = {
            "kind": KIND,
            "subject": asdict(self.about()),
            "waiver": self.id,
            "gate": self.terms.gate,
            "rule": self.terms.rule,
            "envelope": sha256_hex(self.envelope),
        }
        return Beside(TYPE, body, (self.envelope,))


def ask(terms: Terms, requester: str, at: datetime, signer: Signer) -> Signed:
    """Sign a request for a waiver; it counts for nothing until another person has signed it too."""
    said = {
        name: (time_text(value) if isinstance(value, datetime) else value)
        for name, value in vars(terms).items()
        if name != "sha256"
    }
    predicate = {
        **said,
        "requester": requester,
        "requester_key": signer.public.fingerprint,
        "created_at": time_text(at),
    }
    bound = StatementSubject(terms.evidence or "any evidence", terms.sha256 or NOTHING)
    payload = statement_bytes([bound], PREDICATE, predicate)
    return read(seal(payload, WAIVER, signer), [signer.public])


def approve(data: bytes, known: Iterable[PublicKey], signer: Signer) -> Signed:
    """Add the signature of one who approves to a waiver. Raises `BrokenSeal`."""
    keys = [*known, signer.public]
    read(data, keys)
    envelope = open_envelope(data, WAIVER)
    return read(countersign(envelope, envelope.verify(keys).payload, signer), keys)


def read(data: bytes, known: Iterable[PublicKey]) -> Signed:
    """Read a signed waiver. Raises `BrokenSeal` for one that is not whole or that no known key has signed."""
    verified = open_envelope(data, WAIVER).verify(known)
    statement = read_statement(verified.payload, PREDICATE)
    said = _texts(statement.predicate, TEXTS)
    if len(statement.subjects) != 1:
        raise BrokenSeal("wrong_shape", "it is not about one piece of evidence")
    times = {name: read_time(said[name]) for name in ("not_before", "not_after", "created_at")}
    start, end, created = times["not_before"], times["not_after"], times["created_at"]
    if start is None or end is None or created is None:
        raise BrokenSeal("wrong_shape", "it does not say when it was asked for, from when and until when")
    digest = statement.subjects[0].sha256
    plain = {name: said[name] for name in TEXTS[:10]}
    terms = Terms(sha256="" if digest == NOTHING else digest, not_before=start, not_after=end, **plain)
    return Signed(
        sha256_hex(verified.payload), terms, said["requester"], said["requester_key"], created, verified.signers, data
    )  # fmt: skip


def revoke(waiver: Signed, reason: str, at: datetime, signer: Signer) -> Beside:
    """The revocation of a waiver as an entry of the ledger."""
    predicate = {"waiver": waiver.id, "reason": reason, "revoked_at": time_text(at)}
    payload = statement_bytes([StatementSubject(waiver.name, waiver.id)], REVOCATION, predicate)
    data = seal(payload, WAIVER, signer)
    body = {
        "kind": REVOKED,
        "subject": asdict(waiver.about()),
        "waiver": waiver.id,
        "envelope": sha256_hex(data),
    }
    return Beside(TYPE, body, (data,))


@dataclass(frozen=True)
class Kept:
    """The waivers a ledger has, oldest first, each with all who signed it; the ids of those that were revoked,
    with the reason; and the entries that do not hold, with why."""

    waivers: tuple[Signed, ...] = ()
    revoked: Mapping[str, str] = field(default_factory=dict)
    broken: Mapping[int, str] = field(default_factory=dict)

    def renewals(self, waiver: Signed) -> int:
        """How many waivers for the same finding came before it: of the same rule, match, gate, environment and
        evidence, for whatever release, signed by two keys."""
        return sum(
            other.created_at < waiver.created_at and len(other.keys) > 1 and _scope(other) == _scope(waiver)
            for other in self.waivers
        )

    def find(self, prefix: str) -> Signed:
        """The waiver whose id begins so (`W-` may stand in front), or `latest`: the one asked for last. Raises
        `UsageError` for none or several."""
        if prefix == "latest" and self.waivers:
            return self.waivers[-1]
        digits = prefix.removeprefix("W-").lower()
        found = [w for w in self.waivers if len(digits) >= 4 and w.id.startswith(digits)]
        if len(found) != 1:
            told = f"{len(found)} waivers have" if found else "no signed waiver has"
            raise UsageError(f"{told} the id {prefix[:80]!r}", "see dpone waiver list")
        return found[0]


def kept(ledger: Ledger, known: Iterable[PublicKey]) -> Kept:
    """Every signed waiver of a ledger. A revocation counts when any known key signed it, whatever that key may
    do by now: it only ever takes away. Raises `UndecidedError` when the ledger cannot be read."""
    keys = list(known)
    found: dict[str, Signed] = {}
    revoked: dict[str, str] = {}
    broken: dict[int, str] = {}
    for entry, data in _entries(ledger):
        try:
            if entry.body.get("kind") == REVOKED:
                said = _revocation(data, keys)
                revoked[said["waiver"]] = said["reason"]
            else:
                waiver = read(data, keys)
                other = found.get(waiver.id, waiver)
                more = tuple(key for key in waiver.keys if key not in other.keys)
                fuller = waiver if len(waiver.keys) > len(other.keys) else other
                found[waiver.id] = replace(fuller, keys=other.keys + more)
        except BrokenSeal as problem:
            broken[entry.index] = problem.message
    ordered = sorted(found.values(), key=lambda w: (w.created_at, w.id))
    return Kept(tuple(ordered), revoked, broken)


def _entries(ledger: Ledger) -> Iterator[tuple[Any, bytes]]:
    for kind in (KIND, REVOKED):
        for entry in ledger.find(kind, {}):
            if entry.type == TYPE:
                yield entry, ledger.get_object(entry.envelope)


def _revocation(data: bytes, keys: Iterable[PublicKey]) -> dict[str, str]:
    statement = read_statement(open_envelope(data, WAIVER).verify(keys).payload, REVOCATION)
    said = _texts(statement.predicate, ("waiver", "reason", "revoked_at"))
    if [subject.sha256 for subject in statement.subjects] != [said["waiver"]]:
        raise BrokenSeal("wrong_shape", "it does not say which waiver it takes back")
    return said


def _texts(predicate: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    wanted = tuple(names)
    if set(predicate) != set(wanted) or not all(isinstance(text, str) for text in predicate.values()):
        raise BrokenSeal("wrong_shape", "it is not a waiver")
    return {name: predicate[name] for name in wanted}


def _scope(waiver: Signed) -> tuple[str, ...]:
    """What makes two waivers one and its renewal."""
    terms = waiver.terms
    return (terms.rule, terms.match, terms.gate, terms.environment.casefold(), terms.kind, terms.evidence)
