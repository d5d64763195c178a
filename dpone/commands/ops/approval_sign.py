"""Sign an approval or rejection to be sent to whoever counts them."""

from __future__ import annotations

import click

from dpone.commands.options import with_subject, workspace_of
from dpone.errors import PASSED
from dpone.evidence.model import Subject


@click.command("approval-sign")
@with_subject
@click.option("--change-request", required=True, metavar="PATH", help="The request: change_request.json.")
@click.option("--decision", required=True, type=click.Choice(("approved", "rejected")), help="What is decided.")
@click.option("--actor", default="", metavar="WHO", help="Who decides; default: the signing key's identity.")
@click.option("--comment", default="", metavar="TEXT", help="Why.")
@click.option("--output", required=True, metavar="PATH", help="Where the signed vote goes.")
def command(
    release: str,
    environment: str,
    commit: str,
    run_id: str,
    at: str,
    change_request: str,
    decision: str,
    actor: str,
    comment: str,
    output: str,
) -> int:
    """Sign an approval or rejection to be sent to whoever counts them.

    It needs the request's file and a key, nothing else: neither the ledger nor the trust file. The vote is
    over the digest of that very file; whoever counts adds it with approval-record --approval.
    """
    from dpone.ops.approval_record import GATE, Ballot, sign_only
    from dpone.ops.session import open_session
    from dpone.workspace import publish

    workspace = workspace_of(at)
    session = open_session(GATE, workspace, Subject(release, environment, commit, run_id), ".dpone")
    vote = sign_only(session, change_request, Ballot(actor, decision, comment))
    publish({workspace.argument(output): vote.envelope})
    click.echo(f"signed  {vote.decision}  {vote.actor}  {vote.subject.change_id}  {output}")
    click.echo(f"Next: dpone ops approval-record --change-request PATH --approval {output}")
    return PASSED
