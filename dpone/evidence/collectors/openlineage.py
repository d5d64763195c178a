"""OpenLineage events 2-0-2, one JSON object a line (the client's file transport), or a single one.

A run that has a START and no end is open: it may be running, or it may have died without a word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dpone.evidence.fields import LISTED, Field, names_text, plural
from dpone.evidence.model import Counts, Document, Reading
from dpone.record import dataclass, field

KIND = "openlineage"
TITLE = "OpenLineage events"
PRODUCER = "run the job again with its OpenLineage file transport"

_SCHEMA = re.compile(r"https://openlineage\.io/spec/([0-9]+-[0-9]+-[0-9]+)/OpenLineage\.json(?:#.*)?")
_TYPES = ("START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER")
_ENDS = ("COMPLETE", "ABORT", "FAIL")


def recognize(document: Document) -> bool:
    """Whether every object is an event of the specification 2-0-2."""
    return set(_versions(document)) == {"2-0-2"}


def near(document: Document) -> str:
    """Name another version, or a file of several."""
    versions = sorted(set(_versions(document)) - {""})
    return f"OpenLineage events of {', '.join(versions[:5])}; only 2-0-2 is understood" if versions else ""


def read(document: Document, _options: Mapping[str, Any]) -> Reading:
    """Put the events of each run together: how it ended, which assertions failed, what it said."""
    runs: dict[str, _Run] = {}
    others = 0
    for event in _events(document):
        if "run" not in event.object():  # a DatasetEvent or JobEvent: nothing ran
            others += 1
            continue
        name = event.at("run").at("runId").text()
        runs.setdefault(name, _Run(event.pointer)).add(event)
    return _reading(list(runs.values()), others)


@dataclass
class _Run:
    """What the events of one run say together."""

    pointer: str
    jobs: set[str] = field(default_factory=set)
    types: list[str] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)
    ends: list[datetime] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    assertions: dict[tuple[str, str, str], tuple[bool, str]] = field(default_factory=dict)

    def add(self, event: Field) -> None:
        """Add one event."""
        kind, time = event.at("eventType").choice(_TYPES), event.at("eventTime").instant()
        self.types.append(kind)
        self.times.append(time)
        if kind in _ENDS:
            self.ends.append(time)
        job = event.at("job")
        self.jobs.add(f"{job.at('namespace').text()} {job.at('name').text()}"[:200])
        facets = event.at("run").get("facets")
        error = facets.get("errorMessage") if facets else None
        if error:
            error.at("message").text()
            self.errors.append(error.pointer)
        for dataset in event.get("inputs").array() if event.get("inputs") else []:  # type: ignore[union-attr]
            self._assert(dataset)

    def _assert(self, dataset: Field) -> None:
        facets = dataset.get("inputFacets")
        facet = facets.get("dataQualityAssertions") if facets else None
        for each in facet.at("assertions").array() if facet else []:
            column = each.get("column")
            key = (dataset.at("name").text(), each.at("assertion").text(), column.text() if column else "")
            good = each.at("success").boolean()
            # the same assertion stands in every event of a run; what failed once did fail
            if key not in self.assertions or not good:
                self.assertions[key] = (good, each.pointer)

    @property
    def name(self) -> str:
        """The job, for people."""
        return min(self.jobs)

    @property
    def state(self) -> str:
        """How the run ended: complete, failed or open."""
        if "FAIL" in self.types or "ABORT" in self.types:
            return "failed"
        return "complete" if "COMPLETE" in self.types else "open"

    def contradictions(self) -> list[str]:
        """Claims of its events that exclude each other."""
        found = []
        if len(self.jobs) > 1:
            found.append(f"one run names {len(self.jobs)} jobs: {', '.join(sorted(self.jobs))}"[:200])
        if len(set(self.types) & set(_ENDS)) > 1:
            found.append(f"{self.name}: one run ends in {' and '.join(sorted(set(self.types) & set(_ENDS)))}")
        if self.ends and max(self.times) > max(self.ends):
            found.append(f"{self.name}: an event of the run is later than its end")
        return found


def _reading(runs: list[_Run], others: int) -> Reading:
    states = {state: [run for run in runs if run.state == state] for state in ("complete", "failed", "open")}
    errors = [run for run in runs if run.errors]
    bad = [
        (f"{dataset} {assertion} {column}".strip()[:200], pointer)
        for run in runs
        for (dataset, assertion, column), (good, pointer) in run.assertions.items()
        if not good
    ]
    total = sum(len(run.assertions) for run in runs)
    facts: dict[str, Any] = {
        "events": sum(len(run.types) for run in runs),
        "other_events": others,
        "runs": len(runs),
        "completed": len(states["complete"]),
        "failed": len(states["failed"]),
        "failed_names": names_text([run.name for run in states["failed"]]),
        "failed_at": states["failed"][0].pointer if states["failed"] else "",
        "open": len(states["open"]),
        "open_names": names_text([run.name for run in states["open"]]),
        "open_at": states["open"][0].pointer if states["open"] else "",
        "errors": len(errors),
        "errors_at": errors[0].errors[0] if errors else "",
        "assertions": total,
        "assertions_failed": len(bad),
        "assertions_failed_names": names_text([name for name, _ in bad]),
        "assertions_failed_at": bad[0][1] if bad else "",
    }
    failing = {id(run) for run in (*states["failed"], *errors)}
    red = len(failing) + len(bad)
    good = [run for run in states["complete"] if not run.errors]
    return Reading(
        kind=KIND,
        tool="OpenLineage",
        reported="failed" if red else "passed" if good else "empty",
        counts=Counts(passed=len(good), failed=len(failing), not_evaluated=len(states["open"])),
        facts=facts,
        summary=_summary(facts),
        produced_at=min((max(run.ends or run.times) for run in runs), default=None),
        contradictions=tuple([text for run in runs for text in run.contradictions()][:LISTED]),
    )


def _summary(facts: Mapping[str, Any]) -> str:
    if not facts["runs"]:
        return "no run among the events"
    told = [f"{facts['completed']} of {plural(facts['runs'], 'run')} complete"]
    if facts["failed"]:
        told.append(f"failed: {facts['failed_names']}")
    if facts["open"]:
        told.append(f"open: {facts['open_names']}")
    if facts["assertions_failed"]:
        told.append(f"assertions failed: {facts['assertions_failed_names']}")
    return ", ".join(told)


def _events(document: Document) -> list[Field]:
    root = Field(document.root)
    return [root] if isinstance(document.root, dict) else root.array()


def _versions(document: Document) -> list[str]:
    """The version each object names; an empty text for one that is no event."""
    if document.syntax not in ("json", "json-lines"):
        return []
    rows = document.root if isinstance(document.root, list) else [document.root]
    found = []
    for row in rows:
        url = row.get("schemaURL") if isinstance(row, dict) else None
        match = _SCHEMA.fullmatch(url) if isinstance(url, str) else None
        found.append(match[1] if match else "")
    return found
