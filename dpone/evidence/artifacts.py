"""dpone's own artifacts as evidence: recognised by their marks, believed only through their seal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dpone.evidence.model import Counts, Document, Reading, Subject
from dpone.workspace import read_time

SCHEMA_VERSION = "dpone.artifact/v1"


def claims_to_be(document: Document) -> str:
    """The artifact type that a document claims, or empty when it does not look like one of ours."""
    root = document.root
    if document.syntax == "json" and isinstance(root, dict) and root.get("schema_version") == SCHEMA_VERSION:
        kind = root.get("artifact_type")
        return (
            kind if isinstance(kind, str) and re.fullmatch(r"[a-z][a-z0-9_]{0,63}", kind) else "dpone_artifact"
        )
    return ""


ITEMS = 100
"""How many items of an artifact its facts list, those that did not pass first."""


def read(signed: Mapping[str, Any], root: Mapping[str, Any], decision: str) -> Reading:
    """What the signed decision says (`signed`, its verified predicate; `decision`, its id), and the items of
    the artifact itself (`root`), whose bytes the same signature covers."""
    passed = signed["passed"] is True and signed["status"] == "passed"
    checks = {
        name: signed.get("checks", {}).get(name, 0) for name in ("answered", "cleared", "denied", "warned")
    }
    whole = {name: n for name, n in checks.items() if isinstance(n, int) and not isinstance(n, bool)}
    items = _items(root.get("items"))
    return Reading(
        kind=signed["kind"],
        tool="dpone",
        reported="passed" if passed else "failed",
        counts=Counts(passed=whole.get("cleared", 0), failed=whole.get("denied", 0)),
        facts={
            "gate": signed["gate"],
            "status": signed["status"],
            "passed": passed,
            "decision": decision,
            "id": decision[:12],
            "subject": dict(signed["subject"]),
            "said": _said(signed),
            "item_count": len(items),
            "items": sorted(items, key=lambda item: item["passed"])[:ITEMS],
        },
        summary=f"{signed['gate']} {signed['status']}",
        claims=Subject(**signed["subject"]),
        produced_at=read_time(signed["decided_at"]),
    )


def _said(signed: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the decision said for later ones; decisions of earlier versions said nothing."""
    said = signed.get("said", {})
    return said if isinstance(said, dict) else {}


def _items(value: Any) -> list[dict[str, Any]]:
    rows = value if isinstance(value, list) else []
    return [
        {
            "name": str(row.get("name", "")),
            "path": str(row.get("path", "")),
            "kind": str(row.get("kind", "")),
            "sha256": str(row.get("sha256", "")),
            "required": row.get("required") is not False,
            "passed": row.get("passed") is True,
        }
        for row in rows
        if isinstance(row, dict)
    ]
