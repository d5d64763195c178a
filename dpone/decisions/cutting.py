"""Taking rules out of a layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dpone.decisions.modes import place
from dpone.policy.dialect.tree import Module, Object, Rule, Scalar
from dpone.policy.inventory import RuleInfo
from dpone.policy.layers import Layer, LayerRefused
from dpone.policy.sources import parse_all
from dpone.record import replace

Rules = Callable[[str, str], bool]
"""Whether a rule or code of a package is wanted."""


def cut(layer: Layer, wanted: Rules) -> Layer:
    """The layer without the rules that are not wanted: checks are not asked, and of `deny` and `warn`, which
    several codes share, the bodies of other codes are taken out of the text."""
    shared = {rule.path for rule in layer.inventory if rule.kind in ("deny", "warn")}
    trees, problems = parse_all({path: text for path, text in layer.modules.items() if path in shared})
    if problems:
        raise LayerRefused(layer.name, problems)
    modules = dict(layer.modules)
    bodies: set[tuple[str, str]] = set()
    for tree in trees:
        keep, drop = _bodies(tree, wanted)
        bodies |= {(".".join(tree.package), rule.name) for rule in keep}
        modules[tree.path] = _without(modules[tree.path], drop)
    inventory = [rule for rule in layer.inventory if _asked(rule, wanted, bodies)]
    return replace(layer, modules=modules, inventory=tuple(inventory))


def _asked(rule: RuleInfo, wanted: Rules, bodies: set[tuple[str, str]]) -> bool:
    if rule.kind in ("deny", "warn"):
        return (rule.package, rule.name) in bodies
    return (not rule.answers and rule.kind != "code") or wanted(*place(rule))


def _bodies(tree: Module, wanted: Rules) -> tuple[list[Rule], list[Rule]]:
    """The bodies of a module's `deny` and `warn` that stay, and those that go. One without a constant code stays:
    what it yields is refused later."""
    sets = [rule for rule in tree.rules if rule.name in ("deny", "warn") and rule.kind == "set"]
    package = ".".join(tree.package)
    keep = [rule for rule in sets if not _code(rule) or wanted(package, _code(rule))]
    return keep, [rule for rule in sets if rule not in keep]


def _code(rule: Rule) -> str:
    fields = rule.value.fields() if isinstance(rule.value, Object) else {}
    code = fields.get("code")
    return code.value if isinstance(code, Scalar) and isinstance(code.value, str) else ""


def _without(text: str, rules: Iterable[Rule]) -> str:
    """The text with those definitions blanked out, line by line, so that all places stay what they are."""
    lines = text.split("\n")
    for rule in rules:
        for number in range(rule.at.line, rule.last_line + 1):
            lines[number - 1] = ""
    return "\n".join(lines)
