"""One canonical input as it will be at another time: what follows from stored instants is worked out again.

What a service of dpone's found (an allowance's end, a certificate's) stays as it was: it is found out again when
the gate runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from dpone.clock import read_time
from dpone.decisions.waivers import waiver_times
from dpone.policy.layers import Layer
from dpone.record import dataclass
from dpone.workspace import parse_time, time_text

JUST_AFTER = timedelta(seconds=1)


@dataclass(frozen=True)
class Event:
    """An instant from which on something may be judged otherwise, why, and about which rule or evidence."""

    at: datetime
    why: str
    rule: str = ""
    evidence: str = ""


def at_time(document: Mapping[str, Any], when: datetime, config: Mapping[str, Any]) -> dict[str, Any]:
    """The input `document` at the instant `when`; `config` is the configuration it is judged with."""
    passed = int((when - _taken(document)).total_seconds())
    return {
        **document,
        "evaluated_at": time_text(when),
        "evidence": [_older(item, passed) for item in document["evidence"]],
        "approvals": [_vote(vote, when, config) for vote in document["approvals"]],
        "waivers": [_waiver(waiver, when) for waiver in document["waivers"]],
    }


def events(
    document: Mapping[str, Any], layers: Iterable[Layer], config: Mapping[str, Any], until: datetime
) -> list[Event]:
    """What happens to an input from its own time until then, in order; `until` itself comes last."""
    now = _taken(document)
    found = [*_rules(layers), *_evidence(document), *_votes(document, config), *_waivers(document)]
    inside = {event for event in found if now < event.at < until}
    return [*sorted(inside, key=lambda e: (e.at, e.why)), Event(until, "")]


def _rules(layers: Iterable[Layer]) -> Iterator[Event]:
    for layer in layers:
        for rule in layer.inventory:
            if rule.effective_from and not rule.mandatory:
                day = rule.effective_from
                start = read_time(day if "T" in day else f"{day}T00:00:00Z")
                if start is not None:
                    name = rule.code or rule.id
                    yield Event(start, f"the rule counts from {day}", rule=name)


def _evidence(document: Mapping[str, Any]) -> Iterator[Event]:
    now = _taken(document)
    for item in document["evidence"]:
        left = item["max_age_seconds"] - item["age_seconds"]
        if _ages(item) and left >= 0:
            at = now + timedelta(seconds=left) + JUST_AFTER
            yield Event(at, f"{item['name']} is too old from then on", evidence=item["name"])


def _votes(document: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Event]:
    longest = timedelta(seconds=config.get("approvals", {}).get("expires", 0))
    for vote in document["approvals"]:
        cast = read_time(vote["decided_at"])
        if cast is not None and longest:
            yield Event(cast + longest + JUST_AFTER, f"the approval of {vote['actor']} has expired then")


def _waivers(document: Mapping[str, Any]) -> Iterator[Event]:
    for waiver in document["waivers"]:
        end = read_time(waiver["not_after"])
        if end is not None:
            yield Event(end, f"waiver {waiver['id']} of {waiver['owner']} ends", rule=waiver["rule"])


def _ages(item: Mapping[str, Any]) -> bool:
    """Whether a piece of evidence has a date and is not made anew by each run."""
    return bool(item["dated"] != "none" and item["producer"] != "service")


def _older(item: Mapping[str, Any], seconds: int) -> dict[str, Any]:
    if not _ages(item):
        return dict(item)
    return {**item, "age_seconds": max(0, item["age_seconds"] + seconds)}


def _vote(vote: Mapping[str, Any], when: datetime, config: Mapping[str, Any]) -> dict[str, Any]:
    cast = read_time(vote["decided_at"])
    longest = config.get("approvals", {}).get("expires")
    if cast is None or longest is None:
        return dict(vote)
    return {**vote, "expired": when - cast > timedelta(seconds=longest)}


def _waiver(waiver: Mapping[str, Any], when: datetime) -> dict[str, Any]:
    start, end = read_time(waiver["not_before"]), read_time(waiver["not_after"])
    if end is None:
        return dict(waiver)
    return {**waiver, **waiver_times(when, start or when, end)}


def _taken(document: Mapping[str, Any]) -> datetime:
    return parse_time(document["evaluated_at"], "evaluated_at")
