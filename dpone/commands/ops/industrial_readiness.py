"""Decide whether a release is ready for industrial use, by domain and by required case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("industrial-readiness", ".dpone/industrial-readiness/latest")
@click.option("--artifact", "--evidence", "artifacts", multiple=True, metavar="DOMAIN=PATH",
              help="Evidence of a domain (repeatable).")  # fmt: skip
@click.option(
    "--require", multiple=True, metavar="DOMAIN", help="A further domain that must stand (repeatable)."
)
@click.option("--case", "cases", multiple=True, metavar="SOURCE:SINK:STRATEGY",
              help="A case of the matrix that must have run and passed (repeatable).")  # fmt: skip
def command(
    session: Session, artifacts: tuple[str, ...], require: tuple[str, ...], cases: tuple[str, ...]
) -> GateRequest:
    """Decide whether a release is ready for industrial use, by domain and by required case.

    Required are local_matrix, correctness, reliability, performance_lab, ux, governance and
    schema_evolution; --require adds to them. A case counts only when it ran with its own connectors and passed.
    """
    from dpone.ops.industrial_readiness import request

    return request(session, artifacts, require, cases)
