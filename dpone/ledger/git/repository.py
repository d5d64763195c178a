"""The private repository of a git ledger: fetching the branch, making a commit, pushing it.

It lies bare under ``.dpone/`` and is only used while its lock is held; the user's repository is asked for its
settings and otherwise never touched (docs/adr/0010).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from dpone.ledger.git.program import Answer, Git, failed
from dpone.ledger.git.spec import GitSpec
from dpone.record import dataclass

FETCHED, SEEN, NEXT = "refs/dpone/fetched", "refs/dpone/seen", "refs/dpone/next"
_WHO = "dpone <dpone@localhost.invalid>"
_OLDEST = (2, 32)


@dataclass(frozen=True)
class Pushed:
    """What became of a push: `accepted`, or `raced` when it may be tried again, else `reason` says why not.

    `unsure`: nobody answered, so that it may have been accepted.
    """

    accepted: bool
    raced: bool = False
    unsure: bool = False
    reason: str = ""


class Repository:
    """The private repository at `path`; `git` runs there."""

    def __init__(self, path: Path, git: Git, spec: GitSpec) -> None:
        self._path, self._git, self._spec = path, git, spec

    def prepare(self) -> None:
        """Make the repository when it is not there, and clear what a killed git left locked."""
        if not (self._path / "HEAD").exists():
            self._check_version()
            part = self._path.with_name(f"{os.urandom(8).hex()}.part")
            self._git.run("init", "--quiet", "--bare", "--template=", "--", str(part))
            shutil.rmtree(self._path, ignore_errors=True)
            part.rename(self._path)
        for lock in (*self._path.glob("*.lock"), *self._path.glob("refs/dpone/*.lock")):
            lock.unlink(missing_ok=True)

    def fetch(self) -> str:
        """The newest commit of the branch, with everything in it; empty when the remote answers that there is
        no such branch. Raises `UndecidedError`.
        """
        options = ("--quiet", "--force", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
        answer = self._git.run(
            "fetch", *options, "--", self._spec.remote, f"+{self._spec.ref}:{FETCHED}",
            transport=True, expect=(0, 1, 128),
        )  # fmt: skip
        if answer.status == 0:
            return self.commit_of(FETCHED)
        if f"couldn't find remote ref {self._spec.ref}" in answer.said:
            return ""
        raise self._unreachable(answer)

    def commit_of(self, ref: str) -> str:
        """The commit a ref of the private repository names, or empty."""
        answer = self._git.run("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}", expect=(0, 1))
        return answer.out.decode("ascii").strip()

    def remember(self, commit: str) -> None:
        """Keep a commit as the last one that was accepted."""
        self._git.run("update-ref", SEEN, commit)

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `new` is `old` or was made after it."""
        return self._git.run("merge-base", "--is-ancestor", old, new, expect=(0, 1)).status == 0

    def lost(self, old: str, new: str) -> str:
        """The first file of an entry, an object or the origin that is in `old` and not the same in `new`."""
        kept = ("origin.json", "entries", "store")
        options = ("-r", "-z", "--no-renames", "--no-ext-diff", "--name-only", "--diff-filter=MDT")
        found = self._git.run("diff-tree", *options, old, new, "--", *kept).out
        return found.split(b"\0")[0].decode("utf-8", "replace")

    def commit(self, parent: str, files: Iterable[tuple[str, bytes]], message: str, made: datetime) -> str:
        """A commit that adds or replaces `files` after `parent` (empty: the first one). No index, no work
        tree, and only the folders on the way are read, so that the cost is that of the files.
        """
        head = f"reset {NEXT}\n" + (f"from {parent}\n" if parent else "") + "\n"
        text = message.encode("utf-8", "replace")
        place = self._path.parent / "tmp" / os.urandom(8).hex()
        with place.open("x+b") as stream:
            stream.write(head.encode())
            stream.write(
                f"commit {NEXT}\nmark :1\ncommitter {_WHO} {max(0, int(made.timestamp()))} +0000\n".encode()
            )
            stream.write(b"data %d\n%s\n" % (len(text), text))
            for name, data in files:
                stream.write(f"M 100644 inline {name}\ndata {len(data)}\n".encode())
                stream.write(data)
                stream.write(b"\n")
            stream.write(b"\nget-mark :1\ndone\n")
            stream.seek(0)
            answer = self._git.run("fast-import", "--quiet", "--force", "--done", stdin=stream)
        place.unlink()
        return answer.out.decode("ascii").strip()

    def push(self, commit: str, expected: str) -> Pushed:
        """Let the branch be `commit`, if it is still `expected` (empty: not there): compare and swap."""
        options = ("--porcelain", "--no-verify", "--no-signed", "--no-follow-tags", "--no-recurse-submodules")
        lease = f"--force-with-lease={self._spec.ref}:{expected}"
        answer = self._git.run(
            "push", *options, lease, "--", self._spec.remote, f"{commit}:{self._spec.ref}",
            transport=True, expect=(0, 1, 128),
        )  # fmt: skip
        if answer.status == 0:
            return Pushed(accepted=True)
        rows = [line.split("\t") for line in answer.out.decode("utf-8", "replace").splitlines()]
        refused = next((row[2] for row in rows if row[0] == "!" and len(row) == 3), "")
        if not refused:
            return Pushed(accepted=False, unsure=True, reason=answer.reason)
        raced = any(word in refused for word in _RACES)
        told = [line[7:].strip() for line in answer.said.splitlines() if line.startswith("remote:")]
        return Pushed(accepted=False, raced=raced, reason=" ".join([refused, *filter(None, told)]))

    def _unreachable(self, answer: Answer) -> Exception:
        return failed(
            f"the ledger {self._spec.text} cannot be fetched: {answer.reason}",
            "see that the remote is there and that this job may read it, then run the command again",
            code="ledger.unreachable",
        )

    def _check_version(self) -> None:
        said = self._git.run("version").out.decode("utf-8", "replace").split()
        numbers = said[2].split(".") if len(said) > 2 else []
        if len(numbers) < 2 or tuple(int(n) if n.isdigit() else 0 for n in numbers[:2]) < _OLDEST:
            raise failed(f"git {said[-1]} is too old for a ledger in git", "install git 2.32 or newer")


_RACES = (
    "stale info",
    "fetch first",
    "non-fast-forward",
    "cannot lock ref",
    "failed to lock",
    "failed to update ref",
    "reference already exists",
    "incorrect old value",
)
"""What git answers when somebody else was quicker; anything else is a rule of the remote's."""
