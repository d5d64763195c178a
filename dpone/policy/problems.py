"""What is wrong with a policy file: where, a stable code, one sentence."""

from __future__ import annotations

from dpone.record import dataclass


@dataclass(frozen=True, order=True)
class LintProblem:
    """One problem. `path` is relative to the layer, line and column count from 1, `code` is stable."""

    path: str
    line: int
    column: int
    code: str
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}:{self.column} " if self.path else ""
        return f"{place}{self.message} [{self.code}]"
