"""Rendering: the artifact files of a decision, the old scripts' fields first, ours beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dpone import __version__
from dpone.canonical import pretty_bytes
from dpone.decisions.gate_input import Actor, GateInput
from dpone.decisions.request import Context, GateRequest, Verdict
from dpone.evidence.artifacts import SCHEMA_VERSION
from dpone.evidence.seals import worth
from dpone.record import asdict


def artifact_document(
    request: GateRequest,
    verdict: Verdict,
    gate_input: GateInput,
    actor: Actor,
    layers: Sequence[Mapping[str, Any]],
    context: Context,
    run: Mapping[str, Any],
) -> dict[str, Any]:
    """The JSON artifact: the command's own fields, then what every decision has.

    `decision` holds what is known before signing, with every layer and what it changed (`layers`); `run` what
    may differ between two equal runs.
    """
    result = verdict.result
    fields = dict(request.view(verdict))
    findings = [finding.public() for finding in (*result.findings, *result.notes)]
    # One old command has findings of its own form; there the rules' findings stand beside them.
    own = "rule_findings" if "findings" in fields else "findings"
    if result.status == "undecided":
        fields["status"] = "undecided"
    return {
        "status": result.status,
        **fields,
        "passed": result.passed,
        "artifact_type": request.artifact,
        "schema_version": SCHEMA_VERSION,
        own: findings,
        "decision": {
            "gate": request.gate,
            "status": result.status,
            "problem": result.problem,
            "subject": asdict(request.subject),
            "decided_at": verdict.decided_at,
            "signed": context.signer is not None,
            "signer": actor.identity,
            "key": actor.key,
            "trust": worth(actor.trust, run["engine_trust"]),
            "trust_file": context.trust.digest,
            "profile": context.config.get("profile"),
            "protected": context.protected,
            "loosened_by": context.loosened_by,
            "input": gate_input.digest,
            "config": gate_input.config_digest,
            "policies": {layer["name"]: layer["digest"] for layer in layers},
            "layers": [dict(layer) for layer in layers],
            "checks": result.checks(),
        },
        "run": dict(run),
    }


def run_facts(context: Context, engine: Mapping[str, Any]) -> dict[str, Any]:
    """What stands under `run`: the tool, the engine (`engine_facts`), and the clock."""
    return {
        "dpone": __version__,
        "engine": f"{engine['name']} {engine['version']}".strip(),
        "engine_sha256": engine["sha256"],
        "engine_trust": engine["trust"],
        "canary": engine["canary"],
        "clock": context.workspace.clock.source,
    }


def render(
    document: Mapping[str, Any], markdown: str, request: GateRequest, verdict: Verdict
) -> dict[str, bytes]:
    """The files of the artifact by name: JSON, Markdown, and what the command adds."""
    return {
        f"{request.stem}.json": pretty_bytes(document),
        f"{request.stem}.md": markdown.encode("utf-8"),
        **request.files(verdict),
    }
