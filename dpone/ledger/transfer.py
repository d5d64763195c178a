"""Taking a ledger elsewhere in one file: `dpone ledger export` and `dpone ledger import`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from dpone.errors import NotGoodError, UndecidedError, UsageError
from dpone.ledger.absorb import size_of
from dpone.ledger.append import disk
from dpone.ledger.archive import make_staging, unpack_archive, write_archive
from dpone.ledger.interface import Ledger, LedgerReport
from dpone.ledger.service import envelope_check, verify_ledger
from dpone.ledger.verify import verify_all
from dpone.locks import exclusive
from dpone.record import dataclass
from dpone.signing.newfile import make_folder
from dpone.signing.public import PublicKey
from dpone.signing.trust import PinnedOrigin
from dpone.workspace import Workspace, sync_folder

LOCK_SECONDS = 60
MAX_ARCHIVE_BYTES = 100_000_000_000


@dataclass(frozen=True)
class Exported:
    """What an archive holds, and its own SHA-256 (hex)."""

    entries: int
    objects: int
    sha256: str


@dataclass(frozen=True)
class Imported:
    """How many entries the archive has, and how many of them were new."""

    entries: int
    new: int


def export_ledger(ledger: Ledger, keys: Iterable[PublicKey], target: Path) -> Exported:
    """Verify the ledger and write it to the new file `target`, whole or not at all.

    Raises `NotGoodError` for an empty or broken ledger, `UsageError` when there is something at `target`,
    `UndecidedError` when it cannot be written.
    """
    import hashlib

    if target.is_symlink() or target.exists():
        raise UsageError(f"{target}: there is something already", "name a new file", code="ledger.export")
    _check(verify_ledger(ledger, keys), "the ledger is not exported")
    part = target.with_name(f".{target.name[:200]}.{os.getpid()}.part")
    try:
        with part.open("x+b") as file:
            entries, objects = write_archive(ledger.files, file)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            digest = hashlib.sha256()
            while block := file.read(1 << 20):
                digest.update(block)
        part.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise UndecidedError(f"cannot write {target}: {why}", "name another file", code="disk") from None
    finally:
        _remove(part)
    return Exported(entries, objects, digest.hexdigest())


def import_archive(
    source: BinaryIO,
    ledger: Ledger,
    keys: Iterable[PublicKey],
    pinned: PinnedOrigin | None,
    workspace: Workspace,
) -> Imported:
    """Verify an archive completely, in a folder of its own, then take over the entries the ledger does not have.

    Raises `NotGoodError` when it does not hold, is of another ledger, or forked from this one; nothing is
    kept then.
    """
    known = tuple(keys)
    staging = workspace.state / "cache" / "import"
    with disk(staging):
        make_folder(staging.parent)
    try:
        with exclusive(staging.with_name("import.lock"), LOCK_SECONDS):
            make_staging(staging)
            try:
                copy = unpack_archive(source, known, staging)
                _check(verify_all(copy, pinned, known, None, envelope_check(known)), "nothing was imported")
                return Imported(size_of(copy), ledger.absorb(copy))
            finally:
                make_staging(staging)
                staging.rmdir()
    except TimeoutError:
        raise UndecidedError(
            "another import is under way in this workspace", "wait for it, then run again", code="ledger.locked"
        ) from None


def _check(report: LedgerReport, what: str) -> None:
    if not report.intact:
        more = f" and {len(report.defects) - 1} more" if len(report.defects) > 1 else ""
        raise NotGoodError(
            f"{what}: {report.defects[0].message}{more}", "see dpone ledger verify", code="ledger.not_intact"
        )


def _remove(part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
    except OSError:
        return
