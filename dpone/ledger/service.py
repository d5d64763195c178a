"""What `dpone ledger verify` and `dpone ledger checkpoint` do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dpone.errors import NotGoodError
from dpone.ledger.entry import Entry
from dpone.ledger.interface import EntryCheck, Ledger, LedgerReport
from dpone.signing.dsse import APPROVAL, DECISION, EVIDENCE_SEAL, WAIVER, BrokenSeal, open_envelope
from dpone.signing.public import PublicKey

ENVELOPE_TYPES: Mapping[str, str] = {
    "decision": DECISION,
    "seal": EVIDENCE_SEAL,
    "waiver": WAIVER,
    "approval": APPROVAL,
}
"""What the envelope of each type of entry must hold. An entry of another type (`index`) may go without an
envelope; one it has must be a decision's."""


def envelope_check(keys: Iterable[PublicKey]) -> EntryCheck:
    """A check for `Ledger.verify`: the entry's envelope is of the entry's type and signed by one of `keys`."""
    known = tuple(keys)

    def check(entry: Entry, envelope: bytes) -> str:
        if not entry.envelope:
            return "it has no signed envelope" if entry.type in ENVELOPE_TYPES else ""
        try:
            open_envelope(envelope, ENVELOPE_TYPES.get(entry.type, DECISION)).verify(known)
        except BrokenSeal as error:
            return f"its envelope is broken: {error.message}"
        return ""

    return check


def verify_ledger(ledger: Ledger, keys: Iterable[PublicKey], checkpoint: bytes | None = None) -> LedgerReport:
    """Verify a ledger with everything recorded in it; `checkpoint` is a note kept elsewhere.

    Raises `UndecidedError` when a pinned ledger is missing, `NotGoodError` when there is neither a ledger
    nor a checkpoint that says there was one.
    """
    known = tuple(keys)
    report = ledger.verify(known, checkpoint, envelope_check(known))
    if report.origin is None and report.intact and checkpoint is None:
        raise _empty()
    return report


def newest_checkpoint(ledger: Ledger) -> bytes:
    """The signed note to be kept elsewhere, byte for byte; raises `NotGoodError` for an empty ledger."""
    note = ledger.checkpoint()
    if note is None:
        raise _empty()
    return note


def _empty() -> NotGoodError:
    return NotGoodError("the ledger has no entry yet", "take a decision first", code="ledger.empty")
