"""Close a release after a good verification of its deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("release-close", ".dpone/release-close/latest")
@click.option("--closed-by", required=True, metavar="WHO", help="Who closes it; the signing key's identity.")
@click.option("--post-deploy-verify", default="", metavar="PATH",
              help="The verification: post_deploy_verify.json; default: the latest in the ledger.")  # fmt: skip
@click.option("--notes", default="", metavar="TEXT", help="A word for the record.")
def command(session: Session, closed_by: str, post_deploy_verify: str, notes: str) -> GateRequest:
    """Close a release after a good verification of its deployment.

    The verification must be about the same release, environment and deployment.
    """
    from dpone.ops.release_close import request

    return request(session, post_deploy_verify, closed_by, notes)
