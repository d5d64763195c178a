"""Reading what was recorded: the ledger of this workspace, and the decisions in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from dpone.decisions.record import open_ledger_of
from dpone.decisions.request import Context
from dpone.decisions.stored import Stored, matching
from dpone.errors import NotGoodError, UsageError
from dpone.evidence.model import Subject
from dpone.evidence.seals import known_keys
from dpone.ledger.interface import Ledger, LedgerReport
from dpone.ledger.service import verify_ledger
from dpone.ledger.transfer import MAX_ARCHIVE_BYTES, Exported, Imported, export_ledger, import_archive
from dpone.ops.session import Session, open_session
from dpone.record import dataclass
from dpone.signing.public import PublicKey
from dpone.workspace import ReadProblem, Workspace


@dataclass(frozen=True)
class Records:
    """A workspace's ledger and the surroundings to judge it in."""

    context: Context
    ledger: Ledger


def open_records(workspace: Workspace, trust_root: str = "") -> Records:
    """Open the configured ledger for reading."""
    context = open_session("release-gate", workspace, Subject(), ".dpone", trust_root=trust_root).context
    return Records(context, open_ledger_of(context))


def check_ledger(records: Records, checkpoint: str = "") -> LedgerReport:
    """Verify the whole ledger, against a checkpoint kept elsewhere where one is given."""
    workspace = records.context.workspace
    kept = None
    if checkpoint:
        try:
            kept = workspace.read(workspace.argument(checkpoint), 100_000)
        except ReadProblem as problem:
            raise UsageError(
                f"--checkpoint {checkpoint}: {problem.message}", "give the file you kept"
            ) from None
    return verify_ledger(records.ledger, _keys(records), kept)


def export_records(records: Records, target: str) -> Exported:
    """Write the ledger into the new file `target`; see `dpone.ledger.transfer`."""
    return export_ledger(records.ledger, _keys(records), records.context.workspace.argument(target))


def import_records(records: Records, archive: str) -> Imported:
    """Take over what an exported ledger has more; see `dpone.ledger.transfer`."""
    workspace = records.context.workspace
    try:
        source = workspace.open(workspace.argument(archive), MAX_ARCHIVE_BYTES)
    except ReadProblem as problem:
        raise UsageError(f"{archive[:200]}: {problem.message}", "give the file that was exported") from None
    with source:
        return import_archive(source, records.ledger, _keys(records), records.context.trust.ledger, workspace)


def _keys(records: Records) -> list[PublicKey]:
    return list(known_keys(records.context.judges()))


def trial(workspace: Workspace, policies: Sequence[str], trust_root: str = "") -> Session:
    """A session of what is configured now, with further layers, to try it on past decisions."""
    return open_session(
        "release-gate", workspace, Subject(), ".dpone", policies=policies, trust_root=trust_root, make_key=False
    )


def past_decisions(
    session: Session, spec: str = "", *, gate: str = "", release: str = "", last: str = ""
) -> list[Stored]:
    """Decisions of a ledger (`spec` as in dpone.yaml; empty: the configured one), oldest first, at most as old
    as `last` says (`90d`). Raises `UsageError` for what cannot be understood, `NotGoodError` for none."""
    from dpone.config.units import duration
    from dpone.ledger.stores import open_ledger

    context = session.context
    ledger = open_ledger_of(context) if not spec else open_ledger(spec, session.workspace)
    found = list(matching(ledger, gate=gate, release=release))
    if last:
        try:
            oldest = session.workspace.clock.now() - timedelta(seconds=duration(last))
        except ValueError as expected:
            raise UsageError(f"--last {last[:40]!r}: expected {expected}", "write --last 90d") from None
        found = [stored for stored in found if stored.entry.recorded_at >= oldest]
    if not found:
        raise NotGoodError("the ledger holds no such decision", "see dpone decision list")
    return found
