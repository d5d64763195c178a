"""Security audit: secrets and connection types in manifests, files, folders and logs."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dpone.canonical import sha256_hex
from dpone.data.secrets.scan import Scan, merge, scan_bytes, scan_paths
from dpone.decisions.request import GateRequest, Verdict
from dpone.evidence.collect import Service
from dpone.ops.session import Session
from dpone.ops.source import Source, unusable
from dpone.record import replace

ARTIFACT = "security_audit"
SKIPPED = frozenset({".git", ".venv", "node_modules", "__pycache__"})


def request(
    session: Session, manifests: Sequence[Source], logs: Sequence[Source], paths: Sequence[str]
) -> GateRequest:
    """Ask whether anything given holds a secret in clear or an unsafe connection type."""
    key = secrets.token_bytes(32)
    sources = (*manifests, *logs)
    usable = unusable("security", ARTIFACT, tuple(sources))
    scans = [scan_bytes(s.data, s.origin, key, "manifest") for s in manifests if s.state == "present"]
    scans += [scan_bytes(s.data, s.origin, key, "log") for s in logs if s.state == "present"]
    files = [file for text in paths for file in _files(session, text)]
    scans.append(scan_paths(files, session.workspace.uri, key, session.config.get("limits", "file")))
    found = merge(scans)
    service = usable or Service(
        "security",
        ARTIFACT,
        found.facts(),
        f"{found.scanned} texts scanned, {len(found.findings)} secrets found",
        materials=(*(s.material() for s in sources), *_materials(files, session)),
    )
    return replace(
        session.ask(ARTIFACT, lambda verdict: view(verdict, found)),
        services=(service,),
        title="Security audit",
    )


def view(verdict: Verdict, found: Scan) -> dict[str, Any]:
    """The findings in the form old scripts read, plus rule, file and line; never what was matched."""
    red = verdict.red("security")
    rows = [
        {
            "code": f.code,
            "severity": "fail",
            "passed": False,
            "message": f"{f.rule} in {f.uri} line {f.line}",
            "action": red.get(f.code, "move it into env, vault or airflow, and rotate it"),
            "rule": f.rule,
            "file": f.uri,
            "line": f.line,
        }
        for f in found.findings
    ]
    rows += [_connection(item, red) for item in found.connections if item.code in red]
    if not rows and verdict.passed:
        rows = [{"code": "security.no_findings", "severity": "pass", "passed": True, "message": "nothing found",
                 "action": ""}]  # fmt: skip
    return {"findings": rows, "scanned": found.scanned}


def _connection(item: Any, red: Mapping[str, str]) -> dict[str, Any]:
    return {
        "code": item.code,
        "severity": "fail",
        "passed": False,
        "message": f"connection_type {item.type!r} in {item.uri} line {item.line}",
        "action": red[item.code],
        "rule": "connection_type",
        "file": item.uri,
        "line": item.line,
    }


def _files(session: Session, text: str) -> Iterator[Path]:
    """A file as it is, or every file below a folder, in a fixed order; links are not followed. A folder that
    cannot be listed stands for itself: nobody looked into it, and that is a finding."""
    path = session.workspace.argument(text)
    if not path.is_dir():
        yield path
        return
    closed: list[OSError] = []
    for folder, folders, names in os.walk(path, onerror=closed.append):
        folders[:] = sorted(f for f in folders if f not in SKIPPED)
        yield from (Path(folder) / name for name in sorted(names))
    yield from sorted(Path(error.filename) for error in closed)


def _materials(files: Sequence[Path], session: Session) -> list[dict[str, Any]]:
    listed = sorted(session.workspace.uri(path) for path in files)
    if not listed:
        return []
    digest = sha256_hex("\n".join(listed).encode("utf-8", "surrogateescape"))
    return [{"name": "files", "uri": listed[0], "kind": "list", "count": len(listed), "sha256": digest}]
