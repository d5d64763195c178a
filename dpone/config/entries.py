"""Lists of entries that somebody answers for until a day, as dpone.yaml holds them."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar

from dpone.clock import read_time

T = TypeVar("T")


def read_entries(value: Any, most: int, names: Sequence[str], one: Callable[[Any, str], T]) -> list[T]:
    """At most so many entries, each read by `one`, which is told where it stands. Raises `ValueError`."""
    if not isinstance(value, list) or len(value) > most:
        raise ValueError(f"a list of at most {most} entries {{{', '.join(names)}}}")
    return [one(item, f"entry {number}") for number, item in enumerate(value, 1)]


def check_once(entries: Sequence[T], what: str, key: Callable[[T], Hashable], told: Callable[[T], str]) -> None:
    """Raise `ValueError` for an entry that says again what one before it does."""
    seen: set[Hashable] = set()
    for number, entry in enumerate(entries, 1):
        if key(entry) in seen:
            raise ValueError(f"each {what} once; entry {number} repeats {told(entry)[:80]}")
        seen.add(key(entry))


def read_end(text: str, where: str) -> datetime:
    """When an entry ends; see `until`. Raises `ValueError` for a text that is no date and no instant."""
    end = until(text)
    if end is None:
        raise ValueError(
            f"a date like 2026-12-31 or an instant like 2026-12-31T12:00:00Z for expires in {where}"
        )
    return end


def until(text: str) -> datetime | None:
    """The first instant (UTC) after a day (that day still counts), or the instant itself; None for neither."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return read_time(text)
    try:
        return datetime.fromisoformat(text).replace(tzinfo=timezone.utc) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
