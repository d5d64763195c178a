"""Check that policies are written in the canonical format."""

from __future__ import annotations

import json

import click

from dpone.commands.options import workspace_of
from dpone.commands.outputs import deliver, output_option
from dpone.errors import NOT_PASSED, PASSED


@click.command("fmt-check")
@click.argument("folders", nargs=-1, metavar="DIR...")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@output_option(("text", "json"))
def command(folders: tuple[str, ...], form: str, outputs: tuple[str, ...]) -> int:
    """Check that policies are written in the canonical format, as `opa fmt` writes it.

    Each line that is not says what belongs there; nothing is changed.
    Without DIR the layer that dpone.yaml names. Exit 0 when there is nothing to say.
    """
    from dpone.ops.policy_bench import chosen_folder
    from dpone.ops.policy_check import format_folder
    from dpone.record import asdict
    from dpone.reports.policy import IN_ANOTHER_WAY, lint_report
    from dpone.reports.publish import read_outputs

    workspace = workspace_of()
    wanted = read_outputs(outputs, workspace.argument, IN_ANOTHER_WAY)
    places = [chosen_folder(folder, workspace) for folder in folders or ("",)]
    checked = [(workspace.uri(place), format_folder(place)) for place in places]
    found = [problem for _, problems in checked for problem in problems]
    deliver(lint_report(checked), wanted, workspace, stdout=form == "text")
    if form == "json":
        click.echo(json.dumps([asdict(problem) for problem in found], indent=2))
    else:
        for problem in found:
            click.echo(str(problem))
        click.echo(
            f"{len(found)} lines are not in the canonical format" if found else "all in the canonical format"
        )
    return NOT_PASSED if found else PASSED
