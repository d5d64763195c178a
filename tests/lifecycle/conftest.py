"""A release on its way, taken once for a file of tests; every test gets a copy of its own to break."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from release_simulator import STEPS, Walked, Way


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    """Gives a way on which every step up to the named one was taken ("": none was)."""
    base: Path = tmp_path_factory.mktemp("way")
    way = Way(base / "start")
    kept = {"": way.copy(base / "none")}
    for step in STEPS:
        way.walk(step, step)
        kept[step] = way.copy(base / step)
    count = iter(range(10_000))
    yield lambda step: kept[step].copy(base / f"copy{next(count)}")
    shutil.rmtree(base, ignore_errors=True)
