"""Verify the evidence chain: links, ledger, view and the files it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("evidence-chain-verify", ".dpone/evidence-chain", folder_option="--chain-dir")
def command(session: Session) -> GateRequest:
    """Verify the evidence chain: links, ledger, view and the files it is about.

    An empty chain is not verified.
    """
    from dpone.ops.evidence_chain_verify import request

    return request(session)
