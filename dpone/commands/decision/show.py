"""Show one decision: what was decided, on what, by whom, and what every rule said."""

from __future__ import annotations

import json

import click

from dpone.commands.options import workspace_of


@click.command("show")
@click.argument("id_", metavar="ID")
@click.option(
    "--format", "form", type=click.Choice(("text", "json", "statement")), default="text", show_default=True
)
def command(id_: str, form: str) -> None:
    """Show one decision: what was decided, on what, by whom, and what every rule said.

    ID is the beginning of a decision's id, or `latest`. `--format statement` prints what was signed.
    """
    from dpone.decisions.stored import find_decision
    from dpone.ops.records import open_records
    from dpone.reports.decision import decision_text, signed_statement

    stored = find_decision(open_records(workspace_of()).ledger, id_)
    if form == "text":
        click.echo(decision_text(stored), nl=False)
    elif form == "statement":
        click.echo(json.dumps(signed_statement(stored), indent=2, sort_keys=True))
    else:
        files = stored.digests("files")
        click.echo(stored.read(files[f"{stored.entry.body['stem']}.json"]).decode("utf-8"), nl=False)
