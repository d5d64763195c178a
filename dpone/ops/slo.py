"""SLO evaluation: metrics of a run or release held against objectives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpone.data.objectives import (
    Objective,
    ObjectiveFacts,
    ObjectiveResult,
    evaluate,
    read_metrics,
    read_objectives,
)
from dpone.data.openslo import is_openslo, read_openslo
from dpone.data.strict import json_number, parse_documents, parse_exact
from dpone.decisions.request import GateRequest, Verdict
from dpone.errors import UsageError
from dpone.evidence.collect import Service
from dpone.ops.session import Session
from dpone.ops.source import Source, interpret, unusable
from dpone.record import replace

ARTIFACT = "slo_report"


def request(session: Session, metrics: Source, objectives: Source) -> GateRequest:
    """Ask whether the metrics meet the objectives."""
    told, metrics = interpret(metrics, lambda s: read_metrics(parse_exact(s.data, s.option)))
    wanted, objectives = interpret(objectives, read_limits)
    found = evaluate(told, wanted) if told is not None and wanted is not None else None
    service = unusable("slo", ARTIFACT, (metrics, objectives)) or _service(found, (metrics, objectives))
    return replace(
        session.ask(ARTIFACT, lambda verdict: view(verdict, found)),
        services=(service,),
        title="SLO report",
    )


def read_limits(source: Source) -> tuple[Objective, ...]:
    """The objectives in either form, told by their content. Raises `UsageError`."""
    documents = parse_documents(source.data, source.option)
    if is_openslo(documents):
        return read_openslo(documents)
    if len(documents) != 1:
        raise UsageError(f"{source.option} holds {len(documents)} documents", "give one map of objectives")
    return read_objectives(documents[0])


def _service(found: ObjectiveFacts | None, sources: tuple[Source, ...]) -> Service:
    assert found is not None
    facts = found.facts()
    return Service(
        "slo",
        ARTIFACT,
        facts,
        f"{facts['objective_count']} objectives",
        materials=tuple(source.material() for source in sources),
    )


def view(verdict: Verdict, found: ObjectiveFacts | None) -> dict[str, Any]:
    """The fields old scripts read; whether an objective is met is what the rules said."""
    red, noted = verdict.red("slo"), verdict.noted("slo")
    return {"results": [_row(result, red, noted) for result in (found.results if found else ())]}


def _row(result: ObjectiveResult, red: Mapping[str, str], noted: Mapping[str, str]) -> dict[str, Any]:
    passed = result.code not in red
    severity = "pass" if passed and result.code not in noted else ("warn" if passed else "fail")
    return {
        "code": result.code,
        "metric": result.objective.metric,
        "operator": result.objective.operator,
        "actual": json_number(result.actual) if result.has_value else None,
        "objective": json_number(result.objective.limit),
        "passed": passed,
        "severity": severity,
        "action": "" if passed else result.action,
    }
