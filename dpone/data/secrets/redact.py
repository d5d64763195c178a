"""Take the secrets out of a text and leave everything else as it was."""

from __future__ import annotations

from dpone.data.secrets.search import search
from dpone.data.secrets.structure import Syntax
from dpone.errors import UndecidedError

MAX_ROUNDS = 12


def redact(text: str, syntax: Syntax = "text") -> str:
    """`text` with every secret replaced by ``[REDACTED]``: structure kept, redacting again changes nothing,
    and a scan of the result finds nothing.

    Raises `UndecidedError` when something would be left, so that nothing half redacted is shared.
    """
    for _ in range(MAX_ROUNDS):
        hits = search(text, syntax).hits
        if not hits:
            return text
        parts: list[str] = []
        at = 0
        for hit in hits:
            parts += (text[at : hit.start], hit.replacement)
            at = hit.end
        text = "".join((*parts, text[at:]))
    raise UndecidedError(
        "a text could not be redacted completely", "leave the file out", code="redaction.incomplete"
    )
