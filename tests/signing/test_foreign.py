"""In-toto envelopes as other tools write them."""

from __future__ import annotations

import base64
import json

import pytest

from dpone.signing.dsse import DECISION, IN_TOTO, BrokenSeal, open_envelope, pae
from dpone.signing.foreign import open_foreign_envelope
from dpone.signing.private import signer_from_seed

ONE, TWO = (signer_from_seed(bytes([number]) * 32, f"key {number}") for number in (1, 2))
PAYLOAD = b'{"_type": "https://in-toto.io/Statement/v1", "x": "\xc3\xbf\xc3\xbf\xc3\xbe"}'


def envelope(**values):
    """An in-toto envelope as cosign or witness writes it."""
    sig = base64.b64encode(ONE.sign(pae(IN_TOTO, PAYLOAD))).decode()
    root = {
        "payloadType": IN_TOTO,
        "payload": base64.b64encode(PAYLOAD).decode(),
        "signatures": [{"keyid": "whatever", "sig": sig}],
    }
    return json.dumps(root | values, indent=1).encode()


def test_foreign_envelope_is_read_and_verified():
    """White space, key order and key ids of other tools do not matter; the signature does."""
    read = open_foreign_envelope(envelope())
    assert read.unverified_payload == PAYLOAD
    assert read.verify([TWO.public, ONE.public]).signers == (ONE.public,)
    with pytest.raises(BrokenSeal, match="no known key"):
        read.verify([TWO.public])


def test_both_alphabets_and_a_missing_key_id_are_read():
    """envelope.md allows URL-safe base64 and an absent keyid; certificates beside it are ignored."""
    sig = base64.urlsafe_b64encode(ONE.sign(pae(IN_TOTO, PAYLOAD))).decode()
    payload = base64.urlsafe_b64encode(PAYLOAD).decode()
    assert "-" in payload + sig or "_" in payload + sig
    data = envelope(payload=payload, signatures=[{"sig": sig, "cert": "…"}])
    assert open_foreign_envelope(data).verify([ONE.public]).payload == PAYLOAD


def test_one_signer_twice_counts_once():
    """The same key under two ids is one signer."""
    signature = json.loads(envelope())["signatures"][0]
    data = envelope(signatures=[signature, signature | {"keyid": "other"}])
    assert open_foreign_envelope(data).verify([ONE.public]).signers == (ONE.public,)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{}", "wrong_shape"),
        (envelope(payloadType=DECISION), "wrong_type"),
        (envelope(payload=1), "wrong_shape"),
        (envelope(payload="é"), "wrong_shape"),
        (envelope(signatures=[]), "wrong_shape"),
        (envelope(signatures=[{"keyid": "x"}]), "wrong_shape"),
        (envelope(signatures=[{"keyid": 1, "sig": "AAAA"}]), "wrong_shape"),
    ],
)
def test_what_is_no_in_toto_envelope_is_refused(data, reason):
    """Other types, our own among them, and broken shapes."""
    with pytest.raises(BrokenSeal) as caught:
        open_foreign_envelope(data)
    assert caught.value.reason == reason


def test_foreign_envelope_never_passes_as_ours():
    """However well signed, it is refused where one of our own is expected."""
    with pytest.raises(BrokenSeal):
        open_envelope(envelope(), DECISION)


def test_signature_of_another_length_is_no_signature():
    """A short or long signature (another algorithm) is simply by nobody known."""
    data = envelope(signatures=[{"sig": base64.b64encode(b"x" * 71).decode()}])
    with pytest.raises(BrokenSeal, match="no known key"):
        open_foreign_envelope(data).verify([ONE.public])
