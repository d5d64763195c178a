"""The embedded engine: regopy in a process of its own, one process per policy layer.

The library cannot be interrupted, can end its process and must not see anybody's environment, so it never
runs inside dpone. The process is started at once and not waited for: while evidence is collected it imports
the library, answers the canary and builds the layer.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dpone.policy.engines import canary
from dpone.policy.engines.bounded import bare_environment
from dpone.policy.engines.interface import EngineFault, EngineTrust, FaultCode
from dpone.policy.engines.process import CLOSE_SECONDS, Child, Message

WORKER = Path(__file__).with_name("regopy_worker.py")
_BOOT = (
    "import sys; sys.path.append(sys.argv[3]); worker = __import__(sys.argv[4]); sys.path.pop(); worker.main()"
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

    def load(self, modules: Mapping[str, str], data: Mapping[str, Any], entrypoints: Sequence[str]) -> None:
        """Send a layer; see the interface."""
        request = _load_request("load", modules, data, entrypoints)
        if self._parts[:1] == [request] and not self._ended:
            # Parts that were sent with it stay where they are, as long as all of them are wanted again.
            self._parts, self._spare = [request], [*self._parts[1:], *self._spare]
            return
        self._refused, self._parts, self._spare = None, [request], []
        self._post("load", request)

    def add(self, modules: Mapping[str, str], data: Mapping[str, Any], entrypoints: Sequence[str]) -> None:
        """Send a further part of the layer; see the interface."""
        request = _load_request("add", modules, data, entrypoints)
        self._parts.append(request)
        if request in self._spare:
            self._spare.remove(request)
        else:
            self._post("load", request)

    def wait(self) -> None:
        """Wait for everything sent so far; with a part that nobody wants any more, the others are built anew."""
        if self._spare:
            self._spare = []
            for part in self._parts:
                self._post("load", part)
        while self._waiting:
            self._take()
        if self._refused:
            raise self._refused

    def evaluate(self, input_text: str, entrypoints: Sequence[str] | None = None) -> dict[str, Any]:
        """Judge one canonical JSON document; see the interface."""
        self.wait()
        if not self._parts:
            raise EngineFault("load", "regopy: nothing is loaded")
        asked = None if entrypoints is None else list(entrypoints)
        self._post("evaluate", {"op": "evaluate", "input": input_text, "entrypoints": asked})
        printed = self._take()
        return read_values(
            printed,
            (
                input_text,
                *(text for part in self._parts for text in (part["data"], *part["modules"].values())),
            ),
        )

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

    def _take(self) -> Any:
        """Take the answer to the oldest request; raise what went wrong, keep what spoils later answers."""
        if self._ended:
            raise self._ended
        what = self._waiting.pop(0)
        try:
            reply = self._child.receive(self.deadline_seconds)
        except TimeoutError:
            raise self._end("deadline", f"no answer ({what}) within {self.deadline_seconds:g} s") from None
        if reply is None:
            raise self._died(what)
        if "ok" not in reply:
            return self._fault(what, reply)
        answer = reply["ok"]
        if what == "start":
            self._version = str(answer["version"])
        elif what == "canary" and (wrong := _wrong_canary(answer)):
            raise self._end("canary", f"regopy {self._version} answers the canary {wrong!r} wrongly")
        return answer

    def _fault(self, what: str, reply: Message) -> Message:
        """An answer that is a fault: of the load, kept for the evaluation that needs it, or of now."""
        code: FaultCode = reply["fault"] if reply["fault"] in ("load", "evaluation") else "malformed"
        message = f"regopy: {reply['message']}"
        if what in ("start", "canary"):
            raise self._end(code if what == "start" else "canary", message)
        fault = EngineFault(code, message)
        if what != "load":
            raise fault
        self._refused, self._parts, self._spare = fault, [], []
        return {}

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


def read_values(printed: Sequence[tuple[Sequence[str], str]], given: Sequence[str]) -> dict[str, Any]:
    """The values of entry points that have one, from what was printed for one or for several of them; `given` and
    errors as `read_value` has them."""
    values: dict[str, Any] = {}
    for names, text in printed:
        value = read_value(names[0] if len(names) == 1 else f"{names[0]} and others", text, given)
        if value and len(names) == 1:
            values[names[0]] = value[0]
        elif value and isinstance(value[0], list) and len(value[0]) == len(names):
            values.update(zip(names, value[0], strict=True))
        elif len(names) > 1:
            raise EngineFault("malformed", f"{names[0]} and others: the engine printed no value for each")
    return values


def read_value(entrypoint: str, text: str, given: Sequence[str]) -> tuple[Any] | None:
    """The one value in what the engine printed, or None for undefined; `given` are the texts it was given.

    Raises `EngineFault` (malformed) for anything but one JSON value.
    """
    if text == "undefined":
        return None
    try:
        found = json.loads(text)
    except ValueError:
        raise EngineFault("malformed", f"{entrypoint}: the engine printed no JSON: {text[:200]}") from None
    values = found.get("expressions") if isinstance(found, dict) and found.keys() == {"expressions"} else None
    if not isinstance(values, list) or len(values) != 1:
        raise EngineFault("malformed", f"{entrypoint}: the engine printed no single value: {text[:200]}")
    # The engine can print an error node in place of a value; a given text may hold these letters too.
    if "(error" in text and not any("(error" in source for source in given):
        raise EngineFault("malformed", f"{entrypoint}: the engine printed an error: {text[:200]}")
    return (values[0],)


def _load_request(
    op: str, modules: Mapping[str, str], data: Mapping[str, Any], entrypoints: Sequence[str]
) -> Message:
    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    return {"op": op, "modules": dict(modules), "data": text, "entrypoints": list(entrypoints)}


def _start(memory_limit: int) -> Child:
    """Start the worker: isolated Python without site packages, an empty environment, a neutral folder."""
    from importlib.util import find_spec

    spec = find_spec("regopy")
    if spec is None or spec.origin is None:
        raise EngineFault("load", "regopy is not installed", "install dpone with its dependencies")
    packages = str(Path(spec.origin).parent.parent)
    try:
        arguments = [packages, str(memory_limit), str(WORKER.parent), WORKER.stem]
        return Child([sys.executable, "-I", "-S", "-c", _BOOT, *arguments], bare_environment())
    except OSError as error:
        raise EngineFault("crash", f"the engine's process cannot be started: {error}") from None


def _wrong_canary(printed: Sequence[tuple[Sequence[str], str]]) -> str:
    try:
        return canary.wrong_answer(read_values(printed, ()))
    except EngineFault as error:
        return error.message
