"""Which rules and rule bodies the tests reach, and which not."""

from __future__ import annotations

import json

import click

from dpone.commands.options import workspace_of
from dpone.errors import NOT_PASSED, PASSED


@click.command("coverage")
@click.argument("folder", metavar="DIR", default="")
@click.option("--fail-under", type=click.IntRange(0, 100), default=0, show_default=True, metavar="PERCENT",
              help="Exit 1 where fewer rules or fewer rule bodies are reached.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(folder: str, fail_under: int, form: str) -> int:
    """Which rules and rule bodies the tests reach, and which not.

    A body is reached when a test that passes fails as soon as the body never holds: a body that runs, and
    whose outcome no test looks at, is not reached. Percentages are rounded down.

    Without DIR the layer that dpone.yaml names.

    Exit 1 when a test fails, when there are no tests or no rules, or below --fail-under.
    """
    from dpone.ops.policy_bench import chosen_folder
    from dpone.ops.policy_check import run_folder_tests
    from dpone.reports.policy_tests import closing_line, missed_lines, reach_document, test_lines

    workspace = workspace_of()
    tested = run_folder_tests(chosen_folder(folder, workspace), workspace, reached=True)
    outcomes, reach = tested.report.outcomes, tested.reach
    failed = [outcome for outcome in outcomes if not outcome.passed]
    good = tested.report.passed and reach is not None and bool(reach.bodies)
    enough = reach is not None and min(reach.rule_percent, reach.body_percent) >= fail_under
    if form == "json":
        told = reach_document(reach) if reach else {}
        counts = {
            "tests": len(outcomes),
            "failed": len(failed),
            "engine": tested.engine,
            "fail_under": fail_under,
        }
        click.echo(json.dumps({**counts, **told, "passed": good and enough}, indent=2))
        return PASSED if good and enough else NOT_PASSED
    for line in (*test_lines(failed, every=False), *missed_lines(reach.missed if reach else ())):
        click.echo(line)
    click.echo(closing_line(outcomes, [reach] if reach else [], tested.engine))
    if reach is not None:
        said = f"rules {reach.rule_percent} %, rule bodies {reach.body_percent} %"
        click.echo(f"{said}, at least {fail_under} % needed" if fail_under else said)
    return PASSED if good and enough else NOT_PASSED
