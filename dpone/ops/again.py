"""A decision that was taken again in another world, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpone.decisions.stored import Stored
from dpone.record import dataclass


@dataclass(frozen=True)
class Change:
    """One finding that is new or gone: its rule, what it is about, and its sentence (empty when it is gone)."""

    rule: str
    evidence: str
    message: str


@dataclass(frozen=True)
class Again:
    """A decision taken again: `before` and `after` are its statuses; `problem` says why it could not be decided
    there, `cannot` why it could not even be asked; `config` is what is set otherwise, old and new, fit to be
    shown; `lost` are mandatory rules that answered then and are not asked now."""

    stored: Stored
    before: str
    after: str = ""
    new: tuple[Change, ...] = ()
    gone: tuple[Change, ...] = ()
    config: Mapping[str, tuple[str, str]] | None = None
    lost: tuple[str, ...] = ()
    problem: str = ""
    cannot: str = ""

    @property
    def flips(self) -> bool:
        """Whether the verdict is another one."""
        return not self.cannot and self.before != self.after

    @property
    def weaker(self) -> bool:
        """Whether what was refused would pass."""
        return self.flips and self.after == "passed"

    def row(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "decision": self.stored.id,
            "entry": self.stored.entry.index + 1,
            "gate": self.stored.gate,
            "release": self.stored.subject.release,
            "environment": self.stored.subject.environment,
            "before": self.before,
            "after": self.after,
            "flips": self.flips,
            "new": [vars(change) for change in self.new],
            "gone": [vars(change) for change in self.gone],
            "problem": self.problem,
            "cannot": self.cannot,
        }
