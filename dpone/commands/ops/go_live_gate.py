"""Decide go or no-go on an evidence bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("go-live-gate", ".dpone/go-live/latest")
@click.option("--bundle-json", required=True, metavar="PATH", help="The bundle: ops_evidence_bundle.json.")
def command(session: Session, bundle_json: str) -> GateRequest:
    """Decide go or no-go on an evidence bundle: required items passed, files unchanged."""
    from dpone.ops.gate import request

    return request(session, str(session.workspace.argument(bundle_json.removeprefix("@"))))
