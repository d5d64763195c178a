"""JSON with one meaning: strict parsing, canonical bytes (RFC 8785) and digests.

Only stdlib is imported at the top; `rfc8785` is imported when something is really hashed.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

MAX_INTEGER = 2**53 - 1
"""Largest integer JSON numbers carry without loss (RFC 8785 section 3.2.2.3, RFC 7493)."""

MAX_DEPTH = 100
"""Default nesting limit; deeper documents are refused before they reach a recursive parser."""


class JsonProblem(ValueError):
    """JSON text that has no single meaning; `reason` is a stable code, the text says where."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def parse_json(data: bytes, max_depth: int = MAX_DEPTH) -> Any:
    """Parse UTF-8 JSON and refuse what would be read differently elsewhere.

    Raises `JsonProblem` with reason `not_utf8`, `empty`, `too_deep`, `duplicate_key`,
    `bad_number` (NaN, Infinity, integers beyond 2**53 - 1 stay exact Python ints and are allowed) or
    `not_json`. A byte order mark is refused as RFC 8259 section 8.1 allows.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonProblem("not_utf8", f"byte {error.start} is not UTF-8") from None
    if not text.strip():
        raise JsonProblem("empty", "the file is empty")
    check_depth(text, max_depth)
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite)
    except JsonProblem:
        raise
    except json.JSONDecodeError as error:
        raise JsonProblem("not_json", f"{error.msg} at line {error.lineno} column {error.colno}") from None
    except (ValueError, RecursionError) as error:
        raise JsonProblem("not_json", str(error)) from None


def check_depth(text: str, max_depth: int) -> None:
    """Refuse JSON or flow-style YAML nested deeper than `max_depth`, in one pass without recursion."""
    if text.count("[") + text.count("{") <= max_depth:
        return
    depth = 0
    in_string = escaped = False
    for char in text:
        if in_string:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                in_string = False
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            if depth > max_depth:
                raise JsonProblem("too_deep", f"nested deeper than {max_depth} levels")
        elif char in "]}":
            depth -= 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise JsonProblem("duplicate_key", f"the key {json.dumps(key)} stands twice in one object")
            seen.add(key)
    return result


def _refuse_constant(name: str) -> Any:
    raise JsonProblem("bad_number", f"{name} is not a JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise JsonProblem("bad_number", f"{text[:40]} is too large for a number")
    return value


def canonical_bytes(value: Any) -> bytes:
    """Return the RFC 8785 bytes of `value`; integers beyond 2**53 - 1 are an error there."""
    import rfc8785

    return rfc8785.dumps(value)


LONG = 100
"""Lists with more members stand one member a line: indenting is slow, and nobody reads ten thousand by eye."""


def pretty_bytes(value: Any) -> bytes:
    """Return `value` as sorted, indented JSON for files people open, ending in a newline."""
    if not isinstance(value, dict):
        return _indented(value).encode("utf-8") + b"\n"
    members = (f"  {json.dumps(key, ensure_ascii=False)}: {_member(value[key])}" for key in sorted(value))
    text = "{\n" + ",\n".join(members) + "\n}\n" if value else "{}\n"
    return text.encode("utf-8")


def _member(value: Any) -> str:
    if isinstance(value, list) and len(value) > LONG:
        # One encoder for all lines: json.dumps makes one at each call, which costs more than a line does.
        lines = map(json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False).encode, value)
        return "[\n    " + ",\n    ".join(lines) + "\n  ]"
    return _indented(value).replace("\n", "\n  ")


def _indented(value: Any) -> str:
    return json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of `data` as 64 lowercase hex digits."""
    return hashlib.sha256(data).hexdigest()


def digest(value: Any) -> str:
    """Return the SHA-256 (hex) of the canonical bytes of `value`."""
    return sha256_hex(canonical_bytes(value))
