"""Changes made to rules, who notices them, and the list of those that nobody can notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from dpone.policy.dialect.parser import parse_module
from dpone.policy.engines.regopy_engine import RegopyEngine
from dpone.policy.equivalents import FILE, Equivalent, ListProblem, judge, read_equivalents
from dpone.policy.mutants import Mutant, body_mutants, condition_mutants, mutated
from dpone.policy.mutation import Tried, try_mutants, watches
from dpone.policy.reach import reach
from dpone.policy.runner import Runner
from dpone.policy.sources import parse_all

HEAD = "package dpone.custom.release_gate.team\n\nimport rego.v1\n\n"
TEST_HEAD = "package dpone.custom.release_gate.team_test\n\nimport rego.v1\n\nimport data.dpone.custom.release_gate.team\n\n"


def changes(rule: str, kind=condition_mutants) -> list[str]:
    """What is done to one rule."""
    return [mutant.change for mutant in kind([parse_module(HEAD + rule, "team.rego")])]


CONDITIONS = {
    "p if input.a == 1": ["removed: (input.a == 1)", "negated: (input.a == 1)"],
    "p if input.a > 1": ["removed: (input.a > 1)", "negated: (input.a > 1)", "boundary: (input.a > 1)"],
    "p if not q": ["removed: not q", "negated: not q"],
    'p if input.a in ["x"]': ['removed: (input.a in ["x"])', 'negated: (input.a in ["x"])'],
    "p if {\n\tsome x in input.a\n\tx.ok\n}": ["removed: x.ok", "negated: x.ok"],
    'p := [{"ok": ok} | ok := input.a != 1]': ["removed: (input.a != 1)", "negated: (input.a != 1)"],
    'p := [{"ok": ok} | ok := f(input)]': ["true instead: ok := f(input)", "false instead: ok := f(input)"],
    "p if {\n\tevery x in input.a { x.ok }\n}": ["removed: every x in input.a { x.ok }", "removed: x.ok", "negated: x.ok"],
    "p := 1": [],
}  # fmt: skip


@pytest.mark.parametrize("rule", CONDITIONS)
def test_every_condition_is_changed(rule: str) -> None:
    """Removed, negated, and moved where there is a boundary; what is no condition is left as it is."""
    assert changes(rule) == CONDITIONS[rule]


def test_every_body_counts() -> None:
    """A definition, a default, a constant, a comprehension and an `every` each are one body."""
    text = (
        "default p := 1\n\np := 2 if input.a\n\nq := 3\n\n"
        "r := [x | some x in input.a]\n\ns if {\n\tevery x in input.a { x }\n}"
    )
    assert changes(text, body_mutants) == [
        *("the default", "the body", "the body", "the body"),
        *("the body of [x | some x in input.a]", "the body", "the body of every x in input.a"),
    ]


def test_a_change_is_one_change() -> None:
    """The other definitions of the module stay as they are, and the result is in the dialect."""
    module = parse_module(HEAD + "p if input.a == 1\n\nq if {\n\tinput.b\n\tnot p\n}", "team.rego")
    for mutant in (*condition_mutants([module]), *body_mutants([module])):
        definitions = mutated(module, mutant)
        assert (
            sum(a != b for a, b in zip(definitions, mutated(module, _same(module, mutant)), strict=True)) == 1
        )
        assert parse_module(HEAD + "\n\n".join(definitions), "team.rego").rules


def _same(module, mutant: Mutant) -> Mutant:
    from dpone.policy.dialect.render import render_rule
    from dpone.record import replace

    return replace(mutant, text=render_rule(module.rules[mutant.position]))


def tried(rules: str, tests: str, kind) -> list[Tried]:
    """Try all mutants of a module with one test file."""
    texts = {"team.rego": HEAD + rules, "team_test.rego": TEST_HEAD + tests}
    trees, problems = parse_all(texts)
    assert not problems
    by_path = {tree.path: tree for tree in trees}
    runner = Runner({"team.rego": texts["team.rego"]}, by_path, RegopyEngine, {})
    try:
        outcomes = list(runner.file("team_test.rego"))
        watching = watches(runner, outcomes)
    finally:
        runner.close()
    mutants = list(kind([by_path["team.rego"]]))
    return try_mutants(mutants, by_path, lambda mutant: watching, RegopyEngine)


RULE = 'low contains e.name if {\n\tsome e in input.evidence\n\te.kind == "coverage"\n\te.percent < 80\n}\n'  # fmt: skip
GIVEN = '{"evidence": [{"name": "a", "kind": "%s", "percent": %s}]}'
RED = (
    f"test_red if {{\n\tfound := team.low with input as {GIVEN % ('coverage', '79')}\n\tcount(found) == 1\n}}\n"
)
EDGE = f"test_edge if {{\n\tfound := team.low with input as {GIVEN % ('coverage', '80')}\n\tcount(found) == 0\n}}\n"
OTHER = (
    f"test_other if {{\n\tfound := team.low with input as {GIVEN % ('junit', '10')}\n\tcount(found) == 0\n}}\n"
)


def survivors(tests: str) -> list[str]:
    """The changes that these tests do not notice."""
    found = tried(RULE, tests, condition_mutants)
    assert not any(one.fault for one in found)
    return [one.mutant.change for one in found if not one.noticed]


def test_missing_tests_are_found() -> None:
    """With red alone two removals and the boundary survive; the boundary's and another kind's test notice them."""
    kind, percent = '(e.kind == "coverage")', "(e.percent < 80)"
    assert survivors(RED) == [f"removed: {kind}", f"removed: {percent}", f"boundary: {percent}"]
    assert survivors(f"{RED}\n{EDGE}") == [f"removed: {kind}"]
    assert survivors(f"{RED}\n{EDGE}\n{OTHER}") == []


def test_who_noticed_is_named() -> None:
    """Place and name of the first test that no longer holds."""
    found = tried(RULE, RED, body_mutants)
    assert [one.noticed for one in found] == ["team_test.rego:7 test_red"]


def test_a_test_that_fails_notices_nothing() -> None:
    """It would fail with every change and count everything as tested."""
    wrong = RED.replace("== 1", "== 2")
    assert all(not one.noticed for one in tried(RULE, wrong, condition_mutants))


def test_a_body_nobody_looks_at_is_not_reached() -> None:
    """It runs, and its outcome makes no difference: that is no coverage."""
    rules = RULE + "\nalways := [x | some x in input.evidence]\n"
    tests = f"{RED}\ntest_runs if {{\n\tfound := team.always with input as {GIVEN % ('junit', '1')}\n\tis_array(found)\n}}\n"
    found = tried(rules, tests, body_mutants)
    trees = {"team.rego": parse_module(HEAD + rules, "team.rego")}
    bodies = {place.name: place.reached for place in reach(trees, ["team.rego"], found).bodies}
    assert bodies == {
        "low: the body": True,
        "always: the body": True,
        "always: the body of [x | some x in input.evidence]": False,
    }


def test_percentages_are_rounded_down() -> None:
    """99.6 % is 99: only all of it is 100. Nothing to reach is not all of it."""
    from dpone.policy.reach import Place, Reach

    places = tuple(Place("a.rego", 1, "x", "t" if number else "") for number in range(250))
    assert Reach(places, places).body_percent == 99
    assert Reach((), ()).rule_percent == 0


def test_a_change_that_does_not_build_is_no_proof() -> None:
    """It is told as a fault, and neither noticed nor listed."""
    from dpone.record import replace

    trees = {"team.rego": parse_module(HEAD + RULE, "team.rego")}
    mutant = replace(next(condition_mutants(trees.values())), text="low contains unbound if { 1 == }")
    texts, watching = {"team.rego": HEAD + RULE, "team_test.rego": TEST_HEAD + RED}, []
    by_path = {tree.path: tree for tree in parse_all(texts)[0]}
    runner = Runner(texts, by_path, RegopyEngine, {})
    try:
        watching = watches(runner, list(runner.file("team_test.rego")))
    finally:
        runner.close()
    (found,) = try_mutants([mutant], by_path, lambda _: watching, RegopyEngine)
    assert (found.noticed, bool(found.fault)) == ("", True)
    assert judge([found], [Equivalent("dpone.custom.release_gate.team.low", mutant.change, "x")]).survivors


def mutant(change: str) -> Mutant:
    """A mutant of which only the change matters."""
    return Mutant("a.rego", "dpone.x", "p", 0, 1, "condition", change, "")


def test_the_list_is_held_to_what_is_so() -> None:
    """Listed and surviving is accepted; noticed, gone or misspelt is named; the rest survives."""
    tried_ = [Tried(mutant("one")), Tried(mutant("two"), "a test"), Tried(mutant("three"))]
    listed = [Equivalent("dpone.x.p", change, "why") for change in ("one", "two", "four")]
    judged = judge(tried_, listed)
    assert [one.mutant.change for one in judged.survivors] == ["three"]
    assert judged.listed == 1
    assert [entry.change for entry in judged.wrong] == ["two", "four"]


WRONG_LISTS = {
    "equivalent: []\nmore: 1\n": "one key",
    "- a\n": "one key",
    "equivalent:\n  - {rule: a, change: b}\n": "entry 1 has rule, change, reason",
    "equivalent:\n  - {rule: a, change: b, reason: ''}\n": "entry 1",
    "equivalent:\n  - {rule: a, change: b, reason: 3}\n": "entry 1",
    "a: [\n": "not YAML",
    "equivalent: &x []\n": "not YAML",
}


@pytest.mark.parametrize("text", WRONG_LISTS)
def test_a_list_that_cannot_be_read_is_an_error(tmp_path: Path, text: str) -> None:
    """A reason is part of every entry; nothing is skipped."""
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ListProblem) as told:
        read_equivalents(tmp_path)
    assert WRONG_LISTS[text] in str(told.value)


def test_without_a_list_nothing_is_listed(tmp_path: Path) -> None:
    """Most layers have none."""
    assert read_equivalents(tmp_path) == ()
