"""The process in which regopy runs. Started by `regopy_engine`, never imported by dpone.

It uses nothing else of dpone, but on Windows what asks for memory. Frames of JSON come in on stdin and go out on stdout
(four bytes of length, big endian, then UTF-8). Requests are `{"op": "load", modules, data, entrypoints}`, the same with
"add" for an interpreter beside those that are there, and `{"op": "evaluate", input, entrypoints}` (null: all of them);
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

TOGETHER = "several_entrypoints_together"
"""The package of rules that ask for several entry points at once: each query costs, whatever it asks for, and rules
that several of them read are computed once. Such a rule has no value as soon as one of them has none."""
MOST = 10
"""Entry points of one package that are asked at once: for every call of a built-in function the engine copies what
the query knows so far."""


class Part:
    """One interpreter with one built bundle. Any interpreter can be asked for any bundle, and an input is copied for
    each that is given it: the first one has the input and is asked for all."""

    def __init__(self, modules: dict[str, str], data: str, entrypoints: list[str]) -> None:
        from regopy import Interpreter
        from regopy.rego_shared import LogLevel

        self.entrypoints = entrypoints
        self.interpreter = Interpreter()
        self.interpreter.log_level = LogLevel.NONE
        # Off, a failing built-in is undefined, and `not undefined` is true.
        self.interpreter.strict_built_in_errors = True
        for path, text in modules.items():
            self.interpreter.add_module(path, text)
        self.interpreter.add_data_json(data)
        self.groups = grouped(entrypoints)
        if any(TOGETHER in text for text in modules.values()):
            self.groups = [[name] for name in entrypoints]
        together = [rule_of(number, group) for number, group in enumerate(self.groups) if len(group) > 1]
        if together:
            text = "\n\n".join((f"package {TOGETHER}", *(rule for _, rule in together)))
            self.interpreter.add_module(f"{TOGETHER}.rego", text + "\n")
        self.bundle = self.interpreter.build(None, [*entrypoints, *(name for name, _ in together)])
        # Evaluating a bundle that is not ok is a segmentation fault.
        if not self.bundle.ok():
            raise ValueError("the modules do not build together")

    def evaluate(self, first: Part, entrypoints: list[str] | None) -> dict[str, Any]:
        """Return what the engine printed for these entry points (None: all), or the first error; `first` is the part
        whose interpreter has the input."""
        answers = []
        for number, group in enumerate(self.groups):
            if entrypoints is None and len(group) > 1:
                ok, printed = first.ask(self, rule_of(number, group)[0])
                if ok and printed != "undefined":
                    answers.append([group, printed])
                    continue
            # One of them has no value, or a fault: each for itself, so that it shows which.
            for name in group:
                if entrypoints is None or name in entrypoints:
                    ok, printed = first.ask(self, name)
                    if not ok:
                        return {"fault": "evaluation", "message": f"{name}: {printed[:2000]}"}
                    answers.append([[name], printed])
        return {"ok": answers}

    def ask(self, part: Part, entrypoint: str) -> tuple[bool, str]:
        """Whether this interpreter has an answer of a part's bundle, and what it printed."""
        from regopy.rego_shared import (
            rego_bundle_query_entrypoint,
            rego_free_output,
            rego_output_ok,
            rego_output_string,
        )

        output = rego_bundle_query_entrypoint(self.interpreter._impl, part.bundle._impl, entrypoint)  # noqa: SLF001
        try:
            return rego_output_ok(output), rego_output_string(output)
        finally:
            rego_free_output(output)


def grouped(entrypoints: list[str]) -> list[list[str]]:
    """Entry points of one package that follow each other, at most `MOST` together."""
    groups: list[list[str]] = []
    package = ""
    for name in entrypoints:
        if groups and name.rpartition("/")[0] == package and len(groups[-1]) < MOST:
            groups[-1].append(name)
        else:
            groups.append([name])
        package = name.rpartition("/")[0]
    return groups


def rule_of(number: int, group: list[str]) -> tuple[str, str]:
    """The entry point and the text of the rule that asks for a group."""
    values = ", ".join("data." + name.replace("/", ".") for name in group)
    return f"{TOGETHER}/group{number}", f"group{number} := [{values}]"


def evaluate(parts: list[Part], text: str, entrypoints: list[str] | None) -> dict[str, Any]:
    """Ask every part, and put the answers together."""
    if not parts:
        return {"fault": "load", "message": "nothing is loaded"}
    set_input(parts[0].interpreter, text)
    answers = []
    for part in parts:
        told = part.evaluate(parts[0], entrypoints)
        if "ok" not in told:
            return told
        answers += told["ok"]
    return {"ok": answers}


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
                wanted = (request[name] for name in ("modules", "data", "entrypoints"))
                parts.append(Part(*wanted))
                answer = {"ok": {}}
        except Exception as error:
            fault = "evaluation" if request["op"] == "evaluate" else "load"
            answer = {"fault": fault, "message": f"{type(error).__name__}: {str(error)[:2000]}"}
        write_frame(answers, answer)
    os._exit(0)
