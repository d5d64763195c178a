"""A release on its way from staging into production: green as a whole, red as soon as one thing is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from release_simulator import RELEASE, STEPS, Way

Walked = Callable[[str], Way]


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    """A way on which every step up to the named one (none: not even the first) was taken; each call gives a
    copy of its own."""
    base = tmp_path_factory.mktemp("way")
    way = Way(base / "start")
    kept = {"": way.copy(base / "none")}
    for step in STEPS:
        way.walk(step, step)
        kept[step] = way.copy(base / step)
    count = iter(range(10_000))

    def give(step: str) -> Way:
        copy = kept[step].copy(base / f"copy{next(count)}")
        copy.__class__ = Way
        copy.keys = way.keys  # type: ignore[attr-defined]
        return copy  # type: ignore[return-value]

    yield give
    shutil.rmtree(base, ignore_errors=True)


def test_the_whole_way_is_green(walked: Walked) -> None:
    """Every step in its order passes, and status says that nothing is left to do."""
    way = walked("close")
    done = way.run("ops", "status", "--release", RELEASE, "--format", "json")
    assert done.status == 0
    assert [step["state"] for step in done.document["steps"]] == ["done"] * 8
    assert done.document["closed"] is True
    assert way.run("ledger", "verify").status == 0
    replayed = way.run("decision", "replay", "--all")
    assert replayed.status == 0, replayed.out
