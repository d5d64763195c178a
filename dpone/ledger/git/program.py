"""Running git for a ledger: the user's ways to reach a remote, and nothing else of the surroundings.

Credential helpers, proxies, SSH settings and rewritten URLs count as they do for the user; hooks, prompts,
command-running transports, and variables that point git at other repositories do not.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import IO

from dpone.errors import UndecidedError, one_line
from dpone.record import dataclass
from dpone.workspace import Workspace

TRANSPORTS = "file:git:http:https:ssh"
LOCAL_SECONDS, TRANSPORT_SECONDS = 120, 600

_KEPT = re.compile(
    r"GIT_(SSH|SSH_COMMAND|SSH_VARIANT|ASKPASS|SSL_\w+|HTTP_\w+|PROXY_\w+|EXEC_PATH"
    r"|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+))",
)
"""Variables of git that are the user's way to a remote; all others are left out."""
_WAYS = re.compile(r"(http|credential|url)\..*|core\.(sshcommand|gitproxy|askpass)|ssh\.variant")
_WAYS_OF_REMOTE = ("url", "pushurl", "proxy", "proxyauthmethod")

_SAFE = (
    "--no-replace-objects",
    "--literal-pathspecs",
    *("-c", "core.fsmonitor=false"),
    *("-c", "transfer.fsckObjects=true"),
    *("-c", "fetch.recurseSubmodules=false"),
    *("-c", "push.recurseSubmodules=no"),
    *("-c", "push.gpgSign=false"),
    *("-c", "push.followTags=false"),
    *("-c", "gc.autoDetach=false"),
    *("-c", "maintenance.autoDetach=false"),
)


@dataclass(frozen=True)
class Answer:
    """How git ended: its status, what it wrote, and its complaint."""

    status: int
    out: bytes
    said: str

    @property
    def reason(self) -> str:
        """The line of the complaint that says why, without user names and passwords."""
        lines = [line.strip() for line in self.said.splitlines() if line.strip()]
        said = [line for line in lines if line.startswith(("fatal:", "error:", "remote:", "ssh:"))]
        best = next((line for line in said if not line.startswith("error: failed to push")), "")
        return without_secrets(best or (lines[-1] if lines else f"git ended with status {self.status}"))


def without_secrets(text: str) -> str:
    """One short line of git's, any user and password in a URL left out."""
    return re.sub(r"//[^/@\s]+@", "//", one_line(text))[:240]


class Git:
    """Git as it runs for the ledger of one workspace, in the private repository `repository`.

    `remote`: the remote of the workspace's own repository whose settings are taken over, or empty.
    """

    def __init__(self, workspace: Workspace, repository: Path, remote: str) -> None:
        self._workspace, self.repository, self._remote = workspace, repository, remote
        self._there: tuple[Path, dict[str, str]] | None = None

    def run(
        self,
        *arguments: str,
        stdin: IO[bytes] | None = None,
        transport: bool = False,
        expect: tuple[int, ...] = (0,),
    ) -> Answer:
        """Run git in the private repository; raises `UndecidedError` for a status not in `expect`.

        With `transport` it runs where the user's own git would, with the settings of that repository.
        """
        folder, settings = self._way() if transport else (self._workspace.root, {})
        command = self.command(*arguments)
        seconds = TRANSPORT_SECONDS if transport else LOCAL_SECONDS
        answer = _run(command, folder, {**self.environment(), **settings}, stdin, seconds)
        if answer.status not in expect:
            raise failed(f"git {arguments[0]} did not work: {answer.reason}", "try it by hand")
        return answer

    def command(self, *arguments: str) -> list[str]:
        """The whole command line."""
        private = (f"--git-dir={self.repository}", "-c", f"core.hooksPath={self.repository}/no-hooks")
        return [self._program(), *private, *_SAFE, *arguments]

    def environment(self) -> dict[str, str]:
        """The environment git gets: no prompt, no other repository, messages in English."""
        given = self._workspace.env.items()
        kept = {n: v for n, v in given if not n.upper().startswith("GIT_") or _KEPT.fullmatch(n.upper())}
        kept.pop("SSH_ASKPASS", None)
        return kept | {
            "GIT_TERMINAL_PROMPT": "0",
            "GCM_INTERACTIVE": "never",
            "SSH_ASKPASS_REQUIRE": "never",
            "GIT_ALLOW_PROTOCOL": TRANSPORTS,
            "GIT_NO_LAZY_FETCH": "1",
            "LC_ALL": "C",
        }

    def _program(self) -> str:
        import shutil

        program = shutil.which("git", path=self._workspace.env.get("PATH"))
        if program is None:
            raise failed("git is not installed", "install git, or keep the ledger in a folder")
        return program

    def _way(self) -> tuple[Path, dict[str, str]]:
        """Where the workspace's repository is, and its settings about remotes as variables."""
        if self._there is None:
            self._there = self._find_way()
        return self._there

    def _find_way(self) -> tuple[Path, dict[str, str]]:
        root, environment, program = self._workspace.root, self.environment(), self._program()
        top = _run([program, *_SAFE, "rev-parse", "--show-toplevel"], root, environment)
        listed = _run([program, *_SAFE, "config", "--show-scope", "--null", "--list"], root, environment)
        settings, names = _settings(listed.out.decode("utf-8", "replace"), self._remote)
        if self._remote and not names:
            if top.status and "dubious ownership" in top.said:
                raise failed(f"git refuses {root}: it belongs to another user", "git config safe.directory")
            if top.status and "not a git repository" in top.said:
                raise failed(
                    f"{root} is not in a git repository, so that there is no remote {self._remote!r}",
                    "run git init and git remote add, or name the ledger's repository by its URL",
                )
            raise failed(f"git knows no remote {self._remote!r}", "see git remote -v, or write a URL")
        count = environment.get("GIT_CONFIG_COUNT", "")
        first = int(count) if count.isdecimal() else 0
        found = {"GIT_CONFIG_COUNT": str(first + len(settings))}
        for number, (key, value) in enumerate(settings, first):
            found |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        folder = Path(top.out.decode("utf-8", "surrogateescape").rstrip("\n")) if top.status == 0 else root
        return folder, found


def _settings(listed: str, remote: str) -> tuple[list[tuple[str, str]], bool]:
    """The repository's own settings about remotes, and whether `remote` is one anywhere."""
    fields = listed.split("\0")
    found, known = [], False
    for scope, pair in zip(fields[::2], fields[1::2], strict=False):
        key, _, value = pair.partition("\n")
        own = key.startswith(f"remote.{remote}.") and key.rpartition(".")[2] in _WAYS_OF_REMOTE
        known = known or (own and key.endswith(".url"))
        # What stands in the user's and the system's files, git reads by itself.
        if scope in ("local", "worktree") and (own or _WAYS.fullmatch(key)):
            found.append((key, value))
    return found, known


def _run(
    command: list[str],
    folder: Path,
    environment: dict[str, str],
    stdin: IO[bytes] | None = None,
    seconds: int = LOCAL_SECONDS,
) -> Answer:
    import subprocess

    try:
        process = subprocess.Popen(
            command,
            stdin=stdin or subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment,
            start_new_session=True,  # without a terminal nothing can ask for a password on it
        )
    except OSError as error:
        raise failed(f"git cannot be started: {error}", "try it by hand") from None
    with process:
        try:
            out, said = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            _end(process.pid)
            raise failed(
                f"git did not answer within {seconds} seconds", "see whether the remote answers"
            ) from None
        except BaseException:
            _end(process.pid)
            raise
    return Answer(process.returncode, out, said.decode("utf-8", "replace"))


def _end(pid: int) -> None:
    """End a git with all that it started."""
    import signal
    import sys

    try:
        if sys.platform == "win32":
            os.kill(pid, signal.SIGTERM)
        else:
            os.killpg(pid, signal.SIGKILL)
    except OSError:
        pass


def failed(message: str, advice: str, code: str = "ledger.git") -> UndecidedError:
    """The error for a ledger that git cannot reach, read or write."""
    return UndecidedError(message, advice, code=code)
