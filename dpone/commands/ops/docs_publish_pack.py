"""Make a README snippet and a page about a release from its decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("docs-publish-pack", ".dpone/docs-publish")
@click.option(
    "--artifact", "--evidence", "artifacts", multiple=True, metavar="NAME=PATH", help="Evidence (repeatable)."
)
def command(session: Session, artifacts: tuple[str, ...]) -> GateRequest:
    """Make a README snippet and a page about a release from its decisions.

    The status published is that of the attached release gate. Nothing is loaded from elsewhere: badges are text.
    """
    from dpone.ops.docs_publish_pack import request

    return request(session, artifacts)
