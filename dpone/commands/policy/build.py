"""Write the effective bundle that an OPA server loads, or the archive of one layer."""

from __future__ import annotations

import click

from dpone.commands.options import workspace_of


@click.command("build")
@click.argument("folders", nargs=-1, metavar="[DIR]...")
@click.option(
    "-o", "--bundle", "target", required=True, metavar="PATH", help="The archive to write, .tar.gz or .tgz."
)
@click.option("--layer", is_flag=True, help="Write the archive of one layer, for --policy, and nothing else.")
@click.option("--gate", default="", metavar="NAME", help="The configuration of this gate alone.")
@click.option(
    "--environment",
    default="",
    envvar="DPONE_ENVIRONMENT",
    metavar="NAME",
    help="The configuration as it is in this environment.",
)
@click.option("--sign", is_flag=True, help="Sign it with the key of signing.key.")
@click.option(
    "--sign-opa", default="", metavar="KEY", help="Sign it as OPA does, with a PEM private key, or `own`."
)
@click.option("--trust-root", default="", metavar="ROOT", help="What anchors the trust file.")
@click.option("--at", default="", metavar="TIME", help="Sign as at this time (RFC 3339).")
def command(
    folders: tuple[str, ...],
    target: str,
    layer: bool,
    gate: str,
    environment: str,
    sign: bool,
    sign_opa: str,
    trust_root: str,
    at: str,
) -> None:
    """Write the effective bundle that an OPA server loads, or the archive of one layer.

    The effective bundle has the built-in policies, the layers of dpone.yaml, those named here (folders or
    archives), and the merged configuration. The same files give the same bytes on every machine.
    """
    from dpone.errors import UsageError
    from dpone.evidence.model import Subject
    from dpone.ops.policy_build import build_effective, build_layer, signing_of
    from dpone.ops.rules import gates
    from dpone.ops.session import open_session
    from dpone.policy.folder import ENDINGS
    from dpone.workspace import publish

    workspace = workspace_of(at)
    output = workspace.argument(target)
    if gate and gate not in gates():
        raise UsageError(f"there is no gate {gate[:80]!r}", f"known: {', '.join(gates())}")
    if layer and (len(folders) != 1 or gate or environment):
        raise UsageError(
            "--layer takes exactly one folder, and no gate or environment",
            "write dpone policy build --layer DIR -o NAME.tar.gz",
        )
    places = [workspace.argument(folder) for folder in folders]
    session = open_session(
        gate or "release-gate",
        workspace,
        Subject(environment=environment),
        ".dpone",
        policies=() if layer else [str(place) for place in places],
        trust_root=trust_root,
    )
    if not output.name.endswith(ENDINGS):
        raise UsageError(f"-o {target[:80]}: a bundle is an archive", "call it NAME.tar.gz")
    if output.is_dir():
        raise UsageError(f"-o {target[:80]} is a folder", "name the file to write")
    signing = signing_of(session, sign, sign_opa)
    made = (
        build_layer(places[0], output, session, signing) if layer else build_effective(session, gate, signing)
    )
    publish({output: made.data})
    signed = ", signed" if sign or sign_opa else ""
    click.echo(f"wrote {workspace.uri(output)}  {len(made.data)} bytes, {made.files} files{signed}")
    click.echo(f"layers  {', '.join(made.layers)}")
    click.echo(f"digest  {made.digest}")
