"""Signed notes and log checkpoints (c2sp.org/signed-note and c2sp.org/tlog-checkpoint, Ed25519 only)."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

from dpone.errors import UndecidedError
from dpone.record import dataclass
from dpone.signing.dsse import BrokenSeal
from dpone.signing.keys import Signer
from dpone.signing.public import SIGNATURE_BYTES, PublicKey, decode_base64

MAX_NOTE_BYTES = 65_536
MAX_NOTE_SIGNATURES = 16
_ED25519 = b"\x01"
_DASH = "\u2014 "
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")


@dataclass(frozen=True)
class Note:
    """A note one of the asked-for keys signed: its text with the final newline, and who signed."""

    text: str
    signers: tuple[PublicKey, ...]


@dataclass(frozen=True)
class Checkpoint:
    """A log's state: which log, how many entries, and the RFC 6962 root over them (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The note text of the checkpoint."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"


def key_id(name: str, public: PublicKey) -> bytes:
    """The 4 bytes that name a key in a note: SHA-256(name || 0x0A || 0x01 || key), cut."""
    return hashlib.sha256(name.encode("utf-8") + b"\n" + _ED25519 + public.raw).digest()[:4]


def verifier_key(name: str, public: PublicKey) -> str:
    """The key as other implementations take it: ``name+hash+base64`` (golang.org/x/mod/sumdb/note)."""
    encoded = base64.b64encode(_ED25519 + public.raw).decode("ascii")
    return f"{name}+{key_id(name, public).hex()}+{encoded}"


def sign_note(text: str, name: str, signer: Signer) -> bytes:
    """Sign `text`, which ends in a newline, under the key name `name` (no spaces, no plus).

    Raises `ValueError` for what cannot be a note, `UndecidedError` when the signer fails.
    """
    if not text.endswith("\n") or not _printable(text) or not _is_name(name):
        raise ValueError("not the text or the key name of a signed note")
    body = text.encode("utf-8")
    signature = signer.sign(body)
    if not signer.public.verify(signature, body):
        raise UndecidedError(
            f"the signature made by {signer.source} does not verify",
            "check signing.key",
            code="signing.bad_signer",
        )
    encoded = base64.b64encode(key_id(name, signer.public) + signature).decode("ascii")
    return f"{text}\n{_DASH}{name} {encoded}\n".encode()


def open_note(data: bytes, name: str, keys: Iterable[PublicKey]) -> Note:
    """Check a note signed under the key name `name` by at least one of `keys`.

    As the specification demands, lines by unknown keys are ignored, and one line by a known key that
    does not verify breaks the note. Raises `BrokenSeal` (`too_large`, `wrong_shape`, `unknown_key`,
    `bad_signature`).
    """
    text, lines = _split(data)
    known = {key_id(name, key): key for key in keys}
    signers: list[PublicKey] = []
    for line_name, identifier, signature in lines:
        key = known.get(identifier) if line_name == name else None
        if key is None:
            continue
        if len(signature) != SIGNATURE_BYTES or not key.verify(signature, text.encode("utf-8")):
            raise BrokenSeal("bad_signature", f"the note's signature by {key.fingerprint} does not verify")
        signers.append(key)
    if not signers:
        raise BrokenSeal("unknown_key", f"no known key signed the note as {name}")
    return Note(text, tuple(signers))


def read_checkpoint(data: bytes) -> Checkpoint:
    """What a checkpoint note says, without checking who signed it: for placing it, never for trust.

    Raises `BrokenSeal` when it is no checkpoint.
    """
    return parse_checkpoint(_split(data)[0])


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint from a note's text; extension lines are refused, we never write any."""
    lines = text.split("\n")
    if len(lines) == 4 and lines[3] == "" and lines[0] and _SIZE.fullmatch(lines[1]):
        root = decode_base64(lines[2])
        if root is not None and len(root) == hashlib.sha256().digest_size:
            return Checkpoint(lines[0], int(lines[1]), root)
    raise BrokenSeal("wrong_shape", "the note is not a checkpoint: origin, size and root hash are expected")


def _split(data: bytes) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    if len(data) > MAX_NOTE_BYTES:
        raise BrokenSeal("too_large", f"the note has {len(data)} bytes, the limit is {MAX_NOTE_BYTES}")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise BrokenSeal("wrong_shape", "the note is not UTF-8") from None
    head, found, tail = whole.rpartition("\n\n")
    if not found or not _printable(whole) or not tail.endswith("\n"):
        raise BrokenSeal("wrong_shape", "it is not a signed note: text, an empty line, signature lines")
    rows = tail[:-1].split("\n")
    if len(rows) > MAX_NOTE_SIGNATURES:
        raise BrokenSeal("wrong_shape", f"the note has more than {MAX_NOTE_SIGNATURES} signatures")
    return head + "\n", [_signature_line(row) for row in rows]


def _signature_line(row: str) -> tuple[str, bytes, bytes]:
    words = row.removeprefix(_DASH).split(" ")
    if row.startswith(_DASH) and len(words) == 2 and _is_name(words[0]):
        raw = decode_base64(words[1])
        if raw is not None and len(raw) > 4:
            return words[0], raw[:4], raw[4:]
    raise BrokenSeal("wrong_shape", "a signature line of the note cannot be read")


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(char.isspace() for char in name) and _printable(name)


def _printable(text: str) -> bool:
    return not any(char < " " and char != "\n" for char in text)
