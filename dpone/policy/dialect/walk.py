"""Going through a syntax tree: every term of a rule, every name it introduces."""

from __future__ import annotations

from collections.abc import Iterator

from dpone.policy.dialect.tree import (
    Array,
    Assign,
    Call,
    Comprehension,
    Every,
    Name,
    Object,
    Operation,
    Ref,
    Rule,
    SetTerm,
    Some,
    Statement,
    Term,
)


def parts(term: Term) -> Iterator[Term]:
    """The terms directly inside a term; comprehension bodies are not entered."""
    if isinstance(term, Ref):
        yield term.base
        yield from term.path
    elif isinstance(term, Array | SetTerm):
        yield from term.items
    elif isinstance(term, Object):
        for key, value in term.pairs:
            yield key
            yield value
    elif isinstance(term, Call):
        yield from term.args
    elif isinstance(term, Operation):
        yield term.left
        yield term.right


def statement_terms(statement: Statement) -> Iterator[Term]:
    """The terms a statement reads, without the names it introduces and without nested bodies."""
    if isinstance(statement, Assign):
        yield statement.value
    elif isinstance(statement, Some):
        if statement.collection is not None:
            yield statement.collection
    elif isinstance(statement, Every):
        yield statement.collection
    else:
        yield statement.term
    for clause in statement.withs:
        yield clause.value


def walk(terms: Iterator[Term]) -> Iterator[Term]:
    """Every term in `terms`, outermost first, with those in the bodies of comprehensions and `every`."""
    for term in terms:
        yield term
        yield from walk(parts(term))
        if isinstance(term, Comprehension):
            yield from walk(iter((term.head,)))
            yield from walk(body_terms(term.body))


def body_terms(body: tuple[Statement, ...]) -> Iterator[Term]:
    """Every top-level term of the statements of a body, nested `every` bodies included."""
    for statement in body:
        yield from statement_terms(statement)
        if isinstance(statement, Every):
            yield from body_terms(statement.body)


def rule_terms(rule: Rule) -> Iterator[Term]:
    """Every term of a rule."""
    yield from walk(iter((*rule.args, rule.value)))
    yield from walk(body_terms(rule.body))


def bound_names(rule: Rule) -> Iterator[Name]:
    """Every name a rule introduces: arguments, `:=`, `some`, `every`, in nested bodies too."""
    yield from (arg for arg in rule.args if isinstance(arg, Name))
    yield from _bound(rule.body)
    for term in rule_terms(rule):
        if isinstance(term, Comprehension):
            yield from _bound(term.body)


def _bound(body: tuple[Statement, ...]) -> Iterator[Name]:
    for statement in body:
        if isinstance(statement, Assign | Every):
            yield statement.name
        elif isinstance(statement, Some):
            yield from statement.names
        if isinstance(statement, Every):
            yield from _bound(statement.body)
