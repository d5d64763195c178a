"""Bytes to a `Document`: the syntax is found from the content, never from a file name.

Every parser runs in time linear in the input and refuses what another reader could understand
differently: other encodings, duplicate keys, DTDs and entities, over-deep nesting, YAML aliases that
grow. Nothing is repaired and nothing outside the bytes is ever read.
"""

from __future__ import annotations

import json
import re
from typing import Any

from dpone.canonical import MAX_DEPTH, JsonProblem, parse_json
from dpone.evidence.model import Document, Invalid

MAX_YAML = 5_000_000
"""Characters; a longer text that is not JSON or XML is not tried as YAML."""

_MARKS = ((b"\xef\xbb\xbf", "UTF-8"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def parse(data: bytes, max_depth: int = MAX_DEPTH) -> Document:
    """Parse evidence as JSON, JSON Lines, XML or YAML; anything else in UTF-8 is a `text` document.

    Raises `Invalid` with reason `empty`, `byte_order_mark`, `not_utf8`, `not_json`, `not_xml`, `dtd`,
    `too_deep`, `too_many_nodes`, `duplicate_key`, `bad_number`, `bad_text`, or one of `YamlProblem`'s.
    """
    text = _decode(data)
    first = text.lstrip()[:1]
    if first in ("{", "["):
        return _json(data, text, max_depth)
    if first == "<":
        from dpone.evidence.parse_xml import parse_xml

        return Document("xml", parse_xml(data, max_depth), data)
    root = _yaml(data, max_depth) if len(text) <= MAX_YAML else None
    if isinstance(root, (dict, list)):
        _check_text(root)
        return Document("yaml", root, data)
    return Document("text", text, data)


def _yaml(data: bytes, max_depth: int) -> Any:
    """The YAML of a text, None for text that is not YAML at all."""
    from dpone.strict_yaml import YamlProblem, parse_yaml

    try:
        return parse_yaml(data, max_depth)
    except YamlProblem as problem:
        if problem.reason == "not_yaml":
            return None
        raise Invalid(problem.reason, str(problem)) from None


def _decode(data: bytes) -> str:
    for mark, name in _MARKS:
        if data.startswith(mark):
            raise Invalid(
                "byte_order_mark", f"starts with a {name} byte order mark; write it as UTF-8 without one"
            )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid("not_utf8", f"byte {error.start} is not UTF-8") from None
    if "\0" in text:
        raise Invalid("not_utf8", f"byte {data.index(0)} is NUL: binary data, or UTF-16; write it as UTF-8")
    if not text.strip():
        raise Invalid("empty", "the file is empty")
    return text


def _json(data: bytes, text: str, max_depth: int) -> Document:
    try:
        root = parse_json(data, max_depth)
        document = Document("json", root, data)
    except JsonProblem as problem:
        lines = _lines(text, max_depth) if str(problem).startswith("Extra data") else []
        if not lines:
            raise Invalid(problem.reason, str(problem)) from None
        document = Document("json-lines", lines, data)
    if _SURROGATE.search(data):
        _check_text(document.root)
    return document


def _lines(text: str, max_depth: int) -> list[Any]:
    """The objects of JSON Lines (jsonlines.org), or nothing when the text is not that."""
    rows = text.rstrip().split("\n")
    if len(rows) < 2 or any(not row.lstrip().startswith("{") for row in rows):
        return []
    result = []
    for number, row in enumerate(rows, 1):
        try:
            result.append(parse_json(row.encode(), max_depth))
        except JsonProblem as problem:
            raise Invalid(problem.reason, f"line {number}: {problem}", f"/{number - 1}") from None
    return result


def _check_text(root: Any) -> None:
    """Refuse lone surrogates, which have no UTF-8 and therefore no digest."""
    try:
        json.dumps(root, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise Invalid("bad_text", "a text holds half of a surrogate pair, which is not a character") from None
