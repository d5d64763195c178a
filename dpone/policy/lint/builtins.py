"""Built-in functions: those of the dialect with their types, and why the others are not in it."""

from __future__ import annotations

from typing import NamedTuple


class Builtin(NamedTuple):
    """Types of the arguments and of the result; an empty text stands for any type."""

    args: tuple[str, ...]
    result: str


BUILTINS: dict[str, Builtin] = {
    "array.concat": Builtin(("array", "array"), "array"),
    "contains": Builtin(("string", "string"), "boolean"),
    "count": Builtin(("collection",), "integer"),
    "endswith": Builtin(("string", "string"), "boolean"),
    "is_array": Builtin(("",), "boolean"),
    "is_boolean": Builtin(("",), "boolean"),
    "is_null": Builtin(("",), "boolean"),
    "is_number": Builtin(("",), "boolean"),
    "is_object": Builtin(("",), "boolean"),
    "is_set": Builtin(("",), "boolean"),
    "is_string": Builtin(("",), "boolean"),
    "lower": Builtin(("string",), "string"),
    "object.get": Builtin(("object", "string", ""), ""),
    "set": Builtin((), "set"),
    "sprintf": Builtin(("string", "array"), "string"),
    "startswith": Builtin(("string", "string"), "boolean"),
    "sum": Builtin(("collection",), "integer"),
}

_HOST = "it is missing, unsafe or not the same at replay: the host verifies and states facts"
_REFUSED: dict[str, str] = {
    "max": "the embedded engine compares as text, max([9, 10]) is 9: let the collector take extremes",
    "min": "the embedded engine compares as text: let the collector take extremes",
    "sort": "the embedded engine sorts as text: let the collector sort",
    "semver": "1.10.0 counts as older than 1.9.0 here: let the collector give version keys",
    "time": "now does not replay and RFC 3339 times are undefined here: use age_seconds, from_future, evaluated_at",
    "regex": "patterns differ between engines and can hang or crash: match in the collector",
    "glob": "patterns differ between engines and can hang or crash: match in the collector",
    "round": "fractions have other digits here: let the collector compute",
    "ceil": "fractions have other digits here: let the collector compute",
    "floor": "fractions have other digits here: let the collector compute",
    "abs": "let the collector compute it",
    "concat": "over a set its order differs between engines: pass an array as a parameter, the host joins it",
    "walk": "it is slow and its order differs: let the collector flatten",
    "print": "rules answer, they do not print",
    "trace": "rules answer, they do not print",
    "upper": "letters beyond ASCII stay as they are here: let the collector fold",
    "object": "nested objects lose keys here: merge in the host, or use object.get",
    "to_number": "let the collector give numbers",
    "format_int": "let the host write sentences",
    "numbers": "let the collector give arrays",
    **dict.fromkeys(
        ("http", "net", "opa", "rand", "uuid", "yaml", "io", "crypto", "json", "graphql", "rego"), _HOST
    ),
    **dict.fromkeys(
        ("base64", "base64url", "hex", "urlquery", "units", "providers", "strings", "graph", "bits"), _HOST
    ),
}


def refusal(name: str) -> str:
    """Why a built-in function of OPA is not in the dialect; empty for a name nobody knows."""
    return _REFUSED.get(name) or _REFUSED.get(name.partition(".")[0] if "." in name else "", "")
