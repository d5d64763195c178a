"""Case files: the whole gate on an input that is green but for what the case says; strict, and never a crash."""

# ruff: noqa: E501 - one case a line: the table is read across

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

from dpone.decisions.case_input import DEFAULTS, case_input
from dpone.decisions.casefile import CaseProblem, read_cases
from dpone.decisions.cases import CaseRunner
from dpone.policy.engines.regopy_engine import RegopyEngine
from dpone.policy.outcomes import Outcome
from dpone.shipped import shipped

RULES = """# METADATA
# title: Coverage is high enough
# description: Below that, changes went wrong.
# custom:
#   code: team.low
#   severity: error
#   message: "{evidence}: {actual} %, at least {minimum} % needed"
#   remedy: "add tests"
package dpone.custom.release_gate.team

import rego.v1

deny contains {"code": "team.low", "evidence": e.name, "params": {
	"actual": e.facts.line_percent,
	"minimum": minimum,
}} if {
	some e in input.evidence
	e.kind == "coverage"
	e.state == "present"
	e.facts.line_percent < minimum
}

minimum := data.dpone.config.gates.release_gate.settings.minimum
"""
KINDS = sorted(json.loads(DEFAULTS.read_text("utf-8"))["kinds"])
SCHEMAS = sorted(p.name.removesuffix(".v1.json") for p in shipped("schemas", "evidence").glob("*.v1.json"))


def layer(folder: Path, cases: str, rules: str = RULES) -> Path:
    """A layer with one case file."""
    place = folder / "team"
    (place / "release_gate").mkdir(parents=True)
    (place / "release_gate" / "team.rego").write_text(rules, encoding="utf-8")
    (place / "cases").mkdir()
    (place / "cases" / "a.yaml").write_text(textwrap.dedent(cases), encoding="utf-8")
    return place


def run(folder: Path, cases: str, rules: str = RULES, **limits) -> list[Outcome]:
    """The outcomes of one case file."""
    runner = CaseRunner(layer(folder, cases, rules), lambda: RegopyEngine(**limits))
    try:
        return runner.run()[0]
    finally:
        runner.close()


def one(folder: Path, body: str, **limits) -> str:
    """What is wrong with one case, nothing where it holds."""
    text = "settings: {minimum: 80}\ncases:\n  - name: x\n" + textwrap.indent(textwrap.dedent(body), "    ")
    (outcome,) = run(folder, text, **limits)
    return outcome.problem


HOLDS = {
    "a finding": "evidence: {cov: {kind: coverage, facts: {line_percent: 79.9}}}\nexpect: {status: failed, findings: [{rule: team.low, evidence: cov, params: {actual: 79.9}}]}",
    "no finding": "evidence: {cov: {kind: coverage, facts: {line_percent: 80}}}\nexpect: {status: passed, findings: none}",
    "a rule by its name alone": "evidence: {cov: {kind: coverage, facts: {line_percent: 1}}}\nexpect: {findings: [team.low]}",
    "only a status": "expect: {status: passed}",
    "a shipped rule": "evidence: {cov: missing}\nexpect: {status: failed, findings: [{rule: evidence.present, evidence: cov, state: denied}]}",
    "required and not given": "required: [cov]\nexpect: {findings: [{rule: evidence.required, evidence: cov}]}",
    "a shadow of provenance": "evidence: {cov: {kind: coverage, seal: {state: absent, trust: none}}}\nexpect: {status: passed, findings: [{rule: evidence.sealed, state: warned}]}",
    "the profile": "profile: strict\nevidence: {cov: {kind: coverage, binding: unbound}}\nexpect: {status: failed, findings: [evidence.bound, coverage.no_minimum]}",
    "the configuration": "config: {kinds: {coverage: {min_line_percent: 99}}}\nevidence: {cov: {kind: coverage}}\nexpect: {findings: [coverage.below_minimum]}",
    "a setting of the case": "settings: {minimum: 95}\nevidence: {cov: {kind: coverage}}\nexpect: {findings: [team.low]}",
    "a protected environment": "protected: true\nenvironment: production\nevidence: {cov: {kind: coverage, seal: {state: absent}}}\nexpect: {status: failed}",
    "a decision as evidence": "evidence: {gate: {kind: slo_evaluate}}\nexpect: {status: passed, findings: none}",
    "nothing at all": "evidence: {}\nexpect: {status: failed, findings: [evidence.something_to_judge]}",
}  # fmt: skip


@pytest.mark.parametrize("name", HOLDS)
def test_a_case_holds(tmp_path: Path, name: str) -> None:
    """The built-in rules and the layer are asked together, about what the case changes."""
    assert one(tmp_path, HOLDS[name]) == ""


FAILS = {
    "another status": ("evidence: {cov: {kind: coverage, facts: {line_percent: 1}}}\nexpect: {status: passed}", "expected  passed\ngot       failed: team.low(cov) denied {actual: 1, minimum: 80}"),
    "a finding that is not there": ("evidence: {cov: {kind: coverage}}\nexpect: {findings: [{rule: team.low, evidence: cov}]}", "expected  team.low(cov)\ngot       nothing from team.low; "),
    "a name nobody gave": ("expect: {findings: [{rule: evidence.required, evidence: coverage}]}", 'got       nothing: no rule looked at "coverage". Is it in gates.release-gate.require?'),
    "a rule that cleared": ("evidence: {cov: {kind: coverage}}\nexpect: {findings: [{rule: coverage.below_minimum, evidence: cov}]}", 'got       nothing: coverage.below_minimum cleared "cov"'),
    "another value": ("evidence: {cov: {kind: coverage, facts: {line_percent: 1}}}\nexpect: {findings: [{rule: team.low, params: {actual: 2}}]}", "expected  team.low {actual: 2}\ngot       team.low(cov) denied {actual: 1, minimum: 80}"),
    "a finding too many": ("evidence: {cov: {kind: coverage, facts: {line_percent: 1}}}\nexpect: {findings: none}", "expected  no finding\ngot       team.low(cov)"),
    "one of two": ("evidence: {a: {kind: coverage, facts: {line_percent: 1}}, b: {kind: coverage, facts: {line_percent: 1}}}\nexpect: {findings: [team.low]}", "expected  no other finding\ngot       team.low(b)"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILS)
def test_a_case_says_what_it_got(tmp_path: Path, name: str) -> None:
    """What was expected, what came, and where to look."""
    body, says = FAILS[name]
    assert says in one(tmp_path, body)


WRONG = {
    "casse: []": (1, "no key 'casse'; did you mean cases?"),
    "cases: []": (1, "one case or more"),
    "cases: 3": (1, "one case or more"),
    "- 1": (1, "a case file holds keys"),
    "": (1, "not YAML with one meaning"),
    "a: [": (2, "not YAML"),
    "cases:\n  - name: x\n    expct: {}": (3, "did you mean expect?"),
    "cases:\n  - name: x": (2, "a case says what it expects"),
    "cases:\n  - expect: {status: passed}": (2, "`name` is a text"),
    "cases:\n  - name: 3\n    expect: {status: passed}": (2, "put it in quotes"),
    "cases:\n  - name: x\n    expect: {}": (3, "expect a status, findings, or both"),
    "cases:\n  - name: x\n    expect:\n      status: green": (4, "passed, failed, undecided"),
    "cases:\n  - name: x\n    expect:\n      findings: some": (4, "or the word none"),
    "cases:\n  - name: x\n    expect:\n      findings:\n        - {evidence: a}": (5, "names its rule"),
    "cases:\n  - name: x\n    expect:\n      findings:\n        - {rule: a, parms: {}}": (5, "did you mean params?"),
    "cases:\n  - name: x\n    expect: {status: passed}\n  - name: x\n    expect: {status: passed}": (4, "another case called"),
    "cases:\n  - name: x\n    evidence:\n      a: {kind: coverag}\n    expect: {status: passed}": (4, "did you mean coverage?"),
    "cases:\n  - name: x\n    evidence:\n      a: {}\n    expect: {status: passed}": (4, "needs a kind"),
    "cases:\n  - name: x\n    evidence:\n      a: 3\n    expect: {status: passed}": (4, "say at least its kind"),
    "cases:\n  - name: x\n    evidence:\n      a: gone\n    expect: {status: passed}": (4, "evidence.a.state"),
    "cases:\n  - name: x\n    evidence:\n      a:\n        kind: coverage\n        fact: {}\n    expect: {status: passed}": (6, "did you mean facts?"),
    "cases:\n  - name: x\n    evidence:\n      a:\n        kind: coverage\n        facts:\n          line_percnt: 3\n    expect: {status: passed}": (7, "line_percnt"),
    "cases:\n  - name: x\n    evidence:\n      a:\n        kind: coverage\n        facts:\n          lines: '3'\n    expect: {status: passed}": (7, "evidence.a.facts.lines"),
    "cases:\n  - name: x\n    evidence:\n      a:\n        kind: coverage\n        age_seconds: -1\n    expect: {status: passed}": (6, "evidence.a.age_seconds"),
    "cases:\n  - name: x\n    required: tests\n    expect: {status: passed}": (3, "list of names"),
    "cases:\n  - name: x\n    config:\n      kinds: {coverage: {min: 3}}\n    expect: {status: passed}": (3, "unknown key kinds.coverage.min"),
    "cases:\n  - name: x\n    settings: 3\n    expect: {status: passed}": (3, "holds keys and values"),
    "cases:\n  - name: x\n    protected: 1\n    expect: {status: passed}": (3, "true or false"),
    "cases:\n  - name: x\n    config: {gates: [1]}\n    settings: {a: 1}\n    expect: {status: passed}": (3, "must be a map"),
    "cases:\n  - name: x\n    config: {gates: {release-gate: 3}}\n    settings: {a: 1}\n    expect: {status: passed}": (3, "must be a map"),
    "cases:\n  - name: x\n    evidence: {'': {kind: junit}}\n    expect: {status: passed}": (3, "printable and not empty"),
    "cases:\n  - name: x\n    evidence: {a: {kind: ../x}}\n    expect: {status: passed}": (3, "a kind of evidence that is known"),
    "cases:\n  - name: x\n    evidence: {a: {kind: coverage, facts: {lines: 99999999999999999999}}}\n    expect: {status: passed}": (2, "no decision could hold this"),
    "gate: no-such-gate\ncases:\n  - name: x\n    expect: {status: passed}": (1, "there is no gate"),
    "cases:\n  - name: x\n    expect: &a {status: passed}": (3, "anchors"),
    "cases:\n  - {name: x, name: y, expect: {status: passed}}": (2, "twice"),
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_case_fails_with_its_line(tmp_path: Path, text: str) -> None:
    """Nothing is guessed and nothing skipped: a misspelt key would be a test that tests nothing."""
    line, says = WRONG[text]
    (*_, outcome) = run(tmp_path, text)
    assert not outcome.passed
    assert (outcome.line, says in outcome.problem) == (line, True), outcome


def test_values_are_compared_as_json(tmp_path: Path) -> None:
    """80 and 80.0 are the same number; true is no number."""
    body = "evidence: {{cov: {{kind: coverage, facts: {{line_percent: 1}}}}}}\nexpect: {{findings: [{{rule: team.low, params: {{actual: {}}}}}]}}"
    assert one(tmp_path / "a", body.format("1.0")) == ""
    assert "expected  team.low {actual: true}" in one(tmp_path / "b", body.format("true"))


def test_files_that_are_none_fail(tmp_path: Path) -> None:
    """A folder, a link to nothing, other encodings and a file too large are failures of their own."""
    place = layer(tmp_path, "cases:\n  - name: x\n    expect: {status: passed}\n")
    (place / "cases" / "b.yaml").mkdir()
    (place / "cases" / "c.yml").symlink_to("nowhere")
    (place / "cases" / "d.yaml").write_bytes("cases: []".encode("utf-16"))
    (place / "cases" / "e.yaml").write_bytes(b"#" * 300_000)
    for name in ("b.yaml", "c.yml", "d.yaml", "e.yaml"):
        with pytest.raises(CaseProblem):
            read_cases(place, f"cases/{name}")


def test_a_layer_that_is_refused_fails_its_cases(tmp_path: Path) -> None:
    """The gate would not load it either."""
    (outcome,) = run(
        tmp_path, "cases:\n  - name: x\n    expect: {status: passed}\n", RULES.replace("team.low", "other.low")
    )
    assert "policy layer team" in outcome.problem


def test_a_crash_stays_with_its_case(tmp_path: Path) -> None:
    """An engine that had to be ended makes one case undecided; the next one is asked with another engine."""
    slow = RULES.replace(
        "\te.facts.line_percent < minimum",
        "\te.facts.line_percent < minimum\n\tn := [f.file | some f in e.facts.lowest]\n"
        "\tcount({[a, b, c, d] | some a in n; some b in n; some c in n; some d in n}) == 1",
    )
    text = (
        "settings: {minimum: 80}\ncases:\n"
        "  - {name: a, evidence: {cov: {kind: coverage, facts: {line_percent: 1, lowest: MANY}}}, expect: {status: failed}}\n"
        "  - {name: b, evidence: {cov: {kind: coverage}}, expect: {status: passed, findings: none}}\n"
    ).replace("MANY", json.dumps([{"file": str(n), "line_percent": 1} for n in range(10)]))
    first, second = run(tmp_path, text, slow, deadline_seconds=2)
    assert "undecided" in first.problem
    assert second.passed


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_case_starts_from_is_green(tmp_path: Path, kind: str) -> None:
    """Evidence of a kind as a case gives it without a word is valid, and no rule has anything to say to it."""
    kind = kind.replace("*", "scan")
    body = f"evidence: {{a: {{kind: {kind}}}}}\nexpect: {{status: passed, findings: none}}"
    told = one(tmp_path, body)
    # An SBOM, a manifest and an attestation that was checked prove nothing by themselves: a test does.
    if "dpone.nothing_evaluated" in told:
        told = one(tmp_path / "again", body.replace("{a:", "{tests: {kind: junit}, a:"))
    assert told == ""


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_kind_with_a_schema_can_be_given(tmp_path: Path, kind: str) -> None:
    """Kinds without a green default get the smallest facts that their schema allows."""
    text = f"cases:\n  - name: x\n    evidence: {{a: {{kind: {kind}}}}}\n    expect: {{status: passed}}\n"
    (case,) = read_cases(layer(tmp_path, text), "cases/a.yaml")
    gate_input, _ = case_input(case)
    assert gate_input.document["evidence"][0]["kind"] == kind
