"""Finding the public key a person means."""

from __future__ import annotations

from dpone.errors import UsageError
from dpone.signing.keyring import list_keys
from dpone.signing.public import PublicKey
from dpone.workspace import ReadProblem, Workspace


def find_public(workspace: Workspace, text: str) -> PublicKey:
    """The key named by one of this user's own keys, by an OpenSSH line or base64, or by a file with one.

    Raises `UsageError` when it is none of these.
    """
    own = next((k for k in list_keys(workspace) if text in (k.name, k.public.fingerprint)), None)
    if own is not None:
        return own.public
    if not text.startswith("ssh-"):
        try:
            data = workspace.read(workspace.argument(text), 10_000)
            return PublicKey.parse(data.decode("utf-8", "replace").strip(), text)
        except ReadProblem as problem:
            if problem.state != "missing":
                raise UsageError(f"{text[:80]}: {problem.message}", "give a public key file") from None
    return PublicKey.parse(text, "the key given")
