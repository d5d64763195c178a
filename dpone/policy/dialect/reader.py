"""Reading tokens one after the other: what all parts of the parser share."""

from __future__ import annotations

from dpone.policy.dialect.tokens import DialectError, Token

RESERVED = frozenset(
    (
        *("as", "contains", "data", "default", "else", "every", "false", "if", "import", "in", "input"),
        *("not", "null", "package", "rego", "some", "true", "with"),
    )
)
"""Names that no rule, argument, variable or import may have."""

KEYWORDS = RESERVED - {"input", "data", "contains", "rego"}


class Reader:
    """Reads tokens from left to right; `token` is the next one, `last` the one read before it."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._next = 0

    @property
    def token(self) -> Token:
        """The next token."""
        return self._tokens[self._next]

    @property
    def last(self) -> Token:
        """The token read last."""
        return self._tokens[self._next - 1]

    def advance(self) -> Token:
        """Read one token."""
        token = self.token
        if token.kind != "end":
            self._next += 1
        return token

    def next_is(self, text: str) -> bool:
        """Whether the next token is this keyword or symbol."""
        return self.token.text == text and self.token.kind in ("name", "symbol")

    def joined(self) -> bool:
        """Whether the next token follows without a space or a new line."""
        return not self.token.spaced and not self.token.fresh_line

    def expect(self, text: str, why: str) -> Token:
        """Read this keyword or symbol, or refuse the text with `why`."""
        if not self.next_is(text):
            raise DialectError(self.token.at, f"expected `{text}`, found {shown(self.token)}: {why}")
        return self.advance()

    def name(self, why: str) -> Token:
        """Read a name that is no keyword."""
        if self.token.kind != "name" or self.token.text in KEYWORDS:
            raise DialectError(self.token.at, f"expected a name, found {shown(self.token)}: {why}")
        return self.advance()

    def own_name(self, why: str) -> Token:
        """Read a name that may be given to something new."""
        token = self.name(why)
        if token.text in RESERVED:
            raise DialectError(token.at, f"nothing can be called `{token.text}`: the language uses that name")
        return token

    def end_of_line(self, what: str) -> None:
        """Refuse anything that follows on the same line."""
        if self.token.kind != "end" and not self.token.fresh_line:
            raise DialectError(
                self.token.at, f"{shown(self.token)} after {what}: it must end at its line's end"
            )


def shown(token: Token) -> str:
    """A token as an error message shows it."""
    if token.kind == "end":
        return token.text
    return f"`{token.text[:40]}`" if token.kind != "string" else f'"{token.text[:40]}"'
