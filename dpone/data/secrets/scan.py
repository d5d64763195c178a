"""Scan texts, files and folders for secrets and say where they stand, never what they are."""

from __future__ import annotations

import hashlib
import hmac
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from dpone.data.secrets.redact import redact
from dpone.data.secrets.search import SUFFIXES, ConnectionType, search
from dpone.data.secrets.structure import Syntax, dotted, pointer
from dpone.data.secrets.text import Hit
from dpone.record import dataclass
from dpone.workspace import MEGABYTE, ReadProblem, read_file

MAX_LISTED = 100
FILE_LIMIT = 50 * MEGABYTE

Item = TypeVar("Item")
Hint = Literal["auto", "manifest", "log"]


@dataclass(frozen=True)
class SecretFinding:
    """Where a secret stands. `line` and `column` count from 1; `path` is the dotted way to it in a
    document, `pointer` the same as RFC 6901 (both empty in plain text); `fingerprint` is keyed, so that
    equal secrets of one run are seen to be equal and nothing can be guessed from it."""

    code: str
    rule: str
    uri: str
    line: int
    column: int
    path: str
    pointer: str
    fingerprint: str


@dataclass(frozen=True)
class ConnectionFinding:
    """A `connection_type` in a document; `type` is empty when the value is no plain name."""

    code: str
    type: str
    uri: str
    line: int
    pointer: str


@dataclass(frozen=True)
class NotScanned:
    """What could not be looked into, or not in the way its name asks: `reason` is binary, missing,
    unreadable, too_large, or not_structured (searched as plain text only)."""

    uri: str
    reason: str


@dataclass(frozen=True)
class Scan:
    """What a scan found in `scanned` texts with `bytes` bytes in all."""

    scanned: int = 0
    bytes: int = 0
    findings: tuple[SecretFinding, ...] = ()
    connections: tuple[ConnectionFinding, ...] = ()
    not_scanned: tuple[NotScanned, ...] = ()

    def facts(self) -> dict[str, Any]:
        """Facts of kind ``security_audit``: counts, and the first hundred of each class. Fingerprints stay out:
        their key is of one run, and facts are the same bytes every time."""
        rules = Counter(finding.rule for finding in self.findings)
        reasons = Counter(item.reason for item in self.not_scanned)
        return {
            "scanned": self.scanned,
            "bytes": self.bytes,
            "finding_count": len(self.findings),
            "findings": [
                {
                    "code": f.code,
                    "rule": f.rule,
                    "uri": f.uri,
                    "line": f.line,
                    "column": f.column,
                    "path": f.path,
                    "place": f.pointer,
                    "pointer": f"/findings/{index}",
                }
                for index, f in enumerate(self.findings[:MAX_LISTED])
            ],
            "rules": [{"rule": rule, "count": rules[rule]} for rule in sorted(rules)],
            "connection_count": len(self.connections),
            "connection_types": [
                {"code": c.code, "type": c.type, "uri": c.uri, "line": c.line, "place": c.pointer}
                for c in _spread(self.connections, lambda item: item.type)[:MAX_LISTED]
            ],
            "not_scanned": [
                {"uri": item.uri, "reason": item.reason}
                for item in _spread(self.not_scanned, lambda item: item.reason)[:MAX_LISTED]
            ],
            "not_scanned_reasons": [{"reason": reason, "count": reasons[reason]} for reason in sorted(reasons)],
        }


def _spread(items: Sequence[Item], kind: Callable[[Item], str]) -> list[Item]:
    """`items` with the first of each kind first, then the second of each, so that a bounded list never
    hides a kind behind a more frequent one."""
    seen: Counter[str] = Counter()
    ranked = []
    for item in items:
        seen[kind(item)] += 1
        ranked.append((seen[kind(item)], item))
    return [item for _, item in sorted(ranked, key=lambda pair: pair[0])]


def merge(scans: Iterable[Scan]) -> Scan:
    """Several scans as one, in the order given."""
    parts = list(scans)
    return Scan(
        sum(scan.scanned for scan in parts),
        sum(scan.bytes for scan in parts),
        tuple(item for scan in parts for item in scan.findings),
        tuple(item for scan in parts for item in scan.connections),
        tuple(item for scan in parts for item in scan.not_scanned),
    )


def scan_bytes(data: bytes, uri: str, key: bytes, hint: Hint = "auto") -> Scan:
    """Scan one text. `uri` names it in findings; `key` (secret, one per run) keys the fingerprints.

    `hint` auto goes by the end of `uri`; manifest is JSON or YAML whose structure must be readable; log
    is plain text. Bytes that are no text give a `NotScanned`.
    """
    uri = redact(uri)
    text = decode(data)
    if text is None:
        return Scan(not_scanned=(NotScanned(uri, "binary"),))
    syntax = _syntax(text, uri, hint)
    found = search(text, syntax, thorough=hint == "manifest")
    breaks = (
        [match.start() for match in re.finditer("\n", text)] if found.hits or found.connection_types else []
    )
    problems = (NotScanned(uri, "not_structured"),) if found.problem else ()
    return Scan(
        1,
        len(data),
        tuple(_finding(text, hit, breaks, uri, key, syntax) for hit in found.hits),
        tuple(_connection(kind, breaks, uri) for kind in found.connection_types),
        problems,
    )


def scan_paths(
    paths: Iterable[Path], uri: Callable[[Path], str], key: bytes, limit: int = FILE_LIMIT, hint: Hint = "auto"
) -> Scan:
    """Scan files, each read once and forgotten; what cannot be read is a `NotScanned`, never skipped.

    `uri` says how a path is named in findings; a file of more than `limit` bytes is not scanned.
    """
    scans = []
    for path in paths:
        try:
            data = read_file(path, limit)
        except ReadProblem as problem:
            scans.append(Scan(not_scanned=(NotScanned(redact(uri(path)), problem.state),)))
        else:
            scans.append(scan_bytes(data, uri(path), key, hint))
    return merge(scans)


def decode(data: bytes) -> str | None:
    """`data` as text: UTF-8, UTF-16 or UTF-32 with a byte order mark, else byte by byte; None for binary."""
    if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return data.decode("utf-32", "replace")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _syntax(text: str, uri: str, hint: Hint) -> Syntax:
    if hint == "manifest":
        return "json" if text.lstrip()[:1] in ("{", "[") else "yaml"
    return "text" if hint == "log" else SUFFIXES.get(Path(uri).suffix.lower(), "text")


def _finding(text: str, hit: Hit, breaks: list[int], uri: str, key: bytes, syntax: Syntax) -> SecretFinding:
    line, column = _place(hit.start, breaks)
    path, place = _shown(dotted(hit.path)), _shown(pointer(hit.path))
    manifest = syntax in ("json", "yaml") and bool(path)
    code = f"manifest.inline_secret.{path}" if manifest else f"log.unredacted_secret.{hit.rule}"
    mark = hmac.new(key, text[hit.start : hit.end].encode("utf-8", "surrogatepass"), hashlib.sha256)
    return SecretFinding(code, hit.rule, uri, line, column, path, place, mark.hexdigest()[:32])


@lru_cache(maxsize=1024)
def _shown(path: str) -> str:
    """A path as it may be shown: keys of a document can hold secrets too."""
    return redact(path) if path else ""


def _connection(kind: ConnectionType, breaks: list[int], uri: str) -> ConnectionFinding:
    line, _ = _place(kind.start, breaks)
    name = kind.value if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,39}", redact(kind.value)) else ""
    path, place = _shown(dotted(kind.path)), _shown(pointer(kind.path))
    return ConnectionFinding(f"manifest.unsafe_connection_type.{path}", name, uri, line, place)


def _place(start: int, breaks: list[int]) -> tuple[int, int]:
    line = bisect_right(breaks, start - 1)
    return line + 1, start - (breaks[line - 1] + 1 if line else 0) + 1
