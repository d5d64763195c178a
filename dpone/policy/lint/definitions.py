"""Rules as a whole: definitions of one name that fit together, no circles, tests where tests belong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dpone.policy.dialect.tree import Call, Module, Name, Ref, Rule, Term
from dpone.policy.dialect.walk import bound_names, rule_terms
from dpone.policy.lint.builtins import BUILTINS
from dpone.policy.lint.world import World, import_of, is_test
from dpone.policy.problems import LintProblem

Key = tuple[str, str]


def check_definitions(world: World, modules: Iterable[Module]) -> Iterator[LintProblem]:
    """Definitions of one name are of one kind, and functions keep their number of arguments."""
    for module in modules:
        package = ".".join(module.package)
        names = {found.name for found in module.imports if found.name}
        for rule in module.rules:
            first = world.rules(package, rule.name)[0][1]
            if rule.name in BUILTINS or rule.name in names:
                yield _problem(
                    module, rule, "shadow", f"{rule.name} is an import or a function of the language"
                )
            if first.kind != rule.kind:
                yield _problem(
                    module, rule, "kinds", f"{rule.name} is defined as {first.kind} and as {rule.kind}"
                )
            elif len(first.args) != len(rule.args):
                message = (
                    f"{rule.name} takes {len(first.args)} arguments in one place and {len(rule.args)} here"
                )
                yield _problem(module, rule, "arity", message)
            defaults = sum(other.default for _, other in world.rules(package, rule.name))
            if rule.default and defaults > 1:
                yield _problem(module, rule, "default", f"{rule.name} has {defaults} defaults")
            if (
                rule.kind == "value"
                and not rule.default
                and not rule.body
                and _other_value(world, package, rule)
            ):
                message = f"{rule.name} has a value always and another one besides: engines stop at a conflict"
                yield _problem(module, rule, "conflict", message)
            if rule.name.startswith("test_") and not is_test(module):
                yield _problem(module, rule, "test", "rules called test_… stand in files called *_test.rego")
            for other in _elsewhere(world, package, rule, module):
                message = (
                    f"{rule.name} is defined in {other.path} as well: files of one package share their names"
                )
                yield _problem(module, rule, "twice", message)


def _elsewhere(world: World, package: str, rule: Rule, module: Module) -> list[Module]:
    """The first other file of tests that defines a name of this one. Engines join such definitions, and one says
    they conflict where another takes either."""
    if not is_test(module):
        return []
    return [other for other, _ in world.rules(package, rule.name) if other is not module][:1]


def _other_value(world: World, package: str, rule: Rule) -> bool:
    return any(other is not rule and not other.default for _, other in world.rules(package, rule.name))


def check_functions(world: World, modules: Iterable[Module]) -> Iterator[LintProblem]:
    """Functions of one name have one number of arguments in every package of an engine: with two, regopy
    1.5.2 corrupts its memory while building. Test packages are loaded one at a time."""
    known: dict[str, tuple[str, int]] = {}
    for package, rules in world.packages.items():
        for name, found in rules.items():
            if found[0][1].kind == "function" and not is_test(found[0][0]):
                known.setdefault(name, (package, len(found[0][1].args)))
    for module in modules:
        for rule in module.rules:
            package, count = known.get(rule.name, ("", len(rule.args)))
            if rule.kind == "function" and len(rule.args) != count and package != ".".join(module.package):
                message = (
                    f"{rule.name} takes {count} arguments in {package}: two counts crash the engine, rename one"
                )
                yield _problem(module, rule, "function_name", message)


def check_circles(world: World) -> list[LintProblem]:
    """Rules that need themselves, directly or through others."""
    ordered = set(in_order(world))
    problems = []
    for key in _keys(world):
        if key not in ordered:
            module, rule = world.rules(*key)[0]
            message = f"{rule.name} needs itself, or a rule that does"
            problems.append(_problem(module, rule, "recursion", message))
    return problems


def in_order(world: World) -> list[Key]:
    """Every rule after the rules it uses; rules of circles are left out."""
    pending = {key: uses_of(world, key) for key in _keys(world)}
    order: list[Key] = []
    while ready := sorted(key for key, used in pending.items() if not used):
        order += ready
        for key in ready:
            del pending[key]
        done = set(ready)
        for needed in pending.values():
            needed.difference_update(done)
    return order


def _keys(world: World) -> list[Key]:
    return [(package, name) for package, rules in world.packages.items() for name in rules]


def uses_of(world: World, key: Key) -> set[Key]:
    """The rules a rule names, over all its bodies."""
    found: set[Key] = set()
    for module, rule in world.rules(*key):
        local = {name.name for name in bound_names(rule)}
        for term in rule_terms(rule):
            found |= {used for used in _named(module, term, local) if world.rules(*used)}
    return found


def _named(module: Module, term: Term, local: set[str]) -> Iterator[Key]:
    own = ".".join(module.package)
    if isinstance(term, Name) and term.name not in local:
        yield own, term.name
    elif isinstance(term, Call):
        first, _, rest = term.name.partition(".")
        if not rest:
            yield own, first
        else:
            yield from _paths((*(import_of(module, first) or (first,)), *rest.split(".")))
    elif isinstance(term, Ref) and term.base.name not in local:
        path = import_of(module, term.base.name) or (term.base.name,)
        yield from _paths((*path, *(str(part) for part in term.constant())))


def _paths(path: tuple[str, ...]) -> Iterator[Key]:
    if path[0] == "data":
        for length in range(2, len(path)):
            yield ".".join(path[1:length]), path[length]


def _problem(module: Module, rule: Rule, code: str, message: str) -> LintProblem:
    return LintProblem(module.path, rule.at.line, rule.at.column, code, message)
