"""Write the rule catalogue of a layer: one page for each gate."""

from __future__ import annotations

import click

from dpone.commands.options import workspace_of
from dpone.errors import NOT_PASSED, PASSED


@click.command("docs")
@click.argument("folder", metavar="DIR", default="")
@click.option("--output", required=True, metavar="FOLDER", help="Where the pages go.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 where a page is not up to date.")
def command(folder: str, output: str, check: bool) -> int:
    """Write the rule catalogue of a layer: one page for each gate.

    Each rule with why it is there, its severity, what it says, what to do, its text, and a test or case that
    shows it red and one that shows it green. Without DIR the layer that dpone.yaml names.
    """
    from dpone.ops.policy_bench import chosen_folder
    from dpone.ops.policy_docs import layer_pages, stale_pages, write_pages

    workspace = workspace_of()
    pages = layer_pages(chosen_folder(folder, workspace), workspace)
    place = workspace.argument(output)
    if not check:
        write_pages(pages, place)
        click.echo(f"wrote {workspace.uri(place)}/: {', '.join(pages)}")
        return PASSED
    stale = stale_pages(pages, place)
    for name in stale:
        click.echo(f"{workspace.uri(place)}/{name} is not up to date")
    click.echo(f"{len(pages) - len(stale)} of {len(pages)} pages up to date")
    return NOT_PASSED if stale else PASSED
