"""The part of verification that goes through the files: objects, caches, and what does not belong there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from dpone.canonical import sha256_hex
from dpone.errors import DponeError
from dpone.ledger.entry import MAX_ENTRY_BYTES
from dpone.ledger.findings import Findings
from dpone.ledger.layout import MAX_OBJECT_BYTES, LedgerFolder
from dpone.ledger.lookup import CACHE_FILE, split_cache
from dpone.ledger.merkle import leaf_hash
from dpone.ledger.tree import EMPTY, FRONTIER_FILE, TreeState, parse_state
from dpone.signing.dsse import BrokenSeal
from dpone.signing.note import read_checkpoint

_FILES = frozenset({"origin.json", "checkpoint", "checkpoint.next", "lock"})
_FOLDERS = frozenset({"entries", "store", "cache", "tmp"})
_DIGEST = re.compile(r"[0-9a-f]{64}")
_ENTRY = re.compile(r"[0-9]{10}\.json")


def check_objects(folder: LedgerFolder, findings: Findings) -> frozenset[str]:
    """Check every object of the store against its name; returns the digests of those that are whole."""
    good: set[str] = set()
    for path in _files(folder.path / "store"):
        digest = path.name
        if not _DIGEST.fullmatch(digest) or path != folder.object_file(digest):
            findings.defect(None, "stray", f"{_place(folder, path)} is not the place of an object")
            continue
        try:
            data = folder.read(path, MAX_OBJECT_BYTES)
        except DponeError as error:
            findings.defect(None, "object_damaged", error.message)
            continue
        if data is not None and sha256_hex(data) == digest:
            good.add(digest)
        else:
            findings.defect(None, "object_damaged", f"the object {digest} was changed")
    return frozenset(good)


def check_caches(folder: LedgerFolder, leaves: list[bytes], findings: Findings) -> None:
    """Compare the caches with the entries' leaf hashes. Nothing rests on them, so a wrong one is a remark."""
    for name, is_right in ((FRONTIER_FILE, _right_state), (CACHE_FILE, _right_lines)):
        try:
            data = folder.read(folder.cache / name, MAX_OBJECT_BYTES)
            right = data is None or is_right(data, leaves)
        except (DponeError, ValueError):
            right = False
        if not right:
            text = f"cache/{name} is not what the entries say; it is not used and may be deleted"
            findings.remark(None, "cache_damaged", text)


def check_beyond(folder: LedgerFolder, size: int, half_step: bool, findings: Findings) -> None:
    """Look for files that the checkpoint over `size` entries does not cover.

    `half_step`: the entry at `size` is an append its writer signed and did not finish.
    """
    covered = max(size, _size_now(folder))  # a writer may have gone on since
    for path in _files(folder.path / "entries"):
        index = int(path.stem) if _ENTRY.fullmatch(path.name) else -1
        if index < 0 or path != folder.entry_file(index):
            findings.defect(None, "stray", f"{_place(folder, path)} is not the place of an entry")
        elif index == size == covered and half_step:
            text = f"entry {index} was written, its checkpoint not yet put in place: the next append does that"
            findings.remark(index, "half_step", text)
        elif index >= covered:
            findings.defect(index, "uncovered", f"entry {index} is covered by no checkpoint")
    if folder.next_file.exists() and not folder.entry_file(covered).exists():
        findings.remark(covered, "half_step", f"entry {covered} was about to be written and was not")
    if next(_files(folder.tmp), None):
        findings.remark(None, "leftover", "tmp/ holds files of a writer that is working or died")
    for path in sorted(folder.path.iterdir()) if folder.path.is_dir() else ():
        if path.name not in (_FOLDERS if path.is_dir() else _FILES):
            findings.defect(None, "stray", f"{_place(folder, path)} does not belong into a ledger")
    for path in _files(folder.cache):
        if path.name not in (FRONTIER_FILE, CACHE_FILE):
            findings.remark(None, "leftover", f"{_place(folder, path)} is left from an unfinished cache")


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


def _size_now(folder: LedgerFolder) -> int:
    try:
        data = folder.read(folder.checkpoint_file, MAX_ENTRY_BYTES)
        return read_checkpoint(data).size if data is not None else 0
    except (DponeError, BrokenSeal):
        return 0


def _files(folder: Path) -> Iterator[Path]:
    """Every file below `folder`, in order; empty where there is no such folder."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            yield Path(place, name)


def _place(folder: LedgerFolder, path: Path) -> str:
    return path.relative_to(folder.path).as_posix()
