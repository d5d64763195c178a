"""Which kind of ledger a line of dpone.yaml means: the one place that chooses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from dpone.errors import UsageError
from dpone.ledger.folder import FolderLedger
from dpone.ledger.interface import Ledger
from dpone.ledger.layout import is_ledger_name
from dpone.signing.public import PublicKey
from dpone.signing.trust import PinnedOrigin
from dpone.workspace import Workspace


def open_ledger(
    spec: str, workspace: Workspace, pinned: PinnedOrigin | None = None, keys: Iterable[PublicKey] = ()
) -> Ledger:
    """The ledger that `spec` names: ``file:PATH``, relative to the workspace, or ``git:REMOTE#BRANCH``.
    Writes nothing and asks nobody.

    `pinned` comes from the trust file; when that ledger is not there, every method raises
    `UndecidedError`. `keys` are those whose checkpoints are accepted (`Trust.public_keys` and the own
    one); empty accepts any. Raises `UsageError` for a spec that is neither.
    """
    scheme, _, rest = spec.partition(":")
    name = re.sub(r"[^A-Za-z0-9._-]", "-", workspace.root.name).lstrip("-._")[:64]
    name = name if is_ledger_name(name) else "ledger"
    if scheme == "file" and rest:
        return FolderLedger(workspace.path(rest), name, pinned, tuple(keys))
    if scheme == "git":
        from dpone.ledger.git.ledger import GitLedger
        from dpone.ledger.git.spec import parse_spec

        return GitLedger(parse_spec(spec, workspace), workspace, name, pinned, tuple(keys))
    raise UsageError(
        f"ledger: {spec[:120]!r} names no kind of ledger",
        "write file:.dpone/ledger or git:origin#dpone-ledger",
        code="ledger.spec",
    )


def own_folder(spec: str, workspace: Workspace) -> Path:
    """The folder of the workspace in which the ledger `spec` keeps its files; raises `UsageError`."""
    scheme, _, rest = spec.partition(":")
    if scheme == "git":
        from dpone.ledger.git.spec import parse_spec, private_folder

        return private_folder(parse_spec(spec, workspace), workspace).parent
    return workspace.path(rest)
