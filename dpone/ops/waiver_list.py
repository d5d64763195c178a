"""What became of all waivers: asked for, active, unused, upcoming, expired, revoked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpone.config.waivers import Entry
from dpone.decisions.record import open_ledger_of
from dpone.decisions.stored import Stored, all_decisions
from dpone.decisions.waiver_record import kept
from dpone.decisions.waivers import entry_row, signed_row
from dpone.evidence.seals import known_keys
from dpone.ops.session import Session
from dpone.record import dataclass

LOOKED_AT = 500
"""So many of the latest decisions are looked at to tell whether a waiver is used."""


@dataclass(frozen=True)
class Told:
    """One waiver as `dpone waiver list` shows it: its facts, one word for its state, and days until it ends."""

    facts: Mapping[str, Any]
    state: str
    days: int


def listed(session: Session) -> tuple[list[Told], list[str]]:
    """Every waiver of dpone.yaml and of the ledger, sorted by id, and the ledger's entries that do not hold."""
    judges = session.context.judges(session.subject.environment)
    ledger = open_ledger_of(session.context)
    record = kept(ledger, known_keys(judges))
    entries: list[Entry] = session.config.get("waivers")
    rows = [entry_row(entry, judges.at) for entry in entries]
    rows += [signed_row(waiver, record, judges) for waiver in record.waivers]
    used = _used(list(all_decisions(ledger)))
    told = [Told(row, _state(row, used), int(row["left_seconds"]) // 86400) for row in rows]
    broken = [f"entry {index + 1}: {why}" for index, why in sorted(record.broken.items())]
    return sorted(told, key=lambda t: str(t.facts["id"])), broken


def _state(row: Mapping[str, Any], used: frozenset[str]) -> str:
    """The word for what the facts say; whether it counts at a gate is said there, by rules."""
    for word, so in (
        ("revoked", row["revoked"]),
        ("expired", row["expired"]),
        ("asked", row["source"] == "signed" and not row["approver"]),
        ("upcoming", row["not_yet"]),
        ("unused", row["id"] not in used),
    ):
        if so:
            return word
    return "active"


def _used(decisions: list[Stored]) -> frozenset[str]:
    """Ids of the waivers that a finding of the latest decisions was waived by."""
    found: set[str] = set()
    for stored in decisions[-LOOKED_AT:]:
        result = stored.json(stored.digest("result"))
        found.update(f["waiver"]["id"] for f in result["findings"] if f.get("waiver"))
    return frozenset(found)
