"""Check a bundle before it is used: archive, manifest, signatures, rules, and what the trust file pins."""

from __future__ import annotations

import json

import click

from dpone.commands.options import workspace_of
from dpone.errors import NOT_PASSED, PASSED

_WORDS = {"holds": "ok", "broken": "FAIL", "unchecked": "??"}


@click.command("verify")
@click.argument("bundle", metavar="BUNDLE")
@click.option(
    "--verification-key",
    multiple=True,
    metavar="PEM",
    help="A public key that OPA's signature may be made with (repeatable).",
)
@click.option(
    "--environment",
    default="",
    envvar="DPONE_ENVIRONMENT",
    metavar="NAME",
    help="The environment its signer must be trusted in.",
)
@click.option("--trust-root", default="", metavar="ROOT", help="What anchors the trust file.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option("--at", default="", metavar="TIME", help="Judge as at this time (RFC 3339).")
def command(
    bundle: str, verification_key: tuple[str, ...], environment: str, trust_root: str, form: str, at: str
) -> int:
    """Check a bundle before it is used: archive, manifest, signatures, rules, and what the trust file pins.

    BUNDLE is a layer (folder or archive) or an effective bundle. Exit 0 when everything holds, 1 when
    something does not (it is named), 3 when it cannot be read as a bundle at all.
    """
    from dpone.errors import one_line
    from dpone.evidence.model import Subject
    from dpone.ops.policy_verify import keys_of, verify_bundle
    from dpone.ops.session import open_session

    workspace = workspace_of(at)
    session = open_session(
        "release-gate", workspace, Subject(environment=environment), ".dpone", trust_root=trust_root
    )
    checks = verify_bundle(workspace.argument(bundle), session, keys_of(session, verification_key))
    broken = any(check.state == "broken" for check in checks)
    if form == "json":
        rows = [{"what": c.what, "state": c.state, "message": c.message} for c in checks]
        click.echo(json.dumps({"bundle": bundle, "checks": rows, "verified": not broken}, indent=2))
    else:
        for check in checks:
            click.echo(f"{_WORDS[check.state]:<4}  {check.what:<16}  {one_line(check.message)}")
        click.echo(f"{'BROKEN' if broken else 'VERIFIED'}  {one_line(bundle)}")
    return NOT_PASSED if broken else PASSED
