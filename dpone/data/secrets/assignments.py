"""`key = value` in any text: configuration, logs, connection strings, code, headers.

Keys are found by a few substrings; from there the key is read outwards and the value forwards, each
within bounds, so that the work stays linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dpone.data.secrets.judge import (
    PASSWORD_ENDINGS,
    generic_key,
    is_code,
    is_prose,
    is_reference,
    looks_random,
    secret_key,
)
from dpone.data.secrets.rules import places

_HINTS = ("pass", "pwd", "secret", "token", "key", "cred", "auth", "cookie", "session")
_KEY = re.compile(r"[A-Za-z0-9_.\-]*")
_KEY_LIMIT = 80
_KEY_CHARS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.")
_SEPARATOR = re.compile(
    r"(?P<closed>\\?[\"'`])?\]?[ \t]{0,20}"
    r"(?:=>|:=|=(?!=)|%3[Dd]|(?P<colon>:(?![:/]))"
    r"(?:[ \t]{0,4}[A-Za-z_][A-Za-z_. |\[\]]{0,60}=(?=[ \t]{0,4}[rbfuRBFU]{0,2}[\"']))?)"
    r"[ \t]{0,200}"
)
_JSON_GAP = re.compile(r"\s{1,200}(?=\")")
_SCHEME = re.compile(r"(?:bearer|basic|token|digest|apikey|negotiate) +(?=[^\s])", re.IGNORECASE)
_ESCAPED_BREAK = re.compile(r"\\[nrt]")
_FLAG = re.compile(r"[ \t]{1,4}(?=[^\s\-])")
_OPENER = re.compile(r"[\[(]?[ \t]{0,4}(?:[rbfuRBFU]{1,2}(?=[\"']))?(?P<quote>\"\"\"|'''|\\[\"']|[\"'`])")
_BLOCK = re.compile(r"[|>][+-]?[0-9]?[ \t]*(?:#[^\n]*)?\r?\n(?P<indent>[ \t]+)")
_RUN = re.compile(r"[^\s]{1,1024}")
_NEXT_PAIR = re.compile(r"[,;&|][ \t]*[A-Za-z_][\w.\-]*[ \t]*[=:]|;(?=\s|$)|&(?=amp;)")
_CLOSER = re.compile(r"\\*[\"'`](?=[^\w]|$)")
_OPENERS = {")": "(", "]": "[", "}": "{", ">": "<"}
_TRAILING = ",;)]}>\"'`"
_ELEMENT = re.compile(r"<(?P<key>[A-Za-z_][\w:.\-]{0,80})(?: [^<>\n]{0,200})?>(?P<value>[^<]{1,4096})</")
_VALUE_LIMIT = 8192


@dataclass(frozen=True)
class Pair:
    """A secret value found by its key: positions of the value in the text, its rule, the key."""

    rule: str
    start: int
    end: int
    key: str


def find_pairs(text: str, low: str, *, code: bool, escaped: bool) -> Iterator[Pair]:
    """Every literal secret that stands under a telling key, left to right for each hint.

    `low` is `text` in lower case. In `code` an unquoted value is an expression, not a literal. With
    `escaped` (JSON) an unquoted value ends at an escaped line end.
    """
    for hint in _HINTS:
        done = -1
        for at in places(low, hint):
            if at < done:
                continue
            ended = _KEY.match(text, at, at + _KEY_LIMIT)
            end = ended.end() if ended else at
            done = end
            pair = _read_pair(text, at, end, code=code, escaped=escaped)
            if pair:
                yield pair
    if "</" in text:
        yield from _elements(text)


def _read_pair(text: str, at: int, end: int, *, code: bool, escaped: bool) -> Pair | None:
    separator = _SEPARATOR.match(text, end)
    start = at
    while start > 0 and at - start < _KEY_LIMIT and text[start - 1] in _KEY_CHARS:
        start -= 1
    key = text[start:end]
    flag = key.startswith("-")
    if separator is None and flag:
        separator = _FLAG.match(text, end)
    if separator is None:
        return None
    word = secret_key(key)
    if not word and not generic_key(key):
        return None
    named = separator.groupdict()
    begin = separator.end()
    gap = _JSON_GAP.match(text, begin) if named.get("closed") and named.get("colon") else None
    found = _value(text, gap.end() if gap else begin, escaped=escaped, lead=key)
    if found is None:
        return None
    value_start, value_end, quoted = found
    value = text[value_start:value_end]
    if is_reference(value):
        return None
    if not quoted and (code or is_code(value)):
        return None
    colon = named.get("colon")
    if not word:
        return Pair("high_entropy_value", value_start, value_end, key) if looks_random(value) else None
    if not quoted and not _is_literal(text, word, value, value_start, colon=bool(colon) or flag):
        return None
    rule = "password_assignment" if word in PASSWORD_ENDINGS else "secret_assignment"
    return Pair(rule, value_start, value_end, key)


def _is_literal(text: str, word: str, value: str, start: int, *, colon: bool) -> bool:
    if word not in PASSWORD_ENDINGS and len(value) <= 6 and value.replace(".", "").isdigit():
        return False  # token: 12 counts something
    line_end = text.find("\n", start, start + 400)
    rest = text[start : line_end if line_end >= 0 else start + 400].rstrip()
    if colon and is_prose(value, rest):
        return False
    return value not in ("{", "[", "(", "{}", "[]", "()") and value[:2] not in ('{"', '["', "{'", "['")


def _value(text: str, at: int, *, escaped: bool, lead: str) -> tuple[int, int, bool] | None:
    opener = _OPENER.match(text, at)
    if opener:
        quote = opener.group("quote")
        closed = _closing(text, opener.end(), quote)
        if closed >= 0:
            return opener.end(), closed, True
        at = opener.end()
    block = _BLOCK.match(text, at)
    if block:
        return block.end("indent"), _block_end(text, block.end("indent"), block.group("indent")), True
    run = _RUN.match(text, at)
    if run is None:
        return None
    end = run.end()
    if lead.lower().endswith("authorization") and _SCHEME.match(text, at):
        return None  # the rule for headers reads it
    for stop in (_NEXT_PAIR, _CLOSER):
        cut = stop.search(text, at, end)
        if cut:
            end = cut.start()
    if escaped:
        cut = _ESCAPED_BREAK.search(text, at, end)
        end = cut.start() if cut else end
    while end > at and text[end - 1] in _TRAILING and not _belongs(text, at, end):
        end -= 1
    return (at, end, False) if end > at else None


def _belongs(text: str, at: int, end: int) -> bool:
    """Whether the bracket that ends ``text[at:end]`` closes one inside it, as in a reference."""
    opener = _OPENERS.get(text[end - 1])
    return opener is not None and text.count(opener, at, end) >= text.count(text[end - 1], at, end)


def _closing(text: str, at: int, quote: str) -> int:
    limit = at + _VALUE_LIMIT
    if len(quote) > 1:
        return text.find(quote, at, limit)
    while True:
        end = text.find(quote, at, limit)
        if end < 0:
            return -1
        backslashes = end
        while backslashes > at and text[backslashes - 1] == "\\":
            backslashes -= 1
        if quote == "`" or (end - backslashes) % 2 == 0:
            return -1 if "\n" in text[at:end] else end
        at = end + 1


def _block_end(text: str, at: int, indent: str) -> int:
    end = text.find("\n", at)
    while end >= 0 and text.startswith(indent, end + 1):
        end = text.find("\n", end + 1)
    return len(text) if end < 0 else end


def _elements(text: str) -> Iterator[Pair]:
    for match in _ELEMENT.finditer(text):
        word = secret_key(match.group("key"))
        if word and not is_reference(match.group("value")):
            rule = "password_assignment" if word in PASSWORD_ENDINGS else "secret_assignment"
            yield Pair(rule, match.start("value"), match.end("value"), match.group("key"))
