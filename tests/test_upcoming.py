"""What turns red next: the latest inputs, judged at the times at which something about them changes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from release_simulator import RELEASE, SAMPLES, Simulator

from dpone.clock import parse_time
from dpone.decisions.later import at_time

RULE = """# METADATA
# title: A rule
# description: Of a team.
# custom: {{code: team.later, severity: error, message: told, remedy: mend, effective_from: "{day}"{more}}}
package dpone.custom.release_gate.team

import rego.v1

deny contains {{"code": "team.later", "params": {{}}}} if input.gate == "release-gate"
"""


@pytest.fixture
def release(tmp_path: Path) -> Simulator:
    """A workspace where everything is sealed and green, and decided once."""
    made = Simulator(tmp_path)
    assert made.gate().status == 0
    return made


def asked(release: Simulator, *options: str) -> list[dict[str, Any]]:
    """The outlooks as JSON; nothing may be written."""
    before = release.files()
    done = release.run("policy", "upcoming", "--format", "json", *release.clock, *options)
    assert done.status == 0, done.err
    assert release.files() == before
    return list(done.document["outlooks"])


def turns(outlook: dict[str, Any]) -> set[tuple[str, str, str]]:
    """When, which rule, about what."""
    return {(t["at"], t["rule"], t["evidence"]) for t in outlook["turns_red"]}


def test_evidence_that_becomes_stale_is_named_with_its_second(release: Simulator) -> None:
    """The first instant at which the gate would say so, neither earlier nor later."""
    (outlook,) = asked(release, "--days", "8")
    assert (outlook["status_now"], outlook["status_then"]) == ("passed", "failed")
    at = {name: when for when, rule, name in turns(outlook) if rule == "evidence.fresh"}
    assert set(at) == {"tests", "dbt", "sast", "deps"}
    moment = parse_time(at["dbt"], "at")
    assert {t["why"] for t in outlook["turns_red"] if t["evidence"] == "dbt"} == {"dbt is too old from then on"}
    release.clock = ("--at", f"{moment - timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}")
    assert release.gate().status == 0
    release.clock = ("--at", f"{moment:%Y-%m-%dT%H:%M:%SZ}")
    done = release.gate("--format", "json")
    assert [f["evidence"] for f in done.document["findings"] if f["rule"] == "evidence.fresh"] == ["dbt"]


def test_nothing_turns_red_before_anything_changes(release: Simulator) -> None:
    """Six days are not seven."""
    (outlook,) = asked(release, "--days", "6")
    assert (outlook["status_now"], outlook["status_then"], outlook["turns_red"]) == ("passed", "passed", [])
    done = release.run("policy", "upcoming", "--days", "6", *release.clock)
    assert done.out == "0 of 1 turn red within 6 d; nothing was recorded\n"


def test_a_rule_that_counts_from_a_day_turns_red_on_that_day(release: Simulator) -> None:
    """Of a layer that is only given here, too; one that is tried out never does."""
    layer = release.layer(RULE.format(day="2026-11-25", more=""))
    (outlook,) = asked(release, "--days", "3", "--policy", layer)
    assert turns(outlook) == {("2026-11-25T00:00:00Z", "team.later", "")}
    assert outlook["turns_red"][0]["why"] == "the rule counts from 2026-11-25"
    (outlook,) = asked(release, "--days", "1", "--policy", layer)
    assert not outlook["turns_red"]
    layer = release.layer(RULE.format(day="2026-11-25", more=", mode: shadow"))
    (outlook,) = asked(release, "--days", "3", "--policy", layer)
    assert not outlook["turns_red"]


def test_a_waiver_that_ends_turns_its_finding_red(release: Simulator) -> None:
    """At the first instant at which it no longer counts."""
    release.put("build/pip-audit.json", SAMPLES / "pip_audit" / "audit_fail.json")
    release.seal()
    release.config(
        "waivers: [{finding: pip-audit.vulnerability, match: CVE-0000-00002, reason: r, owner: me, "
        "expires: 2026-11-25}]"
    )
    assert release.gate().status == 0
    (outlook,) = asked(release, "--days", "5")
    assert turns(outlook) == {("2026-11-26T00:00:00Z", "pip-audit.vulnerability", "deps")}
    assert "of me ends" in outlook["turns_red"][0]["why"]
    text = release.run("policy", "upcoming", "--days", "5", *release.clock).out
    assert "red   2026-11-26T00:00:00Z  pip-audit.vulnerability deps CVE-0000-00002" in text


def test_a_release_without_a_decision_is_judged_on_what_is_there(tmp_path: Path) -> None:
    """The evidence of its release gate, as it is now."""
    made = Simulator(tmp_path)
    (outlook,) = asked(made, "--release", RELEASE, "--days", "7")
    assert {rule for _, rule, _ in turns(outlook)} == {"evidence.fresh"}
    done = made.run("policy", "upcoming", *made.clock)
    assert (done.status, len(done.err.splitlines())) == (1, 1)
    assert "no decision was recorded" in done.err


def test_only_what_is_asked_about_is_looked_at(release: Simulator) -> None:
    """By gate and by release; the latest decision of each."""
    assert release.gate(release="v0.7.2").status == 1
    assert len(asked(release)) == 2
    (outlook,) = asked(release, "--release", RELEASE)
    assert outlook["subject"]["release"] == RELEASE
    assert len(asked(release, "--gate", "release-gate")) == 2
    assert release.run("policy", "upcoming", "--gate", "env-drift", *release.clock).status == 1
    done = release.run("policy", "upcoming", "--gate", "relese-gate", *release.clock)
    assert (done.status, "there is no gate" in done.err) == (2, True)


def test_it_can_be_a_gate_of_its_own(release: Simulator) -> None:
    """Advisory, unless somebody asks for an exit status."""
    words = ("policy", "upcoming", *release.clock, "--fail-on-red")
    assert release.run(*words, "--days", "6").status == 0
    assert release.run(*words, "--days", "7").status == 1


def test_rules_that_give_no_answer_are_said(release: Simulator) -> None:
    """Exit 3, and why."""
    rule = RULE.format(day="2026-11-23", more="")
    layer = release.layer(rule.replace(
        'input.gate == "release-gate"', 'lower(input.evidence[0].facts.tests) == "x"'
    ))  # fmt: skip
    done = release.run("policy", "upcoming", "--policy", layer, *release.clock)
    assert done.status == 3
    assert "UNDECIDED" in done.out


VOTE = {"actor": "a", "decided_at": "2026-11-20T00:00:00Z", "expired": False}
CONFIG = {"approvals": {"expires": 604800}}


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_time_passes_alike_in_one_step_and_in_two(first: int, second: int) -> None:
    """What is derived from stored instants does not depend on the way there."""
    start = parse_time("2026-11-23T00:00:00Z", "start")
    document = {
        "evaluated_at": "2026-11-23T00:00:00Z",
        "evidence": [
            {"name": "a", "dated": "producer", "producer": "tool", "age_seconds": 5, "max_age_seconds": 9},
            {"name": "b", "dated": "none", "producer": "tool", "age_seconds": 0, "max_age_seconds": 9},
            {"name": "c", "dated": "producer", "producer": "service", "age_seconds": 0, "max_age_seconds": 9},
        ],
        "approvals": [VOTE],
        "waivers": [{"id": "W-1", "not_before": "2026-11-20T00:00:00Z", "not_after": "2026-12-01T00:00:00Z"}],
    }
    middle, end = start + timedelta(seconds=first), start + timedelta(seconds=first + second)
    straight = at_time(document, end, CONFIG)
    assert at_time(at_time(document, middle, CONFIG), end, CONFIG) == straight
    assert [item["age_seconds"] for item in straight["evidence"]] == [5 + first + second, 0, 0]
    assert straight["approvals"][0]["expired"] == (first + second > 4 * 86400)
    assert straight["waivers"][0]["expired"] == (first + second >= 8 * 86400)
