"""in-toto statements: one form, each file once."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpone.signing.dsse import BrokenSeal
from dpone.signing.statement import StatementSubject, read_statement, statement_bytes

SHA = "ab" * 32
SUBJECT = {"name": "a.json", "digest": {"sha256": SHA}}
GOOD = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [SUBJECT],
    "predicateType": "https://example.com/p/v1",
    "predicate": {"passed": True},
}


def without(key):
    """A good statement without one of its keys."""
    return {name: value for name, value in GOOD.items() if name != key}


def test_statement_is_read_as_it_was_written():
    """Subjects come back sorted, the predicate unchanged, whatever the order they were given in."""
    one, two = StatementSubject("b", SHA), StatementSubject("a", "00" * 32)
    data = statement_bytes([one, two], "p", {"n": 1})
    assert data == statement_bytes([two, one], "p", {"n": 1})
    statement = read_statement(data, "p")
    assert statement.subjects == (two, one)
    assert statement.predicate == {"n": 1}
    assert statement.names(SHA) == ("b",)
    assert statement.names("11" * 32) == ()


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.integers(0, 2**256 - 1), min_size=1, max_size=5))
def test_any_names_and_digests_survive(subjects):
    """Names of any Unicode text go through unchanged, as long as they are text."""
    listed = [StatementSubject(name, f"{number:064x}") for name, number in subjects.items()]
    try:
        data = statement_bytes(listed, "p", {})
    except (ValueError, UnicodeError):
        assert any(0xD800 <= ord(char) <= 0xDFFF for name in subjects for char in name)
        return
    assert set(read_statement(data).subjects) == set(listed)


@pytest.mark.parametrize(
    ("root", "reason"),
    [
        ([], "wrong_shape"),
        (GOOD | {"extra": 1}, "wrong_shape"),
        (without("_type"), "wrong_shape"),
        (without("predicate"), "wrong_shape"),
        (GOOD | {"_type": "https://in-toto.io/Statement/v0.1"}, "wrong_type"),
        (GOOD | {"predicateType": "https://example.com/p/v2"}, "wrong_type"),
        (GOOD | {"predicateType": ""}, "wrong_type"),
        (GOOD | {"predicateType": None}, "wrong_type"),
        (GOOD | {"predicate": []}, "wrong_shape"),
        (GOOD | {"subject": []}, "wrong_shape"),
        (GOOD | {"subject": {}}, "wrong_shape"),
        (GOOD | {"subject": [SUBJECT, SUBJECT]}, "wrong_shape"),
        (GOOD | {"subject": [SUBJECT | {"uri": "x"}]}, "wrong_shape"),
        (GOOD | {"subject": [SUBJECT | {"name": ""}]}, "wrong_shape"),
        (GOOD | {"subject": [SUBJECT | {"digest": {}}]}, "wrong_shape"),
        (GOOD | {"subject": [SUBJECT | {"digest": {"sha1": "00" * 20}}]}, "wrong_shape"),
        (GOOD | {"subject": [SUBJECT | {"digest": {"sha256": SHA, "md5": ""}}]}, "wrong_shape"),
        (GOOD | {"subject": [SUBJECT | {"digest": {"sha256": SHA.upper()}}]}, "wrong_shape"),
        (GOOD | {"subject": [SUBJECT | {"digest": {"sha256": SHA[:-1]}}]}, "wrong_shape"),
    ],
)
def test_other_shapes_are_refused(root, reason):
    """Anything that could be read in two ways is not a statement."""
    with pytest.raises(BrokenSeal) as caught:
        read_statement(json.dumps(root).encode(), GOOD["predicateType"])
    assert caught.value.reason == reason


def test_what_could_not_be_read_is_never_written():
    """A name twice, no subject, or a false digest is refused before anybody signs it."""
    for subjects in (
        [],
        [StatementSubject("a", SHA), StatementSubject("a", "00" * 32)],
        [StatementSubject("a", "x")],
    ):
        with pytest.raises(ValueError, match=r"subject"):
            statement_bytes(subjects, "p", {})
    with pytest.raises(BrokenSeal):
        read_statement(b"{")
