"""Contracts in ODCS: what becomes a term, what is said to be unsupported, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dpone.data.contracts import Bounds, Contract
from dpone.data.odcs import is_odcs, read_odcs
from dpone.data.strict import parse_documents
from dpone.errors import UsageError

SAMPLES = Path(__file__).resolve().parent.parent / "samples"


def contract(properties: Any = (), quality: Any = (), **more: Any) -> Contract:
    """Read a contract of one object."""
    table = {"name": "orders", "properties": list(properties), "quality": list(quality)}
    return read_odcs({"apiVersion": "v3.1.0", "kind": "DataContract", "schema": [table]} | more)


def column(quality: dict[str, Any]) -> Contract:
    """Read a contract of one column `c` with one quality rule."""
    return contract([{"name": "c", "quality": [quality]}])


def test_the_sample_of_another_tool_is_read():
    """Its columns, nulls, keys and types become terms; its SQL rule is said, not dropped."""
    (document,) = parse_documents((SAMPLES / "datacontract/odcs_pass.yaml").read_bytes(), "x")
    assert is_odcs(document)
    found = read_odcs(document)
    assert found.required_columns == found.not_null == ("device_id", "reading", "unit")
    assert found.unique == (("device_id",),)
    assert found.types == (("device_id", ("string",)), ("reading", ("number",)), ("unit", ("string",)))
    assert [(each.place, each.what, each.text) for each in found.unsupported] == [
        ("schema[0].quality[0]", "the sql rule", False)
    ]


@pytest.mark.parametrize(
    ("properties", "wanted"),
    [
        ([{"name": "a"}], Contract(required_columns=("a",))),
        ([{"name": "a", "physicalName": "b"}], Contract(required_columns=("b",))),
        ([{"name": "a", "unique": True}], Contract(required_columns=("a",), unique=(("a",),))),
        (
            [
                {"name": "a", "primaryKey": True, "primaryKeyPosition": 2},
                {"name": "b", "primaryKey": True, "primaryKeyPosition": 1},
            ],
            Contract(required_columns=("a", "b"), not_null=("b", "a"), unique=(("b", "a"),)),
        ),
        (
            [{"name": "a", "logicalType": "timestamp"}],
            Contract(required_columns=("a",), types=(("a", ("timestamp",)),)),
        ),
        (
            [{"name": "a", "logicalType": "integer", "logicalTypeOptions": {"minimum": 1, "maximum": 5}}],
            Contract(required_columns=("a",), types=(("a", ("integer",)),), ranges=(("a", Bounds(1, 5)),)),
        ),
    ],
)
def test_properties_become_terms(properties, wanted):
    """A property is a column; required, unique, primaryKey, logicalType and numeric limits say more of it."""
    assert contract(properties) == wanted


def test_a_date_was_also_a_timestamp_before_the_standard_had_one():
    """Version 3.0 has one word for both."""
    dates = [{"name": "a", "logicalType": "date"}]
    assert contract(dates, apiVersion="v3.0.2").types == (("a", ("date", "timestamp")),)
    assert contract(dates).types == (("a", ("date",)),)


@pytest.mark.parametrize(
    ("rule", "low", "high"),
    [
        ({"metric": "rowCount", "mustBe": 5}, 5, 5),
        ({"rule": "rowCount", "mustBeGreaterThan": 5}, 6, None),
        ({"metric": "rowCount", "mustBeGreaterOrEqualTo": 5}, 5, None),
        ({"metric": "rowCount", "mustBeLessThan": 5}, None, 4),
        ({"metric": "rowCount", "mustBeLessOrEqualTo": 5}, None, 5),
        ({"metric": "rowCount", "mustBeBetween": [100, 120]}, 101, 119),
    ],
)
def test_row_counts(rule, low, high):
    """A limit that may not be reached is the next count that may; between is open at both ends."""
    found = contract(quality=[rule])
    assert (found.min_rows, found.max_rows, found.unsupported) == (low, high, ())


def test_the_tighter_of_two_row_counts_counts():
    """Several rules are all to be kept."""
    rules = [{"metric": "rowCount", "mustBeGreaterThan": n} for n in (5, 9, 7)]
    assert contract(quality=rules).min_rows == 10


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ({"metric": "nullValues", "mustBe": 0}, {"not_null": ("c",)}),
        ({"metric": "nullValues", "mustBeLessThan": 1}, {"not_null": ("c",)}),
        (
            {"metric": "nullValues", "mustBeLessOrEqualTo": 5, "unit": "percent"},
            {"max_null_ratio": (("c", Decimal("0.05")),)},
        ),
        ({"metric": "duplicateValues", "mustBe": 0}, {"unique": (("c",),)}),
        ({"rule": "duplicateCount", "mustBeLessThan": 1}, {"unique": (("c",),)}),
        (
            {"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": ["C", "F"]}},
            {"allowed_values": (("c", ("C", "F")),)},
        ),
    ],
)
def test_library_rules_become_terms(rule, wanted):
    """Rules that allow no row at all, and percentages of nulls, have a counterpart."""
    assert column(rule) == Contract(required_columns=("c",), **wanted)


def test_a_key_of_several_columns():
    """The object's rule names its columns."""
    rule = {"metric": "duplicateValues", "mustBe": 0, "arguments": {"properties": ["a", "b"]}}
    assert contract(quality=[rule]).unique == (("a", "b"),)


@pytest.mark.parametrize(
    "rule",
    [
        {"type": "text", "description": "checked by people"},
        {"type": "sql", "query": "SELECT 1", "mustBe": 1},
        {"type": "custom", "engine": "soda", "implementation": "x"},
        {"metric": "nullValues", "mustBeLessThan": 1, "unit": "percent"},
        {"metric": "nullValues", "mustBeLessThan": 10},
        {"metric": "nullValues", "mustNotBe": 0},
        {"metric": "nullValues", "mustBe": False},
        {"metric": "nullValues"},
        {"metric": "missingValues", "mustBe": 0, "arguments": {"missingValues": ["", "N/A"]}},
        {"metric": "invalidValues", "mustBe": 0, "arguments": {"pattern": "^x$"}},
        {"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": ["x"], "pattern": "^x$"}},
        {"metric": "invalidValues", "mustBeLessThan": 5, "arguments": {"validValues": ["x"]}},
        {"metric": "duplicateValues", "mustBeLessThan": 10},
        {"metric": "rowCount", "mustBe": 1},
        {"metric": "freshness", "mustBe": 1},
    ],
)
def test_what_has_no_counterpart_is_said(rule):
    """Every rule is either a term or on the list; none vanishes."""
    found = column(rule)
    assert [each.place for each in found.unsupported] == ["schema[0].properties[0].quality[0]"]
    assert found.unsupported[0].text is (rule.get("type") == "text")
    assert found == Contract(required_columns=("c",), unsupported=found.unsupported)


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"logicalType": "time"}, "logicalType"),
        ({"logicalType": "string", "logicalTypeOptions": {"pattern": "^x$"}}, "logicalTypeOptions.pattern"),
        (
            {"logicalType": "date", "logicalTypeOptions": {"minimum": "2026-01-01"}},
            "logicalTypeOptions.minimum",
        ),
        (
            {"logicalType": "integer", "logicalTypeOptions": {"exclusiveMinimum": 0}},
            "logicalTypeOptions.exclusiveMinimum",
        ),
        ({"logicalType": "object", "properties": [{"name": "inner", "required": True}]}, "properties"),
        ({"logicalType": "array", "items": {"logicalType": "string"}}, "items"),
        ({"relationships": [{"to": "customers.id"}]}, "relationships"),
    ],
)
def test_properties_that_cannot_be_checked_are_said(more, place):
    """Options, nested columns and relationships are on the list with their place."""
    found = contract([{"name": "c", **more}])
    assert [each.place for each in found.unsupported] == [f"schema[0].properties[0].{place}"]


def test_one_object_is_chosen_by_its_name():
    """Rows are of one object; which one is said, never guessed."""
    tables = [
        {"name": "orders", "properties": [{"name": "a"}]},
        {"name": "lines", "properties": [{"name": "b"}]},
    ]
    document = {"apiVersion": "v3.1.0", "kind": "DataContract", "schema": tables}
    assert read_odcs(document, "lines").required_columns == ("b",)
    for name, words in (("", "--contract-object"), ("customers", "it has: orders, lines")):
        with pytest.raises(UsageError) as caught:
            read_odcs(document, name)
        assert words in f"{caught.value.message} {caught.value.advice}"


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: contract(apiVersion="v2.2.2"), "v2.2.2"),
        (lambda: contract(schema=[]), "0 objects"),
        (lambda: contract([{"name": "a", "requried": True}]), "required"),
        (lambda: contract([{"name": "a", "required": "yes"}]), "not true or false"),
        (lambda: contract([{"name": "a"}, {"name": "a"}]), "twice"),
        (lambda: contract([{"logicalType": "string"}]), "no name"),
        (lambda: contract([{"name": "a", "logicalType": "varchar"}]), "not a type"),
        (
            lambda: contract(
                [{"name": "a", "logicalType": "number", "logicalTypeOptions": {"minimum": 2, "maximum": 1}}]
            ),
            "above",
        ),
        (lambda: column({"metric": "nullValues", "mustBe": 0, "mustBeLessThan": 1}), "2 operators"),
        (lambda: column({"mustBe": 0}), "no metric"),
        (lambda: column({"type": "magic"}), "not a type of rule"),
        (lambda: column({"metric": "nullValues", "mustbe": 0}), "mustBe"),
        (lambda: contract(quality=[{"metric": "rowCount", "mustBeGreaterThan": "5"}]), "not a whole number"),
        (lambda: contract(quality=[{"metric": "rowCount", "mustBeBetween": [5]}]), "1 values"),
        (lambda: contract(quality=[{"metric": "rowCount", "mustBeLessThan": 0}]), "fewer than 0"),
        (
            lambda: contract(
                quality=[{"metric": "rowCount", "mustBe": 5}, {"metric": "rowCount", "mustBeGreaterThan": 5}]
            ),
            "no row count",
        ),
        (lambda: contract([["a"]]), "not an object"),
    ],
)
def test_what_cannot_be_understood_is_refused(build, words):
    """One clear line with the place; a misspelt term never vanishes."""
    with pytest.raises(UsageError) as caught:
        build()
    told = f"{caught.value.message} {caught.value.advice}"
    assert words in told
    assert "\n" not in told
