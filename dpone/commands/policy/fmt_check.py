"""Check that policies are written in the canonical format."""

from __future__ import annotations

import click

from dpone.commands.options import workspace_of
from dpone.commands.outputs import output_option
from dpone.commands.problems import say_problems


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

    workspace = workspace_of()
    places = (chosen_folder(folder, workspace) for folder in folders or ("",))
    none, some = "all in the canonical format", "lines are not in the canonical format"
    return say_problems(format_folder, places, workspace, form, outputs, none=none, some=some)
