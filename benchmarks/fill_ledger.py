"""Fill a ledger for measuring, without syncing: python benchmarks/fill_ledger.py LEDGER KEY ENTRIES."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from world import now

from dpone.canonical import canonical_bytes, sha256_hex
from dpone.ledger.folder import FolderLedger
from dpone.signing.dsse import DECISION, seal
from dpone.signing.keys import Signer
from dpone.signing.private import read_private_file


def append(ledger: FolderLedger, signer: Signer, number: int) -> None:
    """Append one small sealed decision about a release of its own."""
    envelope = seal(canonical_bytes({"decision": number}), DECISION, signer)
    subject = {"release": f"b{number}", "environment": "production", "commit": "", "run_id": ""}
    body = {
        "envelope": sha256_hex(envelope),
        "gate": "release-gate",
        "kind": "release_gate",
        "subject": {**subject, "change_id": "", "deployment_id": ""},
        "status": "passed",
        "passed": True,
    }
    ledger.append("decision", body, now(), [envelope], signer)


if __name__ == "__main__":
    os.fsync = lambda _: None
    key = read_private_file(Path(sys.argv[2]), "benchmark")
    target = FolderLedger(Path(sys.argv[1]), "benchmark")
    for count in range(int(sys.argv[3])):
        append(target, key, count)
