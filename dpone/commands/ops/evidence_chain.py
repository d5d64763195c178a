"""Append a release's artifact index to the evidence chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("evidence-chain", ".dpone/evidence-chain", folder_option="--chain-dir")
@click.option("--artifact-index", required=True, metavar="PATH", help="The index: artifact_index.json.")
@click.option("--previous-entry", default="", metavar="PATH", help="The entry this one must follow.")
def command(session: Session, artifact_index: str, previous_entry: str) -> GateRequest:
    """Append a release's artifact index to the evidence chain.

    The chain is in the ledger; the files in the chain folder are a view of it.
    """
    from dpone.ops.evidence_chain import chain_lock, request

    index = str(session.workspace.argument(artifact_index.removeprefix("@")))
    previous = str(session.workspace.argument(previous_entry)) if previous_entry else ""
    click.get_current_context().with_resource(chain_lock(session))
    return request(session, index, previous)
