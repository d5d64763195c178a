"""Archives of policies (`.tar.gz`): read strictly and in memory only, written with the same bytes everywhere.

Of all that tar can say, a bundle needs regular files and folders. Everything else is refused: what two tools
could read in two ways must not decide anything. Formats: RFC 1952 (gzip), POSIX.1-1988 ustar and its pax
extension (POSIX.1-2001), of which only headers that change no name and no content are let pass.
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib
from collections.abc import Iterator, Mapping

MAX_ARCHIVE = 8_000_000
"""Bytes an archive may have as it is."""
MAX_UNPACKED = 16_000_000
"""Bytes it may have unpacked."""
MAX_RATIO, FREE = 200, 1_000_000
"""How many times larger it may become, beyond the first `FREE` bytes."""
MAX_MEMBERS = 3000

_BLOCK = 512
_OCTAL = re.compile(rb"[0-7]{1,11}[\0 ]?")
_HARMLESS = re.compile(r"(mtime|atime|ctime|uid|gid|uname|gname|comment|LIBARCHIVE\..*|SCHILY\..*)")
_KINDS = {
    b"1": "a hard link", b"2": "a symbolic link", b"3": "a device", b"4": "a device", b"6": "a named pipe",
    b"S": "a sparse file", b"L": "an entry with a long name", b"K": "an entry with a long link",
}  # fmt: skip


class BadArchive(Exception):
    """An archive that is not read. `inside` is the entry, empty for the archive itself."""

    def __init__(self, message: str, inside: str = "") -> None:
        super().__init__(message)
        self.message, self.inside = message, inside


def read_archive(data: bytes) -> dict[str, bytes]:
    """The regular files of an archive by path. Raises `BadArchive`; nothing is ever written to a disk."""
    files: dict[str, bytes] = {}
    there: set[str] = set()
    seen: dict[str, str] = {}
    for count, (inside, content) in enumerate(_members(_unpacked(data))):
        if count >= MAX_MEMBERS:
            raise BadArchive(f"holds more than {MAX_MEMBERS} entries")
        if not inside:
            continue
        if other := other_spelling(inside, seen):
            raise BadArchive(f"differs from {other} only in how it is written", inside)
        if inside in there:
            raise BadArchive("stands there twice", inside)
        there.add(inside)
        if content is not None:
            files[inside] = content
    for folder in sorted({inside[:place] for inside in there for place in _slashes(inside)}):
        if folder in files:
            raise BadArchive("is a file and a folder", folder)
    return files


def other_spelling(inside: str, seen: dict[str, str]) -> str:
    """A path in `seen` that on some file system is the same as this one or a folder it lies in: case and Unicode
    form do not count there. Adds this one to `seen`."""
    for path in (*(inside[:place] for place in _slashes(inside)), inside):
        plain = unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
        other = seen.setdefault(plain, path)
        if other != path:
            return other
    return ""


def _slashes(inside: str) -> Iterator[int]:
    return (place for place, char in enumerate(inside) if char == "/")


def _unpacked(data: bytes) -> bytes:
    if len(data) > MAX_ARCHIVE:
        raise BadArchive(f"has {len(data)} bytes, the limit is {MAX_ARCHIVE}")
    limit = min(MAX_UNPACKED, max(FREE, MAX_RATIO * len(data)))
    stream = zlib.decompressobj(31)
    try:
        found = stream.decompress(data, limit + 1)
    except zlib.error:
        raise BadArchive("is not a gzip archive, or is damaged") from None
    if len(found) > limit:
        raise BadArchive(f"becomes more than {limit} bytes when it is unpacked")
    if not stream.eof:
        raise BadArchive("is cut off")
    if stream.unused_data:
        raise BadArchive("goes on behind its end")
    return found


def _members(tar: bytes) -> Iterator[tuple[str, bytes | None]]:
    """Path and content of every file; of a folder the path and None."""
    at = 0
    while True:
        head = tar[at : at + _BLOCK]
        if len(head) < _BLOCK:
            raise BadArchive("is cut off")
        if not any(head):
            break
        name, kind, size = _header(head)
        content = tar[at + _BLOCK : at + _BLOCK + size]
        end = at + _BLOCK + (size + _BLOCK - 1) // _BLOCK * _BLOCK
        if len(content) < size or len(tar) < end:
            raise BadArchive("is cut off", name)
        if any(tar[at + _BLOCK + size : end]):
            raise BadArchive("hides bytes behind a file", name)
        at = end
        if kind in (b"x", b"g"):
            _harmless(content, name)
        elif kind == b"5":
            if size:
                raise BadArchive("is a folder with content", name)
            yield _path(name.removesuffix("/"), folder=True), None
        elif kind in (b"0", b"\0"):
            yield _path(name, folder=False), content
        else:
            raise BadArchive(f"is {_KINDS.get(kind, 'no file')}: a layer holds plain files only", name)
    if len(tar) - at < 2 * _BLOCK or any(tar[at:]):
        raise BadArchive("does not end as an archive ends")


def _header(head: bytes) -> tuple[str, bytes, int]:
    """Name, type and size of an entry."""
    if head[257:263] not in (b"ustar\0", b"ustar "):
        raise BadArchive("is not a tar archive of the form ustar")
    signed = sum(head[:148]) + 8 * 32 + sum(head[156:])
    if _octal(head[148:156].rstrip(b" ")) != signed:
        raise BadArchive("is damaged: the checksum of an entry is wrong")
    name = _text(head[:100])
    if head[257:263] == b"ustar\0" and (prefix := _text(head[345:500])):
        name = f"{prefix}/{name}"
    size = _octal(head[124:136])
    if size > MAX_UNPACKED:
        raise BadArchive(f"has more than {MAX_UNPACKED} bytes", name)
    if head[156:157] in (b"0", b"\0", b"5") and any(head[157:257]):
        raise BadArchive("is a file with the target of a link", name)
    return name, head[156:157], size


def _octal(field: bytes) -> int:
    text = field.strip(b"\0 ")
    if not _OCTAL.fullmatch(text):
        raise BadArchive("is damaged: an entry has a number that is none")
    return int(text, 8)


def _text(field: bytes) -> str:
    text, _, rest = field.partition(b"\0")
    if any(rest):
        raise BadArchive("hides bytes behind the name of an entry")
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        raise BadArchive("has an entry whose name is not UTF-8") from None


def _path(name: str, *, folder: bool) -> str:
    """A plain relative path; empty for the folder that everything lies in."""
    inside = name.removeprefix("./")
    if folder and inside in ("", "."):
        return ""
    shown = name.encode("unicode_escape").decode("ascii")[:80]
    if not name.isprintable() or "\\" in name or ":" in name:
        raise BadArchive("has a name with a character that paths of a layer do not have", shown)
    if inside.startswith("/"):
        raise BadArchive("is an absolute path", shown)
    if ".." in inside.split("/"):
        raise BadArchive("leads out of the archive", shown)
    if any(part in ("", ".") for part in inside.split("/")):
        raise BadArchive("is not a plain path", shown)
    return inside


def _harmless(content: bytes, name: str) -> None:
    """Let pax records pass that say when and by whom, and none that say what."""
    rest = content
    while rest:
        length, space, _ = rest.partition(b" ")
        if not space or not length.isdigit() or not len(length) + 3 <= int(length[:9]) <= len(rest):
            raise BadArchive("has an extension header that is damaged", name)
        record, rest = rest[: int(length[:9])], rest[int(length[:9]) :]
        key = record[len(length) + 1 :].partition(b"=")[0].decode("utf-8", "replace")
        if not record.endswith(b"\n") or b"=" not in record or not _HARMLESS.fullmatch(key):
            raise BadArchive(f"uses the tar extension {key[:40]!r}; write it with dpone policy build", name)


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """An archive of these files: sorted, no times, no owners, the same bytes on every machine.

    Not compressed, because two versions of a compressor make two archives of the same files.
    """
    from tarfile import USTAR_FORMAT, TarInfo

    blocks: list[bytes] = []
    for inside, content in sorted(files.items()):
        info = TarInfo(inside)
        info.size, info.mode = len(content), 0o644
        blocks += [info.tobuf(USTAR_FORMAT, "utf-8"), content, b"\0" * (-len(content) % _BLOCK)]
    tar = b"".join(blocks) + b"\0" * (2 * _BLOCK)
    pieces = [tar[at : at + 65535] for at in range(0, len(tar), 65535)]
    stored = [
        struct.pack("<BHH", number == len(pieces) - 1, len(piece), len(piece) ^ 0xFFFF) + piece
        for number, piece in enumerate(pieces)
    ]
    head = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    return head + b"".join(stored) + struct.pack("<II", zlib.crc32(tar), len(tar) & 0xFFFFFFFF)
