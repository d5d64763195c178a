"""GitHub: annotations on stdout, the step summary and the step's outputs in the files GitHub names.

Workflow commands: docs.github.com, "Workflow commands for GitHub Actions".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dpone.reports.model import Report, ShownFinding

WITHOUT_PATH = True
WORDS = {"passed": "PASSED", "failed": "FAILED", "undecided": "UNDECIDED"}
ANNOTATIONS = 10
"""GitHub shows at most ten annotations of a kind for a step."""
SUMMARY = 500_000
"""Bytes of a summary; GitHub refuses more than 1 MiB from one step, and shows none of it."""


def render(report: Report) -> bytes:
    """The annotations. The title of each says which of passed, failed and undecided it was, for the exit codes
    1 and 3 look alike in a list of checks."""
    title = _property(f"{report.check} {WORDS[report.status]}")
    lines = [_at("error", finding, title) for finding in report.red]
    lines = _first(lines, f"::error title={title}::and {{}} more, in the step summary")
    concerns = [f"::warning title={title}::{_data(sentence)}" for sentence in report.concerns]
    lines += _first(concerns, f"::warning title={title}::and {{}} more, in the step summary")
    waived = [_at("notice", finding, title) for finding in report.findings if finding.state == "waived"]
    if report.status == "passed":
        waived.insert(0, f"::notice title={title}::{_data(report.decision[:16] or 'preview')}")
    lines += _first(waived, f"::notice title={title}::and {{}} more waived, in the step summary")
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def appended(report: Report) -> Mapping[str, bytes]:
    """The step summary, and the outputs `outcome=passed|failed|undecided` and `decision=<id>`."""
    return {
        "GITHUB_STEP_SUMMARY": _bounded(report.markdown),
        "GITHUB_OUTPUT": f"outcome={report.status}\ndecision={report.decision}\n".encode(),
    }


def _at(command: str, finding: ShownFinding, title: str) -> str:
    place = finding.place
    spot = f",line={place.line}" if place.line else ""
    spot += f",col={place.column}" if place.line and place.column else ""
    where = f"file={_property(place.path)}{spot}," if place.path else ""
    text = f"{finding.message} ({', '.join(part for part in (str(place), f'rule {finding.rule}') if part)})"
    if finding.state == "waived":
        text = f"waived: {text}" + (f": {finding.justification}" if finding.justification else "")
    elif finding.remedy:
        text += f" -> {finding.remedy}"
    return f"::{command} {where}title={title}::{_data(text)}"


def _first(lines: Iterable[str], rest: str) -> list[str]:
    lines = list(lines)
    if len(lines) <= ANNOTATIONS:
        return lines
    return [*lines[: ANNOTATIONS - 1], rest.format(len(lines) - ANNOTATIONS + 1)]


def _bounded(markdown: bytes) -> bytes:
    if len(markdown) <= SUMMARY:
        return markdown
    kept = markdown[: markdown.rfind(b"\n", 0, SUMMARY) + 1]
    return kept + b"\n(cut; the whole of it is in the Markdown artifact)\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
