"""dpone's own artifacts as evidence: recognised by their marks, believed only through their seal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dpone.evidence.model import Counts, Document, Reading, Subject
from dpone.workspace import read_time

MARKS = ("artifact_type", "schema_version", "decision")
SCHEMA_VERSION = "dpone.artifact/v1"


def claims_to_be(document: Document) -> str:
    """The artifact type that a document claims, or empty when it does not look like one of ours."""
    root = document.root
    if document.syntax == "json" and isinstance(root, dict) and root.get("schema_version") == SCHEMA_VERSION:
        kind = root.get("artifact_type")
        return kind if isinstance(kind, str) and re.fullmatch(r"[a-z][a-z0-9_]{0,63}", kind) else "dpone_artifact"
    return ""


def read(signed: Mapping[str, Any]) -> Reading:
    """What the signed decision says; `signed` is its verified predicate (schemas/decision.v1.json)."""
    passed = signed["passed"] is True and signed["status"] == "passed"
    checks = {name: signed.get("checks", {}).get(name, 0) for name in ("answered", "cleared", "denied", "warned")}
    whole = {name: n for name, n in checks.items() if isinstance(n, int) and not isinstance(n, bool)}
    return Reading(
        kind=signed["kind"],
        tool="dpone",
        reported="passed" if passed else "failed",
        counts=Counts(passed=whole.get("cleared", 0), failed=whole.get("denied", 0)),
        facts={"gate": signed["gate"], "status": signed["status"], "passed": passed},
        summary=f"{signed['gate']} {signed['status']}",
        claims=Subject(**signed["subject"]),
        produced_at=read_time(signed["decided_at"]),
    )
