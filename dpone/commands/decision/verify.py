"""Check one decision: seal, files, evidence, input, policies, config, ledger."""

from __future__ import annotations

import json

import click

from dpone.commands.options import workspace_of
from dpone.errors import NOT_PASSED, PASSED, UNDECIDED

_WORDS = {"holds": "ok", "broken": "FAIL", "unchecked": "??"}


@click.command("verify")
@click.argument("id_", metavar="ID")
@click.option("--trust-root", default="", metavar="ROOT", help="What anchors the trust file.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(id_: str, trust_root: str, form: str) -> int:
    """Check one decision: seal, files, evidence, input, policies, config, ledger.

    Exit 0 when everything holds, 1 when something is false (it is named), 3 when something could not
    be checked.
    """
    from dpone.decisions.stored import find_decision
    from dpone.decisions.verify import verify_decision
    from dpone.ops.records import open_records

    records = open_records(workspace_of(), trust_root)
    stored = find_decision(records.ledger, id_)
    checks = verify_decision(stored, records.context)
    states = {check.state for check in checks}
    if form == "json":
        rows = [{"what": c.what, "state": c.state, "message": c.message} for c in checks]
        click.echo(json.dumps({"id": stored.id, "checks": rows}, indent=2))
    else:
        for check in checks:
            click.echo(f"{_WORDS[check.state]:<4}  {check.what:<32}  {check.message}")
        word = (
            "BROKEN" if "broken" in states else ("NOT FULLY CHECKED" if "unchecked" in states else "VERIFIED")
        )
        click.echo(f"{word}  decision {stored.id[:16]}")
    if "broken" in states:
        return NOT_PASSED
    return UNDECIDED if "unchecked" in states else PASSED
