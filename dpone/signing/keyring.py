"""The private keys of this user on this machine: making, listing, finding them."""

from __future__ import annotations

import os
import re
from pathlib import Path

from dpone.errors import UndecidedError, UsageError
from dpone.record import dataclass, field
from dpone.signing.newfile import create_file
from dpone.signing.private import KeySigner, new_private_text, read_private_file
from dpone.signing.public import PublicKey
from dpone.signing.userfolder import user_folder
from dpone.workspace import Workspace

MACHINE_KEY = "machine"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class StoredKey:
    """A private key file of this user: its name, where it lies and its public half."""

    name: str
    path: Path
    public: PublicKey


@dataclass(frozen=True)
class GithubSecret:
    """How to hand a key to GitHub: `command` stores it without showing it, `text` is the secret itself."""

    name: str
    command: str
    text: str = field(repr=False)


def has_machine_key(workspace: Workspace) -> bool:
    """Whether the machine's own key was made."""
    return (user_folder(workspace) / MACHINE_KEY).exists()


def machine_key(workspace: Workspace) -> KeySigner:
    """Return the machine's own key, made on first use: file mode 0600 in a folder of mode 0700.

    Two processes that make it at the same moment end with the same key. Raises `UsageError` when the
    place lies in the workspace or the file is unusable, `UndecidedError` when it cannot be written.
    """
    path = user_folder(workspace) / MACHINE_KEY
    if not path.exists():
        _create(path)
    return read_private_file(path, "this machine's own key")


def generate_key(workspace: Workspace, name: str) -> StoredKey:
    """Make a new named key under ``keys/NAME`` in the user's configuration folder.

    Refused (`UsageError`) in CI, where it would be lost or logged, inside the workspace, for a name
    that is no plain file name, and when a key of that name is there: a key is never overwritten.
    """
    if workspace.in_ci:
        raise UsageError(
            "keys are not made in CI, where nobody keeps them",
            "run dpone keys generate on your own machine and store the key as a CI secret",
            code="signing.generate_in_ci",
        )
    path = _named(workspace, name)
    if not _create(path):
        raise UsageError(
            f"there is a key named {name} already ({path})",
            "choose another --name: keys are rotated by adding a new one",
            code="signing.key_exists",
        )
    return StoredKey(name, path, read_private_file(path, f"key {name}").public)


def list_keys(workspace: Workspace) -> tuple[StoredKey, ...]:
    """Every private key of this user, the machine's own first, then by name; makes none."""
    folder = user_folder(workspace)
    places = [(MACHINE_KEY, folder / MACHINE_KEY)]
    if (folder / "keys").is_dir():
        names = sorted(entry.name for entry in (folder / "keys").iterdir() if _NAME.fullmatch(entry.name))
        places += [(name, folder / "keys" / name) for name in names]
    return tuple(
        StoredKey(name, path, read_private_file(path, f"key {name}").public)
        for name, path in places
        if path.exists()
    )


def find_key(workspace: Workspace, which: str) -> StoredKey:
    """The key of this user with that name or fingerprint; raises `UsageError` when there is none."""
    keys = list_keys(workspace)
    for key in keys:
        if which in (key.name, key.public.fingerprint):
            return key
    known = ", ".join(key.name for key in keys) or "none"
    raise UsageError(
        f"there is no key {which!r} here, only: {known}", "make one: dpone keys generate --name NAME"
    )


def github_secret(key: StoredKey, variable: str = "DPONE_SIGNING_KEY") -> GithubSecret:
    """What stores `key` as an Actions secret: a ``gh secret set`` line that reads the file, so that the
    private half stands neither in the shell's history nor on the screen.
    """
    import shlex

    text = key.path.read_text(encoding="ascii")
    return GithubSecret(variable, f"gh secret set {variable} < {shlex.quote(str(key.path))}", text)


def _named(workspace: Workspace, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"--name {name[:64]!r} cannot name a key",
            "use at most 64 letters, digits and . _ -, beginning with a letter or digit",
            code="signing.key_name",
        )
    return user_folder(workspace) / "keys" / name


def _create(path: Path) -> bool:
    temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}.part")
    try:
        for folder in (path.parents[1], path.parent):  # parents made by mkdir would not get the mode
            if folder.name in ("dpone", "keys"):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return create_file(path, new_private_text(), temporary, mode=0o600)
    except OSError as error:
        raise UndecidedError(
            f"cannot keep a new key in {path.parent}: {(error.strerror or str(error)).lower()}",
            "make that folder writable, or set DPONE_SIGNING_KEY",
            code="signing.key_not_kept",
        ) from None
