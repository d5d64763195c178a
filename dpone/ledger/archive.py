"""A ledger in one file: ``.tar.gz`` whose bytes follow from the ledger alone.

The order is fixed: ``origin.json``, ``checkpoint``, the entries, the objects they name by digest. So is each
header, which is why reading compares headers instead of interpreting them: a name that leads elsewhere, a link or
a second file of one name is not what stands at that place. The signature over the checkpoint is checked before the
first entry is read, and the entries against it before the first object, so that only who may sign can make a
reader keep anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from dpone.errors import DponeError, NotGoodError
from dpone.ledger.append import disk
from dpone.ledger.entry import MAX_ENTRY_BYTES, BadEntry, read_entry
from dpone.ledger.layout import (
    CHECKPOINT,
    MAX_OBJECT_BYTES,
    ORIGIN,
    LedgerFiles,
    LedgerFolder,
    entry_name,
    object_name,
    origin_line,
    parse_origin,
)
from dpone.ledger.merkle import Frontier, leaf_hash
from dpone.signing.dsse import BrokenSeal
from dpone.signing.newfile import make_folder
from dpone.signing.note import MAX_NOTE_BYTES, Checkpoint, open_note, parse_checkpoint, read_checkpoint
from dpone.signing.public import PublicKey

if TYPE_CHECKING:
    from gzip import GzipFile

BLOCK = 512
_CHUNK = 1 << 20
_LEVEL = 6


def header(name: str, size: int) -> bytes:
    """The header of a plain file in a tar archive (POSIX ustar): owner 0, mode 644, time 0."""
    zero = b"0000000"
    fields = (
        name.encode("ascii").ljust(100, b"\0"),
        b"\0".join((b"0000644", zero, zero, b"%011o" % size, b"0" * 11)) + b"\0",
        b" " * 8,
        b"0".ljust(101, b"\0"),
        b"\0".join((b"ustar", b"00")),
    )
    block = b"".join(fields).ljust(BLOCK, b"\0")
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def write_archive(files: LedgerFiles, target: IO[bytes]) -> tuple[int, int]:
    """Write what the checkpoint covers, with all that it needs; returns how many entries and objects that are.

    Raises `UndecidedError` for a file that is missing or an object that was changed.
    """
    import gzip

    with gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=target, mtime=0) as packed:

        def put(name: str, data: bytes) -> None:
            packed.write(header(name, len(data)))
            packed.write(data)
            packed.write(b"\0" * (-len(data) % BLOCK))

        digests: set[str] = set()
        put(ORIGIN, files.must_read(ORIGIN, MAX_NOTE_BYTES))
        note = files.must_read(CHECKPOINT, MAX_NOTE_BYTES)
        put(CHECKPOINT, note)
        size = read_checkpoint(note).size
        for index in range(size):
            entry = files.entry(index)
            digests |= set(entry.digests())
            put(entry_name(index), entry.data)
        for digest in sorted(digests):
            put(object_name(digest), files.read_object(digest))
        packed.write(b"\0" * (2 * BLOCK))
    return size, len(digests)


def unpack_archive(source: BinaryIO, keys: tuple[PublicKey, ...], folder: Path) -> LedgerFolder:
    """Read an archive into a new folder and check everything on the way: the result holds exactly the entries
    that a checkpoint by one of `keys` covers and the objects they name.

    Raises `NotGoodError` for anything else, `UndecidedError` when the folder cannot be written.
    """
    import gzip
    import zlib

    with disk(folder), gzip.GzipFile(fileobj=source, mode="rb") as packed:
        try:
            return _Unpacking(packed, folder).run(keys)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise _bad(f"it is not whole: {error}") from None


class _Unpacking:
    def __init__(self, packed: GzipFile, folder: Path) -> None:
        self._packed, self._folder = packed, folder

    def run(self, keys: tuple[PublicKey, ...]) -> LedgerFolder:
        origin = self._small(ORIGIN, MAX_NOTE_BYTES)
        try:
            name = origin_line(parse_origin(origin))
        except DponeError as error:
            raise _bad(error.message) from None
        note = self._small(CHECKPOINT, MAX_NOTE_BYTES)
        try:
            head = parse_checkpoint(open_note(note, name, keys).text)
        except BrokenSeal as error:
            raise _bad(f"its checkpoint cannot be relied on: {error.message}") from None
        if head.origin != name:
            raise _bad(f"its checkpoint is one of the ledger {head.origin}")
        for digest in sorted(self._entries(head)):
            self._object(digest)
        if self._read(2 * BLOCK + 1) != b"\0" * (2 * BLOCK):
            raise _bad("there is more in it than its entries need")
        return LedgerFolder(self._folder)

    def _entries(self, head: Checkpoint) -> set[str]:
        digests: set[str] = set()
        frontier = Frontier()
        for index in range(head.size):
            data = self._small(entry_name(index), MAX_ENTRY_BYTES)
            try:
                digests |= set(read_entry(data).digests())
            except BadEntry as error:
                raise _bad(f"entry {index + 1}: {error}") from None
            frontier = frontier.append(leaf_hash(data))
        if frontier.root() != head.root:
            raise _bad("its entries are not those its checkpoint was signed over")
        return digests

    def _small(self, name: str, limit: int) -> bytes:
        size = self._header(name, limit)
        data = b"".join(self._chunks(size))
        self._place(name).write_bytes(data)
        return data

    def _object(self, digest: str) -> None:
        name = object_name(digest)
        size = self._header(name, MAX_OBJECT_BYTES)
        made = hashlib.sha256()
        with self._place(name).open("xb") as file:
            for chunk in self._chunks(size):
                made.update(chunk)
                file.write(chunk)
        if made.hexdigest() != digest:
            raise _bad(f"the object {digest} was changed")

    def _place(self, name: str) -> Path:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _header(self, name: str, limit: int) -> int:
        block = self._read(BLOCK)
        digits = block[124:135]
        size = int(digits, 8) if len(digits) == 11 and all(48 <= digit < 56 for digit in digits) else -1
        if size < 0 or block != header(name, size):
            raise _bad(f"where {name} should be is something else")
        if size > limit:
            raise _bad(f"{name} has {size} bytes, the limit is {limit}")
        return size

    def _chunks(self, size: int) -> Iterator[bytes]:
        rest = size
        while rest:
            chunk = self._read(min(rest, _CHUNK))
            if not chunk:
                raise _bad("it ends too early")
            rest -= len(chunk)
            yield chunk
        padding = -size % BLOCK
        if self._read(padding) != b"\0" * padding:
            raise _bad("it is not padded as a tar archive is")

    def _read(self, size: int) -> bytes:
        """So many bytes, fewer only at the end."""
        parts = []
        while size and (part := self._packed.read(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def make_staging(folder: Path) -> None:
    """An empty folder, whatever an import that was killed has left there."""
    import shutil

    with disk(folder):
        if folder.exists():
            shutil.rmtree(folder)
        make_folder(folder)


def _bad(why: str) -> NotGoodError:
    return NotGoodError(
        f"this is not a ledger's archive: {why}",
        "nothing was kept; export it again, and trust the keys that signed it (dpone keys trust)",
        code="ledger.archive",
    )
