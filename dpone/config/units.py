"""Durations and sizes as people write them in dpone.yaml and on the command line."""

from __future__ import annotations

import re
from typing import Any

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_BYTES = {"B": 1, "KB": 1000, "MB": 1000**2, "GB": 1000**3}


def duration(value: Any) -> int:
    """Seconds of a text like `90s`, `15m`, `12h`, `7d`, `2w`."""
    match = re.fullmatch(r"([0-9]{1,6})([smhdw])", value) if isinstance(value, str) else None
    if not match:
        raise ValueError("a duration like 90s, 15m, 12h, 7d or 2w")
    return int(match[1]) * _SECONDS[match[2]]


def size(value: Any) -> int:
    """Bytes of a text like `100KB`, `50MB` (decimal units)."""
    match = re.fullmatch(r"([0-9]{1,6})(B|KB|MB|GB)", value) if isinstance(value, str) else None
    if not match:
        raise ValueError("a size like 100KB, 50MB or 1GB")
    return int(match[1]) * _BYTES[match[2]]
