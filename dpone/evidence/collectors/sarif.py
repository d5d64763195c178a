"""SARIF 2.1.0 (OASIS), as linters and scanners write it.

Sections are those of the standard: levels 3.27.10, suppressions 3.27.23, runs without results 3.14.23.
`reported` is `failed` when a run did not succeed or left an active result of level error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dpone.evidence.fields import LISTED, Field, plural
from dpone.evidence.model import Counts, Document, Invalid, Reading, Subject
from dpone.evidence.sarif_levels import RANKS, Levels, array_of, result_kind, rule_id
from dpone.record import dataclass, field

KIND = "sarif"
TITLE = "SARIF"
PRODUCER = "run the scanner with its SARIF output again"

_STATES = ("new", "unchanged", "updated", "absent")
_STATUSES = ("accepted", "underReview", "rejected")


def recognize(document: Document) -> bool:
    """Whether this is a SARIF log of version 2.1.0."""
    return _version(document) == "2.1.0"


def near(document: Document) -> str:
    """Name another version of SARIF."""
    version = _version(document)
    return f"SARIF {version[:20]}; only 2.1.0 is understood" if version else ""


def read(document: Document, _options: Mapping[str, Any]) -> Reading:
    """Count active results by level over all runs."""
    runs = [_run(run) for run in Field(document.root).at("runs").array()]
    results = [result for run in runs for result in run.results]
    results.sort(key=lambda result: -RANKS[result.level])  # stable: the document's order within a level
    levels = Counter(result.level for result in results)
    shown = [result for result in results if result.level != "none"]
    bare = sum(run.bare for run in runs)
    failed = sum(run.failures for run in runs)
    open_results = sum(run.open for run in runs)
    suppressed = sum(run.suppressed for run in runs)
    facts: dict[str, Any] = {
        "runs": len(runs),
        "runs_without_results": bare,
        "failures": failed,
        "errors": levels["error"],
        "warnings": levels["warning"],
        "notes": levels["note"],
        "open": open_results,
        "suppressed": suppressed,
        "results_total": len(shown),
        "results": [
            {"rule": r.rule, "level": r.level, "rank": RANKS[r.level], "file": r.file, "line": r.line}
            | {"key": r.key, "pointer": r.pointer}
            for r in shown[:LISTED]
        ],
    }
    return Reading(
        kind=KIND,
        tool=", ".join(dict.fromkeys(run.tool for run in runs))[:120],
        reported="empty" if len(runs) == bare else "failed" if failed or levels["error"] else "passed",
        counts=Counts(
            failed=len(shown),
            errored=failed,
            skipped=suppressed,
            not_evaluated=bare + open_results,
            passed=levels["none"],
        ),
        facts=facts,
        summary=_summary(facts, shown),
        claims=Subject(commit=_commit(runs)),
        produced_at=_oldest(runs),
    )


@dataclass(frozen=True)
class _Result:
    rule: str
    level: str
    file: str
    line: int
    pointer: str

    @property
    def key(self) -> str:
        """What names the result for a waiver; line numbers move, so file and line are one place."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{self.rule} {place}".strip()


@dataclass
class _Run:
    tool: str
    results: list[_Result] = field(default_factory=list)
    bare: int = 0
    failures: int = 0
    open: int = 0
    suppressed: int = 0
    times: list[datetime | None] = field(default_factory=list)
    commits: set[str] = field(default_factory=set)


def _run(run: Field) -> _Run:
    driver = run.at("tool").at("driver")
    version = driver.get("semanticVersion") or driver.get("version")
    found = _Run(f"{driver.at('name').text()} {version.text() if version else ''}".strip()[:60])
    external = run.get("externalPropertyFileReferences")
    if external and external.get("results"):
        raise Invalid(
            "external_results", "its results lie in other files; write them into this one", external.pointer
        )
    invocations = array_of(run, "invocations")
    for invocation in invocations:
        _invocation(invocation, found)
    for each in array_of(run, "versionControlProvenance"):
        revision = each.get("revisionId")
        found.commits.add(revision.text() if revision else "")
    results = run.get("results")
    if results is None:
        found.bare = 1
        return found
    levels = Levels(run, driver, invocations)
    artifacts = array_of(run, "artifacts")
    for result in results.array():
        _result(result, levels, artifacts, found)
    return found


def _invocation(invocation: Field, found: _Run) -> None:
    if not invocation.at("executionSuccessful").boolean():
        found.failures += 1
    for key in ("toolExecutionNotifications", "toolConfigurationNotifications"):
        for note in array_of(invocation, key):
            level = note.get("level")
            found.failures += bool(level) and level is not None and level.choice(RANKS) == "error"
    end = invocation.get("endTimeUtc")
    found.times.append(end.instant() if end else None)


def _result(result: Field, levels: Levels, artifacts: list[Field], found: _Run) -> None:
    state = result.get("baselineState")
    if state and state.choice(_STATES) == "absent":
        return  # it was there in an earlier run and is gone
    level = levels.of(result)
    kind = result_kind(result)
    if _is_suppressed(result):
        found.suppressed += 1
        return
    if kind in ("open", "review"):
        found.open += 1
    rule = rule_id(result)
    file, line = _place(result, artifacts)
    found.results.append(_Result(rule[:100], level, file[:200], line, result.pointer))


def _is_suppressed(result: Field) -> bool:
    """Suppressed means: there are suppressions and every one is accepted, which is the default."""
    found = array_of(result, "suppressions")
    statuses = [status.choice(_STATUSES) if (status := each.get("status")) else "accepted" for each in found]
    return bool(statuses) and all(status == "accepted" for status in statuses)


def _place(result: Field, artifacts: list[Field]) -> tuple[str, int]:
    locations = array_of(result, "locations")
    physical = locations[0].get("physicalLocation") if locations else None
    artifact = physical.get("artifactLocation") if physical else None
    if physical is None or artifact is None:
        return "", 0
    uri, index = artifact.get("uri"), artifact.get("index")
    at = index.integer(-1) if index else -1
    if uri is None and 0 <= at < len(artifacts):
        location = artifacts[at].get("location")
        uri = location.get("uri") if location else None
    region = physical.get("region")
    line = region.get("startLine") if region else None
    return uri.text() if uri else "", line.count() if line else 0


def _version(document: Document) -> str:
    root = document.root
    if document.syntax != "json" or not isinstance(root, dict) or not isinstance(root.get("runs"), list):
        return ""
    version = root.get("version")
    return version if isinstance(version, str) else ""


def _commit(runs: list[_Run]) -> str:
    """The one revision that every run names; several repositories or a run without one: no claim."""
    named = {commit for run in runs for commit in run.commits or {""}}
    return named.pop() if len(named) == 1 else ""


def _oldest(runs: list[_Run]) -> datetime | None:
    times = [time for run in runs for time in run.times or [None]]
    known = [time for time in times if time is not None]
    return min(known) if known and len(known) == len(times) else None


def _summary(facts: Mapping[str, Any], shown: list[_Result]) -> str:
    if facts["failures"]:
        return f"{plural(facts['failures'], 'failure')} of the tool itself"
    if facts["runs_without_results"]:
        return f"{facts['runs_without_results']} of {plural(facts['runs'], 'run')} without results"
    if not facts["runs"]:
        return "no runs"
    suppressed = f", {facts['suppressed']} suppressed" if facts["suppressed"] else ""
    if not shown:
        return f"0 results{suppressed}"
    counted = [
        plural(facts[f"{level}s"], level) for level in ("error", "warning", "note") if facts[f"{level}s"]
    ]
    return f"{', '.join(counted)}{suppressed}: {shown[0].key}"
