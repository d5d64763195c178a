"""On which line of a JSON file a pointer lands, so that a CI can show the finding where it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

LIMIT = 2_000_000
"""Files of more bytes are not searched: a line number is a convenience."""

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def lines_of(data: bytes, pointers: Iterable[str]) -> dict[str, int]:
    """The line (from 1) of each RFC 6901 pointer that leads somewhere in `data`; nothing for a document that
    is not JSON. Nesting of any depth is read without recursion."""
    wanted = {pointer for pointer in pointers if pointer.startswith("/")}
    depths = {pointer.count("/") for pointer in wanted}
    found: dict[str, int] = {}
    if not wanted or len(data) > LIMIT or data.lstrip()[:1] not in (b"{", b"["):
        return found
    path: list[str | int] = []
    key = False
    for match in _TOKEN.finditer(data):
        token, first = match.group(), match.group()[:1]
        if first == b",":
            key = bool(path) and isinstance(path[-1], str)
            if path and not key:
                path[-1] = int(path[-1]) + 1
        elif first in (b"}", b"]"):
            del path[-1:]
            key = False
        elif first == b":":
            key = False
        elif key and first == b'"':
            path[-1] = _text(token)
        else:
            if len(path) in depths and (pointer := _pointer(path)) in wanted:
                found.setdefault(pointer, data.count(b"\n", 0, match.start()) + 1)
            if first in (b"{", b"["):
                key = first == b"{"
                path.append("" if key else 0)
    return found


def _text(token: bytes) -> str:
    try:
        return str(json.loads(token))
    except ValueError:
        return ""


def _pointer(path: list[str | int]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)
