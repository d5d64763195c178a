"""Recursive-descent parser of the portable dialect. What it does not know it refuses, with a way out."""

from __future__ import annotations

from typing import Literal

from dpone.policy.dialect.reader import RESERVED
from dpone.policy.dialect.statements import StatementParser
from dpone.policy.dialect.tokens import Block, DialectError, Place, Token, tokenize
from dpone.policy.dialect.tree import (
    Import,
    Metadata,
    Module,
    Name,
    Rule,
    Scalar,
    Statement,
    Term,
)
from dpone.record import dataclass


def parse_module(text: str, path: str) -> Module:
    """Parse one file; `path` is kept in the tree. Raises `DialectError`."""
    found = tokenize(text)
    return _ModuleParser(found.tokens, found.blocks).module(path)


class _ModuleParser(StatementParser):
    """Modules, imports and rules; terms and bodies are the base's."""

    def __init__(self, tokens: tuple[Token, ...], blocks: tuple[Block, ...]) -> None:
        super().__init__(tokens)
        self._blocks = {block.last: block for block in blocks}

    def module(self, path: str) -> Module:
        metadata = self._metadata()
        at = self.expect("package", "a module starts with its package").at
        package = self._package_path()
        imports = []
        while self.next_is("import"):
            imports.append(self._import())
        if not any(i.path == ("rego", "v1") for i in imports):
            raise DialectError(
                at, "write `import rego.v1` below the package, so that every engine reads the same language"
            )
        rules = []
        while self.token.kind != "end":
            rules.append(self._rule())
        if self._blocks:
            block = min(self._blocks.values(), key=lambda b: b.first)
            raise DialectError(
                Place(block.first, 1), "this METADATA block must stand directly above a rule or the package"
            )
        return Module(path, package, at, tuple(imports), tuple(rules), metadata)

    def _metadata(self) -> Metadata | None:
        """The METADATA block that ends on the line above the next token."""
        block = self._blocks.pop(self.token.at.line - 1, None)
        return Metadata(block.text, block.first) if block else None

    def _package_path(self) -> tuple[str, ...]:
        parts = [self.name("a package is a dotted name")]
        while self.next_is(".") and not self.token.spaced:
            self.advance()
            parts.append(self.name("a package is a dotted name"))
        self.end_of_line("the package")
        return tuple(part.text for part in parts)

    def _import(self) -> Import:
        at = self.advance().at
        parts = [self.name("import what? `rego.v1` or a package below `data`").text]
        while self.next_is("."):
            self.advance()
            parts.append(self.name("an import is a dotted name").text)
        name = parts[-1]
        if self.next_is("as"):
            self.advance()
            name = self.name("`as` is followed by a name").text
        self.end_of_line("the import")
        path = tuple(parts)
        if path == ("rego", "v1"):
            if name != "v1":
                raise DialectError(at, "`import rego.v1` takes no other name")
            return Import(path, "", at)
        if path[0] != "data" or len(path) < 2:
            raise DialectError(at, f"`import {'.'.join(path)}`: import rego.v1 and packages below data only")
        if name in RESERVED:
            raise DialectError(at, f"an import cannot be called `{name}`")
        return Import(path, name, at)

    def _rule(self) -> Rule:
        metadata = self._metadata()
        first = self.token
        if not first.fresh_line:
            raise DialectError(first.at, f"start a new line before {first.text!r}")
        default = self.next_is("default")
        if default:
            self.advance()
        head = self._head()
        body: tuple[Statement, ...] = ()
        if self.next_is("if"):
            self.advance()
            body = self._if_body()
        elif head.value is None:
            raise DialectError(first.at, _incomplete(head.name, self.token))
        if default:
            _check_default(head, body, first.at)
        if self.next_is("else"):
            raise DialectError(self.token.at, "`else` is not in the dialect: write `default` and a second body")
        self.end_of_line("the rule")
        value = head.value or Scalar(True, first.at)
        last = self.last.at.line + (self.last.text.count("\n") if self.last.kind == "raw" else 0)
        return Rule(head.name, head.kind, value, first.at, last, head.args, head.key, body, default, metadata)

    def _head(self) -> _Head:
        token = self.own_name("a rule starts with its name")
        name = token.text
        if self.joined() and self.next_is("("):
            return _Head(name, "function", self._arguments(token), "", self._value())
        if self.next_is("contains"):
            self.advance()
            return _Head(name, "set", (), "", self.term())
        if self.joined() and (self.next_is("[") or self.next_is(".")):
            return _Head(name, "object", (), self._key(), self._value())
        return _Head(name, "value", (), "", self._value())

    def _arguments(self, name: Token) -> tuple[Term, ...]:
        self.advance()
        args = self.terms_until(")")
        if not args:
            raise DialectError(name.at, f"`{name.text}()` takes no arguments: leave the parentheses out")
        for arg in args:
            if not isinstance(arg, Name | Scalar) or (isinstance(arg, Name) and arg.name in RESERVED):
                raise DialectError(arg.at, "the arguments of a function are names of their own or constants")
        return args

    def _key(self) -> str:
        if self.advance().text == ".":
            return self.name("a field name is expected").text
        token = self.advance()
        if token.kind != "string":
            raise DialectError(token.at, "only constant texts are keys: a set is `name contains value if …`")
        self.expect("]", "one key, then `]`")
        return token.text

    def _value(self) -> Term | None:
        if self.next_is("="):
            raise DialectError(self.token.at, "write `:=` for a rule's value")
        if not self.next_is(":="):
            return None
        self.advance()
        return self.term()

    def _if_body(self) -> tuple[Statement, ...]:
        if self.next_is("{"):
            return self.block()
        if self.next_is("every"):
            raise DialectError(self.token.at, "put `every` inside braces: `if { every … }`")
        return (self.statement(),)


@dataclass(frozen=True)
class _Head:
    name: str
    kind: Literal["value", "set", "object", "function"]
    args: tuple[Term, ...]
    key: str
    value: Term | None


def _check_default(head: _Head, body: tuple[Statement, ...], at: Place) -> None:
    if head.kind == "set":
        raise DialectError(at, "a set needs no default: without elements it is empty")
    if head.kind == "object":
        raise DialectError(at, "a default stands for a whole value, not for one key")
    if body or head.value is None:
        raise DialectError(at, f"write `default {head.name} := …`, without a condition")


def _incomplete(name: str, token: Token) -> str:
    if token.text == "{":
        return f"write `{name} if {{ … }}`: a rule without `if` means something else in every engine"
    return f"the rule `{name}` has neither a value nor `if`"
