"""The canonical format of the dialect: what `opa fmt` writes, as far as it follows from tokens.

Checked: tabs, one level for every bracket that is still open where a line begins, one empty line between
rules and none elsewhere in a row, brackets and commas of broken collections, one space around operators
and after commas and colons, none inside brackets, no space at the end of a line, one new line at the end of
the file. Not checked: where a long line is broken, and in which order imports stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dpone.policy.dialect.parser import parse_module
from dpone.policy.dialect.reader import KEYWORDS
from dpone.policy.dialect.tokens import DialectError, Token, tokenize
from dpone.policy.dialect.tree import Module
from dpone.policy.problems import LintProblem

_OPEN, _CLOSE = "([{", ")]}"
_OPERATORS = frozenset((":=", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "|", "&"))
_ENDS_TERM = frozenset(")]}")


def check_format(text: str, path: str) -> list[LintProblem]:
    """Everything in one file that the canonical format writes otherwise, sorted by place. A text outside the
    dialect is one problem."""
    try:
        module = parse_module(text, path)
        tokens = tokenize(text).tokens
    except DialectError as error:
        return [LintProblem(path, error.at.line, error.at.column, "syntax", error.message)]
    lines = text.split("\n")
    found = [
        *_ends(lines),
        *_blank_lines(lines, _raw_lines(tokens)),
        *_between(module, lines),
        *_spacing(tokens),
        *_collections(tokens, lines),
        *_indentation(tokens, lines),
    ]
    return sorted({LintProblem(path, line, column, "format", message) for line, column, message in found})


Problem = tuple[int, int, str]


def _raw_lines(tokens: Sequence[Token]) -> set[int]:
    """Lines that begin inside a raw text, where every space means something."""
    return {
        token.at.line + offset
        for token in tokens
        if token.kind == "raw"
        for offset in range(1, token.text.count("\n") + 1)
    }


def _ends(lines: Sequence[str]) -> Iterator[Problem]:
    if lines[-1]:
        yield len(lines), len(lines[-1]) + 1, "the file ends in the middle of a line: add a new line"
    elif len(lines) > 1 and not lines[-2].strip():
        yield len(lines) - 1, 1, "the file ends in an empty line: remove it"


def _blank_lines(lines: Sequence[str], raw: set[int]) -> Iterator[Problem]:
    for number, line in enumerate(lines, 1):
        if number in raw or number + 1 in raw:
            continue
        if line != line.rstrip():
            yield number, len(line.rstrip()) + 1, "spaces at the end of the line: remove them"
        if number > 1 and number < len(lines) and not line.strip() and not lines[number - 2].strip():
            yield number, 1, "two empty lines in a row: one is enough"
        if line.startswith("#") and line[1:2] not in ("", " ", "#"):
            yield number, 2, "a comment begins with `# `"


def _between(module: Module, lines: Sequence[str]) -> Iterator[Problem]:
    """An empty line stands above every rule and its comments, and none after a line that opens a bracket."""
    starts = [rule.metadata.line if rule.metadata else rule.at.line for rule in module.rules]
    for start in [*starts, *(found.at.line for found in module.imports[:1])]:
        top = start
        while top > 1 and lines[top - 2].startswith("#"):
            top -= 1
        if top > 1 and lines[top - 2].strip():
            yield top, 1, "an empty line belongs above this"
    for number, line in enumerate(lines[:-1], 1):
        after = lines[number]
        if (
            line.strip()
            and line.rstrip()[-1] in _OPEN
            and not line.lstrip().startswith("#")
            and not after.strip()
        ):
            yield number + 1, 1, "an empty line after an opening bracket: remove it"
        if not line.strip() and after.strip()[:1] in tuple(_CLOSE):
            yield number, 1, "an empty line before a closing bracket: remove it"


def _spacing(tokens: Sequence[Token]) -> Iterator[Problem]:
    """Spaces between tokens of one line."""
    ends, bodies = _ends_of(tokens), _bodies(tokens)
    for place in range(1, len(tokens)):
        left, right = tokens[place - 1], tokens[place]
        if right.fresh_line or right.kind == "end":
            if right.kind != "end" and left.kind == "symbol" and left.text == ";":
                yield left.at.line, left.at.column, "no `;` at the end of a line"
            continue
        wanted = 1 if place - 1 in bodies or place in bodies.values() else _wanted(tokens, place)
        given = right.at.column - ends[place - 1]
        if wanted is not None and given != wanted:
            much = ("no space", "one space")[wanted]
            yield right.at.line, right.at.column, f"{much} before `{right.text[:20]}`"


def _ends_of(tokens: Sequence[Token]) -> list[int]:
    """The column behind each token; strings are as long as they were written, which only they know."""
    ends = []
    for place, token in enumerate(tokens):
        if token.kind in ("string", "raw"):
            follower = tokens[place + 1]
            ends.append(follower.at.column - int(follower.spaced))
        else:
            ends.append(token.at.column + len(token.text))
    return ends


def _bodies(tokens: Sequence[Token]) -> dict[int, int]:
    """The places of the braces around bodies, opening to closing: those after `if` and after the collection
    of an `every`. Other braces stand around sets and objects."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for place, token in enumerate(tokens):
        if token.kind != "symbol":
            continue
        if token.text in _OPEN:
            opened.append(place)
        elif token.text in _CLOSE and opened:
            start = opened.pop()
            before = tokens[start - 1]
            ends = before.kind in ("string", "raw", "number") or before.text in _ENDS_TERM
            named = before.kind == "name" and (before.text == "if" or before.text not in KEYWORDS)
            if tokens[start].text == "{" and start and tokens[start].spaced and (ends or named):
                found[start] = place
    return {start: end for start, end in found.items() if tokens[start - 1].text != "contains"}


def _collections(tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[Problem]:
    """A list, set, object or call that is broken at a comma has every bracket and comma on its line."""
    bodies = _bodies(tokens)
    opened: list[list[int]] = []
    for place, token in enumerate(tokens):
        inside = opened and opened[-1][0] not in bodies and all(tokens[m].text != "|" for m in opened[-1][1:])
        if inside and token.fresh_line:
            for number in range(tokens[place - 1].at.line + 1, token.at.line):
                if tokens[place - 1].kind != "raw" and not lines[number - 1].strip():
                    yield number, 1, "an empty line inside brackets: remove it"
        if token.kind != "symbol":
            continue
        if token.text in _OPEN:
            opened.append([place])
        elif token.text in (",", "|") and opened:
            opened[-1].append(place)
        elif token.text in _CLOSE and opened:
            start, *marks = opened.pop()
            if start in bodies or any(tokens[mark].text == "|" for mark in marks) or start + 1 == place:
                continue
            first = tokens[start + 1].fresh_line
            broken = first or any(tokens[mark + 1].fresh_line for mark in marks if mark + 1 != place)
            trailing = tokens[place - 1].text == "," and tokens[place - 1].kind == "symbol"
            if broken and not first:
                yield tokens[start].at.line, tokens[start].at.column, "a new line belongs after this bracket"
            if broken and not (trailing and token.fresh_line):
                yield token.at.line, token.at.column, "a comma and a new line belong before this bracket"
            if trailing and not token.fresh_line:
                yield token.at.line, token.at.column, "no comma before this bracket"


def _wanted(tokens: Sequence[Token], place: int) -> int | None:
    """How many spaces belong before the token at `place`; None where either is right."""
    left, right = tokens[place - 1], tokens[place]
    a = left.text if left.kind == "symbol" else ""
    b = right.text if right.kind == "symbol" else ""
    if b in (",", ";", ":", ".") or (b and b in _CLOSE) or (a and a in _OPEN) or a == ".":
        return 0
    if _unary(tokens, place - 1):
        return 0
    if a in (",", ";", ":") or a in _OPERATORS or b in _OPERATORS:
        return 1
    if b in ("(", "["):
        # After a name they belong to it, after a word of the language they begin something new.
        return None if left.kind == "name" else 1
    return 1


def _unary(tokens: Sequence[Token], place: int) -> bool:
    """Whether the token is the sign of a number."""
    token = tokens[place]
    if token.kind != "symbol" or token.text != "-" or place == 0:
        return False
    before = tokens[place - 1]
    value = before.kind in ("string", "raw", "number", "name") or before.text in _ENDS_TERM
    return not value


def _indentation(tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[Problem]:
    """Every line that begins with a token has one tab more than the line that opened its bracket; a line
    that begins with the closing bracket has as many; `with` on a line of its own has one tab more."""
    opened: list[int] = []
    for place, token in enumerate(tokens):
        line = token.at.line
        if token.fresh_line and token.kind != "end":
            text = lines[line - 1]
            indent = text[: len(text) - len(text.lstrip())]
            closes = token.kind == "symbol" and token.text in _CLOSE
            base = _tabs(lines[opened[-1] - 1]) if opened else 0
            wanted = base if closes or not opened else base + 1
            allowed = {wanted + 1} if token.text == "with" and token.kind == "name" else {wanted}
            if place and tokens[place - 1].kind == "symbol" and tokens[place - 1].text in _OPERATORS - {"|"}:
                allowed.add(wanted + 1)
            if indent != "\t" * len(indent):
                yield line, 1, "lines are indented with tabs"
            elif len(indent) not in allowed:
                yield line, 1, f"indented by {len(indent)}, should be {min(allowed)}"
        if token.kind == "symbol" and token.text in _OPEN:
            opened.append(line)
        elif token.kind == "symbol" and token.text in _CLOSE and opened:
            opened.pop()


def _tabs(line: str) -> int:
    return len(line) - len(line.lstrip("\t"))
