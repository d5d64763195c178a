"""Decide whether the checks before a release are done, and proved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("pre-release-checklist", ".dpone/pre-release/latest")
@click.option("--release-type", type=click.Choice(("patch", "minor", "major")), default="minor", show_default=True,
              help="Minor and major: cli_commands, run_cli, run_python_api, hierarchical_lineage, "
                   "source_sink_matrix, contracts_guardrails, documentation, package; patch: the last two.")  # fmt: skip
@click.option(
    "--check", "checks", multiple=True, metavar="NAME=true|false", help="A check, as a claim (repeatable)."
)
@click.option("--artifact", "--evidence", "artifacts", multiple=True, metavar="NAME=PATH",
              help="Evidence that proves the check of that name (repeatable).")  # fmt: skip
def command(
    session: Session, release_type: str, checks: tuple[str, ...], artifacts: tuple[str, ...]
) -> GateRequest:
    """Decide whether the checks before a release are done, and proved.

    A check that is only claimed warns, and is red where the profile is strict; its evidence decides where it
    is given.
    """
    from dpone.commands.options import read_flags
    from dpone.ops.pre_release_checklist import request

    return request(session, release_type, read_flags(checks, "--check"), artifacts)
