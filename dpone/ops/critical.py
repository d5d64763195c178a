"""Critical sections of a command: what is read must not change before what follows from it is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dpone.errors import UndecidedError
from dpone.locks import exclusive
from dpone.ops.session import Session

LOCK_SECONDS = 60
"""How long a command waits for another one that is in the same section."""


@contextmanager
def held(session: Session, name: str, busy: str) -> Iterator[None]:
    """Hold the lock file `name` of the workspace; raises `UndecidedError` with `busy` when another process
    does not let go of it in time."""
    session.workspace.state.mkdir(parents=True, exist_ok=True)
    try:
        with exclusive(session.workspace.state / name, LOCK_SECONDS):
            yield
    except TimeoutError:
        raise UndecidedError(busy, "wait for it, then run again") from None
