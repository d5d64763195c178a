"""Signed notes and checkpoints, against notes that other implementations signed."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpone.errors import UndecidedError
from dpone.signing.dsse import BrokenSeal, pae
from dpone.signing.note import (
    Checkpoint,
    key_id,
    open_note,
    parse_checkpoint,
    read_checkpoint,
    sign_note,
    verifier_key,
)
from dpone.signing.private import signer_from_seed
from dpone.signing.public import PublicKey

ONE, TWO = (signer_from_seed(bytes([number]) * 32, f"key {number}") for number in (1, 2))
NAME = "payments/" + "5f" * 32
CHECKPOINT = Checkpoint(NAME, 18, bytes(range(32)))

GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def reason(data, keys=(ONE.public,), name=NAME):
    """Why the note is refused, or an empty text when it is good."""
    try:
        open_note(data, name, keys)
    except BrokenSeal as broken:
        return broken.reason
    return ""


def test_note_of_the_go_implementation_verifies():
    """The example of golang.org/x/mod/sumdb/note: key id, verifier key and signature are the same."""
    name, identifier, encoded = GO_KEY.split("+")
    public = PublicKey(base64.b64decode(encoded)[1:])
    assert key_id(name, public).hex() == identifier
    assert verifier_key(name, public) == GO_KEY
    assert open_note(GO_NOTE.encode(), name, [public]).text.endswith("your problem is.\n")
    assert reason(GO_NOTE.replace("answer", "Answer").encode(), [public], name) == "bad_signature"


def test_checkpoint_is_signed_and_read_back():
    """The note's text is origin, size and root, each on a line, as tlog-checkpoint demands."""
    data = sign_note(CHECKPOINT.text(), NAME, ONE)
    root = base64.b64encode(bytes(range(32))).decode()
    assert data.decode().startswith(f"{NAME}\n18\n{root}\n\n\u2014 {NAME} ")
    note = open_note(data, NAME, [TWO.public, ONE.public])
    assert note.signers == (ONE.public,)
    assert parse_checkpoint(note.text) == CHECKPOINT == read_checkpoint(data)


@given(st.data())
def test_any_flipped_byte_is_found(data):
    """One byte of a signed checkpoint replaced by any other: it is refused."""
    note = bytearray(sign_note(CHECKPOINT.text(), NAME, ONE))
    place = data.draw(st.integers(0, len(note) - 1))
    note[place] ^= data.draw(st.integers(1, 255))
    assert reason(bytes(note)) != ""


def test_lines_by_unknown_keys_are_ignored_and_false_ones_are_not():
    """A witness may add its line; a line in a known key's name that does not verify breaks the note."""
    data = sign_note(CHECKPOINT.text(), NAME, ONE)
    other = sign_note(CHECKPOINT.text(), NAME, TWO)
    line = other.rpartition(b"\n\n")[2]
    assert open_note(data + line, NAME, [ONE.public]).signers == (ONE.public,)
    assert open_note(data + line, NAME, [ONE.public, TWO.public]).signers == (ONE.public, TWO.public)
    false = base64.b64encode(key_id(NAME, TWO.public) + bytes(64)).decode()
    assert reason(data + f"\u2014 {NAME} {false}\n".encode(), [ONE.public, TWO.public]) == "bad_signature"
    assert reason(other) == "unknown_key"
    assert reason(data, name="other") == "unknown_key"
    assert reason(data, keys=()) == "unknown_key"


GOOD = sign_note(CHECKPOINT.text(), NAME, ONE).decode()
BODY, LINE = GOOD.rsplit("\n\n", 1)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "\n\n",
        BODY + "\n",
        BODY + "\n\n",
        GOOD[:-1],
        GOOD + "\n",
        GOOD.replace("\n", "\r\n"),
        BODY + "\n\n" + LINE.replace("\u2014", "-"),
        BODY + "\n\n" + LINE.replace(" ", "  ", 1),
        BODY + "\n\n" + LINE[:-2] + "\n",
        BODY + "\n\n" + LINE * 17,
        BODY + "\n\n\u2014 a+b AAAAAAAA\n" + LINE,
        BODY + "\n\n\u2014 a AAAA\n" + LINE,
        pytest.param("x" * 70_000 + GOOD, id="large"),
        "tab\t" + GOOD,
    ],
)
def test_what_is_no_note_is_refused(data):
    """Every malformed line or text refuses the whole note."""
    assert reason(data.encode()) in ("wrong_shape", "too_large")


def test_bytes_that_are_no_text_are_refused():
    """A note is UTF-8."""
    assert reason(b"\xff" + GOOD.encode()) == "wrong_shape"


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"o\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"o\n01\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n+1\n{ROOT}\n",
        f"o\n\u0661\n{ROOT}\n",
        f"o\n{'9' * 17}\n{ROOT}\n",
        "o\n1\nAAAA\n",
        f"o\n1\n{ROOT[:-1]}\n",
        f"o\n1\n{ROOT}\nextension\n",
    ],
)
def test_text_that_is_no_checkpoint_is_refused(text):
    """Exactly three lines, a plain number, 32 bytes of root."""
    with pytest.raises(BrokenSeal):
        parse_checkpoint(text)


def test_what_is_no_note_is_never_signed():
    """Texts without a final line end or with control characters, and names with spaces or plus."""
    for text, name in (
        ("a", "n"),
        ("a\tb\n", "n"),
        ("a\n", ""),
        ("a\n", "a b"),
        ("a\n", "a+b"),
        ("a\n", "a\u2003b"),
    ):
        with pytest.raises(ValueError, match="signed note"):
            sign_note(text, name, ONE)


def test_faulty_signer_is_undecided():
    """A signature that does not verify never gets into a note."""

    class Faulty:
        public, source = ONE.public, "a faulty token"

        def sign(self, data):
            return TWO.sign(data)

    with pytest.raises(UndecidedError, match="does not verify"):
        sign_note("a\n", "n", Faulty())


def test_checkpoint_and_envelope_cannot_stand_for_each_other():
    """No checkpoint's text is what an envelope signs: origins have no spaces, encodings begin with one
    after DSSEv1.
    """
    with pytest.raises(ValueError, match="signed note"):
        sign_note(pae("application/x", b"1\n").decode(), "DSSEv1 13", ONE)
    assert " " not in CHECKPOINT.text()
    assert b" " in pae("", b"")
