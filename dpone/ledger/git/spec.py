"""Reading ``git:REMOTE#BRANCH``: nothing in it can become an option of git, run a command, or hold a secret."""

from __future__ import annotations

import re
from pathlib import Path

from dpone.canonical import sha256_hex
from dpone.errors import UsageError
from dpone.record import dataclass
from dpone.workspace import Workspace

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/+-]{0,199}")
_URL = re.compile(r"(https|http|ssh|git|file)://([^\s\\]{1,900})")
_SCP = re.compile(
    r"([A-Za-z0-9_][A-Za-z0-9._-]*@)?[A-Za-z0-9_][A-Za-z0-9._-]+:(?!//|:)[^\s:\\-][^\s:\\]{0,900}"
)
_PATH = re.compile(r"(?:~?/|\.{1,2}/|[A-Za-z]:[\\/])[^\x00-\x1f\x7f]{0,900}")


@dataclass(frozen=True)
class GitSpec:
    """Where a ledger's branch is: `remote` as git takes it, `named` whether that is the name of a remote of
    the workspace's repository, `text` as it was written.
    """

    remote: str
    named: bool
    branch: str
    text: str

    @property
    def ref(self) -> str:
        """The branch as a full ref."""
        return f"refs/heads/{self.branch}"


def parse_spec(spec: str, workspace: Workspace) -> GitSpec:
    """Read a spec; raises `UsageError`.

    REMOTE is the name of a remote of the workspace's repository, a URL (https, http, ssh, git, file, or
    ``user@host:path``), or a path that begins with ``/``, ``./``, ``../`` or ``~/`` (relative to the workspace).
    """
    remote, found, branch = spec.removeprefix("git:").rpartition("#")
    if not spec.startswith("git:") or not found or not remote:
        raise _wrong(spec, "is not git:REMOTE#BRANCH")
    if not _is_branch(branch):
        raise _wrong(spec, f"{branch[:60]!r} cannot be the name of its branch")
    if _NAME.fullmatch(remote) and not remote.endswith((".", ".lock")) and ".." not in remote:
        return GitSpec(remote, True, branch, spec)
    url = _URL.fullmatch(remote)
    if url is not None:
        host = url[2].partition("/")[0]
        user, at, address = host.rpartition("@")
        if ":" in user or (at and url[1] in ("https", "http")):
            raise _wrong(spec, "holds a user or password", "leave it to git's credential helper")
        if address.startswith("-") or user.startswith("-") or (not address and url[1] != "file"):
            raise _wrong(spec, "has no usable host")
        return GitSpec(remote, False, branch, spec)
    if _PATH.fullmatch(remote):
        return GitSpec(str(workspace.path(remote)), False, branch, spec)
    if "::" not in remote and _SCP.fullmatch(remote):
        return GitSpec(remote, False, branch, spec)
    raise _wrong(spec, "its remote is no name, URL or path that can be used")


def private_folder(spec: GitSpec, workspace: Workspace) -> Path:
    """The folder of this workspace's own copy: another one for every remote and branch."""
    return workspace.state / "git-ledger" / sha256_hex(f"{spec.remote}#{spec.branch}".encode())[:16]


def _is_branch(branch: str) -> bool:
    steps = branch.split("/")
    return (
        _BRANCH.fullmatch(branch) is not None
        and ".." not in branch
        and not any(not step or step.startswith((".", "-")) or step.endswith((".", ".lock")) for step in steps)
        and branch != "HEAD"
    )


def _wrong(spec: str, why: str, advice: str = "write it like git:origin#dpone-ledger") -> UsageError:
    shown = re.sub(r"//[^/#\s]*@", "//…@", spec[:120])
    return UsageError(f"ledger: {shown!r} {why}", advice, code="ledger.spec")
