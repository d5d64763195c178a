"""What one value of a row is: its identity for comparisons, and its type."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from dpone.data.strict import exact
from dpone.workspace import read_time

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def identity(value: Any) -> tuple[str, Any]:
    """A hashable stand-in that is equal exactly when two values are the same.

    Numbers compare by value (1 is 1.0), and never equal a text or a boolean; objects compare without
    regard to key order.
    """
    if isinstance(value, str):
        return ("text", value)
    if isinstance(value, bool) or value is None:
        return ("constant", value)
    if isinstance(value, Mapping):
        return ("object", frozenset((key, identity(item)) for key, item in value.items()))
    if isinstance(value, (list, tuple)):
        return ("array", tuple(identity(item) for item in value))
    number = exact(value)
    return ("number", number) if number is not None else ("other", json.dumps(value, default=str))


def has_type(value: Any, name: str) -> bool:
    """Whether `value` has the contract type `name` (one of `contracts.TYPES`)."""
    if name == "string":
        return isinstance(value, str)
    if name == "boolean":
        return isinstance(value, bool)
    if name == "object":
        return isinstance(value, Mapping)
    if name == "array":
        return isinstance(value, (list, tuple))
    if name == "timestamp":
        return isinstance(value, str) and read_time(value) is not None
    if name == "date":
        return (
            isinstance(value, str)
            and bool(_DATE.fullmatch(value))
            and read_time(value + "T00:00:00Z") is not None
        )
    number = exact(value)
    if number is None:
        return False
    return name == "number" or isinstance(number, int) or number == number.to_integral_value()
