"""Artifact index: which files a release left behind, with digests, for reviewers and for the chain."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dpone.data.files import Indexed, Walk, walk
from dpone.decisions.request import GateRequest, Verdict
from dpone.evidence.collect import Service
from dpone.ledger.stores import own_folder
from dpone.ops.session import Session
from dpone.record import replace
from dpone.reports.markdown import table

ARTIFACT = "artifact_index"
LISTED = 100
"""How many files of a class the facts and the Markdown list; the JSON file has them all."""
DEFAULT_ROOTS = (".dpone", "test_artifacts")


def request(session: Session, roots: Sequence[str], beside: Sequence[Path] = ()) -> GateRequest:
    """Index the files below the roots and ask whether any of them is red, broken or of another release.

    `beside` are further folders that are this run's own output and no evidence of the release."""
    places = [session.workspace.argument(root) for root in roots]
    places = places or [session.workspace.path(root) for root in DEFAULT_ROOTS]
    named = [(session.workspace.uri(place), place) for place in places]
    roots = [name for name, _ in named]
    found = walk(named, [*_own(session), *beside])
    service = Service(
        "index",
        ARTIFACT,
        _facts(found, session.subject.release),
        f"{len(found.items)} files",
        materials=({"name": "files", "uri": " ".join(roots), "kind": "list", "sha256": found.digest()},),
    )
    return replace(
        session.ask(ARTIFACT, lambda verdict: view(verdict, found, roots)),
        services=(service,),
        sections=_sections(found),
        title="Artifact index",
    )


def _own(session: Session) -> list[Any]:
    """Dpone's own state: keys never lie here; ledger, store, locks and this command's output do."""
    state = session.workspace.state
    return [
        own_folder(session.config.get("ledger"), session.workspace),
        session.output_dir,
        state / "evidence-chain.lock",
        state / "cache",
    ]


def _facts(found: Walk, release: str) -> dict[str, Any]:
    red = [i for i in found.items if i.passed is False]
    broken = [i for i in found.items if i.broken]
    foreign = [i for i in found.items if release and i.release and i.release != release]
    return {
        "count": len(found.items),
        "bytes": sum(item.size_bytes for item in found.items),
        "digest": found.digest(),
        "red": _listed(red),
        "red_total": len(red),
        "broken": _listed(broken),
        "broken_total": len(broken),
        "foreign": _listed(foreign),
        "foreign_total": len(foreign),
        "missing_roots": list(found.missing_roots[:LISTED]),
        "left_out": [{"reason": reason, "count": count} for reason, count in sorted(found.left_out.items())],
    }


def _listed(items: Sequence[Indexed]) -> list[dict[str, str]]:
    return [{"path": item.path, "release": item.release or ""} for item in items[:LISTED]]


def view(verdict: Verdict, found: Walk, roots: Sequence[str]) -> dict[str, Any]:
    """The fields old scripts read, and what was left out."""
    return {
        "release": verdict.subject.release or None,
        "total_artifacts": len(found.items),
        "total_bytes": sum(item.size_bytes for item in found.items),
        "roots": list(roots),
        "output_dir": verdict.output_dir,
        "left_out": dict(found.left_out),
        "missing_roots": list(found.missing_roots),
        "items": [_row(item) for item in found.items],
    }


def _row(item: Indexed) -> dict[str, Any]:
    return {
        "name": item.path.rsplit("/", 1)[-1],
        "path": item.path,
        "relative_path": item.relative_path,
        "artifact_type": item.artifact_type,
        "sha256": item.sha256,
        "size_bytes": item.size_bytes,
        "modified_at": "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format(*time.gmtime(item.modified_at)[:6]),
        "release": item.release,
        "run_id": item.run_id,
        "passed": item.passed,
    }


def _sections(found: Walk) -> tuple[str, ...]:
    rows = [(i.path, i.artifact_type, _word(i), i.size_bytes, i.sha256) for i in found.items[:LISTED]]
    left = ", ".join(f"{count} {reason}" for reason, count in sorted(found.left_out.items())) or "nothing"
    more = [f"… and {len(found.items) - LISTED} more in the JSON file"] if len(found.items) > LISTED else []
    return (
        "## Files",
        "",
        *table(("path", "type", "says", "bytes", "sha256"), rows),
        *more,
        "",
        f"Left out: {left}",
        "",
    )


def _word(item: Indexed) -> str:
    if item.broken:
        return "broken"
    return {True: "passed", False: "not passed", None: ""}[item.passed]
