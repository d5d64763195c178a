"""A child process that answers framed JSON requests, and never makes the caller wait longer than it wants."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any

CLOSE_SECONDS = 0.5
"""How long a process may take to end that has closed its stdout."""
MAX_FRAME = 64_000_000
"""Bytes of one answer."""
_STDERR_KEPT = 2000

Message = dict[str, Any]


class Child:
    """A process started at once. Requests are sent by a thread, so that a large one does not block; answers
    come in the order of the requests.

    Frames are four bytes of length, big endian, and JSON in UTF-8. Raises `OSError` when the process
    cannot be started.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        import subprocess

        self._requests: SimpleQueue[bytes | None] = SimpleQueue()
        self._answers: SimpleQueue[Message | None] = SimpleQueue()
        self._said = b""
        # The threads come first: beside a new process on few cores a thread waits for its turn to begin.
        pipes: list[SimpleQueue[IO[bytes] | None]] = [SimpleQueue(), SimpleQueue(), SimpleQueue()]
        self._threads = [
            threading.Thread(target=_serve, args=(work, pipe), daemon=True)
            for work, pipe in zip((self._write, self._read, self._listen), pipes, strict=True)
        ]
        for thread in self._threads:
            thread.start()
        given: tuple[IO[bytes] | None, ...] = (None, None, None)
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(environment),
                cwd=Path(os.sep).resolve(),
            )
            given = (self._process.stdin, self._process.stdout, self._process.stderr)
        finally:
            for waiting, pipe in zip(pipes, given, strict=True):
                waiting.put(pipe)

    def send(self, message: Message) -> None:
        """Queue one request."""
        body = json.dumps(message).encode()
        self._requests.put(len(body).to_bytes(4, "big") + body)

    def receive(self, seconds: float) -> Message | None:
        """The next answer; None when the process has ended. Raises `TimeoutError`."""
        try:
            return self._answers.get(timeout=seconds)
        except Empty:
            raise TimeoutError from None

    def end(self, seconds: float = 0) -> int:
        """End the process, unless it ends by itself within `seconds`; free pipes and threads.

        Returns the exit status, on POSIX the negative number of the signal that ended it.
        """
        import subprocess

        self._requests.put(None)
        if seconds:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=seconds)
        self._process.kill()
        status = self._process.wait()
        for thread in self._threads:
            thread.join(timeout=1)
        for pipe in (self._process.stdout, self._process.stderr):
            _open(pipe).close()
        return status

    def said(self) -> str:
        """The end of what the process wrote to stderr, for a person."""
        return self._said.decode("utf-8", "replace")

    def _write(self, pipe: IO[bytes]) -> None:
        # A process that is gone is noticed by the thread that reads.
        with suppress(OSError):
            while (frame := self._requests.get()) is not None:
                pipe.write(frame)
                pipe.flush()
        with suppress(OSError):
            pipe.close()

    def _read(self, pipe: IO[bytes]) -> None:
        while (answer := _read_frame(pipe)) is not None:
            self._answers.put(answer)
        self._answers.put(None)

    def _listen(self, pipe: IO[bytes]) -> None:
        while chunk := os.read(pipe.fileno(), 4096):
            self._said = (self._said + chunk)[-_STDERR_KEPT:]


def _serve(work: Callable[[IO[bytes]], None], given: SimpleQueue[IO[bytes] | None]) -> None:
    """Work on the pipe that is given; nothing where there will be none."""
    pipe = given.get()
    if pipe is not None:
        work(pipe)


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _read_frame(pipe: IO[bytes]) -> Message | None:
    head = pipe.read(4)
    size = int.from_bytes(head, "big")
    body = pipe.read(size) if len(head) == 4 and size <= MAX_FRAME else b""
    if not body or len(body) != size:
        return None
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    return (
        found if isinstance(found, dict) else {"fault": "malformed", "message": "the answer is no JSON object"}
    )
