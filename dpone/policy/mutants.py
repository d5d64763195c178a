"""Small changes to rules that a test should notice: a body that never holds, a condition removed or negated.

A *body mutant* makes one body (of a rule, a comprehension or an `every`) hold never: a test that notices has
reached the body and looked at what came of it. A *condition mutant* removes or negates one condition, or
moves the boundary of a comparison.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from dpone.policy.dialect.render import render_rule, render_statement, render_term
from dpone.policy.dialect.tokens import Place
from dpone.policy.dialect.tree import (
    Array,
    Assign,
    Call,
    Comprehension,
    Condition,
    Every,
    Module,
    Object,
    Operation,
    Rule,
    Scalar,
    SetTerm,
    Some,
    Statement,
    Term,
)
from dpone.record import dataclass, replace

What = Literal["body", "condition"]
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_BOUNDARY = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_SHOWN = 160
_DOTTED = re.compile(r"(?<=[\w\]])\[\"([a-z_][a-z0-9_]*)\"\]", re.ASCII)
"""A field as the renderer writes it: people read `e.kind`."""


@dataclass(frozen=True)
class Mutant:
    """One changed definition. `position` is that of the definition among its module's rules, `rule` its name,
    `line` that of what was changed; `change` says what was done, without places, so that it can be named in
    a list that outlives an edit elsewhere; `text` is the whole definition, changed."""

    path: str
    package: str
    rule: str
    position: int
    line: int
    what: What
    change: str
    text: str


def body_mutants(modules: Iterable[Module]) -> Iterator[Mutant]:
    """One mutant for every body: of each definition (a default and a constant count as one), of each
    comprehension and of each `every`."""
    for module, position, rule in _definitions(modules):
        if rule.default:
            never = replace(rule, default=False, body=(_constant(rule.at, False),))
            yield _mutant(module, position, rule, rule.at, "body", "the default", never)
        else:
            never = replace(rule, body=(*rule.body, _constant(rule.at, False)))
            yield _mutant(module, position, rule, rule.at, "body", "the body", never)
        for change, at, changed in _in_rule(rule, _never_bodies, _never_term):
            yield _mutant(module, position, rule, at, "body", change, changed)


def condition_mutants(modules: Iterable[Module]) -> Iterator[Mutant]:
    """Mutants for every condition: removed, negated, and with its boundary moved where it has one."""
    for module, position, rule in _definitions(modules):
        for change, at, changed in _in_rule(rule, _changed_condition, _changed_comparison):
            yield _mutant(module, position, rule, at, "condition", change, changed)


def mutated(module: Module, mutant: Mutant) -> list[str]:
    """The definitions of a module with one of them changed."""
    return [
        mutant.text if position == mutant.position else render_rule(rule)
        for position, rule in enumerate(module.rules)
    ]


Change = tuple[str, Place]
_OfStatement = Callable[[Statement], Iterator[tuple[str, Statement]]]
_OfTerm = Callable[[Term], Iterator[tuple[str, Term]]]


def _definitions(modules: Iterable[Module]) -> Iterator[tuple[Module, int, Rule]]:
    for module in modules:
        yield from ((module, position, rule) for position, rule in enumerate(module.rules))


def _mutant(
    module: Module, position: int, rule: Rule, at: Place, what: What, change: str, changed: Rule
) -> Mutant:
    package = ".".join(module.package)
    return Mutant(
        module.path,
        package,
        rule.name,
        position,
        at.line,
        what,
        _DOTTED.sub(r".\1", change)[:_SHOWN],
        render_rule(changed),
    )


def _constant(at: Place, value: bool) -> Condition:
    return Condition(Scalar(value, at), False, (), at)


# What is changed


def _never_bodies(statement: Statement) -> Iterator[tuple[str, Statement]]:
    if isinstance(statement, Every):
        said = f"the body of every {statement.name.name} in {render_term(statement.collection)}"
        yield said, replace(statement, body=(*statement.body, _constant(statement.at, False)))


def _never_term(term: Term) -> Iterator[tuple[str, Term]]:
    if isinstance(term, Comprehension):
        said = f"the body of {render_term(term)}"
        yield said, replace(term, body=(*term.body, _constant(term.at, False)))


def _changed_condition(statement: Statement) -> Iterator[tuple[str, Statement]]:
    if isinstance(statement, Every):
        yield f"removed: {render_statement(statement)}", _constant(statement.at, True)
    elif isinstance(statement, Condition):
        said, term = render_statement(statement), statement.term
        yield f"removed: {said}", _constant(statement.at, True)
        opposite = _opposite(term)
        if statement.negated:
            yield f"negated: {said}", replace(statement, negated=False)
        elif opposite is None:
            yield f"negated: {said}", replace(statement, negated=True)
        else:
            yield f"negated: {said}", replace(statement, term=opposite)
        if isinstance(term, Operation) and term.operator in _BOUNDARY:
            moved = replace(term, operator=_BOUNDARY[term.operator])
            yield f"boundary: {said}", replace(statement, term=moved)
    elif isinstance(statement, Assign) and statement.name.name == "ok" and isinstance(statement.value, Call):
        said = render_statement(statement)
        for value in (True, False):
            yield f"{str(value).lower()} instead: {said}", replace(statement, value=Scalar(value, statement.at))


def _changed_comparison(term: Term) -> Iterator[tuple[str, Term]]:
    """A comparison that is a value: of `ok`, of a field, of a function."""
    if isinstance(term, Operation) and (term.operator in _OPPOSITE or term.operator == "in"):
        said = render_term(term)
        yield f"removed: {said}", Scalar(True, term.at)
        yield f"negated: {said}", _opposite(term) or Operation("==", term, Scalar(False, term.at), term.at)
        if term.operator in _BOUNDARY:
            yield f"boundary: {said}", replace(term, operator=_BOUNDARY[term.operator])


def _opposite(term: Term) -> Term | None:
    if isinstance(term, Operation) and term.operator in _OPPOSITE:
        return replace(term, operator=_OPPOSITE[term.operator])
    return None


# Where it may stand: the same rule with one thing in it replaced


def _in_rule(rule: Rule, of_statement: _OfStatement, of_term: _OfTerm) -> Iterator[tuple[str, Place, Rule]]:
    walk = _Rewriter(of_statement, of_term)
    for change, at, value in walk.term(rule.value):
        yield change, at, replace(rule, value=value)
    for change, at, body in walk.body(rule.body):
        yield change, at, replace(rule, body=body)


class _Rewriter:
    """Goes through a body or a term and yields it again for every change the two functions know."""

    def __init__(self, of_statement: _OfStatement, of_term: _OfTerm) -> None:
        self.of_statement, self.of_term = of_statement, of_term

    def body(self, body: tuple[Statement, ...]) -> Iterator[tuple[str, Place, tuple[Statement, ...]]]:
        for place, statement in enumerate(body):
            for change, at, changed in self.statement(statement):
                yield change, at, (*body[:place], changed, *body[place + 1 :])

    def statement(self, statement: Statement) -> Iterator[tuple[str, Place, Statement]]:
        yield from ((change, statement.at, changed) for change, changed in self.of_statement(statement))
        if isinstance(statement, Assign):
            for change, at, value in self.term(statement.value):
                yield change, at, replace(statement, value=value)
        elif isinstance(statement, Condition):
            # The condition itself is changed as a statement: only what stands inside it is left.
            for change, at, term in self.parts(statement.term):
                yield change, at, replace(statement, term=term)
        elif isinstance(statement, Some | Every) and statement.collection is not None:
            for change, at, collection in self.term(statement.collection):
                yield change, at, replace(statement, collection=collection)
        if isinstance(statement, Every):
            for change, at, body in self.body(statement.body):
                yield change, at, replace(statement, body=body)

    def term(self, term: Term) -> Iterator[tuple[str, Place, Term]]:
        yield from ((change, term.at, changed) for change, changed in self.of_term(term))
        yield from self.parts(term)

    def parts(self, term: Term) -> Iterator[tuple[str, Place, Term]]:
        if isinstance(term, Array | SetTerm):
            for change, at, items in self._several(term.items):
                yield change, at, replace(term, items=items)
        elif isinstance(term, Call):
            for change, at, args in self._several(term.args):
                yield change, at, replace(term, args=args)
        elif isinstance(term, Object):
            keys = [key for key, _ in term.pairs]
            for change, at, values in self._several(tuple(value for _, value in term.pairs)):
                yield change, at, replace(term, pairs=tuple(zip(keys, values, strict=True)))
        elif isinstance(term, Operation):
            for change, at, (left, right) in self._several((term.left, term.right)):
                yield change, at, replace(term, left=left, right=right)
        elif isinstance(term, Comprehension):
            for change, at, head in self.term(term.head):
                yield change, at, replace(term, head=head)
            for change, at, body in self.body(term.body):
                yield change, at, replace(term, body=body)

    def _several(self, terms: tuple[Term, ...]) -> Iterator[tuple[str, Place, tuple[Term, ...]]]:
        for place, term in enumerate(terms):
            for change, at, changed in self.term(term):
                yield change, at, (*terms[:place], changed, *terms[place + 1 :])
