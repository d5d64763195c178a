"""An exclusive lock between processes, on a file of its own; the system frees it when a process dies.

The lock library we would use costs more start-up than everything else a gate does to its ledger
(docs/adr/0009); what is needed of it is these few lines.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_SECONDS = 0.02


@contextmanager
def exclusive(path: Path, timeout: float) -> Iterator[None]:
    """Hold the lock `path`; raises `TimeoutError` when another process holds it for `timeout` seconds.

    Not reentrant. The file stays; its content means nothing. Raises `OSError` when it cannot be opened.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
    try:
        end = time.monotonic() + timeout
        while not _take(handle):
            if time.monotonic() >= end:
                raise TimeoutError
            time.sleep(POLL_SECONDS)
        try:
            yield
        finally:
            _give_back(handle)
    finally:
        os.close(handle)


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> bool:
        os.lseek(handle, 0, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _give_back(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _give_back(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
