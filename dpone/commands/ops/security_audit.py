"""Find secrets and unsafe connection types before they leave the house."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command
from dpone.commands.options import read_inline

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("security-audit", ".dpone/security/latest")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--manifest-json",
    "manifests",
    multiple=True,
    metavar="JSON",
    help="A manifest: inline JSON, a path (JSON or YAML), @path or - (repeatable).",
)
@click.option(
    "--log-text", "logs", multiple=True, metavar="TEXT", help="Log text: inline, @path or - (repeatable)."
)
def command(
    session: Session, paths: tuple[str, ...], manifests: tuple[str, ...], logs: tuple[str, ...]
) -> GateRequest:
    """Find secrets and unsafe connection types before they leave the house.

    PATHs are files and folders of any kind. No secret ever appears in the output: rule, file and line do.
    """
    from dpone.ops.security import request

    workspace = session.workspace
    return request(
        session,
        [read_inline(text, "--manifest-json", workspace, inline=("{", "[")) for text in manifests],
        [read_inline(text, "--log-text", workspace, inline=None) for text in logs],
        paths,
    )
