"""A ledger in one file: the same bytes each time, everything back out of it, and nothing from one that was changed."""

from __future__ import annotations

import gzip
import io
import multiprocessing
import os
import shutil
import sys
import tarfile
import zlib

import pytest
from git_helpers import SIGNER, add, bare, opened, project

from dpone.errors import NotGoodError, UndecidedError, UsageError
from dpone.ledger.archive import header
from dpone.ledger.folder import FolderLedger
from dpone.ledger.service import envelope_check, verify_ledger
from dpone.ledger.stores import open_ledger
from dpone.ledger.transfer import export_ledger, import_archive
from dpone.signing.private import signer_from_seed
from dpone.signing.trust import PinnedOrigin
from dpone.workspace import Workspace

KEYS = [SIGNER.public]


def filled(folder, count, first=0):
    """A ledger in a folder with so many entries."""
    ledger = FolderLedger(folder, "project")
    for number in range(first, first + count):
        add(ledger, number)
    return ledger


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A ledger of five entries and its archive."""
    folder = tmp_path_factory.mktemp("source")
    ledger = filled(folder / "ledger", 5)
    export_ledger(ledger, KEYS, folder / "ledger.tar.gz")
    return ledger, (folder / "ledger.tar.gz").read_bytes()


@pytest.fixture
def target(tmp_path):
    """A workspace to import into."""
    (tmp_path / "target").mkdir()
    return Workspace((tmp_path / "target").resolve())


def take(data, ledger, workspace, keys=KEYS, pinned=None):
    """Import an archive's bytes."""
    return import_archive(io.BytesIO(data), ledger, keys, pinned, workspace)


def left(workspace):
    """Every file in a workspace but locks."""
    return sorted(
        p.relative_to(workspace.root).as_posix()
        for p in workspace.root.rglob("*")
        if p.is_file() and "lock" not in p.name
    )


def content(ledger):
    """All files of a ledger that belong to it, with their bytes."""
    files = ledger.files
    names = ["origin.json", "checkpoint", *files.names("entries"), *files.names("store")]
    return {name: files.read(name, 10**9) for name in names}


# there and back


def test_archive_has_the_same_bytes_each_time_and_any_tar_reads_it(source, tmp_path):
    """From the folder, from an import of it, and from a git branch; with plain files below plain names in it."""
    ledger, data = source
    export_ledger(ledger, KEYS, tmp_path / "again.tar.gz")
    assert (tmp_path / "again.tar.gz").read_bytes() == data
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        found = {member.name: tar.extractfile(member).read() for member in tar}
        assert all(member.isreg() and member.mode == 0o644 and not member.mtime for member in tar)
    assert found == content(ledger)


@pytest.mark.parametrize("kind", ["file", "git"])
def test_round_trip(kind, source, target, tmp_path):
    """Into a folder or a branch where there is no ledger, then nothing more, then what was added since."""
    ledger, data = source
    if kind == "git":
        workspace = project(tmp_path / "clone", bare(tmp_path / "remote.git"))
        fresh = lambda: opened(workspace)  # noqa: E731
    else:
        workspace = target
        fresh = lambda: open_ledger("file:ledger", workspace)  # noqa: E731
    done = take(data, fresh(), workspace)
    assert (done.entries, done.new) == (5, 5)
    assert content(fresh()) == content(ledger)
    assert verify_ledger(fresh(), KEYS).remarks == ()
    assert take(data, fresh(), workspace).new == 0
    export_ledger(fresh(), KEYS, tmp_path / "again.tar.gz")
    assert (tmp_path / "again.tar.gz").read_bytes() == data
    add(fresh(), 5)
    assert take(data, fresh(), workspace).new == 0
    export_ledger(fresh(), KEYS, tmp_path / "longer.tar.gz")
    grown = filled(tmp_path / "empty", 0)
    shutil.copytree(ledger.path, grown.path)
    assert take((tmp_path / "longer.tar.gz").read_bytes(), grown, target).new == 1
    assert content(grown) == content(fresh())
    assert add(grown, 6).index == 6
    assert not (workspace.state / "cache" / "import").exists()


def test_pinned_ledger_that_was_lost_is_restored(source, target):
    """Where the trust file pins a ledger that is gone, its archive brings it back, and no other one's does."""
    ledger, data = source
    pin = ledger.origin()
    pinned = open_ledger("file:ledger", target, pin)
    other = PinnedOrigin(pin.name, "00" * 32)
    with pytest.raises(NotGoodError, match="the trust file pins"):
        take(data, open_ledger("file:ledger", target, other), target, pinned=other)
    assert left(target) == []
    with pytest.raises(UndecidedError, match="never begun"):
        pinned.head()
    assert take(data, pinned, target, pinned=pin).new == 5
    assert pinned.head().size == 5


def test_empty_or_broken_ledger_is_not_exported(source, tmp_path):
    """Nothing to take elsewhere, a changed object, a place that is taken: each is said, and no file is left."""
    place = tmp_path / "out.tar.gz"
    with pytest.raises(NotGoodError, match="no entry yet"):
        export_ledger(filled(tmp_path / "none", 0), KEYS, place)
    shutil.copytree(source[0].path, tmp_path / "broken")
    broken = FolderLedger(tmp_path / "broken", "x")
    digest = broken.entry(2).envelope
    (broken.path / "store/sha256" / digest[:2] / digest).write_bytes(b"x")
    with pytest.raises(NotGoodError, match="is not exported"):
        export_ledger(broken, KEYS, place)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["broken"]
    with pytest.raises(UndecidedError, match="cannot write"):
        export_ledger(source[0], KEYS, tmp_path / "no" / "folder.tar.gz")
    place.write_bytes(b"mine")
    with pytest.raises(UsageError, match="something already"):
        export_ledger(source[0], KEYS, place)
    assert place.read_bytes() == b"mine"


# archives that are not what they say


def unpacked(data):
    """The files of an archive, in their order."""
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return [(member.name, tar.extractfile(member).read()) for member in tar]


def packed(files, end=b"\0" * 1024):
    """An archive of these files, as ours are made."""
    blocks = [header(name, len(data)) + data + b"\0" * (-len(data) % 512) for name, data in files]
    return gzip.compress(b"".join(blocks) + end, 1)


def with_tar(*members, **kinds):
    """An archive made by another tar program."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            for key, value in kinds.items():
                setattr(info, key, value)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def swap(files, place, name=None, data=None):
    """The files with one of them renamed or changed."""
    old, was = files[place]
    return [*files[:place], (name or old, was if data is None else data), *files[place + 1 :]]


BOMB = zlib.compress(b"\0" * 20_000_000)
TAMPERED = {
    "nothing": lambda f, d: b"",
    "not gzip": lambda f, d: b"{}" * 300,
    "cut short": lambda f, d: d[: len(d) // 2],
    "one byte changed": lambda f, d: d[:-200] + bytes([d[-200] ^ 1]) + d[-199:],
    "without its end": lambda f, d: packed(f, b""),
    "with something after it": lambda f, d: packed(f, b"\0" * 1536),
    "with a second archive after it": lambda f, d: d + d,
    "a path that leads out": lambda f, d: packed(swap(f, 2, "../../../outside.json")),
    "an absolute path": lambda f, d: packed(swap(f, 2, "/tmp/outside.json")),
    "a path that leads out at the end": lambda f, d: packed([*f, ("../outside", b"x")]),
    "an object's name that leads out": lambda f, d: packed(swap(f, -1, "store/sha256/../../../../x")),
    "a link": lambda f, d: with_tar(*f[:2], (f[2][0], b""), type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    "a device": lambda f, d: with_tar(("origin.json", b""), type=tarfile.CHRTYPE),
    "another owner": lambda f, d: with_tar(*f, uid=7),
    "a file twice": lambda f, d: packed([f[0], *f]),
    "another order": lambda f, d: packed([f[1], f[0], *f[2:]]),
    "an entry left out": lambda f, d: packed([*f[:3], *f[4:]]),
    "the last entry left out": lambda f, d: packed([*f[:6], *f[7:]]),
    "an entry changed": lambda f, d: packed(swap(f, 3, data=f[3][1].replace(b"v1", b"v7"))),
    "entries exchanged": lambda f, d: packed([*f[:2], (f[2][0], f[3][1]), (f[3][0], f[2][1]), *f[4:]]),
    "an entry that is none": lambda f, d: packed(swap(f, 2, data=b"[]")),
    "an object changed": lambda f, d: packed(swap(f, len(f) - 1, data=b"x")),
    "an object left out": lambda f, d: packed(f[:-1]),
    "an object too many": lambda f, d: packed([*f, (f"store/sha256/ff/{'f' * 64}", b"x")]),
    "an origin changed": lambda f, d: packed(swap(f, 0, data=f[0][1].replace(b"project", b"projekt"))),
    "an origin that is none": lambda f, d: packed(swap(f, 0, data=b"{}")),
    "a checkpoint changed": lambda f, d: packed(swap(f, 1, data=f[1][1].replace(b"\n5\n", b"\n4\n"))),
    "a checkpoint that is none": lambda f, d: packed(swap(f, 1, data=b"x")),
    "an origin of 20 MB": lambda f, d: packed(swap(f, 0, data=b" " * 20_000_000)),
    "an entry of 20 MB": lambda f, d: packed(swap(f, 2, data=b" " * 20_000_000)),
    "an object of 20 MB": lambda f, d: packed(swap(f, len(f) - 1, data=b" " * 20_000_000)),
    "a size without the bytes": lambda f, d: gzip.compress(header("origin.json", 60_000)),
    "a size that is no number": lambda f, d: gzip.compress(
        header("origin.json", 0).replace(b"%011o" % 0, b"9" * 11)
    ),
}


@pytest.mark.parametrize("case", TAMPERED)
def test_archive_that_was_changed_is_refused_and_nothing_kept(case, source, target):
    """One sentence, exit 1, and neither the ledger nor anything else is there afterwards."""
    _, data = source
    ledger = open_ledger("file:ledger", target)
    with pytest.raises(NotGoodError) as caught:
        take(TAMPERED[case](unpacked(data), data), ledger, target)
    assert "archive" in caught.value.message
    assert left(target) == []
    assert [p.name for p in target.root.parent.iterdir() if p.is_file()] == []
    assert ledger.origin() is None


def test_control_archive_is_accepted(source, target):
    """The same way of packing without a change is no reason to refuse, so the refusals above have theirs."""
    files = unpacked(source[1])
    assert take(packed(files), open_ledger("file:ledger", target), target).new == 5


def test_archive_signed_by_a_stranger_is_refused_before_its_entries_are_read(target, tmp_path):
    """Somebody else's ledger, whole in itself; and a decision in it by somebody else under a good checkpoint."""
    stranger = signer_from_seed(bytes([9]) * 32, "stranger")
    theirs = FolderLedger(tmp_path / "theirs", "theirs")
    add(theirs, 0, stranger)
    export_ledger(theirs, [stranger.public], tmp_path / "theirs.tar.gz")
    with pytest.raises(NotGoodError, match="no known key"):
        take((tmp_path / "theirs.tar.gz").read_bytes(), open_ledger("file:ledger", target), target)
    add(theirs, 1, SIGNER)
    export_ledger(theirs, [stranger.public, SIGNER.public], tmp_path / "both.tar.gz")
    with pytest.raises(NotGoodError, match="envelope is broken"):
        take((tmp_path / "both.tar.gz").read_bytes(), open_ledger("file:ledger", target), target)
    assert left(target) == []


@pytest.mark.parametrize("kind", ["file", "git"])
def test_other_ledger_or_fork_is_refused_and_named(kind, source, target, tmp_path):
    """An archive of another ledger, and one that shares the first three entries only: the entry is named."""
    ledger, data = source
    if kind == "git":
        target = project(tmp_path / "clone", bare(tmp_path / "remote.git"))
        mine = opened(target)
    else:
        mine = open_ledger("file:ledger", target)
    add(mine, 0)
    with pytest.raises(NotGoodError, match="the archive is of the ledger"):
        take(data, mine, target)
    fork = _fork(ledger, tmp_path)
    again = FolderLedger(tmp_path / "again", "x")
    shutil.copytree(ledger.path, again.path)
    before = content(again)
    for attempt in (fork, _longer(fork, tmp_path)):
        export_ledger(attempt, KEYS, tmp_path / f"fork{attempt.head().size}.tar.gz")
        with pytest.raises(NotGoodError, match="forked: entry 4"):
            take((tmp_path / f"fork{attempt.head().size}.tar.gz").read_bytes(), again, target)
    assert content(again) == before


def _fork(ledger, tmp_path):
    """A ledger with the same first three entries and another fourth one, all of it signed."""
    from dpone.ledger.append import next_step
    from dpone.ledger.tree import EMPTY

    place = tmp_path / "fork"
    shutil.copytree(ledger.path, place)
    shutil.rmtree(place / "cache")
    state = EMPTY
    for index in range(3):
        state = state.append(ledger.entry(index).data)
    for index in (3, 4):
        (place / f"entries/0000/000/000000000{index}.json").unlink()
    step = next_step(
        state, ledger.origin(), "index", {"objects": [], "kind": "fork"}, ledger.entry(0).recorded_at, SIGNER
    )
    (place / "entries/0000/000/0000000003.json").write_bytes(step.data)
    (place / "checkpoint").write_bytes(step.note)
    return FolderLedger(place, "x")


def _longer(fork, tmp_path):
    """The fork with three more entries."""
    shutil.copytree(fork.path, tmp_path / "longer")
    longer = FolderLedger(tmp_path / "longer", "x")
    for number in range(90, 93):
        add(longer, number)
    return longer


# dying on the way


def _import_and_die(data, place, step):
    """Import in a process that dies before it gives the so many'th file of the ledger its name."""
    ledger = str(place / "ledger")
    count = 0

    def strike(event, arguments):
        nonlocal count
        if event in ("os.link", "os.rename") and str(arguments[1]).startswith(ledger):
            count += 1
            if count == step:
                os._exit(9)

    sys.addaudithook(strike)
    workspace = Workspace(place)
    take(data, open_ledger("file:ledger", workspace), workspace)
    os._exit(0)


@pytest.mark.parametrize("there", [0, 2])
def test_import_killed_at_any_step_can_be_repeated_and_appended_to(there, source, tmp_path):
    """Wherever it dies: the ledger has its old entries or all of them, an append or another import goes on."""
    ledger, data = source
    start = tmp_path / "start"
    start.mkdir()
    if there:
        first = FolderLedger(tmp_path / "whole", "x")
        shutil.copytree(ledger.path, first.path)
        _cut(first, there)
        shutil.copytree(first.path, start / "ledger")
    context = multiprocessing.get_context("fork")
    sizes = set()
    for step in range(1, 500):
        place = tmp_path / f"at{step}"
        shutil.copytree(start, place)
        process = context.Process(target=_import_and_die, args=(data, place.resolve(), step))
        process.start()
        process.join()
        workspace = Workspace(place.resolve())
        mine = open_ledger("file:ledger", workspace)
        report = mine.verify(KEYS, None, envelope_check(KEYS))
        assert {defect.what for defect in report.defects} <= ({"bad_checkpoint"} if not there else set()), (
            step,
            report,
        )
        if step % 2:
            assert take(data, mine, workspace).entries == 5
            expected = 5
        else:
            expected = add(mine, 77).index
        sizes.add(expected)
        report = verify_ledger(open_ledger("file:ledger", workspace), KEYS)
        assert (report.defects, report.remarks) == ((), ()), step
        assert report.size in (5, expected + 1)
        shutil.rmtree(place)
        if process.exitcode == 0:
            break
    assert process.exitcode == 0
    assert sizes == {there, 5}
    assert step >= 6


def _cut(ledger, size):
    """The ledger as it was after so many entries."""
    from dpone.ledger.tree import EMPTY
    from dpone.signing.note import Checkpoint, sign_note

    state, origin = EMPTY, ledger.origin()
    for index in range(size):
        state = state.append(ledger.entry(index).data)
    for index in range(size, ledger.head().size):
        (ledger.path / f"entries/0000/000/{index:010d}.json").unlink()
    name = f"{origin.name}/{origin.genesis}"
    (ledger.path / "checkpoint").write_bytes(
        sign_note(Checkpoint(name, size, state.frontier.root()).text(), name, SIGNER)
    )
    shutil.rmtree(ledger.path / "cache", ignore_errors=True)
