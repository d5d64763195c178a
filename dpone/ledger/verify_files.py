"""The part of verification that goes through the files: objects, caches, and what does not belong there."""

from __future__ import annotations

import re

from dpone.canonical import sha256_hex
from dpone.errors import DponeError
from dpone.ledger.entry import MAX_ENTRY_BYTES
from dpone.ledger.findings import Findings
from dpone.ledger.layout import (
    CHECKPOINT,
    MAX_OBJECT_BYTES,
    NEXT,
    LedgerFiles,
    entry_name,
    object_name,
)
from dpone.ledger.lookup import CACHE_FILE, split_cache
from dpone.ledger.merkle import leaf_hash
from dpone.ledger.tree import EMPTY, STATE_FILE, TreeState, parse_state
from dpone.signing.dsse import BrokenSeal
from dpone.signing.note import read_checkpoint

_DIGEST = re.compile(r"[0-9a-f]{64}")
_INDEX = re.compile(r"[0-9]{10}")


class Objects:
    """The store, each object read and checked once, however many entries need it."""

    def __init__(self, files: LedgerFiles, findings: Findings) -> None:
        self._files, self._findings = files, findings
        self._whole: dict[str, bool] = {}

    def is_whole(self, digest: str) -> bool:
        """Whether the object is there and has that digest."""
        if digest not in self._whole:
            self.read(digest)
        return self._whole[digest]

    def read(self, digest: str) -> bytes:
        """The object's bytes, empty when it is missing or was changed."""
        try:
            data = self._files.read(object_name(digest), MAX_OBJECT_BYTES)
        except DponeError as error:
            self._damaged(digest, error.message)
            return b""
        self._whole[digest] = data is not None and sha256_hex(data) == digest
        if data is not None and not self._whole[digest]:
            self._damaged(digest, f"the object {digest} was changed")
        return data if data is not None and self._whole[digest] else b""

    def check_rest(self) -> None:
        """Check the objects that no entry needs, and look for files that are none."""
        for name in self._files.names("store"):
            digest = name.rpartition("/")[2]
            if not _DIGEST.fullmatch(digest) or name != object_name(digest):
                self._findings.defect(None, "stray", f"{name} is not the place of an object")
            else:
                self.is_whole(digest)

    def _damaged(self, digest: str, message: str) -> None:
        self._whole[digest] = False
        self._findings.defect(None, "object_damaged", message)


def check_caches(files: LedgerFiles, leaves: list[bytes], findings: Findings) -> None:
    """Compare the caches with the entries' leaf hashes. Nothing rests on them, so a wrong one is a remark."""
    for name, is_right in ((STATE_FILE, _right_state), (CACHE_FILE, _right_lines)):
        try:
            data = files.read(name, MAX_OBJECT_BYTES)
            right = data is None or is_right(data, leaves)
        except (DponeError, ValueError):
            right = False
        if not right:
            text = f"{name} is not what the entries say; it is not used and may be deleted"
            findings.remark(None, "cache_damaged", text)


def check_beyond(files: LedgerFiles, size: int, promised: int, findings: Findings) -> None:
    """Look for files that the checkpoint over `size` entries does not cover.

    `promised`: the entries up to there are of an append or import that its writer signed and did not finish.
    """
    covered = max(size, _size_now(files))  # a writer may have gone on since
    for name in files.names("entries"):
        digits = name.rpartition("/")[2].removesuffix(".json")
        index = int(digits) if _INDEX.fullmatch(digits) else -1
        if index < 0 or name != entry_name(index):
            findings.defect(None, "stray", f"{name} is not the place of an entry")
        elif size == covered < index < promised:
            continue  # of the import whose first entry is looked at just below
        elif index == size == covered < promised:
            text = (
                f"entry {index + 1} was written, its checkpoint not yet put in place: the next append does that"
            )
            findings.remark(index, "half_step", text)
        elif index >= covered:
            findings.defect(index, "uncovered", f"entry {index + 1} is covered by no checkpoint")
    if files.has(NEXT) and not files.has(entry_name(covered)):
        findings.remark(covered, "half_step", f"entry {covered + 1} was about to be written and was not")
    if any(files.names("tmp")):
        findings.remark(None, "leftover", "tmp/ holds files of a writer that is working or died")
    for name in files.names("cache"):
        if name not in (STATE_FILE, CACHE_FILE):
            findings.remark(None, "leftover", f"{name} is left from an unfinished cache")
    for name, is_folder in files.top():
        if name not in (files.folders if is_folder else files.files):
            findings.defect(None, "stray", f"{name} does not belong into a ledger")


def _right_state(data: bytes, leaves: list[bytes]) -> bool:
    cached = parse_state(data)
    if cached.frontier.size > len(leaves):
        return True  # written while this verification was under way, or of entries found missing above
    state = EMPTY
    for leaf in leaves[: cached.frontier.size]:
        state = TreeState(state.frontier.append(leaf), leaf.hex())
    return state == cached


def _right_lines(data: bytes, leaves: list[bytes]) -> bool:
    found = [leaf_hash(line) for line in split_cache(data)]
    return data.endswith(b"\n") and found[: len(leaves)] == leaves[: len(found)]


def _size_now(files: LedgerFiles) -> int:
    try:
        data = files.read(CHECKPOINT, MAX_ENTRY_BYTES)
        return read_checkpoint(data).size if data is not None else 0
    except (DponeError, BrokenSeal):
        return 0
