"""The tree of a ledger as its checkpoint proves it, with a cache that makes it quick."""

from __future__ import annotations

import json

from dpone.canonical import parse_json
from dpone.errors import DponeError
from dpone.ledger.entry import GENESIS
from dpone.ledger.layout import LedgerFiles, broken, origin_line
from dpone.ledger.merkle import Frontier, leaf_hash
from dpone.record import dataclass
from dpone.signing.dsse import BrokenSeal
from dpone.signing.note import MAX_NOTE_BYTES, Checkpoint, open_note, parse_checkpoint, read_checkpoint
from dpone.signing.public import PublicKey
from dpone.signing.trust import PinnedOrigin

STATE_FILE = "cache/frontier.json"


@dataclass(frozen=True)
class TreeState:
    """The tree after `frontier.size` entries, and the hash (hex) of the last one or `GENESIS`."""

    frontier: Frontier
    last: str

    def append(self, data: bytes) -> TreeState:
        """The state after one more entry, given its bytes."""
        leaf = leaf_hash(data)
        return TreeState(self.frontier.append(leaf), leaf.hex())


EMPTY = TreeState(Frontier(), GENESIS)


def read_head(data: bytes, origin: PinnedOrigin, keys: tuple[PublicKey, ...]) -> Checkpoint:
    """Read a checkpoint of that ledger, signed by one of `keys` unless these are empty.

    Raises `UndecidedError`.
    """
    name = origin_line(origin)
    try:
        head = parse_checkpoint(open_note(data, name, keys).text) if keys else read_checkpoint(data)
    except BrokenSeal as error:
        raise broken(
            f"the checkpoint of the ledger {origin.name} cannot be relied on: {error.message}"
        ) from None
    if head.origin != name:
        raise broken(f"the checkpoint is one of the ledger {head.origin}, not of {name}")
    return head


def tree_state(files: LedgerFiles, head: Checkpoint | None) -> TreeState:
    """The tree that `head` proves, from the cached state and the entries after it.

    The cache is believed only when the root comes out as signed and the last entry on disk is the one
    it remembers; otherwise everything is read again. Raises `UndecidedError` when the entries do not
    have the signed root.
    """
    if head is None or head.size == 0:
        return EMPTY
    state = _read_cached(files)
    if state.frontier.size <= head.size:
        state = _extend(files, state, head.size)
        if state.frontier.root() == head.root and state.last == files.entry(head.size - 1).hash:
            return state
    state = _extend(files, EMPTY, head.size)
    if state.frontier.root() != head.root:
        raise broken(f"the entries of the ledger {files.place} are not those its checkpoint was signed over")
    return state


def state_bytes(state: TreeState) -> bytes:
    """The cached form of a tree's state."""
    hashes = [value.hex() for value in state.frontier.hashes]
    document = {"hashes": hashes, "last": state.last, "size": state.frontier.size}
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def parse_state(data: bytes) -> TreeState:
    """Read a cached state; raises `ValueError` for anything else."""
    root = parse_json(data, max_depth=3)
    try:
        frontier = Frontier(root["size"], tuple(bytes.fromhex(text) for text in root["hashes"]))
        state = TreeState(frontier, root["last"])
        right = len(frontier.hashes) == frontier.size.bit_count() and state_bytes(state) == data
    except (TypeError, KeyError, AttributeError):
        right = False
    if not right or not all(len(value) == 32 for value in frontier.hashes):
        raise ValueError("not the state of a tree")
    return state


def save_state(files: LedgerFiles, state: TreeState) -> None:
    """Keep the state for the next append; not synced, for a lost one is only made again."""
    files.keep(STATE_FILE, state_bytes(state), locked=True)


def _read_cached(files: LedgerFiles) -> TreeState:
    try:
        data = files.read(STATE_FILE, MAX_NOTE_BYTES)
        return parse_state(data) if data is not None else EMPTY
    except (DponeError, ValueError):
        return EMPTY


def _extend(files: LedgerFiles, state: TreeState, size: int) -> TreeState:
    for index in range(state.frontier.size, size):
        state = state.append(files.entry(index).data)
    return state
