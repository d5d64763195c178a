"""The shipped rules give the same answers in the embedded engine and in OPA: a short run for every gate, and
what makes the long one (`make parity`) worth something."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from compare import compare, differing, gates, inputs_of, reached, whole_layer, write_differences
from inputs import _Maker
from jsonschema import Draft202012Validator
from opa import opa_path, opa_server
from seeds import all_seeds

from dpone.shipped import shipped

OPA = opa_path()
NUMBER = 20261125
"""The seed of the short run: the same inputs on every machine."""
SHORT = 24
SERVED = ("release-gate", "deployment-record", "env-drift")


@pytest.fixture(scope="module")
def server():
    """A server of the same OPA."""
    with opa_server(OPA) as address:
        yield address


@pytest.mark.parametrize("gate", gates())
def test_the_engines_agree(gate: str, server: str, tmp_path: Path) -> None:
    """Every rule a gate asks has the same value, byte for byte, in regopy and in `opa`; for some gates on an OPA
    server as well, which takes longest to be given its layer (`make parity` asks it for all of them)."""
    served = gate in SERVED
    compared = compare(gate, SHORT, NUMBER, OPA, configs=1, server=server if served else "", sample=4)
    kept = write_differences(tmp_path, [compared])
    assert compared.differences == [], f"seed {NUMBER}, kept in {kept}"
    assert (compared.inputs, compared.served) == (SHORT, 4 if served else 0)
    assert compared.faults == 0


def test_a_difference_is_found() -> None:
    """Another value, a missing answer, and 1 in place of true are differences; the order of keys
    is none, nor that of the members of a set."""
    assert differing({"a": [{"ok": True}]}, {"a": [{"ok": False}]}) == ["a"]
    assert differing({"a": []}, {}) == ["a"]
    assert differing({"a": [True]}, {"a": [1]}) == ["a"]
    assert differing({"a": [1, 2]}, {"a": [2, 1]}) == ["a"]
    assert differing({"a": [1, 2]}, {"a": [2, 1]}, {"a"}) == []
    assert differing({"a": [1, 2]}, {"a": [1, 1, 2]}, {"a"}) == ["a"]
    assert differing({"a": {"x": 1, "y": 2.0}}, {"a": {"y": 2, "x": 1}}) == []


def test_every_rule_has_worlds_in_which_it_is_red_and_in_which_it_is_not() -> None:
    """The worlds of the rules' own tests are the stock the inputs are made of: none is without."""
    packages = {seed.package for seed in all_seeds(OPA)}
    folders = {f"dpone.gates.{gate.replace('-', '_')}" for gate in gates()} | {"dpone.evidence"}
    folders |= {f"dpone.kinds.{path.name}" for path in shipped("policies", "dpone", "kinds").iterdir()}
    assert folders <= packages


def test_inputs_are_made_again_from_their_numbers() -> None:
    """The same seed gives the same inputs and configurations, another one others."""
    inputs = inputs_of("slo-evaluate", OPA)
    first = list(inputs.documents(1, 120))
    assert first == list(inputs.documents(1, 120))
    assert first != list(inputs.documents(2, 120))
    assert inputs.configs(1) == inputs.configs(1)
    assert inputs.configs(1)[2:] != inputs.configs(2)[2:]


def test_inputs_are_shaped_as_the_schema_says() -> None:
    """What is not taken from a test has every field of the canonical input, of the type it promises."""
    schema = json.loads(shipped("schemas", "input.v1.json").read_text("utf-8"))
    maker = _Maker(random.Random(1), "slo-evaluate", ())
    for _ in range(20):
        document = maker.by_schema(schema)
        assert next(Draft202012Validator(schema).iter_errors(document), None) is None
        for kind, facts in maker.facts.items():
            found = next(Draft202012Validator(facts).iter_errors(maker.by_schema(facts)), None)
            assert found is None, (kind, found)


def test_only_rules_that_a_decision_would_ask_are_compared() -> None:
    """Rules on kinds that are not there stay out, and without waivers those on them; everything else is in."""
    layer = whole_layer("slo-evaluate")
    given = {"evidence": [{"kind": "pip-audit"}], "waivers": []}
    on_waivers = {entry for entry in layer.entrypoints if "/waivers/" in entry}
    assert on_waivers
    assert on_waivers == set(reached(layer, {**given, "waivers": [{}]})) - set(reached(layer, given))
    asked = reached(layer, {**given, "waivers": [{}]})
    assert {entry for entry in layer.entrypoints if entry not in asked} == {
        entry for entry in layer.entrypoints if "/kinds/" in entry and "/pip_audit/" not in entry
    }
