"""What names and paths of a module stand for, and the shapes of what they lead to."""

from __future__ import annotations

from collections.abc import Mapping

from dpone.policy.dialect.tokens import Place
from dpone.policy.dialect.tree import Call, Module, Name, Ref, Scalar
from dpone.policy.lint.builtins import BUILTINS, refusal
from dpone.policy.lint.shapes import UNKNOWN, Shape, child, of_schema
from dpone.policy.lint.world import CONFIG, World, import_of
from dpone.policy.problems import LintProblem
from dpone.record import dataclass, field

Scope = Mapping[str, Shape]
"""Local names and what is known about their values."""


@dataclass
class Names:
    """Resolves what one module says; problems are collected."""

    world: World
    module: Module
    problems: list[LintProblem] = field(default_factory=list)
    searching: dict[str, Name] = field(default_factory=dict)
    """Names that `some x` announced and no index has given values to yet."""

    def say(self, at: Place, code: str, message: str) -> None:
        """Note a problem of this module."""
        self.problems.append(LintProblem(self.module.path, at.line, at.column, code, message))

    def name(self, term: Name, scope: Scope) -> Shape:
        """The shape of a name: local, `input`, or a rule of this package."""
        if term.name in scope:
            return scope[term.name]
        if term.name == "input":
            return of_schema(self.world.schema, self.world.schema)
        if term.name == "_":
            self.say(term.at, "wildcard", "`_` stands for an argument nobody reads; here a name is needed")
        elif term.name == "data" or import_of(self.module, term.name):
            self.say(term.at, "package", f"{term.name} as a whole is not a value: name a rule in it")
        elif not self.world.rules(".".join(self.module.package), term.name):
            message = f"{term.name} has no value here: bind it above with `:=` or `some`, or define a rule"
            self.say(term.at, "unbound", message)
        else:
            return self._value_of(".".join(self.module.package), term.name, term.at)
        return UNKNOWN

    def path(self, term: Ref, scope: Scope) -> Shape:
        """The shape at the end of a path; its variable parts are checked elsewhere."""
        base = term.base.name
        start = import_of(self.module, base) if base not in scope else ()
        if start or (base == "data" and base not in scope):
            return self._data(term, start or ("data",))
        return self._down(self.name(term.base, scope), term, base, 0)

    def _data(self, term: Ref, start: tuple[str, ...]) -> Shape:
        """A path that starts at a package: configuration, or a rule of a package this module sees."""
        constant = term.constant()
        whole = (*start, *constant)
        if whole[:3] == CONFIG:
            if not self.world.knows_config(whole[3:]):
                message = f"the configuration has no key {'.'.join(map(str, whole[3:]))}: see dpone config show"
                self.say(term.at, "config", message)
            return UNKNOWN
        texts = [str(part) for part in whole[1:]]
        for length in range(len(texts) - 1, 0, -1):
            package, rule = ".".join(texts[:length]), texts[length]
            if package in self.world.packages:
                if not self._visible(package, term.at):
                    return UNKNOWN
                if not self.world.rules(package, rule):
                    self.say(term.at, "data", f"package {package} has no rule {rule}")
                    return UNKNOWN
                below = length + 1 - (len(start) - 1)
                return self._down(self._value_of(package, rule, term.at), term, f"{package}.{rule}", below)
        self.say(
            term.at, "data", f"{'.'.join(map(str, whole))} leads to nothing that is loaded with this module"
        )
        return UNKNOWN

    def _down(self, shape: Shape, term: Ref, name: str, start: int) -> Shape:
        """Follow the parts of a path from `start` on through a shape."""
        for part in term.path[start:]:
            if isinstance(part, Scalar) and isinstance(part.value, str):
                below, wrong = child(shape, part.value, self.world.schema)
                if wrong:
                    self.say(part.at, "field", f"{name} {wrong}")
                    return UNKNOWN
                shape, name = below, f"{name}.{part.value}"
            else:
                shape, name = shape.element or UNKNOWN, f"{name}[…]"
        return shape

    def _visible(self, package: str, at: Place) -> bool:
        if self.world.sees(self.module, package):
            return True
        self.say(
            at,
            "data",
            f"package {package} is not loaded with this one: use its own rules, dpone.lib, the config",
        )
        return False

    def _value_of(self, package: str, name: str, at: Place) -> Shape:
        """The shape of a rule's value."""
        if self.world.rules(package, name)[0][1].kind == "function":
            self.say(at, "function", f"{name} is a function: call it with its arguments")
            return UNKNOWN
        return self.world.shapes.get((package, name), UNKNOWN)

    def function(self, term: Call, scope: Scope) -> tuple[str, str] | None:
        """The package and name of the function that is called, with an empty package for a built-in one;
        None when there is none, which is noted."""
        first, _, rest = term.name.partition(".")
        path = import_of(self.module, first) or (("data",) if first == "data" else ())
        own = ".".join(self.module.package)
        if first in scope:
            self.say(term.at, "call", f"{first} is a value, not a function")
        elif path and rest:
            package, _, name = ".".join((*path[1:], *rest.split("."))).rpartition(".")
            if not self.world.rules(package, name):
                self.say(term.at, "call", f"there is no function {term.name}")
            elif self._visible(package, term.at):
                return package, name
        elif not rest and self.world.rules(own, first):
            return own, first
        elif term.name in BUILTINS:
            return "", term.name
        else:
            why = refusal(term.name)
            message = (
                f"{term.name} is not in the dialect: {why}" if why else f"there is no function {term.name}"
            )
            self.say(term.at, "builtin" if why else "call", message)
        return None
