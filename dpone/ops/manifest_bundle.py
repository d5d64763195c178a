"""Manifest bundle: copies of files in one folder that can be handed on, redacted on demand, each with the digest
of the original and of the copy."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from dpone.canonical import sha256_hex
from dpone.data.secrets.documents import Document, inspect, redact_document
from dpone.data.secrets.redact import redact
from dpone.decisions.request import GateRequest, Verdict
from dpone.errors import one_line
from dpone.evidence.collect import Service
from dpone.ops.session import Session, split_pair
from dpone.record import dataclass, replace
from dpone.reports.markdown import table
from dpone.workspace import ReadProblem, check_id, file_stem

ARTIFACT = "manifest_bundle"
FOLDER = "files"
LISTED = 100
LARGEST = 10
"""The files of one bundle may have this many times `limits.file` together: they are in memory at once."""

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,12}")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
PROBLEMS = {
    "binary": "it is no text that can be read",
    "unknown_type": "its type is unknown",
    "not_structured": "it is not of the format its name promises",
    "structure_changed": "it would lose its structure",
    "incomplete": "a secret would be left in it",
}
STATES = ("missing", "unreadable", "too_large", "left_out", "copied")


@dataclass(frozen=True)
class Item:
    """One file of the bundle. `file` is where its copy lies below the output folder, whether or not one was
    made; `state` is copied, left_out (`problem` says why), or why the original could not be read."""

    name: str
    path: str
    file: str
    state: str
    problem: str
    format: str
    secrets: int
    redacted: bool
    duplicate: bool
    original: bytes
    copy: bytes

    @property
    def reason(self) -> str:
        """Why there is no copy, as people read it; empty when there is one."""
        return "" if self.state == "copied" else PROBLEMS.get(self.problem, self.problem)

    def facts(self, index: int) -> dict[str, Any]:
        """The item as Rego sees it. `secrets` is -1 when it could not be searched."""
        return {
            "name": self.name,
            "path": self.path,
            "file": self.file,
            "state": self.state,
            "reason": self.reason,
            "format": self.format,
            "secrets": self.secrets,
            "redacted": self.redacted,
            "duplicate": self.duplicate,
            "pointer": f"/items/{index}",
        }

    def digests(self) -> dict[str, Any]:
        """Digest and size of the copy, and of the original; empty and 0 where there is none."""
        read, copied = self.state in ("copied", "left_out"), self.state == "copied"
        return {
            "sha256": sha256_hex(self.copy) if copied else "",
            "size_bytes": len(self.copy),
            "original_sha256": sha256_hex(self.original) if read else "",
            "original_size_bytes": len(self.original),
        }


def request(session: Session, bundle_id: str, files: Sequence[str], *, redacting: bool) -> GateRequest:
    """Copy `name=path` files and ask whether the bundle may be handed on. Raises `UsageError`."""
    check_id(bundle_id, "--bundle-id")
    items = _items(session, [split_pair(text, "--file") for text in files], redacting=redacting)
    copies = {item.file: item.copy for item in items if item.state == "copied"}
    return replace(
        session.ask(ARTIFACT, lambda verdict: view(verdict, bundle_id, items)),
        services=(_service(items, _leftover(session, copies), redacting=redacting),),
        files=lambda _: copies,
        sections=_sections(items),
        said={"bundle_id": bundle_id, "redacted": redacting},
        title=f"Manifest bundle {bundle_id}",
    )


def _items(session: Session, pairs: Sequence[tuple[str, str]], *, redacting: bool) -> list[Item]:
    limit = session.config.get("limits", "file")
    left = limit * LARGEST
    names = Counter(name for name, _ in pairs)
    taken: set[str] = set()
    items = []
    for name, text in pairs:
        path = session.workspace.argument(text)
        uri = redact(session.workspace.uri(path))
        file = _file(name, path, taken)
        try:
            data = session.workspace.read(path, min(limit, left))
        except ReadProblem as problem:
            state, found = problem.state, Document("", 0, problem=problem.message)
            data = b""
        else:
            left -= len(data)
            found = redact_document(data, path.name) if redacting else inspect(data, path.name)
            state = "left_out" if redacting and found.problem else "copied"
        copy = (found.data if redacting else data) if state == "copied" else b""
        changed = redacting and state == "copied" and copy != data
        items.append(
            Item(
                redact(name), uri, file, state, found.problem, found.format, found.secrets, changed,
                names[name] > 1, data, copy,
            )
        )  # fmt: skip
    return items


def _file(name: str, path: PurePath, taken: set[str]) -> str:
    """Where the copy lies: a name that cannot lead out of the folder, means the same on every system, and
    that no other copy has."""
    suffix = ".env" if path.name.lower().startswith(".env") else path.suffix
    suffix = suffix if _SUFFIX.fullmatch(suffix) else ""
    stem = file_stem(redact(name)).removesuffix(suffix) or "file"
    if stem[0] in ".-" or stem[-1] == "." or _RESERVED.fullmatch(stem):
        stem = f"_{stem.rstrip('.')}"
    chosen, number = f"{stem}{suffix}", 1
    while chosen.casefold() in taken:
        number += 1
        chosen = f"{stem}~{number}{suffix}"
    taken.add(chosen.casefold())
    return f"{FOLDER}/{chosen}"


def _leftover(session: Session, copies: dict[str, bytes]) -> list[str]:
    """Names in the folder of copies that this bundle does not write: an earlier one may have left them."""
    try:
        found = [path.name for path in (session.output_dir / FOLDER).iterdir()]
    except OSError:
        return []
    own = {file.casefold() for file in copies}
    return sorted(redact(one_line(name)) for name in found if f"{FOLDER}/{name}".casefold() not in own)


def _service(items: Sequence[Item], leftover: Sequence[str], *, redacting: bool) -> Service:
    worst = sorted(enumerate(items), key=lambda pair: _worst_first(pair[1]))
    copied = [item for item in items if item.state == "copied"]
    in_clear = [item for item in copied if not redacting and item.secrets > 0]
    facts = {
        "redact": redacting,
        "file_count": len(items),
        "states": {state: sum(item.state == state for item in items) for state in STATES},
        "redacted_count": sum(item.redacted for item in items),
        "in_clear_count": len(in_clear),
        "unsearched_count": sum(item.secrets < 0 for item in copied),
        "duplicate_count": sum(item.duplicate for item in items),
        "files": [item.facts(index) for index, item in worst[:LISTED]],
        "leftover_count": len(leftover),
        "leftover": list(leftover[:LISTED]),
    }
    summary = f"{len(copied)} of {len(items)} files copied, {facts['redacted_count']} redacted"
    return Service("bundle", ARTIFACT, facts, summary, materials=tuple(_material(item) for item in items))


def _worst_first(item: Item) -> tuple[int, int, bool]:
    return STATES.index(item.state), -abs(item.secrets), not item.duplicate


def _material(item: Item) -> dict[str, Any]:
    state = "present" if item.state in ("copied", "left_out") else item.state
    digest = item.digests()["original_sha256"]
    return {
        "name": item.name,
        "uri": item.path,
        "kind": "file",
        "state": state,
        "sha256": digest,
        "seal": "absent",
    }


def view(verdict: Verdict, bundle_id: str, items: Sequence[Item]) -> dict[str, Any]:
    """The fields old scripts read; whether a file stands is what the rules said about it."""
    red = verdict.red("bundle")
    rows = [
        {
            "name": item.name,
            "source_path": item.path,
            "copied_path": f"{verdict.output_dir}/{item.file}" if item.state == "copied" else "",
            **item.digests(),
            "redacted": item.redacted,
            "passed": item.file not in red,
            "message": _message(item),
            "kind": item.format,
        }
        for item in items
    ]
    blockers = list(dict.fromkeys(row["name"] for row in rows if not row["passed"]))
    whole = [f.rule for f in verdict.result.denied if f.key not in {item.file for item in items}]
    return {
        "bundle_id": bundle_id,
        "output_dir": verdict.output_dir,
        "blockers": blockers + list(dict.fromkeys(whole)),
        "items": rows,
    }


def _message(item: Item) -> str:
    if item.state == "copied":
        found = "not searched" if item.secrets < 0 else f"secrets found: {item.secrets}"
        return f"{found}, redacted" if item.redacted else found
    return f"not copied: {item.reason}"


def _sections(items: Sequence[Item]) -> tuple[str, ...]:
    rows = []
    for item in items:
        told = item.digests()
        rows.append(
            (item.name, item.path, item.file if item.state == "copied" else "-", _message(item),
             told["original_sha256"], told["sha256"])
        )  # fmt: skip
    head = ("name", "original", "copy", "what was done", "sha256 of the original", "sha256 of the copy")
    return ("## Files", "", *table(head, rows), "")
