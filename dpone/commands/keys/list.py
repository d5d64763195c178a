"""List your own keys and the keys of the trust file."""

from __future__ import annotations

import click

from dpone.commands.options import workspace_of


@click.command("list")
def command() -> None:
    """List your own keys and the keys of the trust file."""
    from dpone.config.load import load_config
    from dpone.signing.keyring import list_keys
    from dpone.signing.trust import Trust

    workspace = workspace_of()
    for key in list_keys(workspace):
        click.echo(f"own      {key.public.fingerprint}  {key.name}")
    trust = Trust.load(workspace, load_config(workspace).get("signing", "trust"))
    for entry in trust.keys:
        state = "revoked" if entry.revoked else "trusted"
        click.echo(
            f"{state:<8} {entry.public.fingerprint}  {entry.identity}  {', '.join(entry.roles)}".rstrip()
        )
    if trust.fingerprint:
        click.echo(f"trust file fingerprint  {trust.fingerprint}")
