"""A ledger in a folder: safe under parallel writers, kill -9 and a full disk (see `append` and `layout`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from dpone.errors import UndecidedError
from dpone.ledger.absorb import absorb_into_folder
from dpone.ledger.append import Writer, disk
from dpone.ledger.interface import Receipt
from dpone.ledger.layout import NEXT, LedgerFiles, LedgerFolder
from dpone.ledger.reading import LedgerReader
from dpone.locks import exclusive
from dpone.signing.keys import Signer
from dpone.signing.newfile import make_folder
from dpone.signing.note import MAX_NOTE_BYTES
from dpone.signing.public import PublicKey
from dpone.signing.trust import PinnedOrigin

LOCK_TIMEOUT_SECONDS = 120


class FolderLedger(LedgerReader):
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
        super().__init__(pinned, keys)
        self.path = path
        self._folder = LedgerFolder(path)
        self._name = name
        self._lock_timeout = lock_timeout

    @property
    def files(self) -> LedgerFolder:
        """The files in the folder."""
        return self._folder

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
        alone_since: int | None = None,
    ) -> Receipt:
        """Record an entry; see `Ledger.append`."""
        with self._locked() as writer:
            origin = writer.start(self._name)
            return writer.append(origin, type_, body, recorded_at, objects, signer, alone_since)

    def settle(self) -> None:
        """Complete or clear what a dead writer has left; see `Ledger.settle`. Writes nothing where there is nothing."""
        if self._folder.read(NEXT, MAX_NOTE_BYTES) is not None:
            with self._locked() as writer:
                writer.committed(writer.start(self._name), self._keys)

    def put(self, data: bytes) -> str:
        """Keep an object durably; returns its SHA-256 (hex)."""
        with self._locked() as writer:
            writer.start(self._name)
            return writer.put([data])[0]

    def absorb(self, copy: LedgerFiles) -> int:
        """Take over the entries of a verified copy; see `Ledger.absorb`."""
        with self._locked(restoring=True) as writer:
            return absorb_into_folder(writer, copy, self._keys)

    @contextmanager
    def _locked(self, *, restoring: bool = False) -> Iterator[Writer]:
        if not restoring or self._folder.exists():
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
