"""The values that pass from collectors to the canonical input: frozen, typed, free of I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from dpone.record import asdict, dataclass, field

State = Literal[
    "present", "missing", "unreadable", "invalid", "unrecognized", "too_large", "omitted", "superseded"
]
Reported = Literal["passed", "failed", "empty", "unknown"]
Producer = Literal["tool", "dpone", "service", "none"]
"""Who made evidence: another tool; an earlier decision of dpone's; a service of this very command;
nobody known (what could not be recognised)."""
Syntax = Literal["json", "json-lines", "xml", "yaml", "text"]


HOLDS_SECRET = "holds_secret"  # noqa: S105 - the name of a reason
"""The reason for evidence that shows a secret: its bytes are kept nowhere and nothing of it is repeated."""


class Invalid(Exception):
    """Evidence of a known kind that cannot be relied on: wrong shape, wrong encoding, two meanings.

    `reason` is a stable code (`wrong_shape`, `duplicate_key`, `not_utf8`, …), `pointer` an RFC 6901
    pointer into the document (empty for the whole), the message one sentence for a person.
    """

    def __init__(self, reason: str, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.reason, self.message, self.pointer = reason, message, pointer


@dataclass(frozen=True)
class Document:
    """A file read and parsed once. `root` is parsed JSON or YAML, an XML element, a list for JSON
    Lines, or the text itself; `data` are the bytes it came from."""

    syntax: Syntax
    root: Any
    data: bytes


@dataclass(frozen=True)
class Counts:
    """How many things the tool judged, by outcome. All are at least 0."""

    passed: int = 0
    failed: int = 0
    errored: int = 0
    skipped: int = 0
    not_evaluated: int = 0


@dataclass(frozen=True)
class Subject:
    """What evidence or a decision is about. An empty text means: not said."""

    release: str = ""
    environment: str = ""
    commit: str = ""
    run_id: str = ""
    change_id: str = ""
    deployment_id: str = ""


@dataclass(frozen=True)
class Reading:
    """What a collector understood of one document.

    `reported` is what the tool itself claims (a fact, never sufficient for green); `facts` is small,
    documented by ``schemas/evidence/<kind>.v1.json``; `summary` is one short line for people and never
    reaches a rule; `contradictions` are sentences about claims in the document that exclude each other.
    """

    kind: str
    tool: str
    reported: Reported
    counts: Counts
    facts: Mapping[str, Any]
    summary: str
    claims: Subject = field(default_factory=Subject)
    produced_at: datetime | None = None
    contradictions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seal:
    """Who vouches for the bytes. `state`: valid, absent or broken; `trust`: anchored (the key is in a
    trust file fixed from outside), workspace (in this folder's trust file), local (this machine's own
    key) or none. `reason` says why a seal is broken or not trusted."""

    state: Literal["valid", "absent", "broken"] = "absent"
    trust: Literal["anchored", "workspace", "local", "none"] = "none"
    signer: str = ""
    roles: tuple[str, ...] = ()
    reason: str = ""


_SAYABLE = (
    "state", "reason", "seal.reason", "foreign_fields", "contradictions", "produced_at", "age_seconds",
    "max_age_seconds",
)  # fmt: skip


_SAYABLE_OF_DECISION = (
    "subject.commit", "subject.environment", "subject.deployment_id", "subject.change_id",
    "actor.identity", "actor.claimed", "actor.trust", "engine.name", "evaluated_at",
)  # fmt: skip


def of_decision(name: str) -> bool:
    """Whether the message of a rule may name this field of the input document itself (`subject.environment`)."""
    return name in _SAYABLE_OF_DECISION


def sayable(name: str) -> str:
    """The path of the field of an item that the message of a rule names (`seal.reason`, `age` for `age_seconds`, any
    `facts.x` and `counts.x`), or an empty text; what else it names, the rule passes on."""
    if name.startswith(("facts.", "counts.")):
        return name
    return next((path for path in (name, f"{name}_seconds") if path in _SAYABLE), "")


@dataclass(frozen=True)
class Evidence:
    """One named piece of evidence, ready for the canonical input.

    The fields of `item()` are the contract with policies (schemas/input.v1.json); `message`, `summary`,
    `tool` and `again` (the command that makes it again) are for people and the record only.
    """

    name: str
    uri: str
    state: State
    reason: str = ""
    message: str = ""
    kind: str = ""
    producer: Producer = "none"
    tool: str = ""
    again: str = ""
    reported: Reported = "unknown"
    contradictions: tuple[str, ...] = ()
    counts: Counts = field(default_factory=Counts)
    sha256: str = ""
    size_bytes: int = 0
    seal: Seal = field(default_factory=Seal)
    binding: Literal["matched", "unbound", "foreign"] = "unbound"
    foreign_fields: tuple[str, ...] = ()
    dated: Literal["producer", "signer", "none"] = "none"
    produced_at: str = ""
    age_seconds: int = 0
    max_age_seconds: int = 0
    from_future: bool = False
    duplicate_name: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    summary: str = ""
    data: bytes = field(default=b"", repr=False)

    def item(self) -> dict[str, Any]:
        """The item as Rego sees it: every field present, one type each, absence is a state."""
        return {
            "name": self.name,
            "kind": self.kind,
            "producer": self.producer,
            "duplicate_name": self.duplicate_name,
            "state": self.state,
            "reason": self.reason,
            "reported": self.reported,
            "contradictions": list(self.contradictions),
            "counts": asdict(self.counts),
            "source": {"uri": self.uri, "sha256": self.sha256, "size_bytes": self.size_bytes},
            "seal": {
                "state": self.seal.state,
                "trust": self.seal.trust,
                "signer": self.seal.signer,
                "roles": list(self.seal.roles),
                "reason": self.seal.reason,
            },
            "binding": self.binding,
            "foreign_fields": list(self.foreign_fields),
            "dated": self.dated,
            "produced_at": self.produced_at,
            "age_seconds": self.age_seconds,
            "max_age_seconds": self.max_age_seconds,
            "from_future": self.from_future,
            "facts": dict(self.facts),
        }
