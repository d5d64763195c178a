"""Industrial readiness: a release's evidence by domain, and the matrix cases that really ran and passed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dpone.decisions.request import GateRequest, Verdict
from dpone.errors import UsageError
from dpone.ops.readiness import Domain, common_view, ready_request, sections
from dpone.ops.session import Session
from dpone.record import replace

GATE, ARTIFACT = "industrial-readiness", "industrial_readiness"
REQUIRED = (
    "local_matrix", "correctness", "reliability", "performance_lab", "ux", "governance", "schema_evolution",
)  # fmt: skip
LEVEL = "industrial-readiness.level"
MATRIX = "local_matrix"
PARTS = 3


def request(
    session: Session, artifacts: Sequence[str], require: Sequence[str], cases: Sequence[str]
) -> GateRequest:
    """Ask whether a release is ready for industrial use; `cases` are `source:sink:strategy`, each of which the
    matrix must have run and passed. Raises `UsageError` for another form."""
    for case in cases:
        parts = case.split(":")
        if len(parts) != PARTS or not all(parts) or "".join(case.split()) != case or not case.isprintable():
            raise UsageError(
                f"--case {case[:80]!r} is not SOURCE:SINK:STRATEGY", "write postgres:mssql:full_refresh"
            )
    asked, domains = ready_request(session, ARTIFACT, REQUIRED, artifacts, require)
    wanted = tuple(dict.fromkeys(cases))
    return replace(
        asked,
        parameters={"cases": list(wanted)},
        view=lambda verdict: view(verdict, domains, wanted),
        told=lambda verdict: _told(verdict, domains, wanted),
    )


def view(verdict: Verdict, domains: Sequence[Domain], cases: Sequence[str]) -> dict[str, Any]:
    """The fields old scripts read; which required cases are covered is what the rules said."""
    common = common_view(verdict, domains, LEVEL, ARTIFACT)
    missing = [
        f.key.partition(":")[2] for f in verdict.result.denied if f.key.startswith("local_matrix.case_missing:")
    ]
    item = next((e for e in verdict.evidence if e.name == MATRIX), None)
    said = item.facts.get("said", {}) if item else {}
    common["matrix"] = {
        "total_cases": said.get("case_count", 0),
        "min_row_count": said.get("min_row_count", 0),
        "max_row_count": said.get("max_row_count", 0),
        "max_column_count": said.get("max_column_count", 0),
        "required_cases": list(cases),
        "covered_cases": [case for case in cases if case not in missing],
        "missing_cases": missing,
    }
    common["next"] += [
        {"domain": MATRIX, "gain": 0, "why": "case_missing", "do": f"run and pass the case {case}", "kinds": []}
        for case in missing
    ]
    for row in common["items"]:
        row["blockers"] = [f.key or f.rule for f in verdict.result.denied if f.evidence == row["domain"]]
    return common


def _told(verdict: Verdict, domains: Sequence[Domain], cases: Sequence[str]) -> list[str]:
    found = view(verdict, domains, cases)
    matrix = found["matrix"]
    from dpone.reports.markdown import escape

    lines = sections(found["items"], found["next"])
    if cases:
        lines += ["## Required cases", ""]
        lines += [
            f"- {escape(case)}: {'not covered' if case in matrix['missing_cases'] else 'ran and passed'}"
            for case in cases
        ]
        lines.append("")
    return lines
