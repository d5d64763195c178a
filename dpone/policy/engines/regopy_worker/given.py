"""Giving an interpreter its input."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

MAX_INTEGER = 2**53 - 1
FIRST = (
    "evidence", "name", "kind", "state", "facts", "producer", "seal", "binding", "dated", "foreign_fields",
    "age_seconds", "max_age_seconds", "from_future", "duplicate_name", "contradictions", "trust",
)  # fmt: skip
"""Keys that are put into every object first: the engine finds a key by trying one after the other, and these
are asked for most. The order has no meaning in Rego."""
_quote = json.encoder.encode_basestring


class TextNeeded(Exception):
    """A value the binding's Input object would change: the engine must parse it from text."""


def set_input(interpreter: Any, text: str) -> None:
    """Give an interpreter the input, through the binding's Input object where that changes nothing."""
    from regopy.rego_shared import rego_free_input, rego_new_input, rego_set_input

    handle = rego_new_input()
    try:
        _push(handle, json.loads(text))
        rego_set_input(interpreter._impl, handle)  # noqa: SLF001 - Input(value) is four times slower
    except TextNeeded:
        interpreter.set_input_term(text)
    finally:
        rego_free_input(handle)


def _push(handle: Any, root: Any) -> None:
    """Build the Input object for `root`.

    Strings go in JSON-escaped, which is how the engine keeps what it parsed itself. Integers beyond
    2**53 - 1 and numbers that six decimals do not hold would be changed: `TextNeeded`.
    """
    call = _calls()
    string, member = call["String"], call["ObjectItem"]
    orders: dict[tuple[str, ...], list[tuple[str, bytes]]] = {}

    def push(value: Any) -> None:
        kind = type(value)
        if kind is str:
            string(handle, _quote(value)[1:-1].encode())
        elif kind is dict:
            names = tuple(value)
            order = orders.get(names)
            if order is None:
                order = orders[names] = _in_order(value)
            for key, quoted in order:
                string(handle, quoted)
                push(value[key])
                member(handle)
            call["Object"](handle, len(value))
        elif kind is list:
            for item in value:
                push(item)
            call["Array"](handle, len(value))
        elif kind is bool:
            call["Boolean"](handle, value)
        elif kind is int and abs(value) <= MAX_INTEGER:
            call["Int"](handle, value)
        elif kind is float and abs(value) < 1e9 and float(f"{value:.6f}") == value:
            call["Float"](handle, value)
        elif value is None:
            call["Null"](handle)
        else:
            raise TextNeeded

    push(root)


def _in_order(names: dict[str, Any]) -> list[tuple[str, bytes]]:
    """Keys of an object in the order in which they are given, each as it is written."""
    return [(key, _quote(key)[1:-1].encode()) for key in {**{k: 0 for k in FIRST if k in names}, **names}]


@cache
def _calls() -> dict[str, Any]:
    """The functions of the library that build an input. They are over at once, so they keep the GIL: handing it
    over costs more than they do."""
    import ctypes

    from regopy.rego_shared import rego

    library = ctypes.PyDLL(rego._name)  # noqa: SLF001 - the very library the binding has loaded
    found = {}
    for name in ("String", "ObjectItem", "Object", "Array", "Boolean", "Int", "Float", "Null"):
        there, call = getattr(rego, f"regoInput{name}"), getattr(library, f"regoInput{name}")
        call.argtypes, call.restype = there.argtypes, there.restype
        found[name] = call
    return found
