"""Print every effective value and where it comes from."""

from __future__ import annotations

import json

import click

from dpone.commands.options import workspace_of


@click.command("show")
@click.option(
    "--environment", default="", envvar="DPONE_ENVIRONMENT", metavar="NAME", help="As it applies there."
)
@click.option(
    "--format", "form", type=click.Choice(("text", "json", "schema")), default="text", show_default=True
)
def command(environment: str, form: str) -> None:
    """Print every effective value and where it comes from.

    `--format schema` prints the JSON Schema of dpone.yaml for editors.
    """
    from dpone.config.load import load_config, protect
    from dpone.config.schema import config_schema
    from dpone.signing.trust import Trust

    if form == "schema":
        click.echo(json.dumps(config_schema(), indent=2))
        return
    workspace = workspace_of()
    config = load_config(workspace)
    trust = Trust.load(workspace, config.get("signing", "trust"), workspace.env.get("DPONE_TRUST_ROOT", ""))
    if trust.is_protected(environment) or config.protected(environment):
        config = protect(config)
    rows = [(".".join(path), value.raw, value.origin) for path, value in sorted(config.leaves.items())]
    if form == "json":
        values = {path: {"value": raw, "origin": origin} for path, raw, origin in rows}
        click.echo(json.dumps(values, indent=2, sort_keys=True))
        return
    width = max(len(path) for path, _, _ in rows)
    for path, raw, origin in rows:
        shown = raw if isinstance(raw, str) else json.dumps(raw)
        click.echo(f"{path:<{width}}  {shown:<24}  {origin}")
