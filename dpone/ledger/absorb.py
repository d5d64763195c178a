"""Taking over the entries of a verified copy: another folder, or an archive unpacked into one."""

from __future__ import annotations

from collections.abc import Iterator

from dpone.errors import NotGoodError
from dpone.ledger.append import Writer
from dpone.ledger.layout import (
    CHECKPOINT,
    ORIGIN,
    LedgerFiles,
    entry_name,
    object_name,
    origin_line,
)
from dpone.ledger.tree import TreeState
from dpone.signing.note import MAX_NOTE_BYTES, read_checkpoint
from dpone.signing.public import PublicKey


def entries_to_take(files: LedgerFiles, state: TreeState, copy: LedgerFiles) -> range:
    """Which entries of the verified `copy` a ledger with these files and this tree does not have.

    Raises `NotGoodError` where one does not begin with the other: then one of them was forked.
    """
    mine, theirs = files.origin(), copy.origin()
    if mine is not None and mine != theirs:
        raise NotGoodError(
            f"the archive is of the ledger {origin_line(theirs) if theirs else ''}, this one is {origin_line(mine)}",
            "import it where there is no ledger yet",
            code="ledger.other",
        )
    size = size_of(copy)
    for index in range(min(state.frontier.size, size)):
        if files.entry(index).data != copy.entry(index).data:
            raise NotGoodError(
                f"the ledger forked: entry {index + 1} of the archive is not entry {index + 1} of {files.place}",
                "find out who wrote both: each may be signed, and only one can go on",
                code="ledger.forked",
            )
    return range(state.frontier.size, max(size, state.frontier.size))


def files_to_take(files: LedgerFiles, wanted: range, copy: LedgerFiles) -> Iterator[tuple[str, bytes]]:
    """The files of those entries and of the objects they name, as far as `files` has them not."""
    if files.origin() is None:
        yield ORIGIN, copy.must_read(ORIGIN, MAX_NOTE_BYTES)
    digests: set[str] = set()
    for index in wanted:
        entry = copy.entry(index)
        digests |= set(entry.digests())
        yield entry_name(index), entry.data
    for digest in sorted(digests):
        if files.has(object_name(digest)):
            files.read_object(digest)
        else:
            yield object_name(digest), copy.read_object(digest)
    yield CHECKPOINT, copy.must_read(CHECKPOINT, MAX_NOTE_BYTES)


def absorb_into_folder(writer: Writer, copy: LedgerFiles, keys: tuple[PublicKey, ...]) -> int:
    """Write what the folder does not have, so that a crash leaves the ledger as it was or as it is to be.

    The checkpoint is promised first and put in place last, and the first new entry, which makes the promise
    binding, comes after the others: see `Writer.committed`.
    """
    files = writer.folder
    origin = writer.start("", copy.must_read(ORIGIN, MAX_NOTE_BYTES))
    wanted = entries_to_take(files, writer.committed(origin, keys), copy)
    if not wanted:
        return 0
    for index in wanted:
        lacking = [d for d in copy.entry(index).digests() if not files.has(object_name(d))]
        writer.put(copy.read_object(digest) for digest in lacking)
    entries = [(index, copy.entry(index).data) for index in wanted]
    writer.write(entries, copy.must_read(CHECKPOINT, MAX_NOTE_BYTES))
    return len(wanted)


def size_of(copy: LedgerFiles) -> int:
    """How many entries a verified copy has."""
    return read_checkpoint(copy.must_read(CHECKPOINT, MAX_NOTE_BYTES)).size
