"""A ledger in a folder: safe under parallel writers, kill -9 and a full disk (see `append` and `layout`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from dpone.errors import UndecidedError, UsageError
from dpone.ledger.append import Writer, disk, make_folder
from dpone.ledger.entry import Entry
from dpone.ledger.interface import EntryCheck, Ledger, LedgerReport, Receipt
from dpone.ledger.layout import NEXT, LedgerFolder, broken, entry_name, is_ledger_name
from dpone.ledger.lookup import proven_entries
from dpone.ledger.tree import read_head
from dpone.ledger.verify import verify_folder
from dpone.locks import exclusive
from dpone.signing.keys import Signer
from dpone.signing.note import Checkpoint
from dpone.signing.public import PublicKey
from dpone.signing.trust import PinnedOrigin
from dpone.workspace import Workspace

LOCK_TIMEOUT_SECONDS = 120


class FolderLedger:
    """A `Ledger` in a folder; `open_ledger` makes it. Nothing is created before the first append.

    `name` is for a new ledger. `pinned`: the only ledger this may be. `keys`: whose checkpoints may be
    read and continued, besides the appending signer's; empty: anybody's, which then only `verify` checks.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        pinned: PinnedOrigin | None = None,
        keys: tuple[PublicKey, ...] = (),
        lock_timeout: float = LOCK_TIMEOUT_SECONDS,
    ) -> None:
        self.path = path
        self._folder = LedgerFolder(path)
        self._name = name
        self._pinned = pinned
        self._keys = keys
        self._lock_timeout = lock_timeout
        self._proven: tuple[Checkpoint | None, list[bytes]] = (None, [])

    def origin(self) -> PinnedOrigin | None:
        """Which ledger this is; None where nothing was ever written and nothing is pinned."""
        found = self._folder.origin()
        if self._pinned and found is None:
            raise UndecidedError(
                f"there is no ledger at {self.path}, but the trust file pins one ({self._pinned.name})",
                "restore it from its copy; a new one is never begun in its place",
                code="ledger.pinned_missing",
            )
        if self._pinned and found != self._pinned:
            raise UndecidedError(
                f"the ledger at {self.path} is not the one the trust file pins ({self._pinned.name})",
                "restore the right one, or pin this one on purpose",
                code="ledger.not_pinned",
            )
        return found

    def create(self) -> PinnedOrigin:
        """Begin the ledger without an entry, to be pinned; what is there already stays."""
        with self._locked() as writer:
            return writer.start(self._name)

    def append(
        self,
        type_: str,
        body: Mapping[str, Any],
        recorded_at: datetime,
        objects: Iterable[bytes],
        signer: Signer,
    ) -> Receipt:
        """Record an entry; see `Ledger.append`."""
        with self._locked() as writer:
            origin = writer.start(self._name)
            return writer.append(origin, type_, body, recorded_at, objects, signer)

    def put(self, data: bytes) -> str:
        """Keep an object durably; returns its SHA-256 (hex)."""
        with self._locked() as writer:
            writer.start(self._name)
            return writer.put(data)

    def checkpoint(self) -> bytes | None:
        """The newest signed checkpoint as bytes."""
        return self._folder.checkpoint() if self.origin() else None

    def head(self) -> Checkpoint | None:
        """What the newest checkpoint says."""
        origin, data = self.origin(), self._folder.checkpoint()
        if origin is None:
            return None
        if data is None:
            half_step = self._folder.file(NEXT).exists() and not self._folder.file(entry_name(1)).exists()
            if self._folder.file(entry_name(0)).exists() and not half_step:
                raise broken(f"the ledger {self.path} has entries and no checkpoint")
            return None
        return read_head(data, origin, self._keys)

    def entry(self, index: int) -> Entry:
        """The entry at `index`; raises `UndecidedError` when there is none."""
        proven = self._proven_entries()
        if not 0 <= index < len(proven):
            raise UndecidedError(
                f"the ledger {self.path} has no entry {index + 1}, only {len(proven)}",
                "see dpone ledger verify",
                code="ledger.no_entry",
            )
        return self._on_disk(index, proven[index])

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """The entries from `start` on, oldest first, all of them proven by the checkpoint."""
        for index, data in enumerate(self._proven_entries()[start:], start):
            yield self._on_disk(index, data)

    def find(self, kind: str, subject: Mapping[str, str]) -> Iterator[Entry]:
        """The entries of exactly that kind (any when empty) whose subject has all these texts, newest first."""
        # Parsing every entry would cost; in canonical JSON each pair has one form.
        needles = [
            *([_pair("kind", kind)] if kind else []),
            *(_pair(name, text) for name, text in subject.items()),
        ]
        proven = self._proven_entries()
        for index in range(len(proven) - 1, -1, -1):
            if all(needle in proven[index] for needle in needles):
                entry = self._on_disk(index, proven[index])
                if entry.is_about(kind, subject):
                    yield entry

    def get_object(self, digest: str) -> bytes:
        """The object with that SHA-256, checked."""
        self.origin()
        return self._folder.read_object(digest)

    def verify(
        self, keys: Iterable[PublicKey], checkpoint: bytes | None = None, check: EntryCheck | None = None
    ) -> LedgerReport:
        """Check everything; see `Ledger.verify`. Takes no lock and writes nothing; raises only for a pinned
        ledger of which nothing is there.
        """
        if not self._folder.exists():
            self.origin()
        return verify_folder(self._folder, self._pinned, tuple(keys), checkpoint, check)

    def _proven_entries(self) -> list[bytes]:
        head = self.head()
        if head != self._proven[0]:
            self._proven = (head, proven_entries(self._folder, head))
        return self._proven[1]

    def _on_disk(self, index: int, proven: bytes) -> Entry:
        """The entry, which must stand in its file exactly as the checkpoint proves it."""
        entry = self._folder.entry(index)
        if entry.data != proven:
            raise broken(f"entry {index + 1} of the ledger {self.path} was changed")
        return entry

    @contextmanager
    def _locked(self) -> Iterator[Writer]:
        self.origin()
        with disk(self.path):
            make_folder(self.path)
            try:
                with exclusive(self.path / "lock", self._lock_timeout):
                    yield Writer(self._folder, self._keys)
            except TimeoutError:
                raise UndecidedError(
                    f"the ledger {self.path} is in use by another process for {self._lock_timeout:g} seconds",
                    "wait for it to end, then run the command again",
                    code="ledger.locked",
                ) from None


def _pair(name: str, text: str) -> bytes:
    pair = f"{json.dumps(name, ensure_ascii=False)}:{json.dumps(text, ensure_ascii=False)}"
    return pair.encode("utf-8", "surrogatepass")


def open_ledger(
    spec: str, workspace: Workspace, pinned: PinnedOrigin | None = None, keys: Iterable[PublicKey] = ()
) -> Ledger:
    """The ledger that `spec` names: ``file:PATH``, relative to the workspace. Writes nothing.

    `pinned` comes from the trust file; when that ledger is not there, every method raises
    `UndecidedError`. `keys` are those whose checkpoints are accepted (`Trust.public_keys` and the own
    one); empty accepts any. Raises `UsageError` for other kinds of ledgers.
    """
    scheme, _, rest = spec.partition(":")
    if scheme != "file" or not rest:
        raise UsageError(
            f"ledger: {spec!r}: this version keeps ledgers in folders only",
            "write it like file:.dpone/ledger",
            code="ledger.spec",
        )
    name = re.sub(r"[^A-Za-z0-9._-]", "-", workspace.root.name).lstrip("-._")[:64]
    return FolderLedger(workspace.path(rest), name if is_ledger_name(name) else "ledger", pinned, tuple(keys))
