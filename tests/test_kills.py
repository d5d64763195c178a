"""kill -9 at random moments: whatever is killed can go on, and nothing claims more than happened.

The full number is run by `make soak`; here are fewer, and the proof that the look notices what is wrong.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import kill_driver
import pytest
from release_simulator import AT, RELEASE, Simulator

DRIVER = Path(kill_driver.__file__)
RUN = ("ops", "release-orchestrator", "--release", RELEASE, "--at", AT, "--root", "build")

forking = pytest.mark.skipif(not hasattr(os, "fork"), reason="the driver forks")


@forking
@pytest.mark.parametrize(("way", "kills"), [("orchestrator", 40), ("lifecycle", 25)])
def test_killed_at_random_moments(way: str, kills: int, tmp_path: Path) -> None:
    """After each kill: the ledger verifies, no green artifact stands without its decision, no decision claims a
    step that did not happen. After many: the way comes to its end in the same workspace."""
    command = [sys.executable, str(DRIVER), way, str(kills), "3", str(tmp_path / way)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["wrong"] == []
    assert told["killed"] == kills
    assert told["completed"] == -(-kills // kill_driver.LANE)


def test_real_processes_killed_at_random_moments(tmp_path: Path) -> None:
    """With their engines in processes of their own, one after the other in one workspace."""
    release, chance = Simulator(tmp_path), random.Random(5)
    for _ in range(6):
        process = release.start(*RUN)
        time.sleep(chance.uniform(0, 2))
        process.kill()
        process.communicate()
        assert list(kill_driver.wrong(release, ended=False)) == []
    done = release.process(*RUN)
    assert done.status == 0, done
    assert list(kill_driver.wrong(release, ended=True)) == []


# the look notices


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Simulator:
    """A release with one run that came to its end."""
    ended = Simulator(tmp_path_factory.mktemp("ended") / "release")
    assert ended.run(*RUN).status == 0
    return ended


def test_nothing_is_wrong_after_a_whole_run(ended: Simulator) -> None:
    """So that everything below is noticed for its reason."""
    assert list(kill_driver.wrong(ended, ended=True)) == []


@pytest.mark.parametrize(
    ("text", "told"), [('{"passed": true}', "green and was never decided"), ('{"passed": tr', "cut off")]
)
def test_a_file_that_nobody_decided_is_noticed(ended: Simulator, text: str, told: str, tmp_path: Path) -> None:
    """Green without a decision; or not whole."""
    release = ended.copy(tmp_path / "copy")
    release.write(".dpone/release/release-gate/release_gate.json", text)
    assert [told in found for found in kill_driver.wrong(release, ended=True)] == [True]


def test_a_step_that_is_not_there_is_noticed(ended: Simulator) -> None:
    """A run that stands on a step without an entry before it."""
    ledger = kill_driver.ledger_of(ended)
    entries = [e for e in ledger.entries() if e.body["gate"] != "runbook-pack"]
    found = list(kill_driver.claimed_too_much(ledger, entries))
    assert found == ["entry 6 claims runbook-pack, which did not happen so"]


def test_steps_of_a_run_that_had_ended_are_noticed(ended: Simulator) -> None:
    """A second run that stands on the steps of the first."""
    ledger = kill_driver.ledger_of(ended)
    entries = list(ledger.entries())
    found = list(kill_driver.claimed_too_much(ledger, [*entries, entries[-1]]))
    assert len(found) == 5
    assert all("of a run that had ended" in line for line in found)


def test_a_damaged_entry_is_noticed(ended: Simulator, tmp_path: Path) -> None:
    """One byte of the ledger."""
    release = ended.copy(tmp_path / "copy")
    path = sorted((release.root / ".dpone/ledger/entries").rglob("*.json"))[2]
    path.write_bytes(path.read_bytes().replace(b"passed", b"passes", 1))
    assert next(kill_driver.wrong(release, ended=True)).startswith("ledger: ")
