"""Which key signs: the `Signer` every caller uses, and `load_signer`, which finds it from `signing.key`."""

from __future__ import annotations

from typing import Protocol

from dpone.errors import UsageError
from dpone.signing.external import open_command
from dpone.signing.keyring import has_machine_key, machine_key
from dpone.signing.private import parse_private, read_private_file
from dpone.signing.public import PublicKey
from dpone.signing.userfolder import expand_user
from dpone.workspace import Workspace

__all__ = ["SIGNING_KEY", "PublicKey", "Signer", "load_signer"]

SIGNING_KEY = "DPONE_SIGNING_KEY"
"""The environment variable that `auto` looks at first; CI systems keep it as a secret."""


class Signer(Protocol):
    """Something that can sign: a key in this process, or a command that has one.

    `source` says where the key is, for people; it never holds any of the key.
    """

    @property
    def public(self) -> PublicKey:
        """The public half."""

    @property
    def source(self) -> str:
        """Where the key is, for people."""

    def sign(self, data: bytes) -> bytes:
        """The 64-byte Ed25519 signature over `data`."""


def load_signer(spec: str, workspace: Workspace, *, make: bool = True) -> Signer | None:
    """Find the signer that `signing.key` names: ``auto | env:NAME | file:PATH | ssh:PATH | exec:COMMAND``.

    `auto` is the environment variable DPONE_SIGNING_KEY when it is not empty (CI systems set an
    unavailable secret to the empty text), else None in CI, else this machine's own key, made on first
    use in the user's configuration folder; without `make` none is made, and the answer
    is None. A source that is named and unusable is always an error,
    never a reason to try the next: `UsageError`, or `UndecidedError` from a command that fails.
    """
    if spec == "auto":
        if workspace.env.get(SIGNING_KEY):
            return _from_environment(SIGNING_KEY, workspace)
        return None if workspace.in_ci or not (make or has_machine_key(workspace)) else machine_key(workspace)
    scheme, _, rest = spec.partition(":")
    if rest and scheme == "env":
        return _from_environment(rest, workspace)
    if rest and scheme == "file":
        return read_private_file(expand_user(workspace, rest), f"file:{rest}")
    if rest and scheme == "ssh":
        return read_private_file(expand_user(workspace, rest), f"ssh:{rest}", openssh_only=True)
    if rest and scheme == "exec":
        return open_command(rest, workspace)
    # The text is not shown: somebody may have put the key itself there.
    raise UsageError(
        "signing.key names no kind of key dpone knows",
        "write auto, env:NAME, file:PATH, ssh:PATH or exec:COMMAND",
        code="signing.key_spec",
    )


def _from_environment(name: str, workspace: Workspace) -> Signer:
    value = workspace.env.get(name, "")
    if not value:
        raise UsageError(
            f"the signing key env:{name} is not set",
            f"set {name} to the private key, or choose another signing.key",
            code="signing.key_unusable",
        )
    return parse_private(value.encode("utf-8", "surrogateescape"), f"env:{name}")
