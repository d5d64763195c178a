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

EXPRESSIONS: tuple[tuple[str, Any], ...] = (
    ("input.nine < 10", True),
    ("input.nine >= 10", False),
    ("input.ratio < 0.3", True),
    ("input.ratio == 0.29", True),
    ("input.big == 9007199254740991", True),
    ("input.yes == false", False),
    ('input.text == "a\\"b\\\\c\\nd/é€"', True),
    ("input.text", 'a"b\\c\nd/é€'),
    ('input.text != "a"', True),
    ("((input.nine + 3) * 2) - 1", 23),
    ("count(input.items)", 2),
    ("sum([i.n | some i in input.items])", 3),
    ('startswith("release-gate", "release")', True),
    ('endswith("release-gate", "gate")', True),
    ('contains("release-gate", "se-ga")', True),
    ('lower("ReLease")', "release"),
    ('"b" in ["a", "b"]', True),
    ('"c" in ["a", "b"]', False),
    ("array.concat([1, 2], [3])", [1, 2, 3]),
    ('object.get(input, "absent", "fallback")', "fallback"),
    ('count(({"a", "b"} | {"c"}) - {"a"})', 2),
    ("[is_string(input.text), is_number(input.text), is_array(input.items)]", [True, False, True]),
    ("[i.name | some i in input.items; i.n > 1]", ["b"]),
    ("[v | some k; v := input.pairs[k]; v > 1]", [2]),
    ("[i.name | some i in input.items; not below(i.n)]", ["b"]),
    ("config.canary", "sings"),
    ("decided", "no"),
)
"""Expressions and their answers."""

RULES: tuple[tuple[str, Any], ...] = (
    ("all_positive", True),
    ("none_above", []),
    (
        "by_item",
        [
            {"evidence": "a", "ok": True, "params": {"limit": 1, "n": 1}},
            {"evidence": "b", "ok": False, "params": {"limit": 1, "n": 2}},
        ],
    ),
    ("undefined", []),
)
"""Rules of the module and their values, sets in the order of their JSON texts. Two rules must have no value, which is
asked by a third: with an entry point that has none, no engine would be asked for all of them together."""

MODULE = """package dpone.canary

import rego.v1

import data.dpone.config

answers := [
	EXPRESSIONS,
]

all_positive if { every i in input.items { i.n > 0 } }

none_above contains i.name if { some i in input.items; i.n > 5 }

by_item contains {"evidence": i.name, "ok": below(i.n), "params": {"n": i.n, "limit": 1}} if some i in input.items

default decided := "no"

decided := "yes" if input.yes == false

default below(_) := false

below(n) if n <= 1

undefined := array.concat([x | x := mixed_types], [x | x := missing_field])

mixed_types if input.nine == "9"

missing_field := input.items[0].absent
""".replace("EXPRESSIONS", ",\n\t".join(expression for expression, _ in EXPRESSIONS))

DATA: dict[str, Any] = {"dpone": {"config": {"canary": "sings"}}}
INPUT: dict[str, Any] = {
    "big": 9007199254740991,
    "items": [{"n": 1, "name": "a"}, {"n": 2, "name": "b"}],
    "nine": 9,
    "pairs": {"x": 1, "y": 2},
    "ratio": 0.29,
    "text": 'a"b\\c\nd/é€',
    "yes": True,
}
ENTRYPOINTS = tuple(f"dpone/canary/{name}" for name in ("answers", *(name for name, _ in RULES)))


def input_text() -> str:
    """The canary's input as JSON text."""
    return json.dumps(INPUT, ensure_ascii=False)


@cache
def digest() -> str:
    """The SHA-256 (hex) of questions and answers, recorded with every decision."""
    everything = [MODULE, DATA, INPUT, EXPRESSIONS, RULES]
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()


def wrong_answer(values: dict[str, Any]) -> str:
    """The first expression or rule that `values` (by entry point) answers differently, or an empty text."""
    found = values.get("dpone/canary/answers")
    if not isinstance(found, list) or len(found) != len(EXPRESSIONS):
        return "answers"
    for (expression, expected), value in zip(EXPRESSIONS, found, strict=True):
        if _text(value) != _text(expected):
            return expression
    for name, expected in RULES:
        value = values.get(f"dpone/canary/{name}")
        if _text(sorted(value, key=_text) if isinstance(value, list) else value) != _text(expected):
            return name
    return ""


def _text(value: Any) -> str:
    # Compared as text, because in Python True == 1.
    return json.dumps(value, sort_keys=True)
