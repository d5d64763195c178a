"""Decisions as the ledger keeps them: finding one, and reading what belongs to it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from dpone.errors import NotGoodError, UsageError
from dpone.evidence.model import Subject
from dpone.ledger.entry import Entry
from dpone.ledger.interface import Ledger
from dpone.record import dataclass

TYPES = ("decision", "index")
MIN_PREFIX = 4


@dataclass(frozen=True)
class Stored:
    """One recorded decision: its ledger entry, with the fields of its body by name."""

    entry: Entry
    ledger: Ledger

    @property
    def id(self) -> str:
        """The decision's id: SHA-256 of its envelope."""
        return str(self.entry.body["envelope"])

    @property
    def gate(self) -> str:
        """The gate that decided."""
        return str(self.entry.body["gate"])

    @property
    def subject(self) -> Subject:
        """What the decision is about."""
        return Subject(**self.entry.body["subject"])

    def digest(self, name: str) -> str:
        """A digest of the body: `input`, `config`, `result`, `question`."""
        return str(self.entry.body[name])

    def digests(self, name: str) -> dict[str, str]:
        """A map of digests of the body: `layers`, `files`."""
        return dict(self.entry.body[name])

    def read(self, digest: str) -> bytes:
        """An object by its digest, checked. Raises `UndecidedError` when it is gone or damaged."""
        return self.ledger.get_object(digest)

    def json(self, digest: str) -> Any:
        """A JSON object by its digest."""
        return json.loads(self.read(digest))


def all_decisions(ledger: Ledger) -> Iterator[Stored]:
    """Every recorded decision, oldest first."""
    for entry in ledger.entries():
        if entry.type in TYPES:
            yield Stored(entry, ledger)


def matching(ledger: Ledger, *, gate: str = "", release: str = "", environment: str = "") -> Iterator[Stored]:
    """Decisions of one gate, release and environment, oldest first; an empty text matches all."""
    wanted: Mapping[str, str] = {"release": release, "environment": environment}
    for stored in all_decisions(ledger):
        subject = vars(stored.subject)
        if (not gate or stored.gate == gate) and all(not v or subject[k] == v for k, v in wanted.items()):
            yield stored


def find_decision(ledger: Ledger, prefix: str) -> Stored:
    """The decision whose id begins with `prefix`, or `latest`. Raises `UsageError` for a prefix that is
    too short, not hex, or fits several; `NotGoodError` when there is none."""
    if prefix == "latest":
        newest = list(all_decisions(ledger))[-1:]
        if not newest:
            raise NotGoodError("the ledger holds no decision", "run a gate first: dpone ops release-gate")
        return newest[0]
    if len(prefix) < MIN_PREFIX or any(c not in "0123456789abcdef" for c in prefix):
        raise UsageError(
            f"{prefix[:80]!r} is not a decision id", "give at least 4 hex digits; dpone decision list"
        )
    found = [stored for stored in all_decisions(ledger) if stored.id.startswith(prefix)]
    if not found:
        raise NotGoodError(f"the ledger holds no decision {prefix}", "see dpone decision list")
    if len({s.id for s in found}) > 1:
        raise UsageError(f"{len(found)} decisions begin with {prefix}", "give more digits")
    return found[0]
