"""dbt `sources.json`, version 3: how fresh the sources were when `dbt source freshness` looked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from dpone.evidence.collectors.dbt import metadata_claims, schema_version
from dpone.evidence.fields import LISTED, Field, names_text
from dpone.evidence.model import Counts, Document, Reading
from dpone.workspace import read_time

KIND = "dbt-sources"
TITLE = "dbt source freshness"
PRODUCER = "dbt source freshness"

_FAMILY = "https://schemas.getdbt.com/dbt/sources/"
_SCHEMA = f"{_FAMILY}v3.json"
_OUTCOMES = {
    "pass": "passed",
    "warn": "warned",
    "error": "stale",
    "runtime error": "errored",
    "skipped": "skipped",
}


def recognize(document: Document) -> bool:
    """Whether `metadata.dbt_schema_version` names sources v3."""
    return schema_version(document) == _SCHEMA


def near(document: Document) -> str:
    """Name another version of the same artifact."""
    version = schema_version(document)
    return (
        f"dbt sources {version[len(_FAMILY) :][:20]}; only v3 is understood"
        if version.startswith(_FAMILY)
        else ""
    )


def read(document: Document, _options: Mapping[str, Any]) -> Reading:
    """Count sources by freshness."""
    root = Field(document.root)
    metadata = root.at("metadata")
    ids: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    not_ok: list[dict[str, Any]] = []
    for result in root.at("results").array():
        unique_id = result.at("unique_id").text()
        status = result.at("status").choice(_OUTCOMES)
        outcome = _OUTCOMES[status]
        ids[unique_id] += 1
        outcomes[outcome] += 1
        if outcome != "passed":
            age = result.get("max_loaded_at_time_ago_in_s")
            not_ok.append(
                {
                    "name": ".".join(unique_id.split(".")[2:])[:200] or unique_id[:200],
                    "outcome": outcome,
                    "age_seconds": int(age.number()) if age else 0,
                    "pointer": result.pointer,
                }
            )
    order = ("errored", "stale", "skipped", "warned")
    not_ok.sort(key=lambda source: order.index(source["outcome"]))
    blocked = [source for source in not_ok if source["outcome"] != "warned"]
    warned = [source for source in not_ok if source["outcome"] == "warned"]
    checked = sum(outcomes.values()) - outcomes["skipped"]
    facts: dict[str, Any] = {
        "invocation_id": _text(metadata, "invocation_id"),
        "sources": sum(outcomes.values()),
        "fresh": outcomes["passed"],
        "warned": outcomes["warned"],
        "stale": outcomes["stale"],
        "errored": outcomes["errored"],
        "skipped": outcomes["skipped"],
        "blocked": len(blocked),
        "blocked_names": names_text([source["name"] for source in blocked]),
        "blocked_at": blocked[0]["pointer"] if blocked else "",
        "warned_names": names_text([source["name"] for source in warned]),
        "warned_at": warned[0]["pointer"] if warned else "",
        "not_ok_total": len(not_ok),
        "not_ok": not_ok[:LISTED],
    }
    return Reading(
        kind=KIND,
        tool=f"dbt {_text(metadata, 'dbt_version')}".strip(),
        reported="failed" if outcomes["stale"] or outcomes["errored"] else "passed" if checked else "empty",
        counts=Counts(outcomes["passed"], outcomes["stale"], outcomes["errored"], outcomes["skipped"]),
        facts=facts,
        summary=_summary(facts),
        claims=metadata_claims(metadata),
        produced_at=read_time(_text(metadata, "generated_at")),
        contradictions=tuple(f"{name[:120]} has {n} results" for name, n in ids.items() if n > 1)[:LISTED],
    )


def _summary(facts: Mapping[str, Any]) -> str:
    if not facts["sources"]:
        return "no source was checked"
    if facts["blocked"]:
        return f"{facts['blocked']} of {facts['sources']} sources not fresh: {facts['blocked_names']}"
    warned = f", {facts['warned']} warned" if facts["warned"] else ""
    return f"{facts['fresh']} of {facts['sources']} sources fresh{warned}"


def _text(metadata: Field, key: str) -> str:
    value = metadata.get(key)
    return value.text()[:100] if value else ""
