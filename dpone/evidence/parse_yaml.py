"""YAML with the meaning JSON has: the YAML 1.2 core schema, built from the event stream.

The tree is made here, not by PyYAML's constructor, so that it needs no recursion, refuses duplicate
keys and growing aliases while reading, and never makes an object of a type JSON lacks (YAML 1.1 turns
`no` into false, `12:30` into 750 and dates into date objects; here all of them stay text).
"""

from __future__ import annotations

import re
from typing import Any

from dpone.evidence.model import Invalid

MAX_NODES = 200_000
"""Nodes after aliases are expanded."""
MAX_TEXT = 5_000_000
"""Characters; a longer text that is not JSON or XML is not tried as YAML."""

_NULL = re.compile(r"~|null|Null|NULL|")
_INT = re.compile(r"[-+]?[0-9]{1,4000}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,400}|[0-9]{1,400}(\.[0-9]{0,400})?)([eE][-+]?[0-9]{1,9})?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_TRUE, _FALSE = ("true", "True", "TRUE"), ("false", "False", "FALSE")
_STRING_TAGS = ("!", "tag:yaml.org,2002:str")


def parse_yaml(text: str, max_depth: int) -> Any:
    """Parse one YAML document into JSON values; text that is not YAML comes back as None.

    Raises `Invalid`: `too_deep`, `too_many_nodes`, `duplicate_key`, `bad_number`, `aliases`
    (an alias to its own parent), `yaml_tag` (any tag but ``!!str``), `yaml_merge` (``<<``),
    `yaml_documents` (more than one).
    """
    import yaml

    if len(text) > MAX_TEXT:
        return None
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    tree = _Tree(max_depth)
    try:
        for event in yaml.parse(text, Loader=loader):
            tree.take(event, type(event).__name__)
    except yaml.YAMLError:
        return None
    return tree.root


class _Tree:
    """Takes parser events in order and holds the finished `root`."""

    def __init__(self, max_depth: int) -> None:
        self.root: Any = None
        self._max_depth = max_depth
        self._nodes = self._documents = 0
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}

    def take(self, event: Any, kind: str) -> None:
        """Take one event of PyYAML's stream; `kind` is the name of its class."""
        if kind == "DocumentStartEvent":
            self._documents += 1
            if self._documents > 1:
                raise Invalid("yaml_documents", "holds more than one YAML document")
        elif kind == "ScalarEvent":
            self._place(_scalar(event), event.anchor, 1)
        elif kind == "AliasEvent":
            if event.anchor not in self._anchors:
                raise Invalid("aliases", f"the alias *{event.anchor} has no finished value to stand for")
            self._place(*self._alias(event.anchor))
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self._start(event, {} if kind == "MappingStartEvent" else [])
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            done = self._open.pop()
            self._place(done.value, done.anchor, self._nodes - done.nodes_before + 1, counted=True)

    def _alias(self, anchor: str) -> tuple[Any, None, int]:
        value, size = self._anchors[anchor]
        return value, None, size

    def _start(self, event: Any, value: Any) -> None:
        if event.tag and event.tag not in ("!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            raise Invalid("yaml_tag", f"holds the YAML tag {event.tag[:60]}")
        self._count(1)
        self._open.append(_Open(value, event.anchor, self._nodes))
        if len(self._open) > self._max_depth:
            raise Invalid("too_deep", f"nested deeper than {self._max_depth} levels")

    def _count(self, size: int) -> None:
        self._nodes += size
        if self._nodes > MAX_NODES:
            raise Invalid("too_many_nodes", f"has more than {MAX_NODES} YAML nodes, aliases expanded")

    def _place(self, value: Any, anchor: str | None, size: int, *, counted: bool = False) -> None:
        if not counted:
            self._count(size)
        if anchor:
            self._anchors[anchor] = (value, size)
        if not self._open:
            self.root = value
            return
        self._open[-1].add(value)


class _Open:
    """A collection whose end has not come yet."""

    def __init__(self, value: Any, anchor: str | None, nodes_before: int) -> None:
        self.value, self.anchor, self.nodes_before = value, anchor, nodes_before
        self._key: str | None = None

    def add(self, child: Any) -> None:
        """Add the next item, key or value."""
        if isinstance(self.value, list):
            self.value.append(child)
        elif self._key is None:
            self._key = _key(child)
            if self._key in self.value:
                raise Invalid("duplicate_key", f"the key {self._key[:80]!r} stands twice in one mapping")
        else:
            self.value[self._key] = child
            self._key = None


def _key(child: Any) -> str:
    if child == "<<":
        raise Invalid("yaml_merge", "holds a YAML merge key (<<); write the keys out")
    if not isinstance(child, str):
        raise Invalid("wrong_shape", f"a mapping key is {type(child).__name__}, not text; put it in quotes")
    return child


def _scalar(event: Any) -> Any:
    text: str = event.value
    if event.tag:
        if event.tag not in _STRING_TAGS:
            raise Invalid("yaml_tag", f"holds the YAML tag {event.tag[:60]}")
        return text
    if event.style or not event.implicit[0]:
        return text
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _NULL.fullmatch(text):
        return None
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) or _NOT_FINITE.fullmatch(text):
        return _number(text)
    return text


def _number(text: str) -> float:
    value = float(text) if _FLOAT.fullmatch(text) else float("inf")
    if value in (float("inf"), float("-inf")):
        raise Invalid("bad_number", f"{text[:40]} is not a finite number")
    return value
