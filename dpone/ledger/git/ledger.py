"""A ledger on a branch of a git repository. One commit per append; the push is the compare-and-swap.

A lost race fetches, appends the entry anew on the new head with a checkpoint of its own, and pushes again.
What was last accepted here is remembered: a branch that does not extend it was rewritten, and is refused.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any, TypeVar

from dpone.canonical import sha256_hex
from dpone.errors import UndecidedError, one_line
from dpone.ledger.append import check_body, disk, make_folder, next_step
from dpone.ledger.git.history import rewritten
from dpone.ledger.git.program import Git, failed, without_secrets
from dpone.ledger.git.repository import SEEN, Repository
from dpone.ledger.git.spec import GitSpec, private_folder
from dpone.ledger.git.tree import GitFiles, Objects
from dpone.ledger.interface import Defect, EntryCheck, LedgerReport, Receipt
from dpone.ledger.layout import (
    CHECKPOINT,
    ORIGIN,
    LedgerFolder,
    entry_name,
    object_name,
    origin_bytes,
    parse_origin,
)
from dpone.ledger.reading import LedgerReader
from dpone.ledger.tree import TreeState, save_state, tree_state
from dpone.ledger.verify import verify_all
from dpone.locks import exclusive
from dpone.record import dataclass, replace
from dpone.signing.keys import Signer
from dpone.signing.public import PublicKey
from dpone.signing.trust import PinnedOrigin
from dpone.workspace import Workspace

LOCK_SECONDS = 300
RACE_SECONDS = 90
LONGEST_PAUSE_SECONDS = 1.0


T = TypeVar("T")


@dataclass(frozen=True)
class Change:
    """What a commit is to add: files, and its message; `after` is the tree with its entry, if any."""

    files: Iterable[tuple[str, bytes]]
    message: str
    after: TreeState | None = None


class GitLedger(LedgerReader):
    """A `Ledger` on a branch; `open_ledger` makes it. The remote is asked when first needed, once for all
    reading, and again by `verify`.

    `name`, `pinned` and `keys` as in `FolderLedger`. `race_seconds`: how long lost races are tried again.
    """

    def __init__(
        self,
        spec: GitSpec,
        workspace: Workspace,
        name: str,
        pinned: PinnedOrigin | None = None,
        keys: tuple[PublicKey, ...] = (),
        race_seconds: float = RACE_SECONDS,
    ) -> None:
        super().__init__(pinned, keys)
        self.folder = private_folder(spec, workspace)
        self._spec, self._name, self._race_seconds = spec, name, race_seconds
        self._git = Git(workspace, self.folder / "repo.git", spec.remote if spec.named else "")
        self._repository = Repository(self.folder / "repo.git", self._git, spec)
        self._objects = Objects(self._git)
        self._now: GitFiles | None = None

    @property
    def files(self) -> GitFiles:
        """The files of the branch as it was fetched first, or as this process left it."""
        if self._now is None:
            with self._locked():
                self._accept(self._repository.fetch(), self._keys)
        assert self._now is not None
        return self._now

    def create(self) -> PinnedOrigin:
        """Begin the ledger without an entry, to be pinned; what is there already stays."""

        def begin(files: GitFiles) -> tuple[Change | None, PinnedOrigin]:
            origin, new = self._origin(files)
            return (Change(new.items(), f"ledger {origin.name} begun") if new else None), origin

        return self._publish(begin, datetime.now(timezone.utc))

    def append(
        self,
        type_: str,
        body: Mapping[str, Any],
        recorded_at: datetime,
        objects: Iterable[bytes],
        signer: Signer,
    ) -> Receipt:
        """Record an entry; see `Ledger.append`. Returns when the remote has accepted it."""
        check_body(body)
        kept = {sha256_hex(data): data for data in objects}
        keys = (*self._keys, signer.public) if self._keys else ()

        def entry(files: GitFiles) -> tuple[Change, Receipt]:
            origin, new = self._origin(files)
            state = tree_state(files, self._head(files, keys))
            whole = {**body, "objects": sorted(kept)}
            step = next_step(state, origin, type_, whole, recorded_at, signer)
            new |= self._missing(files, kept)
            new |= {entry_name(step.index): step.data, CHECKPOINT: step.note}
            return Change(new.items(), _message(step.index, type_, body), step.after), step.receipt(origin)

        return self._publish(entry, recorded_at, keys)

    def put(self, data: bytes) -> str:
        """Keep an object durably; returns its SHA-256 (hex)."""
        digest = sha256_hex(data)

        def keep(files: GitFiles) -> tuple[Change | None, str]:
            origin, new = self._origin(files)
            new |= self._missing(files, {digest: data})
            return (Change(new.items(), f"object {digest[:12]} of {origin.name}") if new else None), digest

        return self._publish(keep, datetime.now(timezone.utc))

    def verify(
        self, keys: Iterable[PublicKey], checkpoint: bytes | None = None, check: EntryCheck | None = None
    ) -> LedgerReport:
        """Check everything as it is on the remote now; see `Ledger.verify`. A branch that does not extend
        what was accepted here before is a defect; raises when it cannot be had or is gone.
        """
        with self._locked():
            commit, seen = self._repository.fetch(), self._repository.commit_of(SEEN)
            files = self._at(commit)
            self._must_be_known(files, seen)
            try:
                found = self._since(seen, files)
            except UndecidedError as error:
                found = Defect(None, "unreadable", error.message)
        if not files.exists():
            self._checked_origin(files)
        report = verify_all(files, self._pinned, tuple(keys), checkpoint, check)
        if found is not None:
            report = replace(report, defects=(*report.defects, found))
        if report.intact and commit:
            with self._locked():
                if self._repository.commit_of(SEEN) == seen:
                    self._repository.remember(commit)
            self._now = files
        return report

    def _publish(
        self,
        build: Callable[[GitFiles], tuple[Change | None, T]],
        made: datetime,
        keys: tuple[PublicKey, ...] | None = None,
    ) -> T:
        """Commit and push what `build` makes of the newest files, anew for each lost race."""
        keys = self._keys if keys is None else keys
        end, tries = time.monotonic() + self._race_seconds, 0
        with self._locked():
            while True:
                if self._now is None:
                    self._accept(self._repository.fetch(), keys)
                assert self._now is not None
                change, result = build(self._now)
                if change is None:
                    return result
                commit = self._repository.commit(self._now.commit, change.files, change.message, made)
                if self._push(commit, self._now.commit):
                    self._repository.remember(commit)
                    self._now = self._at(commit)
                    if change.after is not None:
                        save_state(self._now, change.after)
                    return result
                self._now, tries = None, tries + 1
                if time.monotonic() >= end:
                    raise failed(
                        f"others were quicker to push to {self._spec.text} for {self._race_seconds:g} seconds",
                        "run the command again",
                        code="ledger.busy",
                    )
                time.sleep(_pause(tries))

    def _push(self, commit: str, expected: str) -> bool:
        """Push; False when the race was lost. Raises `UndecidedError` when it was refused or cannot be known."""
        pushed = self._repository.push(commit, expected)
        if pushed.accepted:
            return True
        reason = without_secrets(pushed.reason)
        try:
            found = self._repository.fetch()
        except UndecidedError:
            doubt = "; whether it was accepted cannot be known" if pushed.unsure else ""
            raise failed(
                f"the push to {self._spec.text} did not work: {reason}{doubt}",
                "see that the remote answers, then run the command again",
                code="ledger.unreachable",
            ) from None
        if found and self._repository.is_ancestor(commit, found):
            return True  # it was accepted and only the answer was lost
        if not pushed.raced and found == expected:
            raise failed(
                f"the push to {self._spec.text} was refused: {reason}",
                "let this job push to that branch (on GitHub: permissions: contents: write)",
                code="ledger.refused",
            )
        return False

    def _accept(self, commit: str, keys: tuple[PublicKey, ...]) -> None:
        """Go on from a fetched commit, after everything that can be checked about it."""
        seen = self._repository.commit_of(SEEN)
        files = self._at(commit)
        self._must_be_known(files, seen)
        if commit and commit != seen:
            head = self._head(files, keys)
            found = self._since(seen, files)
            if found is not None:
                where = f"{self._spec.text}: the last good state is {SEEN} in {self._git.repository}"
                raise failed(found.message, where, code="ledger.rewritten")
            save_state(files, tree_state(files, head))
            self._repository.remember(commit)
        self._now = files

    def _must_be_known(self, files: GitFiles, seen: str) -> None:
        if not files.commit and seen:
            raise failed(
                f"the branch {self._spec.branch} of {self._spec.text} is gone, but there was a ledger on it",
                f"push it back: its last good state is {SEEN} in {self._git.repository}",
                code="ledger.gone",
            )
        if files.commit and not files.exists():
            raise failed(
                f"the branch {self._spec.branch} of {self._spec.text} is not a ledger",
                "name another branch; the ledger makes its own",
                code="ledger.not_a_ledger",
            )

    def _since(self, seen: str, files: GitFiles) -> Defect | None:
        if not seen or seen == files.commit:
            return None
        found = rewritten(self._at(seen), files, self._repository.is_ancestor(seen, files.commit))
        if found is None and (lost := self._repository.lost(seen, files.commit)):
            text = f"{files.place} was rewritten: {lost} is not what it was when it was last read here"
            found = Defect(None, "rewritten", text)
        return found

    def _at(self, commit: str) -> GitFiles:
        return GitFiles(self._spec.text, commit, self._objects, LedgerFolder(self.folder))

    def _origin(self, files: GitFiles) -> tuple[PinnedOrigin, dict[str, bytes]]:
        """The ledger's origin, and its file when the ledger is only begun now."""
        origin = self._checked_origin(files)
        if origin is not None:
            return origin, {}
        data = origin_bytes(self._name, os.urandom(32).hex())
        return parse_origin(data), {ORIGIN: data}

    def _missing(self, files: GitFiles, objects: Mapping[str, bytes]) -> dict[str, bytes]:
        """Those objects that are not there yet, by file; raises when another content stands there."""
        new = {}
        for digest, data in objects.items():
            if files.has(object_name(digest)):
                files.read_object(digest)
            else:
                new[object_name(digest)] = data
        return new

    @contextmanager
    def _locked(self) -> Iterator[None]:
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
                    f"the ledger {self._spec.text} is in use by another process for {LOCK_SECONDS} seconds",
                    "wait for it to end, then run the command again",
                    code="ledger.locked",
                ) from None


def _pause(tries: int) -> float:
    """How long to wait after so many lost races, in seconds: longer and longer, and never all the same."""
    chance = int.from_bytes(os.urandom(2), "big") / 65_536
    return chance * min(LONGEST_PAUSE_SECONDS, 0.02 * 2.0**tries)


def _message(index: int, type_: str, body: Mapping[str, Any]) -> str:
    """What a commit says: which entry, about what, and the decision's id."""
    subject = body.get("subject", {})
    words = [str(body.get("kind", "") or type_), *(subject.get(n, "") for n in ("release", "environment"))]
    first = one_line(f"entry {index + 1}: {' '.join(filter(None, words))} {body.get('status', '')}")[:160]
    return f"{first}\n\nDecision: {body['envelope']}\n" if body.get("envelope") else f"{first}\n"
