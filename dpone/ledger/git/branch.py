"""A ledger's branch as one workspace knows it: fetched, compared with what was accepted before, pushed to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from dpone.errors import UndecidedError
from dpone.ledger.append import disk
from dpone.ledger.git.history import rewritten
from dpone.ledger.git.program import Git, failed, without_secrets
from dpone.ledger.git.repository import SEEN, Pushed, Repository
from dpone.ledger.git.spec import GitSpec, private_folder
from dpone.ledger.git.tree import GitFiles, Objects
from dpone.ledger.interface import Defect
from dpone.ledger.layout import LedgerFolder
from dpone.ledger.tree import TreeState
from dpone.locks import exclusive
from dpone.record import dataclass
from dpone.signing.newfile import make_folder
from dpone.workspace import Workspace

LOCK_SECONDS = 300


@dataclass(frozen=True)
class Change:
    """What a commit is to add: files, and its message; `after` is the tree with its entry, if any."""

    files: Iterable[tuple[str, bytes]]
    message: str
    after: TreeState | None = None


class Branch:
    """The branch that `spec` names. All methods but `at` are for whoever holds the lock."""

    def __init__(self, spec: GitSpec, workspace: Workspace) -> None:
        self.folder = private_folder(spec, workspace)
        self.spec = spec
        self._git = Git(workspace, self.folder / "repo.git", spec.remote if spec.named else "")
        self._repository = Repository(self._git.repository, self._git, spec)
        self._objects = Objects(self._git)

    @property
    def kept(self) -> str:
        """Where the last accepted state is, for a person who has to put it back."""
        return f"{SEEN} in {self._git.repository}"

    def at(self, commit: str) -> GitFiles:
        """The ledger's files in a commit; none for an empty text."""
        return GitFiles(self.spec.text, commit, self._objects, LedgerFolder(self.folder))

    def fetch(self) -> GitFiles:
        """The branch as it is on the remote now. Raises `UndecidedError` when it cannot be had, is no ledger, or
        is gone although there was one.
        """
        files = self.at(self._repository.fetch())
        if not files.commit and self.seen():
            raise failed(
                f"the branch {self.spec.branch} of {self.spec.text} is gone, but there was a ledger on it",
                f"push it back: its last good state is {self.kept}",
                code="ledger.gone",
            )
        if files.commit and not files.exists():
            raise failed(
                f"the branch {self.spec.branch} of {self.spec.text} is not a ledger",
                "name another branch; the ledger makes its own",
                code="ledger.not_a_ledger",
            )
        return files

    def seen(self) -> str:
        """The commit that was accepted last, or empty."""
        return self._repository.commit_of(SEEN)

    def remember(self, commit: str) -> None:
        """Accept a commit: what comes later must extend it."""
        self._repository.remember(commit)

    def since(self, seen: str, files: GitFiles) -> Defect | None:
        """What was done to the branch since `seen` was accepted, or None when it was only added to."""
        if not seen or seen == files.commit:
            return None
        found = rewritten(self.at(seen), files, self._repository.is_ancestor(seen, files.commit))
        if found is None and (lost := self._repository.lost(seen, files.commit)):
            text = f"{files.place} was rewritten: {lost} is not what it was when it was last read here"
            found = Defect(None, "rewritten", text)
        return found

    def push(self, change: Change, after: GitFiles, made: datetime) -> GitFiles | None:
        """Commit a change after these files and push it; None when somebody else was quicker.

        Raises `UndecidedError` when it was refused or cannot be known.
        """
        commit = self._repository.commit(after.commit, change.files, change.message, made)
        try:
            pushed = self._repository.push(commit, after.commit)
        except UndecidedError as error:
            pushed = Pushed(accepted=False, unsure=True, reason=error.message)
        if pushed.accepted:
            return self.at(commit)
        reason = without_secrets(pushed.reason)
        try:
            found = self._repository.fetch()
        except UndecidedError:
            doubt = "; whether it was accepted cannot be known" if pushed.unsure else ""
            raise failed(
                f"the push to {self.spec.text} did not work: {reason}{doubt}",
                "see that the remote answers, then run the command again",
                code="ledger.unreachable",
            ) from None
        if found and self._repository.is_ancestor(commit, found):
            return self.at(commit)  # it was accepted and only the answer was lost
        if not pushed.raced and found == after.commit:
            raise failed(
                f"the push to {self.spec.text} was refused: {reason}",
                "let this job push to that branch (on GitHub: permissions: contents: write)",
                code="ledger.refused",
            )
        return None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the private repository, made when it is not there and cleared of what a dead process left."""
        with disk(self.folder):
            make_folder(self.folder)
            (self.folder.parent / ".gitignore").write_bytes(b"*\n")
            try:
                with exclusive(self.folder / "lock", LOCK_SECONDS):
                    tmp = self.folder / "tmp"
                    tmp.mkdir(exist_ok=True)
                    for leftover in tmp.iterdir():
                        leftover.unlink()
                    self._repository.prepare()
                    yield
            except TimeoutError:
                raise failed(
                    f"the ledger {self.spec.text} is in use by another process for {LOCK_SECONDS} seconds",
                    "wait for it to end, then run the command again",
                    code="ledger.locked",
                ) from None
