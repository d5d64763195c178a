"""One descriptor in, one `Evidence` out: the bytes are read once, and every answer is about those bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from dpone.canonical import sha256_hex
from dpone.evidence import artifacts
from dpone.evidence.model import HOLDS_SECRET, Counts, Evidence, Invalid, Reading, Subject
from dpone.evidence.parsing import parse
from dpone.evidence.recognition import Collector, Unrecognized, collectors, recognize
from dpone.evidence.seals import (
    Judges,
    Reader,
    Vouched,
    joined,
    judge_decision,
    read_artifact_seal,
    read_raw_seal,
    same_subject,
)
from dpone.record import dataclass, field, replace
from dpone.workspace import ReadProblem, time_text

SKEW_SECONDS = 300
"""How far clocks of two machines may differ before a time stamp counts as from the future."""


@dataclass(frozen=True)
class Recorded:
    """One of dpone's own artifacts as the ledger keeps it: its bytes and the signed decision over them."""

    data: bytes = field(repr=False)
    envelope: bytes = field(repr=False)


@dataclass(frozen=True)
class Descriptor:
    """Where a piece of evidence is to be found, before anything is read.

    `kind` pins the kind (empty: content tells); `options` are its entry in dpone.yaml; `problem` is
    set when the path itself has no one meaning (a pattern with several matches); `about` is what this piece
    must be about where that is not what the decision itself is about (the gate of the environment before);
    `recorded` is what the ledger has, and then nothing is read from `path`, which only names it.
    """

    name: str
    path: Path
    kind: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    max_age_seconds: int = 0
    duplicate: bool = False
    problem: str = ""
    about: Subject | None = None
    recorded: Recorded | None = None


@dataclass(frozen=True)
class Service:
    """What a service of this very command found out, as evidence: its facts and what it read."""

    name: str
    kind: str
    facts: Mapping[str, Any]
    summary: str
    counts: Counts = field(default_factory=Counts)
    reported: str = "unknown"
    materials: tuple[Mapping[str, Any], ...] = ()
    state: str = "present"
    reason: str = ""
    message: str = ""


@dataclass(frozen=True)
class Surroundings:
    """What every piece of evidence of one decision is judged against; `kinds` are the custom ones of layers."""

    read: Reader
    uri: Callable[[Path], str]
    subject: Subject
    judges: Judges
    now: datetime
    file_limit: int
    depth: int
    kinds: tuple[Collector, ...] = ()


def collect(descriptor: Descriptor, around: Surroundings) -> Evidence:
    """Read, recognise and date one piece of evidence. Never raises for what a file holds: every fault
    is a state with its reason."""
    uri = around.uri(descriptor.path)
    if descriptor.about is not None:
        around = replace(around, subject=descriptor.about)
    blank = Evidence(
        descriptor.name,
        uri,
        "missing",
        duplicate_name=descriptor.duplicate,
        max_age_seconds=descriptor.max_age_seconds,
        kind=descriptor.kind,
    )
    if descriptor.problem:
        return replace(blank, state="invalid", reason="ambiguous", message=descriptor.problem)
    try:
        recorded = descriptor.recorded
        data = recorded.data if recorded else around.read(descriptor.path, around.file_limit)
    except ReadProblem as problem:
        return replace(blank, state=problem.state, reason=problem.reason, message=problem.message)  # type: ignore[arg-type]
    known = replace(blank, sha256=sha256_hex(data), size_bytes=len(data), data=data)
    try:
        document = parse(data, around.depth)
        artifact = artifacts.claims_to_be(document)
        if artifact:
            return _artifact(known, descriptor, artifact, document.root, around)
        collector = recognize(document, descriptor.kind, around.kinds)
        reading = collector.read(document, descriptor.options)
    except Invalid as invalid:
        where = f" at {invalid.pointer}" if invalid.pointer else ""
        if invalid.reason == HOLDS_SECRET:
            known = replace(known, data=b"")  # nothing that keeps or shows evidence may have these bytes
        return replace(known, state="invalid", reason=invalid.reason, message=f"{invalid.message}{where}")
    except Unrecognized as unknown:
        if any(each.shows_secret(document) for each in collectors()):
            message = f"it shows a secret, and {unknown.message}"
            return replace(known, data=b"", state="invalid", reason=HOLDS_SECRET, message=message)
        return replace(known, state="unrecognized", reason="no_kind", message=unknown.message, kind="")
    vouched = read_raw_seal(descriptor.path, known.sha256, collector.kind, around.judges, around.read)
    return _join(replace(known, producer="tool", again=collector.producer), reading, vouched, around)


def from_service(service: Service, now: datetime, max_age_seconds: int) -> Evidence:
    """What a service of this command found: evidence made here, now, about whatever is decided on."""
    from dpone.canonical import canonical_bytes

    data = canonical_bytes(dict(service.facts))
    return Evidence(
        service.name,
        f"service:{service.kind}",
        service.state,  # type: ignore[arg-type]
        reason=service.reason,
        message=service.message,
        kind=service.kind,
        producer="service",
        reported=service.reported,  # type: ignore[arg-type]
        counts=service.counts,
        sha256=sha256_hex(data),
        size_bytes=len(data),
        binding="matched",
        dated="producer",
        produced_at=time_text(now),
        max_age_seconds=max_age_seconds,
        facts=service.facts,
        summary=service.summary,
        data=data,
    )


def _artifact(
    known: Evidence, descriptor: Descriptor, claimed: str, root: Mapping[str, Any], around: Surroundings
) -> Evidence:
    if descriptor.recorded:
        vouched = judge_decision(descriptor.recorded.envelope, known.sha256, around.judges)
    else:
        vouched = read_artifact_seal(descriptor.path, known.sha256, around.judges, around.read)
    own = replace(known, producer="dpone", kind=claimed, seal=vouched.seal)
    if vouched.signed is None:
        reason = "artifact_unsealed" if vouched.seal.state == "absent" else "artifact_seal_broken"
        message = vouched.seal.reason or f"it says it is dpone's own {claimed}, and no seal lies beside it"
        return replace(own, state="invalid", reason=reason, message=message)
    if descriptor.kind and descriptor.kind != vouched.signed["kind"]:
        return replace(own, state="unrecognized", reason="no_kind", message=f"is not {descriptor.kind}")
    reading = artifacts.read(vouched.signed, root, sha256_hex(vouched.envelope))
    return _join(own, reading, vouched, around)


def _join(known: Evidence, reading: Reading, vouched: Vouched, around: Surroundings) -> Evidence:
    """Put together what the document says, what its seal says, and what is asked about."""
    contradictions = list(reading.contradictions)
    differing = same_subject(reading.claims, vouched.subject)
    contradictions += [f"the file and its seal name different values for {name}" for name in differing]
    claims = joined(reading.claims, vouched.subject)
    foreign = tuple(
        dict.fromkeys(
            same_subject(reading.claims, around.subject) + same_subject(vouched.subject, around.subject)
        )
    )
    produced, dated = reading.produced_at or vouched.sealed_at, "none"
    if reading.produced_at:
        dated = "producer"
    elif vouched.sealed_at:
        dated = "signer"
    age = int((around.now - produced).total_seconds()) if produced else 0
    return replace(
        known,
        state="present",
        kind=reading.kind,
        tool=reading.tool,
        reported=reading.reported,
        contradictions=tuple(contradictions),
        counts=reading.counts,
        seal=vouched.seal,
        binding="foreign" if foreign else ("matched" if _names_subject(claims, around.subject) else "unbound"),
        foreign_fields=foreign,
        dated=dated,  # type: ignore[arg-type]
        produced_at=time_text(produced) if produced else "",
        age_seconds=max(age, 0),
        from_future=age < -SKEW_SECONDS,
        facts=reading.facts,
        summary=reading.summary,
    )


def _names_subject(claims: Subject, subject: Subject) -> bool:
    """Whether the claims say which release (or commit, or run) this is about, and it is this one."""
    pairs = (
        (claims.release, subject.release),
        (claims.commit, subject.commit),
        (claims.run_id, subject.run_id),
        (claims.change_id, subject.change_id),
        (claims.deployment_id, subject.deployment_id),
    )
    return any(said and said == asked for said, asked in pairs)
