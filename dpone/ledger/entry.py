"""One entry of the ledger: its canonical bytes, and reading them back strictly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from dpone.canonical import JsonProblem, canonical_bytes, parse_json
from dpone.errors import UndecidedError
from dpone.ledger.merkle import leaf_hash
from dpone.record import dataclass, field
from dpone.signing.trust import PinnedOrigin
from dpone.workspace import read_time, time_text

ENTRY_SCHEMA = "dpone.ledger-entry/v1"
GENESIS = "genesis"
"""What `previous` says in the first entry."""

MAX_ENTRY_BYTES = 1_000_000
_KEYS = frozenset({"schema", "origin", "index", "previous", "type", "recorded_at", "body"})
_TYPE = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_HASH = re.compile(r"[0-9a-f]{64}")


class BadEntry(Exception):
    """Bytes that are no entry; the message is one sentence."""


@dataclass(frozen=True)
class Entry:
    """An entry as it was recorded.

    `hash` is its RFC 6962 leaf hash, `previous` that of the entry before or `GENESIS`, both in hex.
    `body` belongs to the type; four of its keys have a meaning here: `kind` and `subject` (an object of
    texts) are what `find` looks for, `envelope` is the digest of the signed envelope, and `objects` lists
    the digests of everything in the store that the entry needs.
    """

    index: int
    origin: PinnedOrigin
    previous: str
    type: str
    recorded_at: datetime
    body: Mapping[str, Any]
    hash: str
    data: bytes = field(repr=False)

    @property
    def envelope(self) -> str:
        """The digest of the entry's signed envelope, or empty."""
        return str(self.body.get("envelope", ""))

    def digests(self) -> Iterator[str]:
        """The digests of the store's objects that the entry names."""
        yield from self.body.get("objects", ())
        if self.envelope:
            yield self.envelope

    def is_about(self, kind: str, subject: Mapping[str, str]) -> bool:
        """Whether the entry is of that kind (any when empty) and its subject has every text of `subject`."""
        own = self.body.get("subject", {})
        return (not kind or self.body.get("kind") == kind) and all(
            own.get(name) == text for name, text in subject.items()
        )


def entry_bytes(
    origin: PinnedOrigin, index: int, previous: str, type_: str, recorded_at: datetime, body: Mapping[str, Any]
) -> bytes:
    """The canonical bytes (RFC 8785) of an entry; raises `UndecidedError` for one that could not be read
    again.
    """
    document = {
        "schema": ENTRY_SCHEMA,
        "origin": {"name": origin.name, "genesis": origin.genesis},
        "index": index,
        "previous": previous,
        "type": type_,
        "recorded_at": time_text(recorded_at),
        "body": dict(body),
    }
    try:
        data = canonical_bytes(document)
        read_entry(data)
    except (BadEntry, ValueError) as error:
        raise UndecidedError(
            f"entry {index + 1} of the ledger cannot be written: {error}",
            "report this as a defect",
            code="ledger.entry",
        ) from None
    return data


def read_entry(data: bytes) -> Entry:
    """Read an entry's bytes. Raises `BadEntry`."""
    if len(data) > MAX_ENTRY_BYTES:
        raise BadEntry(f"it has {len(data)} bytes, the limit is {MAX_ENTRY_BYTES}")
    try:
        root = parse_json(data)
    except JsonProblem as problem:
        raise BadEntry(f"it is not JSON: {problem}") from None
    if not isinstance(root, dict) or root.keys() != _KEYS or root["schema"] != ENTRY_SCHEMA:
        raise BadEntry(f"it is not a {ENTRY_SCHEMA}")
    origin, index, previous = root["origin"], root["index"], root["previous"]
    if not isinstance(origin, dict) or origin.keys() != {"name", "genesis"} or not _texts(origin.values()):
        raise BadEntry("its origin is not a name and a genesis hash")
    if type(index) is not int or index < 0:
        raise BadEntry("its index is not a number")
    if not isinstance(previous, str) or not (previous == GENESIS if index == 0 else _HASH.fullmatch(previous)):
        raise BadEntry("its previous is not the hash of an entry")
    if not isinstance(root["type"], str) or not _TYPE.fullmatch(root["type"]):
        raise BadEntry("its type is not a short lowercase word")
    recorded_at = read_time(root["recorded_at"]) if isinstance(root["recorded_at"], str) else None
    if recorded_at is None:
        raise BadEntry("its recorded_at is not a time")
    _check_body(root["body"])
    return Entry(
        index=index,
        origin=PinnedOrigin(origin["name"], origin["genesis"]),
        previous=previous,
        type=root["type"],
        recorded_at=recorded_at,
        body=root["body"],
        hash=leaf_hash(data).hex(),
        data=data,
    )


def _check_body(body: object) -> None:
    if not isinstance(body, dict):
        raise BadEntry("its body is not an object")
    subject = body.get("subject", {})
    if not isinstance(subject, dict) or not _texts(subject.values()) or not _texts([body.get("kind", "")]):
        raise BadEntry("its kind is not a text or its subject not an object of texts")
    objects, envelope = body.get("objects", []), body.get("envelope", "")
    if not isinstance(objects, list) or not _texts([envelope, *objects]):
        raise BadEntry("its objects and envelope are not digests")
    if not all(map(_HASH.fullmatch, objects)) or (envelope and not _HASH.fullmatch(envelope)):
        raise BadEntry("its objects and envelope are not digests")


def _texts(values: Any) -> bool:
    return all(isinstance(value, str) for value in values)
