"""Waivers as rules see them: those that speak of this gate and subject, with everything a rule may ask of them.

Nothing is judged here. An entry of dpone.yaml and a signed waiver give facts of one form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from dpone.config.waivers import Entry
from dpone.decisions.redacted import plain_texts
from dpone.decisions.request import Context
from dpone.decisions.waiver_record import Kept, Signed, kept
from dpone.evidence.model import Evidence, Subject
from dpone.evidence.seals import Judges, known_keys
from dpone.ledger.interface import Ledger
from dpone.policy.shipped_rules import shipped_rules, unwaivable_rules
from dpone.record import dataclass
from dpone.signing.trust import Standing, same_person
from dpone.workspace import time_text

WILD = "*"
FORGOTTEN = timedelta(days=7)
"""How long a signed waiver that has ended is still spoken of; nobody can take it out of the ledger."""
FREE = ("reason", "owner", "ticket")
"""Texts that people write as they like, and into which a secret may slip."""
NOBODY = Standing("none", "")


@dataclass(frozen=True)
class Asked:
    """Who asks for waivers: the gate, the subject, and the evidence that is judged."""

    gate: str
    subject: Subject
    evidence: Sequence[Evidence]


def waiver_facts(asked: Asked, context: Context, ledger: Ledger) -> list[dict[str, Any]]:
    """The waivers that speak of a gate and subject, sorted by id. Raises `UndecidedError` when the ledger cannot
    be read."""
    judges = context.judges(asked.subject.environment)
    now = judges.at
    entries: list[Entry] = context.config.get("waivers")
    rows = [entry_row(entry, now) for entry in entries]
    record = kept(ledger, known_keys(judges))
    rows += [signed_row(w, record, judges) for w in record.waivers if w.terms.not_after + FORGOTTEN > now]
    rows = [{**row, "unchanged": _unchanged(row, asked.evidence)} for row in rows if _speaks_of(row, asked)]
    rows = [row for row in rows if not row["revoked"] or not row["expired"]]
    told = plain_texts([{name: row[name] for name in FREE} for row in rows])
    rows = [{**row, **plain} for row, plain in zip(rows, told, strict=True)]
    return sorted(rows, key=lambda row: str(row["id"]))


def rows_now(
    known: Iterable[Mapping[str, Any]], entries: Iterable[Entry], asked: Asked, now: datetime
) -> list[dict[str, Any]]:
    """The waivers of an earlier decision as they would be with other entries in dpone.yaml: the signed ones of
    then, and the entries that speak of the same gate and subject, at the time of then."""
    rows = [{**entry_row(entry, now), "unchanged": True} for entry in entries]
    rows = [row for row in rows if _speaks_of(row, asked)]
    rows += [dict(row) for row in known if row["source"] == "signed"]
    return sorted(rows, key=lambda row: str(row["id"]))


def signed_row(waiver: Signed, record: Kept, judges: Judges) -> dict[str, Any]:
    """The facts of a signed waiver. Who asked is the key that the request names; who approved is another key, one
    that may where there is one."""
    terms, now = waiver.terms, judges.at
    environment = terms.environment or judges.environment
    asking = next((key for key in waiver.keys if key.fingerprint == waiver.requester_key), None)
    requester = judges.trust.standing(asking, judges.own, now) if asking else NOBODY
    others = [
        judges.trust.standing(key, judges.own, now, kind="waiver", gate=terms.gate, environment=environment)
        for key in waiver.keys
        if key.fingerprint != waiver.requester_key
    ]
    good = (s for s in others if s.trust != "none" and not same_person(s.identity, requester.identity))
    approver = next(good, others[0] if others else NOBODY)
    return {
        **_row(waiver.name, "signed", now, terms.not_before, terms.not_after),
        **_pattern(terms.match),
        "gate": terms.gate,
        "release": terms.release,
        "environment": terms.environment,
        "kind": terms.kind,
        "evidence": terms.evidence,
        "sha256": terms.sha256,
        "reason": terms.reason,
        "owner": terms.owner,
        "ticket": terms.ticket,
        "requester": requester.identity,
        "requester_trust": requester.trust,
        "requester_matches": bool(asking) and same_person(requester.identity, waiver.requester),
        "approver": approver.identity,
        "approver_trust": approver.trust,
        "same_person": bool(approver.identity) and same_person(requester.identity, approver.identity),
        "revoked": waiver.id in record.revoked,
        "renewals": record.renewals(waiver),
        **_rule(terms.rule),
    }


def entry_row(entry: Entry, now: datetime) -> dict[str, Any]:
    """The facts of an entry of dpone.yaml: it begins now, and whoever reviewed the file approved it."""
    return {
        **_row(entry.id, "config", now, now, entry.until),
        **_pattern(entry.match),
        "gate": entry.gate,
        "release": entry.release,
        "environment": entry.environment,
        "kind": entry.kind,
        "evidence": entry.evidence,
        "sha256": "",
        "reason": entry.reason,
        "owner": entry.owner,
        "ticket": entry.ticket,
        "requester": "",
        "requester_trust": "none",
        "requester_matches": False,
        "approver": "",
        "approver_trust": "none",
        "same_person": False,
        "revoked": False,
        "renewals": 0,
        **_rule(entry.finding),
    }


def _row(name: str, source: str, now: datetime, start: datetime, end: datetime) -> dict[str, Any]:
    return {
        "id": name,
        "source": source,
        "not_before": time_text(start) if source == "signed" else "",
        "not_after": time_text(end),
        **waiver_times(now, start, end),
    }


def waiver_times(now: datetime, start: datetime, end: datetime) -> dict[str, Any]:
    """What the time says of a waiver that counts from `start` until before `end`."""
    return {
        "not_yet": now < start,
        "expired": now >= end,
        "left_seconds": max(0, int((end - now).total_seconds())),
        "lasts_seconds": max(0, int((end - start).total_seconds())),
    }


def _rule(name: str) -> dict[str, Any]:
    return {"rule": name, "builtin": name in shipped_rules(), "waivable": name not in unwaivable_rules()}


def _pattern(match: str) -> dict[str, Any]:
    """A pattern's text, and how much of it is text: a dot, dash or space on either side tells nothing apart."""
    return {
        "match": match,
        "wildcard": WILD in match,
        "letters": sum(char.isalnum() for char in match),
    }


def _speaks_of(row: Mapping[str, Any], asked: Asked) -> bool:
    """Whether a waiver is about this gate and subject; what it leaves empty may be any. Names of environments
    are compared without case, as everywhere."""
    environment = str(row["environment"])
    return (
        row["gate"] in ("", asked.gate)
        and row["release"] in ("", asked.subject.release)
        and (not environment or environment.casefold() == asked.subject.environment.casefold())
    )


def _unchanged(row: Mapping[str, Any], evidence: Iterable[Evidence]) -> bool:
    """Whether the evidence it is bound to is still the one it was given for; true where it is bound to none."""
    return not row["sha256"] or any(
        e.sha256 == row["sha256"] and row["evidence"] in ("", e.name) and row["kind"] in ("", e.kind)
        for e in evidence
    )
