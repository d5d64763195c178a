"""Checking a whole ledger: nothing is believed but the keys and a checkpoint kept elsewhere."""

from __future__ import annotations

from dpone.errors import DponeError
from dpone.ledger.entry import GENESIS, MAX_ENTRY_BYTES, BadEntry, Entry, read_entry
from dpone.ledger.findings import Findings
from dpone.ledger.interface import EntryCheck, LedgerReport
from dpone.ledger.layout import CHECKPOINT, NEXT, LedgerFiles, entry_name, origin_line
from dpone.ledger.merkle import Frontier, leaf_hash
from dpone.ledger.verify_files import Objects, check_beyond, check_caches
from dpone.record import dataclass
from dpone.signing.dsse import BrokenSeal
from dpone.signing.note import Checkpoint, open_note, parse_checkpoint
from dpone.signing.public import PublicKey
from dpone.signing.trust import PinnedOrigin


def verify_all(
    files: LedgerFiles,
    pinned: PinnedOrigin | None,
    keys: tuple[PublicKey, ...],
    elsewhere: bytes | None,
    check: EntryCheck | None,
) -> LedgerReport:
    """Verify a ledger; see `dpone.ledger.interface.Ledger.verify`. Never raises for what it
    finds. A writer may append meanwhile: what the checkpoint covered at the beginning is verified.
    """
    return _Verification(files, keys, check).run(pinned, elsewhere)


@dataclass(frozen=True)
class _Tree:
    """The leaf hashes that were read, and whether none is missing among them."""

    leaves: list[bytes]
    whole: bool


class _Verification:
    def __init__(self, files: LedgerFiles, keys: tuple[PublicKey, ...], check: EntryCheck | None) -> None:
        self.files, self.keys, self.check = files, keys, check
        self.findings = Findings()
        self.objects = Objects(files, self.findings)
        self.origin: PinnedOrigin | None = None

    def run(self, pinned: PinnedOrigin | None, elsewhere: bytes | None) -> LedgerReport:
        try:
            self.origin = self.files.origin()
        except DponeError as error:
            self.findings.defect(None, "bad_origin", error.message)
        if pinned and self.origin and self.origin != pinned:
            text = f"this is the ledger {origin_line(self.origin)}, the trust file pins {origin_line(pinned)}"
            self.findings.defect(None, "bad_origin", text)
        head = self._head()
        kept = self._checkpoint(elsewhere, "the checkpoint you gave") if elsewhere is not None else None
        size = head.size if head else self._count()
        tree = self._entries(size)
        if tree.whole:
            self._roots(tree.leaves, head, kept)
        if kept and kept.size > size:
            text = f"the checkpoint you gave covers {kept.size} entries, the ledger has {size}"
            self.findings.defect(size, "truncated", text)
        self.objects.check_rest()
        check_caches(self.files, tree.leaves, self.findings)
        check_beyond(self.files, size, self._promised(tree), self.findings)
        return LedgerReport(self.origin, size, self.findings.sorted_defects(), tuple(self.findings.remarks))

    def _head(self) -> Checkpoint | None:
        try:
            data = self.files.checkpoint()
        except DponeError as error:
            self.findings.defect(None, "bad_checkpoint", error.message)
            return None
        return self._checkpoint(data, "the ledger's checkpoint") if data is not None else None

    def _checkpoint(self, data: bytes, what: str) -> Checkpoint | None:
        name = origin_line(self.origin) if self.origin else ""
        try:
            found = parse_checkpoint(open_note(data, name, self.keys).text)
        except BrokenSeal as error:
            self.findings.defect(None, "bad_checkpoint", f"{what}: {error.message}")
            return None
        if found.origin != name:
            self.findings.defect(None, "foreign_checkpoint", f"{what} is one of the ledger {found.origin}")
            return None
        return found

    def _count(self) -> int:
        """How many entries there are to check when no checkpoint says it."""
        size = 0
        while self.files.has(entry_name(size)):
            size += 1
        half_step = size == 1 and self.files.has(NEXT)
        if size and not half_step and not self.files.has(CHECKPOINT):
            self.findings.defect(None, "bad_checkpoint", "there are entries and no checkpoint")
        return 0 if half_step else size

    def _entries(self, size: int) -> _Tree:
        leaves: list[bytes] = []
        whole, previous = True, GENESIS
        for index in range(size):
            data = self._read_entry(index)
            if data is None:
                whole, previous = False, ""
                continue
            leaves.append(leaf_hash(data))
            self._entry(index, data, previous)
            previous = leaves[-1].hex()
        return _Tree(leaves, whole)

    def _read_entry(self, index: int) -> bytes | None:
        try:
            data = self.files.read(entry_name(index), MAX_ENTRY_BYTES)
        except DponeError as error:
            self.findings.defect(index, "unreadable", error.message)
            return None
        if data is None:
            self.findings.defect(index, "missing", f"entry {index + 1} is missing")
        return data

    def _entry(self, index: int, data: bytes, previous: str) -> None:
        try:
            entry = read_entry(data)
        except BadEntry as error:
            self.findings.defect(index, "unreadable", f"entry {index + 1}: {error}")
            return
        if entry.index != index:
            self.findings.defect(
                index, "wrong_index", f"in the place of entry {index + 1} stands {entry.index + 1}"
            )
        if entry.origin != self.origin:
            text = f"entry {index + 1} belongs to the ledger {origin_line(entry.origin)}"
            self.findings.defect(index, "foreign_origin", text)
        if previous and entry.previous != previous:
            self.findings.defect(index, "broken_chain", f"entry {index + 1} does not follow the one before it")
        self._contents(index, entry)

    def _contents(self, index: int, entry: Entry) -> None:
        envelope = self.objects.read(entry.envelope) if entry.envelope else b""
        missing = {digest for digest in entry.digests() if not self.objects.is_whole(digest)}
        for digest in sorted(missing):
            text = f"entry {index + 1} needs the object {digest}, which is not there or was changed"
            self.findings.defect(index, "object_missing", text)
        if self.check is None or missing:
            return
        try:
            refused = self.check(entry, envelope)
        except DponeError as error:
            refused = error.message
        if refused:
            self.findings.defect(index, "entry_refused", f"entry {index + 1}: {refused}")

    def _roots(self, leaves: list[bytes], head: Checkpoint | None, kept: Checkpoint | None) -> None:
        frontier = Frontier()
        for size in range(len(leaves) + 1):
            if kept and size == kept.size and frontier.root() != kept.root:
                text = f"the first {size} entries are not those the checkpoint you gave was signed over"
                self.findings.defect(None, "forked", text)
            if size < len(leaves):
                frontier = frontier.append(leaves[size])
        if head and frontier.root() != head.root:
            text = "the entries are not those the ledger's checkpoint was signed over"
            self.findings.defect(None, "root_mismatch", text)

    def _promised(self, tree: _Tree) -> int:
        """How many entries there are with those after the last one that their writer signed and did not finish:
        the one of an append, or the several of an import.
        """
        size = len(tree.leaves)
        try:
            note = self.files.read(NEXT, MAX_ENTRY_BYTES)
            if note is None or self.origin is None or not tree.whole:
                return size
            name = origin_line(self.origin)
            promised = parse_checkpoint(open_note(note, name, self.keys).text)
            if not self.files.has(entry_name(size)):
                return max(size, promised.size)  # an import begins with its last entry; nothing rests on these
            frontier = Frontier()
            for leaf in tree.leaves:
                frontier = frontier.append(leaf)
            while frontier.size < promised.size:
                frontier = frontier.append(
                    leaf_hash(self.files.must_read(entry_name(frontier.size), MAX_ENTRY_BYTES))
                )
        except (DponeError, BrokenSeal):
            return size
        return promised.size if promised == Checkpoint(name, frontier.size, frontier.root()) else size
