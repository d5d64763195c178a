"""A value that an option gave, wherever it came from, and how a service answers when it is no good."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from dpone.canonical import JsonProblem, sha256_hex
from dpone.errors import UsageError
from dpone.evidence.collect import Service
from dpone.record import dataclass, field, replace

T = TypeVar("T")


@dataclass(frozen=True)
class Source:
    """One option's value. `origin` is `inline`, `stdin` or a path; `state` is `present`, or the state the
    evidence made from it gets, with its reason and message."""

    option: str
    origin: str
    data: bytes = field(default=b"", repr=False)
    value: Any = None
    state: str = "present"
    reason: str = ""
    message: str = ""

    def material(self) -> dict[str, Any]:
        """The entry in a decision's materials: what it was made from."""
        return {
            "name": self.option.lstrip("-"),
            "uri": self.origin,
            "kind": "option",
            "state": self.state,
            "sha256": sha256_hex(self.data) if self.state in ("present", "invalid") else "",
        }


def unusable(name: str, kind: str, sources: tuple[Source, ...]) -> Service | None:
    """The evidence of a service whose inputs cannot be used; None when all of them can."""
    bad = next((s for s in sources if s.state != "present"), None)
    if bad is None:
        return None
    return Service(
        name,
        kind,
        {},
        "",
        materials=tuple(s.material() for s in sources),
        state=bad.state,
        reason=bad.reason or bad.state,
        message=f"{bad.option} {bad.origin}: {bad.message}",
    )


def interpret(source: Source, read: Callable[[Source], T]) -> tuple[T | None, Source]:
    """Read the value of a source with its strict reader.

    What an option says inline is the command line, so a wrong shape there raises (exit 2); from a file
    it makes the evidence invalid, and the gate decides (exit 1).
    """
    if source.state != "present":
        return None, source
    try:
        return read(source), source
    except UsageError as error:
        if source.origin == "inline":
            raise UsageError(f"{source.option}: {error.message}", error.advice) from None
        return None, replace(source, state="invalid", reason="wrong_shape", message=error.message)
    except JsonProblem as problem:
        if source.origin == "inline":
            raise UsageError(f"{source.option}: {problem}", "give one value, a path, @path or -") from None
        return None, replace(source, state="invalid", reason=problem.reason, message=str(problem))
