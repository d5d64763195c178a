"""Ed25519 private keys: reading the forms people have them in, making new ones, signing."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from dpone.errors import UsageError
from dpone.record import dataclass, field
from dpone.signing.plainkey import seed_of
from dpone.signing.public import KEY_BYTES, PublicKey, decode_base64

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MAX_KEY_FILE = 64_000


@dataclass(frozen=True)
class KeySigner:
    """A private key in this process. `source` says where it came from, without any of its content."""

    public: PublicKey
    source: str
    _key: Ed25519PrivateKey = field(repr=False, compare=False)

    def sign(self, data: bytes) -> bytes:
        """The 64-byte Ed25519 signature over `data` (RFC 8032, deterministic)."""
        return self._key.sign(data)


def parse_private(text: bytes, source: str) -> KeySigner:
    """Read an unencrypted Ed25519 private key: OpenSSH PEM, PKCS #8 PEM, or base64 of the 32-byte seed.

    Raises `UsageError` that names `source` and never shows any of the key.
    """
    if b"-----BEGIN" in text:
        plain = seed_of(text)
        signer = signer_from_seed(plain[0], source) if plain else None
        # A file whose two halves do not belong together is the library's to refuse.
        if plain and signer and plain[1] in (b"", signer.public.raw):
            return signer
        return _from_pem(text, source)
    try:
        seed = decode_base64(text.decode("ascii").strip())
    except UnicodeDecodeError:
        seed = None
    if seed is None or len(seed) != KEY_BYTES:
        raise _unusable(source, "is neither a PEM private key nor base64 of a 32-byte seed")
    return signer_from_seed(seed, source)


def signer_from_seed(seed: bytes, source: str) -> KeySigner:
    """The signer for a 32-byte Ed25519 seed (RFC 8032 section 5.1.5)."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return _signer(Ed25519PrivateKey.from_private_bytes(seed), source)


def new_private_text() -> bytes:
    """A fresh Ed25519 key from the operating system's randomness, as OpenSSH PEM without passphrase."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )


def read_private_file(path: Path, source: str, *, openssh_only: bool = False) -> KeySigner:
    """Read a private key file; on POSIX it must not be readable by group or others, as for ssh.

    Raises `UsageError` when it is missing, too open, encrypted or not an Ed25519 private key.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise _unusable(source, f"does not exist ({path})") from None
    except (OSError, ValueError) as error:
        raise _unusable(source, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode):
            raise _unusable(source, f"is not a regular file ({path})")
        if os.name == "posix" and stat.S_IMODE(info.st_mode) & 0o077:
            raise UsageError(
                f"the private key {path} can be read by others (mode {stat.S_IMODE(info.st_mode):04o})",
                f"chmod 600 {path}",
                code="signing.key_too_open",
            )
        text = os.read(handle, MAX_KEY_FILE + 1)
    finally:
        os.close(handle)
    if len(text) > MAX_KEY_FILE:
        raise _unusable(source, f"has more than {MAX_KEY_FILE} bytes")
    if openssh_only and b"-----BEGIN OPENSSH PRIVATE KEY-----" not in text:
        raise _unusable(source, "is not an OpenSSH private key; give the file without .pub")
    return parse_private(text, source)


def _from_pem(text: bytes, source: str) -> KeySigner:
    from cryptography.exceptions import InternalError, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    openssh = b"-----BEGIN OPENSSH PRIVATE KEY-----" in text
    load = serialization.load_ssh_private_key if openssh else serialization.load_pem_private_key
    try:
        key = load(text.strip() + b"\n", password=None)
    except TypeError:  # what cryptography raises for a key that needs a password
        raise _encrypted(source) from None
    except (ValueError, UnsupportedAlgorithm, InternalError):  # the last: an X448 key that is too short
        raise _unusable(source, "is not a private key that can be read") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _unusable(source, f"is a key of another type ({type(key).__name__})")
    return _signer(key, source)


def _signer(key: Ed25519PrivateKey, source: str) -> KeySigner:
    return KeySigner(PublicKey(key.public_key().public_bytes_raw()), source, key)


def _encrypted(source: str) -> UsageError:
    return UsageError(
        f"the signing key {source} is encrypted with a passphrase",
        "give a key without one, or sign with exec:COMMAND",
        code="signing.key_encrypted",
    )


def _unusable(source: str, why: str) -> UsageError:
    return UsageError(
        f"the signing key {source} {why}",
        "give an unencrypted Ed25519 private key (ssh-keygen -t ed25519 -N '' or dpone keys generate)",
        code="signing.key_unusable",
    )
