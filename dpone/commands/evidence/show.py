"""Show what the collector sees in a file: kind, verdict, seal, facts."""

from __future__ import annotations

import json

import click

from dpone.commands.options import workspace_of
from dpone.errors import NOT_PASSED, PASSED


@click.command("show")
@click.argument("path")
@click.option("--kind", default="", help="Read it as this kind, or not at all.")
@click.option("--name", default="", help="Take the options of this name in dpone.yaml.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(path: str, kind: str, name: str, form: str) -> int:
    """Show what the collector sees in a file: kind, verdict, seal, facts. Decides nothing.

    Exit 1 when no gate could use the file.
    """
    from dpone.evidence.model import Subject
    from dpone.ops.evidence import look_at
    from dpone.ops.session import open_session

    workspace = workspace_of()
    session = open_session("release-gate", workspace, Subject(), ".dpone")
    item = look_at(session, name or "evidence", path, kind)
    if form == "json":
        click.echo(
            json.dumps(
                {**item.item(), "tool": item.tool, "summary": item.summary, "message": item.message}, indent=2
            )
        )
    elif item.state != "present":
        click.echo(f"{item.state}  {item.uri}: {item.message or item.reason}")
    else:
        seal = f"sealed {item.seal.signer}" if item.seal.state == "valid" else f"seal {item.seal.state}"
        seal = "unsealed" if item.seal.state == "absent" else seal
        dated = f"dated {item.produced_at}" if item.produced_at else "undated"
        click.echo(
            f"kind {item.kind} ({item.tool or 'tool not named'})   verdict {item.reported}   {seal}, {dated}"
        )
        click.echo(f"sum    {item.summary}")
        click.echo(f"facts  {json.dumps(dict(item.facts), ensure_ascii=False)}")
        for sentence in item.contradictions:
            click.echo(f"contradiction  {sentence}")
    return PASSED if item.state == "present" else NOT_PASSED
