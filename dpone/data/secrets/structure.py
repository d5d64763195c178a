"""Documents with a structure, where the key decides: under a telling key only a reference may stand.

All are read as a flat list of scalars with their paths and their exact places in the text, without
recursion and without expanding aliases, so that a finding has a line and redaction can hit the place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from dpone.canonical import MAX_DEPTH
from dpone.data.secrets.judge import PASSWORD_ENDINGS, is_name, is_reference, secret_key
from dpone.data.secrets.text import Hit, Path
from dpone.record import dataclass

Syntax = Literal["text", "code", "json", "yaml", "toml", "env", "ini", "csv", "xml"]

_JSON_PART = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+|"')
_JSON_CONSTANT = (  # compiled on first use: few texts need it, and every gate imports this
    r"-?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,10})?|true|false|null|-?Infinity|NaN"
)
_CARRIERS = frozenset({"value", "default", "literal", "plain", "plaintext", "data"})
_PLURALS = frozenset({"passwords", "secrets", "tokens", "apikeys"})
_YAML_PROPERTIES = re.compile(r"(?:[&!][^\s]*\s+)+")
_FLAG = re.compile(r"--?[A-Za-z][A-Za-z0-9_-]*")
_LONG_NUMBER = 6


class NotStructured(ValueError):
    """The text is not of the format it was taken for."""


@dataclass(frozen=True)
class Scalar:
    """A value at ``text[start:end]`` (inside its quotes, when it has some). `plain` says it is not a text:
    a number, boolean or null as written."""

    path: Path
    start: int
    end: int
    value: str
    plain: bool
    replacement: str


def read_scalars(text: str, syntax: Syntax) -> list[Scalar]:
    """Every scalar of a document; JSON may be several documents, one after the other, and YAML a stream.

    Raises `NotStructured`. With more than one document, paths of all but the first begin with the
    document's number.
    """
    from dpone.data.secrets.lines import csv_scalars, env_scalars, ini_scalars
    from dpone.data.secrets.markup import xml_scalars
    from dpone.data.secrets.toml import toml_scalars

    readers: dict[str, Callable[[str], Iterator[Scalar]]] = {
        "json": _json_scalars, "yaml": _yaml_scalars, "toml": toml_scalars, "env": env_scalars,
        "ini": ini_scalars, "csv": csv_scalars, "xml": xml_scalars,
    }  # fmt: skip
    return list(readers[syntax](text))


@dataclass
class _Level:
    """An open object or list: the next key or index."""

    is_list: bool
    key: str | int | None


def _json_scalars(text: str) -> Iterator[Scalar]:
    levels: list[_Level] = []
    document = 0
    for match in _JSON_PART.finditer(text):
        part = match.group()
        top = levels[-1] if levels else None
        if part in "{[":
            if len(levels) == MAX_DEPTH:
                raise NotStructured(f"nested deeper than {MAX_DEPTH} levels")
            levels.append(_Level(part == "[", 0 if part == "[" else None))
            continue
        if part in "}]":
            if top is None or top.is_list != (part == "]"):
                raise NotStructured("brackets do not match")
            levels.pop()
            document += not levels
            continue
        if part == ",":
            if top is None:
                raise NotStructured("a comma outside a list or object")
            top.key = top.key + 1 if isinstance(top.key, int) else None
            continue
        if part == ":":
            continue
        quoted = part[0] == '"'
        if top is not None and not top.is_list and top.key is None:
            if not quoted:
                raise NotStructured("a key without quotes")
            top.key = _decoded(part)
            continue
        yield _json_scalar(match.start(), part, _path(levels, document))
        document += not levels
    if levels:
        raise NotStructured("the document ends too early")


def _json_scalar(start: int, token: str, path: Path) -> Scalar:
    if token[0] == '"':
        return Scalar(path, start + 1, start + len(token) - 1, _decoded(token), False, "[REDACTED]")
    if not re.fullmatch(_JSON_CONSTANT, token):
        raise NotStructured("text outside quotes")
    return Scalar(path, start, start + len(token), token, True, '"[REDACTED]"')


def _decoded(token: str) -> str:
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        raise NotStructured("a string that does not end or has a bad escape") from None


def _path(levels: Sequence[_Level], document: int) -> Path:
    own = tuple(level.key for level in levels if level.key is not None)
    return (document, *own) if document else own


def _yaml_scalars(text: str) -> Iterator[Scalar]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    levels: list[_Level] = []
    anchors: dict[str, Scalar] = {}
    document = -1
    try:
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.DocumentStartEvent):
                document += 1
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                if len(levels) == MAX_DEPTH:
                    raise NotStructured(f"nested deeper than {MAX_DEPTH} levels")
                is_list = isinstance(event, yaml.SequenceStartEvent)
                levels.append(_Level(is_list, 0 if is_list else None))
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                levels.pop()
                _advance(levels)
            elif isinstance(event, yaml.AliasEvent):
                known = anchors.get(event.anchor or "")
                if levels and not levels[-1].is_list and levels[-1].key is None:
                    levels[-1].key = known.value if known else ""
                    continue
                if known:
                    yield Scalar(
                        _path(levels, document),
                        known.start,
                        known.end,
                        known.value,
                        known.plain,
                        known.replacement,
                    )
                _advance(levels)
            elif isinstance(event, yaml.ScalarEvent):
                if levels and not levels[-1].is_list and levels[-1].key is None:
                    levels[-1].key = event.value
                    continue
                scalar = _yaml_scalar(text, event, _path(levels, document))
                if event.anchor:
                    anchors[event.anchor] = scalar
                yield scalar
                _advance(levels)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise NotStructured(str(error)) from None


def _advance(levels: Sequence[_Level]) -> None:
    if levels:
        key = levels[-1].key
        levels[-1].key = key + 1 if isinstance(key, int) and levels[-1].is_list else None


def _yaml_scalar(text: str, event: object, path: Path) -> Scalar:
    start, end = event.start_mark.index, event.end_mark.index  # type: ignore[attr-defined]
    properties = _YAML_PROPERTIES.match(text, start, end)
    start = properties.end() if properties else start
    value: str = event.value  # type: ignore[attr-defined]
    first = text[start : start + 1]
    if first in {'"', "'"} and end - start > 1:
        return Scalar(path, start + 1, end - 1, value, False, "[REDACTED]")
    if first in {"|", ">"}:
        return Scalar(path, start, end, value, False, '"[REDACTED]"\n')
    plain = bool(re.fullmatch(r"[-+]?[0-9][0-9_.eE+-]*|true|false|null|~|", value))
    return Scalar(path, start, end, value, plain, '"[REDACTED]"')


def find_by_key(scalars: Sequence[Scalar]) -> Iterator[Hit]:
    """Every literal under a telling key, in a name-and-value pair, or behind a telling option."""
    named: dict[Path, str] = {}
    for scalar in scalars:
        if scalar.path and scalar.path[-1] in ("name", "key") and secret_key(scalar.value):
            named[scalar.path[:-1]] = scalar.value
    option = ""
    for scalar in scalars:
        path = scalar.path
        in_list = bool(path) and isinstance(path[-1], int)
        keys = [_telling_key(path)]
        if path and path[-1] == "value":
            keys.append(named.get(path[:-1], ""))
        if in_list:
            keys.append(option)
        option = scalar.value if in_list and _FLAG.fullmatch(scalar.value) else ""
        word = next((found for found in map(secret_key, keys) if found), "")
        if word and _is_literal(scalar, word):
            rule = "password_assignment" if word in PASSWORD_ENDINGS else "secret_assignment"
            yield Hit(rule, scalar.start, scalar.end, path, True, scalar.replacement)


def _telling_key(path: Path) -> str:
    names = [part for part in path if isinstance(part, str)]
    if not names:
        return ""
    last = names[-1]
    if last.lower() in _CARRIERS and len(names) > 1 and secret_key(names[-2]):
        return names[-2]
    if isinstance(path[-1], int) and last.lower().replace("_", "").replace("-", "") in _PLURALS - {"secrets"}:
        return last[:-1]
    return last


def _is_literal(scalar: Scalar, word: str) -> bool:
    if is_reference(scalar.value) or (word == "pass" and is_name(word, scalar.value)):
        return False
    if not scalar.plain or word in PASSWORD_ENDINGS:
        return True
    return sum(char.isdigit() for char in scalar.value) >= _LONG_NUMBER


def pointer(path: Path) -> str:
    """`path` as an RFC 6901 JSON pointer."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def dotted(path: Path) -> str:
    """`path` as the seed's tool writes it: keys joined by dots."""
    return ".".join(str(part) for part in path)
