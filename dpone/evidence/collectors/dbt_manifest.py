"""dbt `manifest.json`, version 12 (dbt-core 1.8 and later): what the project defines, not how it went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from dpone.evidence.collectors.dbt import metadata_claims, schema_version
from dpone.evidence.fields import LISTED, Field, plural
from dpone.evidence.model import Counts, Document, Reading
from dpone.workspace import read_time

KIND = "dbt-manifest"
TITLE = "dbt manifest"
PRODUCER = "dbt build"

_FAMILY = "https://schemas.getdbt.com/dbt/manifest/"
_SCHEMA = f"{_FAMILY}v12.json"
_TESTS = ("test", "unit_test")


def recognize(document: Document) -> bool:
    """Whether `metadata.dbt_schema_version` names manifest v12."""
    return schema_version(document) == _SCHEMA


def near(document: Document) -> str:
    """Name another version of the same artifact."""
    version = schema_version(document)
    return (
        f"dbt manifest {version[len(_FAMILY) :][:20]}; only v12 is understood"
        if version.startswith(_FAMILY)
        else ""
    )


def read(document: Document, _options: Mapping[str, Any]) -> Reading:
    """Count what is defined, and find models that no test looks at."""
    root = Field(document.root)
    metadata = root.at("metadata")
    types: Counter[str] = Counter()
    models: dict[str, str] = {}
    tested: set[str] = set()
    for unique_id, node in [*root.at("nodes").members(), *_members(root, "unit_tests")]:
        node_type = node.at("resource_type").text()
        types[node_type] += 1
        if node_type == "model":
            models[unique_id] = node.at("name").text()
        if node_type in _TESTS:
            depends = node.get("depends_on")
            above = depends.get("nodes") if depends else None
            tested |= {each.text() for each in above.array()} if above else set()
    untested = sorted(name for unique_id, name in models.items() if unique_id not in tested)
    total = sum(types.values())
    facts: dict[str, Any] = {
        "project": _text(metadata, "project_name"),
        "adapter": _text(metadata, "adapter_type"),
        "invocation_id": _text(metadata, "invocation_id"),
        "nodes": total,
        "models": types["model"],
        "tests": types["test"] + types["unit_test"],
        "seeds": types["seed"],
        "snapshots": types["snapshot"],
        "sources": len(_members(root, "sources")),
        "exposures": len(_members(root, "exposures")),
        "disabled": sum(len(each.array()) for _, each in _members(root, "disabled")),
        "untested_total": len(untested),
        "untested": [name[:200] for name in untested[:LISTED]],
    }
    return Reading(
        kind=KIND,
        tool=f"dbt {_text(metadata, 'dbt_version')}".strip(),
        reported="unknown" if total else "empty",
        counts=Counts(not_evaluated=total),
        facts=facts,
        summary=f"{plural(facts['models'], 'model')} and {plural(facts['tests'], 'test')} defined"
        + (f", {plural(len(untested), 'model')} without a test" if untested else ""),
        claims=metadata_claims(metadata),
        produced_at=read_time(_text(metadata, "generated_at")),
    )


def _members(root: Field, key: str) -> list[tuple[str, Field]]:
    found = root.get(key)
    return found.members() if found else []


def _text(metadata: Field, key: str) -> str:
    value = metadata.get(key)
    return value.text()[:100] if value else ""
