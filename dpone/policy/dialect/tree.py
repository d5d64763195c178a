"""The syntax tree of a module in the portable dialect: small, frozen, with places."""

from __future__ import annotations

from typing import Literal

from dpone.policy.dialect.tokens import Place
from dpone.record import dataclass


@dataclass(frozen=True)
class Scalar:
    """A constant: text, whole number, fraction, true, false or null."""

    value: str | int | float | bool | None
    at: Place


@dataclass(frozen=True)
class Name:
    """A variable, a rule of the same package, an import, `input` or `data`; `_` stands for anything."""

    name: str
    at: Place


@dataclass(frozen=True)
class Ref:
    """A path into a value: `base.a["b"][i]`; the parts are terms, constant ones are text scalars."""

    base: Name
    path: tuple[Term, ...]
    at: Place

    def constant(self) -> tuple[str | int, ...]:
        """The leading parts of the path that are constants (bool and null never are)."""
        found: list[str | int] = []
        for part in self.path:
            if not isinstance(part, Scalar) or not isinstance(part.value, str | int):
                break
            found.append(part.value)
        return tuple(found)

    def dotted(self) -> str:
        """`base.a.b` for the constant start of the path."""
        return ".".join((self.base.name, *(str(part) for part in self.constant())))


@dataclass(frozen=True)
class Array:
    """`[a, b]`."""

    items: tuple[Term, ...]
    at: Place


@dataclass(frozen=True)
class SetTerm:
    """`{a, b}`."""

    items: tuple[Term, ...]
    at: Place


@dataclass(frozen=True)
class Object:
    """`{"a": b}`; keys are terms, nearly always text."""

    pairs: tuple[tuple[Term, Term], ...]
    at: Place

    def fields(self) -> dict[str, Term]:
        """The pairs whose key is a constant text."""
        return {k.value: v for k, v in self.pairs if isinstance(k, Scalar) and isinstance(k.value, str)}


@dataclass(frozen=True)
class Comprehension:
    """`[head | body]` or `{head | body}`."""

    kind: Literal["array", "set"]
    head: Term
    body: tuple[Statement, ...]
    at: Place


@dataclass(frozen=True)
class Call:
    """`name(args)`; `name` is dotted as written."""

    name: str
    args: tuple[Term, ...]
    at: Place


@dataclass(frozen=True)
class Operation:
    """`left operator right`; operator is one of ``== != < <= > >= + - * | & in``."""

    operator: str
    left: Term
    right: Term
    at: Place


Term = Scalar | Name | Ref | Array | SetTerm | Object | Comprehension | Call | Operation


@dataclass(frozen=True)
class With:
    """`with target as value`."""

    target: Ref | Name
    value: Term
    at: Place


@dataclass(frozen=True)
class Assign:
    """`name := value`."""

    name: Name
    value: Term
    withs: tuple[With, ...]
    at: Place


@dataclass(frozen=True)
class Some:
    """`some x in collection`, or `some x` without a collection."""

    names: tuple[Name, ...]
    collection: Term | None
    withs: tuple[With, ...]
    at: Place


@dataclass(frozen=True)
class Every:
    """`every x in collection { body }`."""

    name: Name
    collection: Term
    body: tuple[Statement, ...]
    withs: tuple[With, ...]
    at: Place


@dataclass(frozen=True)
class Condition:
    """A term that must be true, or with `negated` must not be."""

    term: Term
    negated: bool
    withs: tuple[With, ...]
    at: Place


Statement = Assign | Some | Every | Condition


@dataclass(frozen=True)
class Metadata:
    """The YAML of a METADATA block and the line it starts at (that of `# METADATA`)."""

    text: str
    line: int


@dataclass(frozen=True)
class Rule:
    """One definition (one body) of a rule.

    `kind`: value (`name := value if …`), set (`name contains value if …`), object
    (`name["key"] := value if …`) or function. `value` is True where nothing is written.
    """

    name: str
    kind: Literal["value", "set", "object", "function"]
    value: Term
    at: Place
    last_line: int
    args: tuple[Term, ...] = ()
    key: str = ""
    body: tuple[Statement, ...] = ()
    default: bool = False
    metadata: Metadata | None = None


@dataclass(frozen=True)
class Import:
    """`import data.a.b` or `import rego.v1`, with the name it is known by."""

    path: tuple[str, ...]
    name: str
    at: Place


@dataclass(frozen=True)
class Module:
    """One file."""

    path: str
    package: tuple[str, ...]
    at: Place
    imports: tuple[Import, ...]
    rules: tuple[Rule, ...]
    metadata: Metadata | None = None
