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
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

from dpone.canonical import JsonProblem, canonical_bytes, parse_json, sha256_hex
from dpone.errors import UndecidedError
from dpone.ledger.entry import MAX_ENTRY_BYTES, BadEntry, Entry, read_entry
from dpone.signing.note import MAX_NOTE_BYTES
from dpone.signing.trust import PinnedOrigin

ORIGIN_SCHEMA = "dpone.ledger-origin/v1"
ORIGIN, CHECKPOINT, NEXT = "origin.json", "checkpoint", "checkpoint.next"
MAX_OBJECT_BYTES = 1_000_000_000
_READ_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NONCE = re.compile(r"[0-9a-f]{64}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class LedgerFiles(ABC):
    """A ledger's files, wherever they are kept; named as above, with forward slashes. `place` is how
    messages call it.
    """

    place: str
    files = frozenset({ORIGIN, CHECKPOINT, NEXT, "lock"})
    folders = frozenset({"entries", "store", "cache", "tmp"})
    """What may lie in the ledger itself."""

    @abstractmethod
    def read(self, name: str, limit: int) -> bytes | None:
        """A file's bytes, or None when there is no such file; raises `UndecidedError`."""

    @abstractmethod
    def has(self, name: str) -> bool:
        """Whether there is a file or folder of that name."""

    @abstractmethod
    def names(self, below: str) -> Iterator[str]:
        """The name of every file below a folder of the ledger, sorted; none where there is no such folder."""

    @abstractmethod
    def top(self) -> Iterator[tuple[str, bool]]:
        """What lies in the ledger itself, sorted by name, and whether it is a folder."""

    @abstractmethod
    def keep(self, name: str, data: bytes, *, locked: bool = False) -> None:
        """Put a file below ``cache/`` in one step where that is possible; a lost one is only made again.
        `locked`: by the one writer, which also clears what a dead one left.
        """

    def exists(self) -> bool:
        """Whether there is anything of a ledger here."""
        return any(self.has(name) for name in (ORIGIN, CHECKPOINT, "entries"))

    def origin(self) -> PinnedOrigin | None:
        """The ledger's name and genesis hash; None where nothing was ever written."""
        if not self.exists():
            return None
        return parse_origin(self.must_read(ORIGIN, MAX_NOTE_BYTES))

    def checkpoint(self) -> bytes | None:
        """The bytes of the newest checkpoint, or None when there is none."""
        return self.read(CHECKPOINT, MAX_NOTE_BYTES)

    def entry(self, index: int) -> Entry:
        """Read one entry; its place in the chain is for the caller to check."""
        try:
            found = read_entry(self.must_read(entry_name(index), MAX_ENTRY_BYTES))
        except BadEntry as error:
            raise broken(f"entry {index + 1} of the ledger {self.place} cannot be read: {error}") from None
        if found.index != index:
            raise broken(
                f"in the place of entry {index + 1} of the ledger {self.place} stands entry {found.index + 1}"
            )
        return found

    def read_object(self, digest: str) -> bytes:
        """An object's bytes, checked against its digest."""
        data = self.must_read(object_name(digest), MAX_OBJECT_BYTES)
        if sha256_hex(data) != digest:
            raise broken(f"the object {digest} of the ledger {self.place} was changed")
        return data

    def must_read(self, name: str, limit: int) -> bytes:
        """A file's bytes; raises `UndecidedError` when there is no such file."""
        data = self.read(name, limit)
        if data is None:
            raise broken(f"{name} of the ledger {self.place} is missing")
        return data


class LedgerFolder(LedgerFiles):
    """The files of a ledger in a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.place = str(path)

    def file(self, name: str) -> Path:
        """The path of a file."""
        return self.path / name

    def read(self, name: str, limit: int) -> bytes | None:
        """See `LedgerFiles.read`."""
        try:
            return _read_plain(f"{self.place}/{name}", limit)
        except FileNotFoundError:
            return None
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise broken(f"{name} of the ledger {self.place}: {why}") from None

    def has(self, name: str) -> bool:
        """See `LedgerFiles.has`."""
        return self.file(name).exists()

    def names(self, below: str) -> Iterator[str]:
        """See `LedgerFiles.names`."""
        start = len(self.place) + 1
        for place, folders, files in os.walk(f"{self.place}/{below}"):
            folders.sort()
            prefix = place[start:].replace(os.sep, "/")
            for name in sorted(files):
                yield f"{prefix}/{name}"

    def top(self) -> Iterator[tuple[str, bool]]:
        """See `LedgerFiles.top`."""
        for path in sorted(self.path.iterdir()) if self.path.is_dir() else ():
            yield path.name, path.is_dir()

    def keep(self, name: str, data: bytes, *, locked: bool = False) -> None:
        """See `LedgerFiles.keep`. Readers write here without the lock, hence not in tmp/, which the writer
        empties.
        """
        part = f"{os.urandom(8).hex()}.part"
        temporary = self.file(f"tmp/{part}" if locked else f"cache/{part}")
        try:
            self.file("cache").mkdir(exist_ok=True)
            temporary.write_bytes(data)
            temporary.replace(self.file(name))
        except OSError:
            temporary.unlink(missing_ok=True)


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
