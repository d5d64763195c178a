"""Signing through a real external command."""

from __future__ import annotations

import shlex
import sys
import textwrap

import pytest

from dpone.errors import DponeError, UndecidedError, UsageError
from dpone.signing.dsse import DECISION, open_envelope, seal
from dpone.signing.external import open_command
from dpone.signing.keys import load_signer

SCRIPT = """
import base64, sys, time
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
key = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
def show(data):
    print(base64.b64encode(data).decode())
if sys.argv[1:] == ["--public"]:
    show(key.public_key().public_bytes_raw())
else:
    data = sys.stdin.buffer.read()
    SIGN
"""


def command(tmp_path, sign, script=SCRIPT):
    """A command that runs the script with that way of signing."""
    path = tmp_path / "with space.py"
    path.write_text(textwrap.dedent(script).replace("SIGN", sign))
    return f"{shlex.quote(sys.executable)} {shlex.quote(str(path))}"


def test_envelope_signed_by_a_command_verifies(workspace, tmp_path):
    """The command gets the DSSE bytes on its input; what it prints makes a good envelope."""
    signer = load_signer("exec:" + command(tmp_path, "show(key.sign(data))"), workspace)
    sealed = seal(b"payload" * 20_000, DECISION, signer)
    assert open_envelope(sealed, DECISION).verify([signer.public]).payload == b"payload" * 20_000


@pytest.mark.parametrize(
    ("sign", "message"),
    [
        ("show(key.sign(data + b'x'))", "other bytes"),
        ("show(Ed25519PrivateKey.generate().sign(data))", "another key"),
        ("show(key.sign(data)[:-1])", "64-byte"),
        ("print(key.sign(data).hex())", "64-byte"),
        ("print()", "64-byte"),
        ("show(key.sign(data)); print('done')", "64-byte"),
        ("print('x' * 20000)", "more than one"),
        ("sys.exit('no token in the slot')", "status 1: no token in the slot"),
        ("time.sleep(30)", "within 2 seconds"),
    ],
)
def test_command_that_gives_no_good_signature_is_undecided(sign, message, workspace, tmp_path):
    """A wrong, late or missing signature is never used."""
    signer = open_command(command(tmp_path, sign), workspace, timeout=2)
    with pytest.raises(UndecidedError, match=message):
        signer.sign(b"data")


@pytest.mark.parametrize(
    "text", ["", "'unclosed", "no-such-program-xyz", "/etc/passwd", "false", "true", "echo not-a-key"]
)
def test_command_without_a_public_key_is_an_error(text, workspace):
    """A command that cannot be read, found or run, or that prints no key."""
    with pytest.raises(DponeError):
        open_command(text, workspace)


def test_no_shell_reads_the_command(workspace):
    """Shell syntax is passed on as plain words."""
    with pytest.raises(UsageError, match="echo --public"):
        open_command("echo ; touch made-by-shell", workspace)
    assert list(workspace.root.iterdir()) == []
