"""Seals on evidence: statements over a file's digest, signed in the job that made the file.

A raw file `build/junit.xml` has its seal beside it as `build/junit.xml.dsse.json`; an artifact of
dpone's own, `release_gate.json`, has the signed decision as `release_gate.dsse.json`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from dpone.evidence.model import Seal, Subject
from dpone.record import asdict, dataclass, fields, replace
from dpone.signing.dsse import (
    DECISION,
    EVIDENCE_SEAL,
    MAX_ENVELOPE_BYTES,
    BrokenSeal,
    Verified,
    open_envelope,
    seal,
)
from dpone.signing.keys import PublicKey, Signer
from dpone.signing.statement import Statement, StatementSubject, read_statement, statement_bytes
from dpone.signing.trust import Trust, TrustLevel
from dpone.workspace import ReadProblem, read_time, time_text

Reader = Callable[[Path, int], bytes]
"""Reads a file of at most so many bytes, or raises `ReadProblem`: the workspace's own, or a replay's."""

SEAL_PREDICATE = "urn:dpone:evidence-seal:v1"
DECISION_PREDICATE = "urn:dpone:decision:v1"


@dataclass(frozen=True)
class Vouched:
    """What a seal says of a file: the judgment on the seal itself, and what was signed. `signed` is the
    predicate, empty unless the seal is valid; `digest` is the SHA-256 of the envelope."""

    seal: Seal
    subject: Subject = Subject()
    sealed_at: datetime | None = None
    signed: dict[str, Any] | None = None
    envelope: bytes = b""


@dataclass(frozen=True)
class Judges:
    """Whose word counts: the trust file, this machine's own key, and the moment and place of judgment."""

    trust: Trust
    own: PublicKey | None
    at: datetime
    environment: str = ""


def raw_seal_path(path: Path) -> Path:
    """Where the seal of a raw evidence file lies."""
    return path.with_name(path.name + ".dsse.json")


def artifact_seal_path(path: Path) -> Path:
    """Where the signed decision of one of dpone's own artifacts lies."""
    return path.with_name(path.stem + ".dsse.json")


def seal_evidence(
    name: str, uri: str, sha256: str, kind: str, subject: Subject, at: datetime, signer: Signer
) -> bytes:
    """Sign that the file with this digest is the evidence `name` of kind `kind` about `subject`."""
    predicate = {"name": name, "kind": kind, "subject": asdict(subject), "sealed_at": time_text(at)}
    payload = statement_bytes([StatementSubject(uri, sha256)], SEAL_PREDICATE, predicate)
    return seal(payload, EVIDENCE_SEAL, signer)


def read_raw_seal(path: Path, sha256: str, kind: str, judges: Judges, read: Reader) -> Vouched:
    """The seal of a raw evidence file of kind `kind`; absent when no seal lies beside it."""
    data = _read(raw_seal_path(path), read)
    if data is None:
        return Vouched(Seal())
    try:
        statement, key = _open(data, EVIDENCE_SEAL, SEAL_PREDICATE, sha256, judges)
        signed = statement.predicate
        if signed.get("kind") != kind:
            raise BrokenSeal("other_kind", f"it seals a {signed.get('kind')!r}, the file is a {kind!r}")
        subject = read_subject(signed.get("subject"))
        sealed_at = read_time(str(signed.get("sealed_at", "")))
        if sealed_at is None:
            raise BrokenSeal("wrong_shape", "it does not say when it was made")
    except BrokenSeal as broken:
        return Vouched(Seal("broken", reason=broken.message), envelope=data)
    found = _judge(key, judges, kind=kind, gate="", environment=subject.environment)
    return Vouched(found, subject, sealed_at, dict(signed), data)


def read_artifact_seal(path: Path, sha256: str, judges: Judges, read: Reader) -> Vouched:
    """The signed decision that belongs to one of dpone's own artifacts; absent when there is none.

    The predicate says gate, kind, subject, verdict and time; the artifact file itself is never asked.
    """
    data = _read(artifact_seal_path(path), read)
    if data is None:
        return Vouched(Seal())
    return judge_decision(data, sha256, judges)


def judge_decision(data: bytes, sha256: str, judges: Judges) -> Vouched:
    """Judge a signed decision over the file with digest `sha256`."""
    try:
        statement, key = _open(data, DECISION, DECISION_PREDICATE, sha256, judges)
        signed = statement.predicate
        for field in ("gate", "kind", "status", "decided_at"):
            if not isinstance(signed.get(field), str):
                raise BrokenSeal("wrong_shape", f"the signed decision has no {field}")
        subject = read_subject(signed.get("subject"))
        decided_at = read_time(signed["decided_at"])
        if not isinstance(signed.get("passed"), bool) or decided_at is None:
            raise BrokenSeal("wrong_shape", "the signed decision has no verdict or time")
    except BrokenSeal as broken:
        return Vouched(Seal("broken", reason=broken.message), envelope=data)
    found = _judge(key, judges, kind=signed["kind"], gate=signed["gate"], environment=subject.environment)
    engine = signed.get("engine")
    found = replace(
        found, trust=worth(found.trust, engine.get("trust", "") if isinstance(engine, dict) else "")
    )
    return Vouched(found, subject, decided_at, dict(signed), data)


def worth(trust: TrustLevel, engine_trust: str) -> TrustLevel:
    """What a whole decision is worth: a key that everybody trusts makes no more of an engine that nothing but
    this machine stands behind."""
    return "local" if engine_trust == "local" and trust in ("anchored", "workspace") else trust


def read_subject(value: Any) -> Subject:
    """A subject from signed JSON. Raises `BrokenSeal` for another shape."""
    names = {field.name for field in fields(Subject)}
    if (
        not isinstance(value, dict)
        or set(value) != names
        or not all(isinstance(v, str) for v in value.values())
    ):
        raise BrokenSeal("wrong_shape", "it does not say what it is about")
    return Subject(**value)


def known_keys(judges: Judges) -> list[PublicKey]:
    """Every key whose signature can mean something here: the trust file's, and this machine's own."""
    keys = list(judges.trust.public_keys)
    if judges.own and judges.own not in keys:
        keys.append(judges.own)
    return keys


def verified_envelope(data: bytes, payload_type: str, judges: Judges) -> Verified:
    """What an envelope of that type holds and which known keys signed it. Raises `BrokenSeal`."""
    try:
        return open_envelope(data, payload_type).verify(known_keys(judges))
    except BrokenSeal as broken:
        if broken.reason == "unknown_key":
            raise BrokenSeal("unknown_key", "it is signed by a key that nobody here vouches for") from None
        raise


def _open(
    data: bytes, payload_type: str, predicate: str, sha256: str, judges: Judges
) -> tuple[Statement, PublicKey]:
    verified = verified_envelope(data, payload_type, judges)
    statement = read_statement(verified.payload, predicate)
    if not statement.names(sha256):
        raise BrokenSeal("other_bytes", "the file was changed after it was sealed")
    return statement, verified.signers[0]


def _judge(key: PublicKey, judges: Judges, *, kind: str, gate: str, environment: str) -> Seal:
    standing = judges.trust.standing(
        key, judges.own, judges.at, kind=kind, gate=gate, environment=environment or judges.environment
    )
    return Seal("valid", standing.trust, standing.identity, tuple(standing.roles), standing.reason)


def _read(path: Path, read: Reader) -> bytes | None:
    try:
        return read(path, MAX_ENVELOPE_BYTES)
    except ReadProblem as problem:
        return None if problem.state == "missing" else b""


def same_subject(a: Subject, b: Subject) -> tuple[str, ...]:
    """The fields in which two subjects name different things; an empty field names nothing."""
    left, right = asdict(a), asdict(b)
    return tuple(name for name in left if left[name] and right[name] and left[name] != right[name])


def joined(a: Subject, b: Subject) -> Subject:
    """What two claims say together, `a` first."""
    return replace(b, **{name: value for name, value in asdict(a).items() if value})
