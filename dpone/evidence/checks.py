"""Named checks of data-quality tools, counted and listed alike whichever tool ran them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from dpone.evidence.fields import LISTED, names_text, plural
from dpone.evidence.model import Counts, Reported
from dpone.record import dataclass

Outcome = Literal["passed", "warned", "failed", "errored", "not_evaluated"]


@dataclass(frozen=True)
class Check:
    """One check: its name for people, what came of it, and the pointer to it."""

    name: str
    outcome: Outcome
    pointer: str


class Tally:
    """What came of all checks. A check that warned neither held nor failed; it is a fact of its own."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self.total = len(checks)
        self._by: dict[str, list[Check]] = {}
        for check in checks:
            self._by.setdefault(check.outcome, []).append(check)
        self._not_ok = [check for check in checks if check.outcome in ("failed", "errored")]

    def of(self, outcome: Outcome) -> int:
        """How many checks had this outcome."""
        return len(self._by.get(outcome, []))

    @property
    def evaluated(self) -> int:
        """How many checks were really run, whatever came of them."""
        return self.total - self.of("not_evaluated")

    def counts(self) -> Counts:
        """The counts of the canonical input."""
        return Counts(self.of("passed"), self.of("failed"), self.of("errored"), 0, self.of("not_evaluated"))

    def reported(self, run_failed: bool = False) -> Reported:
        """What the tool claims; `run_failed` is its own word on the whole."""
        if self._not_ok or run_failed:
            return "failed"
        return "passed" if self.evaluated else "empty"

    def facts(self) -> dict[str, Any]:
        """The facts every such kind has."""
        return {
            "checks": self.total,
            "evaluated": self.evaluated,
            "warned": self.of("warned"),
            "warned_names": self._names("warned"),
            "not_evaluated": self.of("not_evaluated"),
            "not_evaluated_names": self._names("not_evaluated"),
            "not_ok_total": len(self._not_ok),
            "not_ok": [
                {"name": check.name[:200], "outcome": check.outcome, "pointer": check.pointer}
                for check in self._not_ok[:LISTED]
            ],
            "not_ok_names": names_text([check.name[:100] for check in self._not_ok]),
            "not_ok_at": self._not_ok[0].pointer if self._not_ok else "",
        }

    def summary(self) -> str:
        """One line for people."""
        rest = (
            f"; {plural(self.of('not_evaluated'), 'check')} not evaluated" if self.of("not_evaluated") else ""
        )
        if not self.evaluated:
            return f"nothing was evaluated{rest}"
        if self._not_ok:
            names = names_text([check.name[:100] for check in self._not_ok])
            return f"{len(self._not_ok)} of {self.evaluated} checks failed: {names}{rest}"
        warned = f", {self.of('warned')} warned" if self.of("warned") else ""
        return f"{self.evaluated} checks evaluated, 0 failed{warned}{rest}"

    def _names(self, outcome: Outcome) -> str:
        return names_text([check.name[:100] for check in self._by.get(outcome, [])])
