"""Strict YAML: what JSON can say, and nothing that is read in two ways."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpone.strict_yaml import YamlProblem, parse_yaml

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="ascii", categories=("L", "N"))), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(_JSON)
def test_json_is_yaml_with_the_same_meaning(value):
    """Every JSON document reads as itself."""
    assert parse_yaml(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"a: &x 1\nb: *x", "alias"),
        (b"a: 1\na: 2", "duplicate_key"),
        (b"- " * 10_000 + b"x", "too_deep"),
        (b"[" * 10_000, "too_deep"),
        (b"? [a]\n: b", "wrong_shape"),
        (b"a: !!python/object:os.system x", "tag"),
        (b"---\na\n---\nb", "documents"),
        (b"a: .inf", "bad_number"),
        (b"a: .NaN", "bad_number"),
        (b"a: 1e999", "bad_number"),
        (b"\xff", "not_utf8"),
        (b"  \n", "empty"),
        (b"a: [", "not_yaml"),
        (b"<<: {b: 1}", "alias"),
    ],
)
def test_what_other_readers_take_differently_is_refused(text, reason):
    """Each kind of ambiguity has its own reason."""
    with pytest.raises(YamlProblem) as caught:
        parse_yaml(text)
    assert caught.value.reason == reason


def test_only_the_core_schema_makes_numbers_and_booleans():
    """yes, no, on, 1:30, 0o7 and dates stay text; 010 is ten."""
    text = b"[yes, no, on, 1:30, 0o7, 2026-01-01, 010, 1.5, true, ~, '1']"
    assert parse_yaml(text) == ["yes", "no", "on", "1:30", "0o7", "2026-01-01", 10, 1.5, True, None, "1"]
