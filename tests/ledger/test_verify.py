"""Verification: whatever is changed in the folder is found and named."""

from __future__ import annotations

import shutil
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dpone.ledger.entry import entry_bytes
from dpone.ledger.folder import FolderLedger
from dpone.ledger.service import envelope_check
from dpone.signing.private import signer_from_seed

AT = datetime(2026, 6, 5, 12, tzinfo=timezone.utc)
COUNT = 70


@pytest.fixture(scope="module")
def built(tmp_path_factory, record) -> Path:
    """A ledger of 70 decisions with every cache in place."""
    ledger = FolderLedger(tmp_path_factory.mktemp("built") / "ledger", "payments")
    for number in range(COUNT):
        record(ledger, number)
    list(ledger.find("release-gate", {}))
    assert sorted(path.name for path in (ledger.path / "cache").iterdir()) == ["entries.jsonl", "frontier.json"]
    return ledger.path


@pytest.fixture
def copy(built, tmp_path) -> Path:
    """A copy to break."""
    return Path(shutil.copytree(built, tmp_path / "ledger"))


def entry(folder, index):
    """The file of an entry."""
    return folder / f"entries/0000/000/{index:010d}.json"


def found(folder, signer, checkpoint=None):
    """The defects of a ledger as pairs of index and code, and the codes of its remarks."""
    report = FolderLedger(folder, "x").verify([signer.public], checkpoint, envelope_check([signer.public]))
    assert all("\n" not in defect.message for defect in report.defects)
    return [(defect.index, defect.what) for defect in report.defects], [
        remark.what for remark in report.remarks
    ]


def test_untouched_ledger_is_intact(built, signer):
    """Nothing is found where nothing was changed, with and without the own checkpoint."""
    assert found(built, signer) == ([], [])
    assert found(built, signer, (built / "checkpoint").read_bytes()) == ([], [])


def test_verification_writes_nothing(copy, signer):
    """A ledger on a read-only medium, or one that is evidence, stays as it is."""
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    found(copy, signer)
    assert before == {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}


def edit(folder):
    """Another verdict in an old entry."""
    entry(folder, 5).write_bytes(entry(folder, 5).read_bytes().replace(b'"v5"', b'"v6"'))


def edit_last(folder):
    """Another verdict in the newest entry, with no entry after it."""
    last = entry(folder, COUNT - 1)
    last.write_bytes(last.read_bytes().replace(b'"v69"', b'"v68"'))


def delete(folder):
    """An entry in the middle removed."""
    entry(folder, 5).unlink()


def delete_last(folder):
    """The newest entry removed, the checkpoint left."""
    entry(folder, COUNT - 1).unlink()


def swap(folder):
    """Two entries in each other's place."""
    one, two = entry(folder, 5).read_bytes(), entry(folder, 9).read_bytes()
    entry(folder, 5).write_bytes(two)
    entry(folder, 9).write_bytes(one)


def garbage(folder):
    """An entry that is none."""
    entry(folder, 5).write_bytes(b"{}")


def link(folder):
    """An entry behind a symbolic link."""
    target = folder.parent / "elsewhere"
    entry(folder, 5).rename(target)
    entry(folder, 5).symlink_to(target)


def uncovered(folder):
    """An entry after the checkpoint that nobody signed for."""
    ledger = FolderLedger(folder, "x")
    data = entry_bytes(ledger.origin(), COUNT, ledger.entry(COUNT - 1).hash, "decision", AT, {})
    entry(folder, COUNT).write_bytes(data)


def uncovered_with_note(folder):
    """The same with a checkpoint signed by a stranger, laid out as a half step."""
    uncovered(folder)
    shutil.copytree(folder, folder.parent / "x")
    entry(folder.parent / "x", COUNT).unlink()
    stranger = signer_from_seed(bytes([9]) * 32, "x")
    FolderLedger(folder.parent / "x", "x").append("decision", {}, AT, [], stranger)
    shutil.copy(folder.parent / "x" / "checkpoint", folder / "checkpoint.next")
    shutil.copy(entry(folder.parent / "x", COUNT), entry(folder, COUNT))


def stray_entry(folder):
    """A file between the entries."""
    (folder / "entries/0000/000/5.json").write_text("{}")


def stray_file(folder):
    """A file at the top."""
    (folder / "entries.old").write_text("")


def object_replaced(folder):
    """Another content under an object's digest."""
    next(iter(sorted(folder.glob("store/sha256/*/*")))).write_bytes(b"other")


def object_gone(folder):
    """An object that an entry needs is removed."""
    FolderLedger(folder, "x").entry(5)
    digest = FolderLedger(folder, "x").entry(5).envelope
    (folder / "store/sha256" / digest[:2] / digest).unlink()


def object_misplaced(folder):
    """An object in another shard."""
    place = next(iter(sorted(folder.glob("store/sha256/*/*"))))
    (folder / "store/sha256/zz").mkdir()
    shutil.copy(place, folder / "store/sha256/zz" / place.name)


def checkpoint_gone(folder):
    """The checkpoint removed."""
    (folder / "checkpoint").unlink()


def checkpoint_old(folder):
    """An older checkpoint, really signed, in place of the newest."""
    shutil.copy(folder.parent / "old", folder / "checkpoint")


def origin_gone(folder):
    """The origin removed."""
    (folder / "origin.json").unlink()


def origin_other(folder):
    """The origin of another ledger."""
    shutil.copy(folder.parent / "other" / "origin.json", folder / "origin.json")


TAMPERED = {
    edit: [(6, "broken_chain"), (None, "root_mismatch")],
    edit_last: [(None, "root_mismatch")],
    delete: [(5, "missing")],
    delete_last: [(69, "missing")],
    swap: [
        (5, "wrong_index"),
        (5, "broken_chain"),
        (6, "broken_chain"),
        (9, "wrong_index"),
        (9, "broken_chain"),
        (10, "broken_chain"),
        (None, "root_mismatch"),
    ],
    garbage: [(5, "unreadable"), (6, "broken_chain"), (None, "root_mismatch")],
    link: [(5, "unreadable")],
    uncovered: [(70, "uncovered")],
    uncovered_with_note: [(70, "uncovered")],
    stray_entry: [(None, "stray")],
    stray_file: [(None, "stray")],
    object_gone: [(5, "object_missing")],
    object_misplaced: [(None, "stray")],
    checkpoint_gone: [(None, "bad_checkpoint")],
}


@pytest.mark.parametrize("change", TAMPERED, ids=lambda change: change.__name__)
def test_each_change_is_found_and_named_with_its_entry(change, copy, signer):
    """Edits, deletions, reordering, planted files and lost objects: exactly the defects they are."""
    change(copy)
    assert found(copy, signer)[0] == TAMPERED[change]


def test_replaced_object_is_named_with_the_entry_that_needs_it(copy, signer):
    """Both the object and the entry that rests on it are listed."""
    object_replaced(copy)
    codes = {what for _, what in found(copy, signer)[0]}
    assert codes == {"object_damaged", "object_missing"}


def test_swapped_or_lost_origin_is_found(copy, signer, record):
    """With another origin nothing fits any more; with none the ledger has no name."""
    record(FolderLedger(copy.parent / "other", "payments"), 0)
    origin_other(copy)
    defects = found(copy, signer)[0]
    assert (0, "foreign_origin") in defects
    assert (None, "bad_checkpoint") in defects
    origin_gone(copy)
    assert (None, "bad_origin") in found(copy, signer)[0]


def truncate(folder, size):
    """Cut the ledger back to an earlier state, as somebody would who saved a copy of the folder then."""
    for index in range(size, COUNT):
        entry(folder, index).unlink()
    shutil.rmtree(folder / "cache")


def test_truncation_is_found_by_a_checkpoint_kept_elsewhere(tmp_path, record, signer):
    """An old copy of the whole folder looks intact by itself; not against the newer checkpoint."""
    ledger = FolderLedger(tmp_path / "ledger", "payments")
    for number in range(3):
        record(ledger, number)
    shutil.copytree(ledger.path, tmp_path / "old")
    record(ledger, 3)
    kept = ledger.checkpoint()
    assert found(tmp_path / "old", signer) == ([], [])
    assert found(tmp_path / "old", signer, kept) == ([(3, "truncated")], [])
    assert found(ledger.path, signer, kept) == ([], [])


def test_fork_is_found_by_a_checkpoint_kept_elsewhere(tmp_path, record, signer):
    """Two histories with one beginning, both properly signed: the other one's checkpoint tells."""
    one = FolderLedger(tmp_path / "one", "payments")
    record(one, 0)
    shutil.copytree(one.path, tmp_path / "two")
    two = FolderLedger(tmp_path / "two", "payments")
    record(one, 1)
    record(two, 2)
    kept = one.checkpoint()
    assert found(two.path, signer) == ([], [])
    assert found(two.path, signer, kept) == ([(None, "forked")], [])
    record(two, 3)
    assert found(two.path, signer, kept) == ([(None, "forked")], [])


def test_old_checkpoint_in_place_of_the_newest_is_found(copy, signer, tmp_path, record):
    """Entries that the shorter checkpoint does not cover are named; a kept one names the truncation."""
    kept = (copy / "checkpoint").read_bytes()
    for number in range(2):
        record(FolderLedger(copy, "x"), COUNT + number)
    newest = (copy / "checkpoint").read_bytes()
    (copy / "checkpoint").write_bytes(kept)
    assert found(copy, signer)[0] == [(70, "uncovered"), (71, "uncovered")]
    assert (70, "truncated") in found(copy, signer, newest)[0]


def test_wholly_forged_ledger_is_not_signed_by_a_known_key(tmp_path, record, signer):
    """Somebody without the key can write everything but the signature."""
    stranger = signer_from_seed(bytes([9]) * 32, "stranger")
    ledger = FolderLedger(tmp_path / "ledger", "payments")
    record(ledger, 0)
    ledger.append("decision", {"kind": "x"}, AT, [], stranger)
    assert (None, "bad_checkpoint") in found(ledger.path, signer)[0]
    assert (None, "bad_checkpoint") in [(d.index, d.what) for d in ledger.verify([]).defects]


@pytest.mark.parametrize(
    "kept", [b"", b"nonsense", b"a/b\n1\n" + b"A" * 43 + b"=\n\n\xe2\x80\x94 a/b AAAAAAAA\n"]
)
def test_useless_checkpoint_is_a_defect_and_not_ignored(kept, built, signer):
    """A checkpoint given that cannot be checked proves nothing, and that is said."""
    assert found(built, signer, kept)[0] == [(None, "bad_checkpoint")]


def test_checkpoint_of_another_ledger_is_refused(built, signer, tmp_path, record):
    """Well signed, but about another log."""
    other = FolderLedger(tmp_path / "other", "payments")
    record(other, 0)
    assert found(built, signer, other.checkpoint())[0] == [(None, "bad_checkpoint")]


FILES = [
    "entries/0000/000/0000000005.json",
    "entries/0000/000/0000000069.json",
    "checkpoint",
    "origin.json",
    "store",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=st.sampled_from(FILES))
def test_any_changed_byte_that_counts_is_a_defect(data, name, built, signer):
    """One byte anywhere in an entry, an object, the checkpoint or the origin: found, and not by chance."""
    path = built / name
    if name == "store":
        path = data.draw(st.sampled_from(sorted(built.glob("store/sha256/*/*"))))
    original = path.read_bytes()
    broken = bytearray(original)
    broken[data.draw(st.integers(0, len(broken) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        path.write_bytes(bytes(broken))
        assert found(built, signer)[0] != []
    finally:
        path.write_bytes(original)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=st.sampled_from(["frontier.json", "entries.jsonl"]))
def test_any_changed_byte_of_a_cache_is_at_least_a_remark(data, name, built, signer):
    """Nothing rests on the caches, so nothing is wrong; but it is said that somebody was there."""
    path = built / "cache" / name
    original = path.read_bytes()
    broken = bytearray(original)
    broken[data.draw(st.integers(0, len(broken) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        path.write_bytes(bytes(broken))
        assert found(built, signer) == ([], ["cache_damaged"])
    finally:
        path.write_bytes(original)


def test_writer_at_work_is_no_defect(tmp_path, record, signer):
    """Entries appended while verification runs are neither missing nor stray."""
    ledger = FolderLedger(tmp_path / "ledger", "payments")
    record(ledger, 0)

    def check(entry, envelope):
        if ledger.head().size < 4:
            record(ledger, ledger.head().size)
            record(ledger, ledger.head().size)
        return ""

    report = FolderLedger(ledger.path, "x").verify([signer.public], None, check)
    assert (report.size, report.defects) == (1, ())
