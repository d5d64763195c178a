"""Findings that somebody answers for until a day: the entries of `waivers`, read strictly.

What such an entry is worth is judged by rules (policies/dpone/waivers); here it only has to be clear.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from dpone.canonical import canonical_bytes, sha256_hex
from dpone.config.entries import check_once, read_end, read_entries
from dpone.record import dataclass

MOST = 100
"""Entries that are read; more are a policy of their own."""
LONGEST = 500
"""Most characters of one text of an entry."""
MUST = ("finding", "reason", "owner", "expires")
MAY = ("match", "gate", "release", "environment", "kind", "evidence", "ticket")
_RULE = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9_]*)+", re.ASCII)
_DOCS = {
    "finding": "The id of the rule, for example pip-audit.vulnerability.",
    "match": "The finding's key, or a pattern in which * is any text; left out: the finding without a key.",
    "expires": "A date (that day still counts, UTC) or an instant.",
}

WAIVERS_SCHEMA: dict[str, Any] = {
    "type": "array",
    "maxItems": MOST,
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": list(MUST),
        "properties": {
            name: {
                "type": "string",
                "minLength": 1,
                "maxLength": LONGEST,
                **({"description": _DOCS[name]} if name in _DOCS else {}),
            }
            for name in (*MUST, *MAY)
        },
    },
}


@dataclass(frozen=True)
class Entry:
    """One entry. Texts that were left out are empty; `until` is the first instant (UTC) at which it no longer
    counts; `id` is made from what it says, so that another word makes it another waiver."""

    id: str
    finding: str
    match: str
    gate: str
    release: str
    environment: str
    kind: str
    evidence: str
    reason: str
    owner: str
    ticket: str
    expires: str
    until: datetime


def read_waivers(value: Any) -> list[Entry]:
    """The entries of `waivers`. Raises `ValueError` with what is expected."""
    entries = read_entries(value, MOST, MUST, _entry)
    check_once(entries, "waiver", lambda entry: entry.id, lambda entry: entry.finding)
    return entries


def _entry(item: Any, where: str) -> Entry:
    if not isinstance(item, dict) or not set(MUST) <= set(item) <= {*MUST, *MAY}:
        raise ValueError(f"{', '.join(MUST)} in {where}, and at most {', '.join(MAY)}")
    for name, text in item.items():
        if not isinstance(text, str) or not text.strip() or not text.isprintable() or len(text) > LONGEST:
            raise ValueError(f"one printable line of at most {LONGEST} characters for {name} in {where}")
    said = {name: str(item.get(name, "")).strip() for name in (*MUST, *MAY)}
    if not _RULE.fullmatch(said["finding"]):
        raise ValueError(f"the id of a rule, like pip-audit.vulnerability, for finding in {where}")
    end = read_end(said["expires"], where)
    return Entry(f"F-{sha256_hex(canonical_bytes(said))[:12]}", until=end, **said)
