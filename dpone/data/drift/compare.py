"""What differs between two flat documents, and who allows it: facts, never a verdict."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from dpone.canonical import MAX_INTEGER, pretty_bytes, sha256_hex
from dpone.config.allowances import Allowance
from dpone.data.drift.allowed import NOTHING, Allowlist, Entry
from dpone.data.drift.flatten import Flat, Leaf
from dpone.data.drift.hide import HIDDEN, cover, shown_paths
from dpone.data.secrets.judge import REDACTED
from dpone.record import dataclass

LISTED = 100
LIST_BYTES = 20_000
"""Most rows of a class in the canonical input, and about how many bytes they may take."""
TEXT_SHOWN, VALUE_SHOWN = 60, 1_000
"""Characters of a value in the facts and in the artifact; longer texts are cut and say so."""
KIND_WORDS = {
    "changed": "changed",
    "missing_in_target": "missing in target",
    "added_in_target": "added in target",
}


@dataclass(frozen=True)
class Difference:
    """One place that differs. `path` as it is shown; `allowed_by` is one of `allowed.CLASSES`; `allowance` is
    a sentence about who allows or allowed it."""

    path: str
    kind: str
    source: Leaf | None
    target: Leaf | None
    allowed_by: str
    allowance: str

    def row(self) -> dict[str, Any]:
        """The row of the artifact and of the complete list."""
        return {
            "path": self.path,
            "kind": self.kind,
            "source_value": _value(self.source),
            "target_value": _value(self.target),
            "source_type": self.source.type if self.source else "absent",
            "target_type": self.target.type if self.target else "absent",
            "allowed_by": self.allowed_by,
        }

    def fact(self, position: int) -> dict[str, Any]:
        """The row of the canonical input; `position` is its place in the artifact's list."""
        return {
            "path": self.path,
            "kind": KIND_WORDS[self.kind],
            "source": _text(self.source),
            "target": _text(self.target),
            "allowance": self.allowance,
            "pointer": f"/differences/{position}",
        }


@dataclass(frozen=True)
class Drift:
    """Everything found. `differences` are sorted by what allows them (nothing first), then by path; `judged`
    counts the places that nothing allows to differ."""

    source: Flat
    target: Flat
    differences: tuple[Difference, ...]
    compared: int
    judged: int
    entries: tuple[Entry, ...]

    def count(self, *classes: str) -> int:
        """How many differences are allowed by one of `classes`."""
        return sum(self.classes[name] for name in classes)

    @cached_property
    def classes(self) -> Counter[str]:
        """How many differences each class has."""
        return Counter(difference.allowed_by for difference in self.differences)

    @cached_property
    def listing(self) -> bytes:
        """The complete list as it is written beside the artifact."""
        return listing(self.differences)

    def facts(self) -> dict[str, Any]:
        """Facts about the two documents (``schemas/evidence/env_drift.v1.json``), without the environments."""
        kinds = Counter(difference.kind for difference in self.differences)
        unused = [entry for entry in self.entries if entry.state == "active" and not entry.used]
        expired = [entry for entry in self.entries if entry.state == "expired"]
        return {
            "source_format": self.source.form,
            "target_format": self.target.form,
            "source_values": len(self.source.leaves),
            "target_values": len(self.target.leaves),
            "compared": self.compared,
            "judged": self.judged,
            "difference_count": len(self.differences),
            "differences_sha256": sha256_hex(self.listing),
            "kinds": {kind: kinds[kind] for kind in KIND_WORDS},
            "secret_count": sum(HIDDEN in (_type(d.source), _type(d.target)) for d in self.differences),
            "blocking_count": self.count(NOTHING, "expired"),
            "blocking": self._listed(NOTHING, "expired"),
            "command_line_count": self.count("command_line"),
            "command_line": self._listed("command_line"),
            "config_count": self.count("config"),
            "config": self._listed("config"),
            "allowance_count": len(self.entries),
            "unused_count": len(unused),
            "unused": _bounded((entry.fact() for entry in unused), LIST_BYTES // 2),
            "expired_count": len(expired),
            "expired": _bounded((entry.fact() for entry in expired), LIST_BYTES // 2),
        }

    def _listed(self, *classes: str) -> list[dict[str, Any]]:
        rows = (d.fact(n) for n, d in enumerate(self.differences) if d.allowed_by in classes)
        return _bounded(rows, LIST_BYTES)


def _bounded(rows: Iterable[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """The first hundred rows, fewer where they would take more than `limit` bytes."""
    kept: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        size += len(json.dumps(row))
        if len(kept) == LISTED or size > limit:
            break
        kept.append(row)
    return kept


def listing(differences: Sequence[Difference]) -> bytes:
    """The file that lists every difference; the same bytes for the same differences."""
    rows = [difference.row() for difference in differences]
    return pretty_bytes({"schema": "dpone.env-drift-differences/v1", "differences": rows})


def compare(
    source: Flat, target: Flat, allow: Sequence[Allowance], exact: Sequence[str], now: datetime, key: bytes
) -> Drift:
    """Compare two documents. `allow` are entries of the configuration, `exact` paths from the command line;
    `key` is secret, one per run, and keys the digests by which secret values are compared."""
    covered = cover(source.leaves, target.leaves, key)
    left, right = covered.source, covered.target
    places = sorted(left.keys() | right.keys())
    allowlist = Allowlist(allow, exact, now)
    differing: list[tuple[str, str, str, str]] = []
    judged = 0
    for path in places:
        before, after = left.get(path), right.get(path)
        steps = (before or after or _NONE).steps
        differs = before is None or after is None or (before.type, before.value) != (after.type, after.value)
        allowed_by, allowance = allowlist.ask(path, steps, differs=differs)
        judged += allowed_by in (NOTHING, "expired")
        if differs:
            kind = (
                "added_in_target" if before is None else ("missing_in_target" if after is None else "changed")
            )
            differing.append((path, kind, allowed_by, allowance))
    names = [path for path, *_ in differing]
    shown = shown_paths(names, [(left.get(p) or right[p]).steps for p in names], covered.known)
    differences = [
        Difference(shown[path], kind, left.get(path), right.get(path), allowed_by, allowance)
        for path, kind, allowed_by, allowance in differing
    ]
    order = {NOTHING: 0, "expired": 0, "command_line": 1, "config": 2}
    differences.sort(key=lambda d: order[d.allowed_by])
    return Drift(source, target, tuple(differences), len(places), judged, allowlist.entries())


_NONE = Leaf((), (), "null", None)


def _type(leaf: Leaf | None) -> str:
    return leaf.type if leaf else "absent"


def _value(leaf: Leaf | None) -> Any:
    """The value as JSON shows it; a number that JSON readers would round is shown as text."""
    if leaf is None or leaf.type == "null":
        return None
    if leaf.type == HIDDEN:
        return REDACTED
    if leaf.type in ("empty object", "empty list"):
        return {} if leaf.type == "empty object" else []
    if isinstance(leaf.value, str):
        return _cut(leaf.value, VALUE_SHOWN)
    if isinstance(leaf.value, Decimal):
        return (
            float(leaf.value)
            if Decimal(repr(float(leaf.value))) == leaf.value
            else _cut(str(leaf.value), VALUE_SHOWN)
        )
    if leaf.type == "integer" and abs(leaf.value) > MAX_INTEGER:
        return _cut(str(leaf.value), VALUE_SHOWN)
    return leaf.value


def _text(leaf: Leaf | None) -> str:
    """The value as a sentence names it."""
    if leaf is None:
        return "absent"
    if leaf.type == HIDDEN:
        return REDACTED
    if leaf.type == "text":
        return json.dumps(_cut(leaf.value, TEXT_SHOWN), ensure_ascii=not leaf.value.isprintable())
    if isinstance(leaf.value, (str, Decimal)) or leaf.type == "integer":
        return _cut(str(leaf.value), TEXT_SHOWN)
    return json.dumps(_value(leaf))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit // 2]}... ({len(text)} characters)"
