"""Running the tests of one file after the other, each in the world it sets up, whatever it does to the engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from dpone.policy.dialect.render import render_module, render_rule
from dpone.policy.dialect.tree import Call, Condition, Module, Name, Operation, Scalar, Statement
from dpone.policy.engines.interface import Engine, EngineFault
from dpone.policy.outcomes import Outcome
from dpone.policy.worlds import (
    Case,
    NotRunnable,
    WorldRule,
    make_case,
    plain_rule,
    seen_name,
    step_name,
    step_rules,
    world_rules,
    worldly_names,
)
from dpone.record import dataclass

_SHOWN = 200


@dataclass(frozen=True)
class World:
    """An input text (empty object where a test gives none) and the configuration."""

    input_text: str
    config: Mapping[str, Any]


@dataclass(frozen=True)
class Group:
    """Tests of one file under one configuration, each with its input."""

    config: Mapping[str, Any]
    tests: tuple[tuple[Case, str], ...]


class Runner:
    """Runs files one after the other, each with the modules it can reach and nothing else."""

    def __init__(
        self,
        texts: Mapping[str, str],
        trees: Mapping[str, Module],
        start: Callable[[], Engine],
        config: Mapping[str, Any],
    ) -> None:
        self.texts, self.trees, self.config = texts, trees, config
        self._start = start
        self._engine: Engine | None = None
        self._loaded: object = None

    def close(self) -> None:
        """End the engine; the next question starts another."""
        if self._engine:
            self._engine.close()
        self._engine = self._loaded = None

    def file(self, path: str) -> Iterator[Outcome]:
        """Run the tests of one file."""
        module = self.trees[path]
        outcomes, groups = self.prepare(path)
        yield from outcomes
        for group in groups:
            for case, input_text in group.tests:
                together = [other for other, _ in group.tests]
                yield self._run(module, case, together, World(input_text, group.config))

    def prepare(self, path: str) -> tuple[list[Outcome], list[Group]]:
        """The tests of a file in their worlds, and the outcomes of those that cannot be run at all."""
        module = self.trees[path]
        outcomes: list[Outcome] = []
        cases: list[Case] = []
        worldly = worldly_names(module)
        for rule in module.rules:
            if not rule.name.startswith("test_"):
                continue
            try:
                if any(case.rule.name == rule.name for case in cases):
                    raise NotRunnable(rule.at.line, "there is another test of this name")
                cases.append(make_case(rule, worldly))
            except NotRunnable as error:
                outcomes.append(_outcome(module, rule.name, error.line, str(error)))
        if not any(rule.name.startswith("test_") for rule in module.rules):
            outcomes.append(Outcome(path, path, 1, "this file holds no rule called test_…"))
        rules = {
            case.rule.name: list(world_rules(case, number)) for number, case in enumerate(cases) if case.world
        }
        everything = [rule for wanted in rules.values() for rule in wanted]
        groups: dict[str, list[tuple[Case, str]]] = {}
        for case in cases:
            try:
                world = self._world(module, rules.get(case.rule.name, []), everything)
            except (EngineFault, NotRunnable) as error:
                outcomes.append(_outcome(module, case.rule.name, case.rule.at.line, _said(error)))
            else:
                groups.setdefault(json.dumps(world.config, sort_keys=True), []).append((case, world.input_text))
        return outcomes, [Group(json.loads(config), tuple(tests)) for config, tests in groups.items()]

    def _world(self, module: Module, asked: Sequence[WorldRule], everything: Sequence[WorldRule]) -> World:
        """Compute what a test replaces, with the helpers of its file."""
        given, config = "{}", self.config
        if not asked:
            return World(given, config)
        found = self._ask(
            module, {r.name: r.text for r in everything}, World("{}", config), [r.name for r in asked]
        )
        for rule in asked:
            if rule.name not in found:
                raise NotRunnable(
                    0, f"what `with {'.'.join(rule.target)} as` gives has no value before the test"
                )
            if rule.target == ("input",):
                given = json.dumps(found[rule.name], ensure_ascii=False)
            else:
                config = _replaced(config, rule.target[3:], found[rule.name])
        return World(given, config)

    def _run(self, module: Module, case: Case, group: Sequence[Case], world: World) -> Outcome:
        """Evaluate one test; those of its group are loaded with it, unless that goes wrong."""
        name = case.rule.name
        for together in (group, [case]):
            try:
                rules = {other.rule.name: plain_rule(other) for other in together}
                if self._ask(module, rules, world, [name]).get(name) is True:
                    return _outcome(module, name, case.rule.at.line)
                return self._diagnose(module, case, world)
            except EngineFault as fault:
                said = _said(fault)
        return _outcome(module, name, case.rule.at.line, said)

    def _diagnose(self, module: Module, case: Case, world: World) -> Outcome:
        """Find the first statement that is not true, and the values that were given names before it."""
        steps = dict(step_rules(case))
        found = self._ask(module, steps, world, list(steps)) if steps else {}
        for count, statement in enumerate(case.rule.body, 1):
            if found.get(step_name(count)) is not True:
                said = _not_true(statement, found.get(seen_name(count), {}))
                return _outcome(module, case.rule.name, statement.at.line, said)
        return _outcome(module, case.rule.name, case.rule.at.line, "its value is not true")

    def _ask(
        self, module: Module, rules: Mapping[str, str], world: World, names: Sequence[str]
    ) -> dict[str, Any]:
        """Evaluate some of `rules` (texts by name) beside the helpers of a test module."""
        if self._engine is None:
            self._engine, self._loaded = self._start(), None
        key = (module.path, tuple(rules.items()), json.dumps(world.config, sort_keys=True))
        entry = "/".join(module.package)
        try:
            if self._loaded != key:
                self._loaded = None
                texts = self.program(module, rules.values())
                data = {"dpone": {"config": world.config}}
                self._engine.load(texts, data, [f"{entry}/{name}" for name in rules])
                self._engine.wait()
                self._loaded = key
            found = self._engine.evaluate(world.input_text, [f"{entry}/{name}" for name in names])
        except EngineFault:
            self.close()
            raise
        return {name: found[f"{entry}/{name}"] for name in names if f"{entry}/{name}" in found}

    def program(self, module: Module, rules: Iterable[str]) -> dict[str, str]:
        """The texts to load for `rules` of a test module: these, its helpers, and all that it can reach."""
        helpers = [render_rule(rule) for rule in module.rules if not rule.name.startswith("test_")]
        texts = self._reachable(module)
        texts[module.path] = render_module(module.package, module.imports, [*helpers, *rules])
        return texts

    def _reachable(self, module: Module) -> dict[str, str]:
        """The texts of the package under test and of everything imported from there on."""
        wanted = [(*module.package[:-1], module.package[-1].removesuffix("_test"))]
        wanted += [found.path[1:] for found in module.imports if found.path[0] == "data"]
        texts: dict[str, str] = {}
        while wanted:
            package = wanted.pop()
            for path, text in self.texts.items():
                tree = self.trees.get(path)
                if tree and path not in texts and tree.package == package[: len(tree.package)]:
                    texts[path] = text
                    wanted += [found.path[1:] for found in tree.imports if found.path[0] == "data"]
        return texts


def _replaced(config: Mapping[str, Any], path: Sequence[str], value: Any) -> Any:
    """The configuration with what lies at `path` replaced."""
    if not path:
        return value
    below = config.get(path[0], {})
    return {**config, path[0]: _replaced(below if isinstance(below, Mapping) else {}, path[1:], value)}


def _not_true(statement: Statement, seen: Mapping[str, Any]) -> str:
    """Why a statement of a test is not true, from the values that were given names before it."""
    term = statement.term if isinstance(statement, Condition) and not statement.negated else None
    if isinstance(term, Operation) and term.operator == "==" and isinstance(term.right, Scalar):
        counted = term.left.args[0] if isinstance(term.left, Call) and term.left.name == "count" else None
        findings = seen.get(counted.name) if isinstance(counted, Name) else None
        if isinstance(findings, list) and findings and all(map(_is_finding, findings)):
            wanted = term.right.value or "no"
            noun = "finding" if wanted in (1, "no") else "findings"
            return f"expected {wanted} {noun}, got {', '.join(map(_finding, findings))}"
    shown = [f"{name} = {json.dumps(value, ensure_ascii=False)[:_SHOWN]}" for name, value in seen.items()]
    return "; ".join(("this is not true", *shown))


def _is_finding(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("code"), str)


def _finding(value: Mapping[str, Any]) -> str:
    """`payments.min_coverage {actual: 80, minimum: 80}`."""
    params = value.get("params", {})
    items = params.items() if isinstance(params, dict) else ()
    return f"{value['code']} {{{', '.join(f'{k}: {json.dumps(v, ensure_ascii=False)}' for k, v in items)}}}"[
        :_SHOWN
    ]


def _outcome(module: Module, name: str, line: int, problem: str = "") -> Outcome:
    stem = module.path.rpartition("/")[2].removesuffix(".rego")
    return Outcome(f"{stem}.{name}", module.path, line, problem)


def _said(error: EngineFault | NotRunnable) -> str:
    return error.message if isinstance(error, EngineFault) else str(error)
