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
    or `missing`, and the digest of the bundle that named them. What cannot be read as a bundle has no
    files; the bundle's own item says why."""
    digest, named = _items(session, path)
    rows = []
    for item in named:
        name, uri, known = str(item.get("name", "")), str(item.get("path", "")), str(item.get("sha256", ""))
        rows.append({"name": name, "path": uri, "state": _state(session, uri, known)})
    counts = {state: sum(row["state"] == state for row in rows) for state in ("same", "changed", "missing")}
    files = sorted(rows, key=_worst_first)[:LISTED]
    facts = {"bundle_sha256": digest, "count": len(rows), "states": counts, "files": files}
    return Service("files", FILES_KIND, facts, f"{counts['same']} of {len(rows)} files as bundled")


def _worst_first(row: Mapping[str, str]) -> tuple[int, str, str]:
    return (("changed", "missing", "same").index(row["state"]), row["name"], row["path"])


def _items(session: Session, path: str) -> tuple[str, list[Mapping[str, Any]]]:
    """The digest of the bundle (empty when it cannot be read) and the items it names."""
    try:
        data = session.workspace.read(session.workspace.path(path), session.config.get("limits", "file"))
    except ReadProblem:
        return "", []
    try:
        root = parse_json(data)
    except JsonProblem:
        return sha256_hex(data), []
    items = root.get("items", []) if isinstance(root, dict) else []
    return sha256_hex(data), [i for i in items if isinstance(i, dict)] if isinstance(items, list) else []


def _state(session: Session, uri: str, digest: str) -> str:
    try:
        data = session.workspace.read(session.workspace.path(uri), session.config.get("limits", "file"))
    except ReadProblem:
        return "missing"
    return "same" if digest and sha256_hex(data) == digest else "changed"
