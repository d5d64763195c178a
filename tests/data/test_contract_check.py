"""Rows against contracts: the facts."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpone.canonical import canonical_bytes
from dpone.data.contract_check import MAX_LISTED, MAX_ROWS_NAMED, check
from dpone.data.contracts import read_contract
from dpone.data.strict import parse_exact


def one(rows, contract):
    """The only result of a contract with one check."""
    (result,) = check(rows, read_contract(contract)).results
    return result


def test_every_row_is_judged_for_a_required_column():
    """A column that stands in one row only is missing from the others."""
    result = one([{"id": 1}, {}, {"id": None}], {"required_columns": ["id"]})
    assert (result.code, result.checked, result.seen, result.violations, result.rows) == (
        "required_columns.id", 3, 2, 1, (1,),
    )  # fmt: skip


def test_a_missing_column_is_null():
    """not_null finds explicit nulls and absent columns alike."""
    result = one([{"id": 1}, {}, {"id": None}], {"not_null": ["id"]})
    assert (result.violations, result.rows) == (2, (1, 2))


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (1, 1.0, True),
        (1, Decimal("1.00"), True),
        (0.1, Decimal("0.1"), True),
        (1, "1", False),
        (1, True, False),
        (0, False, False),
        ("a", "A", False),
        ([1], [1.0], True),
        ([1], [True], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        (2**53, 2**53 + 1, False),
    ],
)
def test_unique_compares_values_not_python_objects(left, right, same):
    """Numbers are equal by value; a number never equals a text or a boolean."""
    assert one([{"id": left}, {"id": right}], {"unique": ["id"]}).violations == int(same)


def test_a_null_in_a_key_is_counted_apart():
    """NULL can't be shown to be unique: such rows are neither duplicates nor fine."""
    result = one(
        [{"a": 1, "b": None}, {"a": 1, "b": None}, {"a": 1, "b": 2}, {"a": 1}], {"unique": [["a", "b"]]}
    )
    assert (result.code, result.violations, result.null_keys, result.rows) == ("unique.a+b", 0, 3, (0, 1, 3))


@pytest.mark.parametrize(
    ("count", "contract", "operator", "relation"),
    [
        (0, {"min_rows": 1}, "min", "below"),
        (1, {"min_rows": 1}, "min", "equal"),
        (2, {"min_rows": 1}, "min", "above"),
        (2, {"max_rows": 1}, "max", "above"),
        (1, {"max_rows": 1}, "max", "equal"),
    ],
)
def test_row_counts_stand_to_their_limit(count, contract, operator, relation):
    """Row limits are stated as a relation, so that the rule says what is allowed."""
    result = one([{"a": 1}] * count, contract)
    assert (result.operator, result.relation, result.actual) == (operator, relation, count)


@pytest.mark.parametrize(
    ("nulls", "total", "limit", "relation"),
    [
        (1, 10, "0.1", "equal"),
        (1, 3, "0.3333333333333333333333333333333333", "above"),
        (1, 3, "0.3333333333333333333333333333333334", "below"),
        (0, 3, "0", "equal"),
        (3, 3, "1", "equal"),
    ],
)
def test_null_ratio_is_exact(nulls, total, limit, relation):
    """No rounding moves a ratio across its limit."""
    contract = parse_exact(b'{"max_null_ratio": {"a": ' + limit.encode() + b"}}", "contract")
    rows = [{"a": None}] * nulls + [{"a": 1}] * (total - nulls)
    assert one(rows, contract).relation == relation


def test_null_ratio_of_nothing_has_no_relation():
    """With no row there is no ratio, good or bad."""
    assert one([], {"max_null_ratio": {"a": 0.5}}).relation == "none"


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("string", ["", "1"], [1, True, []]),
        ("integer", [1, 1.0, -3, Decimal("2.0"), 1e300], [1.5, "1", True]),
        ("number", [1, 1.5], ["1", False]),
        ("boolean", [True, False], [0, 1, "true"]),
        ("object", [{}], [[], "x"]),
        ("array", [[]], [{}, "x"]),
        ("date", ["2026-02-28"], ["2026-02-30", "2026-2-3", "20260228", 20260228, "2026-02-28T00:00:00Z"]),
        (
            "timestamp",
            ["2026-02-28T01:02:03Z", "2026-02-28 01:02:03+02:00"],
            ["2026-02-28", "2026-02-28T01:02:03"],
        ),
    ],
)
def test_types(name, good, bad):
    """Every type takes its own values only, and NULL is left to not_null."""
    result = one([{"a": value} for value in [*good, None]], {"types": {"a": name}})
    assert result.violations == 0
    assert one([{"a": value} for value in bad], {"types": {"a": [name]}}).violations == len(bad)


def test_allowed_values_and_range():
    """Values outside the list or the limits are counted with their rows."""
    rows = [
        {"u": "C", "n": 0},
        {"u": "K", "n": 5},
        {"u": 1, "n": "5"},
        {"u": None, "n": None},
        {"u": "C", "n": 4},
    ]
    allowed = one(rows, {"allowed_values": {"u": ["C", "F"]}})
    assert (allowed.violations, allowed.rows) == (2, (1, 2))
    ranged = one(rows, {"range": {"n": {"min": 0, "max": 4}}})
    assert (ranged.violations, ranged.rows) == (2, (1, 2))


def test_an_empty_contract_and_no_rows_are_visible():
    """Nothing evaluated is a fact a rule can see: no results, no rows."""
    facts = check([], read_contract({})).facts()
    assert (facts["row_count"], facts["result_count"], facts["results"]) == (0, 0, [])


def test_a_column_that_never_occurs_is_visible():
    """A misspelt column in a types check breaks no row, and is counted as unseen."""
    facts = check([{"id": 1}], read_contract({"types": {"di": "integer"}})).facts()
    assert facts["totals"] == {"violating": 0, "null_keys": 0, "unseen": 1, "below_min": 0, "above_max": 0}


def test_facts_are_small_and_show_trouble_first():
    """With thousands of columns the facts list a hundred, trouble before the rest, and count all."""
    contract = read_contract({"required_columns": [f"c{i}" for i in range(2000)]})
    row = {f"c{i}": 1 for i in range(2000) if i != 1999}
    facts = check([row] * 50, contract).facts()
    assert facts["result_count"] == 2000
    assert len(facts["results"]) == MAX_LISTED
    assert facts["results"][0]["code"] == "required_columns.c1999"
    assert facts["results"][0]["pointer"] == "/results/1999"
    assert len(facts["results"][0]["rows"]) == MAX_ROWS_NAMED
    assert facts["totals"]["violating"] == 1
    assert len(canonical_bytes(facts)) < 40_000


def test_facts_hold_no_row_values():
    """Rows may be personal data: only their indexes come out."""
    rows = [{"email": "someone@example.com", "n": 424242}] * 2
    contract = read_contract({"unique": ["email"], "types": {"n": "string"}, "range": {"n": {"max": 1}}})
    text = json.dumps(check(rows, contract).facts())
    assert "someone" not in text
    assert "424242" not in text


values = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-2, 2, width=16) | st.sampled_from(["1", "a"])
)
rows_of = st.lists(st.dictionaries(st.sampled_from(["a", "b"]), values, max_size=2), max_size=8)
CONTRACT = {
    "required_columns": ["a"],
    "not_null": ["b"],
    "unique": ["a", ["a", "b"]],
    "min_rows": 1,
    "max_null_ratio": {"a": 0.5},
    "types": {"a": "integer"},
    "allowed_values": {"b": [1, "a"]},
    "range": {"b": {"min": 0}},
}


@given(rows_of)
def test_facts_are_canonical_and_repeatable(rows):
    """Whatever the rows, the facts have canonical bytes, the same ones twice."""
    contract = read_contract(CONTRACT)
    assert canonical_bytes(check(rows, contract).facts()) == canonical_bytes(check(rows, contract).facts())


@given(rows_of)
def test_counts_agree_with_a_second_computation(rows):
    """Violations are what a plain reading of the contract counts."""
    results = {result.code: result for result in check(rows, read_contract(CONTRACT)).results}
    assert results["required_columns.a"].violations == sum("a" not in row for row in rows)
    assert results["not_null.b"].violations == sum(row.get("b") is None for row in rows)
    keyed = [row["a"] for row in rows if row.get("a") is not None]
    distinct = {(type(v) is bool, isinstance(v, str), v) for v in keyed}
    assert results["unique.a"].violations == len(keyed) - len(distinct)
    assert results["unique.a"].null_keys == len(rows) - len(keyed)
