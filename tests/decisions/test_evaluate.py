"""Joining answers: the table must be answered completely, and nothing malformed is ever a pass."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpone.decisions.evaluate import Answers, join
from dpone.decisions.gate_input import GateInput
from dpone.errors import UndecidedError
from dpone.evidence.model import Evidence
from dpone.policy.inventory import RuleInfo
from dpone.policy.layers import Layer
from dpone.record import replace

ITEMS = [
    {"name": "a", "kind": "junit", "state": "present", "producer": "tool", "source": {"uri": "a.xml"}},
    {"name": "b", "kind": "", "state": "missing", "producer": "none", "source": {"uri": "b.xml"}},
]
ALL = RuleInfo(
    "evidence.present",
    "dpone.evidence",
    "present",
    "p",
    1,
    "check",
    "evidence",
    mandatory=True,
    message="{evidence}",
)
KIND = RuleInfo("junit.ok", "dpone.kinds.junit", "ok", "p", 1, "check", "kind", message="{evidence} {n}")


def _ask(answers, rules=(ALL, KIND), fail_on="error", items=ITEMS, **said):
    document = {
        **said,
        "gate": "release-gate",
        "evaluated_at": "2026-06-05T12:00:00Z",
        "evidence": items,
        "required": [],
    }
    config = {"gates": {"release_gate": {"fail_on": fail_on, "settings": {}}}}
    layer = Layer("dpone", {}, tuple(rules), "")
    values = {
        rule.entrypoint: answer for rule, answer in zip(rules, answers, strict=True) if answer is not None
    }
    evidence = {i["name"]: Evidence(i["name"], "", i["state"], kind=i["kind"]) for i in items}
    return join([Answers(layer, values)], GateInput(document, b"", config, b""), evidence)


def _ok(*names):
    return [{"evidence": name, "ok": True} for name in names]


def test_a_complete_green_table_with_content_judged_passes():
    """All pairs answered, one content rule cleared: passed."""
    assert _ask([_ok("a", "b"), _ok("a")]).status == "passed"


def test_an_unanswered_pair_is_undecided():
    """A rule that forgets one item makes the whole gate undecided."""
    result = _ask([_ok("a"), _ok("a")])
    assert result.status == "undecided"
    assert [f.evidence for f in result.findings if f.state == "undetermined"] == ["b"]


def test_what_is_named_holds_and_all_else_does_not():
    """The short answer: names of what holds. Its severity and params are those of every finding."""
    soft = replace(KIND, message="{evidence} has {n}")
    assert (
        _ask([{"holds": ["a", "b"]}, {"holds": ["a"], "params": {"n": 3}}], rules=(ALL, soft)).status
        == "passed"
    )
    result = _ask(
        [{"holds": ["a"]}, {"holds": [], "severity": "warning", "params": {"n": 3}}], rules=(ALL, soft)
    )
    told = [(f.rule, f.evidence, f.state, f.message) for f in result.findings]
    assert result.status == "failed"
    assert told == [("evidence.present", "b", "denied", "b"), ("junit.ok", "a", "warned", "a has 3")]
    assert set(result.table) == {(ALL.id, "a", True), (ALL.id, "b", False), (KIND.id, "a", False)}


@pytest.mark.parametrize(
    ("named", "ok"), [(["a"], False), (["a", "a"], True), (["a", "a", "a"], False), ([], False)]
)
def test_a_name_of_two_pieces_holds_where_it_is_named_for_each(named, ok):
    """The good one must not answer for the bad one."""
    result = _ask([{"holds": named}, {"holds": ["a", "a"]}], items=[ITEMS[0], ITEMS[0]])
    assert (result.status == "passed") is ok


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"holds": "a"},
        {"holds": {"a": True}},
        {"holds": ["a", 1]},
        {"holds": ["a", ["b"]]},
        {"holds": ["a", "c"]},
        {"holds": ["a"], "ok": True},
        {"holds": ["a"], "severity": "bad"},
        {"holds": [], "params": 3},
        {"holds": ["a"], "params": 3},
        {"holds": [], "pointer": 3},
        {"severity": "none"},
    ],
)
def test_names_in_another_form_are_no_answer(answer):
    """Nothing is decided, whatever was meant."""
    with pytest.raises(UndecidedError):
        _ask([_ok("a", "b"), answer])


def test_a_mandatory_rule_that_names_what_holds_cannot_be_lowered():
    """As in the long answer."""
    assert _ask([{"holds": ["a"], "severity": "none"}, _ok("a")]).status == "failed"


@pytest.mark.parametrize(
    ("pointer", "told"), [("", ""), ("/a", "/a"), ("{facts.at}", "/x/{y}"), ("{facts.no}", "{facts.no}")]
)
def test_a_pointer_may_be_that_in_a_field_of_the_item(pointer, told):
    """The collector knows where the first bad one stands."""
    items = [{**ITEMS[0], "facts": {"at": "/x/{y}"}}]
    result = _ask([_ok("a"), {"holds": [], "pointer": pointer}], items=items)
    assert [f.pointer for f in result.denied] == [told]


def test_a_message_may_name_fields_of_the_decision():
    """What the input document says of itself, the rule need not pass on; the finding records it."""
    gate = replace(
        LEVEL, value=False, message="{subject.environment} by {actor.trust}", remedy="{subject.nothing}"
    )
    document = {"subject": {"environment": "production"}, "actor": {"trust": "local"}}
    result = _ask([_ok("a", "b"), _ok("a"), [{"ok": False}]], rules=(ALL, KIND, gate), **document)
    (found,) = result.warned
    assert (found.message, found.remedy) == ("production by local", "{subject.nothing}")
    assert found.params == {"subject.environment": "production", "actor.trust": "local"}


def test_the_gate_is_no_name():
    """A check of the gate says yes or no in a list."""
    gate = replace(LEVEL, value=False)
    with pytest.raises(UndecidedError):
        _ask([_ok("a", "b"), _ok("a"), {"holds": [""]}], rules=(ALL, KIND, gate))


def test_nothing_judged_is_not_passed():
    """Green answers of rules that do not look at content prove nothing."""
    result = _ask([_ok("a", "b")], rules=(ALL,))
    assert result.status == "failed"
    assert result.denied[0].rule == "dpone.nothing_evaluated"


def test_a_mandatory_rule_cannot_be_lowered_by_its_answer():
    """The severity in an answer counts only for rules that are not mandatory."""
    lowered = [{"evidence": "a", "ok": False, "severity": "none"}, {"evidence": "b", "ok": True}]
    assert _ask([lowered, _ok("a")]).status == "failed"


@pytest.mark.parametrize(
    ("severity", "fail_on", "status"),
    [
        ("warning", "error", "passed"),
        ("warning", "warning", "failed"),
        ("none", "warning", "passed"),
        ("error", "error", "failed"),
    ],
)
def test_severity_and_fail_on_decide_what_is_red(severity, fail_on, status):
    """A warning is red only where the configuration says so; `none` is never a finding."""
    answer = [{"evidence": "a", "ok": True}, {"evidence": "a", "ok": False, "key": "k", "severity": severity}]
    assert _ask([_ok("a", "b"), answer], fail_on=fail_on).status == status


LEVEL = RuleInfo(
    "release-gate.level", "dpone.gates.release_gate", "level", "p", 1, "check", "gate", severity="warning",
    value=True, message="{level}",
)  # fmt: skip
"""A rule that says a level beside its answer."""


@pytest.mark.parametrize("ok", [True, False])
def test_a_value_is_part_of_the_result_whatever_the_answer(ok):
    """Also where nothing is found; it is compared by a replay, and decides nothing."""
    level = [{"ok": ok, "params": {"level": "best"}}]
    result = _ask([_ok("a", "b"), _ok("a"), level], rules=(ALL, KIND, LEVEL))
    assert result.status == "passed"
    assert result.values == {"release-gate.level": {"level": "best"}}
    assert result.compared()["values"] == {"release-gate.level": {"level": "best"}}
    assert len(result.warned) == (not ok)


@pytest.mark.parametrize(
    "level",
    [
        [],
        [{"ok": True}],
        [{"ok": True, "params": {}}, {"ok": True, "params": {}}],
        [{"ok": True, "params": []}],
    ],
)
def test_a_value_that_is_not_one_is_no_answer(level):
    """None, several, or without params: nothing is decided."""
    with pytest.raises(UndecidedError):
        _ask([_ok("a", "b"), _ok("a"), level], rules=(ALL, KIND, LEVEL))


def test_rules_without_the_key_give_no_value():
    """Params alone are of the finding."""
    answer = [{"ok": True, "params": {"level": "best"}}]
    result = _ask([_ok("a", "b"), _ok("a"), answer], rules=(ALL, KIND, replace(LEVEL, value=False)))
    assert result.values == {}


_NOT_A_VERDICT = st.fixed_dictionaries({"evidence": st.just("a"), "ok": st.sampled_from(["true", 1, None])})
_BAD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(),
    st.dictionaries(st.text(), st.integers()),
    st.lists(st.one_of(st.none(), st.integers(), st.text(), _NOT_A_VERDICT), min_size=1),
    st.just([{"evidence": "zz", "ok": True}]),
    st.just([{"evidence": "a", "ok": True, "params": []}, {"evidence": "a", "ok": False, "params": []}]),
    st.just([{"evidence": "a", "ok": False, "key": 1}]),
    st.just([{"evidence": "a", "ok": False, "severity": "mild"}]),
)


@given(_BAD)
def test_no_malformed_answer_is_ever_a_pass(answer):
    """Whatever a rule yields that is not an answer, the gate is undecided."""
    try:
        status = _ask([_ok("a", "b"), answer]).status
    except UndecidedError:
        return
    assert status == "undecided"


@given(
    st.permutations(_ok("a", "b")),
    st.permutations(
        [
            {"evidence": "a", "ok": False, "key": "x", "params": {"n": 1}},
            {"evidence": "a", "ok": False, "key": "y", "params": {"n": 2}},
            {"evidence": "a", "ok": False, "key": "y", "params": {"n": 10}},
        ]
    ),
)
def test_the_order_of_answers_never_changes_the_result(first, second):
    """Answers of a set come in any order, also those that differ in their numbers alone; the canonical result
    is the same."""
    assert (
        _ask([first, second]).compared() == _ask([sorted(first, key=str), sorted(second, key=str)]).compared()
    )


def test_replacing_a_gate_swaps_its_own_rules_and_no_others():
    """The gate's rules that are not mandatory give way; mandatory ones and those of kinds still run."""
    gate = RuleInfo("release-gate.x", "dpone.gates.release_gate", "x", "p", 1, "check", "evidence", message="m")
    must = replace(gate, id="release-gate.y", name="y", mandatory=True)
    own = replace(gate, id="payments.own", package="dpone.custom.release_gate.payments", name="own")
    green, red = _ok("a", "b"), [*_ok("a"), {"evidence": "b", "ok": False}]
    document = {
        "gate": "release-gate",
        "evaluated_at": "2026-06-05T12:00:00Z",
        "evidence": ITEMS,
        "required": [],
    }
    config = {"gates": {"release_gate": {"fail_on": "error", "settings": {}}}}
    evidence = {i["name"]: Evidence(i["name"], "", i["state"], kind=i["kind"]) for i in ITEMS}

    def decided(replaces, swapped, mandatory, kind):
        builtin = Layer("dpone", {}, (ALL, KIND, gate, must), "")
        told = {
            ALL.entrypoint: green,
            KIND.entrypoint: kind,
            gate.entrypoint: swapped,
            must.entrypoint: mandatory,
        }
        team = Answers(Layer("payments", {}, (own,), "", replaces=replaces), {own.entrypoint: green})
        return join([Answers(builtin, told), team], GateInput(document, b"", config, b""), evidence).status

    assert decided("release-gate", red, green, _ok("a")) == "passed"
    assert decided("release-gate", red, red, _ok("a")) == "failed"
    assert decided("release-gate", red, green, [{"evidence": "a", "ok": False}]) == "failed"
    assert decided("other-gate", red, green, _ok("a")) == "failed"
    assert decided("", red, green, _ok("a")) == "failed"


def test_a_layer_that_adds_rules_never_makes_a_gate_green():
    """What only a team's rule cleared counts as not evaluated."""
    own = RuleInfo(
        "payments.own", "dpone.custom.release_gate.payments", "own", "p", 1, "check", "evidence", message="m"
    )
    document = {
        "gate": "release-gate",
        "evaluated_at": "2026-06-05T12:00:00Z",
        "evidence": ITEMS,
        "required": [],
    }
    config = {"gates": {"release_gate": {"fail_on": "error", "settings": {}}}}
    evidence = {i["name"]: Evidence(i["name"], "", i["state"], kind=i["kind"]) for i in ITEMS}
    answers = [
        Answers(Layer("dpone", {}, (ALL,), ""), {ALL.entrypoint: _ok("a", "b")}),
        Answers(Layer("payments", {}, (own,), ""), {own.entrypoint: _ok("a", "b")}),
    ]
    assert join(answers, GateInput(document, b"", config, b""), evidence).status == "failed"


@pytest.mark.parametrize(
    ("change", "status", "state"),
    [
        ({}, "failed", "denied"),
        ({"mode": "warn"}, "passed", "warned"),
        ({"mode": "shadow"}, "passed", ""),
        ({"effective_from": "2026-06-05"}, "failed", "denied"),
        ({"effective_from": "2026-06-06"}, "passed", ""),
        ({"effective_from": "2026-06-05T12:00:01Z"}, "passed", ""),
        ({"mode": "shadow", "mandatory": True}, "failed", "denied"),
    ],
)
def test_modes_and_dates_say_when_a_rule_counts(change, status, state):
    """Rules that are tried out or count later are no part of the result; mandatory ones always count."""
    rule = replace(KIND, **change)
    answer = [{"evidence": "a", "ok": True}, {"evidence": "a", "ok": False, "key": "k"}]
    result = _ask([_ok("a", "b"), answer, _ok("a")], rules=(ALL, rule, replace(KIND, id="junit.x", name="x")))
    assert (result.status, [f.state for f in result.findings]) == (status, [state] if state else [])
    assert result.rules == (3 if state else 2)


def test_a_shadow_rule_that_gives_no_answer_changes_nothing():
    """Its crash is not the gate's."""
    rules = (ALL, KIND, replace(KIND, id="junit.tried", name="tried", mode="shadow"))
    assert _ask([_ok("a", "b"), _ok("a"), None], rules=rules).status == "passed"
