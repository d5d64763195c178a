"""The private key forms that need no library to be read, which is most of what loading a key costs.

Everything here is exact: a text that differs in anything from what `ssh-keygen`, `openssl genpkey` and
dpone write without a passphrase is left to the library, and so are all messages about what is wrong with it.
"""

from __future__ import annotations

import re

from dpone.signing.public import KEY_BYTES, decode_base64

_PEM = re.compile(
    rb"-----BEGIN ((?:OPENSSH )?PRIVATE KEY)-----\s+([A-Za-z0-9+/=\s]+?)\s+-----END \1-----", re.ASCII
)
_PKCS8 = bytes.fromhex("302e020100300506032b657004220420")
"""An Ed25519 PrivateKeyInfo up to its 32-byte seed (RFC 8410 section 7)."""
_OPENSSH = b"openssh-key-v1\0" + b"\0\0\0\x04none" * 2 + b"\0\0\0\0" + b"\0\0\0\x01" + b"\0\0\0\x33"
"""One key, no cipher (openssh/PROTOCOL.key)."""
_KEY = b"\0\0\0\x0bssh-ed25519\0\0\0\x20"
_PRIVATE = b"\0\0\0\x40"
_PADDING = bytes(range(1, 8))


def seed_of(text: bytes) -> tuple[bytes, bytes] | None:
    """The 32-byte seed in a PEM text, and the public key it names (empty where the form has none)."""
    pem = _PEM.fullmatch(text.strip())
    data = decode_base64(b"".join(pem[2].split()).decode("ascii")) if pem else None
    if pem is None or data is None:
        return None
    return _openssh(data) if pem[1].startswith(b"OPENSSH") else _pkcs8(data)


def _pkcs8(data: bytes) -> tuple[bytes, bytes] | None:
    right = data.startswith(_PKCS8) and len(data) == len(_PKCS8) + KEY_BYTES
    return (data[len(_PKCS8) :], b"") if right else None


def _openssh(data: bytes) -> tuple[bytes, bytes] | None:
    head = len(_OPENSSH) + len(_KEY)
    public, rest = data[head : head + KEY_BYTES], data[head + KEY_BYTES :]
    section = rest[4:]
    check = section[:4]
    body = check * 2 + _KEY + public + _PRIVATE
    seed, end = section[len(body) : len(body) + KEY_BYTES], section[len(body) + KEY_BYTES :]
    comment = end[KEY_BYTES + 4 : KEY_BYTES + 4 + int.from_bytes(end[KEY_BYTES : KEY_BYTES + 4], "big")]
    whole = body + seed + public + len(comment).to_bytes(4, "big") + comment
    whole += _PADDING[: -len(whole) % 8]
    exact = _OPENSSH + _KEY + public + len(whole).to_bytes(4, "big") + whole
    return (seed, public) if data == exact and len(seed) == len(public) == KEY_BYTES else None
