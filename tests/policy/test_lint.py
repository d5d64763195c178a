"""The lint finds what the engine accepts silently: each program has exactly the problem it was written for."""

# ruff: noqa: E501 - one mistake a line: the table is read across

from __future__ import annotations

import pytest

from dpone.policy.layers import input_schema, library, lint_shipped
from dpone.policy.lint import lint
from dpone.policy.sources import parse_all

PACKAGE = "package dpone.custom.release_gate.payments\n\nimport rego.v1\n\nimport data.dpone.lib\n\n"
TEXTS = 'title: t\n#  description: d\n#  custom: {{{0} message: "m {1}", remedy: "r"}}\n'
CHECK = "# METADATA\n#  " + TEXTS.format("applies_to: evidence,", "")
CODE = "# METADATA\n#  " + TEXTS.format("code: payments.low,", "")
GOOD = CHECK + 'low contains {"evidence": e.name, "ok": e.age_seconds < 5} if some e in input.evidence\n'


def problems(text: str, *, team: bool = True, name: str = "p.rego", head: str = PACKAGE):
    """What the lint says about one module of a team's layer, as (code, line, message)."""
    trees, wrong = parse_all({name: head + text})
    found = wrong or lint(trees, parse_all(library())[0], input_schema(), team=team)
    start = head.count("\n")
    return [(p.code, p.line - start, p.message) for p in found]


def test_a_good_layer_has_no_problem() -> None:
    """Checks in both forms, deny with its code, helpers, library and settings."""
    assert problems(
        GOOD
        + CHECK
        + 'named := [{"evidence": e.name, "ok": ok, "key": "k", "params": {"a": 1}} |\n'
        "\tsome e in input.evidence\n\tok := is_named(e)\n]\n\n"
        "default is_named(_) := false\n\nis_named(e) if {\n\tname := e.name\n\tnames := unwanted\n\tnot name in names\n}\n\n"
        "unwanted := data.dpone.config.gates.release_gate.settings.unwanted\n\n"
        + CODE
        + 'deny contains {"code": "payments.low", "evidence": e.name, "pointer": "/line", "params": {}} if {\n'
        '\tsome e in lib.of_kind("coverage")\n\te.facts.line_percent < 80.5\n\tcount(e.contradictions) == 0\n'
        '\tevery r in e.seal.roles { startswith(r, "ci") }\n\tsome k\n\tv := e.counts[k]\n\tv > 1\n}\n'
    ) == []  # fmt: skip


FINDS = {
    "unbound name": ("p if x == 1", "unbound", "x has no value here"),
    "unbound below not": ("q(y) if y == 1\np if not q(zz)", "unbound", "zz has no value"),
    "used before it is bound": ("p if {\n\tx == 1\n\tx := 1\n}", "unbound", "x has no value"),
    "bound twice": ("p if {\n\tx := 1\n\tx := 2\n\tx == 2\n}", "bound_twice", "another name"),
    "bound in the comprehension only": ("p := [x | x := 1]\nq := x", "unbound", "x has no value"),
    "some that is never searched": ("p if {\n\tsome x\n\tx == 1\n}", "unbound", "never found"),
    "import as a name": ("p if {\n\tlib := 1\n\tlib == 1\n}", "shadow", "is an import"),
    "builtin as a name": ("p if {\n\tcount := 1\n\tcount == 1\n}", "shadow", "name of the language"),
    "rule named as a builtin": ("count(x) := x", "shadow", "function of the language"),
    "wildcard as a value": ("p := _", "wildcard", "a name is needed"),
    "whole data": ("p := data", "package", "as a whole"),
    "whole import": ("p := lib", "package", "as a whole"),
    "unknown function": ("p := nothing(1)", "call", "there is no function nothing"),
    "unknown library function": ("p := lib.nothing(1)", "call", "there is no function lib.nothing"),
    "call of a rule": ("q := 1\np := q(1)", "call", "is a rule, not a function"),
    "call of a value": ("p := x if {\n\tf := 1\n\tx := f(1)\n}", "call", "is a value"),
    "function without call": ("f(x) := x\np := f", "function", "call it"),
    "a path that may miss, in a call under not": ('f(x) if x == "a"\np if {\n\tsome e in input.evidence\n\tnot f(e.facts.status)\n}', "may_miss", "give it a name"),
    "a path that may miss, in a list under not": ("p if {\n\tsome e in input.evidence\n\tnot e.facts.tests in [1]\n}", "may_miss", "give it a name"),
    "a rule of a path that may miss, under not": ("q := input.parameters.names\np if not input.gate in q", "may_miss", "give it a name"),
    "a rule that may miss, in a call under not": ("q := 1 if input.protected\nf(x) if x == 1\np if not f(q)", "may_miss", "give it a name"),
    "a setting that may miss, in a call under not": ('f(x) if x == 1\np if not f(data.dpone.config.gates["release-gate"].settings.least)', "may_miss", "give it a name"),
    "arity of a function": ("f(x) := x\np := f(1, 2)", "arity", "takes 1 arguments"),
    "arity of a library function": ('p := lib.of_kind("a", "b")', "arity", "takes 1 arguments"),
    "arity of a builtin": ("p := count([1], [2])", "arity", "takes 1 arguments"),
    "arities that differ": ("f(x) := x\nf(x, y) := x + y", "arity", "2 here"),
    "path to nothing": ("p := data.dpone.nothing.x", "data", "leads to nothing"),
    "rule that is not in the library": ("p := data.dpone.lib.nothing", "data", "has no rule nothing"),
    "another gate's package": ("p := data.dpone.evidence.fresh", "data", "leads to nothing"),
    "data beside the config": ("p := data.secrets", "data", "leads to nothing"),
    "unknown setting": ("p := data.dpone.config.kinds.junit.min_executd", "config", "no key kinds.junit.min_executd"),
    "unknown input field": ("p := input.evidnce", "field", "has no field 'evidnce'"),
    "unknown field of an item": ('p if {\n\tsome e in input.evidence\n\te.kynd == "x"\n}', "field", "has no field 'kynd'"),
    "unknown field by the library": ('p if {\n\tsome e in lib.of_kind("x")\n\te.kynd == "x"\n}', "field", "has no field"),
    "unknown field in a helper": ("items := [e | some e in input.evidence]\np if {\n\tsome e in items\n\te.sealed\n}", "field", "no field 'sealed'"),
    "field of a text": ("p := input.gate.name", "field", "is a string and has no fields"),
    "field of an array": ("p := input.evidence.name", "field", "some x in"),
    "value that never occurs": ('p if {\n\tsome e in input.evidence\n\te.state == "presnt"\n}', "type", 'never "presnt"'),
    "text against number": ("p if input.gate == 1", "type", "string is compared with integer"),
    "order of texts": ('p if input.gate < "x"', "type", "compares numbers only"),
    "order of null": ("p if null < 1", "type", "compares numbers only"),
    "equal arrays": ("p if input.evidence == []", "type", "collections compare as text"),
    "sum of fractions": ("p := 0.1 + 0.2", "type", "fractions"),
    "text plus number": ("p := input.gate + 1", "type", "takes whole numbers"),
    "in an object": ('p if "a" in input.subject', "type", "looks into arrays"),
    "some in an object": ("p if {\n\tsome x in input.subject\n\tx == 1\n}", "iteration", "goes through arrays"),
    "union of arrays": ("p := [1] | [2]", "type", "joins sets"),
    "count of a text": ('p := count("abc")', "type", "count takes"),
    "constant condition": ('p if "always"', "constant", "always the same"),
    "collection as a condition": ('q contains 1 if input.gate == "x"\np if q', "not_a_condition", "even when empty"),
    "max": ("p := max([9, 10])", "builtin", "compares as text"),
    "sort": ("p := sort([9, 10])", "builtin", "let the collector sort"),
    "semver": ('p := semver.compare("1.10.0", "1.9.0")', "builtin", "version keys"),
    "time": ("p := time.now_ns()", "builtin", "does not replay"),
    "regex": ('p := regex.match("a", "b")', "builtin", "match in the collector"),
    "http": ('p := http.send({"url": "http://x"})', "builtin", "the host verifies"),
    "runtime": ("p := opa.runtime()", "builtin", "unsafe"),
    "rand": ('p := rand.intn("a", 2)', "builtin", "not the same at replay"),
    "jwt": ('p := io.jwt.decode("a")', "builtin", "the host verifies"),
    "object.union": ('p := object.union({"a": 1}, {"b": 2})', "builtin", "lose keys"),
    "concat": ('p := concat(",", {"a"})', "builtin", "order differs"),
    "walk": ("p if walk(input)", "builtin", "flatten"),
    "sprintf with width": ('p := sprintf("%5s", [input.gate])', "sprintf", "only %s and %v"),
    "sprintf of a whole number": ('p := sprintf("%d", [1])', "sprintf", "prints a whole number"),
    "sprintf with too few": ('p := sprintf("%v %v", [1])', "sprintf", "asks for 2 values"),
    "sprintf of a variable": ("p := sprintf(input.gate, [1])", "sprintf", "constant text"),
    "with in a rule": ('q := input.gate\np if q == "x" with input as {"gate": "x"}', "with", "belongs into tests"),
    "recursion": ("p if q\nq if p", "recursion", "needs itself"),
    "recursive function": ("f(x) := f(x)", "recursion", "needs itself"),
    "a library function's name with other arguments": ("of_kind(a, b) := a + b", "function_name", "crash the engine"),
    "kinds that differ": ("p := 1\np contains 2", "kinds", "is defined as"),
    "two defaults": ("default p := 1\ndefault p := 2", "default", "2 defaults"),
    "value and another": ('p := 1\np := 2 if input.gate == "x"', "conflict", "engines stop"),
    "test outside tests": ('test_x if input.gate == "x"', "test", "_test.rego"),
    "deny of a text": ('deny contains "text" if input.protected', "deny", 'deny must yield an object with "code"; a text alone has no stable id'),
    "deny of sprintf": ('deny contains sprintf("%s", [input.gate]) if input.protected', "deny", "a text alone has no stable id"),
    "deny without a code": ('deny contains {"evidence": "x"} if input.protected', "deny", 'a constant "code"'),
    "deny with a computed code": ('deny contains {"code": input.gate} if input.protected', "deny", 'a constant "code"'),
    "code without METADATA": ('deny contains {"code": "payments.x"} if input.protected', "code", "no METADATA block"),
    "code that nothing yields": (CODE + 'deny contains {"code": "payments.low"} if input.protected\n\n' + CODE.replace(".low", ".high") + 'warn contains {"code": "payments.low"} if input.protected', "code", "no rule yields the code payments.high"),
    "code of somebody else": (CODE.replace("payments.low", "evidence.fresh") + 'deny contains {"code": "evidence.fresh"} if input.protected', "code", "must begin with the layer's name"),
    "code of METADATA malformed": (CODE.replace("payments.low", "low") + 'deny contains {"code": "low"} if input.protected', "metadata", "must look like"),
    "deny with an unknown field": (CODE + 'deny contains {"code": "payments.low", "msg": "x"} if input.protected', "answer", 'no field "msg"'),
    "deny as an array": (CODE + 'deny := [{"code": "payments.low"}]', "metadata_code", "leave out"),
    "check without ok": (CHECK + 'low contains {"evidence": e.name} if some e in input.evidence', "check", "needs `ok`"),
    "check without evidence": (CHECK + 'low contains {"ok": true} if input.protected', "check", "needs `evidence`"),
    "names of what holds with a condition": (CHECK + 'low := {"holds": ["a"]} if input.protected', "check", "a check is"),
    "names of what holds as objects": (CHECK + 'low := {"holds": [{"evidence": e.name} | some e in input.evidence]}', "check", "lists names of evidence"),
    "names of what holds for the gate": (CHECK.replace("evidence,", "gate,") + 'low := {"holds": [e.name | some e in input.evidence]}', "check", "has no names of evidence"),
    "names of what holds with an odd severity": (CHECK + 'low := {"holds": [e.name | some e in input.evidence], "severity": "bad"}', "check", "a severity is one of"),
    "names of what holds with an unknown field": (CHECK + 'low := {"holds": [e.name | some e in input.evidence], "ok": true}', "answer", 'no field "ok"'),
    "names of what holds and a message with an unknown field": (CHECK.replace('"m "', '"m {limit}"') + 'low := {"holds": [e.name | some e in input.evidence], "params": {"limt": 1}}', "template", "names {limit}"),
    "names of what holds and a pointer to no field": (CHECK + 'low := {"holds": [e.name | some e in input.evidence], "pointer": "{fact.x}"}', "template", "the pointer names {fact.x}"),
    "message with an unknown field of the decision": (CHECK.replace('"m "', '"m {subject.nothing}"').replace("evidence,", "gate,") + 'low contains {"ok": false} if input.protected', "template", "names {subject.nothing}"),
    "check with a condition": (CHECK + 'low := [{"evidence": "a", "ok": true}] if input.protected', "check", "a check is"),
    "check that is a condition": (CHECK + "low if input.protected", "check", "a check is"),
    "check that yields a name": (CHECK + "low contains e if some e in input.evidence", "check", "written out"),
    "check of the gate with evidence": (CHECK.replace("evidence,", "gate,") + 'low contains {"evidence": "x", "ok": true} if input.protected', "check", "names no evidence"),
    "check with an odd severity": (CHECK + 'low contains {"evidence": "x", "ok": true, "severity": "bad"} if input.protected', "check", "a severity is one of"),
    "check with an unknown field": (CHECK + 'low contains {"evidence": "x", "ok": true, "extra": 1} if input.protected', "answer", 'no field "extra"'),
    "params that are not written out": (CHECK + 'low contains {"evidence": "x", "ok": false, "params": input.parameters} if input.protected', "answer", "write the parameters out"),
    "param that is an object": (CHECK + 'low contains {"evidence": "x", "ok": false, "params": {"a": {"b": 1}}} if input.protected', "answer", "must be a text, number"),
    "message with an unknown field": (CHECK.replace('"m "', '"m {limit}"') + 'low contains {"evidence": "x", "ok": false, "params": {"limt": 1}} if input.protected', "template", "names {limit}"),
    "mandatory in a layer": (CHECK.replace("evidence,", "evidence, mandatory: true,") + 'low contains {"evidence": "x", "ok": true} if input.protected', "metadata", "only built-in rules"),
    "value in a layer": (CHECK.replace("evidence,", "gate, value: true,") + 'low contains {"ok": true} if input.protected', "metadata", "only built-in rules give values"),
    "METADATA without remedy": (CHECK.replace(', remedy: "r"', "") + 'low contains {"evidence": "x", "ok": true} if input.protected', "metadata", "has no remedy"),
    "METADATA with an unknown key": (CHECK.replace("applies_to", "aplies_to") + 'low contains {"evidence": "x", "ok": true} if input.protected', "metadata", "no key custom.aplies_to"),
    "METADATA with an unknown value": (CHECK.replace("evidence,", "everything,") + 'low contains {"evidence": "x", "ok": true} if input.protected', "metadata", "applies_to must be one of"),
    "METADATA that is no YAML": ('# METADATA\n# title: "open\nlow := 1', "metadata", "must be YAML"),
    "METADATA with a key twice": ("# METADATA\n# title: a\n# title: b\nlow := 1", "metadata", "twice"),
    "METADATA with an alias bomb": ("# METADATA\n# title: &a [x, x]\n# description: [*a, *a]\nlow := 1", "metadata", "aliases"),
    "METADATA twice": (GOOD + GOOD.replace("< 5", "> 9"), "metadata_twice", "already"),
    "METADATA with a bad date": (CHECK.replace("evidence,", "evidence, effective_from: 2026-13-01,") + 'low contains {"evidence": "x", "ok": true} if input.protected', "metadata", "effective_from must look"),
    "METADATA with a control character": (CHECK.replace("title: t", 'title: "a\\tb"') + 'low contains {"evidence": "x", "ok": true} if input.protected', "metadata", "printable"),
}  # fmt: skip


@pytest.mark.parametrize("name", FINDS)
def test_each_mistake_is_found_and_named(name: str) -> None:
    """The first problem has the code and says what to do; a silent engine would answer wrongly."""
    text, code, says = FINDS[name]
    found = problems(text)
    assert [c for c, _, _ in found if c == code], found
    assert any(says in message for c, _, message in found if c == code), found


@pytest.mark.parametrize("name", FINDS)
def test_nothing_else_is_found(name: str) -> None:
    """A mistake is reported as what it is: no more than two problems follow from one mistake."""
    text, _, _ = FINDS[name]
    assert len(problems(text)) <= 2


def test_places_are_those_of_the_text() -> None:
    """Path, line and column point at the mistake."""
    trees, _ = parse_all({"a/p.rego": PACKAGE + "p := 1\n\nq := [x |\n\tsome x in input.evidnce\n]\n"})
    (found,) = lint(trees, (), input_schema(), team=True)
    assert str(found).startswith("a/p.rego:10:18 input has no field 'evidnce'; it has actor,")


def test_raw_text_is_not_metadata() -> None:
    """METADATA inside a raw text describes no code."""
    text = 'x := `\n# METADATA\n# custom: {code: payments.low}\n`\ndeny contains {"code": "payments.low"} if input.protected\n'
    assert [code for code, _, _ in problems(text)] == ["code"]


def test_mandatory_rules_have_one_severity() -> None:
    """A built-in mandatory rule cannot be switched off by an answer."""
    text = CHECK.replace("evidence,", "evidence, mandatory: true,") + (
        'low contains {"evidence": "x", "ok": true, "severity": "none"} if input.protected\n'
    )
    assert [code for code, _, _ in problems(text, team=False)] == ["check"]
    named = CHECK.replace("evidence,", "evidence, mandatory: true,") + (
        'low := {"severity": "none", "holds": [e.name | some e in input.evidence]}\n'
    )
    assert [code for code, _, _ in problems(named, team=False)] == ["check"]
    waivable = text.replace("mandatory: true,", "mandatory: true, waivable: true,").replace(
        ', "severity": "none"', ""
    )
    assert [code for code, _, _ in problems(waivable, team=False)] == ["metadata"]


def test_a_message_may_name_what_the_decision_says_of_itself() -> None:
    """Without passing it on: the environment, the actor, the engine, the time."""
    named = CHECK.replace('"m "', '"m {subject.environment} {actor.identity} {evaluated_at}"')
    assert (
        problems(named.replace("evidence,", "gate,") + 'low contains {"ok": false} if input.protected\n') == []
    )


def test_a_value_is_of_the_gate() -> None:
    """A level of one piece of evidence among several would have no one meaning."""
    for_all = CHECK.replace("evidence,", "evidence, value: true,") + (
        'low contains {"evidence": "x", "ok": true} if input.protected\n'
    )
    of_the_gate = (
        CHECK.replace("evidence,", "gate, value: true,") + 'low contains {"ok": true} if input.protected\n'
    )
    assert [(code, "gives a value" in message) for code, _, message in problems(for_all, team=False)] == [
        ("metadata", True)
    ]
    assert problems(of_the_gate, team=False) == []


def test_tests_may_replace_input_and_config_only() -> None:
    """In tests `with` takes objects, names and calls; nothing else is replaced than input and configuration."""
    head = PACKAGE.replace("payments\n", "payments_test\n")
    good = 'x := {"gate": "g"}\nf(g) := {"gate": g}\ntest_a if {\n\ty := f("a") with input as f("x")\n\ty.gate == "a"\n}\n'
    assert problems(good, name="p_test.rego", head=head) == []
    assert problems(good.replace('as f("x")', "as x"), name="p_test.rego", head=head) == []
    bad = good.replace('as f("x")', "as data.dpone.lib.x")
    assert [code for code, _, _ in problems(bad, name="p_test.rego", head=head)] == ["with", "data"]
    other = good.replace("with input", "with data.dpone.lib")
    assert [code for code, _, _ in problems(other, name="p_test.rego", head=head)] == ["with"]
    always = 'q contains 1 if input.gate == "x"\ntest_a if q with input as {"gate": "y"}\n'
    assert [code for code, _, _ in problems(always, name="p_test.rego", head=head)] == ["not_a_condition"]


def test_deep_chains_and_wide_modules_are_checked_quickly() -> None:
    """A hundred helpers that use each other many times are checked once each."""
    chain = "r0 := 1\n" + "".join(f"r{n} := (r{n - 1} + r{n - 1}) + r{n - 1}\n" for n in range(1, 1000))
    assert problems(chain) == []


def test_every_shipped_policy_passes_the_lint() -> None:
    """What dpone ships obeys what it demands of others."""
    assert [str(problem) for problem in lint_shipped()] == []


def test_files_of_tests_share_their_names() -> None:
    """Two files of one package that define a name: OPA joins them and finds a conflict, others take either."""
    head = PACKAGE.replace("payments", "payments_test", 1)
    texts = {"a_test.rego": head + "given(x) := x\n", "b_test.rego": head + "given(x) := [x]\n"}
    trees, _ = parse_all(texts)
    found = lint(trees, (), input_schema(), team=True)
    assert [(p.path, p.code) for p in found] == [(path, "twice") for path in sorted(texts)]


def test_what_is_always_there_may_stand_under_not() -> None:
    """A field the schema promises, a rule with a default or a constant, a key with a default, a path alone."""
    rules = (
        "default q := 1\n\nwords := [1, 2]\n\nf(x) if x == 1\n\np if {\n\tsome e in input.evidence\n"
        "\tnot e.age_seconds in words\n\tnot f(q)\n\tnot e.facts.status\n\tnot f(input.protected)\n"
        "\tnot f(data.dpone.config.waiver_limits.renewals)\n}"
    )
    assert problems(rules) == []
