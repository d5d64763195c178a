"""`*_test.rego` in the embedded engine: the same answers as `opa test`, and no test that only seems to pass."""

# ruff: noqa: E501 - one test a line: the table is read across

from __future__ import annotations

import re

import pytest

from dpone.policy.dialect.parser import parse_module
from dpone.policy.dialect.render import render_module, render_rule
from dpone.policy.engines.regopy_engine import RegopyEngine
from dpone.policy.outcomes import Report
from dpone.policy.shipped_rules import shipped_modules
from dpone.policy.testing import run_tests
from dpone.shipped import shipped

RULES = """package dpone.custom.release_gate.payments

import rego.v1

deny contains {"code": "payments.low", "evidence": e.name, "params": {"actual": e.percent, "minimum": minimum}} if {
	some e in input.evidence
	e.percent < minimum
}

minimum := data.dpone.config.settings.minimum

named if input.name != ""

double(n) := n + n
"""
HEAD = """package dpone.custom.release_gate.payments_test

import rego.v1

import data.dpone.custom.release_gate.payments

item(percent) := {"evidence": [{"name": "cov", "percent": percent}]}

"""
LINES = HEAD.count("\n")


def run(tests: str, *, rules: str = RULES, config=None, **limits) -> Report:
    """Run the tests of one file against the rules."""
    return run_tests(
        {"p/payments.rego": rules},
        {"p/payments_test.rego": HEAD + tests},
        lambda: RegopyEngine(**limits),
        config or {"settings": {"minimum": 80}},
    )


def only(report: Report):
    """The only outcome."""
    (outcome,) = report.outcomes
    return outcome


HOLDS = {
    "a finding": 'test_x if {\n\tfound := payments.deny with input as item(79.9)\n\tcount(found) == 1\n\tsome f in found\n\tf.code == "payments.low"\n}',
    "no finding": "test_x if {\n\tfound := payments.deny with input as item(80)\n\tcount(found) == 0\n}",
    "a condition": 'test_x if payments.named with input as {"name": "n"}',
    "a negation": 'test_x if not payments.named with input as {"name": ""}',
    "arithmetic": "test_x if payments.double(2) == 4",
    "a local input": "test_x if {\n\tp := 70 + 5\n\tgiven := item(p)\n\tfound := payments.deny with input as given\n\tcount(found) == 1\n}",
    "a configuration": 'test_x if {\n\tc := {"settings": {"minimum": 10}}\n\tfound := payments.deny with input as item(79) with data.dpone.config as c\n\tcount(found) == 0\n}',
    "a part of the configuration": "test_x if {\n\tfound := payments.deny with input as item(79) with data.dpone.config.settings.minimum as 10\n\tcount(found) == 0\n}",
    "the same input twice": "test_x if {\n\tcount(payments.deny) == 1 with input as item(1)\n\tpayments.minimum == 80 with input as item(1)\n}",
    "odd texts": 'test_x if {\n\tn := "a\\"b\\\\c\\té€"\n\tpayments.named with input as {"name": n}\n}',
    "fixtures in rules": "low := item(1)\n\nexpected := 1\n\nsame(a, b) if a == b\n\ntest_x if {\n\tn := expected\n\tfound := payments.deny with input as low\n\tsame(count(found), n)\n\tcount(found) == expected\n}",
    "the value true": "test_x := true",
}  # fmt: skip


@pytest.mark.parametrize("name", HOLDS)
def test_what_holds_passes(name) -> None:
    """Every form the dialect allows is evaluated in its world, although the engine itself crashes on it."""
    assert only(run(HOLDS[name])).problem == ""
    assert run(HOLDS[name]).passed


FAILS = {
    "not true": ("test_x if {\n\tfound := payments.deny with input as item(80)\n\tcount(found) == 1\n}", 3, "this is not true; found = []"),
    "undefined": ("test_x if payments.nothing", 1, "this is not true"),
    "false": ("test_x := false", 1, "its value is not true"),
    "a conflict": ("test_x if f(1) == 1\n\nf(x) := 1 if x > 0\n\nf(x) := 2 if x > 0", 1, "regopy"),
    "a failing builtin": ('test_x if to_number("x") == 1', 1, "regopy"),
    "two inputs": ("test_x if {\n\ta := payments.deny with input as item(1)\n\tb := payments.deny with input as item(2)\n\ta == b\n}", 3, "make it two tests"),
    "a rule without with": ("test_x if {\n\ta := payments.deny with input as item(1)\n\tcount(a) == count(payments.deny)\n}", 3, "give it the same one"),
    "a helper that reads a rule": ("test_x if {\n\ta := payments.deny with input as item(1)\n\tsame(a)\n}\n\nsame(a) if count(a) == there\n\nthere := count(payments.deny)", 3, "same is read here"),
    "input without with": ("test_x if {\n\ta := payments.deny with input as item(1)\n\tinput.evidence\n}", 3, "give it the same one"),
    "with inside a comprehension": ("test_x if {\n\ta := [x | x := payments.deny with input as item(1)]\n\tcount(a) == 1\n}", 1, "nested body"),
    "with inside every": ("test_x if {\n\tevery i in [1] { payments.named with input as item(i) }\n}", 1, "nested body"),
    "a value that needs the world": ("test_x if {\n\ta := payments.deny with input as item(1)\n\tb := count(a)\n\tpayments.named with input as item(b)\n}", 4, "make it two tests"),
    "a value of itself": ("test_x if {\n\ta := payments.deny with input as item(a)\n\tcount(a) == 1\n}", 2, "a has no value before"),
    "a value that is searched": ("test_x if {\n\tsome a in [1, 2]\n\tpayments.named with input as item(a)\n}", 3, "a has no value before"),
    "a value that is undefined": ("test_x if payments.named with input as f(1)\n\nf(x) := 1 if x == 2", 1, "has no value before"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILS)
def test_what_does_not_hold_fails_with_its_line(name) -> None:
    """The line is that of the statement, and the problem says what to look at."""
    text, line, says = FAILS[name]
    outcome = only(run(text))
    assert not outcome.passed
    assert outcome.name == "payments_test.test_x"
    assert outcome.line == LINES + line
    assert says in outcome.problem


def test_values_before_the_failing_line_are_shown() -> None:
    """What was expected and what came is in one line."""
    text = "test_x if {\n\tfound := payments.deny with input as item(1)\n\tn := count(found)\n\tn == 2\n}"
    assert only(run(text)).problem == (
        'this is not true; found = [{"code": "payments.low", "evidence": "cov", '
        '"params": {"actual": 1, "minimum": 80}}]; n = 1'
    )


def test_a_crash_or_an_endless_loop_stays_with_its_test() -> None:
    """A test that ends or hangs the engine fails; those beside it, before and after, are run."""
    slow = "some a in n; some b in n; some c in n; some d in n"
    text = (
        "test_a if payments.double(1) == 2\n\n"
        f"test_b if {{\n\tn := [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]\n\tcount({{[a, b, c, d] | {slow}}}) == 1\n}}\n\n"
        "test_c if payments.double(2) == 4\n"
    )
    found = {o.name: o.problem for o in run(text, deadline_seconds=2).outcomes}
    assert found["payments_test.test_a"] == ""
    assert "within 2 s" in found["payments_test.test_b"]
    assert found["payments_test.test_c"] == ""


def test_modules_that_crash_the_engine_fail_every_test() -> None:
    """Two functions of one name with different arguments corrupt the engine: no test passes by accident."""
    rules = RULES + "\ntwo(a) if a == 1\n\nq if two(1)\n"
    report = run("two(a, b) if a == b\n\ntest_a if two(1, 1)\n", rules=rules)
    assert not report.passed
    assert "the engine ended" in only(report).problem or "do not build" in only(report).problem


def test_no_tests_are_not_passed() -> None:
    """Neither an empty set of files nor a file without tests is green."""
    assert not run_tests({"p.rego": RULES}, {}, RegopyEngine).passed
    report = run("helper := 1\n")
    assert not report.passed
    assert "no rule called test_" in only(report).problem


def test_a_name_used_twice_fails() -> None:
    """Two bodies of one test would be an or: one of them could never fail."""
    report = run("test_x if payments.double(1) == 2\n\ntest_x if payments.double(1) == 3\n")
    assert [o.passed for o in report.outcomes] == [True, False]
    assert not report.passed


def test_a_file_that_does_not_parse_fails() -> None:
    """In tests and in the rules they test."""
    assert "starts a line" in only(run("test_x if {\n\t1\n\t== 1\n}")).problem
    broken = run("test_x if payments.double(1) == 2", rules=RULES + "\nq {")
    assert not broken.passed


def test_tests_see_only_what_they_import() -> None:
    """A module that is not imported is not loaded, as with the layer itself."""
    modules = {"p.rego": RULES, "other.rego": "package dpone.other\n\nimport rego.v1\n\nx := 1\n"}
    tests = {"p_test.rego": HEAD + "test_x if data.dpone.other.x == 1\n"}
    assert not run_tests(modules, tests, RegopyEngine).passed


def test_the_shipped_tests_pass() -> None:
    """Every shipped `*_test.rego` holds in the embedded engine; CI runs the same files under `opa test`."""
    root = shipped("policies")
    tests = {p.relative_to(root).as_posix(): p.read_text("utf-8") for p in sorted(root.rglob("*_test.rego"))}
    report = run_tests(shipped_modules(), tests, RegopyEngine)
    assert [o for o in report.outcomes if not o.passed] == []
    written = sum(len(re.findall(r"^test_\w+", text, re.MULTILINE)) for text in tests.values())
    assert len(report.outcomes) == written > 0


def test_a_rendered_module_is_the_same_program() -> None:
    """Rendering and parsing again gives the same rules: what is derived from a test is that test."""
    for path, text in shipped_modules().items():
        module = parse_module(text, path)
        rendered = [render_rule(rule) for rule in module.rules]
        again = parse_module(render_module(module.package, module.imports, rendered), path)
        assert (again.package, [render_rule(rule) for rule in again.rules]) == (module.package, rendered)
        assert [i.path for i in again.imports] == [i.path for i in module.imports]
