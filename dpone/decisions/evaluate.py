"""Asking the rules: one engine per layer, the table of rules against items, and the joined result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from dpone.decisions.answers import checked, counts_as_content, unanswered, value_of, yielded
from dpone.decisions.asked import Asked
from dpone.decisions.gate_input import GateInput
from dpone.decisions.grading import IDLE, bounded, graded, mode_of
from dpone.decisions.modes import split
from dpone.decisions.result import Finding, Result, Row, conclude, undecided
from dpone.decisions.waiving import Opinions, relevant, waive
from dpone.errors import UndecidedError
from dpone.evidence.model import Evidence
from dpone.policy.engines.interface import Engine
from dpone.policy.inventory import RuleInfo
from dpone.policy.layers import BUILTIN, Layer, Part
from dpone.record import dataclass, field, replace


@dataclass(frozen=True)
class Answers:
    """What one layer's engine answered, by entry point, and the layer it came from."""

    layer: Layer
    values: Mapping[str, Any]


Loaded = Sequence[tuple[Layer, Engine]]
"""Every layer with the engine it runs in, the built-in one first."""


def load(engine: Engine, parts: Sequence[Part], config: Mapping[str, Any]) -> None:
    """Send the parts of a layer to its engine, in place of what it has."""
    data = {"dpone": {"config": config}}
    for number, part in enumerate(parts):
        send = engine.add if number else engine.load
        send(part.modules, data, part.entrypoints)


def evaluate(layers: Loaded, gate_input: GateInput, evidence: Sequence[Evidence]) -> Result:
    """Load the rules of every layer that count into its engine, then ask. Engine faults make the result
    undecided, never a pass."""
    now = str(gate_input.document["evaluated_at"])
    try:
        layers = [(split(layer, now)[0], engine) for layer, engine in layers]
        for layer, engine in layers:
            if layer.asks:  # a layer that only declares kinds, or speaks of other gates, is asked nothing
                load(engine, layer.parts, gate_input.config)
    except UndecidedError as fault:
        return undecided(fault.message, fault.code)
    return ask(layers, gate_input, evidence)


def ask(layers: Loaded, gate_input: GateInput, evidence: Sequence[Evidence]) -> Result:
    """Ask engines that have their layers, and join the answers."""
    return joined(begun(layers, gate_input), layers, gate_input, evidence)


def begun(layers: Loaded, gate_input: GateInput) -> Callable[[], list[Answers]]:
    """Ask engines that have their layers without waiting. What is returned gives their answers, or raises
    `UndecidedError` where one has none."""
    text = gate_input.data.decode("utf-8")
    try:
        told = [(layer, engine.begin(text) if layer.asks else dict) for layer, engine in layers]
    except UndecidedError as fault:
        return partial(_raise, fault)
    return lambda: [Answers(layer, answers()) for layer, answers in told]


def _raise(fault: UndecidedError) -> list[Answers]:
    raise fault


def joined(
    answers: Callable[[], Sequence[Answers]],
    layers: Loaded,
    gate_input: GateInput,
    evidence: Sequence[Evidence],
) -> Result:
    """The result of what engines answered; undecided where there is no answer, or none in the agreed form."""
    try:
        return join(answers(), gate_input, {e.name: e for e in evidence})
    except UndecidedError as fault:
        asked = asked_rules([layer for layer, _ in layers], str(gate_input.document["gate"]))
        return undecided(fault.message, fault.code, sum(len(rules) for _, rules in asked))


def entry_rules(layer: Layer) -> list[RuleInfo]:
    """The rules of a layer that answer: checks, `deny` and `warn`."""
    return [rule for rule in layer.inventory if rule.answers]


def asked_rules(layers: Sequence[Layer], gate: str) -> list[tuple[Layer, list[RuleInfo]]]:
    """The rules that are asked, layer by layer. Where a layer replaces the gate, the gate's own rules that
    are not mandatory are left out; what is asked of evidence and of each kind stays."""
    replaced = any(layer.replaces == gate for layer in layers)
    own = f"dpone.gates.{gate.replace('-', '_')}"

    def asked(layer: Layer, rule: RuleInfo) -> bool:
        return rule.mandatory or not replaced or layer.name != BUILTIN or rule.package != own

    return [(layer, [rule for rule in entry_rules(layer) if asked(layer, rule)]) for layer in layers]


@dataclass(frozen=True)
class Joint:
    """What is gathered while the answers are read: the table, findings, names of judged evidence, values of rules,
    and what the rules say of waivers (cleared ids; refusals with waiver and severity)."""

    rows: list[Row] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    judged: set[str] = field(default_factory=set)
    values: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    cleared: set[str] = field(default_factory=set)
    refusals: list[tuple[Finding, str, str]] = field(default_factory=list)


def join(answers: Sequence[Answers], gate_input: GateInput, evidence: Mapping[str, Evidence]) -> Result:
    """Join the answers of all layers into one result. Raises `UndecidedError` for an answer that is not
    in the form the design gives it."""
    document, now = gate_input.document, str(gate_input.document["evaluated_at"])
    gate = str(document["gate"])
    fail_on = gate_input.config["gates"][gate.replace("-", "_")]["fail_on"]
    joint, asked = Joint(), Asked(document)
    every = asked_rules([answer.layer for answer in answers], gate)
    for answer, (_, rules) in zip(answers, every, strict=True):
        for rule in rules:
            if mode_of(rule, now) in IDLE:
                continue
            given = answer.values.get(rule.entrypoint)
            if given is None:
                raise UndecidedError(f"rule {rule.id} gave no answer: it is undefined", code="undefined_rule")
            if rule.kind != "check":
                told = yielded(rule, answer.layer, given, evidence, document)
                counted = ((info, f) for info, f in told if mode_of(info, now) not in IDLE)
                joint.findings.extend([graded(f, fail_on, mode_of(info, now)) for info, f in counted])
                continue
            names = asked.names(rule)
            pairs = checked(rule, names, given, document, evidence)
            rows = [row for row, _ in pairs]
            joint.rows.extend(rows)
            joint.findings.extend(unanswered(rule, names, rows))
            if rule.value and answer.layer.name == BUILTIN:
                joint.values[rule.id] = value_of(rule, given)
            if rule.applies_to == "waiver":
                _on_waivers(rule, answer.layer, pairs, joint, mode_of(rule, now))
                continue
            joint.findings.extend([graded(f, fail_on, mode_of(rule, now)) for _, f in pairs if f is not None])
            if counts_as_content(rule, answer.layer, gate):
                joint.judged.update(row.evidence for row in rows if row.ok)
    present = {item["name"] for item in document["evidence"] if item["state"] == "present"}
    counted_rules = [r for _, rules in every for r in rules if mode_of(r, now) not in IDLE]
    findings = _waived([f for f in joint.findings if f.severity != "none"], joint, answers, document)
    return conclude(
        joint.rows, bounded(findings), len(counted_rules), frozenset(joint.judged & present), joint.values
    )


def _on_waivers(
    rule: RuleInfo, layer: Layer, pairs: Sequence[tuple[Row, Finding | None]], joint: Joint, mode: str
) -> None:
    """What a rule says of waivers. It only ever warns: a waiver that is no good counts for nothing, and one that
    is taken away must not turn red into green."""
    for row, finding in pairs:
        if row.ok and layer.name == BUILTIN and rule.mandatory:
            joint.cleared.add(row.evidence)
        if finding is None or finding.severity == "none":
            continue
        severity = finding.key
        told = replace(finding, state="warned", evidence="", kind="", key=row.evidence)
        if finding.severity == "error" and mode == "enforce":
            joint.refusals.append((told, row.evidence, severity))
        elif mode not in IDLE:
            joint.findings.append(told)


def _waived(
    findings: list[Finding], joint: Joint, answers: Sequence[Answers], document: Mapping[str, Any]
) -> list[Finding]:
    """The findings after waivers, with what is to be said of these."""
    if not document.get("waivers"):
        return findings
    known = {rule.code or rule.id for answer in answers for rule in answer.layer.inventory}
    refused = frozenset((waiver, severity) for _, waiver, severity in joint.refusals)
    rules = {waiver["id"]: waiver["rule"] for waiver in document["waivers"]}
    told = relevant(findings, [(f, rules[waiver], severity) for f, waiver, severity in joint.refusals])
    return waive(findings, document, Opinions(frozenset(joint.cleared), refused), known) + told
