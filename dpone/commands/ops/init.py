"""Look around, find evidence by content, and write a first dpone.yaml."""

from __future__ import annotations

import click

from dpone.commands.options import workspace_of


@click.command("init")
@click.option(
    "--ci", type=click.Choice(("github", "gitlab")), default=None, help="Also write a complete CI file."
)
def command(ci: str | None) -> None:
    """Look around, find evidence by content, and write a first dpone.yaml.

    Nothing that is there already is overwritten.
    """
    from dpone.errors import UsageError
    from dpone.ops.init import look_around, write_ci, write_config
    from dpone.workspace import CONFIG_NAME

    workspace = workspace_of()
    if ci and (workspace.root / CONFIG_NAME).exists():
        click.echo(f"Wrote {write_ci(workspace, ci)}.")
        return
    found = look_around(workspace)
    if found:
        click.echo("Found, by content:")
        width = max(len(item.name) for item in found)
        paths = max(len(item.uri) for item in found)
        for item in found:
            dated = f", {item.reading.produced_at:%d %b %H:%M}" if item.reading.produced_at else ", no date"
            said = item.note or f"{item.reading.summary}{dated}"
            click.echo(f"  {item.name or '?':<{width}}  {item.uri:<{paths}}  {item.title}; {said}")
    else:
        click.echo("Found no evidence: no file here is a report that dpone understands.")
    written = write_config(workspace, found)
    if ci:
        written.append(write_ci(workspace, ci))
    click.echo(f"Wrote {', '.join(written)}.")
    if not found:
        raise UsageError(
            "nothing can pass without evidence",
            "run your tests and scans, then name their reports in dpone.yaml",
        )
    click.echo(
        "Next: dpone ops release-gate --release v0.1.0          CI file: dpone ops init --ci github|gitlab"
    )
