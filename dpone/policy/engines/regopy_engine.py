"""The embedded engine: regopy in a process of its own, one process per policy layer.

The library cannot be interrupted, can end its process and must not see anybody's environment, so it never
runs inside dpone. The process is started at once and not waited for: while evidence is collected it imports
the library, answers the canary and builds the layer.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from dpone.policy.engines import canary
from dpone.policy.engines.bounded import bare_environment
from dpone.policy.engines.interface import Data, EngineFault, EngineTrust, FaultCode, Modules, Names
from dpone.policy.engines.printed import read_values
from dpone.policy.engines.process import CLOSE_SECONDS, Child, Message

ROOT = Path(__file__).parents[3]
"""The folder that dpone is in."""
_BOOT = (
    "import sys; sys.path.append(sys.argv[3]); import dpone.policy.engines.regopy_worker as worker; "
    "sys.path.pop(); worker.main()"
)
"""Imports the worker, because a script that is run is compiled anew at every start."""
DEADLINE_SECONDS = 20.0
MEMORY_LIMIT = 1_000_000_000
OVER_MEMORY = 86
"""The exit status with which the worker ends itself above its memory limit."""


class RegopyEngine:
    """See `dpone.policy.engines.interface.Engine`.

    `deadline_seconds` is the longest wait for one answer (build or evaluation) and may be set until the first;
    `memory_limit` the most resident memory in bytes; beyond either the process is killed and the engine stays
    unusable.
    """

    name = "regopy"
    sha256 = ""
    trust: EngineTrust = "embedded"

    def __init__(self, deadline_seconds: float = DEADLINE_SECONDS, memory_limit: int = MEMORY_LIMIT) -> None:
        self.deadline_seconds = deadline_seconds
        self._child = _start(memory_limit)
        self._waiting = ["start"]
        self._asked = self._told = 0
        self._answers: dict[int, Any] = {}
        self._version = ""
        self._parts: list[Message] = []
        self._spare: list[Message] = []
        self._ended: EngineFault | None = None
        self._refused: EngineFault | None = None
        self._post(
            "load", _load_request("load", {canary.MODULE_PATH: canary.MODULE}, canary.DATA, canary.ENTRYPOINTS)
        )
        self._post("canary", {"op": "evaluate", "input": canary.input_text(), "entrypoints": None})

    @property
    def version(self) -> str:
        """The version the process reports; waits for its start."""
        self.wait()
        return self._version

    @property
    def canary(self) -> str:
        """The digest of the canary's questions and answers."""
        return canary.digest()

    def load(self, modules: Modules, data: Data, entrypoints: Names) -> None:
        """Send a layer; see the interface."""
        request = _load_request("load", modules, data, entrypoints)
        if self._parts[:1] == [request] and not self._ended:
            # Parts that were sent with it stay where they are, as long as all of them are wanted again.
            self._parts, self._spare = [request], [*self._parts[1:], *self._spare]
            return
        self._parts, self._spare = [request], []
        self._post("load", request)

    def add(self, modules: Modules, data: Data, entrypoints: Names) -> None:
        """Send a further part of the layer; see the interface."""
        request = _load_request("add", modules, data, entrypoints)
        self._parts.append(request)
        if request in self._spare:
            self._spare.remove(request)
        else:
            self._post("add", request)

    def wait(self) -> None:
        """Wait for everything sent so far; with a part that nobody wants any more, the others are built anew."""
        self._settle()
        while self._waiting:
            self._take()
        if self._refused:
            raise self._refused

    def evaluate(self, input_text: str, entrypoints: Names | None = None) -> dict[str, Any]:
        """Judge one canonical JSON document; see the interface."""
        return self.begin(input_text, entrypoints)()

    def begin(self, input_text: str, entrypoints: Names | None = None) -> Callable[[], dict[str, Any]]:
        """Send one canonical JSON document; see the interface."""
        self._settle()
        if not self._parts:
            self.wait()
            raise EngineFault("load", "regopy: nothing is loaded")
        asked = None if entrypoints is None else list(entrypoints)
        self._post("evaluate", {"op": "evaluate", "input": input_text, "entrypoints": asked})
        self._asked += 1
        number, parts = self._asked, self._parts

        def answer() -> dict[str, Any]:
            texts = (text for part in parts for text in (part["data"], *part["modules"].values()))
            return read_values(self._answer(number), (input_text, *texts))

        return answer

    def _settle(self) -> None:
        if self._spare:
            self._spare = []
            for part in self._parts:
                self._post(part["op"], part)

    def _answer(self, number: int) -> Any:
        """What was printed for one question; the answers to questions before it are kept for those who ask."""
        while self._told < number:
            self._take()
        printed = self._answers.pop(number)
        if isinstance(printed, EngineFault):
            raise printed
        return printed

    def close(self) -> None:
        """End the process. It has nothing to finish, so nobody waits until it has noticed."""
        if self._ended is None:
            self._end("crash", "the engine was closed")

    def __enter__(self) -> RegopyEngine:  # noqa: PYI034 - typing.Self is newer than Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _post(self, what: str, request: Message) -> None:
        if self._ended:
            raise self._ended
        self._waiting.append(what)
        self._child.send(request)

    def _take(self) -> None:
        """Take the answer to the oldest request. What ends the engine is raised, all else is kept."""
        if self._ended:
            raise self._ended
        what = self._waiting.pop(0)
        try:
            reply = self._child.receive(self.deadline_seconds)
        except TimeoutError:
            raise self._end("deadline", f"no answer ({what}) within {self.deadline_seconds:g} s") from None
        if reply is None:
            raise self._died(what)
        answer: Any = reply["ok"] if "ok" in reply else self._fault(what, reply)
        if what == "evaluate":
            self._told += 1
            self._answers[self._told] = self._refused or answer
        elif what in ("load", "add"):
            self._loaded(what, answer)
        elif what == "start":
            self._version = str(answer["version"])
        elif what == "canary" and (wrong := _wrong_canary(answer)):
            raise self._end("canary", f"regopy {self._version} answers the canary {wrong!r} wrongly")

    def _loaded(self, what: str, answer: Any) -> None:
        """What a layer has become: one that is refused answers nothing, until another is loaded."""
        if what == "load":
            self._refused = None
        if isinstance(answer, EngineFault):
            self._refused = answer
            if "load" not in self._waiting:
                self._parts, self._spare = [], []

    def _fault(self, what: str, reply: Message) -> EngineFault:
        """The fault that a reply is; one at the start ends the engine."""
        code: FaultCode = reply["fault"] if reply["fault"] in ("load", "evaluation") else "malformed"
        message = f"regopy: {reply['message']}"
        if what in ("start", "canary"):
            raise self._end(code if what == "start" else "canary", message)
        return EngineFault(code, message)

    def _died(self, what: str) -> EngineFault:
        status = self._child.end(CLOSE_SECONDS)
        if status == OVER_MEMORY:
            self._ended = EngineFault("memory", f"the engine held more memory than its limit ({what})")
        else:
            message = f"the engine ended with status {status} ({what}) {self._child.said()[-300:]}"
            self._ended = EngineFault("crash", message)
        return self._ended

    def _end(self, fault: FaultCode, message: str) -> EngineFault:
        self._ended = EngineFault(fault, message)
        self._child.end()
        return self._ended


def _load_request(op: str, modules: Modules, data: Data, entrypoints: Names) -> Message:
    return {
        "op": op,
        "modules": dict(modules),
        "data": json.dumps(data, ensure_ascii=False, allow_nan=False),
        # Told of one twice, the engine answers another entry point in place of those that follow.
        "entrypoints": list(dict.fromkeys(entrypoints)),
    }


def _start(memory_limit: int) -> Child:
    """Start the worker: isolated Python without site packages, an empty environment, a neutral folder."""
    from importlib.util import find_spec

    spec = find_spec("regopy")
    if spec is None or spec.origin is None:
        raise EngineFault("load", "regopy is not installed", "install dpone with its dependencies")
    packages = str(Path(spec.origin).parent.parent)
    try:
        arguments = [packages, str(memory_limit), str(ROOT)]
        return Child([sys.executable, "-I", "-S", "-c", _BOOT, *arguments], bare_environment())
    except OSError as error:
        raise EngineFault("crash", f"the engine's process cannot be started: {error}") from None


def _wrong_canary(printed: Sequence[tuple[Sequence[str], str]]) -> str:
    try:
        return canary.wrong_answer(read_values(printed, ()))
    except EngineFault as error:
        return error.message
