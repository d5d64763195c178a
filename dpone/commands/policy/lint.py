"""Check policies for everything that would make them mean two things."""

from __future__ import annotations

import json

import click

from dpone.commands.options import workspace_of
from dpone.commands.outputs import deliver, output_option
from dpone.errors import NOT_PASSED, PASSED


@click.command("lint")
@click.argument("folders", nargs=-1, required=True, metavar="DIR...")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@output_option(("text", "json"))
def command(folders: tuple[str, ...], form: str, outputs: tuple[str, ...]) -> int:
    """Check policies for everything that would make them mean two things.

    Exit 0 when there is nothing to say, 1 otherwise.
    """
    from dpone.ops.policy_check import lint_folder
    from dpone.record import asdict
    from dpone.reports.policy import IN_ANOTHER_WAY, lint_report
    from dpone.reports.publish import read_outputs

    workspace = workspace_of()
    wanted = read_outputs(outputs, workspace.argument, IN_ANOTHER_WAY)
    places = [workspace.argument(folder) for folder in folders]
    checked = [(workspace.uri(place), lint_folder(place)) for place in places]
    found = [problem for _, problems in checked for problem in problems]
    deliver(lint_report(checked), wanted, workspace, stdout=form == "text")
    if form == "json":
        click.echo(json.dumps([asdict(problem) for problem in found], indent=2))
    else:
        for problem in found:
            click.echo(str(problem))
        click.echo(f"{len(found)} problems" if found else "no problems")
    return NOT_PASSED if found else PASSED
