"""Waivers meeting findings: what they can never do, whatever they say and however rules judge them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpone.decisions.evaluate import Answers, join
from dpone.decisions.gate_input import GateInput
from dpone.decisions.waiving import matches
from dpone.evidence.model import Evidence
from dpone.policy.inventory import RuleInfo
from dpone.policy.layers import Layer
from dpone.record import replace

DIGEST = "a" * 64
ITEM = {
    "name": "deps",
    "kind": "pip-audit",
    "state": "present",
    "producer": "tool",
    "source": {"uri": "a.json", "sha256": DIGEST},
}
OPEN = RuleInfo("pip-audit.open", "dpone.kinds.pip_audit", "open", "p", 1, "check", "kind", message="m")
MUST = replace(OPEN, id="pip-audit.must", name="must", mandatory=True, waivable=False)
FIXED = replace(OPEN, id="pip-audit.fixed", name="fixed", waivable=False)
OTHER = replace(OPEN, id="pip-audit.other", name="other")
GOOD = RuleInfo("waivers.good", "dpone.waivers", "good", "p", 1, "check", "waiver", mandatory=True,
                waivable=False, message="{id}")  # fmt: skip
RULES = (OPEN, MUST, FIXED, OTHER, GOOD)
KEYS = ("", "CVE-1", "CVE-2", "~more")


def waiver(number: int = 1, **said: object) -> dict[str, object]:
    """A waiver of the first rule's finding CVE-1, on whatever evidence, as rules see it."""
    plain = dict.fromkeys(("gate", "kind", "evidence", "sha256", "owner", "approver", "ticket", "reason"), "")
    base = {
        "id": f"W-{number}",
        "rule": OPEN.id,
        "match": "CVE-1",
        "not_after": "2026-12-01T00:00:00Z",
        "builtin": True,
    }
    return {**plain, **base, **said}


def decide(red, waivers, refused=(), *, judged=True, fail_on="error", silent=(), severity="error", rules=RULES):
    """The result: `red` are pairs of rule and key that are not so; `refused` pairs of waiver and severity."""
    document = {
        "gate": "release-gate",
        "evaluated_at": "2026-11-23T00:00:00Z",
        "evidence": [ITEM],
        "required": [],
        "waivers": waivers,
    }
    answers = {}
    for rule in rules[:-1]:
        wrong = [
            {"evidence": "deps", "ok": False, "key": k, "severity": severity} for r, k in red if r == rule.id
        ]
        fine = [{"evidence": "deps", "ok": True}] if judged or not wrong else []
        answers[rule.entrypoint] = [] if rule.id in silent else [*wrong, *fine]
    if not judged:
        answers = {rule.entrypoint: [{"evidence": "deps", "ok": False, "key": "CVE-1"}] for rule in rules[:-1]}
    answers[GOOD.entrypoint] = [
        *({"waiver": w["id"], "ok": True} for w in waivers),
        *({"waiver": w, "ok": False, "key": s} for w, s in refused if w in {x["id"] for x in waivers}),
    ]
    config = {"gates": {"release_gate": {"fail_on": fail_on, "settings": {}}}}
    evidence = {"deps": Evidence("deps", "a.json", "present", kind="pip-audit")}
    layer = Layer("dpone", {}, rules, "")
    return join([Answers(layer, answers)], GateInput(document, b"", config, b""), evidence)


def states(result):
    """Rule, key and state of every finding that is not about waivers."""
    return {(f.rule, f.key, f.state) for f in result.findings if not f.rule.startswith(("waivers.", "dpone."))}


def test_a_good_waiver_takes_its_finding_and_no_other():
    """The finding keeps its severity and says by whom; its neighbour stays red."""
    result = decide(
        [(OPEN.id, "CVE-1"), (OPEN.id, "CVE-2")], [waiver(owner="me", approver="boss", ticket="T-1")]
    )
    assert states(result) == {(OPEN.id, "CVE-1", "waived"), (OPEN.id, "CVE-2", "denied")}
    (waived,) = result.waived
    assert waived.severity == "error"
    assert waived.waiver == {
        "id": "W-1", "owner": "me", "approver": "boss", "ticket": "T-1", "reason": "",
        "until": "2026-12-01T00:00:00Z",
    }  # fmt: skip
    assert waived.public()["waiver"] == waived.waiver
    assert result.checks()["waived"] == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"rule": OTHER.id},
        {"match": ""},
        {"match": "CVE-"},
        {"match": "cve-1"},
        {"evidence": "tests"},
        {"kind": "junit"},
        {"sha256": "b" * 64},
    ],
)
def test_a_waiver_of_something_else_takes_nothing(changed):
    """Rule, key, evidence, kind and digest must each be the finding's."""
    result = decide([(OPEN.id, "CVE-1")], [waiver(**changed)])
    assert result.status == "failed"
    assert not result.waived
    assert "dpone.waiver_unused" in {f.rule for f in result.warned}


def test_a_waiver_bound_to_the_evidence_takes_the_finding_on_it():
    """Name, kind and digest as they are."""
    bound = waiver(evidence="deps", kind="pip-audit", sha256=DIGEST)
    assert decide([(OPEN.id, "CVE-1")], [bound]).status == "passed"


@pytest.mark.parametrize("severity", ["", "error"])
def test_a_refused_waiver_takes_nothing_and_is_named(severity):
    """Refused for all, or for findings of this severity: the finding is red, and the refusal only warns."""
    result = decide([(OPEN.id, "CVE-1")], [waiver()], [("W-1", severity)], fail_on="warning")
    assert states(result) == {(OPEN.id, "CVE-1", "denied")}
    assert [(f.rule, f.key, f.state) for f in result.warned] == [("waivers.good", "W-1", "warned")]


def test_a_refusal_for_another_severity_is_not_spoken_of():
    """What is too long for errors may be good for the warning it covers."""
    result = decide([(OPEN.id, "CVE-1")], [waiver()], [("W-1", "error")], fail_on="warning", severity="warning")
    assert states(result) == {(OPEN.id, "CVE-1", "waived")}
    assert not result.warned


def test_a_waiver_nobody_looked_at_takes_nothing():
    """Where the built-in rules on waivers are not there, no waiver counts."""
    cleared_by_a_team = replace(GOOD, mandatory=False)
    result = decide([(OPEN.id, "CVE-1")], [waiver()], rules=(*RULES[:-1], cleared_by_a_team))
    assert result.status == "failed"


def test_a_waiver_rule_that_gives_no_answer_decides_nothing():
    """Like any other rule that was asked."""
    document_rules = (OPEN, GOOD)
    layer = Layer("dpone", {}, document_rules, "")
    document = {
        "gate": "release-gate", "evaluated_at": "2026-11-23T00:00:00Z", "evidence": [ITEM], "required": [],
        "waivers": [waiver()],
    }  # fmt: skip
    answers = Answers(layer, {OPEN.entrypoint: [{"evidence": "deps", "ok": True}], GOOD.entrypoint: []})
    config = {"gates": {"release_gate": {"fail_on": "error", "settings": {}}}}
    assert join([answers], GateInput(document, b"", config, b""), {}).status == "undecided"


def test_nothing_evaluated_stays_red_when_all_is_waived():
    """A waiver takes a finding away; it does not put a clearance in its place."""
    result = decide(
        [], [waiver(n, rule=r.id) for n, r in enumerate(RULES[:-1])], judged=False, rules=(OPEN, GOOD)
    )
    assert [f.state for f in result.findings if f.rule == OPEN.id] == ["waived"]
    assert result.status == "failed"
    assert "dpone.nothing_evaluated" in {f.rule for f in result.denied}
    assert not result.item_passed("deps")


def test_what_is_too_much_to_be_listed_stays_red():
    """More findings than a result keeps: those that are waived hide none that is not."""
    red = [(OPEN.id, f"CVE-1-{n:03}") for n in range(250)] + [(OPEN.id, "ZZZ")]
    result = decide(red, [waiver(match="CVE-1-*")])
    assert result.status == "failed"
    assert (OPEN.id, "ZZZ", "denied") in states(result)


@pytest.mark.parametrize(
    ("pattern", "key", "fits"),
    [
        ("CVE-1", "CVE-1", True),
        ("CVE-1", "CVE-12", False),
        ("CVE-1", "", False),
        ("", "", True),
        ("", "CVE-1", False),
        ("CVE-*", "CVE-1", True),
        ("*-1", "CVE-1", True),
        ("C*1", "CVE-1", True),
        ("*", "", False),
        ("*", "~more", False),
        ("~*", "~more", False),
        ("~more", "~more", True),
        ("CVE-.", "CVE-1", False),
        ("C[V]E-*", "CVE-1", False),
        ("a*", "a\nb", True),
    ],
)
def test_patterns_are_text_and_stars(pattern, key, fits):
    """No other sign means anything, and no pattern takes the finding that stands for all the others."""
    assert matches(pattern, key) is fits


_REDS = st.lists(st.tuples(st.sampled_from([r.id for r in RULES[:-1]]), st.sampled_from(KEYS)), max_size=5)
_WAIVERS = st.lists(
    st.tuples(
        st.sampled_from([r.id for r in RULES]), st.sampled_from((*KEYS, "*", "CVE-*")),
        st.sampled_from(("", "deps", "tests")), st.sampled_from(("", DIGEST, "b" * 64)),
    ),
    max_size=4,
).map(lambda said: [waiver(n, rule=r, match=m, evidence=e, sha256=d) for n, (r, m, e, d) in enumerate(said)])  # fmt: skip
_REFUSED = st.lists(st.tuples(st.sampled_from([f"W-{n}" for n in range(4)]), st.sampled_from(("", "error"))))
_FAIL_ON = st.sampled_from(("error", "warning"))
_ORDER = {"passed": 0, "failed": 1, "undecided": 2}


@settings(max_examples=300, deadline=None)
@given(_REDS, _WAIVERS, _REFUSED, st.sets(st.sampled_from([OPEN.id, MUST.id])))
def test_what_cannot_be_waived_never_is(red, waivers, refused, silent):
    """Mandatory findings, those of rules nobody can waive and undetermined ones keep their state."""
    result = decide(red, waivers, refused, silent=silent)
    assert not [f for f in result.waived if f.mandatory or not f.waivable or f.rule in (MUST.id, FIXED.id)]
    without = decide(red, [], silent=silent)
    kept = {f for f in states(without) if f[0] in (MUST.id, FIXED.id) or f[2] == "undetermined"}
    assert kept <= states(result)
    assert (result.status == "undecided") == (without.status == "undecided")


@settings(max_examples=300, deadline=None)
@given(_REDS, _WAIVERS, _REFUSED, _FAIL_ON, st.data())
def test_a_waiver_taken_away_never_turns_red_green(red, waivers, refused, fail_on, data):
    """Neither a good one, nor one that is refused, unused or ends soon."""
    gone = data.draw(st.sets(st.sampled_from([w["id"] for w in waivers]))) if waivers else set()
    fewer = [w for w in waivers if w["id"] not in gone]
    with_all = decide(red, waivers, refused, fail_on=fail_on).status
    assert _ORDER[decide(red, fewer, refused, fail_on=fail_on).status] >= _ORDER[with_all]


@settings(max_examples=200, deadline=None)
@given(_REDS, _WAIVERS, _REFUSED, st.data())
def test_the_order_of_waivers_never_matters(red, waivers, refused, data):
    """The same waiver is named for the same finding."""
    other = data.draw(st.permutations(waivers))
    assert decide(red, waivers, refused).compared() == decide(red, other, refused).compared()
