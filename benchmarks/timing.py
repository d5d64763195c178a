"""Whole-process times, taken in turns, so that a busy minute of the machine hits both sides alike."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

Sample = Callable[[], float]
"""Runs something once and returns the seconds it took."""


@dataclass(frozen=True)
class Case:
    """A target that must hold: `subject` takes at most `target` times as long as `reference`; with
    `per` set, `subject` takes at most `target` milliseconds longer for each of `per` further things.

    `subject` and `reference` say in words what `samples["subject"]` and `samples["reference"]` run.
    """

    name: str
    subject: str
    reference: str
    target: float
    samples: Mapping[str, Sample]
    runs: int
    per: int = 0


@dataclass(frozen=True)
class Outcome:
    """What was measured: medians in seconds, and the quartile distance of the subject over its median."""

    case: Case
    subject_seconds: float
    reference_seconds: float
    spread: float

    @property
    def value(self) -> float:
        """What is held against the target: a ratio, or milliseconds for each further thing."""
        if self.case.per:
            return (self.subject_seconds - self.reference_seconds) / self.case.per * 1000
        return self.subject_seconds / self.reference_seconds

    @property
    def holds(self) -> bool:
        """Whether the target is met."""
        return self.value <= self.case.target

    @property
    def unit(self) -> str:
        """The unit of `value` and of the target."""
        return "ms" if self.case.per else "x"


def measure(case: Case) -> Outcome:
    """Warm both sides up once, then run them in turns and take medians."""
    times: dict[str, list[float]] = {side: [] for side in case.samples}
    for sample in case.samples.values():
        sample()
    for _ in range(case.runs):
        for side, sample in case.samples.items():
            times[side].append(sample())
    subject = sorted(times["subject"])
    quarter = len(subject) // 4
    spread = (subject[-1 - quarter] - subject[quarter]) / median(subject)
    return Outcome(case, median(subject), median(times["reference"]), spread)


def process(given: Sequence[str] | Callable[[], Sequence[str]], folder: Path, expect: int = 0) -> Sample:
    """A sample that runs a command, or what `given` makes for each run, to its end; another exit status than
    `expect` stops the benchmark."""

    def sample() -> float:
        command = given() if callable(given) else given
        started = time.perf_counter()
        result = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, check=False)
        taken = time.perf_counter() - started
        if result.returncode != expect:
            text = (result.stdout + result.stderr).decode("utf-8", "replace")[-2000:]
            raise SystemExit(f"{' '.join(command[:6])}: exit {result.returncode}, expected {expect}\n{text}")
        return taken

    return sample


def environment() -> dict[str, str]:
    """The environment of measured processes: bytecode is kept, and nothing of the caller's dpone."""
    dropped = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "SOURCE_DATE_EPOCH", "CI")
    return {k: v for k, v in os.environ.items() if k not in dropped and not k.startswith("DPONE_")}


def precompile(root: Path) -> None:
    """Compile dpone and every installed package once, as an installation by pip has it."""
    packages = [path for path in sys.path if path.endswith("site-packages")]
    command = [sys.executable, "-m", "compileall", "-q", "-j", "2", str(root / "dpone"), *packages]
    subprocess.run(command, env=environment(), stdout=subprocess.DEVNULL, check=False)
