"""Working through many recorded decisions with both cores busy: engines are processes of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TypeVar

from dpone.decisions.stored import Stored

T = TypeVar("T")
WORKERS = 2
"""How many decisions are worked on at a time."""

Work = Callable[[Stored], T]


def batch(
    chosen: Sequence[Stored],
    start: Callable[[], AbstractContextManager[Work[T]]],
    tell: Callable[[int], None] | None = None,
) -> list[T]:
    """What the work gives for each decision, in their order. `start` makes a worker's own work, ended by its
    context; `tell` hears how many are done."""
    told: dict[int, T] = {}
    failed: list[BaseException] = []
    lock = threading.Lock()
    left = iter(enumerate(chosen))

    def work() -> None:
        try:
            with start() as one:
                while not failed:  # what the other worker met ends this one too
                    with lock:
                        place, stored = next(left, (-1, None))
                    if stored is None:
                        return
                    answer = one(stored)
                    with lock:
                        told[place] = answer
                        if tell:
                            tell(len(told))
        except BaseException as error:  # noqa: BLE001 - raised again below, in the caller's thread
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(min(WORKERS, len(chosen)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return [told[place] for place in sorted(told)]
