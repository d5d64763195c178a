"""Metrics against objectives: the facts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpone.canonical import canonical_bytes
from dpone.data.objectives import ACTIONS, evaluate, read_metrics, read_objectives
from dpone.data.strict import parse_exact
from dpone.errors import UsageError


def facts_of(metrics: bytes, objectives: bytes):
    """Facts from the texts a user would type."""
    return evaluate(
        read_metrics(parse_exact(metrics, "metrics")), read_objectives(parse_exact(objectives, "objectives"))
    ).facts()


def test_the_seed_example():
    """The example of the operations guide has three objectives on the good side of their limits."""
    facts = facts_of(
        b'{"freshness_lag_seconds":120,"throughput_rows_per_second":2500,"failure_rate":0.001}',
        b'{"freshness_lag_seconds":{"max":300},"throughput_rows_per_second":{"min":1000},"failure_rate":{"max":0.01}}',
    )
    assert facts["objective_count"] == 3
    assert facts["totals"] == {"missing": 0, "above_max": 0, "below_min": 0}
    assert [(r["code"], r["relation"]) for r in facts["results"]] == [
        ("slo.freshness_lag_seconds.max", "below"),
        ("slo.throughput_rows_per_second.min", "above"),
        ("slo.failure_rate.max", "below"),
    ]


@pytest.mark.parametrize(
    ("actual", "limit", "relation"),
    [
        ("0.1", "0.10", "equal"),
        ("0.30000000000000004", "0.3", "above"),
        ("0.3000000000000000000000001", "0.3", "above"),
        ("9007199254740993", "9007199254740992", "above"),
        ("123456789012345678901234567890", "123456789012345678901234567891", "below"),
        ("1e2", "100", "equal"),
        ("-1", "-0.5", "below"),
        ("0.0", "0", "equal"),
    ],
)
def test_comparison_is_exact(actual, limit, relation):
    """Digits beyond a double still decide on which side of the limit a metric lies."""
    facts = facts_of(b'{"m":%s}' % actual.encode(), b'{"m":{"max":%s}}' % limit.encode())
    assert facts["results"][0]["relation"] == relation
    canonical_bytes(facts)


def test_a_missing_metric_has_no_value():
    """Absent or null, a metric is missing: no invented number takes part in a comparison."""
    facts = facts_of(b'{"a":null}', b'{"a":{"max":1},"b":{"min":1}}')
    assert [(r["code"], r["has_value"], r["relation"], r["actual_text"]) for r in facts["results"]] == [
        ("slo.a.missing", False, "none", ""),
        ("slo.b.missing", False, "none", ""),
    ]
    assert facts["totals"]["missing"] == 2


def test_both_sides_of_one_metric():
    """A metric with min and max has two results, each with its own code."""
    facts = facts_of(b'{"m":5}', b'{"m":{"min":6,"max":8}}')
    assert [(r["code"], r["relation"]) for r in facts["results"]] == [
        ("slo.m.min", "below"),
        ("slo.m.max", "below"),
    ]
    assert facts["totals"] == {"missing": 0, "above_max": 0, "below_min": 1}


def test_no_objectives_and_unjudged_metrics_are_visible():
    """Nothing evaluated is a fact; so is a metric nobody set an objective for."""
    facts = facts_of(b'{"x":1}', b"{}")
    assert (facts["objective_count"], facts["results"], facts["unjudged_metrics"]) == (0, [], ["x"])


def test_known_metrics_have_the_action_of_the_guide():
    """Every metric family of the operations guide has its own advice."""
    for metric, action in ACTIONS.items():
        facts = facts_of(b'{"%s":1}' % metric.encode(), b'{"%s":{"max":0}}' % metric.encode())
        assert facts["results"][0]["action"] == action


@pytest.mark.parametrize(
    "objectives",
    [b"[]", b'{"m":1}', b'{"m":{}}', b'{"m":{"maximum":1}}', b'{"m":{"max":"1"}}', b'{"m":{"max":true}}',
     b'{"m":{"max":null}}', b'{"m":{"min":2,"max":1}}', b'{"m":{"max":1,"max":2}}', b'{"m":{"max":NaN}}',
     b'{"m":{"max":1e999}}', b'{"":{"max":1}}', b"", b"{"],
)  # fmt: skip
def test_objectives_that_mean_nothing_are_refused(objectives):
    """An objective without a clear limit is an error, never dropped."""
    with pytest.raises(UsageError, match="objectives"):
        read_objectives(parse_exact(objectives, "objectives"))


@pytest.mark.parametrize(
    "metrics", [b"3", b'{"m":"3"}', b'{"m":true}', b'{"m":[1]}', b'{"m":Infinity}', b'{"m":NaN}']
)
def test_metrics_that_are_no_numbers_are_refused(metrics):
    """A metric is a number; nothing is guessed from a text."""
    with pytest.raises(UsageError, match="metrics"):
        read_metrics(parse_exact(metrics, "metrics"))


BIG = 10**30
numbers = st.integers() | st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-BIG, max_value=BIG, places=9
)


@given(numbers, st.integers(-(10**40), 10**40))
def test_facts_are_always_canonical(actual, limit):
    """Whatever the numbers, the facts can be hashed and say the true relation."""
    metrics, objectives = read_metrics({"m": actual}), read_objectives({"m": {"max": limit}})
    (row,) = evaluate(metrics, objectives).facts()["results"]
    canonical_bytes(row)
    assert row["relation"] == ("equal" if actual == limit else "above" if actual > limit else "below")
