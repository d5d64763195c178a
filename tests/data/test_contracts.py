"""Contracts are read strictly."""

from decimal import Decimal

import pytest

from dpone.data.contracts import Bounds, read_contract, read_rows
from dpone.errors import UsageError


def test_the_seed_example_is_read():
    """The contract of the operations guide means four checks."""
    contract = read_contract(
        {"required_columns": ["id", "email"], "not_null": ["email"], "unique": ["id"], "min_rows": 1}
    )
    assert contract.required_columns == ("id", "email")
    assert contract.not_null == ("email",)
    assert contract.unique == (("id",),)
    assert contract.min_rows == 1
    assert contract.max_rows is None


@pytest.mark.parametrize(
    ("unique", "keys"),
    [
        ("id", (("id",),)),
        (["id", "email"], (("id",), ("email",))),
        ([["day", "id"]], (("day", "id"),)),
        (["id", ["day", "id"]], (("id",), ("day", "id"))),
        ([], ()),
    ],
)
def test_unique_tells_columns_from_composite_keys(unique, keys):
    """A list of texts means each column; a nested list means one key of several columns."""
    assert read_contract({"unique": unique}).unique == keys


def test_numbers_keep_their_digits():
    """Ratios and bounds are compared as they were written, not as doubles."""
    contract = read_contract({"max_null_ratio": {"a": 0.1}, "range": {"b": {"min": Decimal("0.10")}}})
    assert contract.max_null_ratio == (("a", Decimal("0.1")),)
    assert contract.ranges == (("b", Bounds(Decimal("0.10"), None)),)


BAD = [
    ([], "contract is a list, not an object"),
    ({"requried_columns": ["id"]}, "did you mean 'required_columns'"),
    ({"freshness": 1}, "contract has an unknown key"),
    ({"required_columns": "id"}, "contract.required_columns"),
    ({"required_columns": ["id", "id"]}, "twice"),
    ({"required_columns": [1]}, "not a column name"),
    ({"unique": [[]]}, "a key without columns"),
    ({"unique": ["id", ["id"]]}, "twice"),
    ({"min_rows": True}, "not a whole number"),
    ({"min_rows": -1}, "not a whole number"),
    ({"min_rows": 1.5}, "not a whole number"),
    ({"min_rows": 5, "max_rows": 4}, "above max_rows"),
    ({"max_null_ratio": 0.1}, "contract.max_null_ratio"),
    ({"max_null_ratio": {"a": 1.1}}, "not a ratio"),
    ({"max_null_ratio": {"a": float("nan")}}, "not a number"),
    ({"max_null_ratio": {"a": "0.1"}}, "not a number"),
    ({"types": {"a": "integr"}}, "did you mean 'integer'"),
    ({"types": {"a": []}}, "names no type"),
    ({"allowed_values": {"a": []}}, "allows nothing"),
    ({"range": {"a": {}}}, "neither min nor max"),
    ({"range": {"a": {"min": 2, "max": 1}}}, "above max"),
    ({"range": {"a": {"minimum": 2}}}, "did you mean 'min'"),
]


@pytest.mark.parametrize(("contract", "message"), BAD)
def test_what_cannot_be_understood_is_refused(contract, message):
    """A contract with a slip is an error in one line, never a contract with fewer checks."""
    with pytest.raises(UsageError) as caught:
        read_contract(contract)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.advice


@pytest.mark.parametrize("rows", [{}, "x", None, 3, [1], [[1]], [{"a": 1}, None]])
def test_rows_must_be_objects(rows):
    """Anything but a list of objects is refused before a check runs."""
    with pytest.raises(UsageError, match="rows"):
        read_rows(rows)
