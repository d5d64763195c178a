"""Time: where it comes from, and instants as text (RFC 3339)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone

from dpone.errors import UsageError
from dpone.record import dataclass


@dataclass(frozen=True)
class Clock:
    """Where time comes from: `source` is `system`, or `set` (`--at`, SOURCE_DATE_EPOCH).

    A command reads the clock once and keeps the instant, so that everything in a decision happens at one
    time and a replay can judge it at that time again.
    """

    source: str = "system"
    instant: datetime | None = None

    def now(self) -> datetime:
        """The current instant, UTC, whole seconds."""
        return (self.instant or datetime.now(timezone.utc)).replace(microsecond=0)


def open_clock(at: str, env: Mapping[str, str]) -> Clock:
    """The clock: `--at`, else SOURCE_DATE_EPOCH (reproducible-builds.org), else the system's."""
    if at:
        return Clock("set", parse_time(at, "--at"))
    epoch = env.get("SOURCE_DATE_EPOCH", "")
    if epoch:
        if not re.fullmatch(r"[0-9]{1,11}", epoch):
            raise UsageError(f"SOURCE_DATE_EPOCH is {epoch!r}, not whole seconds", "unset it or give seconds")
        return Clock("set", datetime.fromtimestamp(int(epoch), timezone.utc))
    return Clock("system", datetime.now(timezone.utc))


_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def parse_time(text: str, where: str) -> datetime:
    """Parse an RFC 3339 instant with its offset into UTC; `where` names it in the error (exit 2)."""
    instant = read_time(text)
    if instant is None:
        raise UsageError(f"{where}: {text!r} is not a time", "write it like 2026-06-05T12:00:00Z")
    return instant


def read_time(text: str) -> datetime | None:
    """Parse an RFC 3339 instant with its offset into UTC, or None when it is not one."""
    match = _TIME.fullmatch(text.strip())
    if not match:
        return None
    day, clock, fraction, zone = match.groups()
    zone = "+00:00" if zone in "Zz" else zone
    micro = ((fraction or ".0")[1:] + "000000")[:6]
    try:
        return datetime.fromisoformat(f"{day}T{clock}.{micro}{zone}").astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def time_text(instant: datetime) -> str:
    """An instant as RFC 3339 in UTC, whole seconds, ending in Z."""
    return instant.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
