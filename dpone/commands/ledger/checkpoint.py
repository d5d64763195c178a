"""Print the newest signed checkpoint, to be kept where nobody here can change it."""

from __future__ import annotations

import click

from dpone.commands.options import workspace_of


@click.command("checkpoint")
@click.option("--trust-root", default="", metavar="ROOT", help="What anchors the trust file.")
def command(trust_root: str) -> None:
    """Print the newest signed checkpoint, to be kept where nobody here can change it.

    `dpone ledger verify --checkpoint FILE` later proves that nothing before it was removed.
    """
    from dpone.ledger.service import newest_checkpoint
    from dpone.ops.records import open_records

    note = newest_checkpoint(open_records(workspace_of(), trust_root).ledger)
    click.echo(note.decode("utf-8"), nl=False)
