"""Take the secrets out of a text and leave everything else as it was."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Sequence

from dpone.data.secrets.judge import REDACTED
from dpone.data.secrets.search import search
from dpone.data.secrets.structure import Syntax, read_scalars
from dpone.data.secrets.text import Hit
from dpone.errors import UndecidedError
from dpone.record import replace

MAX_ROUNDS = 12


def redact(text: str, syntax: Syntax = "text") -> str:
    """`text` with every secret replaced by ``[REDACTED]``: structure kept, redacting again changes nothing,
    and a scan of the result finds nothing.

    Raises `UndecidedError` when something would be left, so that nothing half redacted is shared.
    """
    for _ in range(MAX_ROUNDS):
        found = search(text, syntax, thorough=True)
        if not found.hits:
            return text
        hits = _quoted(text, found.hits) if syntax == "yaml" and not found.problem else found.hits
        parts: list[str] = []
        at = 0
        for hit in hits:
            if hit.start >= at:  # what overlaps is met again in the next round
                parts += (text[at : hit.start], hit.replacement)
                at = hit.end
        text = "".join((*parts, text[at:]))
    raise UndecidedError(
        "a text could not be redacted completely", "leave the file out", code="redaction.incomplete"
    )


def _quoted(text: str, hits: Sequence[Hit]) -> list[Hit]:
    """A plain YAML scalar that would hold ``[REDACTED]`` gets quotes, because the bracket would begin a list."""
    scalars = sorted(read_scalars(text, "yaml"), key=lambda scalar: scalar.start)
    starts = [scalar.start for scalar in scalars]
    fitted = []
    for hit in hits:
        at = bisect_right(starts, hit.start) - 1
        scalar = scalars[at] if at >= 0 and hit.end <= scalars[at].end else None
        plain = scalar and scalar.replacement == f'"{REDACTED}"' and "\n" not in text[scalar.start : scalar.end]
        if scalar and plain and hit.replacement == REDACTED:
            kept = (text[scalar.start : hit.start], text[hit.end : scalar.end])
            quoted = json.dumps(REDACTED.join(kept), ensure_ascii=False)
            fitted.append(replace(hit, start=scalar.start, end=scalar.end, replacement=quoted))
        else:
            fitted.append(hit)
    return fitted
