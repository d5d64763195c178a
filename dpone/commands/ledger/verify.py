"""Check every entry, the chain, the checkpoint and every stored object."""

from __future__ import annotations

import json

import click

from dpone.commands.options import workspace_of
from dpone.errors import NOT_PASSED, PASSED


@click.command("verify")
@click.option("--checkpoint", default="", metavar="FILE", help="A checkpoint you kept elsewhere.")
@click.option("--trust-root", default="", metavar="ROOT", help="What anchors the trust file.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(checkpoint: str, trust_root: str, form: str) -> int:
    """Check every entry, the chain, the checkpoint and every stored object.

    Exit 0 when all hold, 1 when something does not, 3 when the ledger cannot be read.
    """
    from dpone.ops.records import check_ledger, open_records

    records = open_records(workspace_of(), trust_root)
    report = check_ledger(records, checkpoint)
    if form == "json":
        rows = [{"index": d.index, "what": d.what, "message": d.message} for d in report.defects]
        remarks = [{"index": d.index, "what": d.what, "message": d.message} for d in report.remarks]
        click.echo(
            json.dumps(
                {"intact": report.intact, "entries": report.size, "defects": rows, "remarks": remarks}, indent=2
            )
        )
    else:
        for defect in report.defects:
            click.echo(f"FAIL  {defect.message}   {defect.what}")
        for remark in report.remarks:
            click.echo(f"note  {remark.message}   {remark.what}")
        click.echo(f"{'INTACT' if report.intact else 'BROKEN'}  {report.size} entries")
    return PASSED if report.intact else NOT_PASSED
