"""The token shapes, read from `rules.json` once.

A rule is looked for only where one of its keywords stands, and its pattern is matched right there, so
that text without keywords costs a substring search and patterns stay linear in hostile text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from dpone.record import dataclass


@dataclass(frozen=True)
class Rule:
    """One token shape. `source` is the pattern's text; `group` names the part that is the secret, empty
    for all of it; with `ignore_case` keywords are looked for in lower-case text; `multi_line` means
    that the secret is what follows, up to the end line of an armoured block."""

    id: str
    description: str
    keywords: tuple[str, ...]
    source: str
    group: str
    ignore_case: bool
    multi_line: bool

    @property
    def pattern(self) -> re.Pattern[str]:
        """What matches at a keyword; compiled when the first keyword is met, which few texts hold."""
        return _compiled(self.source, self.ignore_case)


@cache
def _compiled(source: str, ignore_case: bool) -> re.Pattern[str]:
    return re.compile(source, re.IGNORECASE if ignore_case else 0)


@lru_cache(maxsize=1)
def load_rules() -> tuple[Rule, ...]:
    """Every rule that ships."""
    data = json.loads(Path(__file__).with_name("rules.json").read_text(encoding="utf-8"))
    return tuple(
        Rule(
            item["id"],
            item["description"],
            tuple(item["keywords"]),
            item["pattern"],
            item["group"],
            bool(item.get("ignore_case")),
            bool(item.get("multi_line")),
        )
        for item in data["rules"]
    )


def places(text: str, word: str) -> Iterator[int]:
    """Every position of `word` in `text`, left to right."""
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + len(word))


def lower_ascii(text: str) -> str:
    """`text` in lower case, position by position: letters whose lower case is longer stay as they are."""
    if text.isascii():
        return text.lower()
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else text.translate(_ASCII_LOWER)


_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
