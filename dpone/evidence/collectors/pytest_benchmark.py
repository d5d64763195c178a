"""pytest-benchmark 5's JSON (`--benchmark-json`). Times are seconds and mean something only beside times
from the same machine: a benchmark is neither good nor bad until an objective says what it must keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpone.evidence.fields import LISTED, Field, plain_number, plural
from dpone.evidence.model import Counts, Document, Invalid, Reading, Subject
from dpone.evidence.objectives import Objective, measured, met, read_objectives

KIND = "pytest-benchmark"
TITLE = "pytest-benchmark report"
PRODUCER = "pytest --benchmark-only --benchmark-json=build/benchmark.json"

_STATISTICS = {"": "median", "avg": "mean", "max": "max", "min": "min", "sum": "total"}
"""The statistic that an objective's `reduce` means."""


def recognize(document: Document) -> bool:
    """Whether this is a report of version 5: benchmarks with the machine they ran on."""
    return _version(document).partition(".")[0] == "5"


def near(document: Document) -> str:
    """Name another version."""
    version = _version(document)
    return f"a report of pytest-benchmark {version[:20]}; version 5 is understood" if version else ""


def read(document: Document, options: Mapping[str, Any]) -> Reading:
    """List the benchmarks; `options["objectives"]` maps the name (or fullname) of one to its limits in
    seconds, of the median or what `reduce` says (min, max, avg, sum)."""
    root = Field(document.root)
    contradictions: list[str] = []
    found = [_benchmark(each, contradictions) for each in root.at("benchmarks").array()]
    names = [each["name"] for each in found]
    if len(set(names)) < len(names):
        contradictions.append("two benchmarks have one fullname")
    rows = [_hold(objective, found) for objective in read_objectives(options)]
    missed = sum(not met(row) for row in rows)
    commit = root.at("commit_info")
    dirty = commit.get("dirty")
    machine = root.at("machine_info")
    cpu = machine.get("cpu")
    brand = cpu.get("brand_raw") if cpu and cpu.object() else None
    facts: dict[str, Any] = {
        "benchmarks": len(found),
        "measured": sum(1 for each in found if each["rounds"]),
        "rounds_least": min((each["rounds"] for each in found), default=0),
        "machine": " ".join((machine.at("machine").text(), brand.text() if brand else ""))[:100].strip(),
        "python": machine.at("python_version").text()[:40],
        "dirty": dirty.boolean() if dirty else False,
        "objectives_total": len(rows),
        "objectives": rows,
        "results": found[:LISTED],
    }
    return Reading(
        kind=KIND,
        tool="pytest-benchmark",
        reported=_reported(facts, rows, missed),
        counts=Counts(passed=len(rows) - missed, failed=missed),
        facts=facts,
        summary=_summary(facts, rows),
        claims=_claims(commit),
        produced_at=root.at("datetime").instant(),
        contradictions=tuple(contradictions[:LISTED]),
    )


def _benchmark(each: Field, contradictions: list[str]) -> dict[str, Any]:
    stats = each.at("stats")
    times = {name: stats.at(name).number() for name in _STATISTICS.values()}
    rounds = stats.at("rounds").count()
    data = stats.get("data")
    if data and len(data.array()) not in (0, rounds):
        contradictions.append(f"{stats.pointer} claims {rounds} rounds, its data are {len(data.array())}")
    if not 0 <= times["min"] <= times["median"] <= times["max"]:
        contradictions.append(f"{stats.pointer}: min, median and max are not in order")
    return {
        "name": each.at("fullname").text()[:200],
        "short": each.at("name").text()[:100],
        "rounds": rounds,
        "iterations": stats.at("iterations").count(),
        **times,
        "pointer": stats.pointer,
    }


def _hold(objective: Objective, found: list[dict[str, Any]]) -> dict[str, Any]:
    if objective.reduce not in _STATISTICS:
        raise Invalid("options", f"reduce {objective.reduce!r} is not a statistic: use min, max, avg or sum")
    fitting = [each for each in found if objective.metric in (each["name"], each["short"])]
    if len(fitting) != 1 or not fitting[0]["rounds"]:
        return measured([objective], {})[0]
    value = fitting[0][_STATISTICS[objective.reduce]]
    return measured([objective], {objective.metric: (plain_number(value), fitting[0]["pointer"])})[0]


def _claims(commit: Field) -> Subject:
    named = commit.get("id")
    text = named.text() if named else ""
    return Subject(commit="" if text == "unknown" else text)


def _reported(facts: Mapping[str, Any], rows: list[dict[str, Any]], missed: int) -> Any:
    if not facts["measured"]:
        return "empty"
    return "failed" if missed else "passed" if rows else "unknown"


def _summary(facts: Mapping[str, Any], rows: list[dict[str, Any]]) -> str:
    if not facts["measured"]:
        return "nothing was measured"
    missed = [row for row in rows if not met(row)]
    if missed:
        return str(missed[0]["text"]) + (f", and {len(missed) - 1} more" if len(missed) > 1 else "")
    held = f"{len(rows)} of {len(rows)} objectives met" if rows else "no objective to hold them against"
    return f"{plural(facts['benchmarks'], 'benchmark')}, {held}"


def _version(document: Document) -> str:
    root = document.root
    if document.syntax != "json" or not isinstance(root, dict):
        return ""
    version = root.get("version")
    shaped = isinstance(root.get("benchmarks"), list) and isinstance(root.get("machine_info"), dict)
    return version if shaped and isinstance(version, str) else ""
