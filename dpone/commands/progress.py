"""How far a long piece of work has come, on stderr: one line that moves on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time

import click

FIRST_SECONDS = 1.0
"""Work that is done by then says nothing."""
MOVING_SECONDS, LOG_SECONDS = 0.1, 5.0
"""How often a terminal and a log are told."""


class Progress:
    """Tells how many of `total` pieces are done; ends its line on a terminal when all are."""

    def __init__(self, total: int, what: str) -> None:
        self.total, self.what = total, what
        self.started = time.monotonic()
        self.told = 0.0
        self.moving = sys.stderr.isatty()

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return time.monotonic() - self.started

    def tell(self, done: int) -> None:
        """Hear that so many are done."""
        now = self.seconds
        last = self.moving and done == self.total and self.told > 0
        if now < FIRST_SECONDS or not (
            last or now - self.told >= (MOVING_SECONDS if self.moving else LOG_SECONDS)
        ):
            return
        self.told = now
        start = "\r" if self.moving else ""
        click.echo(
            f"{start}{done} of {self.total} {self.what}", err=True, nl=not self.moving or done == self.total
        )
