"""Copy files into one folder to hand on, redacted on demand, with checksums."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("manifest-bundle", ".dpone/manifest-bundles/latest")
@click.option("--bundle-id", required=True, metavar="ID", help="Id of the bundle.")
@click.option("--file", "files", multiple=True, metavar="NAME=PATH", help="A file to copy (repeatable).")
@click.option(
    "--redact", "redacting", is_flag=True, help="Replace every secret; a file of unknown type is left out."
)
def command(session: Session, bundle_id: str, files: tuple[str, ...], redacting: bool) -> GateRequest:
    """Copy files into one folder to hand on, redacted on demand, with checksums.

    Redaction goes by the format of each file (JSON, YAML, TOML, env, INI, CSV, XML, logs and text) and keeps its
    structure; what cannot be redacted completely is not copied, and the bundle is red.
    """
    from dpone.ops.manifest_bundle import request

    return request(session, bundle_id, files, redacting=redacting)
