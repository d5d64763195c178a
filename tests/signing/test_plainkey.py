"""Keys that are read without the library are read as the library reads them, or left to it."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from dpone.errors import UsageError
from dpone.signing import private
from dpone.signing.plainkey import seed_of

FORMS = {
    "openssh": serialization.PrivateFormat.OpenSSH,
    "pkcs8": serialization.PrivateFormat.PKCS8,
}
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def pem(form: str, key: Ed25519PrivateKey = KEY) -> bytes:
    """The key as the library writes it, without a passphrase."""
    return key.private_bytes(serialization.Encoding.PEM, FORMS[form], serialization.NoEncryption())


@pytest.mark.parametrize("form", FORMS)
@given(seed=st.binary(min_size=32, max_size=32))
def test_every_key_the_library_writes_is_read(form, seed) -> None:
    """The seed is the key's own."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    found = seed_of(pem(form, key))
    assert found is not None
    assert found[0] == seed
    assert found[1] in (b"", key.public_key().public_bytes_raw())


@pytest.mark.parametrize("form", FORMS)
def test_a_key_behind_a_passphrase_or_of_another_type_is_left_to_the_library(form) -> None:
    """So that its message is the library's."""
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

    locked = serialization.BestAvailableEncryption(b"secret") if form == "pkcs8" else None
    other = generate_private_key(SECP256R1())
    texts = [other.private_bytes(serialization.Encoding.PEM, FORMS[form], serialization.NoEncryption())]
    texts += [KEY.private_bytes(serialization.Encoding.PEM, FORMS[form], locked)] if locked else []
    for text in (*texts, b"", b"-----BEGIN PRIVATE KEY-----", pem(form) + pem(form), pem(form)[:-60]):
        assert seed_of(text) is None


@pytest.mark.parametrize("form", FORMS)
def test_a_changed_byte_never_gives_another_answer_than_the_library(form, monkeypatch) -> None:
    """For every character of the file: what is read at once is what the library reads from it too."""
    text = pem(form)
    for place in range(len(text)):
        changed = text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :]
        mine = outcome(changed)
        with monkeypatch.context() as patch:
            patch.setattr(private, "seed_of", lambda _: None)
            assert mine == outcome(changed), changed


def outcome(text: bytes) -> object:
    """The public key, or what was said."""
    try:
        return private.parse_private(text, "file:key").public
    except UsageError as error:
        return str(error)
