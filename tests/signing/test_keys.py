"""Where a signer comes from: every form of `signing.key`, and that nothing falls back silently."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519

from dpone.errors import DponeError, UsageError
from dpone.record import replace
from dpone.signing.keys import load_signer
from dpone.signing.private import parse_private

SEED = bytes(range(32))
KEY = ed25519.Ed25519PrivateKey.from_private_bytes(SEED)
OPENSSH, PKCS8 = serialization.PrivateFormat.OpenSSH, serialization.PrivateFormat.PKCS8
PLAIN = serialization.NoEncryption()


def pem(key, form, encryption=PLAIN):
    """A private key as PEM."""
    return key.private_bytes(serialization.Encoding.PEM, form, encryption)


def with_env(workspace, **values):
    """The workspace with more environment variables."""
    return replace(workspace, env={**workspace.env, **values})


def key_file(workspace, content=None, mode=0o600):
    """A private key file in the home folder."""
    path = Path(workspace.env["HOME"]) / "key"
    path.write_bytes(pem(KEY, OPENSSH) if content is None else content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    "text",
    [
        pem(KEY, OPENSSH),
        pem(KEY, PKCS8),
        base64.b64encode(SEED),
        base64.b64encode(SEED) + b"\n",
        pem(KEY, PKCS8).strip(),
    ],
    ids=["openssh", "pkcs8", "seed", "seed with line end", "pkcs8 without line end"],
)
def test_each_form_of_a_private_key_gives_the_same_key(text, workspace):
    """OpenSSH, PKCS #8 and the bare seed are the same key, from the environment and from a file."""
    expected = KEY.public_key().public_bytes_raw()
    from_env = load_signer("env:MY_KEY", with_env(workspace, MY_KEY=text.decode()))
    from_file = load_signer(f"file:{key_file(workspace, text)}", workspace)
    assert from_env.public.raw == from_file.public.raw == expected
    assert from_env.public.verify(from_file.sign(b"x"), b"x")


def test_key_made_by_ssh_keygen_signs(workspace):
    """A key file as ssh-keygen writes it works with ssh: and a leading ~."""
    path = Path(workspace.env["HOME"]) / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    signer = load_signer("ssh:~/id", workspace)
    assert signer.public.openssh() == " ".join((path.with_suffix(".pub")).read_text().split()[:2])


PASSPHRASE = serialization.BestAvailableEncryption(b"secret words")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pem(KEY, PKCS8, PASSPHRASE), "encrypted with a passphrase"),
        (pem(ec.generate_private_key(ec.SECP256R1()), OPENSSH), "another type"),
        (pem(rsa.generate_private_key(65537, 2048), PKCS8), "another type"),
        (pem(x25519.X25519PrivateKey.generate(), PKCS8), "another type"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "not a private key"),
        (pem(KEY, OPENSSH)[:100], "not a private key"),
        (b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDBg3tZegBy0vPfVKSq3f5snn+Dg9sdlMACnEUjtckFX", "neither"),
        (base64.b64encode(SEED[:31]), "neither"),
        (base64.b64encode(SEED + SEED), "neither"),
        (SEED.hex().encode(), "neither"),
        (b"", "neither"),
        (b"\xff\xfe\x00", "neither"),
        pytest.param(b"x" * 70_000, "more than", id="large"),
    ],
)
def test_unusable_key_is_one_clear_error(content, message, workspace):
    """Encrypted, of another type, cut, empty: a usage error in one line that shows none of the key."""
    with pytest.raises(UsageError, match=message) as caught:
        load_signer(f"file:{key_file(workspace, content)}", workspace)
    assert "\n" not in str(caught.value)
    if len(content) > 40:
        assert content.decode("latin-1")[30:60] not in str(caught.value)


@pytest.mark.parametrize("form", ["OPENSSH", "PKCS8"])
def test_passphrase_of_ssh_keygen_is_named_as_the_reason(form, workspace):
    """A key that ssh-keygen encrypted, in either format, is refused with the reason."""
    path = Path(workspace.env["HOME"]) / "locked"
    options = ["-m", "PKCS8"] if form == "PKCS8" else []
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret words", *options, "-f", path]
    subprocess.run(command, check=True)
    with pytest.raises(UsageError, match="encrypted with a passphrase"):
        load_signer(f"file:{path}", workspace)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_key_file_that_others_can_touch_is_refused(mode, workspace):
    """As ssh does; the advice is the very command that mends it."""
    path = key_file(workspace, mode=mode)
    with pytest.raises(UsageError, match=f"chmod 600 {path}"):
        load_signer(f"file:{path}", workspace)


@pytest.mark.parametrize("spec", ["", "auto:", "none", "env:", "file:", "http://x", "ssh", "AUTO"])
def test_unknown_source_is_refused_without_showing_it(spec, workspace):
    """Somebody may have written the key itself into the setting: the error does not repeat it."""
    with pytest.raises(UsageError, match="auto, env:NAME"):
        load_signer(spec, workspace)
    secret = base64.b64encode(SEED).decode()
    with pytest.raises(UsageError) as caught:
        load_signer(secret, workspace)
    assert secret not in str(caught.value)


@pytest.mark.parametrize(
    "spec",
    ["env:NOT_SET", "file:missing", "ssh:missing", "file:.", "file:/dev/null", "exec:no-such-program-xyz"],
)
def test_named_source_that_cannot_be_used_is_an_error(spec, workspace):
    """A named source never falls back to another, in CI or out of it."""
    for place in (workspace, with_env(workspace, CI="true")):
        with pytest.raises(DponeError):
            load_signer(spec, place)


def test_auto_prefers_the_environment_and_an_unusable_value_is_an_error(workspace):
    """DPONE_SIGNING_KEY wins; set to nonsense it is an error and no machine key appears."""
    place = with_env(workspace, DPONE_SIGNING_KEY=base64.b64encode(SEED).decode(), CI="true")
    assert load_signer("auto", place).public.raw == KEY.public_key().public_bytes_raw()
    for wrong in ("nonsense", " ", "\n"):
        with pytest.raises(UsageError):
            load_signer("auto", with_env(workspace, DPONE_SIGNING_KEY=wrong))
    assert not (Path(workspace.env["HOME"]) / ".config").exists()


def test_auto_makes_no_key_in_ci(workspace):
    """In CI, also with the secret set to the empty text (a pull request from a fork), there is no signer."""
    assert load_signer("auto", with_env(workspace, CI="true")) is None
    assert load_signer("auto", with_env(workspace, CI="true", DPONE_SIGNING_KEY="")) is None
    assert not (Path(workspace.env["HOME"]) / ".config").exists()


def test_machine_key_is_made_once_with_tight_modes(workspace):
    """On a person's machine the key appears in ~/.config/dpone, mode 0600 in 0700, and stays the same."""
    previous = os.umask(0)
    try:
        first = load_signer("auto", workspace)
    finally:
        os.umask(previous)
    folder = Path(workspace.env["HOME"]) / ".config" / "dpone"
    assert [path.name for path in folder.iterdir()] == ["machine"]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "machine").stat().st_mode & 0o777 == 0o600
    assert load_signer("auto", workspace).public == first.public


def test_xdg_config_home_is_used_only_when_absolute(workspace, tmp_path):
    """XDG Base Directory: a relative value is to be ignored."""
    load_signer("auto", with_env(workspace, XDG_CONFIG_HOME=str(tmp_path / "xdg")))
    load_signer("auto", with_env(workspace, XDG_CONFIG_HOME="relative"))
    assert (tmp_path / "xdg" / "dpone" / "machine").is_file()
    assert (Path(workspace.env["HOME"]) / ".config" / "dpone" / "machine").is_file()
    assert not (workspace.root / "relative").exists()


def test_no_key_is_made_inside_the_workspace(workspace, tmp_path):
    """Neither directly nor through a symbolic link; without a home there is a clear error as well."""
    link = tmp_path / "link"
    link.symlink_to(workspace.root)
    for home in (workspace.root, link):
        with pytest.raises(UsageError, match="inside the workspace"):
            load_signer("auto", with_env(workspace, HOME=str(home)))
    for home in ("", "relative"):
        with pytest.raises(UsageError, match="HOME"):
            load_signer("auto", with_env(workspace, HOME=home))
    assert list(workspace.root.iterdir()) == []


MAKE = """
import sys
from pathlib import Path
from dpone.signing.keys import load_signer
from dpone.workspace import Workspace
print(load_signer("auto", Workspace(Path(sys.argv[1]), env={"HOME": sys.argv[2]})).public.fingerprint)
"""


def test_processes_that_make_the_key_together_get_the_same_one(workspace):
    """Eight processes start without a key; all of them end with one and the same."""
    command = [sys.executable, "-c", MAKE, str(workspace.root), workspace.env["HOME"]]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    prints = {process.communicate()[0] for process in running}
    assert [process.returncode for process in running] == [0] * 8
    assert len(prints) == 1


def test_signer_shows_none_of_its_key():
    """Neither repr nor source gives the private half away."""
    signer = parse_private(base64.b64encode(SEED), "env:X")
    assert SEED.hex() not in repr(signer)
    assert base64.b64encode(SEED).decode() not in repr(signer)
