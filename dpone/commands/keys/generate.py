"""Make a signing key in your own configuration folder."""

from __future__ import annotations

import click

from dpone.commands.options import workspace_of


@click.command("generate")
@click.option("--name", required=True, help="What to call the key here.")
@click.option("--for", "target", type=click.Choice(("github",)), default=None,
              help="Print the line that stores the private half as a secret, and trust the public half.")  # fmt: skip
@click.option("--identity", default="", help="Whose key it is, for the trust file (default: the name).")
def command(name: str, target: str | None, identity: str) -> None:
    """Make a signing key in your own configuration folder.

    Never in CI, never inside the workspace. With `--for github` the public half goes into
    dpone.trust.json, for all gates, kinds and environments: narrow it there.
    """
    from dpone.signing.keyring import generate_key, github_secret
    from dpone.signing.trust import ANY, TrustedKey
    from dpone.signing.trust_edit import trust_key

    workspace = workspace_of()
    key = generate_key(workspace, name)
    click.echo(f"made key {name}  {key.public.fingerprint}  {key.path}")
    if target == "github":
        everything = (ANY,)
        entry = TrustedKey(key.public, identity or name, (name,), everything, everything, everything)
        path = trust_key(workspace, entry)
        click.echo(f"added its public half to {workspace.uri(path)}: commit that file")
        click.echo(f"store the private half: {github_secret(key).command}")
    else:
        click.echo(f"next: dpone keys trust {name} --identity you@example.com, or signing.key: file:{key.path}")
