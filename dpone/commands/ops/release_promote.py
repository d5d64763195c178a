"""Decide whether a release may go from one environment into the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("release-promote", ".dpone/promotions/latest", named={"environment": "to_env"})
@click.option("--from-env", required=True, metavar="NAME", help="Where the release was allowed.")
@click.option("--to-env", required=True, metavar="NAME", help="Where it is to go.")
@click.option("--artifact", "--evidence", "artifacts", multiple=True, metavar="NAME=PATH",
              help="Evidence to attach (repeatable).")  # fmt: skip
def command(session: Session, from_env: str, to_env: str, artifacts: tuple[str, ...]) -> GateRequest:
    """Decide whether a release may go from one environment into the next.

    It stands on decisions in the ledger: the release gate in the environment before, the drift between the
    two, and an approved change request where the target is protected or asks for one.
    """
    from dpone.ops.release_promote import request

    del to_env  # it is the subject's environment already
    return request(session, from_env, artifacts)
