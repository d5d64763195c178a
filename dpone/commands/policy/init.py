"""Write a new layer: a rule, its tests, a case file and a CI job."""

from __future__ import annotations

import click

from dpone.commands.options import workspace_of


@click.command("init")
@click.argument("folder", metavar="FOLDER")
def command(folder: str) -> None:
    """Write a new layer: a rule, its tests, a case file and a CI job.

    The folder's name names the layer. Nothing that is there is overwritten (exit 2).
    """
    from dpone.ops.policy_init import new_layer

    workspace = workspace_of()
    path = workspace.argument(folder)
    written = new_layer(path, workspace)
    where = workspace.uri(path)
    click.echo(f"Wrote {where}/")
    for inside in written:
        click.echo(f"  {inside}")
    click.echo(f"Next: dpone policy test {where}")
    click.echo(f"      dpone ops release-gate --release v0.1.0 --policy {where}")
