"""Envelopes: read by independent implementations, and by us only in exactly one form."""

from __future__ import annotations

import base64
import itertools
import json
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as OtherEnvelope
from securesystemslib.signer import SSlibKey

from dpone.errors import UndecidedError
from dpone.signing.dsse import (
    DECISION,
    IN_TOTO,
    PAYLOAD_TYPES,
    WAIVER,
    BrokenSeal,
    open_envelope,
    pae,
    seal,
)
from dpone.signing.private import signer_from_seed

ONE, TWO = (signer_from_seed(bytes([number]) * 32, f"key {number}") for number in (1, 2))
PAYLOAD = b'{"decision": "no"}'


def reason(data, keys=(ONE.public,), payload_type=DECISION):
    """Why the envelope is refused, or an empty text when it is good."""
    try:
        open_envelope(data, payload_type).verify(keys)
    except BrokenSeal as broken:
        return broken.reason
    return ""


def render(root):
    """The JSON form our envelopes have."""
    return json.dumps(root, sort_keys=True, separators=(",", ":")).encode()


def changed(**values):
    """A good envelope with some of its keys replaced, None meaning removed."""
    root = json.loads(seal(PAYLOAD, DECISION, ONE)) | values
    return render({key: value for key, value in root.items() if value is not None})


def cosigned():
    """An envelope that both keys signed."""
    one, two = (json.loads(seal(PAYLOAD, DECISION, signer)) for signer in (ONE, TWO))
    return render(one | {"signatures": one["signatures"] + two["signatures"]})


def test_pre_authentication_encoding_is_that_of_the_specification():
    """The example of protocol.md, byte for byte; lengths count UTF-8 bytes."""
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert pae("ä", b"") == b"DSSEv1 2 \xc3\xa4 0 "


@given(st.binary(max_size=300), st.sampled_from(PAYLOAD_TYPES))
def test_sealed_bytes_come_back_with_their_signer(payload, payload_type):
    """What was sealed is what is read, whatever the bytes; sealing twice gives the same envelope."""
    data = seal(payload, payload_type, ONE)
    verified = open_envelope(data, payload_type).verify([TWO.public, ONE.public])
    assert (verified.payload, verified.payload_type) == (payload, payload_type)
    assert (verified.signers, verified.unknown) == ((ONE.public,), ())
    assert data == seal(payload, payload_type, ONE)


def test_securesystemslib_verifies_our_envelopes():
    """An independent implementation accepts the envelope under our key id, and refuses another payload."""
    root = json.loads(seal(PAYLOAD, DECISION, ONE))
    key = SSlibKey(ONE.public.fingerprint, "ed25519", "ed25519", {"public": ONE.public.raw.hex()})
    assert list(OtherEnvelope.from_dict(root).verify([key], 1)) == [ONE.public.fingerprint]
    root = json.loads(seal(PAYLOAD, DECISION, ONE)) | {"payload": base64.b64encode(b"other").decode()}
    with pytest.raises(Exception, match="do not match threshold"):
        OtherEnvelope.from_dict(root).verify([key], 1)


def test_openssl_verifies_our_signatures(tmp_path: Path):
    """`openssl pkeyutl` accepts the signature over the encoded bytes, and refuses one changed byte."""
    root = json.loads(seal(PAYLOAD, DECISION, ONE))
    public = serialization.load_ssh_public_key(ONE.public.openssh().encode()).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (tmp_path / "key.pem").write_bytes(public)
    (tmp_path / "sig").write_bytes(base64.b64decode(root["signatures"][0]["sig"]))
    command = [
        "openssl",
        "pkeyutl",
        "-verify",
        "-rawin",
        "-pubin",
        "-inkey",
        "key.pem",
        "-sigfile",
        "sig",
        "-in",
    ]
    for content, status in ((pae(DECISION, PAYLOAD), 0), (pae(DECISION, PAYLOAD + b"x"), 1)):
        (tmp_path / "data").write_bytes(content)
        assert (
            subprocess.run([*command, "data"], cwd=tmp_path, check=False, capture_output=True).returncode
            == status
        )


@pytest.mark.parametrize(("written", "asked"), list(itertools.permutations((*PAYLOAD_TYPES, IN_TOTO), 2)))
def test_no_type_passes_in_another_ones_place(written, asked):
    """Each kind of signed thing is refused where another is expected, before its payload is looked at;
    renaming it breaks the signature.
    """
    sealed = seal(PAYLOAD, written if written in PAYLOAD_TYPES else DECISION, ONE)
    root = json.loads(sealed) | {"payloadType": written}
    assert reason(render(root), payload_type=asked) == "wrong_type"
    if written in PAYLOAD_TYPES:
        assert reason(render(root | {"payloadType": asked}), payload_type=asked) == "bad_signature"


def test_only_our_own_types_can_be_sealed():
    """A type dpone does not sign, in-toto's plain one included, is a defect of the caller."""
    for payload_type in (IN_TOTO, "", "application/json", DECISION + " "):
        with pytest.raises(ValueError, match="not a type"):
            seal(PAYLOAD, payload_type, ONE)


@given(st.data())
def test_any_flipped_byte_is_found(data):
    """One byte of an envelope replaced by any other: it is refused, wherever the byte stands."""
    sealed = bytearray(seal(PAYLOAD, DECISION, ONE))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    assert reason(bytes(sealed)) != ""


def test_every_flipped_bit_is_found():
    """The same without chance: every bit of a whole envelope."""
    sealed = seal(PAYLOAD, DECISION, ONE)
    for place, bit in itertools.product(range(len(sealed)), range(8)):
        broken = bytearray(sealed)
        broken[place] ^= 1 << bit
        assert reason(bytes(broken)) != "", (place, bit)


@given(st.data())
def test_any_flipped_byte_of_a_cosigned_envelope_shows(data):
    """With two signatures each byte still matters: refused, or a signer less than there were."""
    sealed = bytearray(cosigned())
    keys = (ONE.public, TWO.public)
    before = open_envelope(bytes(sealed), DECISION).verify(keys)
    assert before.signers == keys
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    try:
        after = open_envelope(bytes(sealed), DECISION).verify(keys)
    except BrokenSeal:
        return
    assert len(after.signers) == len(after.unknown) == 1


SIGNATURE = json.loads(seal(PAYLOAD, DECISION, ONE))["signatures"][0]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "not_json"),
        (b"[]", "wrong_shape"),
        (b"{}", "wrong_shape"),
        (b"\xef\xbb\xbf" + changed(), "not_json"),
        (changed()[:-1], "not_json"),
        pytest.param(b"[" * 100_000, "not_json", id="deep"),
        pytest.param(b" " * 10_000_001, "too_large", id="large"),
        (changed() + b"\n", "not_canonical"),
        (b" " + changed(), "not_canonical"),
        (json.dumps(json.loads(changed())).encode(), "not_canonical"),
        (changed().replace(b"payload", b"\\u0070ayload", 1), "not_canonical"),
        (changed()[:-1] + b',"payload":""}', "not_json"),
        (changed(extra=1), "wrong_shape"),
        (changed(payload=None), "wrong_shape"),
        (changed(payload=1), "wrong_shape"),
        (changed(payload="e30"), "wrong_shape"),
        (changed(payload="e3__"), "wrong_shape"),
        (changed(payload="e31="), "wrong_shape"),
        (changed(payloadType=1), "wrong_type"),
        (changed(payloadType=DECISION.upper()), "wrong_type"),
        (changed(payloadType=WAIVER), "wrong_type"),
        (changed(signatures=[]), "wrong_shape"),
        (changed(signatures={}), "wrong_shape"),
        (changed(signatures=["x"]), "wrong_shape"),
        (changed(signatures=[SIGNATURE | {"keyid": str(i)} for i in range(9)]), "wrong_shape"),
        (changed(signatures=[SIGNATURE, SIGNATURE]), "wrong_shape"),
        (changed(signatures=[SIGNATURE | {"cert": ""}]), "wrong_shape"),
        (changed(signatures=[{"sig": SIGNATURE["sig"]}]), "wrong_shape"),
        (changed(signatures=[SIGNATURE | {"keyid": None}]), "wrong_shape"),
        (changed(signatures=[SIGNATURE | {"sig": "AAAA"}]), "wrong_shape"),
        (changed(signatures=[SIGNATURE | {"keyid": ""}]), "unknown_key"),
        (changed(signatures=[SIGNATURE | {"keyid": TWO.public.fingerprint}]), "unknown_key"),
        (changed(payload=base64.b64encode(b"{}").decode()), "bad_signature"),
        (changed(signatures=[SIGNATURE | {"sig": base64.b64encode(bytes(64)).decode()}]), "bad_signature"),
    ],
)
def test_hostile_envelope_is_refused_with_its_reason(data, expected):
    """Wrong JSON, wrong shape, rewritten, oversized, without or with a false signature."""
    assert reason(data) == expected


def test_key_id_proves_nothing():
    """A signature under the id of a trusted key is checked with that key; its own id does not help."""
    sealed = json.loads(seal(PAYLOAD, DECISION, TWO))
    sealed["signatures"][0]["keyid"] = ONE.public.fingerprint
    assert reason(render(sealed), keys=(ONE.public, TWO.public)) == "bad_signature"


def test_one_false_signature_breaks_the_seal_beside_a_good_one():
    """Two known keys, one of them falsely named: the good one does not cover for it."""
    root = json.loads(cosigned())
    root["signatures"][1]["sig"] = root["signatures"][0]["sig"]
    assert reason(render(root), keys=(ONE.public, TWO.public)) == "bad_signature"
    assert reason(cosigned(), keys=(TWO.public,)) == ""
    assert reason(cosigned(), keys=()) == "unknown_key"


def test_payload_cannot_be_had_before_it_is_verified():
    """An opened envelope shows no public way to its payload."""
    envelope = open_envelope(seal(PAYLOAD, DECISION, ONE), DECISION)
    shown = [getattr(envelope, name) for name in dir(envelope) if not name.startswith("_")]
    assert PAYLOAD not in shown
    assert PAYLOAD.decode() not in repr(envelope)


def test_signer_that_signs_wrongly_is_undecided():
    """A faulty token, or a payload larger than readers accept, makes no envelope."""

    class Faulty:
        public, source = ONE.public, "a faulty token"

        def sign(self, data):
            return TWO.sign(data)

    with pytest.raises(UndecidedError, match="a faulty token does not verify"):
        seal(PAYLOAD, DECISION, Faulty())
    with pytest.raises(UndecidedError, match="too many"):
        seal(b"x" * 8_000_000, DECISION, ONE)
