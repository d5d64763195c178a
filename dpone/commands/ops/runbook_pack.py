"""Make an operator's runbook from what is attached: status, what to mend, the way back, the handoff."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("runbook-pack", ".dpone/runbooks/latest")
@click.option("--runbook-id", required=True, metavar="ID", help="Id of the runbook.")
@click.option("--title", required=True, metavar="WORDS", help="What it is for.")
@click.option(
    "--artifact", "--evidence", "artifacts", multiple=True, metavar="NAME=PATH", help="Evidence (repeatable)."
)
def command(session: Session, runbook_id: str, title: str, artifacts: tuple[str, ...]) -> GateRequest:
    """Make an operator's runbook from what is attached: status, what to mend, the way back, the handoff.

    What is red stands in the order to mend it, with remedy and command; steps back come from attached rollback
    evidence only.
    """
    from dpone.ops.runbook_pack import request

    return request(session, runbook_id, title, artifacts)
