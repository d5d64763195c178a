"""`--output` on real commands: every gate's answer and every check of policies, in every format."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from ci_schemas import CHECKS, check_github, check_gitlab, check_sarif
from release_simulator import REPORTS, SAMPLES, Simulator

from dpone.reports.registry import format_names

JUNIT = REPORTS["tests"][0]


@pytest.fixture
def green(tmp_path: Path) -> Simulator:
    """A release where everything is good."""
    return Simulator(tmp_path)


@pytest.fixture
def red(green: Simulator) -> Simulator:
    """A release with a failed dbt test and a vulnerable dependency, and a report that nobody sealed."""
    green.put(REPORTS["dbt"][0], SAMPLES / "dbt/fail/run_results.json")
    green.put(REPORTS["deps"][0], SAMPLES / "pip_audit/audit_fail.json")
    green.seal()
    (green.root / f"{JUNIT}.dsse.json").unlink()
    return green


def everywhere(release: Simulator, *options: str) -> tuple[int, dict[str, Any]]:
    """The release gate with all formats at once, each read back through the check of its form."""
    outputs = [part for form in format_names() for part in ("--output", f"{form}=out/{form}")]
    done = release.gate(*outputs, *options)
    assert done.err == ""
    return done.status, {
        form: CHECKS[form]((release.root / "out" / form).read_bytes()) for form in format_names()
    }


def test_all_formats_at_once_green(green: Simulator) -> None:
    """A passed gate in every format: each holds to its schema and none shows anything red."""
    status, told = everywhere(green)
    assert status == 0
    assert [line.split(" ")[0] for line in told["github"]] == ["::notice"]
    assert told["gitlab"] == []
    run = told["sarif"]["runs"][0]
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is True
    assert {artifact["location"]["uri"] for artifact in run["artifacts"]} == {
        place for place, _ in REPORTS.values()
    }
    assert told["junit"].get("failures") == "0"


def test_all_formats_at_once_red(red: Simulator) -> None:
    """A refused gate: the same rules in every format, at the file they are about."""
    status, told = everywhere(red)
    assert status == 1
    wanted = {"dbt.not_passed", "pip-audit.vulnerability"}
    sarif = told["sarif"]["runs"][0]["results"]
    errors = [result for result in sarif if result["level"] == "error"]
    assert {result["ruleId"] for result in errors} == wanted
    assert {entry["check_name"] for entry in told["gitlab"] if entry["severity"] == "major"} == wanted
    failed = {
        case.get("name").split(" ")[0]
        for case in told["junit"].iter("testcase")
        if len(case.findall("failure"))
    }
    assert failed == wanted
    assert {line.partition("file=")[2].partition(",")[0] for line in told["github"] if "::error" in line} == {
        "target/run_results.json",
        "build/pip-audit.json",
    }
    findings = {f["fingerprint"]: f["rule"] for f in told["json"]["findings"]}
    assert {r["partialFingerprints"]["dpone/v1"]: r["ruleId"] for r in sarif} == findings


def test_findings_stand_on_their_line(red: Simulator) -> None:
    """The line of a pointer, in a report that is written over several lines."""
    place = red.root / "target/run_results.json"
    place.write_text(json.dumps(json.loads(place.read_text()), indent=1))
    red.seal()
    _, told = everywhere(red)
    (entry,) = [entry for entry in told["gitlab"] if entry["check_name"] == "dbt.not_passed"]
    line = place.read_text().splitlines()[entry["location"]["lines"]["begin"] - 1]
    assert line.strip() == "{"
    assert f"line={entry['location']['lines']['begin']}," in told["github"][0] + told["github"][1]


def test_fingerprints_stay_from_run_to_run(red: Simulator) -> None:
    """A CI compares two runs by them."""
    _, first = everywhere(red)
    shutil.rmtree(red.root / ".dpone")  # what came before is a finding of its own
    _, second = everywhere(red)
    assert [entry["fingerprint"] for entry in first["gitlab"]] == [
        entry["fingerprint"] for entry in second["gitlab"]
    ]


def test_rules_carry_their_texts(red: Simulator) -> None:
    """Every rule that was asked is in the log with title, description and remedy; a team's among them."""
    layer = red.rule(
        'deny contains {"code": "team.rule", "evidence": "dbt", "params": {}} if {\n'
        '\tsome e in input.evidence\n\te.name == "dbt"\n}'
    )
    _, told = everywhere(red, "--policy", layer)
    rules = {rule["id"]: rule for rule in told["sarif"]["runs"][0]["tool"]["driver"]["rules"]}
    assert len(rules) > 20
    assert all(rule["fullDescription"]["text"] != rule["id"] for rule in rules.values())
    assert rules["team.rule"]["shortDescription"]["text"] == "A rule"
    assert rules["team.rule"]["help"]["text"].endswith("Remedy: mend")


def test_a_gate_that_looked_at_nothing(tmp_path: Path) -> None:
    """Findings about the gate as a whole point at its artifact: GitLab and code scanning need a file."""
    status, told = everywhere(Simulator(tmp_path, green=False))
    assert status == 1
    assert {entry["location"]["path"] for entry in told["gitlab"]} == {
        ".dpone/releases/latest/release_gate.json"
    }


# no stale green


BROKEN = "package dpone.custom.release_gate.team\n\nimport rego.v1\n\ndeny contains {"


def test_undecided_in_every_format(green: Simulator) -> None:
    """A policy that does not parse: exit 3, an error in each format, executionSuccessful false."""
    status, told = everywhere(green, "--policy", green.layer(BROKEN))
    assert status == 3
    assert told["junit"].get("errors") == "1"
    assert told["sarif"]["runs"][0]["invocations"][0]["executionSuccessful"] is False
    assert told["gitlab"][0]["severity"] == "blocker"
    assert "title=release-gate UNDECIDED::" in told["github"][0]


def test_a_run_without_a_decision_leaves_no_green_output(green: Simulator) -> None:
    """What keeps a run from any answer replaces the outputs of an earlier one, and says so to GitHub."""
    assert everywhere(green)[0] == 0
    ledger = green.root / ".dpone" / "ledger"
    for path in sorted(ledger.rglob("*.json")):
        path.write_bytes(b"{")
    outputs = [part for form in format_names() for part in ("--output", f"{form}=out/{form}")]
    done = green.gate(*outputs, "--output", "github", env={"GITHUB_OUTPUT": str(green.root / "step")})
    assert done.status == 3
    assert done.out == ""
    annotation, *rest = done.err.splitlines()
    assert annotation.startswith("::error ")
    assert "title=release-gate UNDECIDED::" in annotation
    assert [line[:7] for line in rest] == ["dpone: "]
    assert (green.root / "step").read_text() == "outcome=undecided\ndecision=\n"
    told = {form: CHECKS[form]((green.root / "out" / form).read_bytes()) for form in format_names()}
    assert told["junit"].get("errors") == "1"
    assert told["json"] == {"passed": False, "status": "undecided", "problem": told["json"]["problem"]}
    assert told["gitlab"][0]["severity"] == "blocker"
    assert told["sarif"]["runs"][0]["invocations"][0]["executionSuccessful"] is False


@pytest.mark.parametrize(("status", "word"), [(0, "passed"), (1, "failed"), (3, "undecided")])
def test_the_outcome_of_a_step(green: Simulator, status: int, word: str) -> None:
    """GitHub shows 1 and 3 alike; the step's output `outcome` tells them apart."""
    options: tuple[str, ...] = ()
    if status == 1:
        green.put(REPORTS["deps"][0], SAMPLES / "pip_audit/audit_fail.json")
    if status == 3:
        options = ("--policy", green.layer(BROKEN))
    step = green.root / "step"
    done = green.gate("--output", "github", *options, env={"GITHUB_OUTPUT": str(step)})
    assert done.status == status
    assert step.read_text().splitlines()[0] == f"outcome={word}"


def test_a_file_of_github_that_cannot_be_written(green: Simulator) -> None:
    """One line and exit 3, never a traceback, never silence."""
    done = green.gate("--output", "github", env={"GITHUB_OUTPUT": str(green.root)})
    assert done.status == 3
    assert done.err.startswith("dpone: cannot add to ")
    assert len(done.err.splitlines()) == 1


# stdout


@pytest.mark.parametrize("form", ["json", "md"])
def test_annotations_do_not_spoil_a_document(green: Simulator, form: str) -> None:
    """A document on stdout is whole; the annotations are on stderr, where GitHub's runner reads them too."""
    done = green.gate("--format", form, "--output", "github")
    assert done.out == (green.artifact.with_suffix(f".{form}")).read_text()
    check_github(done.err.encode())


def test_text_and_annotations_share_stdout(green: Simulator) -> None:
    """Annotations first, then the text."""
    done = green.gate("--output", "github")
    assert done.err == ""
    assert done.out.startswith("::notice title=release-gate PASSED::")
    assert done.out.splitlines()[1].startswith("release-gate  v0.7.1")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--output", "html=x"),
        ("--output", "junit"),
        ("--output", "junit=x", "--output", "md=x"),
        ("--output", "sarif=.dpone/releases/latest/release_gate.json"),
    ],
)
def test_wrong_outputs_are_wrong_usage(green: Simulator, arguments: tuple[str, ...]) -> None:
    """Exit 2 with one line, before anything is decided."""
    done = green.gate(*arguments)
    assert (done.status, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert not green.entries()
    if "html=x" in arguments:
        assert "known: github, gitlab, json, junit, md, sarif, text" in done.err


def test_outputs_of_the_configuration(green: Simulator) -> None:
    """`output` in dpone.yaml writes the same files, from the root."""
    green.config("output: [json, sarif=build/dpone.sarif, gitlab=build/cq.json]")
    done = green.gate()
    assert done.document["passed"] is True
    check_sarif((green.root / "build/dpone.sarif").read_bytes())
    assert check_gitlab((green.root / "build/cq.json").read_bytes()) == []


# hostile evidence, end to end

NAMES = {
    "commands": "::error file=x::y&#10;::set-output name=outcome::passed",
    "old commands": "##[set-output name=outcome]passed",
    "markup": "]]&gt;&lt;/failure&gt;&lt;testcase name='ok'/&gt;",
    "escapes": "%0A::add-mask::e &#x9b;31m &#x85; &#x2028;::x",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_hostile_test_names(green: Simulator, name: str) -> None:
    """A failed test may be called anything: each output keeps its form, and stdout holds no command."""
    text = (SAMPLES / "pytest/junit_fail.xml").read_text()
    old = text.partition('<testcase classname="')[2]
    names = {part.partition('"')[0] for part in old.split(' name="')[1:]}
    assert names
    for found in names:
        text = text.replace(f' name="{found}"', f' name="{name}"')
    green.write(JUNIT, text)
    green.seal()
    status, told = everywhere(green)
    assert status == 1
    assert told["github"][0].startswith("::error file=")
    assert re.findall("[a-z]{4,}", name)[0] in told["gitlab"][0]["description"]
    done = green.gate()
    CHECKS["text"](done.out.encode())
    assert done.status == 1


def test_hostile_file_names(green: Simulator) -> None:
    """A file may be called as a command is: it is percent-encoded, escaped, or taken apart."""
    folder, shown = ("x", "x") if os.name == "nt" else ("::error::x", "%3A%3Aerror%3A%3Ax")
    place = f"{folder}/##[warning]a,b%0A.json"
    green.write(place, '{"passed": true}')
    status, told = everywhere(green, "--artifact", f"odd={place}")
    assert status == 1
    uris = {a["location"]["uri"] for a in told["sarif"]["runs"][0]["artifacts"]}
    assert any(uri.startswith(f"{shown}/") for uri in uris)
    assert f"file={shown}/## [warning]a%2Cb%250A.json" in "\n".join(told["github"])


# checks of policies


@pytest.fixture
def team(green: Simulator) -> Simulator:
    """A layer with a rule and no test yet."""
    green.rule('deny contains {"code": "team.rule", "params": {}} if {\n\tinput.gate == "never"\n}')
    return green


FORMATS = ("github", "gitlab", "junit", "md", "sarif")


def checked(release: Simulator, *arguments: str) -> tuple[int, dict[str, Any]]:
    """A check of policies with all its formats, each read back through the check of its form."""
    outputs = [part for form in FORMATS for part in ("--output", f"{form}=out/{form}")]
    done = release.run("policy", *arguments, *outputs)
    assert done.err == ""
    return done.status, {form: CHECKS[form]((release.root / "out" / form).read_bytes()) for form in FORMATS}


def test_lint_green(team: Simulator) -> None:
    """Nothing found: a case for the folder, no results."""
    status, told = checked(team, "lint", "policies/team")
    assert status == 0
    assert [case.get("name") for case in told["junit"].iter("testcase")] == ["lint policies/team"]
    assert told["sarif"]["runs"][0]["results"] == told["gitlab"] == []
    assert told["sarif"]["runs"][0]["automationDetails"]["id"] == "dpone/policy-lint/"
    assert [line.split("::")[1] for line in told["github"]] == ["notice title=policy-lint PASSED"]


def test_lint_red(team: Simulator) -> None:
    """Each problem at its file, line and column from the root, with a stable rule id."""
    team.write("policies/team/bad.rego", "package dpone.custom.release_gate.team\n\nx := http.send({})\n")
    status, told = checked(team, "lint", "policies/team")
    assert status == 1
    result = told["sarif"]["runs"][0]["results"][0]
    assert result["ruleId"].startswith("lint.")
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "policies/team/bad.rego"
    assert physical["region"]["startLine"] >= 1
    assert told["github"][0].startswith("::error file=policies/team/bad.rego,line=")
    assert {entry["location"]["path"] for entry in told["gitlab"]} == {"policies/team/bad.rego"}
    assert int(told["junit"].get("failures")) >= 1
    assert any("policies/team/bad.rego" in line for line in told["md"])


TESTS = """package dpone.custom.release_gate.team_test

import rego.v1

import data.dpone.custom.release_gate.team

test_quiet if count(team.deny) == 0 with input as {"gate": "release-gate"}

test_wrong if count(team.deny) == 1 with input as {"gate": "release-gate"}
"""


def test_tests_red_and_green(team: Simulator) -> None:
    """A test has one name, passed or failed, and a failure stands at its line."""
    team.write("policies/team/team_test.rego", TESTS)
    status, told = checked(team, "test", "policies/team")
    assert status == 1
    cases = {case.get("name"): [child.tag for child in case] for case in told["junit"].iter("testcase")}
    assert cases == {
        "policy.test policies/team team_test.test_quiet": [],
        "policy.test policies/team team_test.test_wrong": ["failure"],
    }
    (entry,) = told["gitlab"]
    assert entry["location"]["path"] == "policies/team/team_test.rego"
    assert (
        "test_wrong"
        in team.root.joinpath("policies/team/team_test.rego")
        .read_text()
        .splitlines()[entry["location"]["lines"]["begin"] - 1]
    )
    team.write("policies/team/team_test.rego", TESTS.replace("== 1", "== 0"))
    status, told = checked(team, "test", "policies/team")
    assert status == 0
    assert [len(list(case)) for case in told["junit"].iter("testcase")] == [0, 0]


def test_no_test_is_red_in_every_format(team: Simulator) -> None:
    """Zero tests found is not a pass anywhere."""
    status, told = checked(team, "test", "policies/team")
    assert status == 1
    assert len(told["gitlab"]) == len(told["sarif"]["runs"][0]["results"]) == 1
    assert told["junit"].get("failures") == "1"
    assert "nothing was proved" in told["github"][0]


@pytest.mark.parametrize("command", ["lint", "test"])
def test_the_outcome_of_a_check(team: Simulator, command: str) -> None:
    """The step's output and summary, for checks of policies as well."""
    env = {name: str(team.root / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    done = team.run("policy", command, "policies/team", "--output", "github", env=env)
    word = "passed" if done.status == 0 else "failed"
    assert (team.root / "GITHUB_OUTPUT").read_text().splitlines()[0] == f"outcome={word}"
    assert f"policy-{command}: {word.upper()}" in (team.root / "GITHUB_STEP_SUMMARY").read_text()


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_what_a_check_has_on_stdout_alone(team: Simulator, form: str) -> None:
    """`--format` has them; the known ones are named."""
    done = team.run("policy", "lint", "policies/team", "--output", f"{form}=x")
    assert done.status == 2
    assert "known: github, gitlab, junit, md, sarif" in done.err


def test_json_of_a_check_stays_whole(team: Simulator) -> None:
    """Annotations go to stderr beside JSON."""
    done = team.run("policy", "lint", "policies/team", "--format", "json", "--output", "github")
    assert done.document == []
    check_github(done.err.encode())
