"""Changing the trust file through the key commands."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from dpone.errors import UsageError
from dpone.signing.trust import PinnedOrigin, Trust, TrustedKey
from dpone.signing.trust_edit import pin_ledger, revoke_key, trust_key

AT = datetime(2026, 6, 5, 12, tzinfo=timezone.utc)
ORIGIN = PinnedOrigin("payments", "ab" * 32)


def test_keys_are_added_and_revoked(workspace, make_signer):
    """The file appears with the first key; a revoked key stays in it and counts for nothing."""
    one, two = make_signer(1).public, make_signer(2).public
    path = trust_key(workspace, TrustedKey(one, "ann", ("ci",)))
    trust_key(workspace, TrustedKey(two, "ann"))
    assert path == workspace.root / "dpone.trust.json"
    revoke_key(workspace, one.fingerprint, "lost laptop", AT)
    found = Trust.load(workspace)
    assert [key.public for key in found.keys] == [one, two]
    assert found.standing(one, None, AT).reason.endswith("lost laptop")
    assert found.standing(two, None, AT).trust == "workspace"
    revoke_key(workspace, "ANN", "left", AT.replace(year=2027))
    assert [key.revoked.reason for key in Trust.load(workspace).keys] == ["lost laptop", "left"]


def test_what_makes_no_sense_is_refused_and_changes_nothing(workspace, make_signer):
    """A known key, a second spelling of a person, an unknown or already revoked one."""
    one, two = make_signer(1).public, make_signer(2).public
    path = trust_key(workspace, TrustedKey(one, "ann"))
    revoke_key(workspace, "ann", "left", AT)
    before = path.read_bytes()
    with pytest.raises(UsageError, match="already"):
        trust_key(workspace, TrustedKey(one, "bob"))
    with pytest.raises(UsageError, match="two spellings"):
        trust_key(workspace, TrustedKey(two, "Ann"))
    with pytest.raises(UsageError, match="no key 'bob'"):
        revoke_key(workspace, "bob", "x", AT)
    with pytest.raises(UsageError, match="revoked"):
        revoke_key(workspace, "ann", "x", AT)
    with pytest.raises(UsageError, match="committed file"):
        trust_key(workspace, TrustedKey(two, "bob"), "git:origin/main:dpone.trust.json")
    assert path.read_bytes() == before
    trust_key(workspace, TrustedKey(two, "bob"))
    with pytest.raises(UsageError, match="reason"):
        revoke_key(workspace, "bob", "", AT)


def test_ledger_is_pinned_once(workspace):
    """Pinning the same ledger again changes nothing; another one is refused."""
    pin_ledger(workspace, ORIGIN)
    pin_ledger(workspace, ORIGIN)
    assert Trust.load(workspace).ledger == ORIGIN
    with pytest.raises(UsageError, match="pins the ledger payments"):
        pin_ledger(workspace, PinnedOrigin("payments", "cd" * 32))
