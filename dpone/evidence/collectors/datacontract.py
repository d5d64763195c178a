"""Test results of datacontract-cli 1.x: its result model as JSON. A check may have no result: then it was
not evaluated. (Its JUnit output is read by the kind `junit`.)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpone.evidence.checks import Check, Outcome, Tally
from dpone.evidence.fields import Field
from dpone.evidence.model import Document, Reading

KIND = "datacontract"
TITLE = "datacontract-cli test result"
PRODUCER = "datacontract test --output-format json --output build/datacontract.json datacontract.yaml"

_OUTCOMES: dict[str, Outcome] = {
    "passed": "passed",
    "warning": "warned",
    "failed": "failed",
    "error": "errored",
    "info": "not_evaluated",
    "skipped": "not_evaluated",
    "unknown": "not_evaluated",
}
_WHOLE = ("passed", "warning", "failed", "error", "info", "skipped", "unknown")


def recognize(document: Document) -> bool:
    """Whether this is a test run that names version 1 of the tool."""
    return _version(document).partition(".")[0] == "1"


def near(document: Document) -> str:
    """Name another version, or a run that names none."""
    root = document.root
    version = _version(document)
    if version:
        return f"a test run of datacontract-cli {version[:20]}; 1.x is understood"
    unnamed = isinstance(root, dict) and {"runId", "dataContractId", "checks"} <= set(root)
    return (
        "a test run of a datacontract-cli that does not name its version; 1.x is understood" if unnamed else ""
    )


def read(document: Document, _options: Mapping[str, Any]) -> Reading:
    """Count the checks by result and compare them with the result of the run."""
    root = Field(document.root)
    tally = Tally([_check(each) for each in root.at("checks").array()])
    result = root.at("result").choice(_WHOLE)
    dry = root.get("dryRun")
    dry_run = dry.boolean() if dry else False
    bad = tally.of("failed") + tally.of("errored")
    contradictions = []
    if bad and result in ("passed", "warning", "info", "skipped"):
        contradictions.append(f"/result is {result}, {bad} of its checks failed")
    if result == "failed" and not bad:
        contradictions.append("/result is failed, none of its checks did")
    if result == "passed" and tally.of("warned"):
        contradictions.append(f"/result is passed, {tally.of('warned')} of its checks warned")
    evaluated = 0 if dry_run else tally.evaluated
    when = root.get("timestampEnd")
    return Reading(
        kind=KIND,
        tool="datacontract-cli",
        reported="empty" if dry_run else tally.reported(result in ("failed", "error")),
        counts=tally.counts(),
        facts={**tally.facts(), "evaluated": evaluated, "dry_run": dry_run, "result": result},
        summary="a dry run: nothing was evaluated" if dry_run else tally.summary(),
        produced_at=when.instant() if when else None,
        contradictions=tuple(contradictions),
    )


def _check(check: Field) -> Check:
    named = check.get("key") or check.get("name") or check.at("type")
    result = check.get("result")
    outcome: Outcome = _OUTCOMES[result.choice(_OUTCOMES)] if result else "not_evaluated"
    return Check(named.text(), outcome, check.pointer)


def _version(document: Document) -> str:
    root = document.root
    if document.syntax != "json" or not isinstance(root, dict):
        return ""
    version = root.get("datacontractCliVersion")
    run = {"runId", "result"} <= set(root) and isinstance(root.get("checks"), list)
    return version if run and isinstance(version, str) else ""
