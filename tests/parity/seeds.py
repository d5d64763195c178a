"""Worlds that the tests beside the shipped rules speak of: inputs that are red, not red, and on the boundary."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from dpone.policy.dialect.parser import parse_module
from dpone.policy.dialect.render import render_module, render_rule
from dpone.policy.engines.opa_engine import OpaEngine
from dpone.policy.shipped_rules import shipped_modules
from dpone.policy.worlds import WorldRule, make_case, world_rules, worldly_names
from dpone.shipped import shipped


@dataclass(frozen=True)
class Seed:
    """One world: the package its test asks (`dpone.gates.slo_evaluate`), the input, and what it puts into the
    configuration, as a path below `data.dpone.config` and a value."""

    package: str
    input: dict[str, Any]
    config: tuple[tuple[tuple[str, ...], Any], ...] = ()


@cache
def all_seeds(binary: str) -> tuple[Seed, ...]:
    """The worlds of all tests beside the shipped rules, each once, in the order of files and lines."""
    root = shipped("policies")
    modules = dict(shipped_modules())
    wanted: dict[str, tuple[str, list[list[WorldRule]]]] = {}
    for path in sorted(root.rglob("*_test.rego")):
        module = parse_module(path.read_text("utf-8"), path.relative_to(root).as_posix())
        worldly = worldly_names(module)
        tests = [rule for rule in module.rules if rule.name.startswith("test_")]
        worlds = [list(world_rules(make_case(rule, worldly), number)) for number, rule in enumerate(tests)]
        helpers = [render_rule(rule) for rule in module.rules if not rule.name.startswith("test_")]
        package = (*module.package, "seeds", path.stem)
        texts = [rule.text for world in worlds for rule in world]
        modules[module.path] = render_module(package, module.imports, [*helpers, *texts])
        wanted["/".join(package)] = (".".join(module.package).removesuffix("_test"), worlds)
    with OpaEngine(binary, deadline_seconds=120) as engine:
        engine.load(modules, {"dpone": {"config": {}}}, tuple(wanted))
        found = engine.evaluate("{}")
    seeds = {}
    for entry, (package, worlds) in wanted.items():
        for world in worlds:
            seed = _seed(package, world, found.get(entry, {}))
            seeds[json.dumps([seed.package, seed.input, seed.config], sort_keys=True)] = seed
    return tuple(seeds.values())


def _seed(package: str, world: list[WorldRule], values: dict[str, Any]) -> Seed:
    given: dict[str, Any] = {}
    config = []
    for rule in world:
        value = values[rule.name]
        if rule.target == ("input",):
            given = value
        else:
            config.append((rule.target[3:], value))
    return Seed(package, given, tuple(config))
