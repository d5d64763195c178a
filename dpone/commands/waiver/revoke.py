"""Take a signed waiver back: from now on it counts for nothing."""

from __future__ import annotations

import click

from dpone.commands.options import workspace_of
from dpone.errors import PASSED
from dpone.evidence.model import Subject


@click.command("revoke")
@click.argument("waiver", metavar="ID")
@click.option("--reason", required=True, metavar="TEXT", help="Why, in a few words.")
def command(waiver: str, reason: str) -> int:
    """Take a signed waiver back: from now on it counts for nothing.

    ID is its beginning, or `latest`. Decisions taken with it stay what they are. An entry of dpone.yaml is taken
    out of the file instead.
    """
    from dpone.ops.session import open_session
    from dpone.ops.waivers import take_back

    session = open_session("release-gate", workspace_of(), Subject(), ".dpone")
    found = take_back(session, waiver, reason)
    click.echo(f"revoked  {found.name}  {found.terms.rule}  {found.terms.match}".rstrip())
    return PASSED
