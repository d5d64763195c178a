"""Scan results of Soda Core 3 (`soda scan -srf FILE`).

A check whose metric could not be computed has no outcome: it was not evaluated, whatever
`hasFailures` says. Soda 4 writes text only, and exits with 0 over checks that were not evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dpone.evidence.checks import Check, Outcome, Tally
from dpone.evidence.fields import LISTED, Field
from dpone.evidence.model import Document, Reading

KIND = "soda"
TITLE = "Soda scan results"
PRODUCER = "soda scan -d SOURCE -c configuration.yml -srf build/soda.json checks.yml"

_MARKS = ("hasErrors", "hasFailures", "hasWarnings")
_OUTCOMES: dict[str, Outcome] = {"pass": "passed", "warn": "warned", "fail": "failed"}
_VERSION = re.compile(r"Soda Core (\d{1,4}\.[\w.]{1,20})")
_TEXT = re.compile(r"Evaluating schema check|### Contract results for ")


def recognize(document: Document) -> bool:
    """Whether this is an object of a scan's three marks, its checks and its data source; by version 3."""
    version = _version(document)
    return version is not None and version.partition(".")[0] in ("", "3")


def near(document: Document) -> str:
    """Name another version, and the text that Soda 4 prints."""
    if document.syntax == "text" and _TEXT.search(document.root[:20_000]):
        return "what Soda 4 prints; the scan results of Soda 3 (-srf) are understood"
    version = _version(document)
    return f"scan results of Soda Core {version}; version 3 is understood" if version else ""


def read(document: Document, _options: Mapping[str, Any]) -> Reading:
    """Count the checks by outcome and compare them with what the scan says of itself."""
    root = Field(document.root)
    checks = [_check(each) for key in ("checks", "automatedMonitoringChecks") for each in _array(root, key)]
    tally = Tally(checks)
    errors, failures, warnings = (root.at(mark).boolean() for mark in _MARKS)
    log_errors = sum(1 for each in _array(root, "logs") if each.at("level").text().lower() == "error")
    queries = sum(1 for each in _array(root, "queries") if each.get("exception"))
    contradictions = [
        f"/{mark} is {said}, its {what} say otherwise"
        for mark, said, found, what in (
            ("hasFailures", failures, tally.of("failed") > 0, "checks"),
            ("hasWarnings", warnings, tally.of("warned") > 0, "checks"),
        )
        if said != found
    ]
    if log_errors and not errors:
        contradictions.append("/hasErrors is False, its logs hold errors")
    run_failed = errors or failures or queries > 0 or log_errors > 0
    when = root.get("scanEndTimestamp") or root.get("scanStartTimestamp")
    facts = {
        "run_ok": not (errors or queries or log_errors),
        "query_errors": queries,
        "log_errors": log_errors,
        **tally.facts(),
    }
    return Reading(
        kind=KIND,
        tool="Soda Core",
        reported=tally.reported(run_failed),
        counts=tally.counts(),
        facts=facts,
        summary=tally.summary() if facts["run_ok"] else f"the scan had errors; {tally.summary()}",
        produced_at=when.instant() if when else None,
        contradictions=tuple(contradictions[:LISTED]),
    )


def _check(check: Field) -> Check:
    outcome, table = check.get("outcome"), check.get("table")
    name = f"{table.text()}: {check.at('name').text()}" if table else check.at("name").text()
    return Check(name, _OUTCOMES[outcome.choice(_OUTCOMES)] if outcome else "not_evaluated", check.pointer)


def _array(root: Field, key: str) -> list[Field]:
    found = root.get(key)
    return found.array() if found else []


def _version(document: Document) -> str | None:
    """The version in the logs, an empty text where they name none; None for another document."""
    root = document.root
    if document.syntax != "json" or not isinstance(root, dict):
        return None
    if not {*_MARKS, "defaultDataSource"} <= set(root) or not isinstance(root.get("checks"), list):
        return None
    logs = root.get("logs")
    for each in logs if isinstance(logs, list) else ():
        text = each.get("message") if isinstance(each, dict) else None
        found = _VERSION.match(text) if isinstance(text, str) else None
        if found:
            return found[1]
    return ""
