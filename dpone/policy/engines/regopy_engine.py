"""The embedded engine: regopy in a process of its own, one process per policy layer.

The library cannot be interrupted, can end its process and must not see anybody's environment, so it never
runs inside dpone. The process is started at once and not waited for: while evidence is collected it imports
the library, answers the canary and builds the layer.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, TYPE_CHECKING, Any

from dpone.policy.engines import canary
from dpone.policy.engines.interface import EngineFault, FaultCode

if TYPE_CHECKING:
    import subprocess

WORKER = Path(__file__).with_name("regopy_worker.py")
DEADLINE_SECONDS = 20.0
MEMORY_LIMIT = 1_000_000_000
CLOSE_SECONDS = 0.5
MAX_FRAME = 64_000_000
_OVER_MEMORY = 86
_STDERR_KEPT = 2000
_FAULTS: tuple[FaultCode, ...] = ("load", "evaluation")

Reply = dict[str, Any]


class RegopyEngine:
    """See `dpone.policy.engines.interface.Engine`.

    `deadline_seconds` is the longest wait for one answer (build or evaluation), `memory_limit` the most
    resident memory in bytes; beyond either the process is killed and the engine stays unusable.
    """

    name = "regopy"

    def __init__(self, deadline_seconds: float = DEADLINE_SECONDS, memory_limit: int = MEMORY_LIMIT) -> None:
        self._deadline = deadline_seconds
        self._process = _start(memory_limit)
        self._requests: SimpleQueue[bytes | None] = SimpleQueue()
        self._replies: SimpleQueue[Reply | None] = SimpleQueue()
        self._waiting: list[str] = ["start"]
        self._version = ""
        self._texts: tuple[str, ...] = ()
        self._ended: EngineFault | None = None
        self._failed_load: EngineFault | None = None
        self._stderr = b""
        self._threads = [
            threading.Thread(target=self._send, daemon=True),
            threading.Thread(target=self._receive, daemon=True),
            threading.Thread(target=self._listen, daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        self._load({canary.MODULE_PATH: canary.MODULE}, canary.DATA, canary.ENTRYPOINTS)
        self._post("canary", {"op": "evaluate", "input": canary.input_text()})

    @property
    def version(self) -> str:
        """The version the process reports; waits for its start."""
        self.wait()
        return self._version

    @property
    def canary(self) -> str:
        """The digest of the canary's questions and answers."""
        return canary.digest()

    def load(self, modules: Mapping[str, str], data: Mapping[str, Any], entrypoints: Sequence[str]) -> None:
        """Send a layer; see the interface."""
        self._failed_load = None
        self._load(modules, data, entrypoints)

    def wait(self) -> None:
        """Wait for everything sent so far."""
        while self._waiting:
            self._take()
        if self._failed_load:
            raise self._failed_load

    def evaluate(self, input_text: str) -> dict[str, Any]:
        """Judge one canonical JSON document; see the interface."""
        self.wait()
        self._post("evaluate", {"op": "evaluate", "input": input_text})
        answers = self._take()
        texts = (input_text, *self._texts)
        read = ((entrypoint, _value(entrypoint, text, texts)) for entrypoint, text in answers.items())
        return {entrypoint: found[0] for entrypoint, found in read if found}

    def close(self) -> None:
        """End the process: first by closing its stdin, then by force."""
        if self._ended is None:
            self._ended = EngineFault("crash", "the engine was closed")
            self._requests.put(None)
        self._stop()

    def __enter__(self) -> RegopyEngine:  # noqa: PYI034 - typing.Self is newer than Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _load(self, modules: Mapping[str, str], data: Mapping[str, Any], entrypoints: Sequence[str]) -> None:
        data_text = json.dumps(data, ensure_ascii=False, allow_nan=False)
        self._texts = (*modules.values(), data_text)
        request = {"op": "load", "modules": dict(modules), "data": data_text, "entrypoints": list(entrypoints)}
        self._post("load", request)

    def _post(self, what: str, request: Reply) -> None:
        if self._ended:
            raise self._ended
        body = json.dumps(request).encode()
        self._waiting.append(what)
        self._requests.put(len(body).to_bytes(4, "big") + body)

    def _take(self) -> Reply:
        """Take the answer to the oldest request; raise what went wrong, keep what spoils later answers."""
        if self._ended:
            raise self._ended
        what = self._waiting.pop(0)
        try:
            reply = self._replies.get(timeout=self._deadline)
        except Empty:
            raise self._end("deadline", f"no answer ({what}) within {self._deadline:g} s") from None
        if reply is None:
            raise self._died(what)
        if "ok" not in reply:
            return self._refused(what, reply)
        answer: Reply = reply["ok"]
        if what == "start":
            self._version = str(answer["version"])
        elif what == "canary" and (wrong := _wrong_canary(answer)):
            raise self._end("canary", f"regopy {self._version} answers the canary {wrong!r} wrongly")
        return answer

    def _refused(self, what: str, reply: Reply) -> Reply:
        code: FaultCode = reply["fault"] if reply.get("fault") in _FAULTS else "malformed"
        message = str(reply.get("message", ""))
        if what in ("start", "canary"):
            raise self._end("canary" if what == "canary" else code, f"regopy does not start: {message}")
        fault = EngineFault(code, f"regopy: {message}")
        if what == "load":
            self._failed_load = fault
            return {}
        raise fault

    def _died(self, what: str) -> EngineFault:
        status = self._stop()
        if status == _OVER_MEMORY:
            return self._end("memory", f"the engine held more memory than its limit ({what})")
        said = self._stderr.decode("utf-8", "replace")[-300:]
        return self._end("crash", f"the engine ended with status {status} ({what}) {said}")

    def _end(self, fault: FaultCode, message: str) -> EngineFault:
        self._ended = EngineFault(fault, message)
        self._process.kill()
        self._stop()
        return self._ended

    def _stop(self) -> int:
        """Wait for the end of the process (killed when it takes long) and free pipes and threads."""
        import subprocess

        self._requests.put(None)
        try:
            status = self._process.wait(timeout=CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        for thread in self._threads:
            thread.join(timeout=1)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe:
                pipe.close()
        return status

    def _send(self) -> None:
        """Thread: write requests, so that a large one never makes the caller wait; None ends it."""
        pipe = _pipe(self._process.stdin)
        try:
            while (frame := self._requests.get()) is not None:
                pipe.write(frame)
                pipe.flush()
        except OSError:
            pass  # the process is gone; its reply thread says so
        finally:
            with suppress(OSError):
                pipe.close()

    def _receive(self) -> None:
        """Thread: read answers; None when there will be no more."""
        pipe = _pipe(self._process.stdout)
        while True:
            reply = _read_reply(pipe)
            self._replies.put(reply)
            if reply is None:
                return

    def _listen(self) -> None:
        """Thread: keep the end of what the process says on stderr, so that it never blocks on it."""
        pipe = _pipe(self._process.stderr)
        while chunk := os.read(pipe.fileno(), 4096):
            self._stderr = (self._stderr + chunk)[-_STDERR_KEPT:]


def _start(memory_limit: int) -> subprocess.Popen[bytes]:
    """Start the worker: isolated Python without site packages, an empty environment, a neutral folder."""
    import subprocess
    from importlib.util import find_spec

    spec = find_spec("regopy")
    if spec is None or spec.origin is None:
        raise EngineFault("load", "regopy is not installed", "install dpone with its dependencies")
    packages = str(Path(spec.origin).parent.parent)
    # Windows cannot load libraries or start Python without SYSTEMROOT.
    kept = {"SYSTEMROOT": os.environ["SYSTEMROOT"]} if sys.platform == "win32" else {}
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(WORKER), packages, str(memory_limit)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=kept,
            cwd=Path(os.sep).resolve(),
        )
    except OSError as error:
        raise EngineFault("crash", f"the engine's process cannot be started: {error}") from None


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


def _read_reply(pipe: IO[bytes]) -> Reply | None:
    try:
        head = pipe.read(4)
        size = int.from_bytes(head, "big")
        body = pipe.read(size) if len(head) == 4 and size <= MAX_FRAME else b""
    except (OSError, ValueError):
        return None
    if not body or len(body) != size:
        return None
    try:
        reply = json.loads(body)
    except ValueError:
        return {"fault": "malformed", "message": "the answer is not JSON"}
    return (
        reply if isinstance(reply, dict) else {"fault": "malformed", "message": "the answer is not an object"}
    )


def _value(entrypoint: str, text: str, given: Sequence[str]) -> tuple[Any] | None:
    """The one value in what the engine printed, or None for undefined; `given` are the texts it was given."""
    if text == "undefined":
        return None
    try:
        value = json.loads(text)
    except ValueError:
        raise EngineFault("malformed", f"{entrypoint}: the engine printed no JSON: {text[:200]}") from None
    expressions = (
        value.get("expressions") if isinstance(value, dict) and value.keys() == {"expressions"} else None
    )
    if not isinstance(expressions, list) or len(expressions) != 1:
        raise EngineFault("malformed", f"{entrypoint}: the engine printed no single value: {text[:200]}")
    # The engine can print an error node in place of a value; a given text may hold these letters too.
    if "(error" in text and not any("(error" in source for source in given):
        raise EngineFault("malformed", f"{entrypoint}: the engine printed an error: {text[:200]}")
    return (expressions[0],)


def _wrong_canary(answers: Reply) -> str:
    try:
        found = {name: _value(name, text, ()) for name, text in answers.items()}
    except EngineFault as error:
        return error.message
    return canary.wrong_answer({name: value[0] for name, value in found.items() if value})
