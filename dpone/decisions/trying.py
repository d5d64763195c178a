"""What the rules say that do not count: asked after the result is fixed, and only ever noted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dpone.decisions.answers import checked, unanswered, yielded
from dpone.decisions.asked import Asked
from dpone.decisions.evaluate import Answers, load
from dpone.decisions.gate_input import GateInput
from dpone.decisions.grading import IDLE, bounded, graded, mode_of
from dpone.decisions.modes import split
from dpone.decisions.result import Finding
from dpone.errors import UndecidedError
from dpone.evidence.model import Evidence
from dpone.policy.engines.interface import Engine
from dpone.policy.layers import Layer


def tried(
    layers: Sequence[Layer], gate_input: GateInput, evidence: Sequence[Evidence], start: Callable[[], Engine]
) -> tuple[Finding, ...]:
    """What the rules say that do not count, asked after the result is fixed, each layer in an engine of its own
    that `start` gives. Whatever goes wrong there is a note."""
    now = str(gate_input.document["evaluated_at"])
    notes: list[Finding] = []
    for layer in layers:
        idle = split(layer, now)[1]
        if idle is None or not idle.asks:
            continue
        engine = start()
        try:
            load(engine, idle.parts, gate_input.config)
            values = engine.evaluate(gate_input.data.decode("utf-8"))
            notes += idle_findings(Answers(idle, values), gate_input, {e.name: e for e in evidence})
        except UndecidedError as fault:
            notes.append(_silent(layer.name, fault.message))
        finally:
            engine.close()
    return tuple(sorted(bounded(notes), key=lambda f: (f.state, f.rule, f.evidence, f.key, f.pointer)))


def _silent(name: str, why: str) -> Finding:
    return Finding(
        "dpone.not_tried", "warning", "shadow", "", "", name, "", {"layer": name},
        f"rules of the layer {name} that do not count gave no answer: {why}",
        "mend them before they count: dpone policy test",
        waivable=False,
    )  # fmt: skip


def idle_findings(answer: Answers, gate_input: GateInput, evidence: Mapping[str, Evidence]) -> list[Finding]:
    """The findings of a layer's rules that do not count; one that answers in no usable form is a note of its own."""
    document, now = gate_input.document, str(gate_input.document["evaluated_at"])
    found: list[Finding] = []
    asked = Asked(document)
    for rule in (r for r in answer.layer.inventory if r.answers):
        given = answer.values.get(rule.entrypoint)
        counts = mode_of(rule, now) not in IDLE
        if rule.kind == "check" and counts:
            continue
        try:
            if rule.kind == "check":
                told = checked(rule, asked.names(rule), given, document, evidence)
                pairs = [(rule, f) for _, f in told if f is not None]
                silent = list(unanswered(rule, asked.names(rule), [row for row, _ in told]))
                found += [_silent(answer.layer.name, f.message) for f in silent]
            else:
                pairs = list(yielded(rule, answer.layer, given, evidence, document))
            idle = ((f, mode_of(info, now)) for info, f in pairs if f.severity != "none")
            found += [graded(f, "error", mode) for f, mode in idle if mode in IDLE]
        except UndecidedError as fault:
            found.append(_silent(answer.layer.name, fault.message))
    return found
