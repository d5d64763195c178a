"""The notation for places in a configuration document, and patterns over it.

`connection.host` is the key `host` in the object `connection`; `hosts[0]` is the first member of a list and
`hosts[name=web]` the member whose `name` is `web`. A key with any other character than ASCII letters, digits
and ``_ - : / @ $ +`` is written as a JSON string, so that `a."b.c"` and `a.b.c` are different places and every
place has exactly one text. In a pattern `*` stands for one step of any sort, `[*]` for one member of a list,
and `**` for any number of steps, none included.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

_PLAIN = re.compile(r"[A-Za-z0-9_:/@$+-]+")
_BARE = re.compile(r"(?!-?[0-9]+\Z)[A-Za-z0-9_:/@$+.-]+")
_STEP = re.compile(
    r'(?P<dot>\.)?(?:(?P<plain>[A-Za-z0-9_:/@$+-]+)|(?P<wild>\*\*?)|(?P<quoted>"(?:[^"\\]|\\.)*"))'
    r'|(?P<member>\[(?:\*|[0-9]+|[A-Za-z0-9_-]+=(?:"(?:[^"\\]|\\.)*"|[^\]"\s]+))\])'
)
ANY, ANY_MEMBER, ANY_DEPTH = "*", "[*]", "**"


def key_step(key: str) -> str:
    """The step that leads to a key of an object."""
    return key if _PLAIN.fullmatch(key) else quoted(key)


def index_step(index: int) -> str:
    """The step that leads to a member of a list by its position, from 0."""
    return f"[{index}]"


def member_step(name: str, value: str | int) -> str:
    """The step that leads to the member of a list whose key `name` has this value. A text of digits only is
    quoted, so that it differs from the number."""
    shown = str(value) if isinstance(value, int) or _BARE.fullmatch(value) else quoted(value)
    return f"[{name}={shown}]"


def quoted(text: str) -> str:
    """`text` as a JSON string in which nothing is invisible."""
    return json.dumps(text, ensure_ascii=not text.isprintable())


def joined(parent: str, step: str) -> str:
    """The text of the place that `step` leads to from `parent` (empty: the document)."""
    return step if not parent else (f"{parent}{step}" if step[0] == "[" else f"{parent}.{step}")


def read_pattern(text: str) -> tuple[str, ...]:
    """The steps of a path or pattern. Raises `ValueError` for a text that is neither."""
    steps: list[str] = []
    at = 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None or (match["member"] is None and bool(match["dot"]) != bool(steps)):
            raise ValueError(_EXPECTED)
        steps.append(_step(match))
        at = match.end()
    if not steps:
        raise ValueError(_EXPECTED)
    return tuple(steps)


_EXPECTED = (
    'a path like connection.host, hosts[0], hosts[name=web] or a."b.c", with * for one step and ** for any'
)


def _step(match: re.Match[str]) -> str:
    try:
        if match["quoted"]:
            return key_step(json.loads(match["quoted"]))
        name, equals, value = (match["member"] or "")[1:-1].partition("=")
        if not equals:
            return match["plain"] or match["wild"] or match["member"]
        if value.startswith('"'):
            return member_step(name, json.loads(value))
        return member_step(name, int(value) if re.fullmatch(r"-?[0-9]+", value) else value)
    except ValueError:
        raise ValueError(_EXPECTED) from None


def is_exact(steps: Sequence[str]) -> bool:
    """Whether a pattern stands for one place only."""
    return not {ANY, ANY_MEMBER, ANY_DEPTH} & set(steps)


def matches(pattern: Sequence[str], steps: Sequence[str]) -> bool:
    """Whether a pattern covers a place; the work is bounded by the product of their lengths."""
    p = s = 0
    retry_pattern, retry_step = -1, 0
    while s < len(steps):
        if p < len(pattern) and pattern[p] == ANY_DEPTH:
            retry_pattern, retry_step = p, s
            p += 1
        elif p < len(pattern) and _fits(pattern[p], steps[s]):
            p, s = p + 1, s + 1
        elif retry_pattern >= 0:
            retry_step += 1
            p, s = retry_pattern + 1, retry_step
        else:
            return False
    return all(step == ANY_DEPTH for step in pattern[p:])


def _fits(wanted: str, step: str) -> bool:
    return wanted in (ANY, step) or (wanted == ANY_MEMBER and step[0] == "[")
