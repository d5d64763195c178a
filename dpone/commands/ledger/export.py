"""Write the whole ledger, with everything it keeps, into one file."""

from __future__ import annotations

import click

from dpone.commands.options import workspace_of


@click.command("export")
@click.argument("target", metavar="TARGET")
@click.option("--trust-root", default="", metavar="ROOT", help="What anchors the trust file.")
def command(target: str, trust_root: str) -> None:
    """Write the whole ledger, with everything it keeps, into one file.

    TARGET is a new .tar.gz; the same ledger gives the same bytes. A ledger that does not verify is not exported.
    """
    from dpone.ops.records import export_records, open_records

    done = export_records(open_records(workspace_of(), trust_root), target)
    click.echo(f"exported {done.entries} entries and {done.objects} objects, sha256 {done.sha256}")
