"""Change every condition of every rule, and see whether a test notices."""

from __future__ import annotations

import json

import click

from dpone.commands.options import workspace_of
from dpone.errors import NOT_PASSED, PASSED


@click.command("mutate")
@click.argument("folder", metavar="DIR", default="")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(folder: str, form: str) -> int:
    """Change every condition of every rule, and see whether a test notices.

    Each condition is removed, negated, and has its boundary moved where it has one. What no test can notice
    is listed, with the reason, in mutation.yaml.

    Without DIR the layer that dpone.yaml names.

    Exit 1 when a change survives, when the list names one that does not, and when a test fails.
    """
    from dpone.ops.policy_bench import chosen_folder
    from dpone.ops.policy_check import mutate_folder
    from dpone.record import asdict
    from dpone.reports.policy_tests import test_lines

    workspace = workspace_of()
    done = mutate_folder(chosen_folder(folder, workspace), workspace)
    judged = done.judged
    failed = [outcome for outcome in done.report.outcomes if not outcome.passed]
    passed = done.report.passed and done.mutants > 0 and not judged.survivors and not judged.wrong
    if form == "json":
        rows = [{**asdict(one.mutant), "fault": one.fault} for one in judged.survivors]
        document = {
            "mutants": done.mutants, "listed": judged.listed, "survivors": rows, "tests_failed": len(failed),
            "wrongly_listed": [asdict(entry) for entry in judged.wrong], "passed": passed,
        }  # fmt: skip
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return PASSED if passed else NOT_PASSED
    for line in test_lines(failed, every=False):
        click.echo(line)
    for one in judged.survivors:
        what = f"does not build: {one.fault[:200]}" if one.fault else "survived"
        click.echo(f"{one.mutant.path}:{one.mutant.line}  {one.mutant.rule}  {what}  {one.mutant.change}")
    for entry in judged.wrong:
        click.echo(f"mutation.yaml  {entry.rule}  is listed and does not survive  {entry.change}")
    if not done.report.passed:
        click.echo("nothing was changed: the tests do not pass as they are")
    else:
        noticed = done.mutants - judged.listed - len(judged.survivors)
        click.echo(
            f"{done.mutants} changed conditions: {noticed} noticed by a test, {judged.listed} listed as equivalent, "
            f"{len(judged.survivors)} survived"
        )
    return PASSED if passed else NOT_PASSED
