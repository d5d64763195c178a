"""What turns red next, for people and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dpone.errors import one_line

if TYPE_CHECKING:
    from dpone.ops.upcoming import Outlook


def upcoming_text(found: Sequence[Outlook], days: int) -> str:
    """The outlooks as text that ends in a newline, those that turn red first."""
    lines: list[str] = []
    red = 0
    for outlook in sorted(found, key=lambda o: (not o.turns, o.turns[0].at if o.turns else "")):
        about = "  ".join(part for part in (outlook.gate, *outlook.subject.values()) if part)
        if outlook.problem:
            lines += [f"{one_line(about)}   UNDECIDED", f"??    {one_line(outlook.problem)}"]
            continue
        if not outlook.turns:
            continue
        red += 1
        lines.append(f"{one_line(about)}   {outlook.now.upper()} now, {outlook.then.upper()} in {days} d")
        for turn in outlook.turns:
            finding = turn.finding
            name = "  ".join(part for part in (finding.rule, finding.evidence, finding.key) if part)
            lines.append(f"red   {turn.at}  {one_line(name)}")
            lines += [f"      {one_line(part)}" for part in (turn.why, finding.message) if part]
            lines += [f"      -> {one_line(finding.remedy)}"] if finding.remedy else []
    lines.append(f"{red} of {len(found)} turn red within {days} d; nothing was recorded")
    return "\n".join(lines) + "\n"


def upcoming_document(found: Sequence[Outlook], days: int) -> Mapping[str, Any]:
    """The outlooks as JSON."""
    return {
        "days": days,
        "outlooks": [
            {
                "gate": o.gate,
                "subject": dict(o.subject),
                "status_now": o.now,
                "status_then": o.then,
                "problem": o.problem,
                "turns_red": [{"at": t.at, "why": t.why, **t.finding.public()} for t in o.turns],
            }
            for o in found
        ],
    }
