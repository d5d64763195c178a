"""Print the connector catalogue, with what was really certified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("marketplace", ".dpone/marketplace/latest")
def command(session: Session) -> GateRequest:
    """Print the connector catalogue, with what was really certified."""
    from dpone.ops.marketplace import request

    return request(session)
