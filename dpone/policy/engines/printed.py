"""Reading what the embedded engine printed: one JSON value for an entry point, or it is a fault."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from dpone.policy.engines.interface import EngineFault


def read_values(printed: Sequence[tuple[Sequence[str], str]], given: Sequence[str]) -> dict[str, Any]:
    """The values of entry points that have one, from what was printed for one or for several of them; `given` and
    errors as `read_value` has them."""
    values: dict[str, Any] = {}
    for names, text in printed:
        alone = len(names) == 1
        who = names[0] if alone else f"{names[0]} and others"
        value = read_value(who, text, given)
        if value and alone:
            values[names[0]] = value[0]
        elif value and isinstance(value[0], list) and len(value[0]) == len(names):
            values.update(zip(names, value[0], strict=True))
        elif not alone:
            raise EngineFault("malformed", f"{who}: the engine printed no value for each")
    return values


def read_value(entrypoint: str, text: str, given: Sequence[str]) -> tuple[Any] | None:
    """The one value in what the engine printed, or None for undefined; `given` are the texts it was given.

    Raises `EngineFault` (malformed) for anything but one JSON value.
    """
    if text == "undefined":
        return None
    try:
        found = json.loads(text)
    except ValueError:
        raise EngineFault("malformed", f"{entrypoint}: the engine printed no JSON: {text[:200]}") from None
    values = found.get("expressions") if isinstance(found, dict) and found.keys() == {"expressions"} else None
    if not isinstance(values, list) or len(values) != 1:
        raise EngineFault("malformed", f"{entrypoint}: the engine printed no single value: {text[:200]}")
    # The engine can print an error node in place of a value; a given text may hold these letters too.
    if "(error" in text and not any("(error" in source for source in given):
        raise EngineFault("malformed", f"{entrypoint}: the engine printed an error: {text[:200]}")
    return (values[0],)
