"""TOML 1.0 documents as scalars with their places; the standard library reads TOML only from Python 3.11 on, and
says nothing of places."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from dpone.canonical import MAX_DEPTH
from dpone.data.secrets.structure import NotStructured, Scalar
from dpone.data.secrets.text import Path

_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_LINE_END = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z)")
_KEY = re.compile(r'[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?!")'
    r"|'''.*?'''(?!')"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE = re.compile(
    r"[+-]?(?:inf|nan)\b|true\b|false\b"
    r"|[+-]?[0-9][0-9A-Za-z_.:+\-]*(?: [0-9]{2}:[0-9:.]+(?:Z|[+-][0-9:]+)?)?"
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|\r?\n\s*|(.))", re.DOTALL)
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


def toml_scalars(text: str) -> Iterator[Scalar]:
    """Every value of a TOML document in order. Raises `NotStructured`."""
    tables: Counter[Path] = Counter()
    table: Path = ()
    at = _skip(_GAP, text, 0)
    while at < len(text):
        if text.startswith("[", at):
            table, at = _header(text, at, tables)
        else:
            path, at = _key(text, at, table)
            found, at = _value(text, at, path, 0)
            yield from found
        ended = _LINE_END.match(text, at)
        if ended is None:
            raise NotStructured("something stands behind a value")
        at = _skip(_GAP, text, ended.end())


def _header(text: str, at: int, tables: Counter[Path]) -> tuple[Path, int]:
    many = text.startswith("[[", at)
    path, at = _names(text, _skip(_BLANK, text, at + 1 + many), ())
    end = "]]" if many else "]"
    if not text.startswith(end, at):
        raise NotStructured("a table header that does not end")
    if many:
        tables[path] += 1
    known = next((path[:n] for n in range(len(path), 0, -1) if tables[path[:n]]), ())
    return (*known, tables[known] - 1, *path[len(known) :]) if known else path, at + len(end)


def _names(text: str, at: int, table: Path) -> tuple[Path, int]:
    path = table
    while True:
        name = _KEY.match(text, at)
        if name is None:
            raise NotStructured("a key is expected")
        path = (*path, _decoded(name.group()))
        dot = _DOT.match(text, name.end())
        if dot is None:
            return path, _skip(_BLANK, text, name.end())
        at = dot.end()


def _key(text: str, at: int, table: Path) -> tuple[Path, int]:
    path, at = _names(text, at, table)
    if not text.startswith("=", at):
        raise NotStructured("a key without a value")
    return path, _skip(_BLANK, text, at + 1)


def _value(text: str, at: int, path: Path, depth: int) -> tuple[list[Scalar], int]:
    if depth > MAX_DEPTH:
        raise NotStructured(f"nested deeper than {MAX_DEPTH} levels")
    first = text[at : at + 1]
    if first in ("[", "{"):
        return _inside(text, at + 1, path, depth, is_list=first == "[")
    string = _STRING.match(text, at)
    if string:
        quotes = 3 if string.group()[:3] in ('"""', "'''") else 1
        inside = (string.start() + quotes, string.end() - quotes)
        return [Scalar(path, *inside, _decoded(string.group()), False, "[REDACTED]")], string.end()
    bare = _BARE.match(text, at)
    if bare is None:
        raise NotStructured("a value is expected")
    return [Scalar(path, bare.start(), bare.end(), bare.group(), True, '"[REDACTED]"')], bare.end()


def _inside(text: str, at: int, path: Path, depth: int, *, is_list: bool) -> tuple[list[Scalar], int]:
    gap, end = (_GAP, "]") if is_list else (_BLANK, "}")
    found: list[Scalar] = []
    index = 0
    at = _skip(gap, text, at)
    while not text.startswith(end, at):
        if is_list:
            inner: Path = (*path, index)
        else:
            inner, at = _key(text, at, path)
        told, at = _value(text, at, inner, depth + 1)
        found += told
        index += 1
        at = _skip(gap, text, at)
        if text.startswith(",", at):
            at = _skip(gap, text, at + 1)
        elif not text.startswith(end, at):
            raise NotStructured("a list or table that does not end")
    return found, at + 1


def _skip(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _decoded(token: str) -> str:
    quote = token[:3] if token[:3] in ('"""', "'''") else token[:1]
    if quote not in ('"', "'", '"""', "'''"):
        return token
    inside = token[len(quote) : -len(quote)]
    return inside if "'" in quote else _ESCAPE.sub(_unescaped, inside)


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code:
        return chr(min(int(code, 16), 0x10FFFF))
    return _ESCAPED.get(match[3], match[3]) if match[3] else ""
