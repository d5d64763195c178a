"""What the ledger commands rest on."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from dpone.canonical import sha256_hex
from dpone.errors import NotGoodError, UndecidedError
from dpone.ledger.service import newest_checkpoint, verify_ledger
from dpone.ledger.stores import open_ledger
from dpone.signing.dsse import APPROVAL, DECISION, seal
from dpone.signing.private import signer_from_seed
from dpone.signing.trust import PinnedOrigin

AT = datetime(2026, 6, 5, 12, tzinfo=timezone.utc)


def add(ledger, signer, type_, payload_type, sealer=None):
    """Append an entry of that type with an envelope of that payload type."""
    envelope = seal(b"{}", payload_type, sealer or signer)
    return ledger.append(type_, {"envelope": sha256_hex(envelope)}, AT, [envelope], signer)


def test_good_ledger_verifies_with_every_envelope(ledger, signer):
    """Decisions, approvals and an index without an envelope of its own."""
    add(ledger, signer, "decision", DECISION)
    add(ledger, signer, "approval", APPROVAL)
    ledger.append("index", {}, AT, [], signer)
    report = verify_ledger(ledger, [signer.public], newest_checkpoint(ledger))
    assert (report.intact, report.size, report.remarks) == (True, 3, ())


@pytest.mark.parametrize(
    ("type_", "payload_type", "number"),
    [("decision", APPROVAL, 1), ("approval", DECISION, 1), ("index", APPROVAL, 1), ("decision", DECISION, 2)],
)
def test_envelope_of_another_kind_or_signer_is_refused(type_, payload_type, number, ledger, signer):
    """An approval is no decision, and a stranger's decision is none either."""
    add(ledger, signer, type_, payload_type, signer_from_seed(bytes([number]) * 32, "x"))
    report = verify_ledger(ledger, [signer.public])
    assert [(defect.index, defect.what) for defect in report.defects] == [(0, "entry_refused")]


def test_decision_without_an_envelope_is_refused(ledger, signer):
    """Only the signed decision counts; an entry that just says so is a defect."""
    ledger.append("decision", {"kind": "release-gate"}, AT, [], signer)
    report = verify_ledger(ledger, [signer.public])
    assert [(defect.index, defect.what) for defect in report.defects] == [(0, "entry_refused")]


def test_empty_ledger_proves_nothing(ledger, signer, workspace):
    """Nothing to verify is not good; with a checkpoint kept elsewhere it is a loss, pinned it is undecided."""
    for attempt in (lambda: verify_ledger(ledger, [signer.public]), lambda: newest_checkpoint(ledger)):
        with pytest.raises(NotGoodError, match="no entry yet"):
            attempt()
    other = open_ledger("file:other", workspace)
    add(other, signer, "decision", DECISION)
    assert not verify_ledger(ledger, [signer.public], newest_checkpoint(other)).intact
    with pytest.raises(UndecidedError, match="never begun"):
        verify_ledger(open_ledger("file:x", workspace, PinnedOrigin("x", "00" * 32)), [signer.public])


def test_created_ledger_without_entries_verifies_as_empty(ledger, signer):
    """An origin alone is intact; there is no checkpoint to keep yet."""
    ledger.create()
    report = verify_ledger(ledger, [signer.public])
    assert (report.intact, report.size) == (True, 0)
    with pytest.raises(NotGoodError):
        newest_checkpoint(ledger)
