"""The parser of the portable dialect: what it reads, what it refuses, and that it never does anything else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpone.policy.dialect.parser import parse_module
from dpone.policy.dialect.tokens import DialectError, tokenize
from dpone.policy.dialect.tree import (
    Array,
    Assign,
    Call,
    Comprehension,
    Condition,
    Every,
    Name,
    Object,
    Operation,
    Ref,
    Scalar,
    SetTerm,
    Some,
)
from dpone.shipped import shipped

HEAD = "package x\n\nimport rego.v1\n\n"
SHIPPED = sorted(shipped("policies").rglob("*.rego"))


def rule(text: str):
    """The only rule of a module with this text."""
    (found,) = parse_module(HEAD + text, "x.rego").rules
    return found


def value(text: str):
    """The term `text` as the value of a rule."""
    return rule(f"p := {text}").value


REFUSED = {
    "no package": ("import rego.v1", "starts with its package"),
    "no rego.v1": ("package x\n\np := 1", "import rego.v1"),
    "future keywords": ("package x\nimport rego.v1\nimport future.keywords", "rego.v1 and packages below data"),
    "import input": ("package x\nimport rego.v1\nimport input.a", "rego.v1 and packages below data"),
    "import as input": ("package x\nimport rego.v1\nimport data.a as input", "cannot be called `input`"),
    "import as data": ("package x\nimport rego.v1\nimport data.a as data", "cannot be called `data`"),
    "import named data": ("package x\nimport rego.v1\nimport data.data", "cannot be called `data`"),
    "import all data": ("package x\nimport rego.v1\nimport data", "rego.v1 and packages below data"),
    "import late": (HEAD + "p := 1\nimport data.a", "expected a name"),
    "v0 rule": (HEAD + "p { 1 == 1 }", "p if {"),
    "v0 set": (HEAD + "p[x] { x := 1 }", "only constant texts are keys"),
    "no if, no value": (HEAD + "p", "neither a value nor `if`"),
    "if without braces around every": (HEAD + "p if every x in [1] { x > 0 }", "inside braces"),
    "else": (HEAD + "p := 1 if { 1 == 2 } else := 2", "`else` is not in the dialect"),
    "unify": (HEAD + "p if { x = 1 }", "write `:=`"),
    "value with =": (HEAD + "p = 1", "write `:=`"),
    "some k, v": (HEAD + "p if { some k, v in input.a }", "not portable"),
    "every k, v": (HEAD + "p if { every k, v in input.a { v } }", "not portable"),
    "wildcard index": (HEAD + "p contains input.a[_]", "some x in array"),
    "object comprehension": (HEAD + 'p := {"a": 1 | true}', "object comprehensions"),
    "variable key": (HEAD + "p := {x: 1}", "constant texts"),
    "number key": (HEAD + "p := {1: 1}", "constant texts"),
    "key twice": (HEAD + 'p := {"a": 1, "a": 2}', "stands twice"),
    "division": (HEAD + "p := 1 / 2", "let the collector compute it"),
    "modulo": (HEAD + "p := 1 % 2", "let the collector compute it"),
    "exponent": (HEAD + "p := 1e3", "no exponents"),
    "leading zero": (HEAD + "p := 01", "do not start with 0"),
    "large integer": (HEAD + "p := 9007199254740992", "2**53"),
    "long fraction": (HEAD + "p := 0.1234567890123456", "15 digits"),
    "unicode escape": (HEAD + 'p := "\\u0041"', "not portable"),
    "slash escape": (HEAD + 'p := "a\\/b"', "not portable"),
    "open text": (HEAD + 'p := "abc', "no closing"),
    "open raw text": (HEAD + "p := `abc", "no closing `"),
    "control in text": (HEAD + 'p := "a\x07b"', "control or formatting"),
    "bidi in text": (HEAD + 'p := "a\u202eb"', "control or formatting"),
    "bidi in comment": (HEAD + "p := 1 # \u202e", "control or formatting"),
    "foreign letter": (HEAD + "pä := 1", "only inside texts"),
    "crlf": ("package x\r\nimport rego.v1\r\n", "not CRLF"),
    "not of a comparison": (HEAD + "p if not input.a == 1", "helper rule"),
    "not of arithmetic": (HEAD + "p if not 1 + 1", "helper rule"),
    "operator on the next line": (HEAD + "p if {\n\t1\n\t== 1\n}", "end of the line before"),
    "chained comparison": (HEAD + "p if 1 < 2 < 3", "do not chain"),
    "empty body": (HEAD + "p if {}", "body is empty"),
    "empty comprehension": (HEAD + "p := [1 | ]", "has no body"),
    "two statements on a line": (HEAD + "p if { 1 == 1 2 == 2 }", "use a new line or `;`"),
    "two rules on a line": (HEAD + "p := 1 q := 2", "end at its line's end"),
    "assign to a path": (HEAD + "p if { input.a := 1 }", "a plain name"),
    "assign to input": (HEAD + "p if { input := 1 }", "a plain name"),
    "some input": (HEAD + "p if { some input in [1] }", "nothing can be called `input`"),
    "argument input": (HEAD + "f(input) := 1", "names of their own"),
    "argument pattern": (HEAD + "f([x]) := x", "names of their own"),
    "no arguments": (HEAD + "f() := 1", "takes no arguments"),
    "rule named data": (HEAD + "data := 1", "nothing can be called `data`"),
    "rule named input": (HEAD + "default input := {}", "nothing can be called `input`"),
    "default set": (HEAD + "default p contains 1", "needs no default"),
    "default with if": (HEAD + "default p := 1 if true", "without a condition"),
    "default without value": (HEAD + "default p", "neither a value"),
    "field of a call": (HEAD + "p := f(1).a", "bind it to a name first"),
    "field of a text": (HEAD + 'p := "a".b', "bind it to a name first"),
    "computed index": (HEAD + "p := input.a[count([1])]", "bind anything else"),
    "with a builtin": (HEAD + "p if { q with count as 1 }", "`input` or `data.dpone.config`"),
    "metadata alone": (HEAD + "# METADATA\n# title: x\n\np := 1", "directly above"),
    "metadata at the end": (HEAD + "p := 1\n# METADATA\n# title: x\n", "directly above"),
    "metadata inside a body": (HEAD + "p if {\n# METADATA\n# title: x\n1 == 1\n}", "directly above"),
    "deep brackets": (HEAD + "p := " + "[" * 500 + "]" * 500, "nested deeper"),
    "deep parentheses": (HEAD + "p := " + "(" * 500 + "1" + ")" * 500, "nested deeper"),
    "deep comprehensions": (HEAD + "p := " + "[1 | x := " * 500 + "1" + "]" * 500, "nested deeper"),
    "deep every": (HEAD + "p if { " + "every x in [1] { " * 500 + "true" + " }" * 501, "nested deeper"),
    "very long": ("package x\n" + "#" * 1_000_001, "at most"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_in_the_dialect_is_refused_with_a_way_out(name: str) -> None:
    """Each program outside the dialect raises `DialectError` with a place and the sentence that helps."""
    text, says = REFUSED[name]
    with pytest.raises(DialectError) as caught:
        parse_module(text, "x.rego")
    assert says in caught.value.message
    assert caught.value.at.line >= 1
    assert caught.value.at.column >= 1


def test_the_place_of_an_error_is_the_line_and_column_of_the_text() -> None:
    """Lines count from 1 across comments and raw texts, columns too."""
    with pytest.raises(DialectError) as caught:
        parse_module("package x\nimport rego.v1\n# c\np := `a\nb`\n\nq := 1 / 2\n", "x.rego")
    assert caught.value.at == (7, 8)


def test_operators_bind_as_in_opa() -> None:
    """`*` before `+` before `&` before `|` before comparison before `in`."""
    found = value("a | b & c + d * 2 == e")
    assert isinstance(found, Operation)
    assert found.operator == "=="
    union = found.left
    assert isinstance(union, Operation)
    assert union.operator == "|"
    both = union.right
    assert isinstance(both, Operation)
    assert both.operator == "&"
    assert isinstance(both.right, Operation)
    assert both.right.operator == "+"
    member = value('"a" in b | c')
    assert isinstance(member, Operation)
    assert member.operator == "in"


def test_subtraction_is_left_associative() -> None:
    """`1 - 2 - 3` is `(1 - 2) - 3`, and parentheses change it."""
    found = value("1 - 2 - 3")
    assert isinstance(found, Operation)
    assert isinstance(found.left, Operation)
    other = value("1 - (2 - 3)")
    assert isinstance(other, Operation)
    assert isinstance(other.right, Operation)


def test_collections_and_comprehensions_are_told_apart() -> None:
    """Arrays, sets, objects, and both kinds of comprehension have their own node."""
    assert isinstance(value("[1, 2,]"), Array)
    assert isinstance(value("{1, 2}"), SetTerm)
    assert value("{}") == Object((), value("{}").at)
    assert isinstance(value('{"a": 1,}'), Object)
    array = value("[{x} | some x in input.a; x > 1]")
    assert isinstance(array, Comprehension)
    assert array.kind == "array"
    assert isinstance(array.head, SetTerm)
    assert [type(s) for s in array.body] == [Some, Condition]
    assert isinstance(value("{x |\n\tsome x in input.a\n}"), Comprehension)
    inner = value("[(a | b) | a := {1}; b := {2}]")
    assert isinstance(inner, Comprehension)
    assert isinstance(inner.head, Operation)


def test_references_keep_constant_and_variable_parts() -> None:
    """`input.a["b"][i]` is a path of two constants and a name."""
    found = value('input.a["b"][i].c')
    assert isinstance(found, Ref)
    assert found.constant() == ("a", "b")
    assert found.dotted() == "input.a.b"
    assert isinstance(found.path[2], Name)


def test_statements() -> None:
    """Each statement of the dialect has its node, and `with` clauses stay with theirs."""
    body = rule(
        "p if {\n\tsome k\n\tv := input[k]; not q(v)\n\tevery x in v { x > 0 }\n"
        '\tr with input as {"a": 1} with data.dpone.config as c\n}'
    ).body
    assert [type(s) for s in body] == [Some, Assign, Condition, Every, Condition]
    negated = body[2]
    assert isinstance(negated, Condition)
    assert negated.negated
    assert isinstance(negated.term, Call)
    last = body[4]
    assert isinstance(last, Condition)
    assert [w.target.dotted() if isinstance(w.target, Ref) else w.target.name for w in last.withs] == [
        "input",
        "data.dpone.config",
    ]


def test_rule_forms() -> None:
    """Values, sets, objects, functions and defaults are told apart."""
    module = parse_module(
        HEAD + 'default a := 1\na := 2 if input.x\nb contains 1\nc["k"] := 1\nc.z := 2 if true\n'
        "f(x, 1) := x\ng(_) if true\n",
        "x.rego",
    )
    assert [(r.name, r.kind, r.default, r.key) for r in module.rules] == [
        ("a", "value", True, ""),
        ("a", "value", False, ""),
        ("b", "set", False, ""),
        ("c", "object", False, "k"),
        ("c", "object", False, "z"),
        ("f", "function", False, ""),
        ("g", "function", False, ""),
    ]
    assert module.rules[-1].value == Scalar(True, module.rules[-1].at)


def test_metadata_belongs_to_what_stands_below_it() -> None:
    """A block is attached to the package or the rule on the next line, as YAML text without `#`."""
    module = parse_module(
        "# METADATA\n# title: package\npackage x\n\nimport rego.v1\n\n# a note\n\n"
        "# METADATA\n# title: rule\n# custom:\n#   a: 1\np := 1\n",
        "x.rego",
    )
    assert module.metadata is not None
    assert module.metadata.text == " title: package"
    found = module.rules[0].metadata
    assert found is not None
    assert found.text == " title: rule\n custom:\n   a: 1"
    assert found.line == 9


def test_metadata_inside_a_raw_text_is_text() -> None:
    """A block inside backquotes describes nothing, and the lines after it keep their numbers."""
    module = parse_module(HEAD + "p := `\n# METADATA\n# title: forged\n`\nq := 1\n", "x.rego")
    assert [r.metadata for r in module.rules] == [None, None]
    assert module.rules[0].value == Scalar("\n# METADATA\n# title: forged\n", module.rules[0].value.at)
    assert module.rules[1].at.line == 9


@pytest.mark.parametrize("path", SHIPPED, ids=[p.name for p in SHIPPED])
def test_every_shipped_policy_is_in_the_dialect(path) -> None:
    """What dpone ships obeys its own dialect."""
    assert parse_module(path.read_text("utf-8"), path.name).package[0] == "dpone"


PIECES = st.sampled_from(
    [
        *(
            "package ",
            "import ",
            "rego.v1",
            "data.a",
            "default ",
            "if ",
            "not ",
            "some ",
            "every ",
            "in ",
            "with ",
        ),
        *(
            "as ",
            "contains ",
            "x",
            "y",
            "f(",
            ")",
            "{",
            "}",
            "[",
            "]",
            "|",
            "&",
            ":=",
            "==",
            "=",
            "<",
            "+",
            "-",
        ),
        *(
            "*",
            "/",
            ",",
            ";",
            ".",
            ":",
            "1",
            "0.5",
            '"a"',
            "`r`",
            "\n",
            " ",
            "# METADATA\n",
            "# t: 1\n",
            "input.",
        ),
    ]
)


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=40).map("".join), st.booleans())
def test_any_text_is_parsed_or_refused(text: str, headed: bool) -> None:
    """Whatever the text, the parser returns a module or raises `DialectError`, nothing else."""
    try:
        parse_module((HEAD if headed else "") + text, "x.rego")
    except DialectError as error:
        assert error.message  # noqa: PT017 - both outcomes are right, a silent one is not


@settings(max_examples=100)
@given(st.text(max_size=60))
def test_any_characters_are_tokens_or_refused(text: str) -> None:
    """The lexer ends on any characters, and its tokens stand in order."""
    try:
        found = tokenize(text).tokens
    except DialectError:
        return
    assert [t.at for t in found] == sorted(t.at for t in found)
    assert found[-1].kind == "end"


@settings(max_examples=100)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Co", "Cn", "Zs"]), max_size=30))
def test_a_text_means_the_same_as_in_json(text: str) -> None:
    """A printable text written as JSON is read back as itself."""
    import json

    assert value(json.dumps(text, ensure_ascii=False)) == Scalar(text, value('""').at)
