"""Reading what was recorded: the ledger of this workspace, and the decisions in it."""

from __future__ import annotations

from dpone.decisions.record import open_ledger_of
from dpone.decisions.request import Context
from dpone.errors import UsageError
from dpone.evidence.model import Subject
from dpone.evidence.seals import Judges, known_keys
from dpone.ledger.interface import Ledger, LedgerReport
from dpone.ledger.service import verify_ledger
from dpone.ledger.transfer import MAX_ARCHIVE_BYTES, Exported, Imported, export_ledger, import_archive
from dpone.ops.session import open_session
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
    own = records.context.signer.public if records.context.signer else None
    judges = Judges(records.context.trust, own, records.context.workspace.clock.now())
    return list(known_keys(judges))
