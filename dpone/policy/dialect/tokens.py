"""Tokens of the portable dialect, and the METADATA comment blocks between them."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from dpone.record import dataclass

MAX_TEXT = 1_000_000
"""Characters in one module."""


class Place(NamedTuple):
    """Where something stands: line and column, both from 1."""

    line: int
    column: int


class DialectError(Exception):
    """Text that is not in the dialect: where, and one sentence on what to write instead."""

    def __init__(self, at: Place, message: str) -> None:
        super().__init__(message)
        self.at, self.message = at, message


class Token(NamedTuple):
    """`kind` is name, string, raw, number, symbol or end. `text` is the source, without quotes and with
    escapes resolved for strings. `spaced` and `fresh_line` say what stood before it."""

    kind: str
    text: str
    at: Place
    spaced: bool
    fresh_line: bool


@dataclass(frozen=True)
class Block:
    """A METADATA comment block: its YAML text (without ``#``), its first and last line."""

    text: str
    first: int
    last: int


@dataclass(frozen=True)
class Tokens:
    """A module's tokens, ending in one of kind `end`, and its METADATA blocks."""

    tokens: tuple[Token, ...]
    blocks: tuple[Block, ...]


_TOKEN = re.compile(
    r"""
      (?P<space>[ \t\n]+)
    | (?P<comment>\#[^\n]*)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<number>[0-9]+(?:\.[0-9]+)?)
    | (?P<string>"(?:[^"\\\n]|\\.)*")
    | (?P<raw>`[^`]*`)
    | (?P<symbol>:=|==|!=|<=|>=|[<>+\-*/%|&=.,;:()\[\]{}])
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = '"\\nrtbf'


def tokenize(text: str) -> Tokens:
    """Split a module into tokens. Raises `DialectError`."""
    if len(text) > MAX_TEXT:
        raise DialectError(Place(1, 1), f"the module has {len(text)} characters, at most {MAX_TEXT} are read")
    if "\r" in text:
        line = text.count("\n", 0, text.index("\r")) + 1
        raise DialectError(Place(line, 1), "lines must end in LF, not CRLF: save the file with LF line ends")
    tokens: list[Token] = []
    comments: list[tuple[int, str]] = []
    offset, line, start, fresh, spaced = 0, 1, 0, True, False
    while offset < len(text):
        at = Place(line, offset - start + 1)
        match = _TOKEN.match(text, offset)
        if match is None:
            raise DialectError(at, _stray(text[offset]))
        kind, found = str(match.lastgroup), match.group()
        offset = match.end()
        if kind == "comment":
            if not found.isprintable() and not found.replace("\t", " ").isprintable():
                raise DialectError(at, "a comment holds a control or formatting character: remove it")
            if fresh:
                comments.append((line, found))
            continue
        if kind != "space":
            tokens.append(Token(kind, _text(kind, found, at), at, spaced, fresh))
            fresh = spaced = False
        if "\n" in found:
            line += found.count("\n")
            start = match.start() + found.rindex("\n") + 1
            fresh = fresh or kind == "space"
        spaced = kind == "space"
    tokens.append(Token("end", "the end of the file", Place(line, offset - start + 1), spaced, fresh))
    return Tokens(tuple(tokens), tuple(_blocks(comments)))


def _stray(char: str) -> str:
    if char == '"':
        return 'this text has no closing " on its line'
    if char == "`":
        return "this raw text has no closing `"
    if not char.isascii():
        return f"the character {char!a} may stand only inside texts and comments"
    return f"{char!r} has no meaning in the dialect"


def _text(kind: str, found: str, at: Place) -> str:
    if kind == "string":
        for match in _ESCAPE.finditer(found):
            if match[1] not in _ESCAPES:
                raise DialectError(at, f"the escape \\{match[1]} is not portable: write the character itself")
        if "\t" in found or not found.replace(" ", "").isprintable():
            raise DialectError(
                at, "a text holds a control or formatting character: write \\t or \\n, or remove it"
            )
        return str(json.loads(found))
    if kind == "raw":
        if not found.replace("\n", "").replace("\t", "").isprintable():
            raise DialectError(at, "a raw text holds a control or formatting character: remove it")
        return found[1:-1]
    return found


def _blocks(comments: list[tuple[int, str]]) -> list[Block]:
    """METADATA blocks: `# METADATA` on a line of its own and the comment lines right below it."""
    blocks: list[Block] = []
    lines: list[str] = []
    first = last = 0
    for number, comment in comments:
        content = comment[1:]
        if content.strip() == "METADATA":
            if lines or first:
                blocks.append(Block("\n".join(lines), first, last))
            lines, first, last = [], number, number
        elif first and number == last + 1:
            lines.append(content)
            last = number
        elif first:
            blocks.append(Block("\n".join(lines), first, last))
            lines, first = [], 0
    if first:
        blocks.append(Block("\n".join(lines), first, last))
    return blocks
