"""Decide after a deployment: close the release, or roll back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("post-deploy-verify", ".dpone/post-deploy/latest", named={"deployment_id": "deployment_id"})
@click.option("--deployment-record", default="", metavar="PATH",
              help="The record: deployment_record.json; default: the latest in the ledger.")  # fmt: skip
@click.option("--deployment-id", default="", metavar="ID", help="The deployment, where no file of it is given.")
@click.option("--artifact", "--evidence", "artifacts", multiple=True, metavar="NAME=PATH",
              help="A check made after the deployment (repeatable).")  # fmt: skip
def command(
    session: Session, deployment_record: str, deployment_id: str, artifacts: tuple[str, ...]
) -> GateRequest:
    """Decide after a deployment: close the release, or roll back.

    The record alone never closes a release: it needs the checks that gates.post-deploy-verify.require in
    dpone.yaml names, or at least one that is given, made after the deployment ended.
    """
    from dpone.ops.post_deploy_verify import request

    del deployment_id  # it is the subject's already
    return request(session, deployment_record, artifacts)
