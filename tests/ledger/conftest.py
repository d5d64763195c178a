"""Ledgers to write to, and the means to record decisions in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest

from dpone.canonical import sha256_hex
from dpone.ledger.folder import FolderLedger
from dpone.ledger.interface import Receipt
from dpone.ledger.stores import open_ledger
from dpone.signing.dsse import DECISION, seal
from dpone.signing.private import KeySigner, signer_from_seed
from dpone.workspace import Workspace

AT = datetime(2026, 6, 5, 12, tzinfo=timezone.utc)


@pytest.fixture(scope="session")
def signer() -> KeySigner:
    """The key that signs decisions and checkpoints."""
    return signer_from_seed(bytes([1]) * 32, "test key")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty project."""
    root = tmp_path.resolve() / "project"
    root.mkdir()
    return Workspace(root)


@pytest.fixture
def ledger(workspace: Workspace) -> FolderLedger:
    """A ledger that was not yet written to."""
    return open_ledger("file:ledger", workspace)


@pytest.fixture(scope="session")
def record(signer: KeySigner) -> Callable[..., Receipt]:
    """Record a decision about a release, with its envelope and its input as objects."""

    def do(ledger: FolderLedger, number: int, kind: str = "release-gate") -> Receipt:
        envelope = seal(b'{"decision": %d}' % number, DECISION, signer)
        body = {"kind": kind, "subject": {"release": f"v{number}"}, "envelope": sha256_hex(envelope)}
        return ledger.append("decision", body, AT, [envelope, b"input %d" % number], signer)

    return do
