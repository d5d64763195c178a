"""Record a deployment: its approval, its outcome, its checks and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("deployment-record", ".dpone/deployments/latest", named={"deployment_id": "deployment_id"})
@click.option("--deployment-id", required=True, metavar="ID", help="The deployment.")
@click.option("--approval-record", default="", metavar="PATH",
              help="The approval: approval_record.json; default: the latest in the ledger.")  # fmt: skip
@click.option("--status", required=True, type=click.Choice(("succeeded", "completed", "failed", "partial")),
              help="How it ended.")  # fmt: skip
@click.option(
    "--post-check", "checks", multiple=True, metavar="NAME=true|false", help="A check made (repeatable)."
)
@click.option("--rollback-artifact", default="", metavar="PATH", help="Evidence of the way back.")
@click.option("--started-at", default="", metavar="TIME", help="RFC 3339; default: when it finished.")
@click.option("--finished-at", default="", metavar="TIME", help="RFC 3339; default: now.")
def command(
    session: Session,
    deployment_id: str,
    approval_record: str,
    status: str,
    checks: tuple[str, ...],
    rollback_artifact: str,
    started_at: str,
    finished_at: str,
) -> GateRequest:
    """Record a deployment: its approval, its outcome, its checks and the way back.

    The approval must be for this very environment. The one who deploys is the signer; `--actor` is a claim.
    """
    from dpone.commands.options import read_flags
    from dpone.ops.deployment_record import Deployment, request

    told = Deployment(
        deployment_id, status, read_flags(checks, "--post-check"), rollback_artifact, started_at, finished_at
    )
    return request(session, approval_record, told)
