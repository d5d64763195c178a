"""METADATA blocks: what title, messages and custom keys a rule may carry, and how they are read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from dpone.policy.dialect.tree import Metadata
from dpone.record import dataclass

AppliesTo = Literal["", "evidence", "kind", "artifact", "service", "required", "gate", "waiver"]
Severity = Literal["error", "warning"]
Mode = Literal["enforce", "warn", "shadow"]

_DEPTH = 8
_TEXT = 500
_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ)?", re.ASCII)
_CODE = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9_]*)+", re.ASCII)
_CHOICES: dict[str, tuple[str, ...]] = {
    "applies_to": ("evidence", "kind", "artifact", "service", "required", "gate", "waiver"),
    "severity": ("error", "warning"),
    "mode": ("enforce", "warn", "shadow"),
}
_TEXTS = ("message", "remedy", "concern")
_FLAGS = ("mandatory", "waivable", "content", "value")
_TOP = ("title", "description", "custom", "authors", "organizations", "related_resources")


@dataclass(frozen=True)
class Annotation:
    """A METADATA block, read. Empty texts mean: not said.

    `applies_to` makes a rule a check; `code` describes what `deny` or `warn` yield under that code.
    `mandatory` rules cannot be waived or replaced; `content` marks a rule that judges what evidence says;
    `value` one whose params are part of the result also when it finds nothing (a level, a score);
    `concern` is the sentence for many items at once; `effective_from` is a date or an instant (RFC 3339).
    """

    title: str = ""
    description: str = ""
    applies_to: AppliesTo = ""
    severity: Severity = "error"
    mandatory: bool = False
    waivable: bool = True
    content: bool = False
    value: bool = False
    message: str = ""
    remedy: str = ""
    concern: str = ""
    code: str = ""
    effective_from: str = ""
    mode: Mode = "enforce"


class AnnotationError(ValueError):
    """A METADATA block that cannot be read; the message is for its author."""


def read_annotation(metadata: Metadata) -> Annotation:
    """Read a block. Raises `AnnotationError` for YAML with two meanings, unknown keys and wrong types."""
    from dpone.strict_yaml import YamlProblem, parse_yaml

    try:
        found = parse_yaml(metadata.text.encode(), _DEPTH)
    except YamlProblem as error:
        raise AnnotationError(f"METADATA must be YAML with one meaning: {error}") from None
    if not isinstance(found, dict):
        raise AnnotationError("METADATA must be YAML with keys such as title and custom, indented alike")
    for key in found:
        if key not in _TOP:
            raise AnnotationError(f"METADATA has no key {key!r}; known are {', '.join(_TOP)}")
    custom = found.get("custom", {})
    if not isinstance(custom, dict):
        raise AnnotationError("METADATA: custom must hold keys")
    waivable = not custom.get("mandatory", False)
    values: dict[str, Any] = {"waivable": waivable, **dict(_known(found)), **dict(_custom(custom))}
    if values.get("mandatory") and values["waivable"]:
        raise AnnotationError("METADATA: a mandatory rule cannot be waivable")
    return Annotation(**values)


def _known(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in ("title", "description"):
        if key in found:
            yield key, _line(key, found[key])


def _custom(custom: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in custom.items():
        if key in _CHOICES:
            if value not in _CHOICES[key]:
                raise AnnotationError(f"METADATA: {key} must be one of {', '.join(_CHOICES[key])}")
        elif key in _FLAGS:
            if not isinstance(value, bool):
                raise AnnotationError(f"METADATA: {key} must be true or false")
        elif key in _TEXTS:
            _line(key, value)
        elif key == "code":
            if not isinstance(value, str) or not _CODE.fullmatch(value):
                raise AnnotationError("METADATA: code must look like `layer.rule_name`")
        elif key == "effective_from":
            if not isinstance(value, str) or not _DATE.fullmatch(value):
                raise AnnotationError(
                    "METADATA: effective_from must look like 2026-07-01 or 2026-07-01T00:00:00Z"
                )
        else:
            known = ", ".join((*_CHOICES, *_FLAGS, *_TEXTS, "code", "effective_from"))
            raise AnnotationError(f"METADATA has no key custom.{key}; known are {known}")
        yield key, value


def _line(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > _TEXT or not value.isprintable():
        raise AnnotationError(f"METADATA: {key} must be one printable line of at most {_TEXT} characters")
    return value
