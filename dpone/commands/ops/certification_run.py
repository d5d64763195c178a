"""Certify load strategies on synthetic data against an oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("certification-run", "test_artifacts/certification/latest", folder_option="--artifact-dir")
@click.option("--source", default="", metavar="NAME", help="api, clickhouse, kafka, mssql, postgres, sqlite.")
@click.option(
    "--sink", default="", metavar="NAME", help="bigquery, clickhouse, kafka, mssql, postgres, sqlite."
)
@click.option("--strategy", default="", metavar="NAME", help="Load strategy, such as snapshot_diff.")
@click.option("--row-count", type=int, default=10_000, show_default=True, help="Keys in the synthetic source.")
def command(session: Session, source: str, sink: str, strategy: str, row_count: int) -> GateRequest:
    """Certify load strategies on synthetic data against an oracle.

    Every strategy really runs, in SQLite. From sqlite to sqlite a case is executed; any other is simulated,
    its connectors are not touched, and the report says so. Without filters 200 cases run.
    """
    from dpone.data.certification.matrix import select
    from dpone.ops.certification import request

    return request(session, select(source, sink, strategy, row_count))
