"""Entries: one canonical form, read strictly."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from dpone.errors import UndecidedError
from dpone.ledger.entry import BadEntry, entry_bytes, read_entry
from dpone.ledger.merkle import leaf_hash
from dpone.signing.trust import PinnedOrigin

AT = datetime(2026, 6, 5, 12, tzinfo=timezone.utc)
ORIGIN = PinnedOrigin("payments", "ab" * 32)
SHA = "cd" * 32
BODY = {"kind": "release-gate", "subject": {"release": "v1"}, "envelope": SHA, "objects": [SHA], "passed": True}
DATA = entry_bytes(ORIGIN, 1, SHA, "decision", AT, BODY)
GOOD = json.loads(DATA)


def test_entry_is_canonical_and_read_back():
    """The bytes are RFC 8785; the hash is the leaf hash over exactly them."""
    assert json.dumps(GOOD, sort_keys=True, separators=(",", ":")).encode() == DATA
    entry = read_entry(DATA)
    assert (entry.index, entry.previous, entry.type, entry.recorded_at) == (1, SHA, "decision", AT)
    assert (entry.origin, entry.body, entry.envelope) == (ORIGIN, BODY, SHA)
    assert entry.hash == leaf_hash(DATA).hex()
    assert set(entry.digests()) == {SHA}


def test_entry_is_about_a_subject_that_has_all_texts():
    """More texts in the entry do not matter, a missing or other one does, and the kind is exact."""
    entry = read_entry(DATA)
    assert entry.is_about("release-gate", {"release": "v1"})
    assert entry.is_about("release-gate", {})
    assert not entry.is_about("release-gate", {"release": "v2"})
    assert not entry.is_about("release-gate", {"release": "v1", "environment": ""})
    assert not entry.is_about("release", {"release": "v1"})


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": "dpone.ledger-entry/v2"},
        {"extra": 1},
        {"origin": "payments"},
        {"origin": {"name": "payments"}},
        {"origin": {"name": 1, "genesis": SHA}},
        {"index": -1},
        {"index": True},
        {"index": 1.0},
        {"index": "1"},
        {"index": 0},
        {"previous": "genesis"},
        {"previous": SHA.upper()},
        {"previous": ""},
        {"type": "Decision"},
        {"type": ""},
        {"recorded_at": "yesterday"},
        {"recorded_at": 0},
        {"body": []},
        {"body": {"subject": []}},
        {"body": {"subject": {"release": 1}}},
        {"body": {"kind": 1}},
        {"body": {"objects": SHA}},
        {"body": {"objects": ["x"]}},
        {"body": {"objects": [1]}},
        {"body": {"envelope": "x"}},
        {"body": {"envelope": ["x"]}},
    ],
)
def test_other_shapes_are_no_entries(changes):
    """Every key has one type and one meaning."""
    with pytest.raises(BadEntry):
        read_entry(json.dumps(GOOD | changes).encode())


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b"{", DATA + DATA, b"[" * 500])
def test_other_bytes_are_no_entries(data):
    """Not JSON, not an object, two entries in one file."""
    with pytest.raises(BadEntry):
        read_entry(data)


@pytest.mark.parametrize(
    "body",
    [{"n": 2**53}, {"n": float("nan")}, {"n": object()}, {"kind": 1}, {"n": "x" * 1_000_001}, {"\ud800": 1}],
)
def test_what_could_not_be_read_is_never_written(body):
    """Numbers that lose digits, things that are no JSON, bodies that are too large."""
    with pytest.raises(UndecidedError, match="cannot be written"):
        entry_bytes(ORIGIN, 0, "genesis", "decision", AT, body)
