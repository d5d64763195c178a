"""Which configuration a rule reads, itself or through the helpers it uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dpone.policy.dialect.tree import Call, Module, Ref, Rule, Scalar
from dpone.policy.dialect.walk import rule_terms
from dpone.policy.lint.definitions import uses_of
from dpone.policy.lint.world import CONFIG, World, import_of

Key = tuple[str, str]


def needed(world: World, start: Key) -> frozenset[Key]:
    """Every rule (package, name) that one rule needs, directly or through others, itself among them."""
    seen: set[Key] = set()
    waiting = [start]
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            waiting += uses_of(world, key)
    return frozenset(seen)


def config_keys(world: World, start: Key) -> list[str]:
    """The keys of the configuration that a rule reads, as dpone.yaml writes them, sorted. A rule that only
    gives a part of the configuration a name counts by what is read below that name."""
    found: set[tuple[str, ...]] = set()
    names: dict[Key, tuple[str, ...]] = {}
    keys = needed(world, start)
    for key in keys:
        for _, rule in world.rules(*key):
            path = _config(rule.value)
            if path is not None and not rule.body and rule.kind == "value":
                names[key] = path
    for key in keys - names.keys():
        for module, rule in world.rules(*key):
            found |= set(_read(module, rule, key[0], names))
    below = {path for path in found if not any(other != path and other[: len(path)] == path for other in found)}
    return sorted(_written(path) for path in below)


def _read(
    module: Module, rule: Rule, package: str, names: dict[Key, tuple[str, ...]]
) -> Iterator[tuple[str, ...]]:
    for term in rule_terms(rule):
        path = _config(term)
        if path is not None:
            yield path
        elif isinstance(term, Ref) and (package, term.base.name) in names:
            yield (*names[package, term.base.name], *map(str, term.constant()))
        elif isinstance(term, Ref) and (imported := import_of(module, term.base.name)) and term.path:
            first, *rest = map(str, term.constant() or ("",))
            if (".".join(imported[1:]), first) in names:
                yield (*names[".".join(imported[1:]), first], *rest)
        elif not isinstance(term, Ref | Call | Scalar) and (package, getattr(term, "name", "")) in names:
            yield names[package, term.name]  # type: ignore[union-attr]


def _config(term: object) -> tuple[str, ...] | None:
    """The path below the configuration that a term is, if it is one."""
    if isinstance(term, Ref) and ("data", *term.constant())[:3] == CONFIG and term.base.name == "data":
        return tuple(map(str, term.constant()[2:]))
    return None


def _written(path: Iterable[str]) -> str:
    """`gates.release_gate.settings.x` is `gates.release-gate.settings.x` in dpone.yaml."""
    parts = list(path)
    if parts[:1] == ["gates"] and len(parts) > 1:
        parts[1] = parts[1].replace("_", "-")
    return ".".join(parts)
