"""The canonical format: what `opa fmt` would write otherwise is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from dpone.policy.formatting import check_format
from dpone.shipped import shipped

HEAD = "package a\n\nimport rego.v1\n\n"
TEMPLATES = Path(__file__).parents[2] / "dpone" / "ops" / "templates" / "layer"
FILES = sorted([*shipped("policies").rglob("*.rego"), *TEMPLATES.glob("*.rego")])

WRONG = {
    "p if {\n    input.a\n}\n": (6, "tabs"),
    "p if {\n\t\tinput.a\n}\n": (6, "indented by 2, should be 1"),
    "p if {\ninput.a\n}\n": (6, "indented by 0, should be 1"),
    "p if {\n\tinput.a\n\t}\n": (7, "indented by 1, should be 0"),
    "p := [x |\n\t\tsome x in input.a\n]\n": (6, "indented by 2, should be 1"),
    "p if input.a==1\n": (5, "one space before `==`"),
    "p if input.a  == 1\n": (5, "one space before `==`"),
    "p := {1,2}\n": (5, "one space before `2`"),
    'p := {"a" : 1}\n': (5, "no space before `:`"),
    'p := {"a":1}\n': (5, "one space before `1`"),
    "p := [ 1]\n": (5, "no space before `1`"),
    "p := count( input.a )\n": (5, "no space before `input`"),
    "p := - 1\n": (5, "`-` stands directly before a number"),
    "p := 1 \n": (5, "spaces at the end"),
    "p := 1": (5, "in the middle of a line"),
    "p := 1\n\n": (6, "ends in an empty line"),
    "p := 1\n\n\nq := 2\n": (7, "two empty lines"),
    "p := 1\nq := 2\n": (6, "an empty line belongs above"),
    "p if {\n\n\tinput.a\n}\n": (6, "after an opening bracket"),
    "p if {\n\tinput.a\n\n}\n": (7, "before a closing bracket"),
    "#comment\np := 1\n": (5, "a comment begins with"),
    'p := {"a": 1,\n\t"b": 2}\n': (5, "a new line belongs after this bracket"),
    'p := {\n\t"a": 1,\n\t"b": 2\n}\n': (8, "a comma and a new line belong before"),
    "p := [1, 2,]\n": (5, "no comma before this bracket"),
    'p := {\n\t"a": 1,\n\n\t"b": 2,\n}\n': (7, "an empty line inside brackets"),
    "p if {\n\tinput.a;\n}\n": (6, "no `;`"),
    "p if every\n": (5, "every"),
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_not_canonical_is_named(text: str) -> None:
    """Line and what belongs there."""
    line, says = WRONG[text]
    found = [(problem.line, problem.message) for problem in check_format(HEAD + text, "a.rego")]
    assert any(at == line and says in message for at, message in found), found


RIGHT = (
    "p := -1\n",
    "p if input.a - 1 == 2\n",
    "p := input.a[0]\n",
    'p := input["a b"]\n',
    "p if {\n\tevery x in input.a { x > 1 }\n}\n",
    "p := {x | some x in input.a; x > 1}\n",
    "p := `a  b\n   c `\n",
    'p := "a , b :c"\n',
    "p := array.concat(\n\t[1],\n\t[2],\n)\n",
    'p := [{"a": x, "b": {\n\t"c": 1,\n}} |\n\tsome x in input.a\n]\n',
    "p if {\n\tx := q with input as {}\n\t\twith data.dpone.config as {}\n\tx\n}\n",
    "p if {\n\tinput.a\n\n\t# why\n\tinput.b\n}\n",
    "p := 1 # why\n",
    "p := {}\n",
    "p := []\n",
)


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_canonical_is_left_alone(text: str) -> None:
    """No false alarm: what `opa fmt` leaves as it is, is right."""
    assert [str(problem) for problem in check_format(HEAD + text, "a.rego")] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_is_shipped_is_canonical(path: Path) -> None:
    """The policies, their tests, and what `dpone policy init` writes."""
    assert [str(problem) for problem in check_format(path.read_text("utf-8"), path.name)] == []
