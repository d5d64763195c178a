"""The critical section of an append. Each step leaves the ledger whole, whenever the process dies.

1. objects into the store (harmless without an entry)
2. the signed checkpoint that will cover the entry, as ``checkpoint.next``
3. the entry, complete and under a name of its own: from here on it will be in the ledger
4. ``checkpoint.next`` becomes ``checkpoint``: from here on readers see it

Dying between 3 and 4 leaves a half step, which the next append completes with the dead writer's own
checkpoint, never by signing in his name: an entry slipped in by somebody without a key has none.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from dpone.canonical import sha256_hex
from dpone.errors import UndecidedError
from dpone.ledger.entry import MAX_ENTRY_BYTES, BadEntry, entry_bytes, read_entry
from dpone.ledger.interface import Receipt
from dpone.ledger.layout import (
    CHECKPOINT,
    NEXT,
    ORIGIN,
    LedgerFolder,
    broken,
    entry_name,
    object_name,
    origin_bytes,
    origin_line,
    parse_origin,
)
from dpone.ledger.lookup import check_alone
from dpone.ledger.tree import TreeState, read_head, save_state, tree_state
from dpone.record import dataclass
from dpone.signing.dsse import BrokenSeal
from dpone.signing.keys import Signer
from dpone.signing.newfile import create_file, make_folder, place_file, write_synced
from dpone.signing.note import MAX_NOTE_BYTES, Checkpoint, read_checkpoint, sign_note
from dpone.signing.public import PublicKey
from dpone.signing.trust import PinnedOrigin
from dpone.workspace import sync_folder


@dataclass(frozen=True)
class Writer:
    """Writes to a ledger's folder; to be used only while its lock is held. `keys`: whose checkpoints may
    be continued, all when empty.
    """

    folder: LedgerFolder
    keys: tuple[PublicKey, ...]

    def start(self, name: str, data: bytes = b"") -> PinnedOrigin:
        """Clear what a dead writer left, and make the origin when this is a new ledger: of that name, or the one
        whose document is `data`.
        """
        with disk(self.folder.path):
            tmp = self.folder.file("tmp")
            tmp.mkdir(exist_ok=True)
            for leftover in tmp.iterdir():
                leftover.unlink()
            origin = self.folder.origin()
            if origin is not None:
                return origin
            data = data or origin_bytes(name, os.urandom(32).hex())
            create_file(self.folder.file(ORIGIN), data, self._temporary())
            sync_folder(self.folder.path.parent)
            return parse_origin(data)

    def put(self, objects: Iterable[bytes]) -> list[str]:
        """Keep objects durably and return their digests, sorted; raises `UndecidedError` when another content
        stands under one of them. What is kept already is not written again."""
        named = {sha256_hex(data): data for data in objects}
        paths = {digest: self.folder.file(object_name(digest)) for digest in sorted(named)}
        with disk(self.folder.path):
            for digest, path in paths.items():
                make_folder(path.parent)
                if os.path.lexists(path) or not place_file(path, named[digest], self._temporary()):
                    self.folder.read_object(digest)
            # Also for those that were there: whoever made them may have died before they were durable.
            for folder in {path.parent for path in paths.values()}:
                sync_folder(folder)
        return list(paths)

    def append(
        self,
        origin: PinnedOrigin,
        type_: str,
        body: Mapping[str, Any],
        recorded_at: datetime,
        objects: Iterable[bytes],
        signer: Signer,
        alone_since: int | None,
    ) -> Receipt:
        """Record one entry; see the module's text for the order and what it is good for."""
        check_body(body)
        state = self.committed(origin, (*self.keys, signer.public) if self.keys else ())
        check_alone(self.folder, state.frontier.size, alone_since, type_)
        digests = self.put(objects)
        step = next_step(state, origin, type_, {**body, "objects": digests}, recorded_at, signer)
        self.write([(step.index, step.data)], step.note)
        save_state(self.folder, step.after)
        return step.receipt(origin)

    def committed(self, origin: PinnedOrigin, keys: tuple[PublicKey, ...]) -> TreeState:
        """The state to append to, a half step of a dead writer completed or cleared; `keys`: whose checkpoints
        may be continued.
        """
        current = self.folder.checkpoint()
        state = tree_state(self.folder, read_head(current, origin, keys) if current is not None else None)
        index = state.frontier.size
        pending = self.folder.read(NEXT, MAX_NOTE_BYTES)
        data = self.folder.read(entry_name(index), MAX_ENTRY_BYTES)
        with disk(self.folder.path):
            if data is None:
                if pending is not None:
                    self._clear(index, pending)
                return state
            if pending is None or not _continues(data, state, origin, index):
                raise broken(f"entry {index + 1} of the ledger {self.folder.path} is covered by no checkpoint")
            head, after = read_head(pending, origin, keys), state.append(data)
            while after.frontier.size < head.size:
                after = after.append(self.folder.entry(after.frontier.size).data)
            if (head.size, head.root) != (after.frontier.size, after.frontier.root()):
                raise broken(
                    f"entry {index + 1} of the ledger {self.folder.path} is not the one that was signed"
                )
            sync_folder(self.folder.file(entry_name(index)).parent)
            self.folder.file(NEXT).replace(self.folder.file(CHECKPOINT))
            sync_folder(self.folder.path)
        return after

    def write(self, entries: list[tuple[int, bytes]], note: bytes) -> None:
        """Write entries that follow one another and the checkpoint that covers them; the first entry last, for
        from then on all of them will be in the ledger.
        """
        with disk(self.folder.path):
            for index in {number // 1000: number for number, _ in entries}.values():
                make_folder(self.folder.file(entry_name(index)).parent)
            temporary = self._temporary()
            try:
                write_synced(temporary, note)
                temporary.replace(self.folder.file(NEXT))
            finally:
                temporary.unlink(missing_ok=True)
            sync_folder(self.folder.path)
            written: list[Path] = []
            try:
                for index, data in reversed(entries):
                    path = self.folder.file(entry_name(index))
                    if not create_file(path, data, self._temporary()):
                        raise broken(f"entry {index + 1} of the ledger appeared while it was locked: {path}")
                    written.append(path)
                self.folder.file(NEXT).replace(self.folder.file(CHECKPOINT))
            except OSError:
                # Not reported as recorded, hence not to be completed later either.
                for path in (self.folder.file(entry_name(entries[0][0])), *written):
                    path.unlink(missing_ok=True)
                self.folder.file(NEXT).unlink(missing_ok=True)
                raise
            sync_folder(self.folder.path)

    def _clear(self, index: int, pending: bytes) -> None:
        """Take back an append that was promised and did not come to its first entry, the one at `index`."""
        try:
            promised = read_checkpoint(pending).size
        except BrokenSeal:
            promised = 0
        if promised > index + 1:
            for name in list(self.folder.names("entries")):
                if entry_name(index) < name < entry_name(promised):
                    self.folder.file(name).unlink()
        self.folder.file(NEXT).unlink()

    def _temporary(self) -> Path:
        return self.folder.file(f"tmp/{os.urandom(8).hex()}")


@dataclass(frozen=True)
class Step:
    """An entry that is to be written: its bytes, the signed checkpoint that covers it, the tree after it."""

    index: int
    data: bytes
    note: bytes
    after: TreeState

    def receipt(self, origin: PinnedOrigin) -> Receipt:
        """The proof that it is durable, once it is."""
        return Receipt(origin, self.index, self.after.last, self.note)


def next_step(
    state: TreeState,
    origin: PinnedOrigin,
    type_: str,
    body: Mapping[str, Any],
    recorded_at: datetime,
    signer: Signer,
) -> Step:
    """The entry that follows `state`; `body` has its objects' digests already."""
    if body.get("envelope") and body["envelope"] not in body["objects"]:
        raise ValueError("the envelope is not among the objects")
    index = state.frontier.size
    data = entry_bytes(origin, index, state.last, type_, recorded_at, body)
    after = state.append(data)
    name = origin_line(origin)
    note = sign_note(Checkpoint(name, index + 1, after.frontier.root()).text(), name, signer)
    return Step(index, data, note, after)


def check_body(body: Mapping[str, Any]) -> None:
    """Refuse a body that says itself what the ledger writes."""
    if "objects" in body:
        raise ValueError("objects is written by the ledger")


def _continues(data: bytes, state: TreeState, origin: PinnedOrigin, index: int) -> bool:
    try:
        entry = read_entry(data)
    except BadEntry:
        return False
    return (entry.index, entry.previous, entry.origin) == (index, state.last, origin)


@contextmanager
def disk(folder: Path) -> Iterator[None]:
    """Turn an `OSError` of the file system into the answer that nothing could be kept."""
    try:
        yield
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise UndecidedError(
            f"the ledger {folder} cannot be written: {why}",
            "free space or make it writable, then run the command again",
            code="ledger.disk",
        ) from None
