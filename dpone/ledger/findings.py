"""Collecting what a verification finds."""

from __future__ import annotations

from dpone.ledger.interface import Defect
from dpone.record import dataclass, field


@dataclass
class Findings:
    """Defects and remarks, in the order they were found."""

    defects: list[Defect] = field(default_factory=list)
    remarks: list[Defect] = field(default_factory=list)

    def defect(self, index: int | None, what: str, message: str) -> None:
        """Something was changed, removed or forged."""
        self.defects.append(Defect(index, what, message))

    def remark(self, index: int | None, what: str, message: str) -> None:
        """Something a crash can leave, on which nothing rests."""
        self.remarks.append(Defect(index, what, message))

    def sorted_defects(self) -> tuple[Defect, ...]:
        """The defects by entry, those of the whole ledger last."""
        return tuple(sorted(self.defects, key=lambda found: (found.index is None, found.index or 0)))
