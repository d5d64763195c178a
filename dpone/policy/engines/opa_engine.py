"""The `opa` program as an engine: one short process for every question, so that nothing stays behind.

A pinned digest is checked before the program is started for the first time. Each process has an empty
environment, a folder of its own, a deadline, and limits of memory and output. The canary runs in a thread
while evidence is collected.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from dpone.policy.engines import canary
from dpone.policy.engines.bounded import Bounds, bare_environment, run_bounded
from dpone.policy.engines.interface import Data, EngineFault, EngineTrust, FaultCode, Modules, Names
from dpone.policy.engines.opa_program import file_digest, find_binary, with_paths, write_layer
from dpone.policy.engines.opa_query import (
    check_canary,
    checked_input,
    error_fault,
    query_text,
    read_json,
    read_values,
)

DEADLINE_SECONDS = 20.0
MEMORY_LIMIT = 1_000_000_000
OUTPUT_LIMIT = 64_000_000
LAYER = "layer"
"""The folder below the process's own in which a layer lies."""


class OpaEngine:
    """See `dpone.policy.engines.interface.Engine`.

    `binary` is a path, or empty for the first `opa` in the absolute folders of `search` (a PATH); `sha256`
    (hex) is the digest it must have, or empty. `deadline_seconds`, `memory_limit` (resident) and
    `output_limit` (bytes) bound every process.
    """

    name = "opa"

    def __init__(
        self,
        binary: str = "",
        sha256: str = "",
        search: str = "",
        deadline_seconds: float = DEADLINE_SECONDS,
        memory_limit: int = MEMORY_LIMIT,
        output_limit: int = OUTPUT_LIMIT,
    ) -> None:
        self.deadline_seconds = deadline_seconds
        self._limits = (memory_limit, output_limit)
        self._asked = (binary, sha256.lower(), search)
        self._binary, self._sha256, self._version = "", "", ""
        self._ended: EngineFault | None = None
        self._refused: EngineFault | None = None
        self._modules: dict[str, str] = {}
        self._entrypoints: tuple[str, ...] = ()
        self._loaded = self._built = False
        self._folder: Path | None = None
        self._making = threading.Lock()
        self._starting = threading.Thread(target=self._start, daemon=True)
        self._starting.start()

    @property
    def version(self) -> str:
        """The version the program reports; waits for its start."""
        self._ready()
        return self._version

    @property
    def sha256(self) -> str:
        """The digest of the program; waits for its start."""
        self._ready()
        return self._sha256

    @property
    def canary(self) -> str:
        """The digest of the canary's questions and answers."""
        return canary.digest()

    @property
    def trust(self) -> EngineTrust:
        """`pinned` with a digest to hold it against, else `local`."""
        return "pinned" if self._asked[1] else "local"

    def load(self, modules: Modules, data: Data, entrypoints: Names) -> None:
        """Write a layer for the next process; see the interface."""
        self._refused, self._modules, self._entrypoints = None, {}, ()
        self.add(modules, data, entrypoints)

    def add(self, modules: Modules, data: Data, entrypoints: Names) -> None:
        """Write a further part beside what lies there; see the interface. The parts of a layer have their data
        and what they both hold in common, so that one process answers for all of them."""
        if self._ended:
            raise self._ended
        self._loaded, self._built = True, False
        self._modules |= modules
        self._entrypoints += tuple(entrypoints)
        try:
            write_layer(self._place() / LAYER, self._modules, data)
        except (OSError, ValueError) as error:
            self._refused = EngineFault("load", f"opa: the layer cannot be written: {error}")

    def wait(self) -> None:
        """Wait for the canary, and build the layer once to see that it does."""
        self._ready()
        if self._loaded and not self._built and not self._refused:
            ran = self._run(["check", "--format", "json", LAYER], b"")
            if ran[0] != 0:
                self._refused = self._fault_of(ran, default="load")
            self._built = True
        if self._refused:
            raise self._refused

    def evaluate(self, input_text: str, entrypoints: Sequence[str] | None = None) -> dict[str, Any]:
        """Judge one canonical JSON document; see the interface."""
        self._ready()
        if self._refused:
            raise self._refused
        if not self._loaded:
            raise EngineFault("load", "opa: nothing is loaded")
        asked = self._entrypoints if entrypoints is None else tuple(entrypoints)
        return read_values(self._query(LAYER, query_text(asked), checked_input(input_text)), asked, "opa")

    def begin(self, input_text: str) -> Callable[[], dict[str, Any]]:
        """Judge it when the answers are wanted; see the interface."""
        return lambda: self.evaluate(input_text)

    def close(self) -> None:
        """Delete the engine's folder; a start that is still running is waited for."""
        import shutil

        self._starting.join()
        self._ended = EngineFault("crash", "the engine was closed")
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None

    def __enter__(self) -> OpaEngine:  # noqa: PYI034 - typing.Self is newer than Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _place(self) -> Path:
        """The engine's own folder, which nobody else may enter."""
        import tempfile

        with self._making:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="dpone-opa-"))
            return self._folder

    def _ready(self) -> None:
        self._starting.join()
        if self._ended:
            raise self._ended

    def _start(self) -> None:
        """Find the program, hold its digest against the pin, and let it answer the canary."""
        try:
            self._binary = find_binary(self._asked[0], self._asked[2])
            self._sha256 = file_digest(self._binary)
            if self._asked[1] not in ("", self._sha256):
                raise EngineFault(
                    "load",
                    f"{self._binary} has the digest {self._sha256[:16]}…, opa.sha256 names {self._asked[1][:16]}…",
                    "install the pinned program, or pin the new one: opa.sha256 in dpone.yaml",
                )
            write_layer(self._place() / "canary", {canary.MODULE_PATH: canary.MODULE}, canary.DATA)
            query = f'[{query_text(canary.ENTRYPOINTS)}, object.get(opa.runtime(), "version", "")]'
            found = self._query("canary", query, canary.input_text().encode())
            if not isinstance(found, list) or len(found) != 2 or not isinstance(found[1], str):
                raise EngineFault("malformed", "opa does not answer what it was asked")
            self._version = found[1][:100]
            check_canary(read_values(found[0], canary.ENTRYPOINTS, "opa"), f"opa {self._version}")
        except EngineFault as fault:
            self._ended = fault
        except Exception as fault:  # noqa: BLE001 - raised again, as a fault, by whoever asks the engine
            self._ended = EngineFault("crash", f"opa cannot be started: {type(fault).__name__}: {fault}")

    def _query(self, layer: str, query: str, given: bytes) -> Any:
        """The one value of a query."""
        command = [
            "eval",
            "--format",
            "json",
            "--strict-builtin-errors",
            "--stdin-input",
            "--data",
            layer,
            query,
        ]
        ran = self._run(command, given)
        if ran[0] != 0:
            raise self._fault_of(ran, default="crash")
        found = read_json(ran[1], "opa")
        if isinstance(found, dict) and "errors" in found:
            raise error_fault(found["errors"], "opa")
        try:
            ((result,), rest) = found["result"], found.keys() - {"result"}
            (expression,) = result["expressions"]
            value = expression["value"]
        except (KeyError, TypeError, ValueError, AttributeError):
            raise EngineFault("malformed", "opa printed no single result") from None
        if rest:
            raise EngineFault(
                "malformed", f"opa printed {', '.join(sorted(map(str, rest)))[:100]} beside a result"
            )
        return value

    def _run(self, arguments: Sequence[str], given: bytes) -> tuple[int, bytes, str]:
        """Status, stdout and stderr of one process; limits that were met are raised and stay."""
        # The limit for Go's own collector comes before ours.
        bounds = Bounds(self.deadline_seconds, *self._limits)
        environment = {**bare_environment(), "GOMEMLIMIT": str(bounds.memory * 3 // 4)}
        try:
            ran = run_bounded([self._binary, *arguments], given, self._place(), environment, bounds)
        except OSError as error:
            self._ended = EngineFault("crash", f"opa cannot be started: {error}")
            raise self._ended from None
        over: dict[str, tuple[FaultCode, str]] = {
            "deadline": ("deadline", f"opa gave no answer within {bounds.seconds:g} s"),
            "memory": ("memory", "opa held more memory than its limit"),
            "output": ("malformed", f"opa printed more than {bounds.output} bytes"),
        }
        if ran.ended in over or ran.status < 0:
            crashed = f"opa ended with status {ran.status} {ran.err[-300:]}"
            self._ended = EngineFault(*over.get(ran.ended, ("crash", crashed)))
            raise self._ended
        return ran.status, ran.out, ran.err

    def _fault_of(self, ran: tuple[int, bytes, str], *, default: FaultCode) -> EngineFault:
        """The fault behind a process that ended with an error status."""
        status, out, err = ran
        found: Any = None
        for text in (out, err.encode()):
            with suppress(ValueError, RecursionError):
                found = json.loads(text)
            if isinstance(found, dict) and "errors" in found:
                return error_fault(with_paths(found["errors"], tuple(self._modules)), "opa")
        said = (err or out.decode("utf-8", "replace"))[-300:]
        return EngineFault(default, f"opa ended with status {status} {said}")
