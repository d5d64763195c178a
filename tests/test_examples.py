"""The examples keep their promises, and the demo tells its story to the end, as the CI runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CASES = sorted((ROOT / "examples").rglob("example.txt"))
sys.path.insert(0, str(ROOT / "examples"))

import check  # noqa: E402 - the examples are no package


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.parent.relative_to(ROOT / "examples").as_posix())
def test_an_example_keeps_its_promise(case: Path) -> None:
    """Every command of an example ends as promised and shows what is promised."""
    assert list(check.check(case)) == []


def test_there_is_a_red_and_a_green_release() -> None:
    """The list above cannot lose what everybody looks at first."""
    assert {
        "release-gate/red",
        "release-gate/green",
        "protected/red",
        "protected/green",
        "team-policy/red",
    } <= {case.parent.relative_to(ROOT / "examples").as_posix() for case in CASES}


def test_a_broken_promise_is_noticed(tmp_path: Path) -> None:
    """The check names a wrong exit status and a missing text: it can fail."""
    case = tmp_path / "example.txt"
    case.write_text("$ dpone ops release-gate --release v1\nexit 0\nshows PASSED\n", encoding="utf-8")
    problems = list(check.check(case))
    assert len(problems) == 2
    assert "exit 1, not 0" in problems[0]
    assert "does not show 'PASSED'" in problems[1]


def test_the_demo_tells_its_story(tmp_path: Path) -> None:
    """`make demo` ends with exit 0 and its summary, and leaves nothing behind in the checkout."""
    before = {path for path in (ROOT / "examples").rglob("*") if "__pycache__" not in path.parts}
    command = [sys.executable, str(ROOT / "examples" / "demo.py")]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "3 changed bytes found" in result.stdout.splitlines()[-1]
    assert {path for path in (ROOT / "examples").rglob("*") if "__pycache__" not in path.parts} == before
    assert list(tmp_path.iterdir()) == []
