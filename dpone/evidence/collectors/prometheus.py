"""Answers of the Prometheus HTTP API, v1 (instant and range queries), against named objectives.

A query for a metric that does not exist answers 200 with an empty vector; values are strings and may be
`NaN` or `+Inf`. The collector finds and reduces the value of each objective; rules compare it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from dpone.evidence.fields import Field, names_text
from dpone.evidence.model import Counts, Document, Invalid, Reading
from dpone.evidence.objectives import Objective, met, read_objectives
from dpone.record import dataclass

KIND = "prometheus"
TITLE = "Prometheus answer"
PRODUCER = "curl -G $PROMETHEUS/api/v1/query --data-urlencode 'query=…' -o build/slo.json"

_NUMBER = re.compile(r"[-+]?([0-9]{1,400}(\.[0-9]{0,400})?|\.[0-9]{1,400})([eE][-+]?[0-9]{1,9})?")
_NOT_FINITE = re.compile(r"[-+]?(Inf|inf|NaN|nan)")
_LATEST = 253_402_300_799  # 9999-12-31T23:59:59Z


def recognize(document: Document) -> bool:
    """Whether this is an API answer: `status` with `data.resultType`, or with `errorType`."""
    root = document.root
    if document.syntax != "json" or not isinstance(root, dict):
        return False
    if root.get("status") == "error":
        return isinstance(root.get("errorType"), str) and "error" in root
    data = root.get("data")
    return root.get("status") == "success" and isinstance(data, dict) and {"resultType", "result"} <= set(data)


def read(document: Document, options: Mapping[str, Any]) -> Reading:
    """Find the value of each objective.

    `options["objectives"]` maps a metric to ``{"max": n}`` and/or ``{"min": n}`` with an optional
    ``"reduce"``; `options["metric"]` names the metric of series without a name, which arithmetic and
    aggregation leave; with one objective it is that one's.
    """
    root = Field(document.root)
    if root.at("status").text() == "error":
        error = f"{root.at('errorType').text()[:60]}: {root.at('error').text()[:200]}"
        facts = _facts([], "error", error, 0, 0)
        return Reading(KIND, "Prometheus", "failed", Counts(errored=1), facts, f"the query failed: {error}")
    data = root.at("data")
    result_type = data.at("resultType").choice(("vector", "matrix", "scalar"))
    series = _series(data.at("result"), result_type)
    objectives = read_objectives(options)
    unnamed = _unnamed(options, objectives)
    found = [_evaluate(objective, series, unnamed) for objective in objectives]
    warnings = root.get("warnings")
    facts = _facts(found, "success", "", len(series), len(warnings.array()) if warnings else 0)
    missed = [each for each in found if each["has_value"] and not met(each)]
    empty = [each for each in found if not each["has_value"]]
    return Reading(
        kind=KIND,
        tool="Prometheus",
        reported="failed" if missed else "passed" if len(empty) < len(found) else "empty",
        counts=Counts(
            passed=len(found) - len(missed) - len(empty), failed=len(missed), not_evaluated=len(empty)
        ),
        facts=facts,
        summary=_summary(found, missed, empty, len(series)),
        produced_at=min((each.time for each in series), default=None),
    )


@dataclass(frozen=True)
class _Series:
    """Samples of one series in the order of time; a value that is not finite is None."""

    name: str
    values: tuple[float | None, ...]
    time: datetime
    pointer: str


def _unnamed(options: Mapping[str, Any], objectives: list[Objective]) -> str:
    metric = options.get("metric") or ""
    metrics = {objective.metric for objective in objectives}
    return str(metric) if metric else metrics.pop() if len(metrics) == 1 else ""


def _series(result: Field, result_type: str) -> list[_Series]:
    if result_type == "scalar":
        value, time = _sample(result)
        return [_Series("", (value,), time, f"{result.pointer}/1")]
    found = []
    for each in result.array():
        labels = each.at("metric")
        named = labels.get("__name__")
        name = named.text() if named else ""
        if result_type == "vector":
            value, time = _sample(each.at("value"))
            found.append(_Series(name, (value,), time, f"{each.pointer}/value"))
            continue
        samples = [_sample(sample) for sample in each.at("values").array()]
        if samples:
            latest = max(time for _, time in samples)
            found.append(_Series(name, tuple(value for value, _ in samples), latest, f"{each.pointer}/values"))
    return found


def _sample(pair: Field) -> tuple[float | None, datetime]:
    items = pair.array()
    if len(items) != 2:
        raise Invalid("wrong_shape", f"{pair.pointer} is not a pair of time and value", pair.pointer)
    seconds = items[0].number()
    if not 0 <= seconds <= _LATEST:
        raise Invalid("bad_number", f"{items[0].pointer} is not a time", items[0].pointer)
    text = items[1].text()
    if _NOT_FINITE.fullmatch(text):
        return None, datetime.fromtimestamp(seconds, timezone.utc)
    if not _NUMBER.fullmatch(text):
        raise Invalid("wrong_shape", f"{items[1].pointer} is {text[:40]!r}, not a number", items[1].pointer)
    value = float(text)
    return value if math.isfinite(value) else None, datetime.fromtimestamp(seconds, timezone.utc)


def _evaluate(objective: Objective, series: list[_Series], unnamed: str) -> dict[str, Any]:
    """One objective with its value, or the reason why it has none."""
    fitting = [each for each in series if (each.name or unnamed) == objective.metric]
    values = [value for each in fitting for value in each.values]
    finite = [value for value in values if value is not None]
    value, reason = 0.0, ""
    if not values:
        reason = "no_data"
    elif len(finite) < len(values):
        reason = "not_finite"
    elif objective.reduce == "last" and len(fitting) > 1:
        reason = "several_series"
    elif not objective.reduce and len(values) > 1:
        reason = "several_series" if len(fitting) > 1 else "several_samples"
    else:
        value = _reduce(objective.reduce, finite)
        if not math.isfinite(value):
            value, reason = 0.0, "not_finite"
    pointer = fitting[0].pointer if fitting else "/data/result"
    return objective.row(None if reason else value, reason, pointer)


def _reduce(how: str, values: list[float]) -> float:
    if how == "max":
        return max(values)
    if how == "min":
        return min(values)
    if how == "last":
        return values[-1]
    try:
        total = math.fsum(values)
    except OverflowError:
        return math.inf
    return total / len(values) if how == "avg" else total


def _facts(found: list[dict[str, Any]], status: str, error: str, series: int, warnings: int) -> dict[str, Any]:
    return {
        "status": status,
        "error": error,
        "series": series,
        "warnings": warnings,
        "objectives_total": len(found),
        "objectives": found,
    }


def _summary(
    found: list[dict[str, Any]], missed: list[dict[str, Any]], empty: list[dict[str, Any]], series: int
) -> str:
    if not found:
        return f"{series} series and no objective to hold them against"
    if missed:
        first = missed[0]
        rest = f", and {len(missed) - 1} more" if len(missed) > 1 else ""
        objective = f"objective {first['operator']} {first['objective']:.15g}"
        return f"{first['metric']} is {first['value']:.15g}, {objective}{rest}"
    if empty:
        return f"no usable value for {names_text([each['metric'] for each in empty])}"
    return f"{len(found)} of {len(found)} objectives met"
