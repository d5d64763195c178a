"""Terms of the portable dialect: values, paths, calls, operators, comprehensions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from dpone.policy.dialect.reader import KEYWORDS, Reader, shown
from dpone.policy.dialect.tokens import DialectError, Place, Token
from dpone.policy.dialect.tree import (
    Array,
    Call,
    Comprehension,
    Name,
    Object,
    Operation,
    Ref,
    Scalar,
    SetTerm,
    Statement,
    Term,
)

MAX_DEPTH = 32
"""Levels of nested terms and statements; deeper ones are refused before Python's stack ends."""

_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">="))
_LEVELS = (frozenset(("in",)), _COMPARISONS, frozenset("|"), frozenset("&"), frozenset("+-"), frozenset("*/%"))
_MAX_DIGITS = 15
_MAX_INTEGER = 2**53 - 1
_T = TypeVar("_T")


class TermParser(Reader):
    """Reads terms. Bodies of comprehensions are statements: the subclass reads them."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        super().__init__(tokens)
        self._depth = 0
        self._in_head = False

    def body(self, closing: str) -> tuple[Statement, ...]:
        """Read statements up to and including `closing`."""
        raise AssertionError(f"a parser of terms alone cannot read a body up to {closing}")

    def term(self) -> Term:
        """One term with its operators; membership binds loosest, then comparison, `|`, `&`, `+ -`, `*`."""
        return self.deeper(lambda: self._operations(0))

    def deeper(self, read: Callable[[], _T]) -> _T:
        """Read something one level further in."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise DialectError(self.token.at, f"nested deeper than {MAX_DEPTH} levels")
        found = read()
        self._depth -= 1
        return found

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
        return self.next_is("|") and self._in_head

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
            found = self._inside(self.term)
            self.expect(")", "parentheses stand around one term")
            return found
        if self.next_is("["):
            return self._array()
        if self.next_is("{"):
            return self._braces()
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
        found = self._inside(self.term)
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

    def terms_until(self, closing: str) -> tuple[Term, ...]:
        """Terms with commas up to `closing`; a comma before it is allowed."""
        items: list[Term] = []
        while not self.next_is(closing):
            items.append(self._inside(self.term))
            if not self.next_is(closing):
                self.expect(",", f"values are separated by commas and end in `{closing}`")
        self.advance()
        return tuple(items)

    def _array(self) -> Term:
        at = self.advance().at
        head, body = self._head_or_first("]")
        if body is not None and head is not None:
            return Comprehension("array", head, body, at)
        return Array(self._rest(head, "]"), at)

    def _braces(self) -> Term:
        at = self.advance().at
        if self.next_is("}"):
            self.advance()
            return Object((), at)
        head, body = self._head_or_first("}")
        assert head is not None
        if body is not None:
            return Comprehension("set", head, body, at)
        if self.next_is(":"):
            return self._object(head, at)
        return SetTerm(self._rest(head, "}"), at)

    def _head_or_first(self, closing: str) -> tuple[Term | None, tuple[Statement, ...] | None]:
        """The first term; with the body of the comprehension it heads, where `|` follows."""
        if self.next_is(closing):
            return None, None
        head = self._read(self.term, in_head=True)
        if not self.next_is("|"):
            return head, None
        at = self.advance().at
        body = self._inside(lambda: self.body(closing))
        if not body:
            raise DialectError(at, "this comprehension has no body")
        return head, body

    def _rest(self, first: Term | None, closing: str) -> tuple[Term, ...]:
        if first is None:
            self.advance()
            return ()
        if not self.next_is(closing):
            self.expect(",", f"values are separated by commas and end in `{closing}`")
        return (first, *self.terms_until(closing))

    def _object(self, first: Term, at: Place) -> Object:
        pairs: list[tuple[Term, Term]] = []
        key = first
        while True:
            self.expect(":", 'an object is written {"key": value}')
            value = self._read(self.term, in_head=not pairs)
            if self.next_is("|"):
                raise DialectError(
                    self.token.at, "object comprehensions are not in the dialect: use an array of objects"
                )
            pairs.append((key, value))
            if self.next_is("}"):
                break
            self.expect(",", "pairs are separated by commas and end in `}`")
            if self.next_is("}"):
                break
            key = self._inside(self.term)
        self.advance()
        seen: set[object] = set()
        for key, _ in pairs:
            if not isinstance(key, Scalar) or not isinstance(key.value, str):
                raise DialectError(key.at, "the keys of an object are constant texts")
            if key.value in seen:
                raise DialectError(key.at, f'the key "{key.value}" stands twice in one object')
            seen.add(key.value)
        return Object(tuple(pairs), at)

    def _inside(self, read: Callable[[], _T]) -> _T:
        """Read something in brackets of its own, where `|` joins sets again."""
        return self._read(read, in_head=False)

    def _read(self, read: Callable[[], _T], *, in_head: bool) -> _T:
        self._in_head, outer = in_head, self._in_head
        found = read()
        self._in_head = outer
        return found


def _check_operator(token: Token, left: Term) -> None:
    if token.fresh_line:
        raise DialectError(token.at, f"`{token.text}` starts a line: put it at the end of the line before")
    if token.text in ("/", "%"):
        raise DialectError(
            token.at, f"`{token.text}` gives other digits here than in OPA: let the collector compute it"
        )
    if token.text in _COMPARISONS and isinstance(left, Operation) and left.operator in _COMPARISONS:
        raise DialectError(token.at, "comparisons do not chain: use two statements")
