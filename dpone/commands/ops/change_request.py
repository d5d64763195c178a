"""Ask for the approval of a change to an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command(
    "change-request",
    ".dpone/change-requests/latest",
    named={"environment": "target_env", "change_id": "change_id"},
)
@click.option("--change-id", required=True, metavar="ID", help="The change.")
@click.option("--target-env", required=True, metavar="NAME", help="The environment that is to be changed.")
@click.option("--risk-level", required=True, type=click.Choice(("low", "medium", "high", "critical")),
              help="How risky it is; policy says how many must approve.")  # fmt: skip
@click.option("--requested-by", required=True, metavar="WHO", help="Who asks; the signing key's identity.")
@click.option("--approver", "approvers", multiple=True, metavar="WHO", help="Who may approve (repeatable).")
@click.option("--expires-at", default="", metavar="TIME", help="Until when it can be approved (RFC 3339).")
@click.option("--artifact", "--evidence", "artifacts", multiple=True, metavar="NAME=PATH",
              help="Evidence to attach (repeatable).")  # fmt: skip
def command(
    session: Session,
    change_id: str,
    target_env: str,
    risk_level: str,
    requested_by: str,
    approvers: tuple[str, ...],
    expires_at: str,
    artifacts: tuple[str, ...],
) -> GateRequest:
    """Ask for the approval of a change to an environment.

    The release's own decision is attached by itself where the ledger knows it. A quorum that the named
    approvers cannot reach is refused here, not when everybody has waited for it.
    """
    from dpone.ops.change_request import Change, request

    del target_env  # it is the subject's environment already
    return request(session, Change(change_id, risk_level, requested_by, approvers, expires_at), artifacts)
