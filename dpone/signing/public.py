"""Ed25519 public keys: their OpenSSH form, their fingerprint, and checking a signature (RFC 8032)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

from dpone.errors import UsageError
from dpone.record import dataclass

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KEY_BYTES, SIGNATURE_BYTES = 32, 64
_ALGORITHM = "ssh-ed25519"
_WIRE_HEAD = b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"

# Points of order 1, 2, 4 and 8, sign bit cleared (RFC 7748 section 7 and RFC 8032 section 8.4 leave
# this check to the protocol): for such a "key" anybody can write signatures that verify.
_SMALL_ORDER = frozenset(
    bytes.fromhex(text)
    for text in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)


@dataclass(frozen=True)
class PublicKey:
    """An Ed25519 public key: `raw` are its 32 bytes (RFC 8032 section 5.1.5).

    Raises `UsageError` for another length and for points of small order, which are nobody's key.
    """

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != KEY_BYTES:
            raise UsageError(
                f"a public key has {len(self.raw)} bytes, an Ed25519 key has {KEY_BYTES}",
                "give an Ed25519 public key",
                code="signing.public_key",
            )
        if self.raw[:-1] + bytes([self.raw[-1] & 0x7F]) in _SMALL_ORDER:
            raise UsageError(
                "a public key is a point of small order, for which anybody can sign",
                "give a key made by ssh-keygen -t ed25519 or dpone keys generate",
                code="signing.public_key",
            )

    @classmethod
    def parse(cls, text: str, where: str) -> PublicKey:
        """Read a key from an OpenSSH line (``ssh-ed25519 AAAA… comment``) or base64 of its 32 bytes.

        `where` names the place in the error (`UsageError`).
        """
        words = text.split()
        if len(words) >= 2 and words[0] == _ALGORITHM:
            wire = decode_base64(words[1])
            if wire is not None and wire.startswith(_WIRE_HEAD):
                return cls(wire[len(_WIRE_HEAD) :])
        elif len(words) == 1:
            raw = decode_base64(words[0])
            if raw is not None and len(raw) == KEY_BYTES:
                return cls(raw)
        raise UsageError(
            f"{where}: not an Ed25519 public key",
            "give a line like 'ssh-ed25519 AAAAC3… name', as in id_ed25519.pub",
            code="signing.public_key",
        )

    @property
    def wire(self) -> bytes:
        """The key in the SSH wire form (RFC 8709 section 4)."""
        return _WIRE_HEAD + self.raw

    @property
    def fingerprint(self) -> str:
        """``SHA256:…`` exactly as ``ssh-keygen -lf`` prints it: unpadded base64 over the wire form."""
        return fingerprint_text(self.wire)

    @property
    def base64(self) -> str:
        """The 32 bytes as standard base64."""
        return base64.b64encode(self.raw).decode("ascii")

    def openssh(self, comment: str = "") -> str:
        """The key as one line of an ``authorized_keys`` or ``.pub`` file, without a line end."""
        line = f"{_ALGORITHM} {base64.b64encode(self.wire).decode('ascii')}"
        return f"{line} {' '.join(comment.split())}".rstrip()

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Whether `signature` is this key's Ed25519 signature over exactly `data`."""
        from cryptography.exceptions import InvalidSignature

        try:
            _loaded(self.raw).verify(signature, data)
        except InvalidSignature:
            return False
        return True


@lru_cache(maxsize=256)
def _loaded(raw: bytes) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return Ed25519PublicKey.from_public_bytes(raw)


def fingerprint_text(data: bytes) -> str:
    """``SHA256:`` and the unpadded base64 of the SHA-256 of `data`, OpenSSH's way to name keys."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(data).digest()).decode("ascii").rstrip("=")


def decode_base64(text: str) -> bytes | None:
    """Decode canonical standard base64 (RFC 4648 section 4, padded), or None: two texts never give
    the same bytes.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode("ascii") == text else None
