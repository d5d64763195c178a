"""Aggregate all evidence of a release into one decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("release-gate", ".dpone/releases/latest", folder_option="--artifact-dir")
@click.option("--artifact", "--evidence", "artifacts", multiple=True, metavar="NAME=PATH",
              help="Evidence, overriding dpone.yaml (repeatable).")  # fmt: skip
def command(session: Session, artifacts: tuple[str, ...]) -> GateRequest:
    """Aggregate all evidence of a release into one decision.

    Evidence is what dpone.yaml declares and what is given here: reports as their tools wrote them, and
    artifacts that dpone wrote and sealed.
    """
    from dpone.ops.release_gate import request

    return request(session, artifacts)
