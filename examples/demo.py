"""The story of one release, in a temporary folder: refused, passed, checked, replayed, and every changed byte found.

Real reports of real tools (see release-gate/), a set time (2026-11-22T22:00:00Z), a home of its own for the key. Prints
each command as one would type it; exit 0 only when each of them answered as the story says.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from shell import Shell

CASES = Path(__file__).resolve().parent / "release-gate"
GATE = "dpone ops release-gate --release v0.7.1"


class Story:
    """Runs commands in one workspace, shows them, and remembers which did not answer as they should."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.commands = 0
        self.surprises: list[str] = []

    def tell(self, text: str) -> None:
        """Show a sentence of the story."""
        print(f"\n# {text}\n", flush=True)

    def run(self, line: str, expect: int, *shows: str) -> None:
        """Run one command, show what it says and how it ends; it must end with `expect` and show the texts."""
        print(f"$ {line}", flush=True)
        answer = self.shell.run(line)
        print(f"{answer.text}[exit {answer.status}]", flush=True)
        self.commands += 1
        if answer.status != expect:
            self.surprises.append(f"{line}: exit {answer.status}, not {expect}")
        self.surprises += [f"{line}: does not show {text!r}" for text in shows if text not in answer.text]


def main() -> int:
    """Tell the story; exit 1 when a command did not answer as the story says."""
    with tempfile.TemporaryDirectory(prefix="dpone-demo-") as folder:
        workspace = shutil.copytree(CASES / "red", Path(folder) / "project")
        story = Story(Shell(workspace, Path(folder) / "home"))
        refused(story)
        passed(story, workspace)
        proved(story)
        attacked(story, workspace)
    if story.surprises:
        print("\ndemo: NOT as it should be:\n  " + "\n  ".join(story.surprises), file=sys.stderr)
        return 1
    print(
        f"\ndemo: {story.commands} commands answered as they should: one release refused, the same release passed on"
        "\nsealed evidence, its decision opened, verified and replayed to the same result, 3 changed bytes found"
    )
    return 0


def refused(story: Story) -> None:
    """(a) The release is refused, for reasons one can read."""
    story.tell("A release. Two dbt tests failed, a scanner found an error, a dependency is vulnerable.")
    story.run(GATE, 1, "FAIL  dbt", "FAIL  deps", "FAIL  sast")


def passed(story: Story, workspace: Path) -> None:
    """(b) The same release passes, on good evidence that was sealed."""
    story.tell(
        "The team fixes all three, the tools write their reports again, and the job that made them seals them."
    )
    shutil.copytree(CASES / "green" / "evidence", workspace / "evidence", dirs_exist_ok=True)
    story.run("dpone evidence seal --all --release v0.7.1", 0, "sealed  dbt")
    story.run(GATE, 0, "PASSED", "ledger entry 2")


def proved(story: Story) -> None:
    """(c) The decision is opened, verified, and taken again with the same result."""
    story.tell("Months later somebody asks why. The decision, and what every rule said:")
    story.run("dpone decision show latest", 0, "PASSED", "cleared")
    story.tell("Is it genuine? Seal, input, rules, files, evidence, ledger:")
    story.run("dpone decision verify latest", 0, "VERIFIED")
    story.tell("Would it be taken again? From what was kept, with the rules of that day:")
    story.run("dpone decision replay --all", 0, "2 of 2 decisions replayed to the same result")
    story.run("dpone ledger verify", 0, "INTACT")


def attacked(story: Story, workspace: Path) -> None:
    """(d) One byte is changed and found: in the artifact, in the evidence, in the ledger."""
    artifact = workspace / ".dpone" / "releases" / "latest" / "release_gate.json"
    story.tell(f"One byte of {artifact.name} is changed: the release v0.7.1 becomes v0.7.2.")
    kept = artifact.read_bytes()
    artifact.write_bytes(kept.replace(b"v0.7.1", b"v0.7.2", 1))
    story.run("dpone decision verify latest", 1, "FAIL  artifact release_gate.json")
    artifact.write_bytes(kept)

    report = workspace / "evidence" / "junit.xml"
    story.tell("One byte of a sealed test report is changed: tests=7 becomes tests=9.")
    kept = report.read_bytes()
    report.write_bytes(kept.replace(b'tests="7"', b'tests="9"', 1))
    story.run(GATE, 1, "FAIL  tests")
    report.write_bytes(kept)

    (entry, *_) = sorted((workspace / ".dpone" / "ledger").glob("entries/**/*.json"))
    story.tell(
        "One byte of the ledger is changed: the refusal, its first entry, becomes about another release."
    )
    entry.write_bytes(entry.read_bytes().replace(b"v0.7.1", b"v0.7.0", 1))
    story.run("dpone ledger verify", 1, "BROKEN")


if __name__ == "__main__":
    sys.exit(main())
