"""What a ledger is, wherever it is kept; `dpone.ledger.stores` opens one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol

from dpone.ledger.entry import Entry
from dpone.ledger.layout import LedgerFiles
from dpone.record import dataclass
from dpone.signing.keys import Signer
from dpone.signing.note import Checkpoint
from dpone.signing.public import PublicKey
from dpone.signing.trust import PinnedOrigin

EntryCheck = Callable[[Entry, bytes], str]
"""Looks at one entry and the bytes of its envelope (empty when it has none) and returns what is wrong
with them as one sentence, or an empty text."""


@dataclass(frozen=True)
class Receipt:
    """Proof that an entry is durable. `checkpoint` is the signed note that covers it; `entry_hash` hex."""

    origin: PinnedOrigin
    index: int
    entry_hash: str
    checkpoint: bytes


@dataclass(frozen=True)
class Defect:
    """One thing found by verification: `index` of the entry, None where none is meant; `what` a stable code
    (listed at `LedgerReport`); the message one sentence.
    """

    index: int | None
    what: str
    message: str


@dataclass(frozen=True)
class LedgerReport:
    """What verification found. `size` entries were checked, as the checkpoint says.

    `defects` mean that something was changed, removed or forged: `missing`, `unreadable`, `wrong_index`,
    `foreign_origin`, `broken_chain`, `root_mismatch`, `truncated`, `forked`, `foreign_checkpoint`,
    `bad_checkpoint`, `bad_origin`, `uncovered`, `stray`, `object_missing`, `object_damaged`,
    `entry_refused`, `rewritten` (a branch in git that is not the one that was read before). `remarks` are
    what a crash can leave and nothing rests on: `half_step` (an entry written, its checkpoint not yet: the
    next append completes it), `leftover`, `cache_damaged`.
    """

    origin: PinnedOrigin | None
    size: int
    defects: tuple[Defect, ...]
    remarks: tuple[Defect, ...]

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.defects


class Ledger(Protocol):
    """An append-only list of entries with a signed checkpoint per append and a store of objects.

    Every method raises `UndecidedError` when the ledger cannot be read or written, is not the pinned
    one, or contradicts its checkpoint: never an empty answer in place of one that was lost.
    """

    def origin(self) -> PinnedOrigin | None:
        """Which ledger this is; None as long as nothing was ever written."""

    def create(self) -> PinnedOrigin:
        """Begin the ledger without an entry, so that it can be pinned; one that is there already stays."""

    def append(
        self,
        type_: str,
        body: Mapping[str, Any],
        recorded_at: datetime,
        objects: Iterable[bytes],
        signer: Signer,
        alone_since: int | None = None,
    ) -> Receipt:
        """Record an entry and everything it needs; when this returns, all of it is durable.

        `body` must not have the key `objects`: it gets the sorted digests of `objects`. A digest in
        `body["envelope"]` must be one of them. With `alone_since`, the ledger's size when what the entry
        continues was read, it is refused if an entry of its type was recorded since.
        """

    def settle(self) -> None:
        """Complete or clear what a writer that died has left, so that readers see what an append would follow."""

    def checkpoint(self) -> bytes | None:
        """The newest signed checkpoint, to be kept elsewhere; None before the first entry."""

    def head(self) -> Checkpoint | None:
        """What the newest checkpoint says; None before the first entry."""

    def entry(self, index: int) -> Entry:
        """The entry at `index`, from 0."""

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """The entries from `start` on, oldest first, all of them proven by the checkpoint."""

    def find(self, kind: str, subject: Mapping[str, str]) -> Iterator[Entry]:
        """The entries of exactly that kind (any when empty) whose subject has all these texts, newest first."""

    @property
    def files(self) -> LedgerFiles:
        """The ledger's files as they are now."""

    def absorb(self, copy: LedgerFiles) -> int:
        """Take over the entries of a copy that was verified with the ledger's own keys and pin; returns how many
        were new. All of them are durable when this returns, or none counts.

        Raises `NotGoodError` when it is of another ledger or one of the two was forked.
        """

    def put(self, data: bytes) -> str:
        """Keep an object; returns its SHA-256 (hex)."""

    def get_object(self, digest: str) -> bytes:
        """The object with that SHA-256, checked."""

    def verify(
        self, keys: Iterable[PublicKey], checkpoint: bytes | None = None, check: EntryCheck | None = None
    ) -> LedgerReport:
        """Check everything: each entry, the chain, the tree against the signed checkpoint and against one
        kept elsewhere (`checkpoint`), each object; `check` is asked about every entry.
        """
