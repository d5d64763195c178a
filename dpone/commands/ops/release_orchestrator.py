"""Index, chain, gate, docs pack and runbook of a release in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("release-orchestrator", ".dpone/release")
@click.option("--root", "roots", multiple=True, metavar="DIR", help="Folder to index (repeatable).")
@click.option("--artifact", "--evidence", "artifacts", multiple=True, metavar="NAME=PATH",
              help="Evidence for the release gate (repeatable).")  # fmt: skip
@click.option("--on-red", type=click.Choice(("continue", "stop")), default="continue", show_default=True,
              help="Whether the steps after a red one are taken.")  # fmt: skip
def command(session: Session, roots: tuple[str, ...], artifacts: tuple[str, ...], on_red: str) -> GateRequest:
    """Index, chain, gate, docs pack and runbook of a release in one go.

    Each step is a decision of its own, in a folder of its own below the output folder. A run that was
    interrupted goes on where it stopped, without repeating what is proved.
    """
    from dpone.ops.release_orchestrator import Order, request

    return request(session, Order(roots, artifacts, on_red == "stop"), lambda text: click.echo(text, err=True))
