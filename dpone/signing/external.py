"""Signing by a command of the user's (KMS, HSM, a token): the key itself never enters this process.

Protocol of ``exec:COMMAND`` (split like a shell does, run without one, in the workspace root):

* ``COMMAND --public`` prints one line: the public key, ``ssh-ed25519 AAAA…`` or base64 of 32 bytes.
* ``COMMAND`` gets the bytes to sign on standard input until end of file and prints one line: the
  Ed25519 signature over exactly these bytes (not over a hash of them), base64 of 64 bytes.

Both end with status 0 within 30 seconds. Every signature is checked before it is used.
"""

from __future__ import annotations

from dpone.errors import UndecidedError, UsageError
from dpone.record import dataclass
from dpone.signing.public import SIGNATURE_BYTES, PublicKey, decode_base64
from dpone.workspace import Workspace

TIMEOUT_SECONDS = 30
_MAX_ANSWER = 10_000


@dataclass(frozen=True)
class CommandSigner:
    """Signs through an external command; see the module's text for the protocol."""

    public: PublicKey
    source: str
    command: tuple[str, ...]
    workspace: Workspace
    timeout: float = TIMEOUT_SECONDS

    def sign(self, data: bytes) -> bytes:
        """Ask the command for a signature; raises `UndecidedError` when it gives none that verifies."""
        answer = _ask(self.command, data, self.workspace, self.timeout)
        signature = decode_base64(answer)
        if signature is None or len(signature) != SIGNATURE_BYTES:
            raise _failed(self.command, "did not print base64 of a 64-byte Ed25519 signature")
        if not self.public.verify(signature, data):
            raise _failed(
                self.command, f"signed with another key than {self.public.fingerprint}, or other bytes"
            )
        return signature


def open_command(text: str, workspace: Workspace, timeout: float = TIMEOUT_SECONDS) -> CommandSigner:
    """The signer for ``exec:`` + `text`; asks the command for its public key.

    Raises `UsageError` when the command cannot be read or found, `UndecidedError` when it fails.
    """
    import shlex
    import shutil

    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"signing.key exec:{text}: {error}", "quote the command as for a shell") from None
    found = shutil.which(words[0], path=workspace.env.get("PATH")) if words else None
    if not found:
        raise UsageError(
            f"signing.key exec:{text}: there is no such command",
            "give a program on PATH or its full path",
            code="signing.key_unusable",
        )
    command = (found, *words[1:])
    public = PublicKey.parse(_ask((*command, "--public"), b"", workspace, timeout), f"{words[0]} --public")
    return CommandSigner(public, f"exec:{words[0]}", command, workspace, timeout)


def _ask(command: tuple[str, ...], data: bytes, workspace: Workspace, timeout: float) -> str:
    import subprocess

    try:
        done = subprocess.run(
            command,
            input=data,
            capture_output=True,
            cwd=workspace.root,
            env=dict(workspace.env),
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _failed(command, f"did not answer within {timeout:g} seconds") from None
    except OSError as error:
        raise _failed(command, f"cannot be run: {error.strerror}") from None
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip()[-200:]
        raise _failed(command, f"ended with status {done.returncode}: {said}")
    if len(done.stdout) > _MAX_ANSWER:
        raise _failed(command, "printed more than one short line")
    return done.stdout.decode("utf-8", "replace").strip()


def _failed(command: tuple[str, ...], why: str) -> UndecidedError:
    return UndecidedError(
        f"the signing command {command[0]} {why}",
        "try it by hand: it reads bytes from standard input and prints base64 of their Ed25519 signature",
        code="signing.command",
    )
