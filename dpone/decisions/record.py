"""Recording: the ledger entry of a decision, and beside it, by digest, what a replay needs."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dpone.canonical import canonical_bytes, sha256_hex
from dpone.decisions.gate_input import GateInput
from dpone.decisions.request import Context, GateRequest
from dpone.decisions.sealing import Decision
from dpone.errors import UndecidedError
from dpone.evidence.collect import Descriptor
from dpone.evidence.model import HOLDS_SECRET, Evidence
from dpone.evidence.seals import artifact_seal_path, raw_seal_path
from dpone.ledger.interface import Ledger, Receipt
from dpone.ledger.stores import open_ledger
from dpone.policy.layers import Layer
from dpone.record import asdict
from dpone.workspace import ReadProblem, time_text

INLINE_BYTES = 32_000
"""Evidence up to this size is kept inside the question, larger evidence as an object of its own."""


def record(
    decision: Decision,
    request: GateRequest,
    gate_input: GateInput,
    layers: Iterable[Layer],
    context: Context,
) -> Receipt | None:
    """Append the decision to the ledger; None where this run may not: a preview, and a key that the trust file does
    not list, are recorded nowhere."""
    signer = context.recorder
    if signer is None:
        return None
    ledger = open_ledger_of(context)
    bundles = {layer.name: canonical_bytes(layer_document(layer)) for layer in layers}
    sources, kept = _kept_evidence(decision.verdict.evidence, request, context)
    asked = canonical_bytes(_question(request, sources, context))
    objects = [
        decision.envelope,
        gate_input.data,
        gate_input.config_data,
        decision.result_data,
        asked,
        context.config.data,
        *bundles.values(),
        *decision.files.values(),
        *kept,
    ]
    verdict = decision.verdict
    body = {
        "envelope": decision.id,
        "gate": request.gate,
        "kind": request.artifact,
        "subject": asdict(request.subject),
        "status": verdict.result.status,
        "passed": verdict.result.passed,
        "signer": signer.public.fingerprint,
        "input": gate_input.digest,
        "config": gate_input.config_digest,
        "result": sha256_hex(decision.result_data),
        "question": sha256_hex(asked),
        "layers": {name: sha256_hex(data) for name, data in bundles.items()},
        "files": {name: sha256_hex(data) for name, data in decision.files.items()},
        "folder": verdict.output_dir,
        "stem": request.stem,
        "noted": dict(request.noted),
    }
    now = context.workspace.clock.now()
    for extra in request.beside:
        ledger.append(extra.type, extra.body, now, extra.objects, signer)
    return ledger.append(request.entry, body, now, objects, signer, request.alone_since)


def open_ledger_of(context: Context) -> Ledger:
    """The configured ledger. Only checkpoints by keys of the trust file or by this machine's own key are
    read and continued, so that nobody else's can stand for it."""
    own = (context.own,) if context.own else ()
    keys = (*context.trust.public_keys, *own)
    return open_ledger(context.config.get("ledger"), context.workspace, context.trust.ledger, keys)


def settled_ledger_of(context: Context) -> Ledger:
    """The same, after completing what a killed process left half done: what was begun before this run then counts
    for it, as it will for everybody after it."""
    ledger = open_ledger_of(context)
    if context.recorder:
        ledger.settle()
    return ledger


def layer_document(layer: Layer) -> dict[str, Any]:
    """A policy layer as it is kept for replay: its name, digest, modules, the custom kinds it declares,
    and the gate it replaces."""
    return {
        "schema": "dpone.layer/v1",
        "name": layer.name,
        "digest": layer.digest,
        "modules": dict(layer.modules),
        "replaces": layer.replaces,
        **({"kinds": dict(layer.kinds)} if layer.kinds else {}),
        **({"replaces": layer.replaces} if layer.replaces else {}),
    }


def _question(request: GateRequest, sources: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """What was asked, so that an auditor can collect the kept evidence again."""
    return {
        "schema": "dpone.question/v1",
        "given": [
            {
                "name": d.name,
                "uri": context.workspace.uri(d.path),
                "kind": d.kind,
                "options": dict(d.options),
                "max_age_seconds": d.max_age_seconds,
                "duplicate": d.duplicate,
                "problem": d.problem,
                "about": asdict(d.about) if d.about else None,
            }
            for d in request.given
        ],
        "services": [s.name for s in request.services],
        "configured": [r.name for r in request.required if r.configured],
        "declared": context.config.names("evidence"),
        "dpone_yaml": sha256_hex(context.config.data),
        "sources": dict(sources),
        "file_limit": context.config.get("limits", "file"),
        "depth": context.config.get("limits", "depth"),
        "evaluated_at": time_text(context.workspace.clock.now()),
    }


def _kept_evidence(
    evidence: Iterable[Evidence], request: GateRequest, context: Context
) -> tuple[dict[str, Any], list[bytes]]:
    """Evidence and seals up to `keep.evidence_up_to`, by uri; what is larger is kept as its digest. Small
    ones stand inside the question itself: a file of its own, made durable, costs more than they do."""
    limit = context.config.get("keep", "evidence_up_to")
    refused = [item for item in evidence if item.reason == HOLDS_SECRET]
    found = [(item.uri, item.data) for item in evidence if item.sha256 and item not in refused]
    found += [pair for descriptor in request.given for pair in _seals(descriptor, context)]
    sources: dict[str, Any] = {item.uri: {"sha256": item.sha256, "kept": False} for item in refused}
    kept: list[bytes] = []
    for uri, data in found:
        sources[uri] = {"sha256": sha256_hex(data), "kept": len(data) <= limit}
        if len(data) <= min(limit, INLINE_BYTES):
            sources[uri]["data"] = base64.b64encode(data).decode("ascii")
        elif len(data) <= limit:
            kept.append(data)
    return sources, kept


def kept_bytes(source: Mapping[str, Any], read: Callable[[str], bytes]) -> bytes:
    """The bytes of a kept source, from the question or, by digest, through `read`; checked either way.
    Raises `UndecidedError` when they are not the ones that were kept."""
    data = base64.b64decode(source["data"]) if "data" in source else read(source["sha256"])
    if sha256_hex(data) != source["sha256"]:
        raise UndecidedError("kept evidence does not have its digest", "find out more: dpone ledger verify")
    return data


def _seals(descriptor: Descriptor, context: Context) -> list[tuple[str, bytes]]:
    if descriptor.recorded:
        return [(context.workspace.uri(artifact_seal_path(descriptor.path)), descriptor.recorded.envelope)]
    found = []
    for path in {raw_seal_path(descriptor.path), artifact_seal_path(descriptor.path)}:
        try:
            found.append((context.workspace.uri(path), context.workspace.read(path, 1_000_000)))
        except ReadProblem:
            continue
    return sorted(found)
