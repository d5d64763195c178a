"""Terms of the portable dialect: values, paths, calls, operators, comprehensions."""

from __future__ import annotations

from dpone.policy.dialect.collections import CollectionParser
from dpone.policy.dialect.reader import KEYWORDS, shown
from dpone.policy.dialect.tokens import DialectError, Place, Token
from dpone.policy.dialect.tree import (
    Call,
    Name,
    Operation,
    Ref,
    Scalar,
    Term,
)

_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">="))
_LEVELS = (frozenset(("in",)), _COMPARISONS, frozenset("|"), frozenset("&"), frozenset("+-"), frozenset("*/%"))
_MAX_DIGITS = 15
_MAX_INTEGER = 2**53 - 1


class TermParser(CollectionParser):
    """Reads terms. Bodies of comprehensions are statements: the subclass reads them."""

    def term(self) -> Term:
        """One term with its operators; membership binds loosest, then comparison, `|`, `&`, `+ -`, `*`."""
        return self.deeper(lambda: self._operations(0))

    def _operations(self, level: int) -> Term:
        if level == len(_LEVELS):
            return self.primary()
        left = self._operations(level + 1)
        while self.token.kind in ("name", "symbol") and self.token.text in _LEVELS[level]:
            if self._closes_head():
                return left
            operator = self.advance()
            _check_operator(operator, left)
            right = self._operations(level + 1)
            left = Operation(operator.text, left, right, operator.at)
        return left

    def _closes_head(self) -> bool:
        """Whether this `|` ends the head of a comprehension rather than joining two sets."""
        return self.next_is("|") and self.in_head

    def primary(self) -> Term:
        """One term without operators around it."""
        token = self.token
        if token.kind in ("string", "raw"):
            self.advance()
            self._no_path("a text")
            return Scalar(token.text, token.at)
        if token.kind == "number" or (token.text == "-" and token.kind == "symbol"):
            return self._number()
        if token.kind == "name" and token.text not in KEYWORDS:
            return self._reference()
        if token.kind == "name" and token.text in _CONSTANTS:
            self.advance()
            return Scalar(_CONSTANTS[token.text], token.at)
        if self.next_is("("):
            self.advance()
            found = self.inside(self.term)
            self.expect(")", "parentheses stand around one term")
            return found
        if self.next_is("["):
            return self.array()
        if self.next_is("{"):
            return self.braces()
        if token.text == "every":
            raise DialectError(token.at, "`every` is a statement of its own")
        raise DialectError(token.at, f"expected a value, found {shown(token)}")

    def _number(self) -> Scalar:
        sign = self.advance() if self.next_is("-") else None
        token = self.advance()
        if token.kind != "number" or (sign and token.spaced):
            raise DialectError(token.at, "`-` stands directly before a number or between two values")
        text = ("-" if sign else "") + token.text
        if self.token.kind == "name" and not self.token.spaced:
            raise DialectError(token.at, f"{token.text}{self.token.text} is no number: no exponents, no units")
        whole = token.text.partition(".")[0]
        if len(whole) > 1 and whole.startswith("0"):
            raise DialectError(token.at, "numbers do not start with 0")
        value = float(text) if "." in text else int(text)
        digits = len(token.text.replace(".", "").lstrip("0"))
        if abs(value) > _MAX_INTEGER or (isinstance(value, float) and digits > _MAX_DIGITS):
            raise DialectError(token.at, "whole numbers stay within 2**53 - 1, others have at most 15 digits")
        self._no_path("a number")
        return Scalar(value, sign.at if sign else token.at)

    def _no_path(self, what: str) -> None:
        if self.joined() and self.token.text in (".", "[", "("):
            raise DialectError(self.token.at, f"`{self.token.text}` after {what}: bind it to a name first")

    def _reference(self) -> Term:
        token = self.advance()
        base = Name(token.text, token.at)
        path: list[Term] = []
        names = [token.text]
        while self.joined():
            if self.next_is("."):
                self.advance()
                part = self.advance()
                if part.kind != "name" or part.spaced:
                    raise DialectError(part.at, f"expected a field name after `.`, found {shown(part)}")
                path.append(Scalar(part.text, part.at))
                names.append(part.text)
            elif self.next_is("["):
                path.append(self._index())
                names.append("")
            elif self.next_is("("):
                return self._call(names, token.at)
            else:
                break
        return Ref(base, tuple(path), token.at) if path else base

    def _index(self) -> Term:
        at = self.advance().at
        found = self.inside(self.term)
        self.expect("]", "one index, then `]`")
        if isinstance(found, Name) and found.name == "_":
            raise DialectError(at, "`[_]` is not in the dialect: write `some x in array`")
        if not isinstance(found, Name | Scalar | Ref):
            raise DialectError(
                at, "an index is a constant, a name or a path: bind anything else to a name first"
            )
        return found

    def _call(self, names: list[str], at: Place) -> Call:
        if "" in names:
            raise DialectError(at, "the name of a function is plain, without `[…]`")
        self.advance()
        args = self.terms_until(")")
        self._no_path("a call")
        return Call(".".join(names), args, at)


def _check_operator(token: Token, left: Term) -> None:
    if token.fresh_line:
        raise DialectError(token.at, f"`{token.text}` starts a line: put it at the end of the line before")
    if token.text in ("/", "%"):
        raise DialectError(
            token.at, f"`{token.text}` gives other digits here than in OPA: let the collector compute it"
        )
    if token.text in _COMPARISONS and isinstance(left, Operation) and left.operator in _COMPARISONS:
        raise DialectError(token.at, "comparisons do not chain: use two statements")
