"""What a policy engine is to the rest of dpone, and the one error it may raise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

from dpone.errors import UndecidedError

Modules = Mapping[str, str]
"""Texts of modules by their paths."""
Data = Mapping[str, Any]
"""The one data document beside them."""
Names = Sequence[str]

FaultCode = Literal["crash", "deadline", "memory", "malformed", "evaluation", "undefined", "canary", "load"]
"""Why an engine gave no usable answer.

`crash` the process ended; `deadline` and `memory` it was ended for using too much; `malformed` its answer
is not one JSON value per entry point; `evaluation` a built-in function failed on this input; `undefined`
an entry point that must have a value has none (raised by callers that know); `canary` it computes known
expressions wrongly; `load` it does not accept the modules.
"""


EngineTrust = Literal["embedded", "pinned", "read_back", "local"]
"""What stands behind an engine: `embedded` it is a dependency of dpone in the version the tests speak of;
`pinned` the program has the digest dpone.yaml names; `read_back` a server gave back the very layers it was
given, over a connection nobody else can change; `local` nothing but this machine, and in a protected
environment that is not enough (rule `evidence.engine_vouched`)."""


class EngineFault(UndecidedError):
    """The engine could not answer. Never a pass and never a denial: the decision is undecided (exit 3)."""

    def __init__(self, fault: FaultCode, message: str, advice: str = "") -> None:
        super().__init__(message, advice or _ADVICE[fault], code=f"engine.{fault}")
        self.fault: FaultCode = fault


class Engine(Protocol):
    """One policy layer in one engine. Calls are made from one thread: load, evaluate, evaluate, …

    `deadline_seconds` is the longest wait for one answer.
    """

    deadline_seconds: float

    @property
    def name(self) -> str:
        """The engine's name, for example `regopy`."""

    @property
    def version(self) -> str:
        """The version of what really answers; waits until the engine has started. Raises `EngineFault`."""

    @property
    def canary(self) -> str:
        """The digest (hex) of the expressions this engine had to answer correctly before it was trusted."""

    @property
    def sha256(self) -> str:
        """The digest (hex) of the program that answers; empty where there is none to take. Raises `EngineFault`."""

    @property
    def trust(self) -> EngineTrust:
        """What stands behind its answers."""

    def load(self, modules: Modules, data: Data, entrypoints: Names) -> None:
        """Send a layer (module texts by path, the one data document) without waiting for it to build.

        Entry points are paths such as ``dpone/evidence/fresh`` (a rule) or ``dpone/evidence`` (a package,
        whose value is an object of all its rules). What was loaded before is replaced, unless it is the same.
        That the layer does not build is raised by the next `evaluate` or `wait`.
        """

    def add(self, modules: Modules, data: Data, entrypoints: Names) -> None:
        """Send a further part of the layer that is loaded, to be built beside it: its modules and those sent
        before do not see each other. `evaluate` asks all parts."""

    def wait(self) -> None:
        """Wait until everything sent so far is built; raises `EngineFault`."""

    def evaluate(self, input_text: str, entrypoints: Sequence[str] | None = None) -> dict[str, Any]:
        """Judge one canonical JSON document; return the value of every entry point that has one.

        `entrypoints` asks only some of those that were loaded.
        Sets come back as lists in no particular order. An undefined entry point is absent. Raises
        `EngineFault`; after `crash`, `deadline` and `memory` the engine stays unusable.
        """

    def begin(self, input_text: str) -> Callable[[], dict[str, Any]]:
        """Ask every entry point about one document without waiting: what is returned gives the answers, as
        `evaluate` does, whenever it is called. Several may be begun, and told in any order."""

    def close(self) -> None:
        """End the engine and free what it holds. May be called twice; never raises."""


_ADVICE: dict[FaultCode, str] = {
    "crash": "run again; if it stays, find the rule with `dpone policy test` and report the engine's text",
    "deadline": "look for loops over large collections in the policies, or raise limits.decide",
    "memory": "look for rules that build large values, and for input that is far above 20 KB",
    "malformed": "keep to the portable dialect: docs/policies/dialect.md",
    "evaluation": "see which field the rule expects and whether the input schema promises it",
    "undefined": "check the rule's name and package",
    "canary": "install the engine version that dpone pins",
    "load": "run `dpone policy lint` on the layer",
}
