"""A configuration in JSON, YAML, TOML or `.env`: what it is, and its values with their types.

The name says the format where it can, and the content must agree; where the name says nothing, exactly one
format must be able to read the content. What two readers could understand differently is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from dpone.canonical import JsonProblem, parse_json
from dpone.data.drift.dotenv import parse_dotenv
from dpone.data.drift.flatten import MAX_DEPTH, Flat, Problem, flatten
from dpone.data.secrets.redact import redact

SLOW_LIMIT = 5_000_000
"""Most bytes of a document whose parser is no match for a large one (YAML, TOML)."""

ENDINGS = ((".json", "json"), (".yaml", "yaml"), (".yml", "yaml"), (".toml", "toml"), (".env", "env"))
_SURROGATE = re.compile(rb"\\[uU](?:0000)?[dD][89a-fA-F]")


def read_flat(data: bytes, name: str, lists: str) -> Flat:
    """The flat form of a document. `name` is the file's name (empty: not a file), `lists` how lists are
    compared. Raises `Problem`, whose message holds nothing that looks secret."""
    try:
        return _read(data, name, lists)
    except JsonProblem as problem:
        raise Problem(problem.reason, redact(str(problem))) from None


def _read(data: bytes, name: str, lists: str) -> Flat:
    form = format_of(name)
    text = _text(data)
    if form:
        return flatten(_collection(PARSERS[form](data, text), form), form, lists)
    found: dict[str, Any] = {}
    for other, parse in PARSERS.items():
        if other == "yaml" and "json" in found:
            continue  # JSON is YAML; it is the same document
        try:
            found[other] = _collection(parse(data, text), other)
        except JsonProblem as problem:
            if problem.reason not in _NOT_THAT:
                raise
    if not found:
        raise Problem(
            "unknown_format", "neither JSON, YAML, TOML nor .env; give a file whose name says which it is"
        )
    if len(found) > 1:
        raise Problem(
            "ambiguous_format", f"{' and '.join(found)} can both read it; give a file whose name says which"
        )
    ((form, root),) = found.items()
    return flatten(root, form, lists)


def format_of(name: str) -> str:
    """The format that a file's name promises; empty when it promises none."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1].lower()
    for ending, form in ENDINGS:
        if last.endswith(ending):
            return form
    return "env" if last.startswith(".env.") else ""


_NOT_THAT = frozenset({"not_json", "not_yaml", "not_toml", "not_env", "wrong_shape", "too_large"})
"""Reasons that say: this is not a document of that format. Any other makes the whole document bad."""


def _text(data: bytes) -> str:
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise Problem("byte_order_mark", "starts with a byte order mark; write it as UTF-8 without one")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem("not_utf8", f"byte {error.start} is not UTF-8") from None
    if "\0" in text:
        raise Problem("not_utf8", "holds a NUL: binary data, or UTF-16")
    if not text.strip():
        raise Problem("empty", "the file is empty; write {} for a configuration without values")
    return text


def _collection(root: Any, form: str) -> Any:
    if not isinstance(root, (dict, list)):
        raise Problem("wrong_shape", f"as {form} it is one value; a configuration is an object or a list")
    return root


def _json(data: bytes, text: str) -> Any:
    parse_json(data, MAX_DEPTH)
    if _SURROGATE.search(data):
        _no_half_characters(json.loads(text))
    return json.loads(text, parse_float=Decimal)


def _no_half_characters(root: Any) -> None:
    try:
        json.dumps(root, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise Problem("bad_text", "a text holds half of a surrogate pair, which is not a character") from None


def _yaml(data: bytes, text: str) -> Any:
    from dpone.strict_yaml import parse_yaml

    _not_large(text, "YAML")
    root = parse_yaml(data, MAX_DEPTH)
    if _SURROGATE.search(data):
        _no_half_characters(root)
    return root


def _toml(data: bytes, text: str) -> Any:
    del data
    _not_large(text, "TOML")
    if any(_steps(found[0]) > MAX_DEPTH for found in _DOTTED.finditer(text)):
        raise Problem("too_deep", f"nested deeper than {MAX_DEPTH} levels")
    reader = _toml_reader()
    try:
        return reader.loads(text, parse_float=Decimal)
    except RecursionError:
        raise Problem("too_deep", f"nested deeper than {MAX_DEPTH} levels") from None
    except ValueError as error:
        if isinstance(error, JsonProblem):
            raise
        raise Problem("not_toml", f"not TOML: {error}") from None


_KEY = re.compile(r"""[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*'""")
_DOTTED = re.compile(rf"(?:{_KEY.pattern})(?:[ \t]*\.[ \t]*(?:{_KEY.pattern}))*")


def _steps(dotted: str) -> int:
    """How many keys a dotted key has; its reader takes time quadratic in them."""
    return sum(1 for _ in _KEY.finditer(dotted)) if dotted.count(".") > MAX_DEPTH else 1


def _toml_reader() -> Any:
    """Python's own reader, or before 3.11 the package it was made from."""
    try:
        import tomllib as reader  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        try:
            import tomli as reader  # type: ignore[import-not-found, no-redef, unused-ignore]
        except ImportError:
            message = "TOML needs Python 3.11, or tomli, which dpone is installed with; nothing was compared"
            raise Problem("toml_unavailable", message) from None
    return reader


def _env(data: bytes, text: str) -> Any:
    del data
    return parse_dotenv(text)


def _not_large(text: str, form: str) -> None:
    if len(text) > SLOW_LIMIT:
        raise Problem("too_large", f"{len(text)} characters are too many for {form}; write it as JSON")


PARSERS: dict[str, Callable[[bytes, str], Any]] = {"json": _json, "yaml": _yaml, "toml": _toml, "env": _env}
