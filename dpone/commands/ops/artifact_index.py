"""Index the files a release left behind, with digests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("artifact-index", ".dpone/artifact-index")
@click.option("--root", "roots", multiple=True, metavar="DIR",
              help="Folder to index (repeatable); default: .dpone and test_artifacts.")  # fmt: skip
def command(session: Session, roots: tuple[str, ...]) -> GateRequest:
    """Index the files a release left behind, with digests.

    Leaves out dpone's own state (ledger, store, locks, this command's output) and says so.
    """
    from dpone.ops.artifact_index import request

    return request(session, roots)
