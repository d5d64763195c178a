"""Configuration: one table of keys, merged leaf by leaf, strict as a floor where an environment is protected."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dpone.config.keys import KEYS, duration, find_key, size
from dpone.config.load import Config, Value, flatten, load_config, looser, protect, shipped_values
from dpone.config.schema import config_schema
from dpone.errors import UsageError
from dpone.shipped import shipped
from dpone.strict_yaml import parse_yaml
from dpone.workspace import open_workspace


def _load(folder: Path, text: str) -> Config:
    (folder / "dpone.yaml").write_text(text)
    return load_config(open_workspace(env={}, start=folder))


def test_without_a_file_the_shipped_defaults_apply(tmp_path):
    """Every value comes from the defaults and says so."""
    config = load_config(open_workspace(env={}, start=tmp_path))
    assert config.get("limits", "file") == 50_000_000
    assert {value.origin for value in config.leaves.values()} == {"default"}


def test_each_value_says_where_it_comes_from(tmp_path):
    """The file wins over the profile, the profile over the defaults, leaf by leaf."""
    config = _load(tmp_path, "version: 1\nprofile: strict\nconcerns: {unsealed: warn}\n")
    origins = {path[-1]: value.origin for path, value in config.leaves.items() if path[0] == "concerns"}
    assert origins == {"unsealed": "dpone.yaml", "unbound": "profile strict", "undated": "profile strict",
                       "stale": "profile strict", "unsigned_layer": "profile strict"}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("version: 2", "whole number from 1 to 1"),
        ("profile: strict", "version is missing"),
        ("version: 1\nengne: regopy", "did you mean engine"),
        ("version: 1\nkinds: {jnit: {min_executed: 1}}", "did you mean junit"),
        ("version: 1\nkinds: {junit: {min_executed: yes}}", "whole number"),
        ("version: 1\nkinds: {junit: {min_executed: true}}", "whole number"),
        ("version: 1\ngates: {relese-gate: {max_age: 1d}}", "did you mean release-gate"),
        ("version: 1\ngates: {release-gate: {max_age: soon}}", "a duration"),
        ("version: 1\nlimits: {file: 1TB}", "a size"),
        ("version: 1\nconcerns: {foreign: allow}", "unknown key concerns.foreign"),
        ("version: 1\nwaiver: []", "unknown key waiver"),
        ("version: 1\nversion: 1", "twice"),
        ("version: 1\nevidence: &a {}\ngates: *a", "aliases"),
        ("- 1", "must be a map"),
        ("version: [", "line"),
        ("version: 1\nevidence: {tests: {path: ''}}", "not empty"),
        ("version: 1\nprofile: lax", "one of standard, strict"),
        ('version: 1\nevidence: {"\\e[31mred": {path: a}}', "not a usable name"),
        ("version: 1\nevidence: {'': {path: a}}", "not a usable name"),
    ],
)
def test_what_cannot_be_understood_is_named(tmp_path, text, said):
    """One clear line says which key, what it holds and what is expected."""
    with pytest.raises(UsageError, match=said) as caught:
        _load(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_the_schema_for_editors_agrees_with_the_table():
    """The shipped JSON Schema is the one the table makes, is valid, and knows every key."""
    made = config_schema()
    assert json.loads(shipped("schemas", "config.v1.json").read_text("utf-8")) == made
    Draft202012Validator.check_schema(made)
    text = "version: 1\nenvironments: {production: {protected: true}}\nevidence: {a: {path: x, max_age: 7d}}\n"
    assert not list(Draft202012Validator(made).iter_errors(parse_yaml(text.encode())))
    assert list(Draft202012Validator(made).iter_errors({"version": 1, "waiver": []}))


def test_shipped_defaults_and_profiles_are_themselves_valid():
    """Each leaf of the defaults and of both profiles passes the table."""
    values = shipped_values()
    assert dict(flatten(values["defaults"], "defaults"))
    for name in ("standard", "strict"):
        dict(flatten(values["profiles"][name], name))


_STRICTNESS = [
    key
    for key in KEYS
    if key.tighten in ("up", "down") and "*" not in key.path and key.path.startswith(("kinds.", "concerns."))
]


def _any_value(key):
    if key.order:
        return st.sampled_from(key.order)
    schema = key.schema
    return st.integers(schema["minimum"], schema["maximum"])


@given(st.data())
def test_a_protected_environment_is_never_judged_less_strictly_than_strict(data):
    """Whatever dpone.yaml says, for a protected environment each key is at least as strict as the profile
    strict, and a stricter own value is kept."""
    leaves = {path: Value(raw, "default") for path, raw in flatten(shipped_values()["defaults"], "defaults")}
    floor = {
        **{p: v.raw for p, v in leaves.items()},
        **dict(flatten(shipped_values()["profiles"]["strict"], "strict")),
    }
    for key in data.draw(st.lists(st.sampled_from(_STRICTNESS), unique_by=lambda k: k.path)):
        path = tuple(key.path.split("."))
        leaves[path] = Value(data.draw(_any_value(key)), "dpone.yaml")
        if path[0] == "kinds" and data.draw(st.booleans()):
            leaves[("gates", "release-gate", *path)] = Value(data.draw(_any_value(key)), "dpone.yaml")
    guarded = protect(Config(leaves))
    for path, value in guarded.leaves.items():
        key = find_key(path)
        base = path[2:] if path[0] == "gates" and len(path) == 5 else path
        if key.tighten in ("up", "down", "subset", "superset") and base in floor:
            assert not looser(key, value.raw, floor[base]), path
            if not looser(key, leaves[path].raw, floor[base]) and path != ("profile",):
                assert value.raw == leaves[path].raw


def test_a_gate_of_its_own_cannot_slip_below_the_floor(tmp_path):
    """A looser value under gates.<gate>.kinds or max_age is raised as well."""
    config = protect(
        _load(
            tmp_path,
            "version: 1\ngates: {release-gate: {max_age: 90d, kinds: {junit: {max_skipped_percent: 99}}}}\n"
            "evidence: {old: {path: a.xml, max_age: 400d}}\n",
        )
    )
    assert config.for_gate("release-gate", "max_age") == 7 * 86400
    assert config.find("gates", "release-gate", "kinds", "junit", "max_skipped_percent") == 10
    assert config.find("evidence", "old", "max_age") == 7 * 86400


def test_durations_and_sizes_are_exact():
    """Units mean what they say."""
    assert (duration("90s"), duration("2w"), size("5MB"), size("7B")) == (90, 1_209_600, 5_000_000, 7)
