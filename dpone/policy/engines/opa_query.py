"""What OPA is asked and how its answers are read: the same for the binary and for a server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dpone.policy.engines import canary
from dpone.policy.engines.interface import EngineFault, FaultCode

BUILD_ERRORS = ("rego_parse_error", "rego_compile_error", "rego_type_error", "rego_unsafe_var_error",
                "rego_recursion_error", "invalid_parameter")  # fmt: skip
"""Codes of errors that are there before anything is evaluated."""

_SHOWN = 500


def reference(entrypoint: str, prefix: Sequence[str] = ()) -> str:
    """`dpone/evidence/fresh` as a reference: `data["dpone"]["evidence"]["fresh"]`."""
    return "data" + "".join(f"[{json.dumps(part)}]" for part in (*prefix, *entrypoint.split("/")))


def collected(entrypoint: str, prefix: Sequence[str] = ()) -> str:
    """A term that is always defined: the value of an entry point in a list, or an empty list."""
    return f"[value | value := {reference(entrypoint, prefix)}]"


def query_text(entrypoints: Iterable[str]) -> str:
    """One query for all entry points."""
    pairs = (f"{json.dumps(name)}: {collected(name)}" for name in entrypoints)
    return "{" + ", ".join(pairs) + "}"


def checked_input(text: str) -> bytes:
    """The bytes of an input that is one JSON document. OPA would read other text as YAML: a fault."""
    try:
        json.loads(text, parse_constant=_no_constant)
    except ValueError as error:
        raise EngineFault("evaluation", f"the input is not JSON: {error}") from None
    return text.encode("utf-8")


def read_json(data: bytes, what: str) -> Any:
    """Parse what OPA printed. Raises `EngineFault` (malformed)."""
    try:
        return json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        shown = data[:200].decode("utf-8", "replace")
        raise EngineFault("malformed", f"{what} printed no JSON: {shown}") from None


def read_values(found: Any, asked: Sequence[str], what: str) -> dict[str, Any]:
    """The value of every entry point that has one. Raises `EngineFault` (malformed) for another form."""
    if not isinstance(found, dict) or found.keys() != set(asked):
        raise EngineFault("malformed", f"{what} does not answer what it was asked")
    if not all(isinstance(value, list) and len(value) <= 1 for value in found.values()):
        raise EngineFault("malformed", f"{what} gives no single value for an entry point")
    return {name: value[0] for name, value in found.items() if value}


def error_fault(errors: Any, what: str) -> EngineFault:
    """The fault behind OPA's list of errors."""
    listed = [e for e in errors if isinstance(e, dict)] if isinstance(errors, list) else []
    if not listed:
        return EngineFault("malformed", f"{what} gave an error without saying which")
    code: FaultCode = "load" if any(e.get("code") in BUILD_ERRORS for e in listed) else "evaluation"
    said = "; ".join(f"{e.get('code', '')} {e.get('message', '')}".strip() for e in listed[:3])
    return EngineFault(code, f"{what}: {said[:_SHOWN]}")


def check_canary(values: Mapping[str, Any], what: str) -> None:
    """Raise `EngineFault` (canary) when known expressions have other values."""
    if wrong := canary.wrong_answer(dict(values)):
        raise EngineFault("canary", f"{what} answers the canary {wrong!r} wrongly")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
