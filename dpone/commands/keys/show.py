"""Show one key: its public half, and what the trust file lets it sign."""

from __future__ import annotations

import click

from dpone.commands.options import workspace_of


@click.command("show")
@click.argument("key", metavar="NAME|FINGERPRINT|IDENTITY")
def command(key: str) -> None:
    """Show one key: its public half, and what the trust file lets it sign."""
    from dpone.config.load import load_config
    from dpone.errors import UsageError
    from dpone.signing.keyring import list_keys
    from dpone.signing.trust import Trust, same_person
    from dpone.workspace import time_text

    workspace = workspace_of()
    trust = Trust.load(workspace, load_config(workspace).get("signing", "trust"))
    own = [k for k in list_keys(workspace) if key in (k.name, k.public.fingerprint)]
    fingerprints = {k.public.fingerprint for k in own}
    listed = [
        e for e in trust.keys if e.public.fingerprint in (key, *fingerprints) or same_person(key, e.identity)
    ]
    if not own and not listed:
        raise UsageError(f"there is no key {key[:80]!r} here", "see dpone keys list")
    for mine in own:
        click.echo(f"own key      {mine.name}  {mine.path}")
        click.echo(f"public       {mine.public.openssh(mine.name)}")
        click.echo(f"fingerprint  {mine.public.fingerprint}")
    for entry in listed:
        click.echo(f"identity     {entry.identity}  {entry.public.fingerprint}")
        click.echo(f"roles        {', '.join(entry.roles) or 'none'}")
        for what in ("kinds", "gates", "environments"):
            click.echo(f"{what:<12} {', '.join(getattr(entry, what)) or 'nothing'}")
        if entry.valid_from or entry.valid_until:
            start = time_text(entry.valid_from) if entry.valid_from else "always"
            end = time_text(entry.valid_until) if entry.valid_until else "for ever"
            click.echo(f"valid        from {start} until {end}")
        if entry.revoked:
            click.echo(f"revoked      {time_text(entry.revoked.at)}: {entry.revoked.reason}")
