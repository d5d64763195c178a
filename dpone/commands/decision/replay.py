"""Take recorded decisions again and compare the results, byte by byte."""

from __future__ import annotations

import json

import click

from dpone.commands.options import ENGINES, workspace_of
from dpone.errors import NOT_PASSED, PASSED, UNDECIDED, UsageError


@click.command("replay")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help="Replay every recorded decision.")
@click.option("--collect", "again", is_flag=True, help="Also read the kept evidence again.")
@click.option(
    "--engine", type=click.Choice(ENGINES), default=None, help="Ask this one; default: the one that decided."
)
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(ids: tuple[str, ...], everything: bool, again: bool, engine: str | None, form: str) -> int:
    """Take recorded decisions again and compare the results, byte by byte.

    Nothing is recorded. Exit 0 when all results are the same, 1 when one differs (the difference is
    named), 3 when something needed for it is missing.
    """
    from dpone.decisions.replay import replay_many
    from dpone.decisions.stored import all_decisions, find_decision
    from dpone.ops.records import open_records

    records = open_records(workspace_of())
    chosen = all_decisions(records.ledger) if everything else [find_decision(records.ledger, i) for i in ids]
    told = replay_many(chosen, records.context, again=again, engine=engine or "")
    if not told:
        raise UsageError("no decision to replay was named", "give an id, latest, or --all")
    if form == "json":
        rows = [
            {"id": r.id, "same": r.same, "differences": r.differences, "missing": r.missing} for _, r in told
        ]
        click.echo(json.dumps(rows, indent=2))
    else:
        for stored, replayed in told:
            word = "same" if replayed.same else ("cannot" if replayed.missing else "DIFFERS")
            click.echo(
                f"{word:<8} {stored.id[:12]}  {stored.gate}  {stored.subject.release}  {stored.entry.body['status']}"
            )
            for line in (*replayed.differences, *replayed.missing):
                click.echo(f"         {line}")
        same = sum(r.same for _, r in told)
        click.echo(f"{same} of {len(told)} decisions replayed to the same result")
    if any(r.differences for _, r in told):
        return NOT_PASSED
    return UNDECIDED if any(r.missing for _, r in told) else PASSED
