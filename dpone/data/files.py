"""Walking folders for the artifact index: every file with its digest, read in blocks, memory flat."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dpone.record import dataclass

TYPES = frozenset(
    {
        ".json", ".jsonl", ".ndjson", ".md", ".txt", ".log", ".yml", ".yaml", ".html", ".prom", ".csv", ".xml",
        ".sarif",
    }
)  # fmt: skip
"""Endings of files that are indexed; others are counted as left out."""

BLOCK = 1 << 20
_READ_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
PARSED_UP_TO = 5_000_000
"""JSON files up to this size are read for release, run id and verdict."""

KNOWN = (
    "release_gate", "ops_evidence_bundle", "policy_decision", "slo_report", "security_audit", "data_contract_report",
    "go_live_gate", "connector_marketplace", "certification_report", "artifact_index", "evidence_chain_index",
    "evidence_chain_verify", "diff_report", "env_drift",
)  # fmt: skip


@dataclass(frozen=True)
class Indexed:
    """One indexed file. `passed` is what the file itself claims (None: nothing); `broken` says that a
    JSON file is no JSON; `modified_at` is the file's time in whole seconds since the epoch."""

    path: str
    relative_path: str
    artifact_type: str
    sha256: str
    size_bytes: int
    modified_at: int
    release: str | None = None
    run_id: str | None = None
    passed: bool | None = None
    broken: bool = False


@dataclass(frozen=True)
class Walk:
    """What an index walk saw. `left_out` counts files by reason: `type`, `own_state`, `link`, `unreadable`."""

    items: tuple[Indexed, ...]
    left_out: Mapping[str, int]
    missing_roots: tuple[str, ...]

    def digest(self) -> str:
        """SHA-256 (hex) over the paths and digests of all items, one line each, in the order of their paths."""
        made = hashlib.sha256()
        for item in self.items:
            made.update(f"{item.sha256}  {item.path}\n".encode("utf-8", "surrogateescape"))
        return made.hexdigest()


def walk(roots: Sequence[tuple[str, Path]], own: Iterable[Path]) -> Walk:
    """Index every file of a known type below `roots` (each a name and a folder), sorted by path.

    `own` are files and folders of dpone's own state, which are left out and counted, as are symbolic
    links. A file below two roots is listed once, under the first.
    """
    left_out: dict[str, int] = {}
    excluded = {os.path.realpath(path) for path in own}
    seen: set[str] = set()
    items: list[Indexed] = []
    missing = []
    for name, root in roots:
        if not root.is_dir():
            missing.append(name)
            continue
        # Below a real folder, with links left out, every path is its own real path.
        for entry, relative in _files(os.path.realpath(root), "", excluded, left_out):
            if entry.path in seen:
                continue
            seen.add(entry.path)
            ending = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122 - ten thousand Path objects cost
            if ending not in TYPES:
                left_out["type"] = left_out.get("type", 0) + 1
                continue
            made = _index(entry, f"{name}/{relative}", relative, ending)
            if made is None:
                left_out["unreadable"] = left_out.get("unreadable", 0) + 1
            else:
                items.append(made)
    return Walk(tuple(sorted(items, key=lambda item: item.path)), left_out, tuple(missing))


def _files(
    folder: str, prefix: str, excluded: set[str], left_out: dict[str, int]
) -> Iterator[tuple[os.DirEntry[str], str]]:
    with os.scandir(folder) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    for entry in listed:
        if entry.path in excluded:
            left_out["own_state"] = left_out.get("own_state", 0) + 1
        elif entry.is_symlink():
            left_out["link"] = left_out.get("link", 0) + 1
        elif entry.is_dir(follow_symlinks=False):
            yield from _files(entry.path, f"{prefix}{entry.name}/", excluded, left_out)
        elif entry.is_file(follow_symlinks=False):
            yield entry, prefix + entry.name
        else:
            left_out["not_regular"] = left_out.get("not_regular", 0) + 1


def _index(entry: os.DirEntry[str], path: str, relative: str, ending: str) -> Indexed | None:
    parsed = False
    said = None
    try:
        handle = os.open(entry.path, _READ_FLAGS)
        try:
            info = os.fstat(handle)
            parsed = ending == ".json" and info.st_size <= PARSED_UP_TO
            if parsed or info.st_size <= BLOCK:
                data = _content(handle, info.st_size)
                digest = hashlib.sha256(data).hexdigest()
                said = _said(data) if parsed else None
            else:
                digest = _digest(handle)
        finally:
            os.close(handle)
    except OSError:
        return None
    kind = _type(entry.name, ending)
    release, run_id, passed = _claims(said)
    broken = parsed and said is None
    return Indexed(
        path, relative, kind, digest, info.st_size, int(info.st_mtime), release, run_id, passed, broken
    )


def _content(handle: int, size: int) -> bytes:
    """All of a small file, as a rule in one read: fewer bytes than were asked for are the end of it."""
    data = os.read(handle, size + 1)
    if len(data) == size:
        return data
    parts = [data]
    while data:
        data = os.read(handle, BLOCK)
        parts.append(data)
    return b"".join(parts)


def _digest(handle: int) -> str:
    made = hashlib.sha256()
    with os.fdopen(os.dup(handle), "rb", buffering=0) as file:
        block = memoryview(bytearray(BLOCK))
        while count := file.readinto(block):
            made.update(block[:count])
    return made.hexdigest()


def _said(data: bytes) -> Any:
    """The JSON of a file, None where it is none. What it claims is shown, and believed by nobody."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _claims(root: Any) -> tuple[str | None, str | None, bool | None]:
    if not isinstance(root, dict):
        return None, None, None
    subject = root.get("decision", {}).get("subject", {}) if isinstance(root.get("decision"), dict) else {}
    release = root.get("release") or (subject.get("release") if isinstance(subject, dict) else None)
    run_id = root.get("run_id") or (subject.get("run_id") if isinstance(subject, dict) else None)
    passed = root.get("passed")
    return (
        release if isinstance(release, str) and release else None,
        run_id if isinstance(run_id, str) and run_id else None,
        passed if isinstance(passed, bool) else None,
    )


def _type(name: str, ending: str) -> str:
    stem = name[: -len(ending)]
    if stem in KNOWN:
        return stem
    if stem.endswith("__evidence_chain"):
        return "evidence_chain"
    return "behavior" if stem.endswith("__behavior") else ending.lstrip(".")
