"""`key = value` in any text: configuration, logs, connection strings, code, headers.

Keys are found by a few substrings; from there the key is read outwards and the value forwards, each
within bounds, so that the work stays linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dpone.data.secrets.judge import (
    PASSWORD_ENDINGS,
    generic_key,
    is_code,
    is_name,
    is_prose,
    is_reference,
    looks_random,
    secret_key,
)
from dpone.data.secrets.quoting import ESCAPED_BREAK, JSON_END, JSON_GAP, read_quoted, read_unquoted
from dpone.data.secrets.rules import places
from dpone.record import dataclass

_HINTS = ("pass", "pwd", "secret", "token", "key", "cred", "auth", "cookie", "session")
_KEY = re.compile(r"[A-Za-z0-9_.\-]*")
_KEY_LIMIT = 80
_KEY_CHARS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.")
_SEPARATOR = re.compile(
    r"(?P<closed>\\?[\"'`])?\]?(?:\x1b\[[0-9;]{0,8}m)?[ \t]{0,20}"
    r"(?:=>|:=|=(?!=)|%3[Dd]|(?P<colon>:(?![:/]))"
    r"(?:[ \t]{0,4}[A-Za-z_][A-Za-z_. |\[\]]{0,60}=(?=[ \t]{0,4}[rbfuRBFU]{0,2}[\"']))?)"
    r"[ \t]{0,200}(?:\x1b\[[0-9;]{0,8}m)?"
)
_SCHEME = re.compile(r"(?:bearer|basic|token|digest|apikey|negotiate) +(?=[^\s])", re.IGNORECASE)
_RANDOM = re.compile(r"\\?[\"'`]?(?P<value>[A-Za-z0-9+/_.~-]{20,256}={0,2})(?![A-Za-z0-9+/_.~=-])")
_HARMLESS = re.compile(r"\\?[\"']?(?:\[REDACTED\]|\$\{[A-Za-z_][A-Za-z0-9_]{0,80}\})(?:[\s\"'\\,;]|$)")
_COUNT = re.compile(r"[-+]?[0-9.]{1,6}")
_OBJECT = re.compile(r"\{\s{0,4}\\?[\"'{\[}]")
_FLAG = re.compile(r"[ \t]{1,4}(?=[^\s\-])")
_ELEMENT = re.compile(r"<(?P<key>[A-Za-z_][\w:.\-]{0,80})(?: [^<>\n]{0,200})?>(?P<value>[^<]{1,4096})</")


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
            pair = _read_pair(text, at, end, code=code, escaped=escaped)
            done = pair.end if pair else end
            if pair:
                yield pair
    if "</" in text:
        yield from _elements(text)


def _read_pair(text: str, at: int, end: int, *, code: bool, escaped: bool) -> Pair | None:
    if end < len(text) and text[end].isalnum():
        return None
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
    begin = separator.end()
    if key.lower() == "pass" and text[max(0, start - 4) : start].lower() == "not ":
        return None  # a gate that "did not pass: " says which one
    if not word:
        return _random_value(text, begin, key, code=code) if generic_key(key) else None
    if _HARMLESS.match(text, begin) or _OBJECT.match(text, begin) or _is_header(key, text, begin):
        return None
    named = separator.groupdict()
    colon = bool(named.get("colon"))
    gap = JSON_GAP.match(text, begin) if named.get("closed") and colon else None
    found = read_quoted(text, gap.end() if gap else begin)
    if found is None and not code and not (named.get("closed") and text.startswith("[", begin)):
        ends = tuple(e for e, on in ((ESCAPED_BREAK, escaped), (JSON_END, named.get("closed"))) if on)
        found = read_unquoted(text, begin, ends)
        if found and not _is_literal(text, word, *found, colon=colon or flag):
            return None
    if found is None:
        return None
    value = text[found[0] : found[1]]
    if is_reference(value) or is_name(word, value):
        return None
    rule = "password_assignment" if word in PASSWORD_ENDINGS else "secret_assignment"
    return Pair(rule, *found, key)


def _random_value(text: str, at: int, key: str, *, code: bool) -> Pair | None:
    match = _RANDOM.match(text, at)
    if match is None or (code and match.start("value") == at) or not looks_random(match.group("value")):
        return None
    return Pair("high_entropy_value", *match.span("value"), key)


def _is_literal(text: str, word: str, start: int, end: int, *, colon: bool) -> bool:
    value = text[start:end]
    if is_code(value) or value in ("{", "[", "(", "{}", "[]", "()") or value[:2] in ('{"', '["', "{'", "['"):
        return False
    if word not in PASSWORD_ENDINGS and _COUNT.fullmatch(value):
        return False  # token: 12 counts something
    line_end = text.find("\n", start, start + 400)
    rest = text[start : line_end if line_end >= 0 else start + 400].rstrip()
    return not (colon and is_prose(value, rest))


def _is_header(key: str, text: str, at: int) -> bool:
    """Whether a rule for headers reads this value: the scheme is no secret."""
    return key.lower().endswith("authorization") and _SCHEME.match(text, at) is not None


def _elements(text: str) -> Iterator[Pair]:
    for match in _ELEMENT.finditer(text):
        word = secret_key(match.group("key"))
        if word and not is_reference(match.group("value")):
            rule = "password_assignment" if word in PASSWORD_ENDINGS else "secret_assignment"
            yield Pair(rule, match.start("value"), match.end("value"), match.group("key"))
