"""Run every example in a copy of its folder and hold the answers against what `example.txt` promises.

Lines of an example: `# what it shows`, `$ a command` (see shell.py), and below a command `exit N` and `shows TEXT`,
where the text must stand in what the command said (runs of spaces count as one).
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from shell import Shell

EXAMPLES = Path(__file__).resolve().parent


@dataclass
class Run:
    """One command of an example and what it must answer."""

    command: str
    exit: int = 0
    shows: list[str] = field(default_factory=list)


def main() -> int:
    """Run all examples; exit 1 when one does not keep its promise, or when there are none."""
    cases = sorted(EXAMPLES.rglob("example.txt"))
    broken = [(case, problem) for case in cases for problem in check(case)]
    for case, problem in broken:
        print(f"{case.parent.relative_to(EXAMPLES).as_posix()}: {problem}", file=sys.stderr)
    print(f"examples: {len(cases)} run, {len({case for case, _ in broken})} broken")
    return 1 if broken or not cases else 0


def check(case: Path) -> Iterator[str]:
    """Yield what an example promised and did not keep."""
    runs = read(case)
    if not runs:
        yield "has no command"
    with tempfile.TemporaryDirectory() as folder:
        workspace = shutil.copytree(case.parent, Path(folder) / "project")
        shell = Shell(workspace, Path(folder) / "home")
        for run in runs:
            answer = shell.run(run.command)
            if answer.status != run.exit:
                yield f"{run.command}\n  exit {answer.status}, not {run.exit}:\n{answer.text}"
            said = " ".join(answer.text.split())
            for text in run.shows:
                if " ".join(text.split()) not in said:
                    yield f"{run.command}\n  does not show {text!r}:\n{answer.text}"


def read(case: Path) -> list[Run]:
    """The runs of an example."""
    runs: list[Run] = []
    for line in case.read_text(encoding="utf-8").splitlines():
        word, _, rest = line.partition(" ")
        if word == "$":
            runs.append(Run(rest))
        elif word == "exit":
            runs[-1].exit = int(rest)
        elif word == "shows":
            runs[-1].shows.append(rest)
        elif line.strip() and word != "#":
            raise SystemExit(f"{case}: what is this line? {line}")
    return runs


if __name__ == "__main__":
    sys.exit(main())
