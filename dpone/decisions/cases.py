"""Running case files: the built-in rules and the layer, through the path that every decision takes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from dpone.decisions.case_input import case_input
from dpone.decisions.casefile import (
    FOLDER,
    MOST_FILES,
    CaseProblem,
    CaseText,
    ExpectedFinding,
    case_files,
    read_cases,
)
from dpone.decisions.evaluate import Answers, evaluate, join
from dpone.decisions.gate_input import GateInput
from dpone.decisions.result import Finding, Result, undecided
from dpone.decisions.trying import idle_findings, tried
from dpone.errors import UndecidedError
from dpone.evidence.model import Evidence
from dpone.policy.engines.interface import Engine, EngineFault
from dpone.policy.layers import Layer, load_builtin, load_layer
from dpone.policy.mutants import Mutant
from dpone.policy.mutation import Slot
from dpone.policy.outcomes import Outcome
from dpone.record import dataclass, replace

_COUNTED = ("denied", "warned", "waived", "undetermined")


@dataclass(frozen=True)
class Prepared:
    """A case that could be run: the input, the layers, and what came of it."""

    case: CaseText
    gate_input: GateInput
    evidence: tuple[Evidence, ...]
    layers: tuple[Layer, ...]
    outcome: Outcome


class CaseRunner:
    """Runs the case files of one layer. Engines are started when they are needed and after every fault."""

    def __init__(self, folder: Path, start: Callable[[], Engine]) -> None:
        self.folder, self._start = folder, start
        self._engines: list[Engine] = []

    def close(self) -> None:
        """End the engines."""
        for engine in self._engines:
            engine.close()
        self._engines = []

    def run(self) -> tuple[list[Outcome], list[Prepared]]:
        """The outcome of every case, and the cases that could be run. A file that is no case file is an
        outcome that failed."""
        outcomes: list[Outcome] = []
        prepared: list[Prepared] = []
        files = case_files(self.folder)
        if len(files) > MOST_FILES:
            problem = f"{len(files)} case files; at most {MOST_FILES} are run: put several cases into one file"
            outcomes.append(Outcome(FOLDER, FOLDER, 1, problem))
        for inside in files[:MOST_FILES]:
            try:
                cases = read_cases(self.folder, inside)
            except CaseProblem as problem:
                outcomes.append(Outcome(inside, inside, problem.line, problem.message))
                continue
            for case in cases:
                name = f'{inside}  "{case.name}"'
                try:
                    one = self._case(case, name)
                except CaseProblem as problem:
                    outcomes.append(Outcome(name, inside, problem.line, problem.message))
                except UndecidedError as refused:
                    outcomes.append(Outcome(name, inside, case.line_of("name"), str(refused)))
                else:
                    outcomes.append(one.outcome)
                    prepared.append(one)
        return outcomes, prepared

    def _case(self, case: CaseText, name: str) -> Prepared:
        gate_input, evidence = case_input(case)
        kinds = sorted({e.kind for e in evidence if e.state == "present"})
        layers = (load_builtin(case.gate, kinds), load_layer(self.folder, case.gate))
        if not layers[0].inventory or not _is_gate(layers[0], case.gate):
            raise CaseProblem(1, f"there is no gate {case.gate!r}")
        if not self._engines:
            self._engines = [self._start() for _ in layers]
        result = evaluate(list(zip(layers, self._engines, strict=True)), gate_input, evidence)
        result = replace(result, notes=tried(layers, gate_input, evidence, self._start))
        if result.code.startswith("engine."):
            self.close()
        told = compare(case, gate_input, result)
        outcome = Outcome(name, case.path, case.line_of("name"), told)
        return Prepared(case, gate_input, tuple(evidence), layers, outcome)


def _is_gate(layer: Layer, gate: str) -> bool:
    return any(path.startswith(f"dpone/gates/{gate.replace('-', '_')}/") for path in layer.modules)


class CaseWatch:
    """A case that holds, watching mutants of its layer: only the layer's own engine is asked again."""

    def __init__(self, prepared: Prepared, builtin: Mapping[str, Any]) -> None:
        self.prepared, self.builtin = prepared, builtin

    def notices(self, mutant: Mutant, text: str, slot: Slot) -> str:
        """See `dpone.policy.mutation.Watch`."""
        one = self.prepared
        layer = one.layers[1]
        path = f"{layer.name}/{mutant.path}"
        if path not in layer.modules:
            return ""
        changed = replace(layer, modules={**layer.modules, path: text})
        slot.load(changed.modules, {"dpone": {"config": one.gate_input.config}}, changed.entrypoints)
        evidence = {e.name: e for e in one.evidence}
        try:
            values = slot.evaluate(one.gate_input.data.decode())
            answers = [Answers(one.layers[0], self.builtin), Answers(changed, values)]
            result = join(answers, one.gate_input, evidence)
            result = replace(result, notes=tuple(idle_findings(answers[1], one.gate_input, evidence)))
        except EngineFault:
            raise
        except UndecidedError as fault:
            result = undecided(fault.message, fault.code)
        told = compare(one.case, one.gate_input, result)
        return f'{one.case.path} "{one.case.name}"' if told else ""


def case_watches(prepared: Iterable[Prepared], start: Callable[[], Engine]) -> list[CaseWatch]:
    """Watches for the cases that hold; what the built-in rules answer is asked once."""
    slot = Slot(start)
    found = []
    try:
        for one in prepared:
            if one.outcome.passed:
                builtin = one.layers[0]
                data = {"dpone": {"config": one.gate_input.config}}
                slot.load(builtin.modules, data, builtin.entrypoints)
                found.append(CaseWatch(one, slot.evaluate(one.gate_input.data.decode())))
    finally:
        slot.close()
    return found


def compare(case: CaseText, gate_input: GateInput, result: Result) -> str:
    """What is not as the case expects, in pairs of lines `expected …`, `got …`; empty when all of it is."""
    lines: list[str] = []
    if case.expect.status and case.expect.status != result.status:
        lines += [f"expected  {case.expect.status}", f"got       {_status(result)}"]
    if case.expect.findings is not None:
        left = [f for f in result.findings if f.state in _COUNTED]
        hidden = [f for f in result.notes if f.state not in _COUNTED]
        for wanted in case.expect.findings:
            met = next((f for f in (*left, *hidden) if _meets(f, wanted)), None)
            if met is None:
                lines += [f"expected  {_wanted(wanted)}", f"got       {_instead(wanted, gate_input, result)}"]
            else:
                left = [f for f in left if f is not met]
                hidden = [f for f in hidden if f is not met]
        for finding in left:
            lines += [_expected_nothing(case), f"got       {_found(finding)}"]
    return "\n".join(lines)


def _expected_nothing(case: CaseText) -> str:
    return "expected  no other finding" if case.expect.findings else "expected  no finding"


def _meets(finding: Finding, wanted: ExpectedFinding) -> bool:
    said = {
        k: getattr(wanted, k)
        for k in ("evidence", "key", "severity", "state")
        if getattr(wanted, k) is not None
    }
    return (
        finding.rule == wanted.rule
        and all(getattr(finding, key) == value for key, value in said.items())
        and all(
            key in finding.params and _same(finding.params[key], value) for key, value in wanted.params.items()
        )
    )


def _same(a: Any, b: Any) -> bool:
    """Equal as JSON values: 80 and 80.0 are, true and 1 are not."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


def _status(result: Result) -> str:
    told = result.problem or "; ".join(_found(f) for f in result.denied[:3])
    return f"{result.status}: {told}" if told else result.status


def _wanted(wanted: ExpectedFinding) -> str:
    about = f"({wanted.evidence})" if wanted.evidence else ""
    marks = [f"{key} {getattr(wanted, key)}" for key in ("key", "severity", "state") if getattr(wanted, key)]
    return " ".join((f"{wanted.rule}{about}", *marks, *([_values(wanted.params)] if wanted.params else [])))


def _found(finding: Finding) -> str:
    about = f"({finding.evidence})" if finding.evidence else ""
    return f"{finding.rule}{about} {finding.state} {_values(finding.params)}".rstrip()


def _values(params: Mapping[str, Any]) -> str:
    shown = ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in params.items())
    return f"{{{shown}}}" if shown else ""


def _instead(wanted: ExpectedFinding, gate_input: GateInput, result: Result) -> str:
    """What came in the place of a finding that was expected."""
    if result.status == "undecided":
        return _status(result)
    near = [f for f in (*result.findings, *result.notes) if f.rule == wanted.rule]
    if near:
        return "; ".join(_found(f) for f in near[:3])
    document = gate_input.document
    name = wanted.evidence
    if not name:
        return f"nothing from {wanted.rule}"
    if name not in {item["name"] for item in (*document["evidence"], *document["required"])}:
        gate = document["gate"]
        return f'nothing: no rule looked at "{name}". Is it in gates.{gate}.require?'
    if any(row.rule == wanted.rule and row.evidence == name for row in result.table):
        return f'nothing: {wanted.rule} cleared "{name}"'
    looked = len({row.rule for row in result.table if row.evidence == name})
    return f'nothing from {wanted.rule}; {looked} checks looked at "{name}"'
