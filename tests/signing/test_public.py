"""Public keys: names and forms as OpenSSH has them."""

from __future__ import annotations

import base64
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from dpone.errors import UsageError
from dpone.signing.public import _SMALL_ORDER, PublicKey, decode_base64


def test_fingerprint_and_line_are_those_of_ssh_keygen(tmp_path):
    """A key made by ssh-keygen has the fingerprint that ssh-keygen -lf prints, and the same .pub line."""
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "me here", "-f", tmp_path / "k"], check=True
    )
    line = (tmp_path / "k.pub").read_text().strip()
    printed = subprocess.run(
        ["ssh-keygen", "-lf", tmp_path / "k.pub"], check=True, capture_output=True, text=True
    )
    key = PublicKey.parse(line, "here")
    assert key.fingerprint == printed.stdout.split()[1]
    assert key.openssh("me here") == line
    assert PublicKey.parse(key.base64, "here") == key


def test_comment_cannot_start_a_second_line(make_signer):
    """A comment with line ends stays one line, so that no key can be smuggled into authorized_keys."""
    assert "\n" not in make_signer(1).public.openssh("a\nssh-ed25519 AAAA")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ssh-ed25519",
        "ssh-ed25519 AAAA",
        "ssh-rsa AAAAB3NzaC1yc2E=",
        "sk-ssh-ed25519@openssh.com AAAA",
        base64.b64encode(bytes(range(31))).decode(),
        base64.b64encode(bytes(range(33))).decode(),
        "-----BEGIN PUBLIC KEY-----",
        "AAAAC3NzaC1lZDI1NTE5AAAAIDBg3tZegBy0vPfVKSq3f5snn+Dg9sdlMACnEUjtckFX",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDBg3tZegBy0vPfVKSq3f5snn-Dg9sdlMACnEUjtckFX",
    ],
)
def test_what_is_no_public_key_is_refused(text):
    """Other types, lengths and alphabets are one clear error that names the place."""
    with pytest.raises(UsageError, match=r"^here: not an Ed25519 public key"):
        PublicKey.parse(text, "here")


@pytest.mark.parametrize("encoding", sorted(_SMALL_ORDER))
def test_points_of_small_order_are_nobodys_key(encoding):
    """For each of these a signature can be written without any private key, so none may be trusted."""
    for sign in (0, 0x80):
        raw = encoding[:-1] + bytes([encoding[-1] | sign])
        with pytest.raises(UsageError, match="small order"):
            PublicKey(raw)


def test_forging_for_a_small_order_point_really_works():
    """The reason for the check: the bare library accepts a forged signature for the neutral element."""
    neutral = b"\x01" + bytes(31)
    Ed25519PublicKey.from_public_bytes(neutral).verify(neutral + bytes(32), b"anything at all")


def test_signature_of_another_key_or_text_does_not_verify(make_signer):
    """Only the same key over the same bytes verifies; a short signature is just a wrong one."""
    one, two = make_signer(1), make_signer(2)
    signature = one.sign(b"text")
    assert one.public.verify(signature, b"text")
    assert not two.public.verify(signature, b"text")
    assert not one.public.verify(signature, b"texT")
    assert not one.public.verify(signature[:-1], b"text")
    assert not one.public.verify(b"", b"text")


@given(st.binary(max_size=80))
def test_base64_has_one_text_per_value(data):
    """Decoding gives the bytes back; a text with other padding or stray final bits gives nothing."""
    text = base64.b64encode(data).decode()
    assert decode_base64(text) == data
    assert decode_base64(text + "\n") is None
    if text.endswith("="):
        assert decode_base64(text.rstrip("=")) is None
        last = text.rstrip("=")[-1]
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        other = alphabet[alphabet.index(last) ^ 1]
        stem = text.rstrip("=")[:-1]
        assert decode_base64(stem + other + "=" * (len(text) - len(stem) - 1)) is None
