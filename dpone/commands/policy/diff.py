"""Compare two folders or archives of policies by rule and by configuration key."""

from __future__ import annotations

import json

import click

from dpone.commands.options import workspace_of


@click.command("diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--format", "form", type=click.Choice(("text", "json", "md")), default="text", show_default=True)
def command(old: str, new: str, form: str) -> None:
    """Compare two folders or archives of policies by rule and by configuration key.

    Layout and comments do not count. Configuration is compared where a folder holds a dpone.yaml. Exit 0
    whether or not there is a difference: it informs, and decides nothing.
    """
    from dpone.ops.policy_diff import diff_folders
    from dpone.record import asdict
    from dpone.reports.policy_diff import markdown_lines, text_lines

    workspace = workspace_of()
    found = diff_folders(workspace.argument(old), workspace.argument(new))
    if form == "json":
        document = {**asdict(found), "mandatory_touched": found.mandatory}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    lines = (markdown_lines if form == "md" else text_lines)(found.rules, found.config, found.manifest)
    click.echo("\n".join(lines))
