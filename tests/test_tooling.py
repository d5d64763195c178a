"""The tools that watch over the project can themselves fail: a stale lock, a skipped test, a missed target."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


def load(path: Path, name: str) -> ModuleType:
    """Import a script that is no part of a package."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[ModuleType]:
    """The lock tool, working on a copy of pyproject.toml and the locks."""
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    yield load(tmp_path / "requirements" / "lock.py", "lock_under_test")
    del sys.modules["lock_under_test"]


class TestLock:
    """`requirements/lock.py --check` without a network."""

    def test_a_lock_in_step_has_no_problem(self, lock: ModuleType) -> None:
        """The locks as committed follow from pyproject.toml."""
        assert [problem for name in lock.LOCKS for problem in lock.check(name)] == []

    def test_a_changed_dependency_is_noticed(self, lock: ModuleType) -> None:
        """A new lower bound in pyproject.toml makes every lock stale."""
        text = lock.PYPROJECT.read_text(encoding="utf-8")
        lock.PYPROJECT.write_text(text.replace("click>=8.1.7", "click>=8.1.8"), encoding="utf-8")
        assert all(any("made from other dependencies" in p for p in lock.check(name)) for name in lock.LOCKS)

    @pytest.mark.parametrize(
        "line",
        [
            "--" + "index-url https://packages.example.org/simple",
            "example @ https://packages.example.org/example.whl",
            "-e .",
            "click",
            "    --hash=md5:0123",
        ],
    )
    def test_a_line_that_is_no_pin_is_noticed(self, lock: ModuleType, line: str) -> None:
        """A lock holds pins and SHA-256 hashes, nothing that says where packages come from."""
        path = lock.FOLDER / "test.txt"
        path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
        assert any("neither a pin nor a hash" in problem for problem in lock.check("test"))


class TestTestsRan:
    """`.ci/assert-tests-ran`: a run that collected nothing, or left something out, is not a pass."""

    @pytest.mark.parametrize(
        ("summary", "status"),
        [
            ("1034 passed in 61.20s (0:01:01)", 0),
            ("======= 1034 passed, 2 warnings in 61.20s =======", 0),
            ("no tests ran in 0.01s", 1),
            ("1033 passed, 1 skipped in 61.20s", 1),
            ("1033 passed, 1 xfailed in 61.20s", 1),
            ("1033 passed, 3 deselected in 61.20s", 1),
            ("1 failed, 1033 passed in 61.20s", 1),
            ("", 1),
        ],
    )
    def test_only_a_whole_run_counts(self, tmp_path: Path, summary: str, status: int) -> None:
        """Passed tests alone are a pass."""
        log = tmp_path / "log"
        log.write_text(f"collecting ...\n{summary}\nRequired test coverage of 90% reached.\n", encoding="utf-8")
        command = ["bash", (ROOT / ".ci" / "assert-tests-ran").as_posix(), log.as_posix()]
        assert subprocess.run(command, capture_output=True, check=False).returncode == status


class TestTiming:
    """`benchmarks/timing.py`: medians of both sides, taken in turns."""

    @pytest.fixture
    def timing(self) -> Iterator[ModuleType]:
        """The harness, imported from its folder."""
        yield load(ROOT / "benchmarks" / "timing.py", "timing_under_test")
        del sys.modules["timing_under_test"]

    def measure(self, timing: ModuleType, subject: list[float], reference: list[float], per: int = 0) -> object:
        """Measure two sides that take the given seconds, the first being the warm-up."""
        sides = {"subject": iter(subject), "reference": iter(reference)}
        samples = {side: (lambda seconds=seconds: next(seconds)) for side, seconds in sides.items()}
        return timing.measure(timing.Case("case", "a", "b", 3.0, samples, len(subject) - 1, per))

    def test_the_ratio_is_of_medians_and_leaves_the_warm_up_out(self, timing: ModuleType) -> None:
        """One slow run on either side changes nothing."""
        outcome = self.measure(timing, [99.0, 2.0, 2.0, 50.0], [99.0, 1.0, 1.0, 1.0])
        assert (outcome.value, outcome.unit, outcome.holds) == (2.0, "x", True)

    def test_a_missed_target_is_said(self, timing: ModuleType) -> None:
        """Four times as long where three is allowed does not hold."""
        outcome = self.measure(timing, [4.0, 4.0, 4.0, 4.0], [1.0, 1.0, 1.0, 1.0])
        assert (outcome.value, outcome.holds) == (4.0, False)

    def test_a_cost_per_thing_is_in_milliseconds(self, timing: ModuleType) -> None:
        """Twenty further things in 40 ms are 2 ms each."""
        outcome = self.measure(timing, [0.14, 0.14, 0.14, 0.14], [0.1, 0.1, 0.1, 0.1], per=20)
        assert outcome.value == pytest.approx(2.0)
        assert (outcome.unit, outcome.holds) == ("ms", True)
