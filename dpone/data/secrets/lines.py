"""Formats of lines, `.env`, INI and CSV, as scalars with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dpone.data.secrets.structure import NotStructured, Scalar

_NUMBER = re.compile(r"[-+]?[0-9][0-9_.eE+-]*|true|false|")
_ENV_KEY = re.compile(
    r"[ \t]*(?:export[ \t]+)?(?P<key>[A-Za-z_][\w.\-]*)[ \t]*(?:=[ \t]*|(?=\r?$))", re.MULTILINE
)
_ENV_QUOTED = re.compile(r"\"(?P<double>(?:[^\"\\]|\\.)*)\"|'(?P<single>[^']*)'", re.DOTALL)
_ENV_REST = re.compile(r"[ \t]*(?:#[^\n]*)?\r?$", re.MULTILINE)
_COMMENT = re.compile(r"(?:^|[ \t]+)#")
_EMPTY = re.compile(r"[ \t]*(?:[#;][^\n]*)?\r?$", re.MULTILINE)
_SECTION = re.compile(r"\[(?P<name>[^\]\n]+)\][ \t]*(?:[#;][^\n]*)?\r?$", re.MULTILINE)
_INI_KEY = re.compile(r"(?P<key>[^\s=:\[#;][^=:\n]*?)[ \t]*(?:[=:][ \t]*|\r?$)", re.MULTILINE)
_MORE = re.compile(r"\n(?:[ \t]+[^\s][^\n]*|[ \t]*\r?(?=\n[ \t]+[^\s]))")
_CELL = re.compile(r"\"(?P<quoted>(?:[^\"]|\"\")*)\"|[^\"\r\n]?[^\r\n]*")


def env_scalars(text: str) -> Iterator[Scalar]:
    """Every value of a `.env` file, as Docker Compose and shells read it: an unquoted value ends where
    white space and `#` begin a comment. Raises `NotStructured` for a line that assigns nothing."""
    at = 0
    while at < len(text):
        empty = _EMPTY.match(text, at)
        if empty:
            at = empty.end() + 1
            continue
        named = _ENV_KEY.match(text, at)
        if named is None:
            raise NotStructured("a line that assigns nothing")
        path, start = (named["key"],), named.end()
        quoted = _ENV_QUOTED.match(text, start)
        if quoted:
            rest = _ENV_REST.match(text, quoted.end())
            if rest is None:
                raise NotStructured("something stands behind a quoted value")
            name = "double" if quoted["double"] is not None else "single"
            yield Scalar(path, *quoted.span(name), quoted[name], False, "[REDACTED]")
            at = rest.end() + 1
            continue
        line = text[start : _line_end(text, start)]
        if line[:1] in ('"', "'"):
            raise NotStructured("a quote that does not end")
        comment = _COMMENT.search(line) if text[start - 1 : start] in " \t" else re.search(r"[ \t]+#", line)
        value = (line[: comment.start()] if comment else line).rstrip()
        yield _raw(path, start, value)
        at = start + len(line) + 1


def ini_scalars(text: str) -> Iterator[Scalar]:
    """Every value of an INI or properties file. What stands behind a value on its line belongs to it, as
    `configparser` has it, and so do the indented lines below. Raises `NotStructured`."""
    at = 0
    section = ""
    while at < len(text):
        empty, header = _EMPTY.match(text, at), _SECTION.match(text, at)
        if empty or header:
            section = header["name"] if header else section
            at = (empty or header).end() + 1  # type: ignore[union-attr]
            continue
        named = _INI_KEY.match(text, at)
        if named is None or (re.search(r"\s", named["key"]) and not re.search(r"[=:]", named.group())):
            raise NotStructured("a line that is no section, comment or value")
        start = end = named.end()
        if re.search(r"[=:]", named.group()):
            end = _line_end(text, start)
            more = _MORE.match(text, end)
            while more:
                end = more.end()
                more = _MORE.match(text, end)
            value = text[start:end].rstrip()
            if value.endswith("\\") and end < len(text):
                raise NotStructured("a value that a backslash continues")
            path = (section, named["key"]) if section else (named["key"],)
            inside = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
            yield _raw(path, start + inside, value[1:-1] if inside else value)
        at = end if text[end : end + 1] != "\r" else end + 1
        at += text[at : at + 1] == "\n"


def csv_scalars(text: str) -> Iterator[Scalar]:
    """Every cell below the first line of a CSV file, named by its row and the first line's cell (RFC 4180; the
    separator is the one of comma, semicolon and tab that the first line has most of)."""
    first = text[: _line_end(text, 0)]
    separator = max(",;\t", key=first.count)
    cell = re.compile(rf"\"(?P<quoted>(?:[^\"]|\"\")*)\"(?=[{separator}\r\n]|\Z)|[^{separator}\r\n]*")
    names: list[str] = []
    at = row = column = 0
    while at <= len(text):
        match = cell.match(text, at)
        if match is None:
            raise NotStructured("a cell that does not end")
        quoted = match["quoted"]
        start, end = match.span("quoted") if quoted is not None else match.span()
        value = (quoted or "").replace('""', '"') if quoted is not None else match.group()
        if row == 0:
            names.append(value.strip())
        elif end > start:
            yield _raw((row, names[column] if column < len(names) else column), start, text[start:end])
        at = match.end()
        if text.startswith(separator, at):
            column += 1
            at += 1
            continue
        at += text.startswith("\r", at)
        row, column = row + 1, 0
        at += 1


def _raw(path: tuple[str | int, ...], start: int, value: str) -> Scalar:
    plain = _NUMBER.fullmatch(value) is not None
    return Scalar(path, start, start + len(value), value, plain, "[REDACTED]")


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return end - 1 if end > at and text[end - 1] == "\r" else end
