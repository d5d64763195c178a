"""An older answer must not stand where a newer run could not decide."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from dpone.canonical import JsonProblem, parse_json, pretty_bytes
from dpone.errors import UndecidedError, one_line
from dpone.evidence.artifacts import SCHEMA_VERSION
from dpone.evidence.model import Subject
from dpone.record import asdict
from dpone.workspace import ReadProblem, publish, read_file

ARTIFACT_LIMIT = 100_000_000


def withdraw(folder: Path, gate: str, subject: Subject, problem: str) -> None:
    """Replace every passed artifact of `gate` in `folder` that a run about `subject` would have replaced
    by one that says `undecided` and why, without a seal; where even that cannot be written, remove it.

    An artifact kept under another subject's own name is not this run's, and stays.
    """
    for path in sorted(folder.glob("*.json")):
        document = _passed(path, gate)
        if document and (path.stem == document.get("artifact_type") or _about(document) == asdict(subject)):
            _replace(path, document, problem)


def _passed(path: Path, gate: str) -> dict[str, Any]:
    """The artifact at `path` when it is one of that gate's and passed; else nothing."""
    try:
        document = parse_json(read_file(path, ARTIFACT_LIMIT))
    except (ReadProblem, JsonProblem):
        return {}
    ours = isinstance(document, dict) and document.get("schema_version") == SCHEMA_VERSION
    decision = document.get("decision") if ours else None
    good = isinstance(decision, dict) and decision.get("gate") == gate and document.get("passed") is not False
    return document if good else {}


def _about(document: Mapping[str, Any]) -> Any:
    return document["decision"].get("subject")


def _replace(path: Path, document: Mapping[str, Any], problem: str) -> None:
    markdown, envelope = path.with_suffix(".md"), path.with_suffix(".dsse.json")
    told = {
        "artifact_type": document.get("artifact_type"),
        "schema_version": SCHEMA_VERSION,
        "status": "undecided",
        "passed": False,
        "problem": one_line(problem),
    }
    page = f"# UNDECIDED\n\n{one_line(problem)}\n".encode()
    pages = dict.fromkeys((markdown, *_pages(path.parent, document)), page)
    try:
        publish({path: pretty_bytes(told), **pages})
    except UndecidedError:
        for old in (path, *pages):
            _remove(old)
    _remove(envelope)


def _pages(folder: Path, document: Mapping[str, Any]) -> list[Path]:
    """Further pages that the artifact says it wrote beside itself: a snippet or runbook that still reads green is
    what people copy."""
    said = [value for field, value in document.items() if field.endswith("_path") and isinstance(value, str)]
    pages = [folder / Path(value).name for value in said if value.endswith(".md")]
    return [page for page in pages if page.is_file() and not page.is_symlink()]


def _remove(path: Path) -> None:
    """Remove a file; whoever asked is about to report the fault that led here, which outranks this one."""
    with suppress(OSError):
        path.unlink()
