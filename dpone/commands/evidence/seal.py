"""Seal evidence in the job that made it: sign its digest, release, commit and time."""

from __future__ import annotations

import click

from dpone.commands.options import with_subject, workspace_of


@click.command("seal")
@click.argument("pairs", nargs=-1, metavar="NAME=PATH...")
@click.option("--all", "everything", is_flag=True, help="Seal every name declared in dpone.yaml.")
@with_subject
def command(
    pairs: tuple[str, ...], everything: bool, release: str, environment: str, commit: str, run_id: str, at: str
) -> None:
    """Seal evidence in the job that made it: sign its digest, release, commit and time.

    The seal is written beside the file as FILE.dsse.json; keep the two together.
    """
    from dpone.evidence.model import Subject
    from dpone.ops.evidence import seal_files
    from dpone.ops.session import open_session

    workspace = workspace_of(at)
    subject = Subject(release, environment, commit, run_id)
    session = open_session("release-gate", workspace, subject, ".dpone")
    for name, kind, uri in seal_files(session, pairs, everything):
        click.echo(f"sealed  {name}  {kind}  {uri}.dsse.json")
