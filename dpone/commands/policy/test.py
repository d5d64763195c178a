"""Run the tests of policies: test_ rules in *_test.rego."""

from __future__ import annotations

import json

import click

from dpone.commands.options import workspace_of
from dpone.commands.outputs import deliver, output_option
from dpone.errors import NOT_PASSED, PASSED


@click.command("test")
@click.argument("folders", nargs=-1, required=True, metavar="DIR...")
@click.option("--verbose", is_flag=True, help="Name the tests that passed, too.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@output_option(("text", "json"))
def command(folders: tuple[str, ...], verbose: bool, form: str, outputs: tuple[str, ...]) -> int:
    """Run the tests of policies: test_ rules in *_test.rego, as `opa test` would.

    Exit 0 when there are tests and all of them pass, 1 otherwise: no test is no pass.
    """
    from dpone.ops.policy_check import test_folder
    from dpone.record import asdict
    from dpone.reports.policy import IN_ANOTHER_WAY, test_report
    from dpone.reports.publish import read_outputs

    workspace = workspace_of()
    wanted = read_outputs(outputs, workspace.argument, IN_ANOTHER_WAY)
    places = [workspace.argument(folder) for folder in folders]
    reports = [test_folder(place, workspace) for place in places]
    checked = [(workspace.uri(p), report.outcomes) for p, report in zip(places, reports, strict=True)]
    deliver(test_report(checked), wanted, workspace, stdout=form == "text")
    outcomes = [outcome for report in reports for outcome in report.outcomes]
    passed = all(report.passed for report in reports)
    if form == "json":
        rows = [{**asdict(outcome), "passed": outcome.passed} for outcome in outcomes]
        click.echo(json.dumps(rows, indent=2))
    else:
        width = max((len(outcome.name) for outcome in outcomes), default=0)
        for outcome in outcomes:
            if not outcome.passed:
                click.echo(
                    f"{outcome.name:<{width}}  FAIL\n    {outcome.path}:{outcome.line}   {outcome.problem}"
                )
            elif verbose:
                click.echo(f"{outcome.name:<{width}}  ok")
        good = sum(outcome.passed for outcome in outcomes)
        click.echo(f"{good} of {len(outcomes)} passed" if outcomes else "no tests found: nothing was proved")
    return PASSED if passed else NOT_PASSED
