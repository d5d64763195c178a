"""Where things lie in a ledger's folder, and reading them. Nothing here writes.

::

    origin.json                          name and nonce; its SHA-256 is the ledger's genesis hash
    checkpoint                           the newest signed note: what it covers is recorded
    checkpoint.next                      the note of an append under way
    entries/0000/000/0000000042.json     one entry per file
    store/sha256/ab/ab12…                objects by digest
    cache/                               made from the entries, believed only as far as the checkpoint proves
    tmp/  lock                           of the one writer
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from dpone.canonical import JsonProblem, canonical_bytes, parse_json, sha256_hex
from dpone.errors import UndecidedError
from dpone.ledger.entry import MAX_ENTRY_BYTES, BadEntry, Entry, read_entry
from dpone.signing.note import MAX_NOTE_BYTES
from dpone.signing.trust import PinnedOrigin
from dpone.workspace import ReadProblem, read_file

ORIGIN_SCHEMA = "dpone.ledger-origin/v1"
MAX_OBJECT_BYTES = 1_000_000_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NONCE = re.compile(r"[0-9a-f]{64}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class LedgerFolder:
    """The places in a ledger's folder and what stands there."""

    path: Path

    @property
    def origin_file(self) -> Path:
        """Which ledger this is."""
        return self.path / "origin.json"

    @property
    def checkpoint_file(self) -> Path:
        """The newest checkpoint."""
        return self.path / "checkpoint"

    @property
    def next_file(self) -> Path:
        """The checkpoint of an append under way."""
        return self.path / "checkpoint.next"

    @property
    def store(self) -> Path:
        """The objects."""
        return self.path / "store" / "sha256"

    @property
    def cache(self) -> Path:
        """What can be made again from the entries."""
        return self.path / "cache"

    @property
    def tmp(self) -> Path:
        """Unfinished files of the writer that holds the lock."""
        return self.path / "tmp"

    def entry_file(self, index: int) -> Path:
        """The file of an entry: at most 1,000 files to a folder."""
        digits = f"{index:010d}"
        return self.path / "entries" / digits[:4] / digits[4:7] / f"{digits}.json"

    def object_file(self, digest: str) -> Path:
        """The file of an object; raises `UndecidedError` for what is no digest."""
        if not _DIGEST.fullmatch(digest):
            raise broken(f"{digest[:80]!r} is not the digest of an object", "give 64 hex digits")
        return self.store / digest[:2] / digest

    def exists(self) -> bool:
        """Whether there is anything of a ledger here."""
        return any(path.exists() for path in (self.origin_file, self.checkpoint_file, self.path / "entries"))

    def origin(self) -> PinnedOrigin | None:
        """The ledger's name and genesis hash; None where nothing was ever written."""
        if not self.exists():
            return None
        return parse_origin(self._must_read(self.origin_file, MAX_NOTE_BYTES))

    def checkpoint(self) -> bytes | None:
        """The bytes of the newest checkpoint, or None when there is none."""
        return self.read(self.checkpoint_file, MAX_NOTE_BYTES)

    def entry(self, index: int) -> Entry:
        """Read one entry; its place in the chain is for the caller to check."""
        path = self.entry_file(index)
        try:
            found = read_entry(self._must_read(path, MAX_ENTRY_BYTES))
        except BadEntry as error:
            raise broken(f"entry {index} of the ledger {self.path} cannot be read: {error}") from None
        if found.index != index:
            raise broken(f"{path} holds entry {found.index}")
        return found

    def read_object(self, digest: str) -> bytes:
        """An object's bytes, checked against its digest."""
        data = self._must_read(self.object_file(digest), MAX_OBJECT_BYTES)
        if sha256_hex(data) != digest:
            raise broken(f"the object {digest} of the ledger {self.path} was changed")
        return data

    def read(self, path: Path, limit: int) -> bytes | None:
        """A file's bytes, or None when there is no such file; raises `UndecidedError`."""
        try:
            return read_file(path, limit)
        except ReadProblem as problem:
            if problem.state == "missing":
                return None
            raise broken(f"{path} of the ledger: {problem.message}") from None

    def _must_read(self, path: Path, limit: int) -> bytes:
        data = self.read(path, limit)
        if data is None:
            raise broken(f"{path} of the ledger is missing")
        return data


def origin_bytes(name: str, nonce: str) -> bytes:
    """The origin document of a new ledger; `nonce` are 64 random hex digits."""
    return canonical_bytes({"schema": ORIGIN_SCHEMA, "name": name, "nonce": nonce})


def parse_origin(data: bytes) -> PinnedOrigin:
    """Read an origin document; the genesis hash is the SHA-256 of exactly these bytes."""
    try:
        root = parse_json(data, max_depth=2)
    except JsonProblem as problem:
        raise broken(f"the ledger's origin.json is not JSON: {problem}") from None
    right = (
        isinstance(root, dict)
        and root.keys() == {"schema", "name", "nonce"}
        and root["schema"] == ORIGIN_SCHEMA
    )
    if not right or not is_ledger_name(root["name"]) or not _matches(_NONCE, root["nonce"]):
        raise broken("the ledger's origin.json is not an origin document")
    return PinnedOrigin(root["name"], sha256_hex(data))


def is_ledger_name(name: object) -> bool:
    """Whether that can be a ledger's name: a word without spaces, plus or slash, as notes demand."""
    return _matches(_NAME, name)


def origin_line(origin: PinnedOrigin) -> str:
    """The origin line and key name of a ledger's checkpoints (c2sp.org/tlog-checkpoint)."""
    return f"{origin.name}/{origin.genesis}"


def broken(message: str, advice: str = "find out more: dpone ledger verify") -> UndecidedError:
    """The error for a ledger that cannot be relied on."""
    return UndecidedError(message, advice, code="ledger.broken")


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
