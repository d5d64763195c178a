"""Differences between environments that somebody answers for: the entries of `drift.allow`."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from dpone.config.entries import check_once, read_end, read_entries
from dpone.config.flat_paths import read_pattern
from dpone.record import dataclass

MOST = 1000
"""Entries that are read; more are a policy of their own."""
_KEYS = ("path", "owner", "reason", "expires")
_LISTS = re.compile(r"position|key:[A-Za-z0-9_-]{1,100}")

ALLOW_SCHEMA: dict[str, Any] = {
    "type": "array",
    "maxItems": MOST,
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": list(_KEYS),
        "properties": {
            "path": {"type": "string", "minLength": 1, "description": "* is one step, ** any number of them."},
            "owner": {"type": "string", "minLength": 1},
            "reason": {"type": "string", "minLength": 1},
            "expires": {"type": "string", "description": "A date (that day still counts, UTC) or an instant."},
        },
    },
}
LISTS_SCHEMA: dict[str, Any] = {"type": "string", "pattern": f"^(?:{_LISTS.pattern})$"}


@dataclass(frozen=True)
class Allowance:
    """One entry: the pattern as text and as steps, who answers for it and why, and the first instant (UTC)
    at which it no longer counts, with the text it was written as."""

    path: str
    steps: tuple[str, ...]
    owner: str
    reason: str
    expires: str
    until: datetime


def read_allowances(value: Any) -> list[Allowance]:
    """The entries of `drift.allow`. Raises `ValueError` with what is expected."""
    entries = read_entries(value, MOST, _KEYS, _entry)
    check_once(entries, "path", lambda entry: entry.steps, lambda entry: entry.path)
    return entries


def _entry(item: Any, where: str) -> Allowance:
    if not isinstance(item, dict) or set(item) != set(_KEYS):
        raise ValueError(f"exactly path, owner, reason and expires in {where}")
    for key in _KEYS:
        if not isinstance(item[key], str) or not item[key].strip() or len(item[key]) > 1000:
            raise ValueError(f"a text that is not empty for {key} in {where}")
    try:
        steps = read_pattern(item["path"])
    except ValueError as expected:
        raise ValueError(f"{expected} for path in {where}") from None
    end = read_end(item["expires"].strip(), where)
    return Allowance(
        item["path"], steps, item["owner"].strip(), item["reason"].strip(), item["expires"].strip(), end
    )


def read_lists(value: Any) -> str:
    """How lists are compared: `position`, or `key:NAME`. Raises `ValueError` with what is expected."""
    if not isinstance(value, str) or not _LISTS.fullmatch(value):
        raise ValueError("position, or key:NAME with the key that names each member of a list")
    return value
