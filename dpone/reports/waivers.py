"""Waivers for people: one line each, those that need somebody first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dpone.errors import one_line

ORDER = ("asked", "active", "unused", "upcoming", "expired", "revoked")


def waivers_text(rows: Sequence[tuple[Mapping[str, Any], str, int]], broken: Sequence[str]) -> str:
    """The facts of waivers, each with its state and the days until it ends, as text that ends in a newline."""
    lines = []
    for facts, state, days in sorted(rows, key=lambda row: (ORDER.index(row[1]), row[0]["not_after"])):
        scope = " ".join(str(facts[n]) for n in ("gate", "release", "environment", "evidence") if facts[n])
        by = f"approved by {facts['approver']}" if facts["approver"] else f"owner {facts['owner']}"
        left = f"ends in {days} d" if state in ("asked", "active", "unused", "upcoming") else "ended"
        renewed = f", renewal {facts['renewals']}" if facts["renewals"] else ""
        lines.append(f"{state:<8}  {facts['id']}  {one_line(' '.join((facts['rule'], facts['match'])))}")
        until = f"{left}, {facts['not_after']}{renewed}"
        told = [until, by, facts["ticket"], scope, facts["reason"]]
        lines.append(f"          {one_line('   '.join(part for part in told if part))}")
    lines += [f"BROKEN    {one_line(text)}" for text in broken]
    return "\n".join([*lines, f"{len(rows)} waivers"]) + "\n"
