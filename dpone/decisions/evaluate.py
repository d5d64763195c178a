"""Asking the rules: one engine per layer, the table of rules against items, and the joined result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dpone.decisions.gate_input import GateInput
from dpone.decisions.grading import bounded, graded, mode_of
from dpone.decisions.result import Finding, Result, Row, conclude, undecided
from dpone.decisions.sentences import sentence
from dpone.errors import UndecidedError
from dpone.evidence.model import Evidence
from dpone.evidence.recognition import CUSTOM
from dpone.policy.engines.interface import Engine
from dpone.policy.inventory import RuleInfo
from dpone.policy.layers import BUILTIN, Layer, Part
from dpone.record import dataclass


@dataclass(frozen=True)
class Answers:
    """What one layer's engine answered, by entry point, and the layer it came from."""

    layer: Layer
    values: Mapping[str, Any]


Loaded = Sequence[tuple[Layer, Engine]]
"""Every layer with the engine it runs in, the built-in one first."""


def load(engine: Engine, parts: Sequence[Part], config: Mapping[str, Any]) -> None:
    """Send the parts of a layer to its engine, in place of what it has."""
    for number, part in enumerate(parts):
        send = engine.add if number else engine.load
        send(part.modules, {"dpone": {"config": config}}, part.entrypoints)


def evaluate(layers: Loaded, gate_input: GateInput, evidence: Sequence[Evidence]) -> Result:
    """Load every layer into its engine, then ask. Engine faults make the result undecided, never a pass."""
    try:
        for layer, engine in layers:
            if (
                layer.entrypoints
            ):  # a layer that only declares kinds, or speaks of other gates, is asked nothing
                load(engine, layer.parts, gate_input.config)
    except UndecidedError as fault:
        return undecided(fault.message, fault.code)
    return ask(layers, gate_input, evidence)


def ask(layers: Loaded, gate_input: GateInput, evidence: Sequence[Evidence]) -> Result:
    """Ask engines that have their layers, and join the answers."""
    text = gate_input.data.decode("utf-8")
    total = sum(
        len(rules) for _, rules in asked_rules([layer for layer, _ in layers], str(gate_input.document["gate"]))
    )
    try:
        answers = [
            Answers(layer, engine.evaluate(text) if layer.entrypoints else {}) for layer, engine in layers
        ]
        return join(answers, gate_input, {e.name: e for e in evidence})
    except UndecidedError as fault:
        return undecided(fault.message, fault.code, total)


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


def join(answers: Sequence[Answers], gate_input: GateInput, evidence: Mapping[str, Evidence]) -> Result:
    """Join the answers of all layers into one result. Raises `UndecidedError` for an answer that is not
    in the form the design gives it."""
    document = gate_input.document
    gate = str(document["gate"]).replace("-", "_")
    fail_on = gate_input.config["gates"][gate]["fail_on"]
    rows: list[Row] = []
    findings: list[Finding] = []
    judged: set[str] = set()
    values: dict[str, Mapping[str, Any]] = {}
    asked = asked_rules([answer.layer for answer in answers], str(document["gate"]))
    for answer, (_, rules) in zip(answers, asked, strict=True):
        for rule in rules:
            given = answer.values.get(rule.entrypoint)
            if rule.mode == "shadow" and not isinstance(given, list):
                continue
            if given is None:
                raise UndecidedError(f"rule {rule.id} gave no answer: it is undefined", code="undefined_rule")
            if not isinstance(given, list):
                raise UndecidedError(
                    f"rule {rule.id} answered with something else than a list", code="malformed"
                )
            if rule.kind == "check":
                told = list(_check(rule, given, document, evidence))
                rows += [row for row, _ in told]
                findings += [f for _, f in told if f is not None]
                if rule.value and answer.layer.name == BUILTIN:
                    values[rule.id] = _value(rule, given)
                if counts_as_content(rule, answer.layer, str(document["gate"])):
                    judged |= {row.evidence for row, _ in told if row.ok}
                findings += _unanswered(rule, [row for row, _ in told], document)
            else:
                findings += _team(rule, answer.layer, given, evidence, document)
    present = {item["name"] for item in document["evidence"] if item["state"] == "present"}
    modes = {
        r.code or r.id: mode_of(r, str(document["evaluated_at"])) for a in answers for r in a.layer.inventory
    }
    findings = [graded(f, fail_on, modes.get(f.rule, "enforce")) for f in findings if f.severity != "none"]
    counted = sum(len(rules) for _, rules in asked)
    return conclude(rows, bounded(findings), counted, frozenset(judged & present), values)


def _value(rule: RuleInfo, given: Sequence[Any]) -> Mapping[str, Any]:
    """What a rule says beside its answer: the params of its one answer."""
    params = given[0].get("params") if len(given) == 1 else None
    if not isinstance(params, dict):
        raise UndecidedError(f"rule {rule.id} must give one answer with params", code="malformed")
    return params


def counts_as_content(rule: RuleInfo, layer: Layer, gate: str) -> bool:
    """Whether a rule's clearance says that evidence was judged: what it says, not merely that it is there,
    sealed or fresh. A layer that only adds rules can make a gate redder, so its clearance never counts."""
    if layer.name != BUILTIN and layer.replaces != gate:
        return False
    return rule.content or rule.package != "dpone.evidence"


def expected(rule: RuleInfo, document: Mapping[str, Any]) -> set[str]:
    """The names a check must answer about; the gate itself is the empty name."""
    if rule.applies_to == "gate":
        return {""}
    if rule.applies_to == "required":
        return {item["name"] for item in document["required"]}
    items: Iterator[Mapping[str, Any]] = iter(document["evidence"])
    if rule.applies_to == "kind":
        kind = rule.package.rsplit(".", 1)[-1].replace("_", "-")
        return {i["name"] for i in items if i["state"] == "present" and _family(i["kind"]) == kind}
    if rule.applies_to == "service":
        return {i["name"] for i in items if i["state"] == "present" and i["producer"] == "service"}
    if rule.applies_to == "artifact":
        return {i["name"] for i in items if i["state"] == "present" and i["producer"] == "dpone"}
    return {i["name"] for i in items}


def _family(kind: str) -> str:
    """The kind whose rules judge evidence: all custom kinds have the same."""
    return CUSTOM.rstrip("/") if kind.startswith(CUSTOM) else kind.replace("_", "-")


def _check(
    rule: RuleInfo, given: list[Any], document: Mapping[str, Any], evidence: Mapping[str, Evidence]
) -> Iterator[tuple[Row, Finding | None]]:
    names = expected(rule, document)
    for answer in given:
        if not isinstance(answer, dict) or not isinstance(answer.get("ok"), bool):
            raise UndecidedError(f"rule {rule.id} gave an answer without ok", code="malformed")
        name = answer.get("evidence", "")
        if name not in names:
            raise UndecidedError(
                f"rule {rule.id} answered about {name!r}, which it was not asked", code="malformed"
            )
        severity = rule.severity if rule.mandatory else answer.get("severity", rule.severity)
        if severity not in ("error", "warning", "none"):
            raise UndecidedError(f"rule {rule.id} answered with the severity {severity!r}", code="malformed")
        finding = None
        if not answer["ok"]:
            finding = _finding(rule, rule.id, severity, answer, evidence.get(name), document)
        yield Row(rule.id, name, answer["ok"]), finding


def _unanswered(rule: RuleInfo, rows: Sequence[Row], document: Mapping[str, Any]) -> Iterator[Finding]:
    for name in sorted(expected(rule, document) - {row.evidence for row in rows}):
        yield Finding(
            rule.id, "error", "undetermined", name, "", "", "", {},
            message=f"{rule.id} gave no answer about {name or 'the gate'}", mandatory=True,
        )  # fmt: skip


def _team(
    rule: RuleInfo,
    layer: Layer,
    given: list[Any],
    evidence: Mapping[str, Evidence],
    document: Mapping[str, Any],
) -> Iterator[Finding]:
    """Findings of a team's plain `deny` and `warn` sets; they can only make a gate redder."""
    codes = {info.code: info for info in layer.inventory if info.code}
    for answer in given:
        if not isinstance(answer, dict) or not isinstance(answer.get("code"), str):
            raise UndecidedError(f"{rule.path}: {rule.name} must yield an object with a code", code="malformed")
        info = codes.get(answer["code"])
        if info is None:
            raise UndecidedError(f"{rule.path}: {rule.name} yields {answer['code']!r}, which no METADATA describes",
                                 code="malformed")  # fmt: skip
        severity = "warning" if rule.kind == "warn" else info.severity
        item = evidence.get(str(answer.get("evidence", "")))
        yield _finding(info, answer["code"], severity, answer, item, document)


def _finding(
    rule: RuleInfo,
    rule_id: str,
    severity: str,
    answer: Mapping[str, Any],
    item: Evidence | None,
    document: Mapping[str, Any],
) -> Finding:
    params = answer.get("params", {})
    key, pointer = answer.get("key", ""), answer.get("pointer", "")
    if not isinstance(params, dict) or not isinstance(key, str) or not isinstance(pointer, str):
        raise UndecidedError(f"rule {rule_id} gave params, key or pointer of the wrong type", code="malformed")
    name = str(answer.get("evidence", ""))
    about = {
        "evidence": name,
        "uri": item.uri if item else "",
        "what": (item.message or item.reason) if item else "",
        "producer": item.again if item and item.again else "the command that made it",
        "key": key,
        "release": document.get("subject", {}).get("release") or "RELEASE",
    }
    return Finding(
        rule_id,
        severity,
        "denied",
        name,
        item.kind if item else "",
        key,
        pointer,
        params,
        sentence(rule.message, params, about),
        sentence(rule.remedy, params, about),
        rule.mandatory,
        rule.concern,
    )
