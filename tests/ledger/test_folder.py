"""A ledger in a folder: recording, finding, and never taking another for it."""

from __future__ import annotations

import errno
import json
import shutil
import sys
from datetime import datetime, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dpone.canonical import sha256_hex
from dpone.errors import UndecidedError, UsageError
from dpone.ledger.folder import FolderLedger
from dpone.ledger.stores import open_ledger
from dpone.locks import exclusive
from dpone.signing.note import open_note, parse_checkpoint
from dpone.signing.private import signer_from_seed
from dpone.signing.trust import PinnedOrigin

AT = datetime(2026, 6, 5, 12, tzinfo=timezone.utc)


def test_appended_entries_come_back_in_order(ledger, record, signer):
    """Each receipt names its entry; the chain, the objects and the signed checkpoint agree with it."""
    receipts = [record(ledger, number) for number in range(5)]
    entries = list(ledger.entries())
    assert [entry.index for entry in entries] == [receipt.index for receipt in receipts] == [0, 1, 2, 3, 4]
    assert [entry.hash for entry in entries] == [receipt.entry_hash for receipt in receipts]
    assert [entry.previous for entry in entries] == ["genesis", *(entry.hash for entry in entries[:-1])]
    assert list(ledger.entries(3)) == entries[3:]
    assert ledger.entry(2) == entries[2]
    assert ledger.get_object(sha256_hex(b"input 3")) == b"input 3"
    assert sha256_hex(b"input 3") in entries[3].body["objects"]
    origin = receipts[-1].origin
    note = open_note(ledger.checkpoint(), f"{origin.name}/{origin.genesis}", [signer.public])
    assert parse_checkpoint(note.text) == ledger.head()
    assert (ledger.head().size, ledger.checkpoint()) == (5, receipts[-1].checkpoint)
    assert origin == ledger.origin()


def test_unwritten_ledger_is_empty_and_reading_creates_nothing(ledger, workspace):
    """Looking does not make a ledger."""
    assert (ledger.origin(), ledger.head(), ledger.checkpoint()) == (None, None, None)
    assert list(ledger.entries()) == list(ledger.find("release-gate", {})) == []
    assert ledger.verify([]).intact
    with pytest.raises(UndecidedError, match="no entry 1"):
        ledger.entry(0)
    assert list(workspace.root.iterdir()) == []


def test_two_ledgers_never_have_the_same_origin(workspace, record):
    """The genesis hash comes from a random nonce; the name from the folder."""
    one, two = (record(open_ledger(f"file:{name}", workspace), 1).origin for name in ("one", "two"))
    assert one.name == two.name == "project"
    assert one.genesis != two.genesis


def test_found_entries_are_the_newest_first_and_exact(ledger, record):
    """Kind and every given text of the subject must match; the order is newest first."""
    for number in (1, 2, 1, 3):
        record(ledger, number)
    record(ledger, 1, kind='release-"gate"')
    assert [entry.index for entry in ledger.find("release-gate", {"release": "v1"})] == [2, 0]
    assert [entry.index for entry in ledger.find("release-gate", {})] == [3, 2, 1, 0]
    assert [entry.index for entry in ledger.find('release-"gate"', {"release": "v1"})] == [4]
    assert list(ledger.find("release", {"release": "v1"})) == []
    record(ledger, 1)
    assert next(ledger.find("release-gate", {"release": "v1"})).index == 5


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
def test_found_by_any_text(text, tmp_path_factory, signer):
    """Quotes, control characters and other scripts in kinds and subjects do not hide an entry."""
    ledger = FolderLedger(tmp_path_factory.mktemp("any") / "ledger", "x")
    ledger.append("decision", {"kind": text, "subject": {text: text}}, AT, [], signer)
    assert [entry.index for entry in ledger.find(text, {text: text})] == [0]


def test_index_that_hides_an_entry_is_not_believed(ledger, record, workspace):
    """The cache lies about one entry, or lacks it: the answer is still the entries' own."""
    for number in range(70):
        record(ledger, number % 7)
    expected = [entry.index for entry in ledger.find("release-gate", {"release": "v3"})]
    cache = ledger.path / "cache" / "entries.jsonl"
    lines = cache.read_bytes().splitlines(keepends=True)
    assert len(lines) == 70
    lies = [
        lines[:59] + lines[60:],
        [*lines[:59], lines[59].replace(b'"v3"', b'"v9"'), *lines[60:]],
        lines[:60],
        [*lines[:59], lines[59][:40]],
        lines * 2,
        [b"\n"] * 70,
        [],
    ]
    for lie in lies:
        cache.write_bytes(b"".join(lie))
        fresh = open_ledger("file:ledger", workspace)
        assert [entry.index for entry in fresh.find("release-gate", {"release": "v3"})] == expected


def test_changed_entry_is_never_handed_out(ledger, record, workspace):
    """An entry edited on disk is an error for find, entries and the next append, with or without caches."""
    for number in range(70):
        record(ledger, number)
    list(ledger.find("release-gate", {}))
    path = ledger.path / "entries/0000/000/0000000069.json"
    path.write_bytes(path.read_bytes().replace(b"v69", b"v68"))
    for attempt in (
        lambda: list(ledger.find("release-gate", {"release": "v69"})),
        lambda: list(ledger.entries()),
        lambda: ledger.entry(69),
    ):
        with pytest.raises(UndecidedError, match="changed"):
            attempt()
    assert ledger.entry(5).body["subject"] == {"release": "v5"}
    shutil.rmtree(ledger.path / "cache")
    fresh = open_ledger("file:ledger", workspace)
    for attempt in (
        lambda: list(fresh.find("release-gate", {"release": "v1"})),
        lambda: list(fresh.entries()),
        lambda: fresh.entry(5),
        lambda: record(fresh, 70),
    ):
        with pytest.raises(UndecidedError, match="not those its checkpoint"):
            attempt()


def test_missing_entry_is_an_error_and_not_the_end(ledger, record):
    """A hole in the list is never taken for its end."""
    for number in range(3):
        record(ledger, number)
    (ledger.path / "entries/0000/000/0000000001.json").unlink()
    with pytest.raises(UndecidedError, match="is missing"):
        list(ledger.entries())


def test_lost_checkpoint_is_an_error_and_not_an_empty_ledger(ledger, record):
    """Entries without a checkpoint: nobody reads them as nothing."""
    record(ledger, 0)
    (ledger.path / "checkpoint").unlink()
    for attempt in (ledger.head, lambda: list(ledger.entries()), lambda: record(ledger, 1)):
        with pytest.raises(UndecidedError):
            attempt()


def test_pinned_ledger_that_is_missing_is_never_begun_anew(ledger, record, workspace, signer):
    """With a pin every method refuses an absent or other ledger, and creates nothing."""
    origin = record(ledger, 0).origin
    assert open_ledger("file:ledger", workspace, origin).head().size == 1
    other = PinnedOrigin(origin.name, "00" * 32)
    for spec, pin, message in (("file:gone", origin, "never begun"), ("file:ledger", other, "is not the one")):
        pinned = open_ledger(spec, workspace, pin)
        for attempt in (
            pinned.origin,
            pinned.head,
            pinned.checkpoint,
            pinned.create,
            lambda pinned=pinned: list(pinned.entries()),
            lambda pinned=pinned: list(pinned.find("release-gate", {})),
            lambda pinned=pinned: pinned.put(b"x"),
            lambda pinned=pinned: pinned.get_object("00" * 32),
            lambda pinned=pinned: record(pinned, 1),
        ):
            with pytest.raises(UndecidedError, match=message):
                attempt()
    with pytest.raises(UndecidedError, match="never begun"):
        open_ledger("file:gone", workspace, origin).verify([])
    report = open_ledger("file:ledger", workspace, other).verify([signer.public])
    assert [defect.what for defect in report.defects] == ["bad_origin"]
    assert not (workspace.root / "gone").exists()
    assert ledger.head().size == 1


def test_emptied_folder_of_a_pinned_ledger_is_missing(ledger, record, workspace):
    """Deleting the content and leaving the folder is no fresh start either."""
    origin = record(ledger, 0).origin
    shutil.rmtree(ledger.path)
    ledger.path.mkdir()
    with pytest.raises(UndecidedError, match="never begun"):
        record(open_ledger("file:ledger", workspace, origin), 1)


def test_created_ledger_can_be_pinned_before_its_first_entry(ledger, record, workspace):
    """Creating makes the origin once; the first entry belongs to it."""
    origin = ledger.create()
    assert ledger.create() == origin
    assert record(open_ledger("file:ledger", workspace, origin), 0).origin == origin


def test_checkpoint_by_a_stranger_is_not_continued(ledger, record, signer, workspace):
    """Where keys are given, a ledger whose checkpoint none of them signed is neither read nor appended to."""
    record(ledger, 0)
    stranger = signer_from_seed(bytes([9]) * 32, "stranger")
    careful = open_ledger("file:ledger", workspace, keys=[signer.public])
    assert careful.head().size == 1
    ledger.append("decision", {"kind": "x"}, AT, [], stranger)
    with pytest.raises(UndecidedError, match="no known key"):
        careful.head()
    with pytest.raises(UndecidedError, match="no known key"):
        record(careful, 1)
    assert open_ledger("file:ledger", workspace, keys=[stranger.public, signer.public]).head().size == 2


@pytest.mark.parametrize(
    "spec", ["postgresql://x/y", "ledger", "file:", "", "FILE:x", "GIT:origin#x", "git+ssh://x#y"]
)
def test_other_kinds_of_ledgers_are_a_usage_error(spec, workspace):
    """What is neither a folder nor a branch is said to be neither, whatever was asked for."""
    with pytest.raises(UsageError, match="no kind of ledger"):
        open_ledger(spec, workspace)


def test_body_and_envelope_must_fit_the_objects(ledger, signer):
    """The list of objects is the ledger's to write, and an envelope that is not kept is not named."""
    with pytest.raises(ValueError, match="objects"):
        ledger.append("decision", {"objects": []}, AT, [], signer)
    with pytest.raises(ValueError, match="envelope"):
        ledger.append("decision", {"envelope": "00" * 32}, AT, [b"x"], signer)
    assert ledger.head() is None


def test_objects_are_kept_once_and_checked(ledger, record):
    """The same bytes have one place; a replaced object is found when it is read and when it is put again."""
    record(ledger, 0)
    digest = ledger.put(b"layer")
    assert ledger.put(b"layer") == digest == sha256_hex(b"layer")
    path = ledger.path / "store/sha256" / digest[:2] / digest
    path.write_bytes(b"Layer")
    for attempt in (lambda: ledger.get_object(digest), lambda: ledger.put(b"layer")):
        with pytest.raises(UndecidedError, match="was changed"):
            attempt()
    with pytest.raises(UndecidedError, match="is missing"):
        ledger.get_object("00" * 32)
    with pytest.raises(UndecidedError, match="not the digest"):
        ledger.get_object("../../../etc/passwd")


def test_what_is_kept_already_is_not_written_again(ledger, record, monkeypatch):
    """On a full disk an object that is there needs no room; a new one is refused."""
    record(ledger, 0)
    digest = ledger.put(b"layer")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("dpone.signing.newfile.write_synced", full)
    assert ledger.put(b"layer") == digest
    with pytest.raises(UndecidedError, match="no space left"):
        ledger.put(b"another layer")


def test_busy_ledger_is_a_clear_answer(ledger, record):
    """While another process holds the lock, the wait ends with a reason."""
    record(ledger, 0)
    impatient = FolderLedger(ledger.path, "project", lock_timeout=0.1)
    with exclusive(ledger.path / "lock", 1), pytest.raises(UndecidedError, match="in use by another process"):
        record(impatient, 1)


def test_unusual_names_of_folders_become_ledger_names(tmp_path, record):
    """A workspace called in any way has a ledger whose name a checkpoint can carry."""
    from dpone.workspace import Workspace

    for folder, name in (("a b+c", "a-b-c"), ("-x", "x"), ("日本", "ledger"), ("y" * 90, "y" * 64)):
        (tmp_path / folder).mkdir()
        found = record(open_ledger("file:l", Workspace(tmp_path / folder)), 0)
        assert found.origin.name == name


OPENED: list[str] = []


def _note_opened(event: str, arguments: tuple) -> None:
    if event == "open" and OPENED[:1] == ["on"]:
        OPENED.append(str(arguments[0]))


def test_append_reads_no_old_entries(ledger, record):
    """However many entries there are, an append opens the last one and looks for the next: constant cost."""
    sys.addaudithook(_note_opened)
    for number in range(101):
        if number in (10, 100):
            OPENED[:] = ["on"]
        record(ledger, number)
        opened = [path.rpartition("/")[2] for path in OPENED if path.endswith(".json") and "/entries/" in path]
        OPENED.clear()
        if number in (10, 100):
            assert set(opened) == {f"{number - 1:010d}.json", f"{number:010d}.json"}
            assert len(opened) <= 3


def test_state_cache_is_not_believed_either(ledger, record):
    """A lost, torn, stale or forged frontier changes nothing about what is signed next."""
    for number in range(6):
        record(ledger, number)
    cache = ledger.path / "cache" / "frontier.json"
    stale = cache.read_bytes()
    record(ledger, 6)
    good = json.loads(cache.read_bytes())
    forged = json.dumps(good | {"last": "00" * 32}, sort_keys=True, separators=(",", ":")).encode()
    for content in (None, b"", stale, forged, b"[]", b'{"size": -1}', b"{}", b"\xff"):
        if content is None:
            cache.unlink()
        else:
            cache.write_bytes(content)
        record(ledger, ledger.head().size)
    size = ledger.head().size
    assert [entry.index for entry in ledger.entries()] == list(range(size))


def test_entry_that_continues_another_must_come_right_after_what_was_read(ledger, record, signer):
    """Between reading and appending others may record anything but an entry of the same type."""
    ledger.append("index", {}, AT, [], signer, 0)
    record(ledger, 1)
    ledger.append("index", {}, AT, [], signer, 1)
    with pytest.raises(UndecidedError, match=r"entry 3 .* was recorded meanwhile"):
        ledger.append("index", {}, AT, [], signer, 2)
    assert ledger.head().size == 3
