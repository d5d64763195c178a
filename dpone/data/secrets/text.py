"""Every place in a text where a secret stands: token shapes, armoured keys, `key = value`."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from dpone.data.secrets.assignments import find_pairs
from dpone.data.secrets.judge import REDACTED, is_reference
from dpone.data.secrets.rules import Rule, load_rules, lower_ascii, places
from dpone.record import dataclass

_ARMOUR_END = re.compile(r"-----END [A-Z0-9 ]{0,60}-----")
_ARMOUR_LIMIT = 65_536
_ARMOUR_BODY = re.compile(r"(?:\\[nr]|[A-Za-z0-9+/=:,.\s\\]|-(?!----)){0,8192}")
_BODY_LINE = re.compile(r"[A-Za-z0-9+/=]{16}")

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Hit:
    """A secret at ``text[start:end]``. `path` leads to it in a JSON or YAML document, `structured` says
    that its key gave it away there; `replacement` is what redaction puts in its place."""

    rule: str
    start: int
    end: int
    path: Path = ()
    structured: bool = False
    replacement: str = REDACTED


def find_in_text(text: str, *, code: bool = False, escaped: bool = False) -> list[Hit]:
    """Every secret in `text`, sorted by place; a value that two rules see is reported twice.

    In `code` unquoted values are expressions; `escaped` texts are JSON, where line ends inside strings
    are written as escapes.
    """
    low = lower_ascii(text)
    hits: list[Hit] = []
    for rule in load_rules():
        searched = low if rule.ignore_case else text
        for word in rule.keywords:
            hits += _shape_hits(rule, word, text, searched)
    hits += [Hit(p.rule, p.start, p.end) for p in find_pairs(text, low, code=code, escaped=escaped)]
    return sorted(set(hits), key=lambda hit: (hit.start, hit.end, hit.rule))


def _shape_hits(rule: Rule, word: str, text: str, searched: str) -> Iterator[Hit]:
    if rule.multi_line:
        yield from _armoured(rule, word, text)
        return
    done = 0
    for at in places(searched, word.lower() if rule.ignore_case else word):
        if at < done:
            continue
        match = rule.pattern.match(text, at)
        if match:
            start, end = match.span(rule.group or 0)
            done = match.end()
            if not is_reference(text[start:end]):
                yield Hit(rule.id, start, end)


def _armoured(rule: Rule, word: str, text: str) -> Iterator[Hit]:
    ends: list[int] | None = None
    done = 0
    for at in places(text, word):
        match = rule.pattern.match(text, at)
        if match is None or at < done:
            continue
        if ends is None:
            ends = [found.start() for found in _ARMOUR_END.finditer(text)]
        following = bisect_left(ends, match.end())
        end = ends[following] if following < len(ends) else -1
        if not match.end() <= end <= match.end() + _ARMOUR_LIMIT:
            body = _ARMOUR_BODY.match(text, match.end())
            end = body.end() if body else match.end()
        done = end
        if _BODY_LINE.search(text, match.end(), end):
            yield Hit(rule.id, match.end(), end)
