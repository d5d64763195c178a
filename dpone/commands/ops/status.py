"""Say where a release stands: what is proved, what is red or missing, who approved, what comes next."""

from __future__ import annotations

import click

from dpone.commands.options import with_subject, workspace_of
from dpone.errors import NOT_PASSED, PASSED, UNDECIDED
from dpone.evidence.model import Subject


@click.command("status")
@with_subject
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True,
              help="What goes to stdout.")  # fmt: skip
@click.option("--trust-root", default="", metavar="ROOT",
              help="Fingerprint, file or git:REF:PATH that anchors the trust file.")  # fmt: skip
def command(
    release: str, environment: str, commit: str, run_id: str, at: str, form: str, trust_root: str
) -> int:
    """Say where a release stands on its way into an environment.

    Exit 0 when everything so far holds, 1 when something is red, outdated or expired, 3 when the ledger cannot be
    read. Without --environment it is the one the release was last taken to.
    """
    from dpone.canonical import pretty_bytes
    from dpone.decisions.record import open_ledger_of
    from dpone.errors import UsageError
    from dpone.ops.records import Records, check_ledger
    from dpone.ops.session import open_session
    from dpone.ops.status import status_of
    from dpone.reports.status import ages, status_text

    workspace = workspace_of(at)
    session = open_session(
        "release-gate",
        workspace,
        Subject(release, environment, commit, run_id),
        ".dpone",
        trust_root=trust_root,
    )
    if not session.subject.release:
        raise UsageError("no release is named", "name it: --release v1.2.3")
    ledger = open_ledger_of(session.context)
    if ledger.origin() is None:
        entries, sound = 0, True
    else:
        report = check_ledger(Records(session.context, ledger))
        entries, sound = report.size, report.intact
    found = status_of(session)
    if form == "json":
        click.echo(
            pretty_bytes({**found.document(), "ledger": {"entries": entries, "intact": sound}}).decode(),
            nl=False,
        )
    else:
        where = (
            f"ledger {session.config.get('ledger')}, {entries} entries, {'verified' if sound else 'NOT INTACT'}"
        )
        closing = [f"-> {found.next.command}"] if found.next else ["closed: nothing is left to do"]
        heading = f"{found.release} -> {found.environment or '?'}"
        click.echo(
            status_text(heading, where, list(ages(found.rows, workspace.clock.now())), closing), nl=False
        )
    if not sound:
        click.echo("dpone: the ledger is not intact -> find out more: dpone ledger verify", err=True)
        return UNDECIDED
    return PASSED if found.holds else NOT_PASSED
