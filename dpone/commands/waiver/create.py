"""Ask for a waiver of one finding; it counts when another person has approved it."""

from __future__ import annotations

import click

from dpone.commands.options import with_subject, workspace_of
from dpone.errors import PASSED
from dpone.evidence.model import Subject


@click.command("create")
@with_subject
@click.option("--finding", required=True, metavar="RULE", help="The rule, for example pip-audit.vulnerability.")
@click.option("--match", default="", metavar="KEY",
              help="The finding's key, * is any text; without it, the finding that has no key.")  # fmt: skip
@click.option("--gate", default="release-gate", show_default=True, metavar="NAME", help="The gate it is for.")
@click.option("--reason", required=True, metavar="TEXT", help="Why it can be accepted for so long.")
@click.option("--owner", required=True, metavar="WHO", help="Who answers for it.")
@click.option("--ticket", default="", metavar="ID", help="Where it is being mended.")
@click.option("--expires", required=True, metavar="DATE|DURATION",
              help="When it ends: a day (that day still counts, UTC), an instant, or 14d.")  # fmt: skip
@click.option("--begins", default="", metavar="TIME", help="When it begins; default: now.")
@click.option("--any-evidence", is_flag=True,
              help="Not only for the evidence on which the latest decision has the finding.")  # fmt: skip
def command(
    release: str,
    environment: str,
    commit: str,
    run_id: str,
    at: str,
    finding: str,
    match: str,
    gate: str,
    reason: str,
    owner: str,
    ticket: str,
    expires: str,
    begins: str,
    any_evidence: bool,
) -> int:
    """Ask for a waiver of one finding; it counts when another person has approved it.

    It is for one release and environment where these are named, and by default for the very evidence on which
    the gate's latest decision has the finding: other evidence is red again. Signed with the key in use, recorded
    in the ledger, and written as a file that can be sent to the one who approves.
    """
    from dpone.ops.session import open_session
    from dpone.ops.waivers import Wish, create

    session = open_session(gate, workspace_of(at), Subject(release, environment, commit, run_id), ".dpone")
    wish = Wish(finding, match, gate, reason, owner, ticket, expires, begins, any_evidence)
    waiver, path = create(session, wish)
    click.echo(f"asked  {waiver.name}  {finding}  {match}".rstrip() + f"   {path}")
    click.echo(f"Next, by another person: dpone waiver approve {waiver.name}")
    return PASSED
