"""The canonical input: everything a rule may look at, in one document, in RFC 8785 bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dpone.canonical import canonical_bytes, sha256_hex
from dpone.config.load import Config
from dpone.decisions.engine_choice import engine_item
from dpone.decisions.request import Context, GateRequest
from dpone.errors import UndecidedError
from dpone.evidence.model import Evidence
from dpone.policy.layer import Layer, layer_items
from dpone.record import asdict, dataclass
from dpone.signing.trust import TrustLevel, same_person
from dpone.workspace import time_text

INPUT_SCHEMA = "dpone.input/v1"


@dataclass(frozen=True)
class GateInput:
    """The input document, its canonical bytes and their SHA-256; and the same for the effective
    configuration, the only data document a rule can read."""

    document: Mapping[str, Any]
    data: bytes
    config: Mapping[str, Any]
    config_data: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical input."""
        return sha256_hex(self.data)

    @property
    def config_digest(self) -> str:
        """SHA-256 of the canonical effective configuration."""
        return sha256_hex(self.config_data)

    @property
    def evidence(self) -> list[Evidence]:
        """The evidence of the document; see `evidence_of`."""
        return evidence_of(self.document)


def evidence_of(document: Mapping[str, Any]) -> list[Evidence]:
    """The evidence of an input document, as far as rules are chosen by it and sentences need it."""
    rows = document["evidence"]
    return [Evidence(e["name"], e["source"]["uri"], e["state"], kind=e["kind"]) for e in rows]


def made_input(document: Mapping[str, Any], config: Mapping[str, Any]) -> GateInput:
    """The input of a document and a configuration that are whole already. Raises `ValueError` for what JSON cannot
    hold."""
    return GateInput(document, canonical_bytes(document), config, canonical_bytes(config))


@dataclass(frozen=True)
class Actor:
    """Who decides: the identity comes from the key, never from text."""

    identity: str
    roles: tuple[str, ...]
    trust: TrustLevel
    signing: str
    key: str


def actor_of(context: Context, gate: str, artifact: str, environment: str) -> Actor:
    """The actor behind the signing key, judged by the trust file for this gate and environment."""
    if context.signer is None:
        return Actor("", (), "none", "preview", "")
    public = context.signer.public
    standing = context.trust.standing(
        public, public, context.workspace.clock.now(), kind=artifact, gate=gate, environment=environment
    )
    return Actor(standing.identity, tuple(standing.roles), standing.trust, "key", public.fingerprint)


def canonicalise(
    request: GateRequest,
    evidence: Iterable[Evidence],
    history: Iterable[Mapping[str, Any]],
    actor: Actor,
    context: Context,
    *,
    team: Sequence[Layer] = (),
    waivers: Iterable[Mapping[str, Any]] = (),
) -> GateInput:
    """Build the canonical input; `history` are earlier decisions, newest first, `team` the layers beside the
    built-in one, `waivers` those that speak of this gate and subject (`dpone.decisions.waivers`).

    Raises `UndecidedError` when it would exceed `limits.input`."""
    clock = context.workspace.clock
    document = {
        "schema": INPUT_SCHEMA,
        "gate": request.gate,
        "evaluated_at": time_text(clock.now()),
        "clock": clock.source,
        "subject": asdict(request.subject),
        "protected": context.protected,
        "engine": engine_item(context),
        "actor": {
            "identity": actor.identity,
            "roles": list(actor.roles),
            "trust": actor.trust,
            "signing": actor.signing,
            "claimed": request.claimed,
            "claim_matches": bool(request.claimed) and same_person(request.claimed, actor.identity),
        },
        "parameters": dict(request.parameters),
        "required": [r.item() for r in sorted(request.required, key=lambda r: r.name)],
        "evidence": [e.item() for e in sorted(evidence, key=lambda e: (e.name, e.uri, e.sha256))],
        "layers": layer_items(team),
        "approvals": [dict(vote) for vote in request.approvals],
        "waivers": [dict(waiver) for waiver in waivers],
        "history": [dict(earlier) for earlier in history],
    }
    data = canonical_bytes(document)
    limit = context.config.get("limits", "input")
    if len(data) > limit:
        raise UndecidedError(
            f"the canonical input has {len(data)} bytes, limits.input allows {limit}",
            "give fewer pieces of evidence to one gate, or raise limits.input in dpone.yaml",
            code="input_too_large",
        )
    config = config_document(context.config, request.gate)
    return GateInput(document, data, config, canonical_bytes(config))


def config_document(config: Config, gate: str) -> dict[str, Any]:
    """What rules read at `data.dpone.config`: the effective values for one gate."""
    kinds = config.below("kinds")
    for kind, values in config.below("gates", "*", "kinds").items():
        kinds.setdefault(kind, {}).update(values)
    for kind, values in config.below("gates", gate, "kinds").items():
        kinds.setdefault(kind, {}).update(values)
    return {
        "profile": config.get("profile"),
        "concerns": config.below("concerns"),
        "kinds": kinds,
        "approvals": config.below("approvals"),
        "waiver_limits": config.below("waiver_limits"),
        "gates": {
            gate.replace("-", "_"): {
                "fail_on": config.for_gate(gate, "fail_on"),
                "settings": config.for_gate(gate, "settings") or {},
            }
        },
    }
