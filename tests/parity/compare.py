"""Asking regopy and OPA the same, and finding every answer in which they differ."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inputs import CONFIGS, Inputs
from seeds import all_seeds

from dpone.canonical import canonical_bytes
from dpone.decisions.answers import verdicts
from dpone.decisions.asked import Asked
from dpone.decisions.evaluate import load
from dpone.policy.dialect.parser import parse_module
from dpone.policy.engines.interface import Engine, EngineFault
from dpone.policy.engines.opa_engine import OpaEngine
from dpone.policy.engines.opa_query import collected
from dpone.policy.engines.opa_server import OpaServerEngine
from dpone.policy.engines.regopy_engine import RegopyEngine
from dpone.policy.layers import KINDS, WAIVERS, Layer, load_builtin
from dpone.shipped import shipped

BATCH = 250
"""Inputs that one OPA process judges."""
SECONDS = 300.0


@dataclass
class Compared:
    """What one gate's comparison gave. `answers` counts, per rule, what was said not ok and ok; a difference
    names the input by gate, seed number, configuration and position, and shows both answers."""

    gate: str
    inputs: int = 0
    rules: int = 0
    faults: int = 0
    differences: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, list[int]] = field(default_factory=dict)
    regopy_seconds: float = 0.0
    opa_seconds: float = 0.0
    served: int = 0
    sets: frozenset[str] = frozenset()

    def note(
        self,
        name: str,
        position: int,
        document: Mapping[str, Any],
        mine: Mapping[str, Any],
        other: Mapping[str, Any],
    ) -> None:
        """Keep every rule on which two answers to one input are not the same bytes."""
        for entry in differing(mine, other, self.sets):
            self.differences.append({
                "gate": self.gate, "seed": name, "input": position, "rule": entry,
                "here": mine.get(entry), "opa": other.get(entry), "document": document,
            })  # fmt: skip


def gates() -> list[str]:
    """Every gate that has rules."""
    return sorted(path.name.replace("_", "-") for path in shipped("policies", "dpone", "gates").iterdir())


def whole_layer(gate: str) -> Layer:
    """The rules a gate asks when evidence of every kind is present, and waivers are."""
    folder = shipped("policies", "dpone", "kinds")
    return load_builtin(gate, sorted(path.name for path in folder.iterdir() if path.is_dir()), waivers=True)


def inputs_of(gate: str, binary: str) -> Inputs:
    """The inputs of a gate, from the worlds its rules are tested with."""
    own = f"dpone.gates.{gate.replace('-', '_')}"
    seeds = [s for s in all_seeds(binary) if not s.package.startswith("dpone.gates.") or s.package == own]
    return Inputs(gate, tuple(seeds))


def compare(
    gate: str,
    count: int,
    number: int,
    binary: str,
    *,
    configs: int = CONFIGS,
    server: str = "",
    sample: int = 0,
) -> Compared:
    """Judge at least `count` inputs of a gate on both engines, in so many configurations; and, where the
    address of a `server` is given, the first `sample` of one of them, which the gate's name chooses, on it as well."""
    inputs, layer = inputs_of(gate, binary), whole_layer(gate)
    compared = Compared(gate, rules=len(layer.entrypoints), sets=set_rules(layer))
    share = -(-count // configs)
    with (
        RegopyEngine(deadline_seconds=SECONDS) as first,
        OpaEngine(binary, deadline_seconds=SECONDS, memory_limit=4_000_000_000) as opa,
    ):
        for place, config in enumerate(inputs.configs(number)[:configs]):
            documents = list(inputs.documents(number, share, first=place * share))
            theirs = _compare(compared, layer, config, documents, (first, opa), f"{number}.{place}")
            if server and place == len(gate) % configs:
                with OpaServerEngine(server, "read_back", SECONDS) as third:
                    third.load(layer.modules, {"dpone": {"config": config}}, layer.entrypoints)
                    for position, document in enumerate(documents[:sample]):
                        answer = _asked(third, canonical_bytes(document).decode("utf-8"))
                        compared.served += 1
                        compared.note(f"{number}.{place}", position, document, answer, theirs[position])
    return compared


def _compare(
    compared: Compared, layer: Layer, config: Mapping[str, Any], documents: Sequence[dict[str, Any]],
    engines: tuple[Engine, OpaEngine], name: str,
) -> list[dict[str, Any]]:  # fmt: skip
    first, opa = engines
    load(first, layer.parts, config)
    first.wait()
    texts = [canonical_bytes(document).decode("utf-8") for document in documents]
    rules = {rule.entrypoint: rule for rule in layer.inventory if rule.kind == "check"}
    started = time.perf_counter()
    asked = [reached(layer, document) for document in documents]
    ours = [_asked(first, text, entries) for text, entries in zip(texts, asked, strict=True)]
    compared.regopy_seconds += time.perf_counter() - started
    started = time.perf_counter()
    theirs = [
        a for at in range(0, len(texts), BATCH) for a in batch(opa, layer, config, texts[at : at + BATCH])
    ]
    compared.opa_seconds += time.perf_counter() - started
    for position, (mine, answered) in enumerate(zip(ours, theirs, strict=True)):
        other = {
            entry: value for entry, value in answered.items() if entry in asked[position] or entry == "fault"
        }
        compared.inputs += 1
        compared.faults += "fault" in mine
        compared.note(name, position, documents[position], mine, other)
        names = Asked(documents[position])
        for entry, value in other.items():
            for ok in verdicts(value, names.names(rules[entry])) if entry in rules else ():
                compared.answers.setdefault(entry, [0, 0])[ok] += 1
    return theirs


def differing(
    mine: Mapping[str, Any], other: Mapping[str, Any], unordered: AbstractSet[str] = frozenset()
) -> list[str]:
    """Entry points whose values are not the same bytes; members of sets have no order."""
    if json.dumps(mine, sort_keys=True) == json.dumps(other, sort_keys=True):
        return []

    def text(entry: str, value: Any) -> list[bytes]:
        whole = entry not in unordered or not isinstance(value, list)
        return [canonical_bytes(value)] if whole else sorted(map(canonical_bytes, value))

    return [
        entry
        for entry in sorted({*mine, *other})
        if (entry in mine) != (entry in other) or text(entry, mine[entry]) != text(entry, other[entry])
    ]


def set_rules(layer: Layer) -> frozenset[str]:
    """The entry points that are sets (`contains`)."""
    trees = [parse_module(text, path) for path, text in layer.modules.items()]
    return frozenset(
        "/".join((*tree.package, rule.name)) for tree in trees for rule in tree.rules if rule.kind == "set"
    )


def batch(
    opa: OpaEngine, layer: Layer, config: Mapping[str, Any], texts: Sequence[str]
) -> list[dict[str, Any]]:
    """The answers of OPA to many inputs, in one process."""
    pairs = ", ".join(f"{json.dumps(entry)}: {collected(entry)}" for entry in layer.entrypoints)
    module = (
        "package parity\n\nimport rego.v1\n\n"
        f"answers := {{{pairs}}}\n\n"
        "results := [found | some given in data.parity.inputs; found := answers with input as given]\n"
    )
    data = {"dpone": {"config": config}, "parity": {"inputs": [json.loads(text) for text in texts]}}
    opa.load({**layer.modules, "parity.rego": module}, data, ["parity/results"])
    try:
        found = opa.evaluate("{}")["parity/results"]
    except EngineFault:
        if len(texts) == 1:
            return [{"fault": "evaluation"}]
        return [answer for text in texts for answer in batch(opa, layer, config, [text])]
    return [{entry: value[0] for entry, value in answer.items() if value} for answer in found]


def reached(layer: Layer, document: Mapping[str, Any]) -> list[str]:
    """The entry points a decision would ask: the gate's, those on all evidence, those on kinds that are there, and
    those on waivers where there are any."""
    kinds = {
        str(item.get("kind", "")).partition("/")[0].replace("-", "_")
        for item in document["evidence"]
        if isinstance(item, dict)
    }
    return [
        entry
        for entry in layer.entrypoints
        if (not entry.startswith(f"{KINDS}/") or entry.split("/")[2] in kinds)
        and (not entry.startswith(f"{WAIVERS}/") or document["waivers"])
    ]


def _asked(engine: Engine, text: str, entrypoints: Sequence[str] | None = None) -> dict[str, Any]:
    try:
        return engine.evaluate(text, entrypoints)
    except EngineFault as fault:
        if fault.fault not in ("evaluation", "malformed"):
            raise
        return {"fault": "evaluation"}


def write_differences(folder: Path, compared: Sequence[Compared]) -> Path | None:
    """Keep the inputs on which the engines differ, for a person; None when there are none."""
    found = [difference for one in compared for difference in one.differences]
    if not found:
        return None
    path = folder / "parity-differences.json"
    path.write_text(json.dumps(found[:50], indent=2, ensure_ascii=False), encoding="utf-8")
    return path
