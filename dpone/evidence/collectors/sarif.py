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
from dpone.record import dataclass, field

KIND = "sarif"
TITLE = "SARIF"
PRODUCER = "run the scanner with its SARIF output again"

RANKS = {"none": 0, "note": 1, "warning": 2, "error": 3}
_KINDS = ("fail", "pass", "open", "review", "informational", "notApplicable")
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
    invocations = _array(run, "invocations")
    for invocation in invocations:
        _invocation(invocation, found)
    for each in _array(run, "versionControlProvenance"):
        revision = each.get("revisionId")
        found.commits.add(revision.text() if revision else "")
    results = run.get("results")
    if results is None:
        found.bare = 1
        return found
    levels = _Levels(run, driver, invocations)
    artifacts = _array(run, "artifacts")
    for result in results.array():
        _result(result, levels, artifacts, found)
    return found


def _invocation(invocation: Field, found: _Run) -> None:
    if not invocation.at("executionSuccessful").boolean():
        found.failures += 1
    for key in ("toolExecutionNotifications", "toolConfigurationNotifications"):
        for note in _array(invocation, key):
            level = note.get("level")
            found.failures += bool(level) and level is not None and level.choice(RANKS) == "error"
    end = invocation.get("endTimeUtc")
    found.times.append(end.instant() if end else None)


def _result(result: Field, levels: _Levels, artifacts: list[Field], found: _Run) -> None:
    state = result.get("baselineState")
    if state and state.choice(_STATES) == "absent":
        return  # it was there in an earlier run and is gone
    level = levels.of(result)
    kind = _kind(result)
    if _is_suppressed(result):
        found.suppressed += 1
        return
    if kind in ("open", "review"):
        found.open += 1
    rule = _rule_id(result)
    file, line = _place(result, artifacts)
    found.results.append(_Result(rule[:100], level, file[:200], line, result.pointer))


class _Levels:
    """The level of a result: its own, else of an override, else of its rule, else warning (3.27.10)."""

    def __init__(self, run: Field, driver: Field, invocations: list[Field]) -> None:
        extensions = _array(run.at("tool"), "extensions")
        self._rules = [_array(component, "rules") for component in (driver, *extensions)]
        self._by_id: dict[str, Field] = {}
        for rules in self._rules:
            for rule in rules:
                self._by_id.setdefault(rule.at("id").text(), rule)
        self._overrides = [self._override(each) for each in invocations]

    def of(self, result: Field) -> str:
        """Resolve the level of one result."""
        level = result.get("level")
        if level:
            return level.choice(RANKS)
        if _kind(result) != "fail":
            return "none"
        rule = self._rule(result)
        rule_id = rule.at("id").text() if rule else _rule_id(result)
        provenance = result.get("provenance")
        index = provenance.get("invocationIndex") if provenance else None
        at = index.integer(-1) if index else -1
        if 0 <= at < len(self._overrides) and rule_id in self._overrides[at]:
            return self._overrides[at][rule_id]
        default = rule.get("defaultConfiguration") if rule else None
        level = default.get("level") if default else None
        return level.choice(RANKS) if level else "warning"

    def _rule(self, result: Field) -> Field | None:
        reference = result.get("rule")
        component = reference.get("toolComponent") if reference else None
        index = component.get("index") if component else None
        rules = self._at(self._rules, index.integer(-1) + 1 if index else 0) or []
        number = result.get("ruleIndex") or (reference.get("index") if reference else None)
        return self._at(rules, number.integer(-1) if number else -1) or self._named(_rule_id(result))

    def _named(self, rule_id: str) -> Field | None:
        # a hierarchical id such as CA1000/1 stands for its rule CA1000 (3.27.5)
        return self._by_id.get(rule_id) or self._by_id.get(rule_id.rpartition("/")[0])

    @staticmethod
    def _at(values: list[Any], index: int) -> Any:
        return values[index] if 0 <= index < len(values) else None

    def _override(self, invocation: Field) -> dict[str, str]:
        found = {}
        for each in _array(invocation, "ruleConfigurationOverrides"):
            level = each.at("configuration").get("level")
            descriptor = each.at("descriptor")
            name = descriptor.get("id")
            index = descriptor.get("index")
            rule = None if name else self._at(self._rules[0], index.integer(-1) if index else -1)
            rule_id = name.text() if name else rule.at("id").text() if rule else ""
            if level and rule_id:
                found[rule_id] = level.choice(RANKS)
        return found


def _kind(result: Field) -> str:
    kind = result.get("kind")
    return kind.choice(_KINDS) if kind else "fail"


def _rule_id(result: Field) -> str:
    reference = result.get("rule")
    found = result.get("ruleId") or (reference.get("id") if reference else None)
    return found.text() if found else ""


def _is_suppressed(result: Field) -> bool:
    """Suppressed means: there are suppressions and every one is accepted, which is the default."""
    found = _array(result, "suppressions")
    statuses = [status.choice(_STATUSES) if (status := each.get("status")) else "accepted" for each in found]
    return bool(statuses) and all(status == "accepted" for status in statuses)


def _place(result: Field, artifacts: list[Field]) -> tuple[str, int]:
    locations = _array(result, "locations")
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


def _array(parent: Field, key: str) -> list[Field]:
    found = parent.get(key)
    return found.array() if found else []


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
