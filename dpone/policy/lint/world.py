"""All modules that are checked together, and what a name in one of them stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dpone.policy.dialect.tree import Module, Rule
from dpone.policy.lint.shapes import Shape
from dpone.record import dataclass, field

LIBRARY_PACKAGE = "dpone.lib"
CONFIG = ("data", "dpone", "config")


@dataclass(frozen=True)
class World:
    """Modules, the input schema and the known configuration paths (`*` for any name).

    A module sees its own package and the library, a built-in gate also packages of helpers that it imports
    (`dpone.approvals`); a test sees every package. `shapes` are those of the
    values of rules, filled in the order in which rules use each other.
    """

    modules: tuple[Module, ...]
    schema: Mapping[str, Any] | None = None
    config: tuple[tuple[str, ...], ...] = ()
    packages: Mapping[str, Mapping[str, tuple[tuple[Module, Rule], ...]]] = field(default_factory=dict)
    shapes: dict[tuple[str, str], Shape] = field(default_factory=dict)

    def sees(self, module: Module, package: str) -> bool:
        """Whether rules of `package` may be used in `module`."""
        own = ".".join(module.package)
        if package in (own, LIBRARY_PACKAGE):
            return True
        helpers = module.package[:2] == ("dpone", "gates") and package.count(".") == 1
        return package in self.packages and (is_test(module) or (helpers and package != "dpone.evidence"))

    def rules(self, package: str, name: str) -> tuple[tuple[Module, Rule], ...]:
        """All definitions of a rule, none when there is no such rule."""
        return self.packages.get(package, {}).get(name, ())

    def knows_config(self, path: tuple[str | int, ...]) -> bool:
        """Whether a path below `data.dpone.config` can exist: it leads to a key, or goes on below one that
        holds free values."""
        if not self.config:
            return True
        for known in self.config:
            both = min(len(known), len(path))
            if all(k in ("*", p) for k, p in zip(known[:both], path[:both], strict=True)):
                return len(path) <= len(known) or known[-1] == "settings"
        return False


def make_world(
    modules: Iterable[Module],
    schema: Mapping[str, Any] | None = None,
    config: Iterable[tuple[str, ...]] = (),
) -> World:
    """The world of these modules; the library's must be among them."""
    everything = tuple(modules)
    packages: dict[str, dict[str, list[tuple[Module, Rule]]]] = {}
    for module in everything:
        rules = packages.setdefault(".".join(module.package), {})
        for rule in module.rules:
            rules.setdefault(rule.name, []).append((module, rule))
    frozen = {name: {rule: tuple(found) for rule, found in rules.items()} for name, rules in packages.items()}
    return World(everything, schema, tuple(config), frozen)


def is_test(module: Module) -> bool:
    """Whether a module holds tests: its file ends in `_test.rego`."""
    return module.path.endswith("_test.rego")


def import_of(module: Module, name: str) -> tuple[str, ...]:
    """The path an import gave this name to, or nothing."""
    return next((found.path for found in module.imports if found.name and found.name == name), ())


def config_paths() -> tuple[tuple[str, ...], ...]:
    """The paths rules may read below `data.dpone.config`, from the table of configuration keys."""
    from dpone.config.keys import KEYS

    found: set[tuple[str, ...]] = {("profile",)}
    for key in KEYS:
        parts = tuple(key.path.split("."))
        if parts[0] in ("approvals", "concerns", "kinds", "waiver_limits"):
            found.add(parts)
        if parts[:2] == ("gates", "*") and parts[2] in ("fail_on", "settings"):
            found.add(parts)
    return tuple(sorted(found))
