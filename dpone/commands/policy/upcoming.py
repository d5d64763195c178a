"""Say what turns red next on today's inputs: rules that begin to count, evidence and waivers that end."""

from __future__ import annotations

import json

import click

from dpone.commands.options import with_subject, workspace_of
from dpone.errors import NOT_PASSED, PASSED, UNDECIDED
from dpone.evidence.model import Subject


@click.command("upcoming")
@with_subject
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How far to look.")
@click.option("--gate", default="", metavar="NAME", help="Only this gate; default: all that were decided.")
@click.option("--policy", multiple=True, metavar="DIR", help="With the rules of this layer (repeatable).")
@click.option("--fail-on-red", is_flag=True, help="Exit 1 when something turns red.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True,
              help="What goes to stdout.")  # fmt: skip
def command(
    release: str,
    environment: str,
    commit: str,
    run_id: str,
    at: str,
    days: int,
    gate: str,
    policy: tuple[str, ...],
    fail_on_red: bool,
    form: str,
) -> int:
    """Say what turns red next on today's inputs: rules that begin to count, evidence and waivers that end.

    Takes the latest decision of every gate and subject (of --release, --environment, --gate where named), and
    judges its input again at each time within the next days at which something about it changes: a rule that
    counts from then on, evidence that is too old, an approval or a waiver that ends. A release without a decision
    is judged on the evidence its release gate has now. Nothing is recorded. Exit 0, 3 when something could not be
    judged.
    """
    from dpone.errors import UsageError
    from dpone.ops.rules import gates
    from dpone.ops.session import open_session
    from dpone.ops.upcoming import outlook
    from dpone.reports.upcoming import upcoming_document, upcoming_text

    workspace = workspace_of(at)
    if gate and gate not in gates():
        raise UsageError(f"there is no gate {gate[:80]!r}", f"known: {', '.join(gates())}")
    session = open_session(
        gate or "release-gate",
        workspace,
        Subject(release, environment, commit, run_id),
        ".dpone",
        policies=[str(workspace.argument(text)) for text in policy],
    )
    found = outlook(session, gate, days)
    if form == "json":
        click.echo(json.dumps(upcoming_document(found, days), indent=2, sort_keys=True))
    else:
        click.echo(upcoming_text(found, days), nl=False)
    if any(o.problem for o in found):
        return UNDECIDED
    return NOT_PASSED if fail_on_red and any(o.turns for o in found) else PASSED
