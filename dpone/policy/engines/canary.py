"""Expressions of the portable dialect with known answers, asked of every engine before it is trusted.

They cover what the shipped policies are written with. A different answer refuses the engine: then it is
another engine than the one the tests of the policies speak about.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any

MODULE_PATH = "dpone/canary/canary.rego"
MODULE = """package dpone.canary

import rego.v1

import data.dpone.config

less_number if input.nine < 10
less_fraction if input.ratio < 0.3
same_fraction if input.ratio == 0.29
big_integer if input.big == 9007199254740991
sum_integers := (input.nine + 3) * 2 - 1
count_array := count(input.items)
sum_array := sum([i.n | some i in input.items])
not_helper if not has_item("absent")
same_text if input.text == "a\\"b\\\\c\\nd/é€"
text_back := input.text
starts if startswith("release-gate", "release")
ends if endswith("release-gate", "gate")
within if contains("release-gate", "se-ga")
lowered := lower("ReLease")
member if "b" in ["a", "b"]
every_item if { every i in input.items { i.n > 0 } }
not_every if { not all_above_one }
concatenated := array.concat([1, 2], [3])
fallback := object.get(input, "absent", "fallback")
config_value := config.canary
unified := ({"a", "b"} | {"c"}) - {"a"}
typed if { is_string(input.text); is_number(input.nine); is_boolean(input.yes); is_array(input.items) }
default decided := "no"
decided := "yes" if input.yes == false
false_is_kept := input.yes == false
undefined_rule if input.nine == "9"
undefined_field := input.items[0].absent
nothing contains i.name if { some i in input.items; i.n > 5 }
by_item contains {"evidence": i.name, "ok": ok, "params": {"n": i.n, "limit": 1}} if {
	items := input.items
	some i in items
	ok := at_most_one(i.n)
}

has_item(name) if { some i in input.items; i.name == name }
all_above_one if { every i in input.items { i.n > 1 } }
default at_most_one(_) := false
at_most_one(n) if n <= 1
"""

DATA: dict[str, Any] = {"dpone": {"config": {"canary": "sings"}}}
INPUT: dict[str, Any] = {
    "big": 9007199254740991,
    "items": [{"n": 1, "name": "a"}, {"n": 2, "name": "b"}],
    "nine": 9,
    "ratio": 0.29,
    "text": 'a"b\\c\nd/é€',
    "yes": True,
}

ANSWERS: dict[str, Any] = {
    "less_number": True,
    "less_fraction": True,
    "same_fraction": True,
    "big_integer": True,
    "sum_integers": 23,
    "count_array": 2,
    "sum_array": 3,
    "not_helper": True,
    "same_text": True,
    "text_back": 'a"b\\c\nd/é€',
    "starts": True,
    "ends": True,
    "within": True,
    "lowered": "release",
    "member": True,
    "every_item": True,
    "not_every": True,
    "concatenated": [1, 2, 3],
    "fallback": "fallback",
    "config_value": "sings",
    "unified": ["b", "c"],
    "typed": True,
    "decided": "no",
    "false_is_kept": False,
    "nothing": [],
    "by_item": [
        {"evidence": "a", "ok": True, "params": {"limit": 1, "n": 1}},
        {"evidence": "b", "ok": False, "params": {"limit": 1, "n": 2}},
    ],
}
UNDEFINED = ("undefined_rule", "undefined_field")
ENTRYPOINTS = tuple(f"dpone/canary/{name}" for name in (*ANSWERS, *UNDEFINED))
_SETS = ("unified", "nothing", "by_item")


def input_text() -> str:
    """The canary's input as JSON text."""
    return json.dumps(INPUT, ensure_ascii=False)


@cache
def digest() -> str:
    """The SHA-256 (hex) of questions and answers, recorded with every decision."""
    everything = [MODULE, DATA, INPUT, ANSWERS, list(UNDEFINED)]
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()


def wrong_answer(values: dict[str, Any]) -> str:
    """The name of the first expression that `values` (by entry point) answers differently, or an empty text."""
    for name, expected in ANSWERS.items():
        key = f"dpone/canary/{name}"
        if key not in values or not _same(_settled(name, values[key]), expected):
            return name
    return next((name for name in UNDEFINED if f"dpone/canary/{name}" in values), "")


def _settled(name: str, value: Any) -> Any:
    if name in _SETS and isinstance(value, list):
        return sorted(value, key=lambda item: json.dumps(item, sort_keys=True))
    return value


def _same(found: Any, expected: Any) -> bool:
    # As text, because in Python True == 1.
    return json.dumps(found, sort_keys=True) == json.dumps(expected, sort_keys=True)
