"""List all waivers: active, unused, asked for, upcoming, expired, revoked."""

from __future__ import annotations

import json

import click

from dpone.commands.options import with_subject, workspace_of
from dpone.errors import PASSED, UNDECIDED
from dpone.evidence.model import Subject


@click.command("list")
@with_subject
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True,
              help="What goes to stdout.")  # fmt: skip
def command(release: str, environment: str, commit: str, run_id: str, at: str, form: str) -> int:
    """List all waivers: active, unused, asked for, upcoming, expired, revoked.

    Those of dpone.yaml (F-…) and the signed ones of the ledger (W-…). With --release or --environment only those
    that can be for them. Exit 3 when an entry of the ledger is a waiver that does not hold.
    """
    from dpone.ops.session import open_session
    from dpone.ops.waiver_list import listed
    from dpone.reports.waivers import waivers_text

    workspace = workspace_of(at)
    session = open_session("release-gate", workspace, Subject(release, environment, commit, run_id), ".dpone")
    told, broken = listed(session)
    about = {"release": session.subject.release, "environment": session.subject.environment}
    told = [t for t in told if all(not v or t.facts[n] in ("", v) for n, v in about.items())]
    if form == "json":
        rows = [{**t.facts, "state": t.state, "days_left": t.days} for t in told]
        click.echo(json.dumps({"waivers": rows, "broken": broken}, indent=2, sort_keys=True))
    else:
        click.echo(waivers_text([(t.facts, t.state, t.days) for t in told], broken), nl=False)
    return UNDECIDED if broken else PASSED
