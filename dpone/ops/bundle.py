"""What go-live and policy gates ask about an evidence bundle: its items, and whether their files are the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpone.canonical import JsonProblem, parse_json, sha256_hex
from dpone.evidence.collect import Service
from dpone.ops.session import Session
from dpone.workspace import ReadProblem

NAME = "bundle"
FILES_KIND = "bundle_files"
LISTED = 100


def bundle_files(session: Session, path: str) -> Service:
    """Whether every file that a bundle names is still there with the digest it had: `same`, `changed`
    or `missing`. What cannot be read as a bundle has no files; the bundle's own item says why."""
    rows = []
    for item in _items(session, path):
        name, uri, digest = str(item.get("name", "")), str(item.get("path", "")), str(item.get("sha256", ""))
        rows.append({"name": name, "path": uri, "state": _state(session, uri, digest)})
    counts = {state: sum(row["state"] == state for row in rows) for state in ("same", "changed", "missing")}
    facts = {"count": len(rows), "states": counts, "files": sorted(rows, key=_worst_first)[:LISTED]}
    return Service("files", FILES_KIND, facts, f"{counts['same']} of {len(rows)} files as bundled")


def _worst_first(row: Mapping[str, str]) -> tuple[bool, str, str]:
    return (row["state"] == "same", row["name"], row["path"])


def _items(session: Session, path: str) -> list[Mapping[str, Any]]:
    try:
        data = session.workspace.read(session.workspace.path(path), session.config.get("limits", "file"))
        root = parse_json(data)
    except (ReadProblem, JsonProblem):
        return []
    items = root.get("items", []) if isinstance(root, dict) else []
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _state(session: Session, uri: str, digest: str) -> str:
    try:
        data = session.workspace.read(session.workspace.path(uri), session.config.get("limits", "file"))
    except ReadProblem:
        return "missing"
    return "same" if digest and sha256_hex(data) == digest else "changed"
