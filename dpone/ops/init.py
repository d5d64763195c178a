"""Looking around in a project: evidence found by content, and a first dpone.yaml written from it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from dpone.errors import UsageError
from dpone.evidence.artifacts import claims_to_be
from dpone.evidence.model import Invalid, Reading
from dpone.evidence.parsing import parse
from dpone.evidence.recognition import Unrecognized, recognize
from dpone.record import dataclass
from dpone.workspace import CONFIG_NAME, ReadProblem, Workspace, publish

SKIPPED = frozenset(
    {".git", ".venv", "venv", "node_modules", ".dpone", "__pycache__", ".tox", ".mypy_cache", "site-packages"}
)
ENDINGS = frozenset({".json", ".xml", ".sarif", ".yaml", ".yml", ".jsonl", ".ndjson"})
FILE_LIMIT = 50_000_000
MOST_FILES = 20_000
NAMES = {
    "junit": "tests", "dbt": "dbt", "dbt-sources": "freshness", "sarif": "sast", "bandit": "bandit", "pip-audit": "deps",
    "prometheus": "slo", "coverage": "coverage", "cyclonedx": "sbom", "in-toto": "provenance",
    "great-expectations": "expectations", "soda": "soda", "datacontract": "contract", "spdx": "sbom",
    "pytest-benchmark": "benchmark", "locust": "load", "openlineage": "lineage", "detect-secrets": "secrets",
    "ruff": "lint", "gitleaks": "leaks",
}  # fmt: skip
"""What evidence of a kind is usually called. A kind that is not here is no evidence of its own."""


@dataclass(frozen=True)
class Found:
    """A file that some collector understands. `name` is empty where it needs something first, said in `note`."""

    name: str
    uri: str
    title: str
    reading: Reading
    note: str = ""


def look_around(workspace: Workspace) -> list[Found]:
    """Every file below the workspace that is evidence of a known kind, by path."""
    found: list[Found] = []
    taken: set[str] = set()
    for path in _files(workspace.root):
        try:
            document = parse(workspace.read(path, FILE_LIMIT))
            if claims_to_be(document):
                continue
            collector = recognize(document)
            reading = collector.read(document, {})
        except (ReadProblem, Invalid, Unrecognized):
            continue
        uri = workspace.uri(path)
        if collector.kind not in NAMES:
            found.append(
                Found("", uri, collector.title, reading, "used together with other evidence, not on its own")
            )
        elif collector.kind == "prometheus":
            found.append(
                Found(
                    "", uri, collector.title, reading, "needs an objective -> see objectives in docs/evidence"
                )
            )
        else:
            name = _free(NAMES[collector.kind], path, taken)
            taken.add(name)
            found.append(Found(name, uri, collector.title, reading))
    return found


def write_config(workspace: Workspace, found: list[Found]) -> list[str]:
    """Write dpone.yaml and an empty trust file, and keep `.dpone/` out of git; returns what was written.

    Raises `UsageError` when dpone.yaml is there already: it is somebody's work.
    """
    target = workspace.root / CONFIG_NAME
    if target.exists():
        raise UsageError(
            f"{CONFIG_NAME} is there already and was left as it is", "add names under evidence: yourself"
        )
    from dpone.signing.trust import DEFAULT_TRUST, Trust
    from dpone.signing.trust_file import trust_bytes

    named = [item for item in found if item.name]
    files = {target: _config_text(named).encode("utf-8")}
    written = [f"{CONFIG_NAME} ({len(named)} {'name' if len(named) == 1 else 'names'})"]
    trust = workspace.root / DEFAULT_TRUST
    if not trust.exists():
        files[trust] = trust_bytes(Trust())
        written.append(f"{DEFAULT_TRUST} (empty)")
    ignore = workspace.root / ".gitignore"
    kept = ignore.read_text("utf-8") if ignore.is_file() else ""
    if ".dpone/" not in kept.split():
        files[ignore] = (kept + ("" if not kept or kept.endswith("\n") else "\n") + ".dpone/\n").encode("utf-8")
        written.append("added .dpone/ to .gitignore")
    publish(files)
    return written


def write_ci(workspace: Workspace, system: str) -> str:
    """Write a complete CI file for `github` or `gitlab`; raises `UsageError` when one is there."""
    place = {"github": ".github/workflows/dpone-release.yml", "gitlab": ".gitlab-ci.yml"}[system]
    target = workspace.root / place
    if target.exists():
        raise UsageError(f"{place} is there already and was left as it is", "see docs/ci for the lines to add")
    publish({target: (Path(__file__).parent / "templates" / f"{system}.yml").read_bytes()})
    return place


def _files(root: Path) -> Iterator[Path]:
    seen = 0
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIPPED)
        for name in sorted(names):
            if Path(name).suffix.lower() in ENDINGS and not name.endswith(".dsse.json"):
                seen += 1
                if seen > MOST_FILES:
                    return
                yield Path(folder) / name


def _free(name: str, path: Path, taken: set[str]) -> str:
    if name not in taken:
        return name
    stem = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "file"
    candidate, number = f"{name}-{stem}", 2
    while candidate in taken:
        candidate, number = f"{name}-{stem}-{number}", number + 1
    return candidate


def _config_text(named: list[Found]) -> str:
    import json

    lines = [
        "# May this release go ahead? Every key: dpone config show. Schema: dpone config show --format schema",
        "version: 1",
    ]
    lines.append("evidence:" if named else "evidence: {}      # name: {path: build/junit.xml}")
    lines += [f"  {item.name}: {{path: {json.dumps(item.uri)}}}" for item in named]
    lines += ["environments:", "  production: {protected: true}   # the profile strict is the floor here"]
    return "\n".join(lines) + "\n"
