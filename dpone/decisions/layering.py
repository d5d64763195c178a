"""The policy layers of a decision: loading them, who vouches for them, and what each changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dpone.decisions.evaluate import asked_rules, entry_rules
from dpone.decisions.request import Context, GateRequest
from dpone.errors import UndecidedError
from dpone.evidence.model import Evidence
from dpone.policy.kinds import joined_kinds, read_kinds
from dpone.policy.layers import BUILTIN, Layer, load_builtin, load_layer
from dpone.record import replace


def builtin_layer(gate: str, evidence: Sequence[Evidence], document: Mapping[str, Any]) -> Layer:
    """The built-in rules that a gate asks of an input: those on the kinds that are there, and those on waivers where
    there are any."""
    return load_builtin(gate, kinds_of(evidence), waivers=bool(document["waivers"]))


def kinds_of(evidence: Sequence[Evidence]) -> list[str]:
    """The kinds of the evidence that is there, each once."""
    return sorted({e.kind for e in evidence if e.state == "present"})


def own_layers(request: GateRequest, context: Context) -> list[Layer]:
    """The layers of a request beside the built-in one, each with who vouches for it. They are read before any
    evidence is, because they declare custom kinds of it. Raises `UndecidedError` for one that is refused."""
    layers = [load_layer(Path(path), request.gate) for path in request.policies]
    names = [layer.name for layer in layers]
    for name in sorted({name for name in names if names.count(name) > 1}):
        raise UndecidedError(
            f"two policy layers are called {name}, and the record could not tell them apart",
            "rename the folder of one",
            code="layer_refused",
        )
    joined_kinds(layer.kinds for layer in layers)
    return [vouched(layer, context, request.subject.environment) for layer in layers]


def vouched(layer: Layer, context: Context, environment: str) -> Layer:
    """The layer with who vouches for it. Raises `UndecidedError` for one with a signature that does not hold:
    whoever broke it may have changed any rule in it."""
    from dpone.policy.vouching import vouch  # only who has layers pays for it

    found = vouch(layer, context.judges(environment))
    if found.state == "broken":
        raise UndecidedError(
            f"policy layer {layer.name}: {found.note}",
            "get it again from whoever signed it, or have it signed: dpone policy build --layer DIR --sign",
            code="layer_refused",
        )
    return replace(layer, vouched=found)


def layer_changes(layers: Sequence[Layer], gate: str) -> list[dict[str, Any]]:
    """Every layer of a decision and what it changed: rules added, rules of the gate taken away, kinds of
    evidence declared, keys of the configuration read. `content` is what a trust file pins."""
    asked = {layer.name: rules for layer, rules in asked_rules(layers, gate)}
    own = next((layer for layer in layers if layer.name == BUILTIN), None)
    stay = {rule.id for rule in asked.get(BUILTIN, ())}
    gone = sorted({rule.id for rule in entry_rules(own)} - stay) if own else []
    return [
        {
            "name": layer.name,
            "digest": layer.digest,
            "content": layer.source_digest,
            "signed": "shipped" if layer is own else layer.vouched.state,
            "signer": layer.vouched.signer,
            "trust": layer.vouched.trust,
            "pinned": layer.vouched.pinned,
            "note": layer.vouched.note,
            "replaces": layer.replaces,
            "rules": len(asked[layer.name]),
            "adds": [] if layer is own else added_rules(layer),
            "takes_away": gone if layer.replaces == gate else [],
            "kinds": sorted(collector.kind for collector in read_kinds(layer.kinds)[0]),
            "reads": list(layer.reads),
        }
        for layer in layers
    ]


def added_rules(layer: Layer) -> list[str]:
    """The ids of the rules that a team's layer adds."""
    return sorted({rule.id for rule in layer.inventory if rule.kind in ("check", "code")})
