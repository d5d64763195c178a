"""Where a release stands, for people: one line a step, what belongs to it below, and the next command last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dpone.errors import one_line

WIDTH = 79


def status_text(heading: str, ledger: str, rows: Sequence[tuple[Any, str]], closing: Sequence[str]) -> str:
    """The text. `rows` are pairs of a row and how long ago it was decided; `ledger` says where they stand."""
    lines = [f"{heading}{' ' * max(2, WIDTH - len(heading) - len(ledger))}{ledger}"]
    for row, ago in rows:
        said = {"done": "PASSED", "red": "FAILED", "expired": "PASSED"}.get(row.state, "")
        signer = "own key" if row.signer.startswith("SHA256:") else row.signer
        parts = (f"{row.state:<8} {row.gate:<18}", f"{said:<7}", f"{ago:<11}", signer, row.decision[:12])
        lines.append("  ".join(part for part in parts if part).rstrip())
        lines += [f"           {one_line(detail)}" for detail in row.details]
    return "\n".join([*lines, *closing]) + "\n"
