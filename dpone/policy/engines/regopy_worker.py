"""The process in which regopy runs. Started by `regopy_engine`, never imported by dpone.

It knows nothing of dpone: frames of JSON come in on stdin and go out on stdout (four bytes of length, big
endian, then UTF-8). Requests are `{"op": "load", modules, data, entrypoints}`, the same with "add" for an
interpreter beside those that are there, and `{"op": "evaluate", input, entrypoints}` (null: all of them);
answers are `{"ok": …}` or `{"fault": code, "message": text}`. An evaluation answers with pairs: names of entry
points, and what the engine printed for them, of one its value, of several an array of theirs.
Values are passed on as the engine printed them: judging them is the parent's part.

Arguments: the folder that holds the regopy package, and the limit of resident memory in bytes. It is started
by importing it and calling `main`, so that Python compiles it once and not at every start.
"""

# ruff: noqa: BLE001 - any exception of the binding is an answer here, and the parent turns it into a fault

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import Any, BinaryIO

OVER_MEMORY = 86
WATCH_SECONDS = 0.02
MAX_INTEGER = 2**53 - 1
TOGETHER = "all_entrypoints_together"
"""The package and rule that ask for every entry point at once: each query costs, whatever it asks for, and rules
that several of them read are computed once. It has no value as soon as one of them has none."""
FIRST = (
    "evidence", "name", "kind", "state", "facts", "producer", "seal", "binding", "foreign_fields", "reason", "dated",
    "age_seconds", "max_age_seconds", "from_future", "produced_at", "duplicate_name", "contradictions", "trust",
)  # fmt: skip
"""Keys that are put into every object first: the engine finds a key by trying one after the other, and these
are asked for most. The order has no meaning in Rego."""
_quote = json.encoder.encode_basestring


class TextNeeded(Exception):
    """A value the binding's Input object would change: the engine must parse it from text."""


class Part:
    """One interpreter with one built bundle."""

    def __init__(self, modules: dict[str, str], data: str, entrypoints: list[str]) -> None:
        from regopy import Interpreter
        from regopy.rego_shared import LogLevel

        self.entrypoints = entrypoints
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
    set_input([part.interpreter for part in parts], text)
    answers = []
    for part in parts:
        told = part.evaluate(entrypoints)
        if "ok" not in told:
            return told
        answers += told["ok"]
    return {"ok": answers}


def set_input(interpreters: list[Any], text: str) -> None:
    """Give interpreters the input, through the binding's Input object where that changes nothing."""
    from regopy.rego_shared import rego_free_input, rego_new_input, rego_set_input

    handle = rego_new_input()
    try:
        _push(handle, json.loads(text))
        for interpreter in interpreters:
            rego_set_input(interpreter._impl, handle)  # noqa: SLF001 - Input(value) is four times slower
    except TextNeeded:
        for interpreter in interpreters:
            interpreter.set_input_term(text)
    finally:
        rego_free_input(handle)


def _push(handle: Any, root: Any) -> None:
    """Build the Input object for `root`.

    Strings go in JSON-escaped, which is how the engine keeps what it parsed itself. Integers beyond
    2**53 - 1 and numbers that six decimals do not hold would be changed: `TextNeeded`.
    """
    from regopy.rego_shared import rego

    keys: dict[str, bytes] = {}

    def push(value: Any) -> None:
        kind = type(value)
        if kind is str:
            rego.regoInputString(handle, _quote(value)[1:-1].encode())
        elif kind is dict:
            for key, item in {**{k: value[k] for k in FIRST if k in value}, **value}.items():
                quoted = keys.get(key)
                if quoted is None:
                    quoted = keys[key] = _quote(key)[1:-1].encode()
                rego.regoInputString(handle, quoted)
                push(item)
                rego.regoInputObjectItem(handle)
            rego.regoInputObject(handle, len(value))
        elif kind is list:
            for item in value:
                push(item)
            rego.regoInputArray(handle, len(value))
        elif kind is bool:
            rego.regoInputBoolean(handle, value)
        elif kind is int and abs(value) <= MAX_INTEGER:
            rego.regoInputInt(handle, value)
        elif kind is float and abs(value) < 1e9 and float(f"{value:.6f}") == value:
            rego.regoInputFloat(handle, value)
        elif value is None:
            rego.regoInputNull(handle)
        else:
            raise TextNeeded

    push(root)


def resident_bytes(system: str = sys.platform) -> int:
    """The memory this process holds now (Linux, Windows) or held at most (elsewhere), in bytes."""
    if system == "linux":
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - pathlib costs start-up time
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    if system == "win32":
        return _windows_working_set()
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if system == "darwin" else used * 1024


def _windows_working_set() -> int:
    """WorkingSetSize of PROCESS_MEMORY_COUNTERS (Windows psapi.h)."""
    import ctypes

    class Counters(ctypes.Structure):
        _fields_ = (
            ("size", ctypes.c_uint32),
            ("faults", ctypes.c_uint32),
            ("peak", ctypes.c_size_t),
            ("working_set", ctypes.c_size_t),
            *((f"quota_{i}", ctypes.c_size_t) for i in range(6)),
        )

    counters = Counters(size=ctypes.sizeof(Counters))
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - the attribute exists on Windows only
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.K32GetProcessMemoryInfo.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32)
    if not kernel.K32GetProcessMemoryInfo(kernel.GetCurrentProcess(), ctypes.byref(counters), counters.size):
        raise OSError("K32GetProcessMemoryInfo failed")
    return int(counters.working_set)


def watch_memory(limit: int) -> None:
    """End the process when it holds more than `limit` bytes. The binding frees the GIL, so this thread
    runs while the engine does; address space limits are no use, because the engine reserves 268 GB."""
    while True:
        try:
            over = resident_bytes() > limit
        except Exception:
            os._exit(OVER_MEMORY + 1)
        if over:
            os._exit(OVER_MEMORY)
        time.sleep(WATCH_SECONDS)


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


def main() -> None:
    """Answer requests until stdin ends, then end without running destructors: the library's own tear-down
    adds nothing and may crash."""
    packages, limit = sys.argv[1], int(sys.argv[2])
    # Only frames may reach the pipe: what the native library prints goes to stderr.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    threading.Thread(target=watch_memory, args=(limit,), daemon=True).start()
    sys.path.insert(0, packages)
    try:
        import regopy

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
                parts.append(Part(request["modules"], request["data"], request["entrypoints"]))
                answer = {"ok": {}}
        except Exception as error:
            fault = "evaluation" if request["op"] == "evaluate" else "load"
            answer = {"fault": fault, "message": f"{type(error).__name__}: {str(error)[:2000]}"}
        write_frame(answers, answer)
    os._exit(0)
