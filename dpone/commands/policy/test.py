"""Run the tests of policies: test_ rules in *_test.rego, and cases/*.yaml."""

from __future__ import annotations

import click

from dpone.commands.options import workspace_of
from dpone.commands.outputs import deliver, output_option
from dpone.errors import NOT_PASSED, PASSED


@click.command("test")
@click.argument("folders", nargs=-1, required=True, metavar="DIR...")
@click.option("--verbose", is_flag=True, help="Name the tests that passed, however many they are.")
@click.option(
    "--format", "form", type=click.Choice(("text", "json", "junit")), default="text", show_default=True
)
@output_option(("text", "json"))
def command(folders: tuple[str, ...], verbose: bool, form: str, outputs: tuple[str, ...]) -> int:
    """Run the tests of policies: test_ rules in *_test.rego, as `opa test` would, and cases/*.yaml.

    Exit 0 when there are tests and all of them pass, 1 otherwise: no test is no pass.
    """
    from dpone.ops.policy_check import run_folder_tests
    from dpone.reports.policy import IN_ANOTHER_WAY, test_report
    from dpone.reports.policy_tests import closing_line, test_lines, tests_json
    from dpone.reports.publish import read_outputs

    workspace = workspace_of()
    wanted = read_outputs(outputs, workspace.argument, IN_ANOTHER_WAY)
    places = [workspace.argument(folder) for folder in folders]
    tested = [run_folder_tests(place, workspace) for place in places]
    checked = [(workspace.uri(p), one.report.outcomes) for p, one in zip(places, tested, strict=True)]
    report = test_report(checked)
    deliver(report, wanted, workspace, stdout=form == "text")
    outcomes = [outcome for one in tested for outcome in one.report.outcomes]
    if form == "json":
        click.echo(tests_json(outcomes))
    elif form == "junit":
        from dpone.reports.formats.junit import render

        click.echo(render(report).decode("utf-8"), nl=False)
    else:
        for line in test_lines(outcomes, every=verbose):
            click.echo(line)
        engine = next((one.engine for one in tested if one.engine), "")
        click.echo(closing_line(outcomes, [one.reach for one in tested if one.reach], engine))
    return PASSED if all(one.report.passed for one in tested) else NOT_PASSED
