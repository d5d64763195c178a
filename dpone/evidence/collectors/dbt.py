"""dbt `run_results.json`, version 6 (dbt-core 1.8 and later).

A compiled test has the status `success` and was never run: only `pass`, `warn`, `fail` and `error` say
that a test looked at rows. See https://docs.getdbt.com/reference/artifacts/run-results-json.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from dpone.evidence.fields import LISTED, Field, names_text, plural
from dpone.evidence.model import Counts, Document, Reading, Reported, Subject
from dpone.record import dataclass
from dpone.workspace import read_time

KIND = "dbt"
TITLE = "dbt run results"
PRODUCER = "dbt build"

_FAMILY = "https://schemas.getdbt.com/dbt/run-results/"
_SCHEMA = f"{_FAMILY}v6.json"
_EXECUTING = ("build", "run", "test", "seed", "snapshot", "retry", "clone", "run-operation")
_TESTS = ("test", "unit_test")
_EXECUTED = ("passed", "warned", "failed", "errored")
_OUTCOMES = {
    "success": "passed",
    "pass": "passed",
    "warn": "warned",
    "fail": "failed",
    "error": "errored",
    "runtime error": "errored",
    "partial success": "errored",
    "skipped": "skipped",
    "no-op": "no_op",
    "reused": "not_evaluated",
}


def recognize(document: Document) -> bool:
    """Whether `metadata.dbt_schema_version` names run-results v6."""
    return schema_version(document) == _SCHEMA


def near(document: Document) -> str:
    """Name another version of the same artifact."""
    version = schema_version(document)
    return (
        f"dbt run results {version[len(_FAMILY) :][:20]}; only v6 is understood"
        if version.startswith(_FAMILY)
        else ""
    )


def schema_version(document: Document) -> str:
    """The `metadata.dbt_schema_version` of a dbt artifact, or an empty text."""
    metadata = (
        document.root.get("metadata") if document.syntax == "json" and isinstance(document.root, dict) else None
    )
    version = metadata.get("dbt_schema_version") if isinstance(metadata, dict) else None
    return version if isinstance(version, str) else ""


def metadata_claims(metadata: Field) -> Subject:
    """What the run was stamped with: dbt copies environment variables named `DBT_ENV_CUSTOM_ENV_X`
    into `metadata.env` as `X`; the names `DPONE_RELEASE`, `DPONE_COMMIT`, `DPONE_ENVIRONMENT` and
    `DPONE_RUN_ID` are claims."""
    env = metadata.get("env")

    def said(name: str) -> str:
        value = env.get(f"DPONE_{name}") if env else None
        return value.text() if value else ""

    return Subject(
        release=said("RELEASE"), commit=said("COMMIT"), environment=said("ENVIRONMENT"), run_id=said("RUN_ID")
    )


def read(document: Document, _options: Mapping[str, Any]) -> Reading:
    """Count nodes by type and outcome."""
    root = Field(document.root)
    metadata = root.at("metadata")
    command = root.at("args").at("which").text()
    ids: Counter[str] = Counter()
    nodes = [_node(result, command, ids) for result in root.at("results").array()]
    facts = _facts(nodes)
    facts |= {"command": command[:60], "invocation_id": _optional_text(metadata, "invocation_id")[:60]}
    return Reading(
        kind=KIND,
        tool=f"dbt {_optional_text(metadata, 'dbt_version')}".strip(),
        reported=_reported(facts),
        counts=Counts(
            **{name: facts[name] for name in ("passed", "failed", "errored", "skipped", "not_evaluated")}
        ),
        facts=facts,
        summary=_summary(facts, nodes),
        claims=metadata_claims(metadata),
        produced_at=read_time(_optional_text(metadata, "generated_at")),
        contradictions=tuple(f"{name[:120]} has {n} results" for name, n in ids.items() if n > 1)[:LISTED],
    )


@dataclass(frozen=True)
class _Node:
    name: str
    type: str
    status: str
    outcome: str
    pointer: str


def _node(result: Field, command: str, ids: Counter[str]) -> _Node:
    unique_id = result.at("unique_id").text()
    ids[unique_id] += 1
    status = result.at("status").choice(_OUTCOMES)
    node_type, name = _split(unique_id)
    return _Node(name, node_type, status, _outcome(status, node_type, command), result.pointer)


def _facts(nodes: list[_Node]) -> dict[str, Any]:
    outcomes = Counter(node.outcome for node in nodes)
    types = Counter("test" if node.type in _TESTS else node.type for node in nodes)
    bad = [node for node in nodes if node.outcome in ("failed", "errored")]
    skipped = [node for node in nodes if node.outcome == "skipped"]
    warned = [node for node in nodes if node.outcome == "warned"]
    not_ok = [*bad, *skipped, *warned]
    return {
        **{
            name: outcomes[name]
            for name in ("passed", "failed", "errored", "warned", "skipped", "not_evaluated")
        },
        "executed": sum(outcomes[name] for name in _EXECUTED),
        "tests_executed": sum(1 for node in nodes if node.type in _TESTS and node.outcome in _EXECUTED),
        "models": types["model"],
        "tests": types["test"],
        "seeds": types["seed"],
        "snapshots": types["snapshot"],
        "blocked": len(bad) + len(skipped),
        "blocked_text": _blocked_text(nodes, bad, skipped),
        "blocked_at": next((node.pointer for node in [*bad, *skipped]), ""),
        "warned_names": names_text([node.name for node in warned]),
        "warned_at": next((node.pointer for node in warned), ""),
        "not_ok_total": len(not_ok),
        "not_ok": [
            {
                "name": n.name[:200],
                "type": n.type,
                "status": n.status,
                "outcome": n.outcome,
                "pointer": n.pointer,
            }
            for n in not_ok[:LISTED]
        ],
    }


def _split(unique_id: str) -> tuple[str, str]:
    """Type and name of a node: `test.project.name.hash` gives `test`, `name`."""
    parts = unique_id.split(".")
    return parts[0][:60], parts[2] if len(parts) > 2 else unique_id


def _outcome(status: str, node_type: str, command: str) -> str:
    if status == "success" and (node_type in _TESTS or command not in _EXECUTING):
        return "not_evaluated"
    if status == "skipped" and node_type == "exposure":
        return "no_op"  # exposures are never run; what they depend on is listed by itself
    return _OUTCOMES[status]


def _blocked_text(nodes: list[_Node], bad: list[_Node], skipped: list[_Node]) -> str:
    """``2 of 4 tests failed: a, b; skipped after it: 1 model``."""
    parts = []
    if bad:
        types = {"test" if node.type in _TESTS else node.type for node in bad}
        noun = f"{types.pop()}s" if len(types) == 1 else "nodes"
        among = [n for n in nodes if n.outcome in _EXECUTED and (noun == "nodes" or _plural_type(n) == noun)]
        parts.append(f"{len(bad)} of {len(among)} {noun} failed: {names_text([node.name for node in bad])}")
    if skipped:
        by_type = Counter("test" if node.type in _TESTS else node.type for node in skipped)
        counted = " and ".join(plural(n, name) for name, n in sorted(by_type.items()))
        parts.append(f"skipped after it: {counted}" if bad else f"skipped: {counted}")
    return "; ".join(parts)


def _plural_type(node: _Node) -> str:
    return "tests" if node.type in _TESTS else f"{node.type}s"


def _reported(facts: Mapping[str, Any]) -> Reported:
    if facts["failed"] or facts["errored"]:
        return "failed"
    return "passed" if facts["executed"] else "empty"


def _summary(facts: Mapping[str, Any], nodes: list[_Node]) -> str:
    if facts["blocked"]:
        return str(facts["blocked_text"])
    if not facts["executed"]:
        return f"nothing was run by dbt {facts['command']}"
    models = sum(1 for node in nodes if node.type == "model" and node.outcome in _EXECUTED)
    ran = f"{plural(facts['tests_executed'], 'test')} and {plural(models, 'model')}"
    return f"{ran} ran, {facts['warned']} warned" if facts["warned"] else f"{ran} passed"


def _optional_text(metadata: Field, key: str) -> str:
    value = metadata.get(key)
    return value.text() if value else ""
