"""No secret of either configuration comes out: not its value, not a part of it, not a digest anybody could guess."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timezone

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from test_secrets import TOKENS

from dpone.config.allowances import read_allowances
from dpone.data.drift import Problem, compare, read_flat
from dpone.data.secrets.search import search

NOW = datetime(2026, 11, 23, tzinfo=timezone.utc)
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789"
SECRETS = st.text(ALPHABET, min_size=12, max_size=40).map("{}x7Q".format)
"""Generated secrets; none is a word that stands elsewhere."""


def flat(value, lists="position"):
    """A JSON value flattened."""
    return read_flat(json.dumps(value).encode(), "a.json", lists)


def shown(source, target, *, allow=(), exact=(), lists="position"):
    """Everything that leaves the comparison, as text, and the comparison."""
    found = compare(flat(source, lists), flat(target, lists), read_allowances(list(allow)), exact, NOW, b"key")
    rows = [[d.row(), d.path, d.allowance] for d in found.differences]
    entries = [e.fact() for e in found.entries]
    return json.dumps([found.facts(), rows, entries], ensure_ascii=False) + found.listing.decode(), found


def assert_hidden(secret, text):
    """Neither the secret nor half of it nor an unkeyed digest of it stands in `text`."""
    half = len(secret) // 2
    for part in (secret, secret[:half], secret[half:]):
        assert part not in text
    for algorithm in ("md5", "sha1", "sha256", "sha512"):
        assert hashlib.new(algorithm, secret.encode()).hexdigest()[:16] not in text


PLACES = {
    "under its key": lambda s: {"connection": {"password": s}},
    "under a key of another style": lambda s: {"clientSecret": s},
    "in an environment": lambda s: {"DB_PASSWORD_PROD": s},
    "in a pair": lambda s: {"env": [{"name": "DB_PASSWORD", "value": s}]},
    "in a list": lambda s: {"passwords": [s]},
    "below its key": lambda s: {"credentials": {"user": s, "deep": [{"er": s}]}},
    "in a map of them": lambda s: {"tokens": {"ci": s}},
    "behind an option": lambda s: {"args": ["--password", s]},
    "in a connection string": lambda s: {"url": f"postgresql://svc:{s}@db.example.com:5432/orders"},
    "in an assignment": lambda s: {"jdbc": f"Server=db;User Id=sa;Password={s};"},
    "in a long text": lambda s: {"text": "words " * 500 + f"\npassword: {s}\n" + "words " * 500},
    "in a document in a text": lambda s: {"inner": json.dumps({"password": s})},
    "in a Kubernetes secret": lambda s: {"kind": "Secret", "data": {"plain": s}},
    "repeated elsewhere": lambda s: {"password": s, "note": s, "list": [s]},
    "within a text": lambda s: {"password": s, "note": f"ask for {s}, or wait"},
    "within a text and a string": lambda s: {"url": f"postgresql://u:{s}@db.example.com/x", "note": f"<{s}>"},
    "as a key below": lambda s: {"password": s, "names": {s: 1}},
    "as a key of several lines": lambda s: {"password": s, "names": {f"a\npassword: {s}\nb": 1}},
    "as the name of a member": lambda s: {"password": s, "l": [{"name": s, "v": 1}]},
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
@pytest.mark.parametrize("lists", ["position", "key:name"])
@settings(max_examples=10)
@given(left=SECRETS, right=SECRETS)
def test_a_secret_never_comes_out(place, lists, left, right):
    """Changed, added or missing: that it differs is found, what it is is not shown."""
    assume(left != right)
    base = {"steady": 1}
    for source, target in ((place(left), place(right)), (place(left), {}), ({}, place(right))):
        text, found = shown({**base, **source}, {**base, **target}, lists=lists)
        assert found.differences
        assert_hidden(left, text)
        assert_hidden(right, text)


@given(SECRETS)
def test_equal_secrets_are_equal(secret):
    """The same secret on both sides is no difference, and a type makes one."""
    for place in PLACES.values():
        assert not shown(place(secret), place(secret))[1].differences
    assert shown({"password": "123456"}, {"password": 123456})[1].differences


@pytest.mark.parametrize("name", TOKENS)
def test_token_shapes_never_come_out(name):
    """Every token shape that is known, as a value, inside a text, as a key, and typed as an allowance."""
    token = TOKENS[name]
    hits = search(token, "text").hits
    parts = [line for hit in hits for line in token[hit.start : hit.end].splitlines() if len(line) > 8]
    assert parts
    quiet = {
        "as a value": ({"x": token}, {"x": "other"}),
        "in a text": ({"x": f"before {token} after"}, {"x": 1}),
        "in a list": ({"x": [1, token]}, {"x": [1, 2]}),
        "as a key": ({"x": {f"k {token} k": 1}}, {"x": 1}),
        "as a name": ({"l": [{"name": token}]}, {"l": []}),
    }
    for source, target in quiet.values():
        text, found = shown(source, target, exact=[token], lists="key:name")
        assert found.differences
        for part in parts:
            assert part not in text


def test_a_random_key_below_a_telling_one_is_hidden():
    """Tokens are kept as keys too, with what they may do below them."""
    token = TOKENS["github_token"].partition("_")[2]
    text, _ = shown({"tokens": {token: {"role": "admin"}}}, {"tokens": {}})
    assert token not in text
    assert "tokens.[REDACTED].role~1" in text


def test_places_that_hold_secrets_stay_different():
    """Two redacted places are two findings with two names."""
    tokens = [TOKENS["github_token"], TOKENS["gitlab_token"]]
    _, found = shown(dict.fromkeys(tokens, 1), {"x": 1})
    paths = [d.path for d in found.differences]
    assert len(set(paths)) == 3
    assert sum("[REDACTED]~" in path for path in paths) == 2


def test_a_reference_is_shown_beside_a_literal():
    """Where the secret is kept is no secret: that one side holds it in clear is what people must see."""
    _, found = shown({"db": {"password": "${DB_PASSWORD}"}}, {"db": {"password": "in-clear-text"}})
    row = found.differences[0].row()
    assert (row["source_value"], row["target_value"]) == ("${DB_PASSWORD}", "[REDACTED]")


def test_a_password_that_is_a_word_hides_no_places():
    """A password `postgres` is hidden as a value, and a place called so is still named."""
    source = {"postgres": {"password": "postgres", "host": "postgres.stg", "user": "postgres"}}
    target = {"postgres": {"password": "better", "host": "postgres.prd", "user": "app"}}
    rows = {d.path: d.row()["source_value"] for d in shown(source, target)[1].differences}
    assert rows == {
        "postgres.host": "postgres.stg", "postgres.password": "[REDACTED]", "postgres.user": "[REDACTED]"
    }  # fmt: skip


def test_what_is_no_secret_is_shown():
    """Hiding everything would help nobody: plain settings come with their values."""
    _, found = shown(
        {"host": "a", "token_budget": 12, "tls": True}, {"host": "b", "token_budget": 13, "tls": False}
    )
    assert [(d.row()["source_value"], d.row()["target_value"]) for d in found.differences] == [
        ("a", "b"), (True, False), (12, 13)
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["a.json", "a.yaml", ".env", "a.toml", ""])
def test_messages_about_broken_files_hold_no_secret(name):
    """What is wrong with a document is said without its secrets."""
    token = TOKENS["github_token"]
    for text in (f'{{"{token}": 1, "{token}": 2}}', f"{token}: 1\n{token}: 2", f"{token}=1\n{token}=2", f"{token}",
                 f"a: !{token} x", f'"{token}" = 1\n"{token}" = 2', "{" + token):  # fmt: skip
        with pytest.raises(Problem) as problem:
            read_flat(text.encode(), name, "position")
        assert token not in str(problem.value)
    with pytest.raises(Problem) as problem:
        flat({"l": [{"token": token}, {"token": token}]}, lists="key:token")
    assert token not in str(problem.value)
