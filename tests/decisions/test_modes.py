"""Rules that are tried out or count later: taken out before anything is asked, unable to change a result."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from release_simulator import Simulator, denied

from dpone.decisions.modes import split
from dpone.policy.layers import load_layer

NOW = "2026-11-23T00:00:00Z"
BEGIN = "package dpone.custom.release_gate.team\n\nimport rego.v1\n"


def block(code: str, *more: str) -> str:
    """The METADATA of a code, with a mode or a date."""
    said = ", ".join((f"code: {code}", "severity: error", "message: told", "remedy: mend", *more))
    return f"# METADATA\n# title: A rule\n# description: Of a team.\n# custom: {{{said}}}\n"


def deny(code: str, body: str, *more: str) -> str:
    """One body of `deny`, described."""
    return f'\n{block(code, *more)}deny contains {{"code": "{code}", "params": {{}}}} if {body}\n'


ALWAYS = 'input.gate == "release-gate"'
CRASH = "lower(input.evidence[0].facts.tests) != input.gate"
"""A built-in function on a value of the wrong type: an error of the whole evaluation."""


def check(name: str, answers: str, *more: str) -> str:
    """A check of a team's."""
    said = ", ".join(("applies_to: gate", "severity: error", "message: told", "remedy: mend", *more))
    return (
        f"\n# METADATA\n# title: A rule\n# description: Of a team.\n# custom: {{{said}}}\n{name} := {answers}\n"
    )


@pytest.fixture
def release(tmp_path: Path) -> Simulator:
    """A workspace where everything is sealed and green."""
    return Simulator(tmp_path)


def found(release: Simulator, rules: str, *options: str) -> tuple[int, dict[str, str]]:
    """Exit code of the release gate with a layer, and the state of each finding by its rule; that nobody signed the
    layer is another test's."""
    done = release.gate("--format", "json", "--policy", release.layer(BEGIN + rules), *options)
    assert done.out, done.err
    states = {f["rule"]: f["state"] for f in done.document["findings"]}
    assert states.pop("evidence.layers_signed") == "warned"
    return done.status, states


def test_each_mode_is_shown_with_its_state(release: Simulator) -> None:
    """Warned, tried out, yet to come: none keeps the gate shut or stands among its blockers, each is shown."""
    rules = (
        deny("team.soft", ALWAYS, "mode: warn")
        + deny("team.tried", ALWAYS, "mode: shadow")
        + deny("team.later", ALWAYS, 'effective_from: "2026-11-24"')
        + check("asked", '[{"ok": false, "params": {}}]', "mode: shadow")
    )
    status, states = found(release, rules)
    assert (status, states) == (
        0,
        {"team.soft": "warned", "team.tried": "shadow", "team.later": "upcoming", "team.asked": "shadow"},
    )
    document = json.loads(release.artifact.read_text())
    assert document["blockers"] == []
    markdown = release.artifact.with_suffix(".md").read_text()
    assert "## Shadow, not counted" in markdown
    assert "## Upcoming, not counted yet" in markdown
    shown = release.gate("--policy", "policies/team").out
    assert "not counted team.asked (shadow), team.tried (shadow), team.later (upcoming)" in shown
    assert release.run("decision", "replay", "--all").status == 0
    assert release.run("decision", "verify", "latest").status == 0


def test_a_rule_counts_from_its_day_on(release: Simulator) -> None:
    """At the first instant of the day it is red."""
    rules = deny("team.later", ALWAYS, 'effective_from: "2026-11-23"')
    assert found(release, rules) == (1, {"team.later": "denied"})


TRIED = {
    "a body": deny("team.tried", CRASH, "mode: shadow"),
    "a check": check(
        "asked", '[{"ok": ok} | ok := lower(input.evidence[0].facts.tests) == ""]', "mode: shadow"
    ),
    "no verdict": check("asked", '[{"ok": input.evidence[0].facts.tests}]', "mode: shadow"),
    "no answer": check("asked", '[{"ok": ok} | ok := input.evidence[0].facts.nothing]', "mode: shadow"),
    "no value": check("asked", '[{"ok": input.evidence[0].facts.nothing}]', "mode: shadow"),
}
"""Ways in which a rule that is tried out can fail."""


@pytest.mark.parametrize("tried", TRIED.values(), ids=TRIED)
def test_a_rule_that_is_tried_out_and_fails_changes_nothing(release: Simulator, tried: str) -> None:
    """Whatever it does to its engine: the result is the one without it, byte for byte, and a note says so."""
    counted = deny("team.red", 'input.gate == "none"')
    assert found(release, counted) == (0, {})
    plain = release.entries()[-1]["body"]["result"]
    shutil.rmtree(release.root / ".dpone")
    status, states = found(release, counted + tried)
    assert status == 0
    assert states == {"dpone.not_tried": "shadow"}
    assert release.entries()[-1]["body"]["result"] == plain
    assert release.run("decision", "replay", "latest").status == 0


def test_the_same_rule_crashes_the_gate_when_it_counts(release: Simulator) -> None:
    """What the test above proves is the engine's doing, not an accident of the rule."""
    done = release.gate("--policy", release.layer(BEGIN + deny("team.red", CRASH)))
    assert done.status == 3


def test_a_layer_sets_modes_for_its_own_rules_only(release: Simulator, tmp_path: Path) -> None:
    """A code that is called like a built-in rule is refused, and the mode of one code is not another's."""
    release.put("build/pip-audit.json", Path(__file__).parents[1] / "samples" / "pip_audit" / "audit_fail.json")
    release.seal()
    hostile = deny("pip-audit.vulnerability", ALWAYS, "mode: shadow")
    assert release.gate("--policy", release.layer(BEGIN + hostile)).status == 3
    status, states = found(release, deny("team.tried", ALWAYS, "mode: shadow"))
    assert status == 1
    assert states["pip-audit.vulnerability"] == "denied"


def test_one_code_in_two_packages_has_two_modes(release: Simulator) -> None:
    """What is tried out for all gates and counts for this one counts for this one."""
    release.layer(BEGIN + deny("team.same", ALWAYS))
    tried = BEGIN.replace("release_gate", "all") + deny("team.same", ALWAYS, "mode: shadow")
    release.write("policies/team/all.rego", tried)
    done = release.gate("--format", "json", "--policy", "policies/team")
    assert (done.status, denied(done.document) - {"evidence.not_refused_before"}) == (1, {"team.same"})


def test_what_does_not_count_is_cut_out_of_the_text(release: Simulator) -> None:
    """Bodies of idle codes are blank in the text that decides, those of others in the text that is tried; lines
    stay where they are."""
    folder = release.layer(BEGIN + deny("team.red", ALWAYS) + deny("team.tried", CRASH, "mode: shadow"))
    layer = load_layer(release.root / folder, "release-gate")
    counted, idle = split(layer, NOW)
    assert idle is not None
    (path,) = [p for p in layer.modules if p.startswith("team/")]
    assert "lower(" not in counted.modules[path]
    assert 'if input.gate == "release-gate"' in counted.modules[path]
    assert "lower(" in idle.modules[path]
    assert 'if input.gate == "release-gate"' not in idle.modules[path]
    for part in (counted, idle):
        assert part.modules[path].count("\n") == layer.modules[path].count("\n")
        assert part.entrypoints == ("dpone/custom/release_gate/team/deny",)
        assert part.digest == layer.digest


def test_a_layer_that_only_tries_rules_out_is_asked_nothing(release: Simulator) -> None:
    """No entry point is left among what counts."""
    folder = release.layer(BEGIN + deny("team.tried", ALWAYS, "mode: shadow"))
    counted, idle = split(load_layer(release.root / folder, "release-gate"), NOW)
    assert counted.entrypoints == ()
    assert idle is not None
    assert idle.entrypoints != ()


def test_mandatory_rules_have_no_mode(release: Simulator) -> None:
    """The lint refuses one in a layer; built-in ones are enforced whatever they say."""
    done = release.gate("--policy", release.layer(BEGIN + check("asked", '[{"ok": true}]', "mandatory: true")))
    assert done.status == 3
