"""One rule: every name bound, every call known, every path leading somewhere, every comparison of like with like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dpone.policy.dialect.reader import RESERVED
from dpone.policy.dialect.tree import (
    Array,
    Assign,
    Call,
    Comprehension,
    Condition,
    Every,
    Module,
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
    With,
)
from dpone.policy.lint.builtins import BUILTINS
from dpone.policy.lint.definitions import in_order
from dpone.policy.lint.names import Names, Scope
from dpone.policy.lint.negation import doubtful
from dpone.policy.lint.operators import check_operation, check_sprintf, fits
from dpone.policy.lint.shapes import UNKNOWN, Shape, together
from dpone.policy.lint.world import CONFIG, World, import_of, is_test
from dpone.policy.problems import LintProblem


class RuleCheck(Names):
    """Walks rules of one module and collects problems; the same walk tells the shapes of their values."""

    def rule(self, rule: Rule) -> Shape:
        """Check one definition; return the shape of its value."""
        scope: dict[str, Shape] = {}
        for arg in rule.args:
            if isinstance(arg, Name) and arg.name != "_":
                self._bind(scope, arg)
        self._body(rule.body, scope)
        value = self._term(rule.value, scope)
        for name in self.searching.values():
            self.say(
                name.at,
                "unbound",
                f"{name.name} is never found: `some {name.name}` goes with `object[{name.name}]`",
            )
        self.searching.clear()
        return Shape("set", element=value) if rule.kind == "set" else value

    # Statements

    def _body(self, body: tuple[Statement, ...], scope: dict[str, Shape]) -> None:
        for statement in body:
            self._statement(statement, scope)
            for clause in statement.withs:
                self._with(clause, scope)

    def _statement(self, statement: Statement, scope: dict[str, Shape]) -> None:
        if isinstance(statement, Assign):
            shape = self._term(statement.value, scope)
            self._bind(scope, statement.name, shape)
        elif isinstance(statement, Some):
            element = UNKNOWN
            if statement.collection is not None:
                element = self._elements(statement.collection, scope)
            for name in statement.names:
                self._bind(scope, name, element)
                if statement.collection is None:
                    self.searching[name.name] = name
        elif isinstance(statement, Every):
            inner = dict(scope)
            self._bind(inner, statement.name, self._elements(statement.collection, scope))
            self._body(statement.body, inner)
        else:
            self._condition(statement, scope)

    def _condition(self, statement: Condition, scope: Scope) -> None:
        shape = self._term(statement.term, scope)
        if statement.negated and not is_test(self.module):
            for value in doubtful(self, statement.term, scope):
                message = "this may have no value, and under `not` engines then differ: give it a name above, `x := …`"
                self.say(value.at, "may_miss", message)
        if isinstance(statement.term, Array | SetTerm | Object | Comprehension) or (
            isinstance(statement.term, Scalar) and statement.term.value is not True
        ):
            self.say(
                statement.at, "constant", "this is always the same: a condition compares or asks something"
            )
        if shape.type in ("set", "array", "object", "number", "integer", "string") and not statement.negated:
            message = (
                f"this is {_article(shape.type)}, which counts as true even when empty: compare it, or count it"
            )
            self.say(statement.at, "not_a_condition", message)

    def _with(self, clause: With, scope: Scope) -> None:
        if not is_test(self.module):
            self.say(clause.at, "with", "`with` belongs into tests: rules judge the input they are given")
        target = clause.target
        if isinstance(target, Ref) and ("data", *target.constant())[:3] != CONFIG:
            self.say(clause.at, "with", "`with` replaces `input` or `data.dpone.config` only")
        value = clause.value
        if isinstance(value, Ref) or (isinstance(target, Name) and not isinstance(value, Object | Call | Name)):
            self.say(clause.at, "with", "after `as` stands an object, a name of this module or a call")
        self._term(value, scope)

    def _elements(self, collection: Term, scope: Scope) -> Shape:
        shape = self._term(collection, scope)
        if shape.type not in ("", "array", "set", "collection"):
            self.say(
                collection.at, "iteration", f"`in` goes through arrays and sets, this is {_article(shape.type)}"
            )
        return shape.element or UNKNOWN

    def _bind(self, scope: dict[str, Shape], name: Name, shape: Shape = UNKNOWN) -> None:
        if name.name == "_":
            return
        if name.name in scope:
            self.say(name.at, "bound_twice", f"{name.name} has a value already: choose another name")
        elif import_of(self.module, name.name):
            self.say(name.at, "shadow", f"{name.name} is an import of this module: choose another name")
        elif name.name in RESERVED or name.name in BUILTINS:
            self.say(name.at, "shadow", f"{name.name} is a name of the language: choose another name")
        scope[name.name] = shape

    # Terms

    def _term(self, term: Term, scope: Scope) -> Shape:
        if isinstance(term, Scalar):
            return _scalar(term)
        if isinstance(term, Name):
            return self.name(term, scope)
        if isinstance(term, Ref):
            return self._ref(term, scope)
        if isinstance(term, Array | SetTerm):
            shapes = [self._term(item, scope) for item in term.items]
            return Shape("array" if isinstance(term, Array) else "set", element=together(shapes))
        if isinstance(term, Object):
            for _, value in term.pairs:
                self._term(value, scope)
            return Shape("object")
        if isinstance(term, Comprehension):
            inner = dict(scope)
            self._body(term.body, inner)
            return Shape(term.kind, element=self._term(term.head, inner))
        if isinstance(term, Call):
            return self._call(term, scope)
        return self._operation(term, scope)

    def _ref(self, term: Ref, scope: Scope) -> Shape:
        for part in term.path:
            if isinstance(part, Name):
                self.searching.pop(part.name, None)
            if not isinstance(part, Scalar):
                self._term(part, scope)
        return self.path(term, scope)

    def _call(self, term: Call, scope: Scope) -> Shape:
        shapes = [self._term(arg, scope) for arg in term.args]
        found = self.function(term, scope)
        if found is None:
            return UNKNOWN
        return self._own_call(*found, term) if found[0] else self._builtin(term, shapes)

    def _own_call(self, package: str, name: str, term: Call) -> Shape:
        found = self.world.rules(package, name)
        if found[0][1].kind != "function":
            self.say(term.at, "call", f"{name} is a rule, not a function: leave the parentheses out")
            return UNKNOWN
        expected = len(found[0][1].args)
        if len(term.args) != expected:
            self.say(term.at, "arity", f"{name} takes {expected} arguments, here are {len(term.args)}")
        return self.world.shapes.get((package, name), UNKNOWN)

    def _builtin(self, term: Call, shapes: list[Shape]) -> Shape:
        builtin = BUILTINS[term.name]
        if len(shapes) != len(builtin.args):
            self.say(
                term.at, "arity", f"{term.name} takes {len(builtin.args)} arguments, here are {len(shapes)}"
            )
            return UNKNOWN
        for arg, shape, wanted in zip(term.args, shapes, builtin.args, strict=True):
            if not fits(shape, wanted):
                self.say(
                    arg.at, "type", f"{term.name} takes {_article(wanted)} here, this is {_article(shape.type)}"
                )
        if term.name == "sprintf":
            for at, message in check_sprintf(term):
                self.say(at, "sprintf", message)
        if term.name == "array.concat":
            return Shape("array", element=together([shape.element or UNKNOWN for shape in shapes]))
        return Shape(builtin.result)

    def _operation(self, term: Operation, scope: Scope) -> Shape:
        left, right = self._term(term.left, scope), self._term(term.right, scope)
        shape, problems = check_operation(term, left, right, test=is_test(self.module))
        for at, message in problems:
            self.say(at, "type", message)
        return shape


def check_rules(world: World, modules: Iterable[Module]) -> Iterator[LintProblem]:
    """Check every rule of `modules`; no rule of the world may need itself."""
    for package, name in in_order(world):
        found = [RuleCheck(world, module).rule(rule) for module, rule in world.rules(package, name)]
        whole = world.rules(package, name)[0][1].kind != "object"
        world.shapes[(package, name)] = together(found) if whole else Shape("object")
    for module in modules:
        check = RuleCheck(world, module)
        for rule in module.rules:
            check.rule(rule)
        yield from check.problems


def _scalar(term: Scalar) -> Shape:
    if isinstance(term.value, bool):
        return Shape("boolean")
    if isinstance(term.value, str):
        return Shape("string", only=(term.value,))
    if term.value is None:
        return Shape("null")
    return Shape("integer" if isinstance(term.value, int) else "number")


def _article(kind: str) -> str:
    names = {"integer": "a whole number", "collection": "an array, set or object", "null": "null"}
    return names.get(kind) or (f"an {kind}" if kind[:1] in "aeio" else f"a {kind}")
