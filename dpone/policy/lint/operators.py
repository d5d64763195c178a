"""Operators: which types they join so that every engine gives the same answer."""

from __future__ import annotations

import re

from dpone.policy.dialect.tokens import Place
from dpone.policy.dialect.tree import Array, Call, Operation, Scalar
from dpone.policy.lint.shapes import Shape

_COLLECTIONS = ("array", "set", "object", "collection")
_NUMBERS = ("number", "integer")
_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)

Problem = tuple[Place, str]


def fits(shape: Shape, wanted: str) -> bool:
    """Whether a value of this shape can be of the type `wanted`; an empty type is any."""
    if not shape.type or not wanted:
        return True
    if wanted == "collection":
        return shape.type in _COLLECTIONS
    if shape.type == "collection":
        return wanted in _COLLECTIONS
    return shape.type == wanted or (shape.type in _NUMBERS and wanted in _NUMBERS)


def check_operation(term: Operation, left: Shape, right: Shape, *, test: bool) -> tuple[Shape, list[Problem]]:
    """The shape of the result, and what is wrong; in tests collections may be compared for equality."""
    if term.operator in ("==", "!="):
        return Shape("boolean"), _equality(term, left, right, test=test)
    if term.operator in ("<", "<=", ">", ">="):
        return Shape("boolean"), _order(term, left, right)
    if term.operator == "in":
        return Shape("boolean"), _membership(term, left, right)
    if term.operator in ("|", "&") or "set" in (left.type, right.type):
        return Shape("set", element=left.element), _sets(term, left, right)
    return Shape("integer"), _arithmetic(term, left, right)


def _equality(term: Operation, left: Shape, right: Shape, *, test: bool) -> list[Problem]:
    if not test and (left.type in _COLLECTIONS or right.type in _COLLECTIONS):
        return [(term.at, "collections compare as text here: compare counts, or go through them with `every`")]
    if not fits(left, right.type):
        return [(term.at, f"{left.type} is compared with {right.type}: engines answer differently")]
    for one, other in ((left, right), (right, left)):
        never = [text for text in one.only if text not in other.only]
        if len(one.only) == 1 and other.only and never:
            return [(term.at, f'this is never "{never[0]}"; it can be {", ".join(other.only)}')]
    return []


def _order(term: Operation, left: Shape, right: Shape) -> list[Problem]:
    wrong = [side.type for side in (left, right) if side.type and side.type not in _NUMBERS]
    return [(term.at, f"`{term.operator}` compares numbers only, here is {wrong[0]}")] if wrong else []


def _membership(term: Operation, left: Shape, right: Shape) -> list[Problem]:
    if right.type not in ("", "array", "set", "collection"):
        return [(term.at, f"`in` looks into arrays and sets, here is {right.type}")]
    if right.element and not fits(left, right.element.type):
        return [(term.at, f"{left.type} is never among values of type {right.element.type}")]
    return []


def _sets(term: Operation, left: Shape, right: Shape) -> list[Problem]:
    wrong = [side.type for side in (left, right) if side.type not in ("", "set", "collection")]
    return [(term.at, f"`{term.operator}` joins sets here, this is {wrong[0]}")] if wrong else []


def _arithmetic(term: Operation, left: Shape, right: Shape) -> list[Problem]:
    for side in (left, right):
        if side.type == "number":
            return [(term.at, "fractions get other digits in every engine: let the collector compute")]
        if side.type not in ("", "integer"):
            return [(term.at, f"`{term.operator}` takes whole numbers, here is {side.type}")]
    return []


def check_sprintf(term: Call) -> list[Problem]:
    """`sprintf` has a constant format with %s, %v and as many values, and none of them a collection. regopy 1.5.2 cuts
    what `%d` prints to 32 bits."""
    pattern, values = term.args
    if not isinstance(pattern, Scalar) or not isinstance(pattern.value, str):
        return [(pattern.at, "the format is a constant text")]
    found = [match[1] for match in _DIRECTIVE.finditer(pattern.value.replace("%%", ""))]
    if any(letter not in ("s", "v") for letter in found):
        return [(pattern.at, "only %s and %v are portable, and %v prints a whole number")]
    if not isinstance(values, Array):
        return [(values.at, 'the values stand in an array: sprintf("%s", [x])')]
    if len(values.items) != len(found):
        return [(term.at, f"the format asks for {len(found)} values, here are {len(values.items)}")]
    return []
