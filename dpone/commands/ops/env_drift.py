"""Compare two environments' configurations before a promotion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command
from dpone.commands.options import read_inline
from dpone.errors import UsageError

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session

INLINE = ("{", "[")


@gate_command("env-drift", ".dpone/env-drift/latest", named={"environment": "target_env"})
@click.option("--source-env", required=True, metavar="NAME", help="The environment that is promoted from.")
@click.option("--target-env", required=True, metavar="NAME",
              help="The environment that is promoted to; the decision is about it.")  # fmt: skip
@click.option("--source", required=True, metavar="PATH",
              help="Its configuration: JSON, YAML, TOML or .env; a path, @path, - or inline JSON.")  # fmt: skip
@click.option("--target", required=True, metavar="PATH", help="The same of the target.")
@click.option("--allowlist-path", "allowlist", multiple=True, metavar="PLACE",
              help="Exact path that may differ, like connection.host (repeatable).")  # fmt: skip
def command(
    session: Session, source_env: str, target_env: str, source: str, target: str, allowlist: tuple[str, ...]
) -> GateRequest:
    """Compare two environments' configurations before a promotion, value by value.

    Values that look secret are compared by a keyed digest and never shown.
    """
    from dpone.ops.env_drift import Sides, request, same_file
    from dpone.workspace import check_id

    check_id(source_env, "--source-env")
    if source == target == "-":
        raise UsageError("--source and --target both read standard input", "give one of them as a path")
    workspace = session.workspace
    sides = Sides(
        source_env,
        target_env,
        read_inline(source, "--source", workspace, inline=INLINE),
        read_inline(target, "--target", workspace, inline=INLINE),
        same_file(session, source, target),
    )
    return request(session, sides, allowlist)
