"""Differences between environments that somebody answers for: the entries of `drift.allow`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

from dpone.clock import read_time
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
    if not isinstance(value, list) or len(value) > MOST:
        raise ValueError(f"a list of at most {MOST} entries {{path, owner, reason, expires}}")
    entries = [_entry(item, f"entry {number}") for number, item in enumerate(value, 1)]
    seen: set[tuple[str, ...]] = set()
    for number, entry in enumerate(entries, 1):
        if entry.steps in seen:
            raise ValueError(f"each path once; entry {number} repeats {entry.path[:80]}")
        seen.add(entry.steps)
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
    end = until(item["expires"].strip())
    if end is None:
        raise ValueError(
            f"a date like 2026-12-31 or an instant like 2026-12-31T12:00:00Z for expires in {where}"
        )
    return Allowance(
        item["path"], steps, item["owner"].strip(), item["reason"].strip(), item["expires"].strip(), end
    )


def until(text: str) -> datetime | None:
    """The first instant (UTC) after a day (that day still counts), or the instant itself; None for neither."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return read_time(text)
    try:
        return datetime.fromisoformat(text).replace(tzinfo=timezone.utc) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None


def read_lists(value: Any) -> str:
    """How lists are compared: `position`, or `key:NAME`. Raises `ValueError` with what is expected."""
    if not isinstance(value, str) or not _LISTS.fullmatch(value):
        raise ValueError("position, or key:NAME with the key that names each member of a list")
    return value
