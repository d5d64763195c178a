"""Objectives in OpenSLO: what becomes a limit of a metric, and what is refused by name."""

from __future__ import annotations

import copy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dpone.data.objectives import Objective
from dpone.data.openslo import is_openslo, read_openslo
from dpone.data.strict import parse_documents
from dpone.errors import UsageError

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
RATIO = {"spec": {"ratioMetric": {"counter": True, "good": {}, "total": {}}}}
SLO: dict[str, Any] = {
    "apiVersion": "openslo/v1",
    "kind": "SLO",
    "metadata": {"name": "load"},
    "spec": {
        "service": "telemetry",
        "indicator": RATIO,
        "timeWindow": [{"duration": "28d", "isRolling": True}],
        "budgetingMethod": "Occurrences",
        "objectives": [{"target": 0.99}],
    },
}
THRESHOLD = {"metadata": {"name": "latency"}, "spec": {"thresholdMetric": {}}}


def slo(metadata: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    """The ratio SLO, changed; `...` removes."""
    changed = copy.deepcopy(SLO)
    changed["metadata"] |= metadata or {}
    changed["spec"] |= spec
    changed["spec"] = {key: value for key, value in changed["spec"].items() if value is not ...}
    return changed


def test_the_sample_is_read():
    """Its threshold is the limit; the metric is the measurement at the target's share, by the indicator's name."""
    documents = parse_documents((SAMPLES / "openslo/slo_valid.yaml").read_bytes(), "x")
    assert is_openslo(documents)
    assert read_openslo(documents) == (Objective("load-latency-seconds", "max", 5),)


def test_the_sample_with_violations_is_refused():
    """The first of them is named."""
    with pytest.raises(UsageError, match="telemetry bad name"):
        read_openslo(parse_documents((SAMPLES / "openslo/slo_invalid.yaml").read_bytes(), "x"))


def threshold(**objective: Any) -> dict[str, Any]:
    """An SLO over a threshold metric with one objective."""
    return slo(indicator=THRESHOLD, objectives=[{"target": 0.99, **objective}])


SLI = {"apiVersion": "openslo/v1", "kind": "SLI", "metadata": {"name": "good-loads"}, "spec": RATIO["spec"]}


@pytest.mark.parametrize(
    ("documents", "wanted"),
    [
        ([slo()], [Objective("load", "min", Decimal("0.99"))]),
        ([slo(objectives=[{"targetPercent": 99.95}])], [Objective("load", "min", Decimal("0.9995"))]),
        ([threshold(op="lte", value=5)], [Objective("latency", "max", 5)]),
        ([threshold(op="gte", value=2.5)], [Objective("latency", "min", Decimal("2.5"))]),
        (
            [slo({"annotations": {"dpone/metric": "good_ratio"}})],
            [Objective("good_ratio", "min", Decimal("0.99"))],
        ),
        (
            [slo(indicator=..., indicatorRef="good-loads"), SLI],
            [Objective("good-loads", "min", Decimal("0.99"))],
        ),
        (
            [
                slo(
                    objectives=[
                        {"target": 0.9, "indicator": {"metadata": {"name": n}, **RATIO}} for n in ("a", "b")
                    ]
                )
            ],
            [Objective("a", "min", Decimal("0.9")), Objective("b", "min", Decimal("0.9"))],
        ),
        (
            [{"apiVersion": "openslo/v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {}}],
            [],
        ),
    ],
)
def test_objectives_become_limits(documents, wanted):
    """A ratio is a share of good events with a minimum; a threshold is the value itself."""
    assert list(read_openslo(documents)) == wanted


@pytest.mark.parametrize(
    ("documents", "words"),
    [
        ([slo() | {"apiVersion": "openslo/v2alpha"}], "openslo/v2alpha"),
        ([slo(), {"a": 1}], "document 2"),
        ([slo() | {"kind": "Slo"}], "none of OpenSLO"),
        ([slo(timeWindow=[{"duration": "28 days"}])], "28 days"),
        ([slo(timeWindow=[])], "0 entries"),
        ([slo(budgetingMethod="Sometimes")], "Sometimes"),
        ([slo(budgetingMethod="Timeslices")], "slices of time"),
        ([slo(objectives=[])], "no objective"),
        ([slo(objectives=[{"target": 1.2}])], "below 1"),
        ([slo(objectives=[{"target": 1}])], "below 1"),
        ([slo(objectives=[{"targetPercent": 100}])], "below 100"),
        ([slo(objectives=[{"target": 0.9, "targetPercent": 90}])], "target and targetPercent"),
        ([slo(objectives=[{}])], "no target"),
        ([slo(objectives=[{"tagret": 0.9}])], "target"),
        ([slo(objectives=[{"target": True}])], "not a number"),
        ([slo(objectives=[{"target": 0.9, "value": 1}])], "no meaning for a ratioMetric"),
        ([slo(objectives=[{"target": 0.9, "compositeWeight": 2}])], "compositeWeight"),
        ([slo(objectives=[{"target": 0.9}, {"target": 0.95}])], "two limits"),
        ([threshold(op="lt", value=5)], "not inclusive"),
        ([threshold(op="eq", value=5)], "no operator"),
        ([threshold(op="lte")], "no value"),
        ([slo(indicator=...)], "one of them"),
        ([slo(indicatorRef="x")], "one of them"),
        ([slo(indicator=..., indicatorRef="gone")], "no SLI"),
        ([slo(indicator={"spec": {}})], "0 metrics"),
        ([slo(indicators={})], "indicator"),
        ([slo({"name": "Bad Name"})], "Bad Name"),
    ],
)
def test_what_cannot_be_held_against_one_number_is_refused(documents, words):
    """One clear line that names the SLO and the field."""
    with pytest.raises(UsageError) as caught:
        read_openslo(documents)
    told = f"{caught.value.message} {caught.value.advice}"
    assert words in told
    assert "\n" not in told
