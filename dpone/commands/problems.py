"""What a check of policies found, said the same way whichever check it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dpone.commands.outputs import deliver
from dpone.errors import NOT_PASSED, PASSED

if TYPE_CHECKING:
    from dpone.policy.problems import LintProblem
    from dpone.workspace import Workspace


def say_problems(
    check: Callable[[Path], Sequence[LintProblem]],
    places: Iterable[Path],
    workspace: Workspace,
    form: str,
    outputs: tuple[str, ...],
    *,
    none: str,
    some: str,
) -> int:
    """Check folders, say what was found and return the exit status; `none` and `some` (after a number) end the text."""
    from dpone.record import asdict
    from dpone.reports.policy import IN_ANOTHER_WAY, lint_report
    from dpone.reports.publish import read_outputs

    wanted = read_outputs(outputs, workspace.argument, IN_ANOTHER_WAY)
    checked = [(workspace.uri(place), check(place)) for place in places]
    found = [problem for _, problems in checked for problem in problems]
    deliver(lint_report(checked), wanted, workspace, stdout=form == "text")
    if form == "json":
        click.echo(json.dumps([asdict(problem) for problem in found], indent=2))
    else:
        for problem in found:
            click.echo(str(problem))
        click.echo(f"{len(found)} {some}" if found else none)
    return NOT_PASSED if found else PASSED
