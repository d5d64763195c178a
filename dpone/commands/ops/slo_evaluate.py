"""Evaluate metrics against objectives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command
from dpone.commands.options import read_document, read_json

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("slo-evaluate", ".dpone/slo/latest")
@click.option(
    "--metrics-json", required=True, metavar="JSON", help="{metric: number}: inline, a path, @path or -."
)
@click.option("--objectives-json", required=True, metavar="JSON",
              help="{metric: {min|max: number}}, also YAML or OpenSLO v1: inline, a path, @path or -.")  # fmt: skip
def command(session: Session, metrics_json: str, objectives_json: str) -> GateRequest:
    """Evaluate metrics against objectives: freshness, throughput, latency, failures, retries."""
    from dpone.ops.slo import request

    return request(
        session,
        read_json(metrics_json, "--metrics-json", session.workspace),
        read_document(objectives_json, "--objectives-json", session.workspace),
    )
