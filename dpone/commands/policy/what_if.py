"""Take past decisions again under other policies, configuration and trust, and list what would change."""

from __future__ import annotations

import click

from dpone.commands.options import workspace_of
from dpone.commands.outputs import deliver, output_option
from dpone.commands.progress import Progress
from dpone.errors import NOT_PASSED, PASSED


@click.command("what-if")
@click.option("--policy", "policies", multiple=True, metavar="DIR", help="A layer to try (repeatable).")
@click.option("--ledger", default="", metavar="SPEC", help="Whose decisions; default: ledger in dpone.yaml.")
@click.option("--gate", default="", metavar="GATE", help="Only this gate.")
@click.option("--release", default="", metavar="NAME", help="Only this release.")
@click.option("--last", default="", metavar="AGE", help="Only decisions this young, such as 90d.")
@click.option("--fail-on-flips", type=click.IntRange(1), default=None, metavar="N",
              help="Exit 1 when so many verdicts flip; without it the answer is advice.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(("text", "json", "md")), default="text", show_default=True,
              help="What goes to stdout; md is a comment for a pull request.")  # fmt: skip
@click.option("--trust-root", default="", metavar="ROOT",
              help="Fingerprint, file or git:REF:PATH that anchors the trust file.")  # fmt: skip
@output_option(("text", "json"))
def command(
    policies: tuple[str, ...],
    ledger: str,
    gate: str,
    release: str,
    last: str,
    fail_on_flips: int | None,
    form: str,
    trust_root: str,
    outputs: tuple[str, ...],
) -> int:
    """Take past decisions again under other policies, configuration and trust, and list what would change.

    Tried is what dpone.yaml, the trust file and --policy say now, on the evidence that the ledger kept.
    Nothing is recorded. Exit 0 whatever flips, unless --fail-on-flips; 3 when no decision could be taken again.
    """
    from dpone.canonical import pretty_bytes
    from dpone.ops.records import past_decisions, trial
    from dpone.ops.what_if import unreadable, what_if
    from dpone.reports import what_if as report
    from dpone.reports.publish import read_outputs
    from dpone.workspace import CONFIG_NAME

    workspace = workspace_of()
    wanted = read_outputs(outputs, workspace.argument, report.IN_ANOTHER_WAY)
    session = trial(workspace, [str(workspace.argument(p)) for p in policies], trust_root)
    chosen = past_decisions(session, ledger, gate=gate, release=release, last=last)
    progress = Progress(len(chosen), "decisions taken again")
    found = what_if(chosen, session, progress.tell)
    if fault := unreadable(found):
        raise fault
    flips = sum(again.flips for again in found)
    failed = fail_on_flips is not None and flips >= fail_on_flips
    deliver(report.report(found, failed=failed, home=CONFIG_NAME), wanted, workspace, stdout=form != "json")
    if form == "json":
        rows = [again.row() for again in found]
        click.echo(pretty_bytes({**report.summary(found), "results": rows}).decode(), nl=False)
    elif form == "md":
        click.echo(report.markdown(found), nl=False)
    else:
        click.echo(report.text(found, progress.seconds), nl=False)
    return NOT_PASSED if failed else PASSED
