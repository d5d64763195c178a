"""Export recorded decisions as events of OPA's decision log, one a line."""

from __future__ import annotations

import sys

import click

from dpone.commands.options import workspace_of


@click.command("export")
@click.option(
    "--format", "form", type=click.Choice(("opa-decision-log",)), default="opa-decision-log", show_default=True
)
@click.option("--gate", default="", metavar="NAME", help="Only this gate.")
@click.option("--release", default="", metavar="NAME", help="Only this release.")
@click.option("--environment", default="", metavar="NAME", help="Only this environment.")
@click.option(
    "--last", type=click.IntRange(min=1), default=None, metavar="N", help="Only the newest N of them."
)
@click.option("--output", default="", metavar="NEW-FILE", help="Write there instead of to standard output.")
def command(form: str, gate: str, release: str, environment: str, last: int | None, output: str) -> None:
    """Export recorded decisions as events of OPA's decision log, one a line, oldest first.

    Exit 1 when there is no such decision, 3 when something of one is no longer kept; then nothing is written.
    """
    del form
    from dpone.decisions.stored import matching
    from dpone.ops.decision_log import decision_log
    from dpone.ops.records import open_records
    from dpone.workspace import publish

    workspace = workspace_of()
    ledger = open_records(workspace).ledger
    lines = decision_log(matching(ledger, gate=gate, release=release, environment=environment), last or 0)
    if output:
        publish({workspace.argument(output): lines})
        count = lines.count(b"\n")
        click.echo(f"wrote {count} {'event' if count == 1 else 'events'} to {output}", err=True)
    else:
        sys.stdout.buffer.write(lines)
        sys.stdout.buffer.flush()
