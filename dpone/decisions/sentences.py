"""The host writes the sentences: messages live in rule metadata, rules pass parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dpone.errors import one_line
from dpone.evidence.model import of_decision, sayable

_FIELD = re.compile(r"\{([a-z][a-z0-9_.]*)\}")


def said_of(item: Mapping[str, Any], templates: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an item and of the input document that templates name, in the form of parameters that a rule
    would pass on."""
    found = {}
    for name in _FIELD.findall(templates):
        value: Any
        path, value = (name, document) if of_decision(name) else (sayable(name), item)
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if value is not None:
            found[path] = value
    return found


def place(pointer: str, item: Mapping[str, Any]) -> str:
    """A pointer into an item: the one that a rule gives, or that in the field it names, `{facts.not_ok_at}`."""
    named = _FIELD.fullmatch(pointer)
    return str(said_of(item, pointer, {}).get(named[1], pointer)) if named else pointer


def sentence(template: str, params: Mapping[str, Any], about: Mapping[str, str]) -> str:
    """Fill a message template from the rule's parameters and from what is known about the item.

    A parameter `age_seconds` may also be written `{age}`, for people. A field nobody supplies stays
    visible as `{name}`, so that a wrong template shows.
    """

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        if name in params:
            return plain(params[name])
        if f"{name}_seconds" in params:
            return span(params[f"{name}_seconds"])
        return about.get(name, match[0])

    return one_line(_FIELD.sub(fill, template))


def plain(value: Any) -> str:
    """A parameter as people read it: lists joined, at most ten, booleans as yes and no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        shown = ", ".join(plain(v) for v in value[:10])
        return f"{shown} and {len(value) - 10} more" if len(value) > 10 else shown
    if isinstance(value, float):
        return f"{value:g}" if abs(value) < 1e6 else repr(value)
    return str(value)


def span(seconds: Any) -> str:
    """Seconds as the largest unit that says it well: `4 min`, `11 h`, `31 d`."""
    if not isinstance(seconds, int | float):
        return plain(seconds)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size * 2 or (seconds >= size and seconds % size == 0):
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
