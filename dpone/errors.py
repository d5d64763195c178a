"""Every error a user can meet: what happened, where, what to do, and the exit status it means.

Library code raises these and never prints or exits; `dpone.cli` is the one place that turns them
into a line on stderr and an exit status.
"""

from __future__ import annotations

PASSED, NOT_PASSED, USAGE, UNDECIDED = 0, 1, 2, 3


class DponeError(Exception):
    """Base of every error with an answer for the user.

    `message` says what and where in one line; `advice` says what to do, also in one line, and may be
    empty when the message already does; `code` is a stable dotted id; `exit_status` is the process's.
    """

    code = "dpone.error"
    exit_status = UNDECIDED

    def __init__(self, message: str, advice: str = "", *, code: str = "") -> None:
        super().__init__(message)
        self.message = one_line(message)
        self.advice = one_line(advice)
        if code:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message} -> {self.advice}" if self.advice else self.message


class UsageError(DponeError):
    """The command line or the configuration cannot be understood. Nothing was written. Exit 2."""

    code = "usage"
    exit_status = USAGE


class UndecidedError(DponeError):
    """The rules could not be run, or the answer could not be kept. Never a pass. Exit 3."""

    code = "undecided"
    exit_status = UNDECIDED


class NotGoodError(DponeError):
    """Everything was understood and something is not good: the asked-for thing is broken. Exit 1."""

    code = "not_good"
    exit_status = NOT_PASSED


def one_line(text: str) -> str:
    """Return `text` as one printable line: control characters become spaces, so that names taken
    from files can neither break the line nor drive the terminal. `##[`, by which a CI's runner takes a
    command from the middle of a line, is taken apart."""
    cleaned = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(cleaned.split()).replace("##[", "## [")
