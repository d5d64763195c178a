r"""`.env` files: NAME=VALUE lines whose values are text, and nothing that tools read differently.

Quotes are taken off as the common readers do; inside double quotes ``\n \r \t \" \\ \$`` are escapes and a
value may have several lines, inside single quotes everything is itself. `$NAME` is not expanded.
"""

from __future__ import annotations

import re

from dpone.data.drift.flatten import Problem

_LINE = re.compile(r"[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*")
_BLANK = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SINGLE = re.compile(r"'([^']*)'")
_REST = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_PLAIN = re.compile(r"[^\n]*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$"}


def parse_dotenv(text: str) -> dict[str, str]:
    """The variables of a `.env` file. Raises `Problem` with the line: `not_env`, `duplicate_key`, or
    `two_meanings` for an unquoted value with quotes or a comment in it."""
    text = text.replace("\r\n", "\n")
    values: dict[str, str] = {}
    at = 0
    while at < len(text):
        blank = _BLANK.match(text, at)
        if blank and blank.end() > at:
            at = blank.end()
            continue
        head = _LINE.match(text, at)
        if head is None:
            raise _problem("not_env", text, at, "is not NAME=VALUE")
        name = head["name"]
        if name in values:
            raise _problem("duplicate_key", text, at, f"{name} stands twice")
        values[name], at = _value(text, head.end())
    return values


def _problem(reason: str, text: str, at: int, what: str) -> Problem:
    line = text.count("\n", 0, at) + 1
    return Problem(reason, f"line {line}: {what}")


def _value(text: str, at: int) -> tuple[str, int]:
    """The value at `at`, and where the next line begins."""
    first = text[at : at + 1]
    if first in {'"', "'"}:
        match = (_DOUBLE if first == '"' else _SINGLE).match(text, at)
        rest = _REST.match(text, match.end()) if match else None
        if match is None or rest is None:
            raise _problem("two_meanings", text, at, "a quoted value must end with its quote")
        return (_unescaped(match[1]) if first == '"' else match[1]), rest.end()
    match = _PLAIN.match(text, at)
    assert match is not None
    value = match[0].rstrip(" \t")
    if re.search(r"(?:^|[ \t])#|[\"'`\\\r]", value):
        raise _problem(
            "two_meanings", text, at, "quotes, backslashes and ' #' in a bare value mean different things to different "
            "tools; quote the value",
        )  # fmt: skip
    return value, match.end() + 1


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda m: _ESCAPES.get(m[1], m[0]), text)
