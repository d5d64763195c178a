"""Recorded decisions as events of OPA's decision log, for whatever already reads that log.

The fields are those of OPA's format; what
it has no field for stands under `labels` (texts, to select by) and `custom`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

from dpone.canonical import canonical_bytes
from dpone.decisions.stored import Stored
from dpone.errors import NotGoodError


def decision_log(chosen: Iterable[Stored], last: int = 0) -> bytes:
    """One event a line, oldest first; only the `last` so many where that is not 0.

    Raises `NotGoodError` when there is none, `UndecidedError` when something of one is no longer kept.
    """
    found = list(chosen)
    if not found:
        raise NotGoodError("the ledger holds no such decision", "see dpone decision list")
    return b"".join(canonical_bytes(event(stored)) + b"\n" for stored in found[-last:])


def event(stored: Stored) -> dict[str, Any]:
    """One decision as an event. The timestamp is that of the decision, as it was signed."""
    predicate = _signed(stored)
    files = stored.digests("files")
    run = stored.json(files[f"{stored.entry.body['stem']}.json"]).get("run", {})
    engine = predicate.get("engine") or dict(zip(("name", "version"), _words(run), strict=True))
    return {
        "labels": dict(_labels(stored, predicate, engine, run)),
        "decision_id": stored.id,
        "bundles": {name: {"revision": digest} for name, digest in predicate["policies"].items()},
        "path": f"dpone/gates/{stored.gate.replace('-', '_')}",
        "input": stored.json(stored.digest("input")),
        "result": stored.json(stored.digest("result")),
        "requested_by": predicate["actor"]["identity"],
        "timestamp": predicate["decided_at"],
        "custom": {
            "engine": engine,
            "passed": predicate["passed"],
            "input": predicate["input"],
            "config": predicate["config"],
            "ledger": {"name": stored.entry.origin.name, "entry": stored.entry.index + 1},
        },
    }


def _labels(
    stored: Stored, predicate: dict[str, Any], engine: dict[str, Any], run: dict[str, Any]
) -> Iterator[Any]:
    yield "app", "dpone"
    yield "id", stored.entry.origin.name
    yield "version", str(run.get("dpone", ""))
    yield "gate", stored.gate
    yield "status", str(predicate["status"])
    yield "engine", f"{engine['name']} {engine['version']}".strip()
    for name, value in vars(stored.subject).items():
        if value:
            yield name, value


def _words(run: dict[str, Any]) -> tuple[str, str]:
    """Name and version of the engine as older decisions say them: `regopy 1.5.2`."""
    name, _, version = str(run.get("engine", "")).partition(" ")
    return name, version


def _signed(stored: Stored) -> dict[str, Any]:
    """The predicate inside the envelope, as it was signed; `dpone decision verify` checks it."""
    envelope = json.loads(stored.read(stored.id))
    predicate: dict[str, Any] = json.loads(base64.b64decode(envelope["payload"]))["predicate"]
    return predicate
