"""What is known about a value without running anything: its type and, for input, its JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpone.record import dataclass


@dataclass(frozen=True)
class Shape:
    """`type` is a JSON type name, `integer`, `set`, `collection` (array, set or object) or empty for unknown.

    `schema` describes values that come from input; `element` those inside an array or set; `only` lists
    the texts a value can be, where the schema names them.
    """

    type: str = ""
    schema: Mapping[str, Any] | None = None
    element: Shape | None = None
    only: tuple[str, ...] = ()


UNKNOWN = Shape()


def of_schema(schema: Mapping[str, Any] | None, root: Mapping[str, Any] | None) -> Shape:
    """The shape of values a JSON Schema describes; `root` resolves references into the same document."""
    schema = _resolved(schema, root)
    if schema is None:
        return UNKNOWN
    values = [schema["const"]] if "const" in schema else schema.get("enum", [])
    if values and all(isinstance(value, str) for value in values):
        return Shape("string", schema, only=tuple(values))
    kind = schema.get("type", "")
    if not isinstance(kind, str) or kind == "null":
        return UNKNOWN
    element = of_schema(schema.get("items"), root) if kind == "array" else None
    return Shape(kind, schema, element)


def child(shape: Shape, key: str, root: Mapping[str, Any] | None) -> tuple[Shape, str]:
    """The shape of a field, and what is wrong with asking for it (empty when nothing is)."""
    if shape.type in ("string", "number", "integer", "boolean"):
        return UNKNOWN, f"is a {shape.type} and has no fields"
    if shape.type in ("array", "set"):
        return UNKNOWN, f"is an {shape.type}: go through it with `some x in`"
    if shape.schema is None:
        return UNKNOWN, ""
    fields = shape.schema.get("properties", {})
    if key in fields:
        return of_schema(fields[key], root), ""
    other = shape.schema.get("additionalProperties", not fields)
    if other is False:
        return UNKNOWN, f"has no field {key!r}; it has {', '.join(sorted(fields))}"
    return of_schema(other, root) if isinstance(other, Mapping) else UNKNOWN, ""


def promised(shape: Shape, key: str, root: Mapping[str, Any] | None) -> Shape | None:
    """The shape of a field that every value of this shape has, or None for one that may not be there."""
    if shape.schema is None or key not in shape.schema.get("required", ()):
        return None
    return of_schema(shape.schema.get("properties", {}).get(key), root)


def together(shapes: list[Shape]) -> Shape:
    """What holds for a value that has one of these shapes."""
    if not shapes or any(shape.type != shapes[0].type for shape in shapes):
        return UNKNOWN
    return shapes[0] if all(shape == shapes[0] for shape in shapes) else Shape(shapes[0].type)


def _resolved(schema: Any, root: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    for _ in range(10):
        if not isinstance(schema, Mapping):
            return None
        if "$ref" not in schema:
            return schema
        found: Any = root
        for part in str(schema["$ref"]).removeprefix("#").strip("/").split("/"):
            found = found.get(part) if isinstance(found, Mapping) else None
        schema = found
    return None
