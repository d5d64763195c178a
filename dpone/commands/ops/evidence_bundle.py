"""Collect certification, data-contract and marketplace evidence with checksums."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command
from dpone.commands.options import read_json

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("evidence-bundle", "test_artifacts/ops/evidence/latest", folder_option="--artifact-dir")
@click.option("--source", required=True, metavar="NAME", help="Source of the certification case.")
@click.option("--sink", required=True, metavar="NAME", help="Sink of the certification case.")
@click.option("--strategy", required=True, metavar="NAME", help="Load strategy, such as snapshot_diff.")
@click.option(
    "--rows-json", required=True, metavar="JSON", help="Array of row objects: inline, a path, @path or -."
)
@click.option(
    "--contract-json", required=True, metavar="JSON", help="The contract: inline, a path, @path or -."
)
@click.option("--row-count", type=int, default=10_000, show_default=True, help="Keys in the synthetic source.")
def command(
    session: Session,
    source: str,
    sink: str,
    strategy: str,
    rows_json: str,
    contract_json: str,
    row_count: int,
) -> GateRequest:
    """Collect certification, data-contract and marketplace evidence with checksums.

    One certification case, one contract check and the connector catalogue are decided and sealed, each on
    its own; the bundle holds the digests of their files and passes when all three passed. Needs --run-id.
    """
    from dpone.data.certification.matrix import select
    from dpone.errors import UsageError
    from dpone.ops.evidence_bundle import request

    if click.get_current_context().params["show_input"]:
        raise UsageError(
            "--show-input decides nothing, and a bundle is made of decisions",
            "ask its parts: dpone ops certification-run, contract-check or marketplace with --show-input",
        )
    return request(
        session,
        select(_named(source, "--source"), _named(sink, "--sink"), _named(strategy, "--strategy"), row_count),
        read_json(rows_json, "--rows-json", session.workspace),
        read_json(contract_json, "--contract-json", session.workspace),
    )


def _named(text: str, option: str) -> str:
    """An option's name; an empty one would select every case instead of one."""
    from dpone.errors import UsageError

    if not text:
        raise UsageError(f"{option} is empty", "a bundle holds one certification case: name it")
    return text
