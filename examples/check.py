"""Run every example in a copy of its folder and hold the answers against what `example.txt` promises.

Lines of an example: `# what it shows`, `$ a command`, and below a command `exit N` and `shows TEXT`, where the
text must stand in what the command wrote (runs of spaces count as one).
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent
DPONE = Path(sys.executable).with_name("dpone.exe" if os.name == "nt" else "dpone")


@dataclass
class Run:
    """One command of an example and what it must answer."""

    command: list[str]
    exit: int = 0
    shows: list[str] = field(default_factory=list)


def main() -> int:
    """Run all examples; exit 1 when one does not keep its promise, or when there are none."""
    cases = sorted(EXAMPLES.glob("*/*/example.txt"))
    broken = [(case, problem) for case in cases for problem in check(case)]
    for case, problem in broken:
        print(f"{case.parent.relative_to(EXAMPLES).as_posix()}: {problem}", file=sys.stderr)
    gates = {case.parent.parent.name for case in cases}
    print(f"examples: {len(cases)} of {len(gates)} gates run, {len({case for case, _ in broken})} broken")
    return 1 if broken or not cases else 0


def check(case: Path) -> Iterator[str]:
    """Yield what an example promised and did not keep."""
    runs = read(case)
    if not runs:
        yield "has no command"
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        workspace = shutil.copytree(case.parent, Path(folder) / "workspace")
        home.mkdir()
        for run in runs:
            result = subprocess.run(
                [str(DPONE), *run.command[1:]],
                cwd=workspace,
                env=environment(home),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                check=False,
            )
            if result.returncode != run.exit:
                yield f"{shlex.join(run.command)}\n  exit {result.returncode}, not {run.exit}:\n{result.stdout}"
            said = " ".join(result.stdout.split())
            for text in run.shows:
                if " ".join(text.split()) not in said:
                    yield f"{shlex.join(run.command)}\n  does not show {text!r}:\n{result.stdout}"


def read(case: Path) -> list[Run]:
    """The runs of an example."""
    runs: list[Run] = []
    for line in case.read_text(encoding="utf-8").splitlines():
        word, _, rest = line.partition(" ")
        if word == "$":
            runs.append(Run(shlex.split(rest)))
        elif word == "exit":
            runs[-1].exit = int(rest)
        elif word == "shows":
            runs[-1].shows.append(rest)
        elif line.strip() and word != "#":
            raise SystemExit(f"{case}: what is this line? {line}")
    return runs


def environment(home: Path) -> dict[str, str]:
    """A person's machine without a key of dpone yet: nothing of the caller's dpone, CI or time."""
    dropped = ("CI", "SOURCE_DATE_EPOCH", "XDG_CONFIG_HOME", "PYTHONPATH")
    kept = {k: v for k, v in os.environ.items() if k not in dropped and not k.startswith("DPONE_")}
    return {**kept, "HOME": str(home), "USERPROFILE": str(home), "APPDATA": str(home), "NO_COLOR": "1"}


if __name__ == "__main__":
    sys.exit(main())
