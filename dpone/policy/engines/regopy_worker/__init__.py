"""The process in which regopy runs. Started by `regopy_engine`, never imported by dpone.

It uses nothing else of dpone: frames of JSON come in on stdin and go out on stdout (four bytes of length, big
endian, then UTF-8). Requests are `{"op": "load", modules, data, entrypoints, sees}`, the same with "add" for an
interpreter beside those that are there, and `{"op": "evaluate", input, entrypoints}` (null: all of them);
answers are `{"ok": …}` or `{"fault": code, "message": text}`. An evaluation answers with pairs: names of entry
points, and what the engine printed for them, of one its value, of several an array of theirs.
Values are passed on as the engine printed them: judging them is the parent's part.

Arguments: the folder that holds the regopy package, and the limit of resident memory in bytes. It is started
by importing it and calling `main`, so that Python compiles it once and not at every start.
"""

# ruff: noqa: BLE001 - any exception of the binding is an answer here, and the parent turns it into a fault

from __future__ import annotations

import gc
import json
import os
import sys
import threading
from types import ModuleType
from typing import Any, BinaryIO

from dpone.policy.engines.regopy_worker.given import set_input
from dpone.policy.engines.regopy_worker.memory import watch_memory

TOGETHER = "all_entrypoints_together"
"""The package and rule that ask for every entry point at once: each query costs, whatever it asks for, and rules
that several of them read are computed once. It has no value as soon as one of them has none."""


class Part:
    """One interpreter with one built bundle. One that `sees` fields of evidence is given nothing else, and keeps its
    last answer: to the same evidence its rules have no other."""

    def __init__(
        self, modules: dict[str, str], data: str, entrypoints: list[str], sees: list[str] | None = None
    ) -> None:
        from regopy import Interpreter
        from regopy.rego_shared import LogLevel

        self.entrypoints = entrypoints
        self.sees = sees or []
        self.last: tuple[str, dict[str, Any]] | None = None
        self.together = len(entrypoints) > 1 and not any(TOGETHER in text for text in modules.values())
        self.interpreter = Interpreter()
        self.interpreter.log_level = LogLevel.NONE
        # Off, a failing built-in is undefined, and `not undefined` is true.
        self.interpreter.strict_built_in_errors = True
        for path, text in modules.items():
            self.interpreter.add_module(path, text)
        self.interpreter.add_data_json(data)
        if self.together:
            names = ", ".join("data." + name.replace("/", ".") for name in entrypoints)
            self.interpreter.add_module(f"{TOGETHER}.rego", f"package {TOGETHER}\n\n{TOGETHER} := [{names}]\n")
            entrypoints = [*entrypoints, f"{TOGETHER}/{TOGETHER}"]
        self.bundle = self.interpreter.build(None, entrypoints)
        # Evaluating a bundle that is not ok is a segmentation fault.
        if not self.bundle.ok():
            raise ValueError("the modules do not build together")

    def evaluate(self, entrypoints: list[str] | None) -> dict[str, Any]:
        """Return what the engine printed for these entry points (None: all), or the first error."""
        if entrypoints is None and self.together:
            ok, printed = self._ask(f"{TOGETHER}/{TOGETHER}")
            if ok and printed != "undefined":
                return {"ok": [[self.entrypoints, printed]]}
        # One of them has no value, or a fault: each for itself, so that it shows which.
        answers = []
        for entrypoint in self.entrypoints:
            if entrypoints is None or entrypoint in entrypoints:
                ok, printed = self._ask(entrypoint)
                if not ok:
                    return {"fault": "evaluation", "message": f"{entrypoint}: {printed[:2000]}"}
                answers.append([[entrypoint], printed])
        return {"ok": answers}

    def _ask(self, entrypoint: str) -> tuple[bool, str]:
        """Whether the engine has an answer, and what it printed."""
        from regopy.rego_shared import (
            rego_bundle_query_entrypoint,
            rego_free_output,
            rego_output_ok,
            rego_output_string,
        )

        output = rego_bundle_query_entrypoint(self.interpreter._impl, self.bundle._impl, entrypoint)  # noqa: SLF001
        try:
            return rego_output_ok(output), rego_output_string(output)
        finally:
            rego_free_output(output)


def evaluate(parts: list[Part], text: str, entrypoints: list[str] | None) -> dict[str, Any]:
    """Ask every part, and put the answers together."""
    if not parts:
        return {"fault": "load", "message": "nothing is loaded"}
    given = json.loads(text)
    set_input([part.interpreter for part in parts if not part.sees], given, text)
    answers = []
    for part in parts:
        told = evaluate_seeing(part, given, entrypoints) if part.sees else part.evaluate(entrypoints)
        if "ok" not in told:
            return told
        answers += told["ok"]
    return {"ok": answers}


def evaluate_seeing(part: Part, given: Any, entrypoints: list[str] | None) -> dict[str, Any]:
    """Ask a part that sees some fields of the evidence, unless it was just asked about the same."""
    items = [{key: item[key] for key in part.sees if key in item} for item in given["evidence"]]
    text = json.dumps({"evidence": items}, ensure_ascii=False)
    if entrypoints is None and part.last and part.last[0] == text:
        return part.last[1]
    set_input([part.interpreter], {"evidence": items}, text)
    told = part.evaluate(entrypoints)
    part.last = (text, told) if entrypoints is None and "ok" in told else None
    return told


def read_frame(stream: BinaryIO) -> Any:
    """The next request, or None when the parent is gone."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    body = stream.read(int.from_bytes(head, "big"))
    return json.loads(body) if len(body) == int.from_bytes(head, "big") else None


def write_frame(stream: BinaryIO, message: dict[str, Any]) -> None:
    """Send one answer."""
    body = json.dumps(message).encode()
    stream.write(len(body).to_bytes(4, "big") + body)
    stream.flush()


def import_regopy() -> Any:
    """Import regopy. It asks `platform` for nothing but the name of the system, and importing that module, which
    imports `subprocess`, takes as long as a sixth of the start; where `os` has the same answer, it stands in."""
    stands_in = "platform" not in sys.modules and hasattr(os, "uname")
    if stands_in:
        sys.modules["platform"] = ModuleType("platform")
        sys.modules["platform"].uname = os.uname  # type: ignore[attr-defined]
    try:
        import regopy
    finally:
        if stands_in:
            del sys.modules["platform"]
    return regopy


def main() -> None:
    """Answer requests until stdin ends, then end without running destructors: the library's own tear-down
    adds nothing and may crash."""
    packages, limit = sys.argv[1], int(sys.argv[2])
    # Only frames may reach the pipe: what the native library prints goes to stderr.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    threading.Thread(target=watch_memory, args=(limit,), daemon=True).start()
    # Nothing here makes cycles worth the search, and memory is watched.
    gc.disable()
    sys.path.insert(0, packages)
    try:
        regopy = import_regopy()
        write_frame(answers, {"ok": {"version": regopy.__version__.split(" ")[0]}})
    except Exception as error:
        write_frame(answers, {"fault": "load", "message": f"regopy cannot be imported: {error}"})
        return
    parts: list[Part] = []
    while (request := read_frame(sys.stdin.buffer)) is not None:
        try:
            if request["op"] == "evaluate":
                answer = evaluate(parts, request["input"], request["entrypoints"])
            else:
                if request["op"] == "load":
                    parts = []
                wanted = (request[name] for name in ("modules", "data", "entrypoints", "sees"))
                parts.append(Part(*wanted))
                answer = {"ok": {}}
        except Exception as error:
            fault = "evaluation" if request["op"] == "evaluate" else "load"
            answer = {"fault": fault, "message": f"{type(error).__name__}: {str(error)[:2000]}"}
        write_frame(answers, answer)
    os._exit(0)
