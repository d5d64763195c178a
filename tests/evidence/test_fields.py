"""Typed readers: what is not of its type is named by its pointer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpone.evidence.fields import Field, names_text, percent_down, percent_up, plain_number, plural
from dpone.evidence.model import Invalid

ROOT = Field({"a/b": {"~": [1, "x", None]}, "n": None, "t": "x", "f": 1.5, "b": True, "i": 2**60})


def test_pointers_are_rfc_6901():
    """Slashes and tildes in keys are escaped."""
    assert ROOT.at("a/b").at("~").array()[1].pointer == "/a~1b/~0/1"


@pytest.mark.parametrize(
    ("reader", "pointer"),
    [
        (lambda: ROOT.at("missing"), ""),
        (lambda: ROOT.at("t").object(), "/t"),
        (lambda: ROOT.at("t").array(), "/t"),
        (lambda: ROOT.at("f").text(), "/f"),
        (lambda: ROOT.at("b").integer(), "/b"),
        (lambda: ROOT.at("b").number(), "/b"),
        (lambda: ROOT.at("f").integer(), "/f"),
        (lambda: ROOT.at("i").integer(), "/i"),
        (lambda: ROOT.at("i").number(), "/i"),
        (lambda: ROOT.at("t").boolean(), "/t"),
        (lambda: ROOT.at("n").text(), "/n"),
        (lambda: ROOT.at("t").instant(), "/t"),
        (lambda: ROOT.at("t").choice(("y",)), "/t"),
        (Field([-1]).array()[0].count, "/0"),
    ],
)
def test_a_wrong_type_is_invalid_at_its_pointer(reader, pointer):
    """Booleans are not numbers, null is not a value, and unknown words have no meaning."""
    with pytest.raises(Invalid) as caught:
        reader()
    assert caught.value.pointer == pointer


def test_optional_members_are_none_when_absent_or_null():
    """Absent and null are the same: not said."""
    assert ROOT.get("n") is None
    assert ROOT.get("zzz") is None
    assert ROOT.get("t").text() == "x"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_have_at_most_fifteen_digits(value):
    """A number that went through once does not change again."""
    try:
        once = plain_number(value)
    except Invalid:
        assert abs(value) > 1.7e308 or 0 < abs(value) < 2.3e-308  # rounds to infinity, or is subnormal
        return
    assert plain_number(once) == once
    assert float(f"{once:.15g}") == once


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_percentages_never_round_towards_the_green_side(part, whole):
    """For a minimum the value is cut, for a maximum it is raised, by less than 0.01 either way."""
    part = min(part, whole)
    assert percent_down(part, whole) * whole <= 100 * part * (1 + 1e-12)
    assert percent_up(part, whole) * whole >= 100 * part * (1 - 1e-12)
    assert 0 <= percent_up(part, whole) - percent_down(part, whole) < 0.0101


def test_words():
    """Names and counts read as a person would say them."""
    assert names_text(["a", "b"]) == "a, b"
    assert names_text(list("abcdefg")) == "a, b, c, d, e and 2 more"
    assert (plural(1, "test"), plural(2, "test")) == ("1 test", "2 tests")
    assert (percent_down(0, 0), percent_up(0, 0)) == (0.0, 0.0)
