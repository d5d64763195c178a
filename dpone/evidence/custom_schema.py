"""The JSON Schema (draft 2020-12) of a custom kind: checked before it is used, so that it has one meaning,
reads nothing from elsewhere, and ends soon on any document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dpone.canonical import JsonProblem, parse_json

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MOST_WORK = 5_000
"""Most subschemas one value can meet, every reference followed."""

_REFUSED = {
    "$dynamicRef": "dynamic references are not accepted",
    "$dynamicAnchor": "dynamic references are not accepted",
    "$anchor": "anchors are not accepted; refer by JSON pointer",
    "$vocabulary": "vocabularies are not accepted",
    "pattern": "patterns are not accepted: they can run for hours on text from outside",
    "patternProperties": "patterns are not accepted: they can run for hours on text from outside",
    "uniqueItems": "it is not accepted: on lists from outside it can compare every element with every other",
}
_DATA = ("const", "enum", "default", "examples")
"""Keywords whose value is data, not a schema."""
_NAMED = ("properties", "$defs", "dependentSchemas")
"""Keywords whose members are names, each with a schema."""


class BadDefinition(Exception):
    """A definition or schema that is not accepted; the message is one sentence."""


def read_schema(text: str) -> dict[str, Any]:
    """Parse and check a schema. Raises `BadDefinition`."""
    from jsonschema import Draft202012Validator, SchemaError

    try:
        schema = parse_json(text.encode("utf-8"))
    except JsonProblem as problem:
        raise BadDefinition(f"is not JSON: {problem}") from None
    if not isinstance(schema, dict) or schema.get("$schema", DIALECT) != DIALECT:
        raise BadDefinition(f"must be an object of the dialect {DIALECT}")
    if schema.get("type") != "object" or not schema.get("required"):
        raise BadDefinition("must say type: object and name required members, or any document would fit it")
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        place = "/".join(str(key) for key in error.absolute_path)
        raise BadDefinition(f"is not a valid schema at /{place}") from None
    _check(schema, schema, "")
    _work(schema, schema, ())
    return schema


def first_mismatch(schema: Mapping[str, Any]) -> Callable[[Any], str | None]:
    """A function that says where a document breaks the schema, by keyword and pointer; None when it fits."""
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(dict(schema))

    def find(document: Any) -> str | None:
        error = next(iter(validator.iter_errors(document)), None)
        if error is None:
            return None
        pointer = "".join(f"/{key}" for key in error.absolute_path)
        return f"{error.validator} at {pointer or 'the document'}"[:200]

    return find


def _check(schema: Any, root: Mapping[str, Any], where: str) -> None:
    """Refuse what reads from elsewhere or may not end, in every subschema."""
    if isinstance(schema, list):
        for index, each in enumerate(schema):
            _check(each, root, f"{where}/{index}")
    if not isinstance(schema, dict):
        return
    for key, value in schema.items():
        if key in _DATA:
            continue
        if key in _REFUSED:
            raise BadDefinition(f"{where}/{key}: {_REFUSED[key]}")
        if key == "$id" and where:
            raise BadDefinition(f"{where}/$id: only the whole schema may have one")
        if key == "$ref":
            _target(value, root, where)
        elif key in _NAMED and isinstance(value, dict):
            for name, each in value.items():
                _check(each, root, f"{where}/{key}/{name}")
        else:
            _check(value, root, f"{where}/{key}")


def _target(reference: Any, root: Mapping[str, Any], where: str) -> Any:
    """What a reference inside the schema leads to. Raises `BadDefinition` for any other."""
    if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
        raise BadDefinition(f"{where}/$ref: only references inside the schema (#/$defs/...) are accepted")
    if "%" in reference:
        raise BadDefinition(f"{where}/$ref: escapes with % are not accepted")
    found: Any = root
    for key in reference.split("/")[1:]:
        name = key.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, dict) or name not in found:
            raise BadDefinition(f"{where}/$ref: there is no {reference[:80]}")
        found = found[name]
    return found


def _work(schema: Any, root: Mapping[str, Any], following: tuple[str, ...]) -> int:
    """How many subschemas a value can meet. Raises `BadDefinition` for too many, and for a circle."""
    if isinstance(schema, list):
        total = sum(_work(each, root, following) for each in schema)
    elif isinstance(schema, dict):
        total = 1
        for key, value in schema.items():
            if key == "$ref":
                if value in following:
                    raise BadDefinition(
                        f"{value[:80]} refers to itself; a circle of references is not accepted"
                    )
                total += _work(_target(value, root, ""), root, (*following, value))
            elif key in _NAMED and key != "$defs" and isinstance(value, dict):
                total += sum(_work(each, root, following) for each in value.values())
            elif key not in _DATA and key != "$defs":
                total += _work(value, root, following)
            if total > MOST_WORK:
                break
    else:
        total = 0
    if total > MOST_WORK:
        raise BadDefinition("is too much work: its references multiply")
    return total
