"""Finding entries by what they are about, quickly, without believing an index.

The cache is the entries' own bytes, one per line. It is used only when the Merkle root over its lines is the
one in the signed checkpoint, so that leaving out a red entry there shows at once.
"""

from __future__ import annotations

from dpone.errors import DponeError, UndecidedError
from dpone.ledger.layout import LedgerFiles, broken
from dpone.ledger.merkle import Frontier, leaf_hash
from dpone.signing.note import Checkpoint

CACHE_FILE = "cache/entries.jsonl"
_MAX_CACHE_BYTES = 2_000_000_000
_WORTH_SAVING = 64
"""So many entries may be missing in the cache before it is written anew: reading them costs less."""


def proven_entries(files: LedgerFiles, head: Checkpoint | None) -> list[bytes]:
    """The bytes of every entry up to `head`, oldest first; raises `UndecidedError` when they have not the
    root that `head` says.
    """
    if head is None:
        return []
    cached = _read_cache(files)
    if len(cached) <= head.size:
        found = cached + [files.entry(index).data for index in range(len(cached), head.size)]
        if _root(found) == head.root:
            if head.size - len(cached) >= _WORTH_SAVING:
                _save_cache(files, found)
            return found
    found = [files.entry(index).data for index in range(head.size)]
    if _root(found) != head.root:
        raise broken(f"the entries of the ledger {files.place} are not those its checkpoint was signed over")
    _save_cache(files, found)
    return found


def check_alone(files: LedgerFiles, size: int, since: int | None, type_: str) -> None:
    """Raise `UndecidedError` when one of the entries from `since` to `size` is of that type; None: none may be
    asked about.
    """
    for index in range(size if since is None else since, size):
        if files.entry(index).type == type_:
            raise UndecidedError(
                f"entry {index + 1} of the ledger {files.place} was recorded meanwhile, and this one must follow it",
                "run the command again",
                code="ledger.moved",
            )


def split_cache(data: bytes) -> list[bytes]:
    """The lines of the cache; the last one counts only when it is complete."""
    return data.split(b"\n")[:-1]


def _root(entries: list[bytes]) -> bytes:
    frontier = Frontier()
    for data in entries:
        frontier = frontier.append(leaf_hash(data))
    return frontier.root()


def _read_cache(files: LedgerFiles) -> list[bytes]:
    try:
        data = files.read(CACHE_FILE, _MAX_CACHE_BYTES)
    except DponeError:
        return []
    return split_cache(data) if data is not None else []


def _save_cache(files: LedgerFiles, entries: list[bytes]) -> None:
    files.keep(CACHE_FILE, b"".join(data + b"\n" for data in entries))
