"""A lock between processes."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from dpone.locks import exclusive

HOLD = """
import sys, time
from pathlib import Path
from dpone.locks import exclusive
with exclusive(Path(sys.argv[1]), 5):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def _holder(path, seconds):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline().strip() == "held"
    return process


def test_a_second_process_waits_and_then_gives_up(tmp_path):
    """While one process holds the lock, another gets a TimeoutError and never the lock."""
    holder = _holder(tmp_path / "lock", 30)
    try:
        with pytest.raises(TimeoutError), exclusive(tmp_path / "lock", 0.2):
            pass
    finally:
        holder.kill()
        holder.communicate()


def test_the_lock_of_a_killed_process_is_free(tmp_path):
    """Kill -9 leaves no stale lock behind."""
    holder = _holder(tmp_path / "lock", 30)
    holder.kill()
    holder.communicate()
    with exclusive(tmp_path / "lock", 5):
        pass


def test_waiting_ends_when_the_lock_is_given_back(tmp_path):
    """A waiter gets the lock as soon as its holder is done, long before its own time-out."""
    holder = _holder(tmp_path / "lock", 0.3)
    start = time.monotonic()
    with exclusive(tmp_path / "lock", 20):
        assert time.monotonic() - start < 10
    holder.communicate()
