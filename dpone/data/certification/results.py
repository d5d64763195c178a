"""Cases with what their executions gave, as facts, report rows and behaviour files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from dpone.data.certification.execution import Execution, execute
from dpone.data.certification.matrix import Case
from dpone.record import dataclass

PROFILE = "mock_contract"
"""What a run without real systems is called in reports."""


@dataclass(frozen=True)
class CaseResult:
    """A case and the execution that stands for it; simulated cases of one strategy share theirs."""

    case: Case
    execution: Execution

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the behaviour file must know."""
        if self.case.evidence_status == "executed":
            return ("source and sink are SQLite; the strategy ran for real",)
        return (
            "the strategy ran for real in SQLite in place of source and sink; neither connector was touched",
            f"the execution is that of {self.case.execution}, shared by all simulated cases of the strategy",
        )

    def behaviour(self) -> dict[str, Any]:
        """The content of ``<case_id>__behavior.json``, without a verdict."""
        run, case = self.execution, self.case
        before = run.before.count
        return {
            "case_id": case.case_id,
            "source": case.source,
            "sink": case.sink,
            "strategy": case.strategy,
            "evidence_status": case.evidence_status,
            "configured_row_count": case.row_count,
            "source_row_count": run.source_count,
            "target_before_count": before,
            "expected_row_count": run.expected.count,
            "actual_row_count": run.actual.count,
            "expected_checksum": run.expected.checksum,
            "actual_checksum": run.actual.checksum,
            "changed_row_count": run.changed,
            "change_ratio": _ratio(run.changed, before),
            "deleted_row_count": run.deleted,
            "delete_ratio": _ratio(run.deleted, before),
            "inserted_row_count": run.inserted,
            "quality_checks": [
                {"name": "row_count", "expected": run.expected.count, "actual": run.actual.count},
                {"name": "checksum", "expected": run.expected.checksum, "actual": run.actual.checksum},
                {"name": "duplicate_keys", "expected": 0, "actual": run.duplicate_keys},
                *({"name": f"control.{c.name}", "seen_by": c.seen_by} for c in run.controls),
            ],
            "notes": list(self.notes),
            **run.samples,
        }


@dataclass(frozen=True)
class Certification:
    """The results of a certification run, in the order of the cases, all with one row count."""

    results: tuple[CaseResult, ...]

    def facts(self) -> dict[str, Any]:
        """Facts of kind ``certification_report``: each execution once, with how many cases rest on it."""
        statuses = Counter(result.case.evidence_status for result in self.results)
        cases = Counter(result.case.execution for result in self.results)
        first = {result.case.execution: index for index, result in reversed(list(enumerate(self.results)))}
        return {
            "case_count": len(self.results),
            "executed": statuses["executed"],
            "simulated": statuses["simulated"],
            "executions": [
                {**_execution(self.results[first[name]].execution), "execution": name, "cases": cases[name],
                 "pointer": f"/results/{first[name]}"}
                for name in sorted(first)
            ],
        }  # fmt: skip


def certify(cases: Iterable[Case]) -> Certification:
    """Run every case; cases of one strategy and row count share one execution."""
    done: dict[tuple[str, str, int], Execution] = {}
    results = []
    for case in cases:
        key = (case.strategy, case.execution, case.row_count)
        if key not in done:
            done[key] = execute(*key)
        results.append(CaseResult(case, done[key]))
    return Certification(tuple(results))


def _execution(run: Execution) -> dict[str, Any]:
    return {
        "strategy": run.strategy,
        "row_count": run.row_count,
        "expected_row_count": run.expected.count,
        "actual_row_count": run.actual.count,
        "expected_checksum": run.expected.checksum,
        "actual_checksum": run.actual.checksum,
        "duplicate_keys": run.duplicate_keys,
        "controls": len(run.controls),
        "missed_controls": [control.name for control in run.controls if not control.seen_by],
        "error": run.error,
    }


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 0.0
