"""in-toto Statements v1 (github.com/in-toto/attestation, spec/v1/statement.md): which files, said what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from dpone.canonical import JsonProblem, canonical_bytes, parse_json
from dpone.record import dataclass
from dpone.signing.dsse import BrokenSeal

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class StatementSubject:
    """A file the statement is about: its name and the SHA-256 of its bytes in lowercase hex."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Statement:
    """What was said about which files. `predicate_type` is a URI, `predicate` its JSON object."""

    subjects: tuple[StatementSubject, ...]
    predicate_type: str
    predicate: Mapping[str, Any]

    def names(self, sha256: str) -> tuple[str, ...]:
        """The names under which the statement lists a file with that digest; empty when it does not."""
        return tuple(subject.name for subject in self.subjects if subject.sha256 == sha256)


def statement_bytes(
    subjects: Iterable[StatementSubject], predicate_type: str, predicate: Mapping[str, Any]
) -> bytes:
    """The canonical bytes of a statement, subjects sorted by name: the payload to seal.

    Raises `ValueError` for what `read_statement` would refuse, so that nothing unreadable is signed.
    """
    ordered = sorted(subjects, key=lambda subject: (subject.name, subject.sha256))
    data = canonical_bytes(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": subject.name, "digest": {"sha256": subject.sha256}} for subject in ordered],
            "predicateType": predicate_type,
            "predicate": dict(predicate),
        }
    )
    try:
        read_statement(data)
    except BrokenSeal as error:
        raise ValueError(error.message) from None
    return data


def read_statement(payload: bytes, predicate_type: str = "") -> Statement:
    """Read a statement of ours from a verified payload; `predicate_type`, when given, must match.

    Exactly the keys of the specification, at least one subject, each with a name of its own and exactly a
    sha256. Raises `BrokenSeal` (`not_json`, `wrong_shape`, `wrong_type`).
    """
    try:
        root = parse_json(payload)
    except JsonProblem as problem:
        raise BrokenSeal("not_json", f"the statement is not JSON: {problem}") from None
    if not isinstance(root, dict) or set(root) != {"_type", "subject", "predicateType", "predicate"}:
        raise BrokenSeal("wrong_shape", "it is not an in-toto statement: its keys differ")
    if root["_type"] != STATEMENT_TYPE:
        raise BrokenSeal("wrong_type", f"it is not a {STATEMENT_TYPE}")
    found = root["predicateType"]
    if not isinstance(found, str) or not found or (predicate_type and found != predicate_type):
        raise BrokenSeal("wrong_type", f"its predicate is a {str(found)[:80]!r}, not a {predicate_type!r}")
    if not isinstance(root["predicate"], dict):
        raise BrokenSeal("wrong_shape", "its predicate is not an object")
    if not isinstance(root["subject"], list) or not root["subject"]:
        raise BrokenSeal("wrong_shape", "it names no subject")
    subjects = tuple(_subject(item) for item in root["subject"])
    if len({subject.name for subject in subjects}) != len(subjects):
        raise BrokenSeal("wrong_shape", "two subjects have the same name")
    return Statement(subjects, found, root["predicate"])


def _subject(item: object) -> StatementSubject:
    if isinstance(item, dict) and set(item) == {"name", "digest"}:
        name, digest = item["name"], item["digest"]
        if isinstance(name, str) and name and isinstance(digest, dict) and set(digest) == {"sha256"}:
            sha256 = digest["sha256"]
            if isinstance(sha256, str) and _SHA256.fullmatch(sha256):
                return StatementSubject(name, sha256)
    raise BrokenSeal("wrong_shape", "a subject is not a name with its sha256")
