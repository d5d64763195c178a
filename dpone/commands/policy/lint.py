"""Check policies for everything that would make them mean two things."""

from __future__ import annotations

import json

import click

from dpone.commands.options import workspace_of
from dpone.errors import NOT_PASSED, PASSED


@click.command("lint")
@click.argument("folders", nargs=-1, required=True, metavar="DIR...")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(folders: tuple[str, ...], form: str) -> int:
    """Check policies for everything that would make them mean two things.

    Exit 0 when there is nothing to say, 1 otherwise.
    """
    from dpone.ops.policy_check import lint_folder
    from dpone.record import asdict

    workspace = workspace_of()
    found = [problem for folder in folders for problem in lint_folder(workspace.argument(folder))]
    if form == "json":
        click.echo(json.dumps([asdict(problem) for problem in found], indent=2))
    else:
        for problem in found:
            click.echo(str(problem))
        click.echo(f"{len(found)} problems" if found else "no problems")
    return NOT_PASSED if found else PASSED
