"""SARIF 2.1.0 (OASIS Standard, errata 01): findings for code scanning, waivers as suppressions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dpone import __version__
from dpone.reports.model import Place, Report, ShownFinding, ShownRule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
EXITS = {"passed": (0, "passed"), "failed": (1, "not passed"), "undecided": (3, "could not decide")}


def render(report: Report) -> bytes:
    """The SARIF log with one run. `executionSuccessful` is false where nothing could be decided: the absence of
    results then says nothing."""
    import json

    run = _run(report)
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return (json.dumps(log, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def _run(report: Report) -> dict[str, Any]:
    rules = {rule.id: rule for rule in report.rules}
    for finding in report.findings:
        rules.setdefault(
            finding.rule, ShownRule(finding.rule, remedy=finding.remedy, mandatory=finding.mandatory)
        )
    index = {name: number for number, name in enumerate(sorted(rules))}
    files = {file.path: number for number, file in enumerate(report.files)}
    waived = any(finding.state == "waived" for finding in report.findings)
    category = "/".join(part for part in ("dpone", report.check, report.subject.get("environment", "")) if part)
    return {
        "tool": {
            "driver": {
                "name": "dpone",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(rules[name]) for name in sorted(rules)],
            }
        },
        "automationDetails": {"id": f"{category}/"},
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the workspace."}}},
        "invocations": [_invocation(report)],
        "artifacts": [
            {"location": _location(file.path, {}), "length": file.size, "hashes": {"sha-256": file.sha256}}
            for file in report.files
        ],
        "results": [_result(finding, report, index, files, waived) for finding in report.findings],
        "columnKind": "unicodeCodePoints",
        "properties": {
            "check": report.check,
            "status": report.status,
            "decision": report.decision,
            "subject": dict(report.subject),
        },
    }


def _rule(rule: ShownRule) -> dict[str, Any]:
    title = rule.title or rule.id
    # What a finding fills in is not known here: `{lowest}` is told as <lowest>.
    remedy = re.sub(r"\{(\w+)\}", r"<\1>", rule.remedy)
    told = rule.description or title
    return {
        "id": rule.id,
        "shortDescription": {"text": _text(title)},
        "fullDescription": {"text": _text(told)},
        "help": {"text": _text(f"{told} Remedy: {remedy}" if remedy else told)},
        "defaultConfiguration": {"level": "warning" if rule.severity == "warning" else "error"},
        "properties": {"mandatory": rule.mandatory, "remedy": remedy},
    }


def _invocation(report: Report) -> dict[str, Any]:
    code, words = EXITS[report.status]
    said: dict[str, Any] = {
        "executionSuccessful": report.status != "undecided",
        "exitCode": code,
        "exitCodeDescription": words,
    }
    if report.time:
        said["endTimeUtc"] = report.time
    if report.problem:
        said["toolExecutionNotifications"] = [{"level": "error", "message": {"text": _text(report.problem)}}]
    return said


def _result(
    finding: ShownFinding, report: Report, index: Mapping[str, int], files: Mapping[str, int], waived: bool
) -> dict[str, Any]:
    told = f"{finding.message} -> {finding.remedy}" if finding.remedy else finding.message
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": finding.level,
        "message": {"text": _text(told)},
        "locations": [_locations(finding, report, files)],
        "partialFingerprints": {"dpone/v1": finding.fingerprint},
        "properties": {
            "state": finding.state,
            "severity": finding.severity,
            "evidence": finding.about,
            "kind": finding.kind,
            "remedy": finding.remedy,
            "mandatory": finding.mandatory,
        },
    }
    if waived:  # all results or none: an absent property would mean that nobody looked (section 3.27.23)
        result["suppressions"] = [_suppression(finding)] if finding.state == "waived" else []
    return result


def _suppression(finding: ShownFinding) -> dict[str, Any]:
    said = {"kind": "external", "status": "accepted"}
    return {**said, "justification": finding.justification} if finding.justification else said


def _locations(finding: ShownFinding, report: Report, files: Mapping[str, int]) -> dict[str, Any]:
    place = finding.place if finding.place.path else Place(report.home)
    physical: dict[str, Any] = {"artifactLocation": _location(place.path, files)}
    if place.line:
        physical["region"] = {"startLine": place.line}
        if place.column:
            physical["region"]["startColumn"] = place.column
    name = finding.about or report.check
    logical = {"name": name, "fullyQualifiedName": f"{name}#{place.pointer}" if place.pointer else name}
    if place.pointer:
        logical["kind"] = "value"
    return {"physicalLocation": physical, "logicalLocations": [logical]}


def _location(path: str, files: Mapping[str, int]) -> dict[str, Any]:
    from urllib.parse import quote

    uri = quote(path, safe="/")
    if path.startswith("/"):
        return {"uri": f"file://{uri}"}
    if re.match(r"[A-Za-z]:/", path):
        return {"uri": f"file:///{path[:2]}{quote(path[2:], safe='/')}"}
    said: dict[str, Any] = {"uri": uri, "uriBaseId": ROOT}
    return {**said, "index": files[path]} if path in files else said


def _text(text: str) -> str:
    """A plain text message (section 3.11): braces are doubled, what reads as an embedded link is none."""
    text = text.replace("{", "{{").replace("}", "}}")
    if "](" in text:
        text = text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return text
