"""Record approvals or rejections of a change, and count them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("approval-record", ".dpone/approvals/latest", named={"change_id": "change_id"})
@click.option("--change-request", default="", metavar="PATH",
              help="The request: change_request.json; default: the latest in the ledger.")  # fmt: skip
@click.option("--change-id", default="", metavar="ID", help="The change, where no file of it is given.")
@click.option("--decision", default="", type=click.Choice(("", "approved", "rejected")), show_choices=False,
              metavar="[approved|rejected]", help="What is decided; without it, votes are only counted.")  # fmt: skip
@click.option("--comment", default="", metavar="TEXT", help="Why.")
@click.option("--quorum-required", type=click.IntRange(0, 100), default=0, metavar="N",
              help="People who must approve, where that is more than policy asks.")  # fmt: skip
@click.option("--approval", "approvals", multiple=True, metavar="PATH",
              help="A vote that was signed elsewhere (repeatable).")  # fmt: skip
def command(
    session: Session,
    change_request: str,
    change_id: str,
    decision: str,
    comment: str,
    quorum_required: int,
    approvals: tuple[str, ...],
) -> GateRequest:
    """Record approvals or rejections of a change, and count them.

    The vote is signed with the key in use over the digest of the request that was seen. `--actor` names who
    decides; where that is not whose key it is, the approval is asserted, not signed, and counts only where
    approvals.signed in dpone.yaml says so.
    """
    from dpone.ops.approval_record import Ballot, request, votes_lock

    del change_id  # it is the subject's already
    ballot = Ballot(session.claimed, decision, comment, approvals, quorum_required)
    for path in (change_request, *approvals):
        session.workspace.argument(path)  # what cannot be a path leaves no lock behind
    click.get_current_context().with_resource(votes_lock(session))
    return request(session, change_request, ballot)
