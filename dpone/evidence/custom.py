"""Custom kinds of evidence: a JSON Schema that says which documents they are, and JSON pointers that say where
claim, counts, subject and date stand. Declared in a policy layer, named `custom/<name>`, tried last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dpone.canonical import JsonProblem, parse_json, sha256_hex
from dpone.evidence.custom_schema import BadDefinition, first_mismatch, read_schema
from dpone.evidence.fields import Field, plain_number
from dpone.evidence.model import Counts, Document, Invalid, Reading, Reported, Subject
from dpone.evidence.recognition import CUSTOM, Collector
from dpone.record import asdict, dataclass, field

COUNTS = tuple(asdict(Counts()))
SUBJECT = tuple(asdict(Subject()))
MOST_FACTS = 50
LONGEST_TEXT = 200

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
_POINTER = re.compile(r"(/([^~/]|~[01])*)*")
_KEYS = ("schema", "claim", "counts", "subject", "produced_at", "facts", "title", "producer")


@dataclass(frozen=True)
class Definition:
    """One custom kind as declared. `claim` is the pointer to the verdict, empty without one; `passed` and
    `failed` are the values there that have a meaning; the maps are from name to pointer; `digest` is of the
    definition and its schema."""

    name: str
    digest: str
    schema: Mapping[str, Any]
    claim: str = ""
    passed: tuple[Any, ...] = (True, "passed")
    failed: tuple[Any, ...] = (False, "failed")
    counts: Mapping[str, str] = field(default_factory=dict)
    subject: Mapping[str, str] = field(default_factory=dict)
    produced_at: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    producer: str = ""


def read_definition(file: str, text: str, schemas: Mapping[str, str]) -> Definition:
    """Read the definition in `file` (`<name>.yaml`, `.yml` or `.json`); `schemas` are the schema files beside
    it. Raises `BadDefinition` with one sentence for whatever has no single meaning."""
    name = file.rpartition(".")[0]
    if len(name) > 50 or not _NAME.fullmatch(name):
        raise BadDefinition(f"{name[:60]!r} cannot name a kind: use small letters, digits and -")
    data = _parse(file, text)
    unknown = sorted(set(data) - set(_KEYS))
    if unknown:
        raise BadDefinition(f"has an unknown key {unknown[0][:60]!r}; known: {', '.join(_KEYS)}")
    schema = data.get("schema")
    if not isinstance(schema, str) or schema not in schemas:
        raise BadDefinition("schema must name a file beside it that ends in .schema.json")
    try:
        checked = read_schema(schemas[schema])
    except BadDefinition as bad:
        raise BadDefinition(f"{schema} {bad}") from None
    counts = _pointers(data, "counts", COUNTS)
    if "passed" not in counts:
        raise BadDefinition(
            "counts must say where passed stands, or nothing could ever be shown to be evaluated"
        )
    claim, passed, failed = _claim(data.get("claim"))
    return Definition(
        name=name,
        digest=sha256_hex(f"{text}\0{schemas[schema]}".encode()),
        schema=checked,
        claim=claim,
        passed=passed,
        failed=failed,
        counts=counts,
        subject=_pointers(data, "subject", SUBJECT),
        produced_at=_pointer(data["produced_at"], "produced_at") if "produced_at" in data else "",
        facts=_facts(data),
        title=_line(data, "title") or f"{CUSTOM}{name}",
        producer=_line(data, "producer") or "run its tool again",
    )


def collector_of(definition: Definition) -> Collector:
    """The collector that a definition describes."""
    mismatch = first_mismatch(definition.schema)
    kind = f"{CUSTOM}{definition.name}"

    def recognize(document: Document) -> bool:
        return document.syntax in ("json", "yaml") and mismatch(document.root) is None

    def near(document: Document) -> str:
        told = mismatch(document.root) if document.syntax in ("json", "yaml") else None
        return f"something that breaks the schema of {kind}: {told}" if told else ""

    def read(document: Document, _options: Mapping[str, Any]) -> Reading:
        return read_custom(definition, document)

    return Collector(kind, definition.title, definition.producer, recognize, read, near, lambda _: False)


def read_custom(definition: Definition, document: Document) -> Reading:
    """Read a document that fits the schema. A count that is not there is not 0: nothing is shown then."""
    root = document.root
    numbers = {name: _count(root, pointer) for name, pointer in definition.counts.items()}
    counts = Counts(**{name: number for name, number in numbers.items() if number is not None})
    missing = sorted(name for name, number in numbers.items() if number is None)
    claim = _claimed(definition, root)
    bad = counts.failed + counts.errored
    contradictions = []
    if claim == "passed" and bad:
        contradictions.append(f"{definition.claim} says passed, its counts say {bad} failed")
    if claim == "failed" and not bad and not missing:
        contradictions.append(f"{definition.claim} says failed, its counts say that nothing did")
    empty = bool(missing) or not counts.passed
    reported: Reported = "failed" if bad or claim == "failed" else "empty" if empty else "passed"
    when = _at(root, definition.produced_at) if definition.produced_at else None
    return Reading(
        kind=f"{CUSTOM}{definition.name}",
        tool=definition.title,
        reported=reported,
        counts=counts,
        facts={
            "definition": definition.digest,
            "claim": claim,
            "missing_counts": len(missing),
            "missing_names": ", ".join(missing),
            "values": {name: _value(root, pointer) for name, pointer in definition.facts.items()},
        },
        summary=f"{counts.passed} passed, {bad} failed"
        + (f", no count of {', '.join(missing)}" if missing else ""),
        claims=Subject(**{name: _text(root, pointer) for name, pointer in definition.subject.items()}),
        produced_at=when.instant() if when else None,
        contradictions=tuple(contradictions),
    )


def _claimed(definition: Definition, root: Any) -> str:
    """`passed`, `failed`, or `none` where the kind has no claim or the document makes none."""
    found = _at(root, definition.claim) if definition.claim else None
    if found is None:
        return "none"
    for word, values in (("passed", definition.passed), ("failed", definition.failed)):
        # True and 1 are not the same word here
        if any(type(found.value) is type(value) and found.value == value for value in values):
            return word
    raise Invalid("unknown_value", f"{found.pointer} has a value without a known meaning", found.pointer)


def _count(root: Any, pointer: str) -> int | None:
    found = _at(root, pointer)
    if found is None:
        return None
    return len(found.value) if isinstance(found.value, list) else found.count()


def _text(root: Any, pointer: str) -> str:
    found = _at(root, pointer)
    return found.text()[:LONGEST_TEXT] if found else ""


def _value(root: Any, pointer: str) -> str | int | float | bool:
    """One selected value: a text (cut), a number or a boolean, which must be there."""
    found = _at(root, pointer)
    if found is None:
        raise Invalid("wrong_shape", f"there is nothing at {pointer}", pointer)
    value = found.value
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return plain_number(value, pointer)
    return found.text()[:LONGEST_TEXT]


def _at(root: Any, pointer: str) -> Field | None:
    """What an RFC 6901 pointer leads to; None where there is nothing, or null."""
    found = root
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and key in found:
            found = found[key]
        elif isinstance(found, list) and re.fullmatch(r"0|[1-9][0-9]{0,8}", key) and int(key) < len(found):
            found = found[int(key)]
        else:
            return None
    return None if found is None else Field(found, pointer)


def _parse(file: str, text: str) -> dict[str, Any]:
    from dpone.strict_yaml import parse_yaml

    try:
        data = parse_json(text.encode()) if file.endswith(".json") else parse_yaml(text.encode())
    except JsonProblem as problem:
        raise BadDefinition(f"cannot be read: {problem}") from None
    if not isinstance(data, dict):
        raise BadDefinition("must be a map")
    return data


def _claim(value: Any) -> tuple[str, tuple[Any, ...], tuple[Any, ...]]:
    """The pointer, or {at: pointer, passed: [values], failed: [values]}."""
    default = Definition("", "", {})
    if value is None:
        return "", (), ()
    if isinstance(value, str):
        return _pointer(value, "claim"), default.passed, default.failed
    if not isinstance(value, dict) or set(value) != {"at", "passed", "failed"}:
        raise BadDefinition("claim must be a pointer, or a map of at, passed and failed")
    words = [value["passed"], value["failed"]]
    if not all(isinstance(each, list) and each for each in words):
        raise BadDefinition("claim.passed and claim.failed must be lists of values")
    if any(not isinstance(each, (str, bool, int)) for each in (*words[0], *words[1])):
        raise BadDefinition("claim.passed and claim.failed hold texts, whole numbers and booleans")
    if any(type(a) is type(b) and a == b for a in words[0] for b in words[1]):
        raise BadDefinition("claim.passed and claim.failed have a value in common")
    return _pointer(value["at"], "claim.at"), tuple(words[0]), tuple(words[1])


def _pointers(data: Mapping[str, Any], key: str, names: tuple[str, ...]) -> dict[str, str]:
    given = data.get(key, {})
    if not isinstance(given, dict) or not set(given) <= set(names):
        raise BadDefinition(f"{key} must be a map with some of {', '.join(names)}")
    return {name: _pointer(value, f"{key}.{name}") for name, value in given.items()}


def _facts(data: Mapping[str, Any]) -> dict[str, str]:
    given = data.get("facts", {})
    if not isinstance(given, dict) or len(given) > MOST_FACTS:
        raise BadDefinition(f"facts must be a map from name to pointer, at most {MOST_FACTS}")
    for name in given:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,49}", name, re.ASCII):
            raise BadDefinition(f"facts: {name[:60]!r} is not a name; use small letters, digits and _")
    return {name: _pointer(value, f"facts.{name}") for name, value in given.items()}


def _pointer(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value or len(value) > LONGEST_TEXT or not _POINTER.fullmatch(value):
        raise BadDefinition(f"{where} must be a JSON pointer such as /summary/passed")
    return value


def _line(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key, "")
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or not (value.isprintable() or not value):
        raise BadDefinition(f"{key} must be one line of text")
    return value
