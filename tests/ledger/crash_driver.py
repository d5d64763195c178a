"""Runs appends that die or fail at one exact step. A script of its own: it forks and sets audit hooks.

``crash_driver.py kill|full FOLDER SCRATCH`` copies the ledger FOLDER once per step, lets a child append to the
copy, and kills it (kill) or makes every further write fail with ENOSPC (full) just before its n-th step on the
file system. Prints one JSON object per n, until an append gets through untouched.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sys
from datetime import datetime, timezone
from pathlib import Path

from dpone.errors import UndecidedError
from dpone.ledger.folder import FolderLedger
from dpone.signing.private import signer_from_seed

SIGNER = signer_from_seed(bytes([1]) * 32, "test key")
AT = datetime(2026, 6, 5, 12, tzinfo=timezone.utc)
STEPS = {"os.link", "os.rename", "os.mkdir", "os.remove"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def append(folder: Path, text: str) -> int:
    """Append one entry with one object; returns its index."""
    ledger = FolderLedger(folder, "test", keys=(SIGNER.public,))
    return ledger.append("decision", {"kind": "gate", "text": text}, AT, [text.encode()], SIGNER).index


def strike(mode: str, at: int) -> None:
    """From the step number `at` on: die, or find the disk full."""
    seen = 0

    def hook(event: str, arguments: tuple) -> None:
        nonlocal seen
        writes = event in STEPS or (event == "open" and bool((arguments[2] or 0) & WRITING))
        reads = event == "open" and not writes
        if not writes and not (reads and mode == "kill"):
            return
        seen += 1
        if seen < at:
            return
        if mode == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif event != "os.remove":
            raise OSError(errno.ENOSPC, "No space left on device")

    sys.addaudithook(hook)


def child(mode: str, at: int, folder: Path) -> int:
    """Append under the strike; returns the exit status: 0 recorded, 3 reported as not recorded."""
    strike(mode, at)
    try:
        append(folder, "struck")
    except UndecidedError as error:
        return 3 if error.code == "ledger.disk" else 4
    return 0


def attempt(mode: str, at: int, source: Path, scratch: Path) -> dict[str, object]:
    """Strike one append at one step and say what is left, before and after the next append."""
    folder = scratch / f"{mode}{at}"
    shutil.copytree(source, folder)
    before = FolderLedger(folder, "test").head()
    size = before.size if before else 0
    pid = os.fork()
    if pid == 0:
        os._exit(child(mode, at, folder))
    status = os.waitpid(pid, 0)[1]
    ledger = FolderLedger(folder, "test", keys=(SIGNER.public,))
    struck = ledger.verify([SIGNER.public])
    head = ledger.head()
    index = append(folder, "next")
    healed = ledger.verify([SIGNER.public])
    result = {
        "at": at,
        "exit": os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status),
        "new_before": (head.size if head else 0) - size,
        "defects": [defect.what for defect in (*struck.defects, *healed.defects)],
        "remarks": sorted({remark.what for remark in struck.remarks}),
        "remarks_after": [remark.what for remark in healed.remarks],
        "new_after": index - size,
        "texts": [entry.body["text"] for entry in ledger.entries(size)],
    }
    shutil.rmtree(folder)
    return result


def main(mode: str, source: Path, scratch: Path) -> None:
    """Strike at every step in turn."""
    for at in range(1, 400):
        result = attempt(mode, at, source, scratch)
        print(json.dumps(result), flush=True)
        if result["exit"] == 0 and result["texts"] == ["struck", "next"] and not result["remarks"]:
            cached = attempt(mode, at + 1, source, scratch)
            if cached["exit"] == 0 and not cached["remarks"]:
                return


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
