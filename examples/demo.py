"""One release refused, the same release passed, one byte changed and found, in a temporary folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from check import DPONE, EXAMPLES, environment

GATE = ["ops", "release-gate", "--release", "v0.7.1", "--at", "2026-11-22T22:00:00Z"]
RED, GREEN = EXAMPLES / "release-gate" / "red", EXAMPLES / "release-gate" / "green"


class Story:
    """Runs commands in one workspace, shows them, and remembers which did not answer as they should."""

    def __init__(self, workspace: Path, home: Path) -> None:
        self.workspace = workspace
        self.environment = environment(home)
        self.surprises: list[str] = []

    def tell(self, text: str) -> None:
        """Show a sentence of the story."""
        print(f"\n# {text}", flush=True)

    def dpone(self, *arguments: str, expect: int) -> None:
        """Run one command and show what it says and how it ends."""
        print(f"$ dpone {' '.join(arguments)}", flush=True)
        command = [str(DPONE), *arguments]
        status = subprocess.run(command, cwd=self.workspace, env=self.environment, check=False).returncode
        print(f"exit {status}", flush=True)
        if status != expect:
            self.surprises.append(f"dpone {arguments[0]} {arguments[1]}: exit {status}, not {expect}")


def main() -> int:
    """Tell the story; exit 1 when a command did not answer as the story says."""
    with tempfile.TemporaryDirectory(prefix="dpone-demo-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        workspace = shutil.copytree(RED, Path(folder) / "workspace")
        story = Story(workspace, home)

        story.tell("A release. Two dbt tests failed, a scanner found an error, a dependency is vulnerable.")
        story.dpone(*GATE, expect=1)

        story.tell("The team fixes all three, and the tools write their reports again.")
        shutil.copytree(GREEN / "evidence", workspace / "evidence", dirs_exist_ok=True)
        story.dpone(*GATE, expect=0)

        story.tell(
            "Can anybody check that? Signature, files, evidence, ledger; then the decision is taken again."
        )
        story.dpone("decision", "verify", "latest", expect=0)
        story.dpone("decision", "replay", "latest", expect=0)

        artifact = workspace / ".dpone" / "releases" / "latest" / "release_gate.json"
        data = artifact.read_bytes()
        place = data.index(b"v0.7.1") + len(b"v0.7.")
        story.tell(f"Somebody changes one byte of {artifact.name}: the release v0.7.1 becomes v0.7.2.")
        artifact.write_bytes(data[:place] + b"2" + data[place + 1 :])
        story.dpone("decision", "verify", "latest", expect=1)

    if story.surprises:
        print("\ndemo: " + "; ".join(story.surprises), file=sys.stderr)
        return 1
    print("\ndemo: refused, passed, checked, taken again with the same result, and the changed byte was found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
