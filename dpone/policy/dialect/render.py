"""A syntax tree back to text: for programs the host derives from a policy, such as a test without `with`."""

from __future__ import annotations

import json
from collections.abc import Iterable

from dpone.policy.dialect.tree import (
    Array,
    Assign,
    Call,
    Comprehension,
    Every,
    Import,
    Name,
    Object,
    Operation,
    Ref,
    Rule,
    Scalar,
    SetTerm,
    Some,
    Statement,
    Term,
)


def render_term(term: Term) -> str:
    """One term on one line; operations stand in parentheses."""
    if isinstance(term, Scalar):
        return json.dumps(term.value, ensure_ascii=False)
    if isinstance(term, Name):
        return term.name
    if isinstance(term, Ref):
        return term.base.name + "".join(f"[{render_term(part)}]" for part in term.path)
    if isinstance(term, Array):
        return f"[{_list(term.items)}]"
    if isinstance(term, SetTerm):
        return f"{{{_list(term.items)}}}"
    if isinstance(term, Object):
        return "{" + ", ".join(f"{render_term(key)}: {render_term(value)}" for key, value in term.pairs) + "}"
    if isinstance(term, Comprehension):
        opened, closed = ("[", "]") if term.kind == "array" else ("{", "}")
        return f"{opened}{render_term(term.head)} | {render_body(term.body)}{closed}"
    if isinstance(term, Call):
        return f"{term.name}({_list(term.args)})"
    return _operation(term)


def render_body(body: Iterable[Statement]) -> str:
    """Statements on one line, without their `with` clauses."""
    return "; ".join(render_statement(statement) for statement in body)


def render_statement(statement: Statement) -> str:
    """One statement without its `with` clauses."""
    if isinstance(statement, Assign):
        return f"{statement.name.name} := {render_term(statement.value)}"
    if isinstance(statement, Some):
        names = ", ".join(name.name for name in statement.names)
        return f"some {names}" + (f" in {render_term(statement.collection)}" if statement.collection else "")
    if isinstance(statement, Every):
        head = f"every {statement.name.name} in {render_term(statement.collection)}"
        return f"{head} {{ {render_body(statement.body)} }}"
    return ("not " if statement.negated else "") + render_term(statement.term)


def render_rule(rule: Rule) -> str:
    """One definition, without `with` clauses."""
    value = render_term(rule.value)
    head = {
        "value": f"{rule.name} := {value}",
        "set": f"{rule.name} contains {value}",
        "object": f"{rule.name}[{json.dumps(rule.key, ensure_ascii=False)}] := {value}",
        "function": f"{rule.name}({_list(rule.args)}) := {value}",
    }[rule.kind]
    body = f" if {{ {render_body(rule.body)} }}" if rule.body else ""
    return ("default " if rule.default else "") + head + body


def render_module(package: Iterable[str], imports: Iterable[Import], rules: Iterable[str]) -> str:
    """A module of rendered rules."""
    lines = [f"package {'.'.join(package)}"]
    lines += [f"import {'.'.join(i.path)}" + (f" as {i.name}" if i.name else "") for i in imports]
    return "\n\n".join((*lines, *rules)) + "\n"


def _operation(term: Operation) -> str:
    return f"({render_term(term.left)} {term.operator} {render_term(term.right)})"


def _list(terms: Iterable[Term]) -> str:
    return ", ".join(render_term(term) for term in terms)
