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

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from dpone.canonical import JsonProblem, canonical_bytes, parse_json, sha256_hex
from dpone.errors import UndecidedError
from dpone.ledger.entry import MAX_ENTRY_BYTES, BadEntry, Entry, read_entry
from dpone.record import dataclass
from dpone.signing.note import MAX_NOTE_BYTES
from dpone.signing.trust import PinnedOrigin

ORIGIN_SCHEMA = "dpone.ledger-origin/v1"
ORIGIN, CHECKPOINT, NEXT = "origin.json", "checkpoint", "checkpoint.next"
MAX_OBJECT_BYTES = 1_000_000_000
_READ_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NONCE = re.compile(r"[0-9a-f]{64}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class LedgerFolder:
    """A ledger's folder. Files in it are named relative to it, with forward slashes."""

    path: Path

    def file(self, name: str) -> Path:
        """The path of a file."""
        return self.path / name

    def exists(self) -> bool:
        """Whether there is anything of a ledger here."""
        return any(self.file(name).exists() for name in (ORIGIN, CHECKPOINT, "entries"))

    def read(self, name: str, limit: int) -> bytes | None:
        """A file's bytes, or None when there is no such file; raises `UndecidedError`."""
        try:
            return _read_plain(f"{self.path}/{name}", limit)
        except FileNotFoundError:
            return None
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise broken(f"{name} of the ledger {self.path}: {why}") from None

    def origin(self) -> PinnedOrigin | None:
        """The ledger's name and genesis hash; None where nothing was ever written."""
        if not self.exists():
            return None
        return parse_origin(self._must_read(ORIGIN, MAX_NOTE_BYTES))

    def checkpoint(self) -> bytes | None:
        """The bytes of the newest checkpoint, or None when there is none."""
        return self.read(CHECKPOINT, MAX_NOTE_BYTES)

    def entry(self, index: int) -> Entry:
        """Read one entry; its place in the chain is for the caller to check."""
        try:
            found = read_entry(self._must_read(entry_name(index), MAX_ENTRY_BYTES))
        except BadEntry as error:
            raise broken(f"entry {index + 1} of the ledger {self.path} cannot be read: {error}") from None
        if found.index != index:
            raise broken(
                f"in the place of entry {index + 1} of the ledger {self.path} stands entry {found.index + 1}"
            )
        return found

    def read_object(self, digest: str) -> bytes:
        """An object's bytes, checked against its digest."""
        data = self._must_read(object_name(digest), MAX_OBJECT_BYTES)
        if sha256_hex(data) != digest:
            raise broken(f"the object {digest} of the ledger {self.path} was changed")
        return data

    def names(self, below: str) -> Iterator[str]:
        """The name of every file below a folder of the ledger, sorted; none where there is no such folder."""
        start = len(str(self.path)) + 1
        for place, folders, files in os.walk(f"{self.path}/{below}"):
            folders.sort()
            prefix = place[start:].replace(os.sep, "/")
            for name in sorted(files):
                yield f"{prefix}/{name}"

    def _must_read(self, name: str, limit: int) -> bytes:
        data = self.read(name, limit)
        if data is None:
            raise broken(f"{name} of the ledger {self.path} is missing")
        return data


def entry_name(index: int) -> str:
    """The file of an entry: at most 1,000 files to a folder."""
    digits = f"{index:010d}"
    return f"entries/{digits[:4]}/{digits[4:7]}/{digits}.json"


def object_name(digest: str) -> str:
    """The file of an object; raises `UndecidedError` for what is no digest."""
    if not _DIGEST.fullmatch(digest):
        raise broken(f"{digest[:80]!r} is not the digest of an object", "give 64 hex digits")
    return f"store/sha256/{digest[:2]}/{digest}"


def _read_plain(path: str, limit: int) -> bytes:
    """A regular file's bytes, symbolic links not followed. A quarter of what `workspace.read_file` costs,
    which counts where ten thousand entries are verified.
    """
    handle = os.open(path, _READ_FLAGS)
    try:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode):
            raise OSError("it is not a regular file")
        if info.st_size > limit:
            raise OSError(f"it has {info.st_size} bytes, the limit is {limit}")
        parts = []
        rest = info.st_size
        while rest > 0:
            part = os.read(handle, rest)
            if not part:
                raise OSError("it became shorter while it was read")
            parts.append(part)
            rest -= len(part)
        return b"".join(parts)
    finally:
        os.close(handle)


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
