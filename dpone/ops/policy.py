"""Policy-as-code on an evidence bundle: the keys of a JSON policy are parameters of Rego rules."""

from __future__ import annotations

from typing import Any

from dpone.data.strict import known_keys, mapping
from dpone.decisions.request import GateRequest, Required, Verdict
from dpone.errors import UsageError
from dpone.ops.bundle import NAME, bundle_files
from dpone.ops.session import Session
from dpone.ops.source import Source, interpret, unusable

GATE, ARTIFACT = "policy-evaluate", "policy_decision"
KEYS = ("required_evidence", "require_bundle_passed", "require_artifacts_exist")


def request(session: Session, bundle: str, policy: Source) -> GateRequest:
    """Ask whether a bundle meets a JSON policy. Unknown policy keys are errors."""
    parameters, policy = interpret(policy, lambda s: read_policy(s.value))
    problem = unusable("policy", "json_policy", (policy,))
    services = (bundle_files(session, bundle), *((problem,) if problem else ()))
    return GateRequest(
        GATE,
        ARTIFACT,
        session.subject,
        session.output_dir,
        view,
        given=(session.descriptor(NAME, bundle, kind="ops_evidence_bundle"),),
        services=services,
        required=(Required(NAME, ("ops_evidence_bundle",)),),
        parameters=parameters or read_policy({}),
        claimed=session.claimed,
        policies=session.policies,
        title="Policy decision",
    )


def read_policy(value: Any) -> dict[str, Any]:
    """The policy's three keys with their defaults. Raises `UsageError` naming the key."""
    given = mapping(value, "policy", '{"required_evidence": ["certification"]}')
    known_keys(given, KEYS, "policy")
    names = given.get("required_evidence", [])
    if not isinstance(names, list) or any(not isinstance(n, str) or not n for n in names):
        raise UsageError("policy.required_evidence is not a list of names", 'write ["certification"]')
    for key in KEYS[1:]:
        if not isinstance(given.get(key, True), bool):
            raise UsageError(f"policy.{key} is not true or false", "write true or false")
    return {
        "required_evidence": sorted(set(names)),
        "require_bundle_passed": given.get("require_bundle_passed", True),
        "require_artifacts_exist": given.get("require_artifacts_exist", False),
    }


def view(verdict: Verdict) -> dict[str, Any]:
    """The fields old scripts read: violations by id, and what to do about each."""
    denied = verdict.result.denied
    return {
        "violations": list(dict.fromkeys(f.key or f.rule for f in denied)),
        "actions": list(dict.fromkeys(f.remedy for f in denied if f.remedy)),
        "items": [item for item in verdict.items() if item["name"] == NAME],
    }
