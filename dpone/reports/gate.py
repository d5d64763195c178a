"""The report of a gate's decision, for every output format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from dpone.canonical import pretty_bytes
from dpone.errors import one_line
from dpone.evidence.model import Evidence, Subject
from dpone.record import asdict
from dpone.reports.lines import lines_of
from dpone.reports.model import Case, Place, Report, ShownFile, ShownFinding, ShownRule
from dpone.reports.text import concern_sentence, concerns, places, text_report, waiver_sentence

if TYPE_CHECKING:
    from dpone.decisions.decide import Outcome
    from dpone.decisions.result import Finding


def gate_report(outcome: Outcome) -> Report:
    """The report of a decision that was taken."""
    verdict, request = outcome.decision.verdict, outcome.request
    home = f"{verdict.output_dir}/{request.stem}.json"
    files = outcome.decision.files
    return Report(
        request.gate,
        verdict.result.status,
        home,
        verdict.decided_at,
        _said(verdict.subject),
        outcome.decision.id,
        verdict.result.problem,
        tuple(_findings(outcome, home)),
        tuple(concern_sentence(group) for group in concerns(verdict.result.warned)),
        tuple(_rules(outcome)),
        tuple(Case(row.rule, row.evidence) for row in verdict.result.table),
        tuple(_files(verdict.evidence)),
        text_report(outcome).encode("utf-8", "replace"),
        files[f"{request.stem}.json"],
        files[f"{request.stem}.md"],
    )


def fault_report(gate: str, subject: Subject, home: str, problem: str) -> Report:
    """The report of a run that came to no decision: never silent, so that no older green output stays."""
    told = one_line(problem)
    document = {"status": "undecided", "passed": False, "problem": told}
    return Report(
        gate,
        "undecided",
        home,
        subject=_said(subject),
        problem=told,
        text=f"{gate}  UNDECIDED\nUNDECIDED  {told}\n".encode("utf-8", "replace"),
        document=pretty_bytes(document),
        markdown=f"# UNDECIDED\n\n{told}\n".encode("utf-8", "replace"),
    )


def _said(subject: Subject) -> dict[str, str]:
    return {name: value for name, value in asdict(subject).items() if value}


def _findings(outcome: Outcome, home: str) -> Iterable[ShownFinding]:
    verdict = outcome.decision.verdict
    uris = places(outcome)
    findings = (*verdict.result.findings, *verdict.result.notes)
    lines = _lines(verdict.evidence, findings)
    for finding in findings:
        path = uris.get(finding.evidence) or home
        line = lines.get((finding.evidence, finding.pointer), 0)
        yield ShownFinding(
            finding.rule,
            finding.state,
            finding.severity,
            finding.evidence,
            finding.message or finding.rule,
            finding.remedy,
            Place(path, line, pointer=finding.pointer),
            finding.fingerprint,
            finding.kind,
            finding.mandatory,
            _justification(finding.public()),
        )


def _justification(finding: Mapping[str, Any]) -> str:
    """Why a waived finding does not count, from what it says of its waiver: a sentence or named values."""
    said = finding.get("waiver") or finding.get("justification") or ""
    if isinstance(said, Mapping) and "until" in said:
        return waiver_sentence(said)
    if isinstance(said, Mapping):
        return ", ".join(f"{name}: {value}" for name, value in said.items() if value)
    return str(said)


def _lines(evidence: Iterable[Evidence], findings: Iterable[Finding]) -> dict[tuple[str, str], int]:
    wanted: dict[str, list[str]] = {}
    for finding in findings:
        wanted.setdefault(finding.evidence, []).append(finding.pointer)
    found: dict[tuple[str, str], int] = {}
    for item in evidence:
        if item.producer != "service":
            lines = lines_of(item.data, wanted.get(item.name, ()))
            found.update({(item.name, pointer): line for pointer, line in lines.items()})
    return found


def _rules(outcome: Outcome) -> Iterable[ShownRule]:
    for layer in outcome.layers:
        for rule in layer.inventory:
            if rule.kind in ("check", "code"):
                yield ShownRule(
                    rule.code or rule.id,
                    rule.title,
                    rule.description,
                    rule.remedy,
                    rule.severity,
                    rule.mandatory,
                )


def _files(evidence: Iterable[Evidence]) -> Iterable[ShownFile]:
    seen: set[str] = set()
    for item in evidence:
        if item.sha256 and item.producer != "service" and item.uri not in seen:
            seen.add(item.uri)
            yield ShownFile(item.uri, item.sha256, item.size_bytes)
