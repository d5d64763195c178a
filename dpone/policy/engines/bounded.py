"""A process that gets one text, gives one text, and may use only so much time, memory and output."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Literal

from dpone.record import dataclass

WATCH_SECONDS = 0.02
_CHUNK = 65536
_STDERR_KEPT = 4000

Ended = Literal["itself", "deadline", "memory", "output"]
"""By what a process ended: by itself, or because it was over a limit."""


@dataclass(frozen=True)
class Bounds:
    """The most a process may use: seconds, bytes of resident memory, bytes on stdout."""

    seconds: float
    memory: int
    output: int


@dataclass(frozen=True)
class Ran:
    """How a process ended and what it wrote; `status` is negative where a signal ended it."""

    ended: Ended
    status: int
    out: bytes
    err: str


def bare_environment() -> dict[str, str]:
    """The environment of an engine: nothing, but that Windows starts no program without SYSTEMROOT."""
    return {"SYSTEMROOT": os.environ["SYSTEMROOT"]} if sys.platform == "win32" else {}


def run_bounded(
    command: Sequence[str], given: bytes, folder: Path, environment: dict[str, str], bounds: Bounds
) -> Ran:
    """Run a program in `folder` with `environment` and nothing else. Raises `OSError` when it cannot start."""
    import subprocess

    process = subprocess.Popen(
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=folder,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    out, err = _Reader(process.stdout, bounds.output), _Reader(process.stderr, bounds.output, _STDERR_KEPT)
    writer = threading.Thread(target=_write, args=(process.stdin, given), daemon=True)
    writer.start()
    ended: Ended = "itself"
    until = time.monotonic() + bounds.seconds
    while True:
        if out.over or err.over:
            ended = "output"
        elif time.monotonic() > until:
            ended = "deadline"
        elif resident_bytes(process.pid) > bounds.memory:
            ended = "memory"
        if ended != "itself":
            process.kill()
            break
        if out.is_alive() and process.poll() is None:
            out.join(WATCH_SECONDS)
            continue
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=WATCH_SECONDS)
            break
    status = process.wait()
    # A child of the program that is still there may hold the pipes: they are waited for, but not for ever.
    patience = max(0.5, min(2.0, until - time.monotonic()))
    for thread in (writer, out, err):
        thread.join(timeout=patience)
    if ended == "itself" and (out.over or err.over):
        ended = "output"
    elif ended == "itself" and out.is_alive():
        ended = "deadline"
    return Ran(ended, status, bytes(out.kept), err.kept.decode("utf-8", "replace"))


class _Reader(threading.Thread):
    """Reads a pipe to its end or to `limit` bytes; keeps all, or the last `last` bytes."""

    def __init__(self, pipe: IO[bytes], limit: int, last: int = 0) -> None:
        super().__init__(daemon=True)
        self.kept = bytearray()
        self.over = False
        self._pipe, self._limit, self._last = pipe, limit, last
        self.start()

    def run(self) -> None:
        """Read until there is nothing more, or too much."""
        total = 0
        with suppress(OSError, ValueError), self._pipe:
            while chunk := self._pipe.read1(_CHUNK):  # type: ignore[attr-defined]
                total += len(chunk)
                if total > self._limit:
                    self.over = True
                    return
                self.kept += chunk
                if self._last:
                    del self.kept[: -self._last]


def _write(pipe: IO[bytes], given: bytes) -> None:
    # A process that does not read, or is gone, is noticed by the one who waits for it.
    with suppress(OSError), pipe:
        pipe.write(given)


def resident_bytes(process_id: int, system: str = sys.platform) -> int:
    """The memory another process holds now, in bytes; 0 when it is gone."""
    if system == "linux":
        import resource

        try:
            return int(Path(f"/proc/{process_id}/statm").read_text("ascii").split()[1]) * resource.getpagesize()
        except (OSError, IndexError):
            return 0
    if system == "win32":
        return _windows_working_set(process_id)
    import subprocess

    found = subprocess.run(
        ["/bin/ps", "-o", "rss=", "-p", str(process_id)], capture_output=True, text=True, check=False
    )
    return int(found.stdout.strip() or 0) * 1024


def _windows_working_set(process_id: int) -> int:
    import ctypes

    from dpone.policy.engines.windows_memory import kernel32, working_set

    kernel = kernel32()
    kernel.OpenProcess.restype = ctypes.c_void_p
    kernel.CloseHandle.argtypes = (ctypes.c_void_p,)
    query_information, read_memory = 0x0400, 0x0010
    handle = kernel.OpenProcess(query_information | read_memory, 0, process_id)
    if not handle:
        return 0
    try:
        return working_set(handle) or 0
    finally:
        kernel.CloseHandle(handle)
