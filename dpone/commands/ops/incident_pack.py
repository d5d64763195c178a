"""Put the evidence of an incident or review into one decision, with its timeline and what to mend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("incident-pack", ".dpone/incidents/latest", folder_option="--artifact-dir")
@click.option("--incident-id", required=True, metavar="ID", help="Id of the incident or review.")
@click.option("--title", required=True, metavar="WORDS", help="What it is about.")
@click.option("--severity", default="review", show_default=True, metavar="WORDS", help="How grave it is.")
@click.option(
    "--artifact", "--evidence", "artifacts", multiple=True, metavar="NAME=PATH", help="Evidence (repeatable)."
)
def command(
    session: Session, incident_id: str, title: str, severity: str, artifacts: tuple[str, ...]
) -> GateRequest:
    """Put the evidence of an incident or review into one decision, with its timeline and what to mend.

    Passes when everything attached passes, so that an incident is closed on evidence that was made again.
    """
    from dpone.ops.incident import request

    return request(session, incident_id, title, severity, artifacts)
