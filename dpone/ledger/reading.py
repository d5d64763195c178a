"""Reading a ledger, wherever its files are kept: nothing is handed out that its checkpoint does not prove."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping

from dpone.errors import UndecidedError
from dpone.ledger.entry import Entry
from dpone.ledger.interface import EntryCheck, LedgerReport
from dpone.ledger.layout import NEXT, LedgerFiles, broken, entry_name
from dpone.ledger.lookup import proven_entries
from dpone.ledger.tree import read_head
from dpone.signing.note import Checkpoint
from dpone.signing.public import PublicKey
from dpone.signing.trust import PinnedOrigin


class LedgerReader(ABC):
    """The reading half of a `Ledger`.

    `pinned`: the only ledger this may be. `keys`: whose checkpoints may be read; empty: anybody's, which
    then only `verify` checks.
    """

    def __init__(self, pinned: PinnedOrigin | None, keys: tuple[PublicKey, ...]) -> None:
        self._pinned = pinned
        self._keys = keys
        self._proven: tuple[Checkpoint | None, list[bytes]] = (None, [])

    @property
    @abstractmethod
    def files(self) -> LedgerFiles:
        """The ledger's files as they are now; raises `UndecidedError` when they cannot be had."""

    def origin(self) -> PinnedOrigin | None:
        """Which ledger this is; None where nothing was ever written and nothing is pinned."""
        return self._checked_origin(self.files)

    def checkpoint(self) -> bytes | None:
        """The newest signed checkpoint as bytes."""
        files = self.files
        return files.checkpoint() if self._checked_origin(files) else None

    def head(self) -> Checkpoint | None:
        """What the newest checkpoint says."""
        return self._head(self.files)

    def entry(self, index: int) -> Entry:
        """The entry at `index`; raises `UndecidedError` when there is none."""
        files = self.files
        proven = self._proven_entries(files)
        if not 0 <= index < len(proven):
            raise UndecidedError(
                f"the ledger {files.place} has no entry {index + 1}, only {len(proven)}",
                "see dpone ledger verify",
                code="ledger.no_entry",
            )
        return _as_kept(files, index, proven[index])

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """The entries from `start` on, oldest first, all of them proven by the checkpoint."""
        files = self.files
        for index, data in enumerate(self._proven_entries(files)[start:], start):
            yield _as_kept(files, index, data)

    def find(self, kind: str, subject: Mapping[str, str]) -> Iterator[Entry]:
        """The entries of exactly that kind (any when empty) whose subject has all these texts, newest first."""
        # Parsing every entry would cost; in canonical JSON each pair has one form.
        needles = [
            *([_pair("kind", kind)] if kind else []),
            *(_pair(name, text) for name, text in subject.items()),
        ]
        files = self.files
        proven = self._proven_entries(files)
        for index in range(len(proven) - 1, -1, -1):
            if all(needle in proven[index] for needle in needles):
                entry = _as_kept(files, index, proven[index])
                if entry.is_about(kind, subject):
                    yield entry

    def get_object(self, digest: str) -> bytes:
        """The object with that SHA-256, checked. Its digest says what it must be, whichever ledger this is; where
        it is not there, that this is not the pinned ledger is the better answer."""
        files = self.files
        try:
            return files.read_object(digest)
        except UndecidedError:
            self._checked_origin(files)
            raise

    def verify(
        self, keys: Iterable[PublicKey], checkpoint: bytes | None = None, check: EntryCheck | None = None
    ) -> LedgerReport:
        """Check everything; see `Ledger.verify`. Takes no lock and writes nothing; raises only for a pinned
        ledger of which nothing is there.
        """
        from dpone.ledger.verify import verify_all  # no gate needs it

        files = self.files
        if not files.exists():
            self._checked_origin(files)
        return verify_all(files, self._pinned, tuple(keys), checkpoint, check)

    def _checked_origin(self, files: LedgerFiles) -> PinnedOrigin | None:
        found = files.origin()
        if self._pinned and found is None:
            raise UndecidedError(
                f"there is no ledger at {files.place}, but the trust file pins one ({self._pinned.name})",
                "restore it from its copy; a new one is never begun in its place",
                code="ledger.pinned_missing",
            )
        if self._pinned and found != self._pinned:
            raise UndecidedError(
                f"the ledger at {files.place} is not the one the trust file pins ({self._pinned.name})",
                "restore the right one, or pin this one on purpose",
                code="ledger.not_pinned",
            )
        return found

    def _head(self, files: LedgerFiles, keys: tuple[PublicKey, ...] | None = None) -> Checkpoint | None:
        origin, data = self._checked_origin(files), files.checkpoint()
        if origin is None:
            return None
        if data is None:
            half_step = files.has(NEXT) and not files.has(entry_name(1))
            if files.has(entry_name(0)) and not half_step:
                raise broken(f"the ledger {files.place} has entries and no checkpoint")
            return None
        return read_head(data, origin, self._keys if keys is None else keys)

    def _proven_entries(self, files: LedgerFiles) -> list[bytes]:
        head = self._head(files)
        if head != self._proven[0]:
            self._proven = (head, proven_entries(files, head))
        return self._proven[1]


def _as_kept(files: LedgerFiles, index: int, proven: bytes) -> Entry:
    """The entry, which must stand in its file exactly as the checkpoint proves it."""
    entry = files.entry(index)
    if entry.data != proven:
        raise broken(f"entry {index + 1} of the ledger {files.place} was changed")
    return entry


def _pair(name: str, text: str) -> bytes:
    pair = f"{json.dumps(name, ensure_ascii=False)}:{json.dumps(text, ensure_ascii=False)}"
    return pair.encode("utf-8", "surrogatepass")
