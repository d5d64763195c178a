"""What came of tests: one outcome for each, and the report over all of them."""

from __future__ import annotations

from dpone.record import dataclass


@dataclass(frozen=True)
class Outcome:
    """One test. `name` is `<file>.<rule>` (`payments_test.test_x`), or the case's name in quotes after its
    file; `line` is that of the statement that is not true, or of the test; `problem` says what happened,
    empty when it passed, one line or more."""

    name: str
    path: str
    line: int
    problem: str = ""

    @property
    def passed(self) -> bool:
        """Whether the test holds."""
        return not self.problem


@dataclass(frozen=True)
class Report:
    """All outcomes in the order of files and lines."""

    outcomes: tuple[Outcome, ...]

    @property
    def passed(self) -> bool:
        """Whether there are tests and all of them hold."""
        return bool(self.outcomes) and all(outcome.passed for outcome in self.outcomes)
