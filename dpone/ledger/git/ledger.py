"""A ledger on a branch of a git repository. One commit per append; the push is the compare-and-swap.

A lost race fetches, appends the entry anew on the new head with a checkpoint of its own, and pushes again.
What was last accepted here is remembered: a branch that does not extend it was rewritten, and is refused.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from dpone.canonical import sha256_hex
from dpone.errors import UndecidedError, one_line
from dpone.ledger.absorb import entries_to_take, files_to_take
from dpone.ledger.append import check_body, next_step
from dpone.ledger.git.branch import Branch, Change
from dpone.ledger.git.program import failed
from dpone.ledger.git.spec import GitSpec
from dpone.ledger.git.tree import GitFiles
from dpone.ledger.interface import Defect, EntryCheck, LedgerReport, Receipt
from dpone.ledger.layout import (
    CHECKPOINT,
    ORIGIN,
    LedgerFiles,
    entry_name,
    object_name,
    origin_bytes,
    parse_origin,
)
from dpone.ledger.lookup import check_alone
from dpone.ledger.reading import LedgerReader
from dpone.ledger.tree import EMPTY, save_state, tree_state
from dpone.ledger.verify import verify_all
from dpone.record import replace
from dpone.signing.keys import Signer
from dpone.signing.public import PublicKey
from dpone.signing.trust import PinnedOrigin
from dpone.workspace import Workspace

RACE_SECONDS = 90
LONGEST_PAUSE_SECONDS = 1.0


T = TypeVar("T")


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
        self._branch = Branch(spec, workspace)
        self.folder = self._branch.folder
        self._name, self._race_seconds = name, race_seconds
        self._clock = workspace.clock
        self._now: GitFiles | None = None

    @property
    def files(self) -> GitFiles:
        """The files of the branch as it was fetched first, or as this process left it."""
        if self._now is None:
            with self._branch.locked():
                return self._now or self._accept(self._branch.fetch(), self._keys)
        return self._now

    def create(self) -> PinnedOrigin:
        """Begin the ledger without an entry, to be pinned; what is there already stays."""

        def begin(files: GitFiles) -> tuple[Change | None, PinnedOrigin]:
            origin, new = self._origin(files)
            return (Change(new.items(), f"ledger {origin.name} begun") if new else None), origin

        return self._publish(begin, self._clock.now())

    def append(
        self,
        type_: str,
        body: Mapping[str, Any],
        recorded_at: datetime,
        objects: Iterable[bytes],
        signer: Signer,
        alone_since: int | None = None,
    ) -> Receipt:
        """Record an entry; see `Ledger.append`. Returns when the remote has accepted it."""
        check_body(body)
        kept = {sha256_hex(data): data for data in objects}
        keys = (*self._keys, signer.public) if self._keys else ()

        def entry(files: GitFiles) -> tuple[Change, Receipt]:
            origin, new = self._origin(files)
            state = tree_state(files, self._head(files, keys))
            check_alone(files, state.frontier.size, alone_since, type_)
            whole = {**body, "objects": sorted(kept)}
            step = next_step(state, origin, type_, whole, recorded_at, signer)
            new |= self._missing(files, kept)
            new |= {entry_name(step.index): step.data, CHECKPOINT: step.note}
            return Change(new.items(), _message(step.index, type_, body), step.after), step.receipt(origin)

        return self._publish(entry, recorded_at, keys)

    def settle(self) -> None:
        """A push is there whole or not at all: nothing is ever left to settle."""

    def put(self, data: bytes) -> str:
        """Keep an object durably; returns its SHA-256 (hex)."""
        digest = sha256_hex(data)

        def keep(files: GitFiles) -> tuple[Change | None, str]:
            origin, new = self._origin(files)
            new |= self._missing(files, {digest: data})
            return (Change(new.items(), f"object {digest[:12]} of {origin.name}") if new else None), digest

        return self._publish(keep, self._clock.now())

    def absorb(self, copy: LedgerFiles) -> int:
        """Take over the entries of a verified copy, in one commit; see `Ledger.absorb`."""

        def take(files: GitFiles) -> tuple[Change | None, int]:
            state = EMPTY
            if files.exists():
                self._checked_origin(files)
                state = tree_state(files, self._head(files))
            wanted = entries_to_take(files, state, copy)
            message = f"{len(wanted)} entries imported"
            new = len(wanted) > 0 or not files.exists()
            return (Change(files_to_take(files, wanted, copy), message) if new else None), len(wanted)

        return self._publish(take, self._clock.now())

    def verify(
        self, keys: Iterable[PublicKey], checkpoint: bytes | None = None, check: EntryCheck | None = None
    ) -> LedgerReport:
        """Check everything as it is on the remote now; see `Ledger.verify`. A branch that does not extend
        what was accepted here before is a defect; raises when it cannot be had or is gone.
        """
        with self._branch.locked():
            files, seen = self._branch.fetch(), self._branch.seen()
            try:
                found = self._branch.since(seen, files)
            except UndecidedError as error:
                found = Defect(None, "unreadable", error.message)
        if not files.exists():
            self._checked_origin(files)
        report = verify_all(files, self._pinned, tuple(keys), checkpoint, check)
        if found is not None:
            report = replace(report, defects=(*report.defects, found))
        if report.intact and files.commit:
            with self._branch.locked():
                if self._branch.seen() == seen:
                    self._branch.remember(files.commit)
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
        with self._branch.locked():
            while True:
                files = self._now or self._accept(self._branch.fetch(), keys)
                change, result = build(files)
                if change is None:
                    return result
                self._now = self._branch.push(change, files, made)
                if self._now is not None:
                    self._branch.remember(self._now.commit)
                    if change.after is not None:
                        save_state(self._now, change.after)
                    return result
                tries += 1
                if time.monotonic() >= end:
                    raise failed(
                        f"others were quicker to push to {files.place} for {self._race_seconds:g} seconds",
                        "run the command again",
                        code="ledger.busy",
                    )
                time.sleep(_pause(tries))

    def _accept(self, files: GitFiles, keys: tuple[PublicKey, ...]) -> GitFiles:
        """Go on from what was fetched, after everything that can be checked about it."""
        seen = self._branch.seen()
        if files.commit and files.commit != seen:
            head = self._head(files, keys)
            found = self._branch.since(seen, files)
            if found is not None:
                where = f"the last good state is {self._branch.kept}; see dpone ledger verify"
                raise failed(found.message, where, code="ledger.rewritten")
            save_state(files, tree_state(files, head))
            self._branch.remember(files.commit)
        self._now = files
        return files

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
