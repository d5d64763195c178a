"""As much of GitHub's and GitLab's runners as the files in this repository use: jobs really run, in a shell, step by step."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
BASH = shutil.which("bash") or "bash"
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
GATE_ACTION = "./.github/actions/dpone-gate"


@dataclass
class Job:
    """One job on one machine: where it runs, its environment, what expressions know, and what came of it."""

    folder: Path
    environment: Mapping[str, str]
    known: dict[str, str] = field(default_factory=dict)
    failed: bool = False
    said: str = ""
    used: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    scripts: int = 0

    def steps(self, steps: list[dict[str, Any]]) -> None:
        """Run the steps of a workflow's job or of a composite action."""
        for step in steps:
            failed = self.failed
            if not self.wanted(str(step.get("if", "success()"))):
                continue
            self.failed = False
            if "run" in step:
                self.script(step)
            else:
                self.use(str(step["uses"]), step)
            broken = self.failed and not step.get("continue-on-error", False)
            self.failed = failed or broken

    def wanted(self, condition: str) -> bool:
        """Whether a step runs; without a function of its own a condition means: and nothing failed."""
        condition = _EXPRESSION.sub(r"\1", condition)
        if not re.search(r"\b(always|failure|success)\(\)", condition):
            condition = f"success() && {condition}"
        return self.value(condition) not in ("", "false")

    def value(self, expression: str) -> str:
        """The value of an expression: literals, names, `==`, `!=`, `&&`, `||`; booleans are texts."""
        expression = expression.strip()
        if "||" in expression:
            return next(
                (v for part in expression.split("||") if (v := self.value(part)) not in ("", "false")), ""
            )
        if "&&" in expression:
            values = [self.value(part) for part in expression.split("&&")]
            return next((v for v in values if v in ("", "false")), values[-1])
        if found := re.fullmatch(r"(.*?)\s*(==|!=)\s*(.*)", expression):
            same = self.value(found[1]) == self.value(found[3])
            return str(same == (found[2] == "==")).lower()
        if expression.startswith("'"):
            return expression.strip("'")
        functions = {
            "always()": "true",
            "success()": str(not self.failed).lower(),
            "failure()": str(self.failed).lower(),
        }
        return functions.get(expression, self.known.get(expression, ""))

    def filled(self, text: object) -> str:
        """A text with its expressions replaced; a boolean of YAML as GitHub writes it."""
        plain = str(text).lower() if isinstance(text, bool) else str(text)
        return _EXPRESSION.sub(lambda found: self.value(found[1]), plain)

    def script(self, step: Mapping[str, Any]) -> None:
        """Run a script with the environment, the outputs and the shell that GitHub gives it."""
        self.scripts += 1
        output = self.folder.parent / f"output-{self.scripts}"
        summary = self.folder.parent / "summary"
        output.touch()
        env = {name: self.filled(value) for name, value in step.get("env", {}).items()}
        files = {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)}
        place = self.folder / self.filled(step.get("working-directory", "."))
        options = ["--noprofile", "--norc", "-eo", "pipefail"] if step.get("shell") == "bash" else ["-e"]
        self.failed = not self.shell(options, self.filled(step["run"]), place, {**env, **files})
        if "id" in step:
            for line in output.read_text(encoding="utf-8").splitlines():
                name, _, value = line.partition("=")
                self.known[f"steps.{step['id']}.outputs.{name}"] = value

    def shell(self, options: list[str], script: str, place: Path, env: Mapping[str, str]) -> bool:
        """Whether a script ended well; what it said is kept."""
        done = subprocess.run(
            [BASH, *options, "-c", script], cwd=place, env={**self.environment, **env}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False, timeout=300,
        )  # fmt: skip
        self.said += done.stdout
        return done.returncode == 0

    def use(self, action: str, step: Mapping[str, Any]) -> None:
        """Run this repository's action; others are noted with what they are given."""
        given = {name: self.filled(value) for name, value in step.get("with", {}).items()}
        self.used.append((action, given))
        if action == GATE_ACTION:
            self.composite(load(f"{GATE_ACTION}/action.yml"), given, str(step.get("id", "")))

    def composite(self, action: Mapping[str, Any], given: Mapping[str, str], called: str) -> None:
        """Run a composite action: inputs with their defaults in, outputs out."""
        assert set(given) <= set(action["inputs"]), "an input that the action does not have"
        outside = dict(self.known)
        for name, said in action["inputs"].items():
            self.known[f"inputs.{name}"] = given.get(name, self.filled(said["default"]))
        self.known = {name: value for name, value in self.known.items() if not name.startswith("steps.")}
        self.steps(action["runs"]["steps"])
        outputs = {name: self.filled(said["value"]) for name, said in action["outputs"].items()}
        self.known = {**outside, **{f"steps.{called}.outputs.{name}": value for name, value in outputs.items()}}


def load(path: str) -> Any:
    """A YAML file of this repository; the key `on` stays a text."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return yaml.safe_load(re.sub(r"^on:", '"on":', text, flags=re.MULTILINE))


def machine(folder: Path, dpone: Path) -> dict[str, str]:
    """A machine with bash and dpone on the path, where `pip`, `make` and `python` only note how they are called."""
    shims = folder / "shims"
    shims.mkdir()
    for name in ("pip", "make", "python"):
        (shims / name).write_text(
            f'#!/bin/sh\necho "{name} $*" >> "{(folder / "calls").as_posix()}"\n', newline="\n"
        )
        (shims / name).chmod(0o755)
    return {"PATH": os.pathsep.join([str(shims), str(dpone.parent), os.environ["PATH"]]), "CI": "true"}
