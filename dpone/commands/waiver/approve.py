"""Approve a waiver that somebody else asked for."""

from __future__ import annotations

import click

from dpone.commands.options import workspace_of
from dpone.errors import PASSED
from dpone.evidence.model import Subject


@click.command("approve")
@click.argument("waiver", metavar="ID|FILE")
def command(waiver: str) -> int:
    """Approve a waiver that somebody else asked for.

    Signs the very bytes that were asked for with the key in use, and records them. WAIVER is an id of the ledger,
    `latest`, or a file that was sent. Whether the key may approve is judged where the waiver is to count.
    """
    from dpone.ops.session import open_session
    from dpone.ops.waivers import add_approval
    from dpone.workspace import time_text

    session = open_session("release-gate", workspace_of(), Subject(), ".dpone")
    found, path = add_approval(session, waiver)
    terms = found.terms
    about = "  ".join(part for part in (terms.gate, terms.release, terms.environment) if part)
    click.echo(f"approved  {found.name}  {terms.rule}  {terms.match}".rstrip() + f"   {path}")
    click.echo(f"for {about}, until {time_text(terms.not_after)}: {terms.reason}")
    return PASSED
