"""JSON with one meaning: strict parsing, canonical bytes, and files for people."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpone.canonical import LONG, JsonProblem, canonical_bytes, parse_json, pretty_bytes

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(_JSON)
def test_pretty_json_says_the_same(value):
    """Files for people parse to what was written, at any shape, and end in a newline."""
    data = json.dumps(value).encode()
    written = pretty_bytes(json.loads(data))
    assert json.loads(written) == json.loads(data)
    assert written.endswith(b"\n")


def test_long_lists_stand_one_member_a_line():
    """Ten thousand members stay readable by line, and the document stays the same."""
    value = {"items": [{"b": 1, "a": [1, 2]}] * (LONG + 1), "short": [1]}
    written = pretty_bytes(value)
    assert json.loads(written) == value
    assert written.count(b'{"a": [1, 2], "b": 1}') == LONG + 1


@given(_JSON)
def test_canonical_bytes_do_not_depend_on_order_or_layout(value):
    """Parsing the pretty form and canonicalising it gives the canonical bytes again (RFC 8785)."""
    try:
        first = canonical_bytes(value)
    except Exception:  # noqa: BLE001 - lone surrogates have no UTF-8 and therefore no canonical form
        return
    assert canonical_bytes(json.loads(pretty_bytes(value))) == first


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "empty"),
        (b"{", "not_json"),
        (b'{"a":1,"a":2}', "duplicate_key"),
        (b"[NaN]", "bad_number"),
        (b"[1e999]", "bad_number"),
        (b"[" * 101 + b"]" * 101, "too_deep"),
        (b'{"a":' * 10_000, "too_deep"),
        (b"\xff", "not_utf8"),
        (b"\xef\xbb\xbf{}", "not_json"),
        (b"[" + b"9" * 5000 + b"]", "not_json"),
    ],
)
def test_what_has_no_single_meaning_is_refused(text, reason):
    """Each kind of fault has its reason, and none is a traceback."""
    with pytest.raises(JsonProblem) as caught:
        parse_json(text)
    assert caught.value.reason == reason
