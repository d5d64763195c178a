"""Whether a branch still extends what was accepted before, entry by entry and commit by commit."""

from __future__ import annotations

from dpone.ledger.interface import Defect
from dpone.ledger.layout import LedgerFiles, origin_line
from dpone.ledger.tree import TreeState, read_head, tree_state
from dpone.signing.note import Checkpoint


def rewritten(old: LedgerFiles, new: LedgerFiles, follows: bool) -> Defect | None:
    """What was done to the branch since `old` was accepted, or None when `new` extends it.

    The tree over the old entries, continued with the new ones, must have the root that the new checkpoint
    says: that proves the old ones to be its beginning. `follows`: whether its commit comes after the old one.
    Raises `UndecidedError` when either cannot be read.
    """
    was, now = old.origin(), new.origin()
    if was is None:
        return None
    if was != now:
        other = origin_line(now) if now else "nothing"
        return Defect(None, "rewritten", f"{new.place} now holds {other}, where {origin_line(was)} was before")
    before, after = _head(old), _head(new)
    if after.size < before.size:
        text = f"{new.place} was rewritten: it had {before.size} entries when it was last read here, now {after.size}"
        return Defect(after.size, "truncated", text)
    if after.size and _continued(old, before, new, after.size).frontier.root() != after.root:
        text = f"{new.place} was rewritten: it does not continue the {before.size} entries last read here"
        return Defect(None, "forked", text)
    if not follows:
        text = f"{new.place} was rewritten: the commit last read here is no longer part of the branch"
        return Defect(None, "rewritten", text)
    return None


def _head(files: LedgerFiles) -> Checkpoint:
    origin, data = files.origin(), files.checkpoint()
    if origin is None or data is None:
        return Checkpoint("", 0, b"")
    return read_head(data, origin, ())


def _continued(old: LedgerFiles, head: Checkpoint, new: LedgerFiles, size: int) -> TreeState:
    state = tree_state(old, head)
    for index in range(head.size, size):
        state = state.append(new.entry(index).data)
    return state
