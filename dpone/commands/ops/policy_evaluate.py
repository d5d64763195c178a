"""Hold an evidence bundle against a JSON policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dpone.commands.gate import gate_command
from dpone.commands.options import read_json

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest
    from dpone.ops.session import Session


@gate_command("policy-evaluate", ".dpone/policy/latest")
@click.option("--bundle-json", required=True, metavar="PATH", help="The bundle: ops_evidence_bundle.json.")
@click.option("--policy-json", required=True, metavar="JSON", help="The policy: inline, a path, @path or -.")
def command(session: Session, bundle_json: str, policy_json: str) -> GateRequest:
    """Hold an evidence bundle against a JSON policy.

    Keys: required_evidence, require_bundle_passed, require_artifacts_exist. They are parameters of Rego
    rules; rules of your own come with --policy.
    """
    from dpone.ops.policy import request

    bundle = str(session.workspace.argument(bundle_json.removeprefix("@")))
    return request(session, bundle, read_json(policy_json, "--policy-json", session.workspace))
