"""Where a release stands, for people: one line a step, what belongs to it below, and the next command last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from dpone.clock import parse_time
from dpone.errors import one_line

WIDTH = 79


def status_text(heading: str, ledger: str, rows: Sequence[tuple[Any, str]], closing: Sequence[str]) -> str:
    """The text. `rows` are pairs of a row and how long ago it was decided; `ledger` says where they stand."""
    lines = [f"{heading}{' ' * max(2, WIDTH - len(heading) - len(ledger))}{ledger}"]
    for row, ago in rows:
        said = {"done": "PASSED", "red": "FAILED", "expired": "PASSED", "outdated": "PASSED"}.get(row.state, "")
        signer = "own key" if row.signer.startswith("SHA256:") else row.signer
        parts = (
            f"{row.state:<8} {row.gate:<18}",
            f"{said:<7}",
            f"{ago:<11}",
            one_line(signer),
            row.decision[:12],
        )
        lines.append("  ".join(part for part in parts if part).rstrip())
        lines += [f"           {one_line(detail)}" for detail in row.details]
    return "\n".join([*lines, *map(one_line, closing)]) + "\n"


def ages(rows: Sequence[Any], now: datetime) -> Iterator[tuple[Any, str]]:
    """Each row with how long ago it was decided, in words."""
    for row in rows:
        yield row, age(now - parse_time(row.decided_at, "decided_at")) if row.decided_at else ""


def age(passed: timedelta) -> str:
    """A span of time as a person says it: `4 min ago`, `2 h ago`, `3 d ago`."""
    seconds = max(0, int(passed.total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"
