"""The files of a ledger in one commit, read without checking anything out."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import suppress
from threading import Lock
from typing import IO, TYPE_CHECKING

from dpone.ledger.git.program import Git
from dpone.ledger.layout import CHECKPOINT, ORIGIN, LedgerFiles, LedgerFolder, broken
from dpone.record import dataclass

if TYPE_CHECKING:
    from subprocess import Popen

_PLAIN = ("100644", "100664", "100755")
_FOLDER = "40000"
_RAW_BYTES = 20  # of a SHA-1; a repository in SHA-256 is refused when it is fetched
_CHUNK = 1 << 16


@dataclass(frozen=True)
class _Row:
    """One row of a git tree."""

    mode: str
    object_id: str


class Objects:
    """Reads objects of the private repository through one ``git cat-file --batch``, begun when first needed."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._pipes: tuple[IO[bytes], IO[bytes]] | None = None
        self._lock = Lock()  # one question at a time: a replay reads from several threads

    def read(self, name: str, kind: str, limit: int) -> bytes | None:
        """The content of an object of that kind; None when there is none. `name` as git writes it."""
        with self._lock:
            return self._read(name, kind, limit)

    def _read(self, name: str, kind: str, limit: int) -> bytes | None:
        ask, answer = self._open()
        try:
            ask.write(name.encode("utf-8") + b"\n")
            ask.flush()
            words = answer.readline().decode("utf-8", "replace").split()
            if len(words) != 3 or not words[2].isdigit():
                if words[-1:] == ["missing"]:
                    return None
                raise broken(f"git cannot read {name} of the ledger's repository")
            size, parts = int(words[2]), []
            fits = words[1] == kind and size <= limit
            rest = size + 1
            while rest > 0:
                part = answer.read(min(rest, _CHUNK))
                if not part:
                    raise broken(f"git ended while it read {name} of the ledger's repository")
                rest -= len(part)
                if fits:
                    parts.append(part)
        except OSError as error:
            raise broken(f"git ended while it read {name} of the ledger's repository: {error}") from None
        if words[1] != kind:
            raise broken(f"{name} of the ledger's repository is a {words[1]}, not a {kind}")
        if size > limit:
            raise broken(f"{name} of the ledger's repository has {size} bytes, the limit is {limit}")
        return b"".join(parts)[:-1]

    def _open(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._pipes is None:
            import subprocess

            process = subprocess.Popen(
                self._git.command("cat-file", "--batch"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=self._git.environment(),
                start_new_session=True,
            )
            assert process.stdin
            assert process.stdout
            self._pipes = process.stdin, process.stdout
            weakref.finalize(self, _close, process)
        return self._pipes


def _close(process: Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    process.wait()


class GitFiles(LedgerFiles):
    """The ledger's files in a commit; with none (an empty text) there is not one of them.

    ``cache/`` is not in git: it lies in a folder of this workspace.
    """

    files = frozenset({ORIGIN, CHECKPOINT})
    folders = frozenset({"entries", "store"})

    def __init__(self, place: str, commit: str, objects: Objects, cache: LedgerFolder) -> None:
        self.place, self.commit = place, commit
        self._objects, self._cache = objects, cache
        self._listed: dict[str, dict[str, _Row]] = {}

    def read(self, name: str, limit: int) -> bytes | None:
        """See `LedgerFiles.read`."""
        if name.startswith("cache/"):
            return self._cache.read(name, limit)
        row = self._row(name)
        if row is None:
            return None
        if row.mode not in _PLAIN:
            raise broken(f"{name} of the ledger {self.place}: it is not a regular file")
        data = self._objects.read(row.object_id, "blob", limit)
        if data is None:
            raise broken(f"{name} of the ledger {self.place}: its object is not in the repository")
        return data

    def has(self, name: str) -> bool:
        """See `LedgerFiles.has`."""
        return self._row(name) is not None

    def names(self, below: str) -> Iterator[str]:
        """See `LedgerFiles.names`."""
        if below in ("cache", "tmp"):
            yield from self._cache.names(below)
            return
        rows = self._rows(below)
        for name in sorted(rows):
            if rows[name].mode == _FOLDER:
                yield from self.names(f"{below}/{name}")
            else:
                yield f"{below}/{name}"

    def top(self) -> Iterator[tuple[str, bool]]:
        """See `LedgerFiles.top`."""
        for name, row in sorted(self._rows("").items()):
            yield name, row.mode == _FOLDER

    def keep(self, name: str, data: bytes, *, locked: bool = False) -> None:
        """See `LedgerFiles.keep`."""
        self._cache.keep(name, data, locked=locked)

    def _row(self, name: str) -> _Row | None:
        folder, _, last = name.rpartition("/")
        return self._rows(folder).get(last)

    def _rows(self, folder: str) -> dict[str, _Row]:
        """The rows of a folder, asked for once; every folder above it is known then too."""
        if folder not in self._listed:
            if folder:
                row = self._row(folder)
                found = row.object_id if row is not None and row.mode == _FOLDER else ""
            else:
                found = f"{self.commit}^{{tree}}" if self.commit else ""
            data = self._objects.read(found, "tree", _MAX_TREE_BYTES) if found else b""
            if data is None:
                raise broken(f"a folder of the ledger {self.place} is not in the repository: {folder or '/'}")
            try:
                self._listed[folder] = _parse(data)
            except ValueError:
                raise broken(f"a folder of the ledger {self.place} cannot be read: {folder or '/'}") from None
        return self._listed[folder]


_MAX_TREE_BYTES = 100_000_000


def _parse(data: bytes) -> dict[str, _Row]:
    """The rows of a tree object: mode, space, name, NUL, raw id."""
    rows: dict[str, _Row] = {}
    at = 0
    while at < len(data):
        space = data.index(b" ", at)
        end = data.index(b"\0", space)
        name = data[space + 1 : end].decode("utf-8", "replace")
        raw = data[end + 1 : end + 1 + _RAW_BYTES]
        rows[name] = _Row(data[at:space].decode("ascii", "replace"), raw.hex())
        at = end + 1 + _RAW_BYTES
    return rows
