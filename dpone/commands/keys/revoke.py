"""Revoke a key in dpone.trust.json: from now on it counts for nothing."""

from __future__ import annotations

import click

from dpone.commands.options import workspace_of


@click.command("revoke")
@click.argument("key", metavar="FINGERPRINT|IDENTITY")
@click.option("--reason", required=True, help="Why, in a few words.")
def command(key: str, reason: str) -> None:
    """Revoke a key in dpone.trust.json: from now on it counts for nothing."""
    from dpone.config.load import load_config
    from dpone.signing.trust_edit import revoke_key

    workspace = workspace_of()
    spec = load_config(workspace).get("signing", "trust")
    path = revoke_key(workspace, key, reason, workspace.clock.now(), spec)
    click.echo(f"revoked  {key}  in {workspace.uri(path)}: commit it")
