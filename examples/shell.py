"""A small shell for examples and documentation: the same on every platform, with a machine, a time and keys of its own.

It knows `dpone ... [> FILE]`, `cp FROM TO`, `cat FILE`, `export NAME=VALUE`, `unset NAME`, `echo $?`, and in values
what a reader of a page would fill in: `$(cat ~/.../NAME)` is the private key of that name, `SHA256:...` the newest trust
file fingerprint.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

DPONE = Path(sys.executable).with_name("dpone.exe" if os.name == "nt" else "dpone")
NOW = 1_795_384_800
"""The time of all examples, 2026-11-22T22:00:00Z: half an hour after their evidence was made."""


@dataclass(frozen=True)
class Answer:
    """What a command said (stdout and stderr as a terminal shows them) and how it ended."""

    status: int
    text: str


class Shell:
    """Runs command lines in one workspace, as one person on one machine, at one time."""

    def __init__(self, workspace: Path, home: Path) -> None:
        home.mkdir(exist_ok=True)
        self.workspace, self.home = workspace, home
        self.environment = environment(home)
        self.status = 0
        self.trust_root = ""

    def run(self, line: str) -> Answer:
        """Run one line. Raises `SystemExit` for a line that this shell does not know."""
        words = shlex.split(line)
        answer = self._run(words, line)
        self.status = answer.status
        found = re.findall(r"trust file fingerprint  (SHA256:\S+)", answer.text)
        self.trust_root = found[-1] if found else self.trust_root
        return answer

    def _run(self, words: list[str], line: str) -> Answer:
        if words[0] == "dpone":
            return self._dpone([self._filled(word) for word in words[1:]])
        if words == ["echo", "$?"]:
            return Answer(0, f"{self.status}\n")
        if words[0] == "export" and len(words) == 2:
            name, _, value = words[1].partition("=")
            self.environment[name] = self._filled(value)
            return Answer(0, "")
        if words[0] == "unset" and len(words) == 2:
            self.environment.pop(words[1], None)
            return Answer(0, "")
        if words[0] == "cp" and len(words) == 3:
            source, target = (self.workspace / word for word in words[1:])
            (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
            return Answer(0, "")
        if words[0] == "cat" and len(words) == 2:
            return Answer(0, (self.workspace / words[1]).read_text(encoding="utf-8"))
        raise SystemExit(f"examples do not use this: {line}")

    def _dpone(self, words: list[str]) -> Answer:
        target = None
        if words[-2:-1] == [">"]:
            target, words = self.workspace / words[-1], words[:-2]
        result = subprocess.run(
            [str(DPONE), *words],
            cwd=self.workspace,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if target else subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        if target:
            target.write_text(result.stdout, encoding="utf-8", newline="\n")
            return Answer(result.returncode, result.stderr)
        return Answer(result.returncode, result.stdout)

    def _filled(self, word: str) -> str:
        key = re.fullmatch(r"\$\(cat ~/.*/([\w-]+)\)", word)
        if key:
            return next(self.home.rglob(key[1])).read_text(encoding="ascii")
        return self.trust_root if word == "SHA256:..." else word


def environment(home: Path) -> dict[str, str]:
    """A person's machine without a key of dpone yet: nothing of the caller's dpone or CI, and the set time."""
    dropped = ("CI", "XDG_CONFIG_HOME", "PYTHONPATH")
    kept = {k: v for k, v in os.environ.items() if k not in dropped and not k.startswith(("DPONE_", "GITHUB_"))}
    places = dict.fromkeys(("HOME", "USERPROFILE", "APPDATA"), str(home))
    return {**kept, **places, "NO_COLOR": "1", "SOURCE_DATE_EPOCH": str(NOW), "PYTHONUTF8": "1"}
