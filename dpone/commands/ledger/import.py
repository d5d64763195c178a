"""Take over the entries of an exported ledger, after verifying all of them."""

from __future__ import annotations

import click

from dpone.commands.options import workspace_of


@click.command("import")
@click.argument("archive", metavar="FILE")
@click.option("--trust-root", default="", metavar="ROOT", help="What anchors the trust file.")
def command(archive: str, trust_root: str) -> None:
    """Take over the entries of an exported ledger, after verifying all of them.

    The configured ledger must be empty or the beginning of the one in FILE. Exit 1 and nothing kept when FILE does
    not hold, is of another ledger, or forked from this one.
    """
    from dpone.ops.records import import_records, open_records

    done = import_records(open_records(workspace_of(), trust_root), archive)
    there = done.entries - done.new
    click.echo(f"imported {done.new} entries" + (f", {there} were there already" if there else ""))
