"""Cases with what their executions gave: as facts for rules, and as behaviour files for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dpone.canonical import digest
from dpone.data.certification.execution import CONTROLS, Execution, execute
from dpone.data.certification.matrix import Case
from dpone.record import dataclass

PROFILE = "mock_contract"
"""What a run without real systems is called in reports."""


@dataclass(frozen=True)
class CaseResult:
    """A case and the execution that stands for it; cases of one strategy share theirs."""

    case: Case
    execution: Execution

    @property
    def notes(self) -> list[str]:
        """What a reader of the behaviour file must know."""
        if self.case.evidence_status == "executed":
            return ["source and sink are SQLite; the strategy ran for real"]
        return [
            "the strategy ran for real in SQLite in place of source and sink; neither connector was touched",
            f"one execution stands for all simulated cases of {self.case.strategy} in this report",
        ]

    def behaviour(self) -> dict[str, Any]:
        """The content of ``<case_id>__behavior.json``; whether anything passed is not said here."""
        case, sought, found = self.case, self.execution.sought, self.execution.found
        before = sought.before.count
        return {
            "case_id": case.case_id,
            "source": case.source,
            "sink": case.sink,
            "strategy": case.strategy,
            "evidence_status": case.evidence_status,
            "configured_row_count": case.row_count,
            "source_row_count": sought.source_count,
            "target_before_count": before,
            "expected_row_count": sought.expected.count,
            "actual_row_count": found.actual.count,
            "expected_checksum": sought.expected.checksum,
            "actual_checksum": found.actual.checksum,
            "change_ratio": _ratio(sought.changed, before),
            "changed_row_count": sought.changed,
            "delete_ratio": _ratio(sought.deleted, before),
            "deleted_row_count": sought.deleted,
            "inserted_row_count": sought.inserted,
            "notes": self.notes,
            **sought.samples,
            "actual_rows": found.sample,
        }

    def checks(self) -> list[dict[str, Any]]:
        """What was compared in this case, each with the name of the rule that judges it."""
        sought, found = self.execution.sought, self.execution.found
        compared = (
            ("row_count", "counts_match", sought.expected.count, found.actual.count),
            ("checksum", "checksums_match", sought.expected.checksum, found.actual.checksum),
            ("duplicate_keys", "keys_unique", 0, found.duplicate_keys),
            ("engine_error", "strategies_ran", "", found.error),
        )
        seen = {control.name: control.seen_by for control in found.controls}
        return [
            *({"name": n, "rule": rule, "expected": e, "actual": a} for n, rule, e, a in compared),
            *(
                {
                    "name": f"control.{n}",
                    "rule": "controls_noticed",
                    "expected": "noticed",
                    "actual": seen.get(n, ""),
                }
                for n in CONTROLS
            ),
        ]


@dataclass(frozen=True)
class Certification:
    """The results of a certification run, sorted by case id, all with one row count."""

    results: tuple[CaseResult, ...]

    @property
    def executions(self) -> Mapping[str, Execution]:
        """What really ran, by strategy."""
        return {result.case.strategy: result.execution for result in self.results}

    def facts(self) -> dict[str, Any]:
        """Facts of kind ``certification_report``: each execution once, with how many cases rest on it, so
        that no case is left out however many there are."""
        statuses = Counter(result.case.evidence_status for result in self.results)
        cases = Counter(result.case.strategy for result in self.results)
        ids = [result.case.case_id for result in self.results]
        return {
            "case_count": len(ids),
            "cases_digest": digest(ids),
            "executed": statuses["executed"],
            "simulated": statuses["simulated"],
            "row_count": self.results[0].case.row_count if self.results else 0,
            "control_count": len(CONTROLS),
            "executions": [_execution(run, cases[name]) for name, run in sorted(self.executions.items())],
        }


def certify(cases: Sequence[Case]) -> Certification:
    """Run every case in a scratch folder that is removed again; cases of one strategy share one execution.
    Raises `UndecidedError` when the folder cannot hold the data."""
    done: dict[tuple[str, int], Execution] = {}
    for case in cases:
        key = (case.strategy, case.row_count)
        if key not in done:
            with TemporaryDirectory(prefix="dpone-certification-") as folder:
                done[key] = execute(*key, Path(folder))
    return Certification(tuple(CaseResult(case, done[case.strategy, case.row_count]) for case in cases))


def _execution(run: Execution, cases: int) -> dict[str, Any]:
    return {
        "strategy": run.strategy,
        "cases": cases,
        "expected_row_count": run.sought.expected.count,
        "actual_row_count": run.found.actual.count,
        "expected_checksum": run.sought.expected.checksum,
        "actual_checksum": run.found.actual.checksum,
        "duplicate_keys": run.found.duplicate_keys,
        "controls": len(run.found.controls),
        "missed_controls": [control.name for control in run.found.controls if not control.seen_by],
        "error": run.found.error,
    }


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 0.0
