"""Tests without `with`: the embedded engine crashes on it, so the host makes the world a test speaks of.

`with input as X with data.dpone.config as Y` says under which input and configuration a test is to be true.
All statements of one test that depend on them say the same, so the test is evaluated whole in that world,
without its clauses. OPA runs the same text with the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dpone.policy.dialect.render import render_body, render_rule, render_term
from dpone.policy.dialect.tree import (
    Assign,
    Call,
    Comprehension,
    Every,
    Module,
    Name,
    Rule,
    Some,
    Statement,
    Term,
)
from dpone.policy.dialect.walk import bound_names, rule_terms, statement_terms, walk
from dpone.record import dataclass

Target = tuple[str, ...]
"""What is replaced: ``("input",)`` or ``("data", "dpone", "config", …)``."""


@dataclass(frozen=True)
class Case:
    """One test: its rule, and the text of the value for every target it replaces."""

    rule: Rule
    world: tuple[tuple[Target, str], ...]


class NotRunnable(ValueError):
    """A test that cannot be evaluated in one world; `line` says where, the message what to write."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def make_case(rule: Rule, worldly: frozenset[str]) -> Case:
    """Read the world of a test of a module with these `worldly_names`. Raises `NotRunnable`."""
    local = {name.name for name in bound_names(rule)}
    worlds = {_world(statement): statement for statement in rule.body if statement.withs}
    if len(worlds) > 1:
        line = list(worlds.values())[1].at.line
        raise NotRunnable(
            line, "this test speaks of two inputs: make it two tests, or use the same `with` throughout"
        )
    if any(_nested(statement) for statement in rule.body):
        raise NotRunnable(
            rule.at.line, "`with` stands inside a nested body: move it to a statement of the test"
        )
    if not worlds:
        return Case(rule, ())
    for statement in rule.body:
        if statement.withs:
            continue
        for name in _read(walk(statement_terms(statement)), local):
            if name in worldly:
                raise NotRunnable(
                    statement.at.line, f"{name} is read here without `with`: give it the same one"
                )
    known = {statement.name.name for statement in _given(rule)}
    for statement in rule.body:
        for name in _locals(rule, [clause.value for clause in statement.withs]) - known:
            raise NotRunnable(
                statement.at.line, f"{name} has no value before the test runs: write it out with `:=`"
            )
    return Case(rule, next(iter(worlds)))


def _given(rule: Rule) -> list[Assign]:
    """The statements that give values to names without needing a world, each after those it needs."""
    found: list[Assign] = []
    for statement in rule.body:
        if isinstance(statement, Assign) and not statement.withs:
            needed = _locals(rule, [statement.value]) - {bound.name.name for bound in found}
            found += [] if needed else [statement]
    return found


def _locals(rule: Rule, terms: Iterable[Term]) -> set[str]:
    """The names these terms read that statements of the rule's own body introduce."""
    own = {s.name.name for s in rule.body if isinstance(s, Assign)}
    own |= {name.name for s in rule.body if isinstance(s, Some) for name in s.names}
    return {term.name for term in walk(iter(terms)) if isinstance(term, Name)} & own


@dataclass(frozen=True)
class WorldRule:
    """A derived rule whose value is what a test puts in the place of `target`."""

    target: Target
    name: str
    text: str


def world_rules(case: Case, number: int) -> Iterator[WorldRule]:
    """One rule for every target of a test, the `number`th of its file. It holds the local values the test
    gives names to, as far as they need no world themselves."""
    given = _given(case.rule)
    body = render_body(given)
    for position, (target, value) in enumerate(case.world):
        name = f"dpone_world_{number}_{position}"
        yield WorldRule(target, name, f"{name} := {value}" + (f" if {{ {body} }}" if given else ""))


def plain_rule(case: Case) -> str:
    """The test without its `with` clauses."""
    return render_rule(case.rule)


def step_name(count: int) -> str:
    """The rule that is true when the first `count` statements are."""
    return f"dpone_step_{count}"


def seen_name(count: int) -> str:
    """The rule with the values that were given names before statement `count`."""
    return f"dpone_seen_{count}"


def step_rules(case: Case) -> Iterator[tuple[str, str]]:
    """Names and texts of rules that tell how far a test comes."""
    body = case.rule.body
    for count in range(1, len(body) + 1):
        yield step_name(count), f"{step_name(count)} := true if {{ {render_body(body[:count])} }}"
        seen = [s.name.name for s in body[: count - 1] if isinstance(s, Assign)]
        if seen:
            values = ", ".join(f'"{name}": {name}' for name in seen)
            yield (
                seen_name(count),
                f"{seen_name(count)} := {{{values}}} if {{ {render_body(body[: count - 1])} }}",
            )


def _world(statement: Statement) -> tuple[tuple[Target, str], ...]:
    found = []
    for clause in statement.withs:
        target = clause.target
        path = (target.name,) if isinstance(target, Name) else (target.base.name, *map(str, target.constant()))
        found.append((path, render_term(clause.value)))
    return tuple(sorted(found))


def _nested(statement: Statement) -> bool:
    bodies = [statement.body] if isinstance(statement, Every) else []
    bodies += [term.body for term in walk(statement_terms(statement)) if isinstance(term, Comprehension)]
    return any(inner.withs or _nested(inner) for body in bodies for inner in body)


def worldly_names(module: Module) -> frozenset[str]:
    """The rules and functions of a module whose value depends on input, data or another package's rules."""
    reads: dict[str, set[str]] = {}
    for rule in module.rules:
        local = {name.name for name in bound_names(rule)}
        reads.setdefault(rule.name, set()).update(_read(rule_terms(rule), local))
    imports = {found.name for found in module.imports if found.name}
    worldly = {"input", "data", *imports}
    while more := {name for name, read in reads.items() if name not in worldly and read & worldly}:
        worldly |= more
    return frozenset(worldly)


def _read(terms: Iterable[Term], local: set[str]) -> Iterator[str]:
    """The names terms read that are not local; functions of other packages are taken at their arguments."""
    for term in terms:
        if isinstance(term, Call) or (isinstance(term, Name) and term.name not in local):
            yield term.name
