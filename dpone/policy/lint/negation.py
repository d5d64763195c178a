"""What `not` is asked of: engines agree only where every value in it is there.

OPA takes the arguments of a call, and both sides of `in`, out of the negation: where one has no value, nothing holds,
`not` neither. regopy evaluates them inside: where one has no value, `not` holds. A path alone means the same in both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from dpone.policy.dialect.tree import Array, Call, Name, Object, Operation, Ref, Scalar, SetTerm, Term
from dpone.policy.lint.names import Names, Scope
from dpone.policy.lint.shapes import of_schema, promised
from dpone.policy.lint.world import CONFIG, import_of


def doubtful(names: Names, term: Term, scope: Scope) -> Iterator[Ref | Name]:
    """Values inside a negated call or `in` that may not be there."""
    if isinstance(term, Call | Operation):
        yield from _inside(names, term, scope)


def _inside(names: Names, term: Term, scope: Scope) -> Iterator[Ref | Name]:
    if isinstance(term, Ref | Name):
        if not _is_there(names, term, scope):
            yield term
        return
    parts: tuple[Term, ...] = ()
    if isinstance(term, Call):
        parts = term.args
    elif isinstance(term, Operation):
        parts = (term.left, term.right)
    elif isinstance(term, Array | SetTerm):
        parts = term.items
    elif isinstance(term, Object):
        parts = tuple(value for _, value in term.pairs)
    for part in parts:
        yield from _inside(names, part, scope)


def _is_there(names: Names, term: Ref | Name, scope: Scope) -> bool:
    """Whether there is always a value: it is bound, promised by the input's schema, or of a rule that always has one."""
    base, path = (term, ()) if isinstance(term, Name) else (term.base, term.path)
    if base.name not in scope and base.name != "input":
        return _rule_is_there(names, term)
    root = names.world.schema
    shape = scope[base.name] if base.name in scope else of_schema(root, root)
    for part in path:
        found = None
        if isinstance(part, Scalar) and isinstance(part.value, str):
            found = promised(shape, part.value, root)
        if found is None:
            return False
        shape = found
    return True


def _rule_is_there(names: Names, term: Ref | Name) -> bool:
    """Whether a rule always has a value, or a key of the configuration a default."""
    base, path = (term.name, ()) if isinstance(term, Name) else (term.base.name, term.constant())
    start = import_of(names.module, base) or (("data",) if base == "data" else ())
    whole = (*(start or ("data", *names.module.package, base)), *path)
    if whole[:3] == CONFIG:
        return whole[3:] in _defaults()
    *package, rule = map(str, whole[1:])
    for module, found in names.world.rules(".".join(package), rule):
        if found.kind in ("set", "object") or found.default:
            return True
        if not found.body and not any(_inside(Names(names.world, module), found.value, {})):
            return True
    return False


@cache
def _defaults() -> frozenset[tuple[str | int, ...]]:
    """Keys of the configuration that have a value whatever dpone.yaml says."""
    from dpone.config.load import shipped_values

    def below(tree: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for name, value in tree.items():
            yield (*path, name)
            if isinstance(value, dict):
                yield from below(value, (*path, name))

    return frozenset(below(shipped_values()["defaults"], ()))
