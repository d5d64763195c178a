"""YAML with one meaning: what JSON can say, and nothing that is read differently elsewhere.

Built from parser events without recursion, so that neither depth nor aliases can exhaust anything.
"""

from __future__ import annotations

import math
import re
from typing import Any

from dpone.canonical import MAX_DEPTH, JsonProblem


class YamlProblem(JsonProblem):
    """YAML text that has no single meaning; `reason` is a stable code, `line` counts from 1."""

    def __init__(self, reason: str, message: str, line: int = 0) -> None:
        super().__init__(reason, f"line {line}: {message}" if line else message)
        self.line = line


def parse_yaml(data: bytes, max_depth: int = MAX_DEPTH) -> Any:
    """Parse one YAML document into JSON values; dates stay text.

    Refused, with a `YamlProblem`: text that is not UTF-8, aliases and merge keys (`alias`), tags
    (`tag`), duplicate or non-text keys, several documents, nesting beyond `max_depth`, NaN and
    infinities. Numbers and booleans follow the YAML 1.2 core schema, so that `yes`, `on` and `1:30`
    are text, as a reader expects.
    """
    return _parse(data, max_depth, most=1).results[0]


def parse_yaml_with_lines(
    data: bytes, max_depth: int = MAX_DEPTH
) -> tuple[Any, dict[tuple[str | int, ...], int]]:
    """The same, and the line (from 1) of everything in it by its path: keys and positions from the top."""
    parsed = _parse(data, max_depth, most=1)
    return parsed.results[0], parsed.lines


def parse_yaml_documents(data: bytes, max_depth: int = MAX_DEPTH, most: int = 100) -> list[Any]:
    """Parse up to `most` YAML documents, separated by ``---``, as strictly as `parse_yaml` parses one."""
    return _parse(data, max_depth, most).results


def _parse(data: bytes, max_depth: int, most: int) -> _Builder:
    import yaml

    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise YamlProblem("not_utf8", f"byte {error.start} is not UTF-8") from None
    if not text.strip():
        raise YamlProblem("empty", "the file is empty")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        builder = _Builder(max_depth, most)
        builder.build(yaml.parse(text, Loader=loader), yaml)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "not YAML"
        raise YamlProblem("not_yaml", str(what), mark.line + 1 if mark else 0) from None
    return builder


class _Builder:
    """Turns events into values with an explicit stack of open collections."""

    def __init__(self, max_depth: int, most: int) -> None:
        self.max_depth, self.most = max_depth, most
        self.stack: list[tuple[Any, list[str]]] = []  # the collection, and the key that waits (mappings)
        self.results: list[Any] = []
        self.path: list[str | int] = []  # where the innermost open collection stands
        self.lines: dict[tuple[str | int, ...], int] = {}

    def build(self, events: Any, yaml: Any) -> None:
        for event in events:
            line = event.start_mark.line + 1 if event.start_mark else 0
            if isinstance(event, yaml.DocumentStartEvent):
                if len(self.results) == self.most:
                    said = "a second document starts here; give one"
                    raise YamlProblem("documents", said if self.most == 1 else "too many documents", line)
                self.results.append(None)
            elif isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise YamlProblem("alias", "anchors and aliases are not accepted; write the value out", line)
            elif isinstance(event, yaml.ScalarEvent):
                self.scalar(event, line)
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                self.open(event, {} if isinstance(event, yaml.MappingStartEvent) else [], line)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                self.stack.pop()
                del self.path[-1:]
        self.results = self.results or [None]

    def open(self, event: Any, value: Any, line: int) -> None:
        if event.tag:
            raise YamlProblem("tag", f"the tag {event.tag[:60]} is not accepted", line)
        if len(self.stack) >= self.max_depth:
            raise YamlProblem("too_deep", f"nested deeper than {self.max_depth} levels", line)
        where = self.place()
        self.add(value, line)
        self.path += where
        self.stack.append((value, []))

    def scalar(self, event: Any, line: int) -> None:
        if event.tag:
            raise YamlProblem("tag", f"the tag {event.tag[:60]} is not accepted", line)
        plain = event.implicit[0] and not event.style
        if self.stack and isinstance(self.stack[-1][0], dict) and not self.stack[-1][1]:
            if plain and event.value == "<<":
                raise YamlProblem("alias", "merge keys are not accepted; write the values out", line)
            if event.value in self.stack[-1][0]:
                raise YamlProblem("duplicate_key", f"the key {event.value!r} stands twice", line)
            self.stack[-1][1].append(event.value)
            self.mark(event.value, line)
            return
        self.add(_resolve(event.value, line) if plain else event.value, line)

    def place(self) -> list[str | int]:
        """The last part of the path of what comes next; nothing for the document itself."""
        if not self.stack:
            return []
        holder, waiting = self.stack[-1]
        return [len(holder)] if isinstance(holder, list) else [*waiting[-1:]]

    def mark(self, part: str | int, line: int) -> None:
        """Note where a key or an element of the innermost open collection stands."""
        place = (*self.path, part)
        self.lines[place] = line

    def add(self, value: Any, line: int) -> None:
        if not self.stack:
            self.results[-1] = value
            return
        holder, waiting = self.stack[-1]
        if isinstance(holder, list):
            self.mark(len(holder), line)
            holder.append(value)
        elif waiting:
            holder[waiting.pop()] = value
        else:
            raise YamlProblem("wrong_shape", "a key must be text", line)


_INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None,
          "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}  # fmt: skip


def _resolve(text: str, line: int) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        if len(text) > 4000:
            raise YamlProblem("bad_number", "a number with thousands of digits", line)
        return int(text)
    if _FLOAT.fullmatch(text):
        value = float(text)
        if not math.isfinite(value):
            raise YamlProblem("bad_number", f"{text[:40]} is too large for a number", line)
        return value
    if text.lower().lstrip("+-") in (".inf", ".nan"):
        raise YamlProblem("bad_number", f"{text} is not a number JSON can hold", line)
    return text
