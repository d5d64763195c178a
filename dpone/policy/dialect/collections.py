"""Collections of the portable dialect: arrays, sets, objects, comprehensions, argument lists."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

from dpone.policy.dialect.reader import Reader
from dpone.policy.dialect.tokens import DialectError, Place, Token
from dpone.policy.dialect.tree import (
    Array,
    Comprehension,
    Object,
    Scalar,
    SetTerm,
    Statement,
    Term,
)

MAX_DEPTH = 32
"""Levels of nested terms and statements; deeper ones are refused before Python's stack ends."""

_T = TypeVar("_T")


class CollectionParser(Reader, ABC):
    """Reads what stands in brackets; `in_head` tells that a `|` would end the head of a comprehension."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        super().__init__(tokens)
        self.in_head = False
        self._depth = 0

    @abstractmethod
    def term(self) -> Term:
        """Read one term with its operators."""

    @abstractmethod
    def body(self, closing: str) -> tuple[Statement, ...]:
        """Read statements up to and including `closing`."""

    def deeper(self, read: Callable[[], _T]) -> _T:
        """Read something one level further in."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise DialectError(self.token.at, f"nested deeper than {MAX_DEPTH} levels")
        found = read()
        self._depth -= 1
        return found

    def terms_until(self, closing: str) -> tuple[Term, ...]:
        """Terms with commas up to `closing`; a comma before it is allowed."""
        items: list[Term] = []
        while not self.next_is(closing):
            items.append(self.inside(self.term))
            if not self.next_is(closing):
                self.expect(",", f"values are separated by commas and end in `{closing}`")
        self.advance()
        return tuple(items)

    def array(self) -> Term:
        """`[a, b]` or `[head | body]`."""
        at = self.advance().at
        head, body = self._head_or_first("]")
        if body is not None and head is not None:
            return Comprehension("array", head, body, at)
        return Array(self._rest(head, "]"), at)

    def braces(self) -> Term:
        """An object, a set, or a set comprehension."""
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
        body = self.inside(lambda: self.body(closing))
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
            key = self.inside(self.term)
        self.advance()
        seen: set[object] = set()
        for key, _ in pairs:
            if not isinstance(key, Scalar) or not isinstance(key.value, str):
                raise DialectError(key.at, "the keys of an object are constant texts")
            if key.value in seen:
                raise DialectError(key.at, f'the key "{key.value}" stands twice in one object')
            seen.add(key.value)
        return Object(tuple(pairs), at)

    def inside(self, read: Callable[[], _T]) -> _T:
        """Read something in brackets of its own, where `|` joins sets again."""
        return self._read(read, in_head=False)

    def _read(self, read: Callable[[], _T], *, in_head: bool) -> _T:
        self.in_head, outer = in_head, self.in_head
        found = read()
        self.in_head = outer
        return found
