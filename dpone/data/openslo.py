"""Service level objectives in OpenSLO v1, read as limits of metrics (https://github.com/OpenSLO/OpenSLO).

A threshold objective `op: lte, value: 5, target: 0.99` wants 99 % of the measurements at most 5: its metric
is the measurement at that share (the 99th percentile) and its limit the value. A ratio objective wants a share of
good events: its metric is that share, from 0 to 1, and its limit the target. What cannot be said that way is an
error that names it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from dpone.data.objectives import Objective
from dpone.data.strict import known_keys, listing, mapping, number, shown
from dpone.errors import UsageError

METRIC = "dpone/metric"
"""The annotation that names the metric of an SLO, where its indicator's name is not it."""

_KINDS = ("SLO", "SLI", "Service", "DataSource", "AlertPolicy", "AlertCondition", "AlertNotificationTarget")
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_DURATION = re.compile(r"[1-9][0-9]{0,5}[mhdwMQY]", re.ASCII)
_SPEC = (
    "description", "service", "indicator", "indicatorRef", "timeWindow", "budgetingMethod", "objectives", "alertPolicies",
)  # fmt: skip
_OBJECTIVE = (
    "displayName", "op", "value", "target", "targetPercent", "timeSliceTarget", "timeSliceWindow", "indicator",
    "indicatorRef", "compositeWeight",
)  # fmt: skip
_SIDES: dict[str, Literal["max", "min"]] = {"lte": "max", "gte": "min"}


def is_openslo(documents: Sequence[Any]) -> bool:
    """Whether a parsed document claims to be of OpenSLO."""
    return any(
        isinstance(each, Mapping) and str(each.get("apiVersion", "")).startswith("openslo/")
        for each in documents
    )


def read_openslo(documents: Sequence[Any]) -> tuple[Objective, ...]:
    """The limits of every SLO among the documents. Raises `UsageError` with one clear line."""
    slos: list[tuple[str, Mapping[str, Any], Mapping[str, Any]]] = []
    indicators: dict[str, Mapping[str, Any]] = {}
    for place, each in enumerate(documents):
        document = mapping(each, f"document {place + 1}", "{apiVersion: openslo/v1, kind: SLO}")
        if document.get("apiVersion") != "openslo/v1":
            raise UsageError(
                f"document {place + 1} is of {shown(document.get('apiVersion'))}", "write it in openslo/v1"
            )
        kind, name = document.get("kind"), _name(document, f"document {place + 1}")
        if kind not in _KINDS:
            raise UsageError(
                f"{name}: kind {shown(kind)} is none of OpenSLO", f"choose from {', '.join(_KINDS)}"
            )
        spec = mapping(document.get("spec", {}), f"{name}.spec", "{service: orders}")
        if kind == "SLO":
            slos.append((name, document["metadata"], spec))
        elif kind == "SLI":
            indicators[name] = spec
    found: list[Objective] = []
    for name, metadata, spec in slos:
        found += _slo(name, metadata, spec, indicators)
    sides = [(each.metric, each.operator) for each in found]
    for side in sides:
        if sides.count(side) > 1:
            raise UsageError(
                f"the metric {side[0]} has two limits for {side[1]}",
                f"name another with the annotation {METRIC}",
            )
    return tuple(found)


def _name(document: Mapping[str, Any], where: str) -> str:
    metadata = mapping(document.get("metadata"), f"{where}.metadata", "{name: load-latency}")
    name = metadata.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UsageError(f"{where}: metadata.name is {shown(name)}", "write small letters, digits and -")
    return name


def _slo(
    name: str, metadata: Mapping[str, Any], spec: Mapping[str, Any], indicators: Mapping[str, Mapping[str, Any]]
) -> list[Objective]:
    known_keys(spec, _SPEC, f"{name}.spec")
    _window(spec, name)
    method = spec.get("budgetingMethod")
    if method in ("Timeslices", "RatioTimeslices"):
        raise UsageError(
            f"{name}: budgetingMethod {method} counts slices of time",
            "one number is held here: use Occurrences",
        )
    if method != "Occurrences":
        raise UsageError(f"{name}: budgetingMethod is {shown(method)}", "write Occurrences")
    annotations = mapping(
        metadata.get("annotations", {}), f"{name}.metadata.annotations", f'{{"{METRIC}": "x"}}'
    )
    rows = listing(spec.get("objectives", []), f"{name}.objectives", "[{target: 0.99}]")
    if not rows:
        raise UsageError(f"{name} has no objective", "write it like objectives: [{target: 0.99}]")
    found = []
    for place, each in enumerate(rows):
        where = f"{name}.objectives[{place}]"
        objective = mapping(each, where, "{target: 0.99}")
        known_keys(objective, _OBJECTIVE, where)
        own = objective if {"indicator", "indicatorRef"} & set(objective) else spec
        called, indicator = _indicator(own, where, indicators)
        metric = annotations.get(METRIC, called or name) if own is spec else called or name
        found.append(_objective(objective, where, str(metric), indicator))
    return found


def _window(spec: Mapping[str, Any], name: str) -> None:
    windows = listing(spec.get("timeWindow", []), f"{name}.timeWindow", "[{duration: 28d, isRolling: true}]")
    if len(windows) != 1:
        raise UsageError(f"{name}.timeWindow has {len(windows)} entries", "write exactly one")
    window = mapping(windows[0], f"{name}.timeWindow[0]", "{duration: 28d, isRolling: true}")
    duration = window.get("duration")
    if not isinstance(duration, str) or not _DURATION.fullmatch(duration):
        raise UsageError(f"{name}.timeWindow[0].duration is {shown(duration)}", "write it like 28d, 4w or 1M")


def _indicator(
    holder: Mapping[str, Any], where: str, indicators: Mapping[str, Mapping[str, Any]]
) -> tuple[str, Mapping[str, Any]]:
    """The name of the indicator, empty where it has none, and its spec."""
    if ("indicator" in holder) == ("indicatorRef" in holder):
        raise UsageError(f"{where} needs an indicator or an indicatorRef, one of them", "write one")
    if "indicatorRef" in holder:
        name = str(holder["indicatorRef"])
        if name not in indicators:
            raise UsageError(
                f"{where}: there is no SLI {shown(name)} in this file", "add it as a document of kind SLI"
            )
        return name, indicators[name]
    indicator = mapping(holder["indicator"], f"{where}.indicator", "{spec: {ratioMetric: {}}}")
    called = mapping(indicator.get("metadata", {}), f"{where}.indicator.metadata", "{name: x}").get("name", "")
    return str(called), mapping(indicator.get("spec"), f"{where}.indicator.spec", "{ratioMetric: {}}")


def _objective(
    objective: Mapping[str, Any], where: str, metric: str, indicator: Mapping[str, Any]
) -> Objective:
    """One objective as a limit; `target` is checked even where the limit is the value."""
    target = _target(objective, where)
    for key in ("timeSliceTarget", "timeSliceWindow", "compositeWeight"):
        if key in objective:
            raise UsageError(f"{where}: {key} cannot be held against one number", "leave it out")
    kinds = [key for key in ("thresholdMetric", "ratioMetric") if key in indicator]
    if len(kinds) != 1:
        raise UsageError(
            f"{where}: its indicator has {len(kinds)} metrics", "write thresholdMetric or ratioMetric"
        )
    if kinds == ["ratioMetric"]:
        for key in ("op", "value"):
            if key in objective:
                raise UsageError(f"{where}: {key} has no meaning for a ratioMetric", "leave it out")
        return Objective(metric, "min", target)
    op = objective.get("op")
    if op not in _SIDES:
        said = "is not inclusive, and limits here are" if op in ("lt", "gt") else "is no operator"
        raise UsageError(f"{where}: op {shown(op)} {said}", "write lte or gte")
    if "value" not in objective:
        raise UsageError(f"{where} has no value", "a thresholdMetric needs op and value")
    return Objective(metric, _SIDES[op], number(objective["value"], f"{where}.value"))


def _target(objective: Mapping[str, Any], where: str) -> Decimal:
    given = [key for key in ("target", "targetPercent") if key in objective]
    if len(given) != 1:
        raise UsageError(
            f"{where} has {' and '.join(given) or 'no target'}", "write target or targetPercent, one of them"
        )
    value = Decimal(number(objective[given[0]], f"{where}.{given[0]}"))
    limit = 1 if given == ["target"] else 100
    if not 0 <= value < limit:
        raise UsageError(
            f"{where}.{given[0]} is {shown(objective[given[0]])}", f"write a number from 0 to below {limit}"
        )
    return value / limit
