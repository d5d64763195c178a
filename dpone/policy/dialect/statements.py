"""Statements of the portable dialect: the bodies of rules, comprehensions and `every`."""

from __future__ import annotations

from dpone.policy.dialect.reader import RESERVED, shown
from dpone.policy.dialect.terms import TermParser
from dpone.policy.dialect.tokens import DialectError
from dpone.policy.dialect.tree import (
    Assign,
    Call,
    Condition,
    Every,
    Name,
    Operation,
    Ref,
    Some,
    Statement,
    With,
)


class StatementParser(TermParser):
    """Reads statements and the terms in them."""

    def block(self) -> tuple[Statement, ...]:
        """`{ statement … }`."""
        at = self.expect("{", "a body stands in braces").at
        body = self.body("}")
        if not body:
            raise DialectError(at, "this body is empty")
        return body

    def body(self, closing: str) -> tuple[Statement, ...]:
        """Read statements up to and including `closing`."""
        body: list[Statement] = []
        separated = True
        while not self.next_is(closing):
            if not separated and not self.token.fresh_line:
                raise DialectError(
                    self.token.at, f"{shown(self.token)} after a statement: use a new line or `;`"
                )
            body.append(self.deeper(self.statement))
            separated = self.next_is(";")
            if separated:
                self.advance()
        self.advance()
        return tuple(body)

    def statement(self) -> Statement:
        """One statement of a body."""
        at = self.token.at
        if self.next_is("some"):
            return self._some()
        if self.next_is("every"):
            return self._every()
        negated = self.next_is("not")
        if negated:
            self.advance()
        term = self.term()
        if self.next_is(":="):
            self.advance()
            if negated or not isinstance(term, Name) or term.name in RESERVED:
                raise DialectError(at, "only a plain name of your own can be given a value with `:=`")
            return Assign(term, self.term(), self._withs(), at)
        if self.next_is("="):
            raise DialectError(self.token.at, "write `:=` to give a name a value, `==` to compare")
        member = isinstance(term, Operation) and term.operator == "in"
        if negated and not member and not isinstance(term, Name | Ref | Call):
            raise DialectError(
                at,
                "`not` takes a helper rule, a call or `x in array`: put the condition into a rule of its own",
            )
        return Condition(term, negated, self._withs(), at)

    def _some(self) -> Some:
        at = self.advance().at
        names = [self._variable()]
        while self.next_is(","):
            self.advance()
            names.append(self._variable())
        if not self.next_is("in"):
            return Some(tuple(names), None, (), at)
        if len(names) > 1:
            raise DialectError(at, "`some k, v in` is not portable: write `some k` and `v := object[k]`")
        self.advance()
        return Some(tuple(names), self.term(), self._withs(), at)

    def _every(self) -> Every:
        at = self.advance().at
        name = self._variable()
        if self.next_is(","):
            raise DialectError(at, "`every k, v in` is not portable: use an array of objects")
        self.expect("in", "`every x in array { … }`")
        collection = self.term()
        return Every(name, collection, self.block(), self._withs(), at)

    def _variable(self) -> Name:
        token = self.own_name("a variable is expected")
        return Name(token.text, token.at)

    def _withs(self) -> tuple[With, ...]:
        found: list[With] = []
        while self.next_is("with"):
            at = self.advance().at
            target = self.primary()
            if not isinstance(target, Name | Ref) or (
                target != Name("input", target.at)
                and not (isinstance(target, Ref) and target.base.name == "data")
            ):
                raise DialectError(at, "`with` replaces `input` or `data.dpone.config` only")
            self.expect("as", "`with input as {…}`")
            found.append(With(target, self.term(), at))
        return tuple(found)
