"""The canonical input a case speaks of: a complete, valid one, changed in the places the case names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from dpone.config.load import Config, default_config, protect, read_config
from dpone.decisions.casefile import CaseProblem, CaseText
from dpone.decisions.gate_input import INPUT_SCHEMA, GateInput, config_document, made_input
from dpone.decisions.request import Required
from dpone.errors import UsageError
from dpone.evidence import artifacts
from dpone.evidence.model import Counts, Evidence, Seal, Subject
from dpone.evidence.recognition import collectors
from dpone.policy.layers import input_schema
from dpone.record import asdict
from dpone.shipped import shipped

NOW = "2026-01-15T12:00:00Z"
MADE = "2026-01-15T11:50:00Z"
DEFAULTS = Path(__file__).with_name("case_defaults.json")
_ACTOR = {
    "identity": "ci@example.com", "roles": ["ci"], "trust": "anchored", "signing": "key", "claimed": "",
    "claim_matches": False,
}  # fmt: skip
_WEEK = 7 * 86400


def case_input(case: CaseText) -> tuple[GateInput, list[Evidence]]:
    """The input of a case and the evidence in it. Raises `CaseProblem` for what no gate could ever see."""
    below = case.below
    config = _config(case)
    subject = Subject(_text(case, "release", "v1.0.0"), environment=_text(case, "environment", ""))
    protected = below.get("protected", False)
    if not isinstance(protected, bool):
        raise CaseProblem(case.line_of("protected"), "`protected` is true or false")
    config = protect(config) if protected else config
    given = below.get("evidence", {"tests": {"kind": "junit"}})
    if not isinstance(given, dict):
        raise CaseProblem(case.line_of("evidence"), "`evidence` holds names: {coverage: {kind: coverage}}")
    items = [_item(case, name, value) for name, value in sorted(given.items())]
    document = {
        "schema": INPUT_SCHEMA,
        "gate": case.gate,
        "evaluated_at": NOW,
        "clock": "system",
        "subject": asdict(subject),
        "protected": protected,
        "engine": {"name": "regopy", "trust": "embedded"},
        "actor": dict(_ACTOR),
        "parameters": below.get("parameters", {}),
        "required": [Required(name, (), _WEEK).item() for name in _required(case)],
        "evidence": items,
        "layers": [],
        "approvals": below.get("approvals", []),
        "waivers": [],
        "history": below.get("history", []),
    }
    _validate(case, document, items)
    rules = config_document(config, case.gate)
    try:
        gate_input = made_input(document, rules)
    except ValueError as problem:
        raise CaseProblem(case.line_of(), f"no decision could hold this: {problem}") from None
    known = [
        Evidence(i["name"], i["source"]["uri"], i["state"], i["reason"], i["reason"], i["kind"]) for i in items
    ]
    return gate_input, known


def _config(case: CaseText) -> Config:
    """The shipped defaults, with what the case says as a dpone.yaml would."""
    own: dict[str, Any] = {**case.below.get("config", {})}
    settings = case.below.get("settings")
    profile = case.below.get("profile")
    if not own and settings is None and profile is None:
        return default_config()
    if profile is not None:
        own["profile"] = profile
    if settings is not None:
        own["gates"] = _with_settings(own.get("gates") or {}, case.gate, settings)
    try:
        return read_config(json.dumps({"version": 1, **own}).encode())
    except UsageError as error:
        said = error.message.removeprefix("dpone.yaml: ")
        raise CaseProblem(case.line_of("config" if case.below.get("config") else "settings"), said) from None


def _with_settings(gates: Any, gate: str, settings: Any) -> Any:
    """The block `gates` with a gate's settings; what is no block stays, for the configuration to refuse."""
    below = (gates.get(gate) or {}) if isinstance(gates, dict) else None
    return {**gates, gate: {**below, "settings": settings}} if isinstance(below, dict) else gates


def _text(case: CaseText, key: str, standard: str) -> str:
    value = case.below.get(key, standard)
    if not isinstance(value, str):
        raise CaseProblem(case.line_of(key), f"`{key}` is a text; put it in quotes")
    return value


def _required(case: CaseText) -> list[str]:
    names = case.below.get("required", [])
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise CaseProblem(case.line_of("required"), "`required` is a list of names: [tests, coverage]")
    return sorted(set(names))


def _item(case: CaseText, name: str, value: Any) -> dict[str, Any]:
    """One piece of evidence: the default of its kind with what the case says over it."""
    if not name.strip() or not name.isprintable():
        raise CaseProblem(case.line_of("evidence", name), "a name is printable and not empty")
    said = {"state": value} if isinstance(value, str) else value
    if not isinstance(said, dict):
        raise CaseProblem(case.line_of("evidence", name), "say at least its kind: {kind: junit}")
    properties = input_schema()["properties"]["evidence"]["items"]["properties"]
    for key in said:
        if key not in properties or key in ("name", "source"):
            import difflib

            near = difflib.get_close_matches(str(key), properties, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise CaseProblem(case.line_of("evidence", name, key), f"evidence has no field {key!r}{hint}")
    state = said.get("state", "present")
    if state == "present":
        standard = _standard(case, name, said)
    else:
        standard = Evidence(name, f"build/{name}", state, state, max_age_seconds=_WEEK).item()
    return _over(standard, said)


def _standard(case: CaseText, name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """A piece of evidence of this kind that is sealed, fresh, and about this very release."""
    kind = said.get("kind")
    default = _default(case.gate, kind, said.get("producer")) if isinstance(kind, str) and kind else None
    if default is None:
        import difflib

        near = difflib.get_close_matches(str(kind or ""), [*_defaults(), *_schemas()], n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        message = f"{name} needs a kind of evidence that is known, not {kind!r}{hint}"
        raise CaseProblem(case.line_of("evidence", name, "kind"), message)
    evidence = Evidence(
        name, f"build/{name}", "present", kind=str(kind), producer=default.get("producer", "tool"),
        reported=default.get("reported", "passed"), counts=Counts(**default.get("counts", {})),
        sha256="0" * 64, size_bytes=1000,
        seal=Seal("valid", "anchored", "ci@example.com", ("ci",)), binding="matched", dated="signer",
        produced_at=MADE, age_seconds=600, max_age_seconds=_WEEK, facts=default["facts"],
    )  # fmt: skip
    return evidence.item()


def _over(standard: dict[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """`standard` with what is said laid over it; maps are merged, lists and values replaced."""
    result = dict(standard)
    for key, value in said.items():
        below = result.get(key)
        result[key] = _over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return result


@cache
def _defaults() -> dict[str, dict[str, Any]]:
    kinds: dict[str, dict[str, Any]] = json.loads(DEFAULTS.read_text("utf-8"))["kinds"]
    return kinds


@cache
def _schemas() -> tuple[str, ...]:
    """The kinds whose facts have a schema."""
    return tuple(
        sorted(path.name.removesuffix(".v1.json") for path in shipped("schemas", "evidence").glob("*.v1.json"))
    )


def _default(gate: str, kind: str, producer: Any) -> dict[str, Any] | None:
    """What evidence of a kind is unless the case says otherwise: a tool's report, a decision of dpone's, or
    what a command found out itself. A kind that can be both of the latter is a decision in the release gate
    and what the command found out in any other, where `producer` does not say it; None: an unknown kind."""
    tools = {collector.kind for collector in collectors()}
    known = _defaults().get("custom/*" if kind.startswith("custom/") else kind)
    if known and producer in (None, "tool"):
        return known
    gates = {path.name for path in shipped("policies", "dpone", "gates").iterdir() if path.is_dir()}
    if producer == "dpone" or (producer is None and kind not in tools and _decided(gate, kind, gates)):
        return {"producer": "dpone", "facts": _artifact(kind)}
    if kind in _schemas():
        schema = json.loads(shipped("schemas", "evidence", f"{kind}.v1.json").read_text("utf-8"))
        return {"producer": "tool" if kind in tools else "service", "facts": _smallest(schema)}
    return {"producer": producer, "facts": {}} if producer is not None else None


def _decided(gate: str, kind: str, gates: set[str]) -> bool:
    return kind in gates | set(_schemas()) and (gate == "release-gate" or kind not in _schemas())


def _artifact(kind: str) -> dict[str, Any]:
    """The facts of a decision that passed, as its collector reads them."""
    signed = {
        "kind": kind, "gate": kind.replace("_", "-"), "passed": True, "status": "passed", "checks": {},
        "subject": asdict(Subject(release="v1.0.0")), "decided_at": MADE, "said": {},
    }  # fmt: skip
    return dict(artifacts.read(signed, {}, "0" * 64).facts)


def _smallest(schema: Mapping[str, Any]) -> Any:
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        wanted = schema.get("required", ())
        return {key: _smallest(schema.get("properties", {}).get(key, {})) for key in wanted}
    least = schema.get("minimum", 0)
    return {"array": [], "string": "", "integer": least, "number": least, "boolean": False}.get(kind)


def _validate(case: CaseText, document: Mapping[str, Any], items: list[dict[str, Any]]) -> None:
    """Every field of the input and of the facts has the type that rules are promised."""
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(input_schema()).iter_errors(document):
        where = list(error.absolute_path)
        path: list[str | int] = ["evidence", items[int(where[1])]["name"], *where[2:]] if where[:1] == [
            "evidence"
        ] and len(where) > 1 else where  # fmt: skip
        raise CaseProblem(case.line_of(*path), f"{'.'.join(map(str, path))}: {_short(error.message)}")
    for item in items:
        if item["state"] != "present" or item["kind"] not in _schemas() or item["producer"] == "dpone":
            continue
        facts = json.loads(shipped("schemas", "evidence", f"{item['kind']}.v1.json").read_text("utf-8"))
        for error in Draft202012Validator(facts).iter_errors(item["facts"]):
            path = ["evidence", item["name"], "facts", *error.absolute_path]
            if error.validator == "additionalProperties":
                extra = [key for key in item["facts"] if key not in facts.get("properties", {})]
                path += extra[:1] if len(path) == 3 else []
            raise CaseProblem(case.line_of(*path), f"{'.'.join(map(str, path))}: {_short(error.message)}")


def _short(message: str) -> str:
    return message if len(message) < 200 else f"{message[:200]} …"
