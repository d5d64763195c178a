"""List every rule: id, severity, whether it is mandatory, title and remedy."""

from __future__ import annotations

import json

import click

from dpone.commands.options import workspace_of


@click.command("list")
@click.option("--gate", default="", metavar="NAME", help="Only the rules that this gate asks.")
@click.option("--policy", multiple=True, metavar="DIR", help="With the rules of this layer (repeatable).")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(gate: str, policy: tuple[str, ...], form: str) -> None:
    """List every rule: id, severity, whether it is mandatory, title and remedy."""
    from dpone.ops.rules import rules_of
    from dpone.record import asdict

    rules = rules_of(workspace_of(), gate, policy)
    if form == "json":
        click.echo(json.dumps([asdict(rule) for rule in rules], indent=2, sort_keys=True))
        return
    width = max((len(rule.id) for rule in rules), default=0)
    for rule in rules:
        marks = "mandatory" if rule.mandatory else ""
        click.echo(f"{rule.id:<{width}}  {rule.severity:<7}  {marks:<9}  {rule.title}".rstrip())
        click.echo(f"{'':<{width}}  -> {rule.remedy}")
    click.echo(f"{len(rules)} rules")
