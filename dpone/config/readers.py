"""Readers of configuration values: each returns the value as the program uses it, or raises `ValueError` with what is
expected."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any


def choice(*names: str) -> tuple[Callable[[Any], Any], dict[str, Any]]:
    """One of some names, and the JSON Schema of that."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in names:
            raise ValueError(f"one of {', '.join(names)}")
        return value

    return read, {"enum": list(names)}


def whole(low: int, high: int) -> tuple[Callable[[Any], Any], dict[str, Any]]:
    """A whole number between two, and its JSON Schema."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return read, {"type": "integer", "minimum": low, "maximum": high}


def number(low: float, high: float) -> tuple[Callable[[Any], Any], dict[str, Any]]:
    """A number between two, and its JSON Schema."""

    def read(value: Any) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"a number from {low:g} to {high:g}")
        return value

    return read, {"type": "number", "minimum": low, "maximum": high}


def text(value: Any) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError("a text that is not empty")
    return value


def texts(value: Any) -> list[str]:
    """A list of texts."""
    if not isinstance(value, list) or any(not isinstance(item, str) or not item for item in value):
        raise ValueError("a list of texts")
    return list(value)


def boolean(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("true or false")  # noqa: TRY004  # one exception type for every wrong value
    return value


def require(value: Any) -> str | list[str]:
    """`declared`, or names of evidence."""
    if value == "declared":
        return "declared"
    try:
        return texts(value)
    except ValueError:
        raise ValueError("declared, or a list of evidence names") from None


def objectives(value: Any) -> dict[str, Any]:
    """Bounds by metric."""
    good = isinstance(value, dict) and all(
        isinstance(k, str) and isinstance(v, dict) and v and set(v) <= {"min", "max", "reduce"}
        for k, v in value.items()
    )
    if not good:
        raise ValueError("a map from metric to {max: N} or {min: N}")
    for metric, bounds in value.items():
        limits = {k: v for k, v in bounds.items() if k != "reduce"}
        if not limits or any(isinstance(v, bool) or not isinstance(v, int | float) for v in limits.values()):
            raise ValueError(f"a number for max or min of {metric}")
    return dict(value)


def settings(value: Any) -> dict[str, Any]:
    """A map of what a team's own rules read."""
    if not isinstance(value, dict):
        raise ValueError("a map of settings that your own rules read")  # noqa: TRY004
    return dict(value)


def people(value: Any) -> list[str]:
    """Who does not count among those who approve."""
    found = texts(value)
    if not set(found) <= {"requester", "deployer"}:
        raise ValueError("a list of requester and deployer")
    return found


def string_map(value: Any) -> dict[str, str]:
    """A map from name to text."""
    if not isinstance(value, dict) or any(not isinstance(v, str) for v in value.values()):
        raise ValueError("a map from name to text")
    return dict(value)


ENGINE = r"regopy|opa|opa-server:https?://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?"


def engine(value: Any) -> str:
    """An engine, a server with its address."""
    if not isinstance(value, str) or not re.fullmatch(ENGINE, value):
        raise ValueError("regopy, opa, or opa-server:http://HOST:PORT")
    if int(re.sub(r".*:([0-9]+)(/.*)?$|.*", r"\1", value.partition("://")[2]) or 0) > 65535:
        raise ValueError("a port up to 65535")
    return value


def digest(value: Any) -> str:
    """A SHA-256 in hex."""
    if not isinstance(value, str) or not re.fullmatch("[0-9a-fA-F]{64}", value):
        raise ValueError("a SHA-256 in 64 hex digits")
    return value.lower()
