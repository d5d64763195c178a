"""Making, listing and handing out a user's own keys."""

from __future__ import annotations

import os
import shlex
import subprocess

import pytest

from dpone.errors import UndecidedError, UsageError
from dpone.record import replace
from dpone.signing.keyring import find_key, generate_key, github_secret, list_keys, machine_key
from dpone.signing.keys import load_signer


def test_generated_key_is_a_real_openssh_key(workspace):
    """ssh-keygen reads it and prints the same fingerprint; nobody else can read the file."""
    key = generate_key(workspace, "ci")
    printed = subprocess.run(["ssh-keygen", "-yf", key.path], check=True, capture_output=True, text=True).stdout
    assert printed.split()[:2] == key.public.openssh().split()
    assert key.path.stat().st_mode & 0o777 == 0o600
    assert key.path.parent.stat().st_mode & 0o777 == 0o700
    assert key.path.parent.parent.stat().st_mode & 0o777 == 0o700


def test_keys_are_listed_and_found_by_name_and_fingerprint(workspace):
    """The machine's own first, then by name; listing makes none."""
    assert list_keys(workspace) == ()
    machine = machine_key(workspace)
    second, first = generate_key(workspace, "b"), generate_key(workspace, "a")
    assert [key.name for key in list_keys(workspace)] == ["machine", "a", "b"]
    assert find_key(workspace, "b") == second
    assert find_key(workspace, first.public.fingerprint) == first
    assert find_key(workspace, "machine").public == machine.public
    with pytest.raises(UsageError, match="machine, a, b"):
        find_key(workspace, "c")


def test_key_is_never_overwritten(workspace):
    """A second key of the same name is refused and the first one stays."""
    key = generate_key(workspace, "ci")
    content = key.path.read_bytes()
    with pytest.raises(UsageError, match="already"):
        generate_key(workspace, "ci")
    assert key.path.read_bytes() == content


def test_no_key_is_generated_in_ci_or_in_the_workspace(workspace):
    """In CI nobody keeps it; in the workspace it gets packed and uploaded."""
    with pytest.raises(UsageError, match="in CI"):
        generate_key(replace(workspace, env={**workspace.env, "CI": "true"}), "ci")
    with pytest.raises(UsageError, match="inside the workspace"):
        generate_key(replace(workspace, env={**workspace.env, "HOME": str(workspace.root)}), "ci")
    assert list(workspace.root.iterdir()) == []


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../x", "-rf", "a b", "x" * 65, "a\nb", "ä"])
def test_name_must_be_a_plain_word(name, workspace):
    """A name never leads out of the folder and is never taken for an option."""
    with pytest.raises(UsageError, match="cannot name a key"):
        generate_key(workspace, name)


def test_github_line_reads_the_file_and_the_text_is_a_usable_key(workspace):
    """The line holds no secret; what it stores works as DPONE_SIGNING_KEY."""
    key = generate_key(workspace, "ci")
    secret = github_secret(key)
    assert secret.command == f"gh secret set DPONE_SIGNING_KEY < {shlex.quote(str(key.path))}"
    assert secret.text not in secret.command
    assert secret.text not in repr(secret)
    in_ci = replace(workspace, env={"CI": "true", "DPONE_SIGNING_KEY": secret.text})
    assert load_signer("auto", in_ci).public == key.public


def test_folder_that_cannot_be_written_is_undecided(workspace, tmp_path):
    """A file where the configuration folder should be: a clear answer, no traceback."""
    (tmp_path / "home" / ".config").write_text("")
    with pytest.raises(UndecidedError, match="cannot keep a new key"):
        generate_key(workspace, "ci")


def test_leftover_of_a_killed_process_does_not_hinder(workspace):
    """A part file from a run that died stays unused and unlisted."""
    folder = generate_key(workspace, "ci").path.parent
    (folder / f".other.{os.getpid()}.part").write_text("half")
    generate_key(workspace, "other")
    assert [key.name for key in list_keys(workspace)] == ["ci", "other"]
