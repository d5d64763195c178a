"""Decide how far a release is from general availability, domain by domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("production-maturity", ".dpone/production-maturity/latest")
@click.option("--artifact", "--evidence", "artifacts", multiple=True, metavar="DOMAIN=PATH",
              help="Evidence of a domain (repeatable).")  # fmt: skip
@click.option(
    "--require", multiple=True, metavar="DOMAIN", help="A further domain that must stand (repeatable)."
)
def command(session: Session, artifacts: tuple[str, ...], require: tuple[str, ...]) -> GateRequest:
    """Decide how far a release is from general availability, domain by domain.

    Required are certification, cdc, performance, security, supply_chain, governance and docs; --require adds
    to them. Which kinds can speak for a domain, and its weight, is in dpone.yaml: domains.
    """
    from dpone.ops.production_maturity import request

    return request(session, artifacts, require)
