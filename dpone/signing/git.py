"""Reading one file of one commit with git, trusting nothing the repository's own settings say."""

from __future__ import annotations

import re

from dpone.errors import UndecidedError, UsageError
from dpone.record import dataclass
from dpone.workspace import Workspace

TIMEOUT_SECONDS = 30
_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/+-]{0,254}")
_PATH = re.compile(r"(\./)?[^\x00-\x1f\x7f:\\/][^\x00-\x1f\x7f:\\]{0,499}")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")

# No transport (a partial clone would fetch by running what its config says), no hooks or monitors, and
# no replace refs, which put one object in another's place.
_SAFE = (
    "--no-replace-objects",
    "--literal-pathspecs",
    "-c",
    "protocol.allow=never",
    "-c",
    "core.fsmonitor=false",
)


@dataclass(frozen=True)
class GitPlace:
    """A file in a commit, as ``git:REF:PATH`` names it. `path` is taken from the top of the repository,
    or from the workspace when it begins with ``./``, as in git itself.
    """

    ref: str
    path: str


def parse_git_place(spec: str, where: str) -> GitPlace:
    """Read ``git:REF:PATH``. Nothing in it can be taken for an option. Raises `UsageError`."""
    scheme, _, rest = spec.partition(":")
    ref, _, path = rest.partition(":")
    steps = path.removeprefix("./").split("/")
    plain = (
        _REF.fullmatch(ref) and ".." not in ref and not ref.endswith((".lock", "/", ".")) and "//" not in ref
    )
    if scheme != "git" or not plain or not _PATH.fullmatch(path) or {"", ".", ".."} & set(steps):
        raise UsageError(
            f"{where}: {spec!r} is not git:REF:PATH",
            "write it like git:origin/main:dpone.trust.json",
            code="git.place",
        )
    return GitPlace(ref, path)


def read_git_file(workspace: Workspace, place: GitPlace, limit: int, *, remote_only: bool = False) -> bytes:
    """The bytes of that file, at most `limit`; git runs in the workspace root, without GIT_* variables.

    With `remote_only` the ref must be a full commit id or a remote-tracking branch: those move only by
    fetching, while a tag or branch named ``origin/main`` can be made by whoever has the folder, and git
    would prefer it. Raises `UndecidedError`.
    """
    if _COMMIT.fullmatch(place.ref):
        name = place.ref
    elif remote_only:
        name = "refs/remotes/" + place.ref.removeprefix("refs/remotes/")
    else:
        name = place.ref
    commit = _git(workspace, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if commit is None or not _COMMIT.fullmatch(commit.decode("ascii", "replace").strip()):
        what = "remote branch or full commit id" if remote_only else "commit"
        raise _failed(f"git knows no {what} {place.ref}", "fetch it first: git fetch origin")
    object_name = f"{commit.decode('ascii').strip()}:{place.path}"
    size = _git(workspace, "cat-file", "-s", object_name)
    if size is None:
        raise _failed(f"git has no file {place.path} in {place.ref}", "commit it there")
    if int(size) > limit:
        raise _failed(f"{place.path} in {place.ref} has {int(size)} bytes, the limit is {limit}", "name a file")
    data = _git(workspace, "cat-file", "blob", object_name)
    if data is None:
        raise _failed(f"{place.path} in {place.ref} is not a file", "name a file")
    return data


def _git(workspace: Workspace, *arguments: str) -> bytes | None:
    import shutil
    import subprocess

    program = shutil.which("git", path=workspace.env.get("PATH"))
    if program is None:
        raise _failed("git is not installed", "install git, or name a file or a fingerprint")
    clean = {name: value for name, value in workspace.env.items() if not name.upper().startswith("GIT_")}
    clean |= {"GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            (program, *_SAFE, *arguments),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=workspace.root,
            env=clean,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failed(f"git {arguments[0]} did not work: {error}", "try it by hand") from None
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode("utf-8", "replace")
    if "not a git repository" in said:
        raise _failed(f"{workspace.root} is not in a git repository", "run git init, or name a file")
    if "dubious ownership" in said:
        raise _failed(f"git refuses {workspace.root}: it belongs to another user", "git config safe.directory")
    return None


def _failed(message: str, advice: str) -> UndecidedError:
    return UndecidedError(message, advice, code="git.read")
