"""List recorded decisions, oldest first."""

from __future__ import annotations

import json

import click

from dpone.commands.options import workspace_of


@click.command("list")
@click.option("--gate", default="", help="Only this gate.")
@click.option("--release", default="", help="Only this release.")
@click.option("--environment", default="", help="Only this environment.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(gate: str, release: str, environment: str, form: str) -> None:
    """List recorded decisions, oldest first."""
    from dpone.decisions.stored import matching
    from dpone.ops.records import open_records
    from dpone.workspace import time_text

    found = list(
        matching(open_records(workspace_of()).ledger, gate=gate, release=release, environment=environment)
    )
    if form == "json":
        rows = [
            {
                "entry": s.entry.index + 1,
                "id": s.id,
                "recorded_at": time_text(s.entry.recorded_at),
                **s.entry.body,
            }
            for s in found
        ]
        click.echo(json.dumps(rows, indent=2, sort_keys=True))
        return
    for stored in found:
        subject = "  ".join(v for v in (stored.subject.release, stored.subject.environment) if v)
        status = str(stored.entry.body["status"]).upper()
        when = time_text(stored.entry.recorded_at)
        click.echo(
            f"{stored.entry.index + 1:>5}  {stored.id[:12]}  {when}  {status:<9}  {stored.gate}  {subject}"
        )
