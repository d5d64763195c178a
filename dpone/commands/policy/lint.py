"""Check policies for everything that would make them mean two things."""

from __future__ import annotations

import click

from dpone.commands.options import workspace_of
from dpone.commands.outputs import output_option
from dpone.commands.problems import say_problems


@click.command("lint")
@click.argument("folders", nargs=-1, required=True, metavar="DIR...")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@output_option(("text", "json"))
def command(folders: tuple[str, ...], form: str, outputs: tuple[str, ...]) -> int:
    """Check policies for everything that would make them mean two things.

    Exit 0 when there is nothing to say, 1 otherwise.
    """
    from dpone.ops.policy_check import lint_folder

    workspace = workspace_of()
    places = (workspace.argument(folder) for folder in folders)
    return say_problems(lint_folder, places, workspace, form, outputs, none="no problems", some="problems")
