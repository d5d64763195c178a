"""Certification harness: load strategies really run in the embedded engine, held against an oracle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dpone.canonical import pretty_bytes
from dpone.data.certification.matrix import Case
from dpone.data.certification.results import PROFILE, Certification, certify
from dpone.decisions.request import GateRequest, Verdict
from dpone.evidence.collect import Service
from dpone.ops.session import Session
from dpone.record import replace
from dpone.reports.markdown import table

GATE, ARTIFACT, NAME = "certification-run", "certification_report", "certification"
FILES = "__behavior.json"
"""What comes after the case id in the name of a behaviour file."""
LISTED = 1000
"""Cases in the Markdown file; the JSON file has all."""


def request(session: Session, cases: Sequence[Case]) -> GateRequest:
    """Run the cases and ask whether all of them stand. Raises `UndecidedError` where there is no room for
    the data."""
    found = certify(cases)
    stale = _stale(session, cases)
    facts = {**found.facts(), "stale_files": len(stale), "first_stale_file": stale[0] if stale else ""}
    return replace(
        session.ask(ARTIFACT, lambda verdict: view(verdict, found)),
        services=(Service(NAME, ARTIFACT, facts, f"{len(cases)} cases, {facts['simulated']} simulated"),),
        files=lambda verdict: behaviour_files(verdict, found),
        sections=_sections(found),
        said=_said(found),
        title="Certification report",
    )


def _said(found: Certification) -> dict[str, Any]:
    """For readiness gates: how much was run, and the cases in which the connectors themselves took part."""
    rows = [result.execution.sought.source_count for result in found.results]
    executed = [r.case for r in found.results if r.case.evidence_status == "executed"]
    return {
        "case_count": len(found.results),
        "min_row_count": min(rows, default=0),
        "max_row_count": max(rows, default=0),
        "max_column_count": max((result.execution.columns for result in found.results), default=0),
        "executed_cases": [f"{c.source}:{c.sink}:{c.strategy}" for c in executed],
    }


def _stale(session: Session, cases: Sequence[Case]) -> list[str]:
    """Behaviour files in the output folder that this run does not write, sorted."""
    own = {case.case_id + FILES for case in cases}
    return sorted({path.name for path in session.output_dir.glob(f"*{FILES}")} - own)


def view(verdict: Verdict, found: Certification) -> dict[str, Any]:
    """The fields old scripts read; whether a case stands is what the rules said about its execution."""
    red = red_cases(verdict, found)
    return {
        "profile": PROFILE,
        "case_count": len(found.results),
        "results": [
            {
                "case_id": result.case.case_id,
                "passed": result.case.case_id not in red,
                "evidence_status": result.case.evidence_status,
                "artifact_path": f"{verdict.output_dir}/{result.case.case_id}{FILES}",
                "expected_row_count": result.execution.sought.expected.count,
                "actual_row_count": result.execution.found.actual.count,
                "expected_checksum": result.execution.sought.expected.checksum,
                "actual_checksum": result.execution.found.actual.checksum,
            }
            for result in found.results
        ],
    }


def red_cases(verdict: Verdict, found: Certification) -> frozenset[str]:
    """Ids of the cases that do not stand: a denied finding names them or their strategy; all of them when
    one is about the certification as a whole, or when nothing was decided."""
    cases = [result.case for result in found.results]
    ids = {case.case_id for case in cases}
    keys = {finding.key for finding in verdict.result.denied if finding.evidence == NAME}
    if verdict.result.status == "undecided" or keys - ids - {case.strategy for case in cases}:
        return frozenset(ids)
    return frozenset(case.case_id for case in cases if keys & {case.case_id, case.strategy})


def behaviour_files(verdict: Verdict, found: Certification) -> dict[str, bytes]:
    """One file per case: samples, what was compared, and what the rules said about it."""
    red = red_cases(verdict, found)
    denied = {(f.rule.rpartition(".")[2], f.key) for f in verdict.result.denied if f.evidence == NAME}
    undecided = verdict.result.status == "undecided"
    return {
        result.case.case_id + FILES: pretty_bytes(
            {
                **result.behaviour(),
                "passed": result.case.case_id not in red,
                "quality_checks": [
                    {
                        "name": check["name"],
                        "expected": check["expected"],
                        "actual": check["actual"],
                        "passed": not undecided and (check["rule"], result.case.strategy) not in denied,
                    }
                    for check in result.checks()
                ],
            }
        )
        for result in found.results
    }


def _sections(found: Certification) -> tuple[str, ...]:
    rows = [
        (
            result.case.case_id,
            result.case.evidence_status,
            result.execution.sought.expected.count,
            result.execution.found.actual.count,
            result.execution.found.actual.checksum,
        )
        for result in found.results[:LISTED]
    ]
    head = ("case", "evidence", "rows expected", "rows found", "checksum found")
    return ("## Cases", "", *table(head, rows), "")
