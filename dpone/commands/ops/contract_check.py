"""Check rows against a data contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command
from dpone.commands.options import read_document, read_json

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("contract-check", ".dpone/contracts/latest")
@click.option(
    "--rows-json", required=True, metavar="JSON", help="Array of row objects: inline, a path, @path or -."
)
@click.option(
    "--contract-json",
    required=True,
    metavar="JSON",
    help="The contract, also YAML or in ODCS v3: inline, a path, @path or -.",
)
@click.option(
    "--contract-object",
    default="",
    metavar="NAME",
    help="The object of an ODCS contract that the rows are of, where it has several.",
)
@click.option("--mode", type=click.Choice(("fail", "warn")), default="fail", show_default=True,
              help="warn introduces a contract without blocking.")  # fmt: skip
def command(
    session: Session, rows_json: str, contract_json: str, contract_object: str, mode: str
) -> GateRequest:
    """Check rows against a data contract: columns, nulls, keys, counts, types and ranges."""
    from dpone.ops.contracts import request

    return request(
        session,
        read_json(rows_json, "--rows-json", session.workspace),
        read_document(contract_json, "--contract-json", session.workspace),
        mode,
        contract_object,
    )
