"""Parallel writers, kill -9 and a full disk, with real processes."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from crash_driver import SIGNER, append

from dpone.ledger.folder import FolderLedger

DRIVER = Path(__file__).with_name("crash_driver.py")


def strike(mode, tmp_path, entries):
    """What is left after striking an append at every step, of a ledger with so many entries."""
    source, scratch = tmp_path / "source", tmp_path / "scratch"
    source.mkdir()
    scratch.mkdir()
    for number in range(entries):
        append(source, str(number))
    command = [sys.executable, DRIVER, mode, source, scratch]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("entries", [0, 3])
def test_kill_at_every_step_leaves_an_entry_whole_or_not_at_all(entries, tmp_path):
    """Whatever the step: no defect, the next append works, and a reported entry is there. A half step is
    named as such and completed.
    """
    results = strike("kill", tmp_path, entries)
    assert len(results) > 20
    assert {result["exit"] for result in results} == {0, -signal.SIGKILL}
    for result in results:
        assert result["defects"] == [], result
        assert result["remarks_after"] == [], result
        assert result["texts"] in (["next"], ["struck", "next"]), result
        assert result["new_before"] == 0 or result["texts"] == ["struck", "next"], result
        assert result["exit"] != 0 or result["texts"] == ["struck", "next"], result
        assert set(result["remarks"]) <= {"half_step", "leftover"}, result
    completed = [r for r in results if r["new_before"] == 0 and r["texts"] == ["struck", "next"]]
    assert completed, "no step lay between the entry and its checkpoint"
    assert all("half_step" in result["remarks"] for result in completed)


@pytest.mark.parametrize("entries", [0, 3])
def test_full_disk_at_every_step_is_reported_and_leaves_nothing(entries, tmp_path):
    """An append that failed is undecided and not in the ledger, then or later; one that did not fail is."""
    results = strike("full", tmp_path, entries)
    assert {result["exit"] for result in results} == {0, 3}
    for result in results:
        assert result["defects"] == [], result
        assert result["texts"] == (["struck", "next"] if result["exit"] == 0 else ["next"]), result
        assert result["remarks_after"] == [], result


LIMITED = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from crash_driver import append
from dpone.errors import UndecidedError
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
try:
    append(Path(sys.argv[2]), sys.argv[4])
except UndecidedError as error:
    sys.exit(3 if error.code == "ledger.disk" else 4)
"""


@pytest.mark.parametrize("limit", [0, 1, 100, 250, 300, 400])
def test_file_that_does_not_fit_is_never_left_in_part(limit, tmp_path):
    """The kernel cuts a write short (RLIMIT_FSIZE): undecided, and no byte of it in the ledger."""
    append(tmp_path / "ledger", "first")
    command = [sys.executable, "-c", LIMITED, DRIVER.parent, tmp_path / "ledger", str(limit), "text" * 60]
    assert subprocess.run(command, check=False).returncode == 3
    ledger = FolderLedger(tmp_path / "ledger", "test")
    report = ledger.verify([SIGNER.public])
    assert (report.intact, report.size) == (True, 1)
    assert append(tmp_path / "ledger", "second") == 1
    assert ledger.verify([SIGNER.public]).remarks == ()


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from crash_driver import append
for number in range(int(sys.argv[3])):
    text = f"{sys.argv[4]} {number}"
    print(append(Path(sys.argv[2]), text), text, flush=True)
"""


def start(folder, count, name):
    """A process that appends so many entries and prints the index of each once it is reported."""
    command = [sys.executable, "-c", WRITER, DRIVER.parent, folder, str(count), name]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def reported(lines):
    """The index and text of each reported entry."""
    return {int(line.split()[0]): line.split(maxsplit=1)[1].strip() for line in lines if line.endswith("\n")}


def test_fifty_parallel_writers_lose_nothing(tmp_path):
    """Fifty processes append to a ledger none of them has made: every reported entry is there, once."""
    running = [start(tmp_path / "ledger", 3, f"writer {number}") for number in range(50)]
    said: dict[int, str] = {}
    for process in running:
        answers = reported(process.communicate()[0].splitlines(keepends=True))
        assert process.returncode == 0
        assert len(answers) == 3
        assert not answers.keys() & said.keys()
        said |= answers
    ledger = FolderLedger(tmp_path / "ledger", "test")
    report = ledger.verify([SIGNER.public])
    assert (report.defects, report.remarks, report.size) == ((), (), 150)
    assert {entry.index: entry.body["text"] for entry in ledger.entries()} == said


def test_kill_at_random_moments_loses_nothing_that_was_reported(tmp_path):
    """Two writers at a time, one of them killed after a moment: twelve rounds on one ledger."""
    chance = random.Random(7)
    said: dict[int, str] = {}
    for turn in range(12):
        victim, other = (
            start(tmp_path / "ledger", 1000, f"victim {turn}"),
            start(tmp_path / "ledger", 5, f"other {turn}"),
        )
        said |= reported([victim.stdout.readline()])
        time.sleep(chance.random() / 10)
        victim.kill()
        for process in (victim, other):
            said |= reported(process.communicate()[0].splitlines(keepends=True))
        assert other.returncode == 0
    ledger = FolderLedger(tmp_path / "ledger", "test")
    append(tmp_path / "ledger", "last")
    report = ledger.verify([SIGNER.public])
    assert (report.defects, report.remarks) == ((), ())
    found = {entry.index: entry.body["text"] for entry in ledger.entries()}
    assert found | said == found
    assert len(said) >= 12 * 6


@pytest.mark.parametrize("entries", [0, 3])
def test_settling_shows_what_a_dead_writer_began(entries, tmp_path, monkeypatch):
    """An entry without its checkpoint is not read; settled, it is, before anything is appended. Settling what is
    whole writes nothing, and does not make a ledger."""
    ledger = FolderLedger(tmp_path / "ledger", "test", keys=(SIGNER.public,))
    ledger.settle()
    assert not (tmp_path / "ledger").exists()
    for number in range(entries):
        append(tmp_path / "ledger", str(number))
    replace = Path.replace

    def die(self, target):
        if Path(target).name == "checkpoint":
            raise KeyboardInterrupt
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", die)
        with pytest.raises(KeyboardInterrupt):
            append(tmp_path / "ledger", "begun")
    assert len(list(ledger.entries())) == entries
    ledger.settle()
    assert [entry.body["text"] for entry in ledger.entries(entries)] == ["begun"]
    report = ledger.verify([SIGNER.public])
    assert (report.defects, report.remarks) == ((), ())
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "ledger").rglob("*")}
    ledger.settle()
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "ledger").rglob("*")} == before
