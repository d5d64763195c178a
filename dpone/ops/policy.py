"""Policy-as-code on an evidence bundle: the keys of a JSON policy are parameters of Rego rules."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr, ValidationError

from dpone.data.strict import known_keys, mapping
from dpone.decisions.request import GateRequest, Required, Verdict
from dpone.errors import UsageError
from dpone.ops.bundle import NAME, bundle_files
from dpone.ops.session import Session
from dpone.ops.source import Source, interpret, unusable
from dpone.record import replace

ARTIFACT = "policy_decision"


class JsonPolicy(BaseModel):
    """A JSON policy as people write it on the command line. Types are strict; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    required_evidence: list[Annotated[StrictStr, Field(min_length=1)]] = []
    require_bundle_passed: StrictBool = True
    require_artifacts_exist: StrictBool = False


def request(session: Session, bundle: str, policy: Source) -> GateRequest:
    """Ask whether a bundle meets a JSON policy. Unknown policy keys are errors."""
    parameters, policy = interpret(policy, lambda s: read_policy(s.value))
    problem = unusable("policy", "json_policy", (policy,))
    services = (bundle_files(session, bundle), *((problem,) if problem else ()))
    return replace(
        session.ask(ARTIFACT, view),
        given=(session.descriptor(NAME, bundle, kind="ops_evidence_bundle"),),
        services=services,
        required=(Required(NAME, ("ops_evidence_bundle",)),),
        parameters=parameters or read_policy({}),
        title="Policy decision",
    )


def read_policy(value: Any) -> dict[str, Any]:
    """The policy's three keys with their defaults. Raises `UsageError` naming the key."""
    given = mapping(value, "policy", '{"required_evidence": ["certification"]}')
    known_keys(given, JsonPolicy.model_fields, "policy")
    try:
        policy = JsonPolicy.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in ("policy", *first["loc"]))
        raise UsageError(f"{where}: {first['msg'].lower()}", "see dpone ops policy-evaluate --help") from None
    return {**policy.model_dump(), "required_evidence": sorted(set(policy.required_evidence))}


def view(verdict: Verdict) -> dict[str, Any]:
    """The fields old scripts read: violations by id, and what to do about each."""
    denied = verdict.result.denied
    return {
        "violations": list(dict.fromkeys(f.key or f.rule for f in denied)),
        "actions": list(dict.fromkeys(f.remedy for f in denied if f.remedy)),
        "items": [item for item in verdict.items() if item["name"] == NAME],
    }
