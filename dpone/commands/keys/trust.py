"""Add a public key to dpone.trust.json: whose it is and what it may sign."""

from __future__ import annotations

import click

from dpone.commands.options import workspace_of


@click.command("trust")
@click.argument("key", metavar="NAME|PUBLIC-KEY|FILE")
@click.option("--identity", required=True, help="Whose key it is: an e-mail address or a job's name.")
@click.option("--role", "roles", multiple=True, help="A role (repeatable).")
@click.option(
    "--kind", "kinds", multiple=True, help="A kind of evidence or artifact it may sign, or * (repeatable)."
)
@click.option("--gate", "gates", multiple=True, help="A gate it may decide, or * (repeatable).")
@click.option(
    "--environment", "environments", multiple=True, help="An environment it may sign for, or * (repeatable)."
)
@click.option("--valid-until", default="", metavar="TIME", help="From when on it no longer counts.")
def command(
    key: str,
    identity: str,
    roles: tuple[str, ...],
    kinds: tuple[str, ...],
    gates: tuple[str, ...],
    environments: tuple[str, ...],
    valid_until: str,
) -> None:
    """Add a public key to dpone.trust.json: whose it is and what it may sign.

    KEY is the name of a key of yours, an OpenSSH public key line, or a file that holds one. Nothing is
    granted that is not named; `*` grants all.
    """
    from dpone.config.load import load_config
    from dpone.ops.keys import find_public
    from dpone.signing.trust import Trust, TrustedKey
    from dpone.signing.trust_edit import trust_key
    from dpone.workspace import parse_time

    workspace = workspace_of()
    spec = load_config(workspace).get("signing", "trust")
    until = parse_time(valid_until, "--valid-until") if valid_until else None
    entry = TrustedKey(find_public(workspace, key), identity, roles, kinds, gates, environments, None, until)
    path = trust_key(workspace, entry, spec)
    click.echo(f"trusted  {entry.public.fingerprint}  {identity}  in {workspace.uri(path)}: commit it")
    click.echo(f"trust file fingerprint  {Trust.load(workspace, spec).fingerprint}")
