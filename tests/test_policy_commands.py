"""Writing a layer on the command line: begun, tested, measured, compared, explained and documented."""

# ruff: noqa: E501 - a line of output reads best as a line

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from release_simulator import Simulator

from dpone.ops.policy_init import layer_files
from dpone.policy.shipped_rules import parsed_inventory, shipped_modules

ROOT = Path(__file__).resolve().parent.parent
LAYER = "policies/payments"


@pytest.fixture
def begun(tmp_path: Path) -> Simulator:
    """A green release, and a layer that was just begun."""
    release = Simulator(tmp_path)
    assert release.run("policy", "init", LAYER).status == 0
    return release


def edit(release: Simulator, inside: str, old: str, new: str) -> None:
    """Change one place of a file of the layer."""
    path = release.root / LAYER / inside
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8", newline="\n")


# init


@pytest.mark.parametrize("name", ["payments", "Data-Team"])
def test_what_init_writes_is_good_at_once(tmp_path: Path, name: str) -> None:
    """It lints, is in the canonical format, its tests pass and reach and notice everything, a gate takes it."""
    release = Simulator(tmp_path)
    folder = f"policies/{name}"
    done = release.run("policy", "init", folder)
    assert done.status == 0
    assert f"dpone policy test {folder}" in done.out
    for command in ("lint", "fmt-check", "test", "mutate"):
        done = release.run("policy", command, folder)
        assert (command, done.status) == (command, 0), done.out
    assert release.run("policy", "coverage", folder, "--fail-under", "100").status == 0
    gate = release.gate("--policy", folder)
    assert gate.status == 0
    assert "UNDECIDED" not in gate.out


def test_the_first_rule_warns_of_low_coverage(begun: Simulator) -> None:
    """It is asked by the gate, and does not shut it as long as its severity is warning."""
    begun.put("build/coverage.xml", ROOT / "examples/team-policy/red/evidence/coverage.xml")
    done = begun.gate("--policy", LAYER, "--artifact", "coverage=build/coverage.xml")
    assert done.status == 0
    assert "warn  coverage has 61.9 % of its lines covered, at least 80 % needed" in done.out


def test_init_overwrites_nothing(begun: Simulator) -> None:
    """Any one of the files that is there stops it, and none of the others is written."""
    wanted = list(layer_files("payments", LAYER))
    for kept in wanted:
        for inside in wanted:
            (begun.root / LAYER / inside).unlink(missing_ok=True)
        begun.write(f"{LAYER}/{kept}", "mine")
        done = begun.run("policy", "init", LAYER)
        assert done.status == 2
        assert f"{LAYER}/{kept} is there already" in done.err
        assert [p.name for p in (begun.root / LAYER).rglob("*") if p.is_file()] == [Path(kept).name]


@pytest.mark.parametrize(
    "folder", ["policies/junit", "policies/dpone", "policies/a b", "policies/ü", "dpone.yaml", "/"]
)
def test_init_refuses_what_cannot_be_a_layer(tmp_path: Path, folder: str) -> None:
    """Names of built-in rules, names that are none, and a file in the folder's place."""
    release = Simulator(tmp_path)
    done = release.run("policy", "init", folder)
    assert done.status == 2
    assert not (release.root / "policies").exists()


# test


def test_test_says_what_it_reached(begun: Simulator) -> None:
    """The closing line counts tests, rules and bodies, and names the engine."""
    last = begun.run("policy", "test", LAYER).out.splitlines()[-1]
    assert re.fullmatch(
        r"9 of 9 passed, rules 1 of 1, rule bodies 3 of 3 reached, engine regopy \d+\.\d+\.\d+", last
    )


def test_what_fails_says_what_it_expected_and_got(begun: Simulator) -> None:
    """A Rego test by its line, a case by its name, both with what came instead."""
    edit(begun, "release_gate/payments_test.rego", 'report("coverage", "present", 80) with data.dpone.config as set_to(80)\n\tcount(found) == 0',
         'report("coverage", "present", 79) with data.dpone.config as set_to(80)\n\tcount(found) == 0')  # fmt: skip
    edit(
        begun,
        "cases/min_coverage.yaml",
        "rule: evidence.present, evidence: coverage",
        "rule: evidence.required, evidence: cov",
    )
    done = begun.run("policy", "test", LAYER)
    assert done.status == 1
    lines = [line.strip() for line in done.out.splitlines()]
    place = next(line for line in lines if "payments_test.rego:" in line)
    assert re.search(r":\d+   expected no finding, got payments.min_coverage \{actual: 79, ", place)
    assert 'got       nothing: no rule looked at "cov". Is it in gates.release-gate.require?' in lines
    assert lines[-1].startswith("7 of 9 passed, rules 1 of 1, rule bodies 3 of 3 reached")


def test_test_as_json_and_junit(begun: Simulator) -> None:
    """The same outcomes for programs; the counts of the JUnit document are those of its cases."""
    edit(begun, "cases/min_coverage.yaml", "findings: none", "findings: [payments.nothing]")
    found = begun.run("policy", "test", LAYER, "--format", "json")
    assert found.status == 1
    assert [row["passed"] for row in found.document].count(False) == 1
    suites = ET.fromstring(begun.run("policy", "test", LAYER, "--format", "junit").out)
    cases = list(suites.iter("testcase"))
    assert (suites.get("tests"), suites.get("failures"), len(cases)) == ("9", "1", 9)
    (failure,) = suites.iter("failure")
    assert "payments.nothing" in str(failure.get("message"))
    assert begun.run("policy", "test", LAYER, "--output", "junit=build/p.xml").status == 1
    assert len(list(ET.parse(begun.root / "build/p.xml").iter("testcase"))) == 9


def test_no_test_is_no_pass(begun: Simulator) -> None:
    """In every format, and without a word about coverage that could be taken for one."""
    for inside in ("cases/min_coverage.yaml", "release_gate/payments_test.rego"):
        (begun.root / LAYER / inside).unlink()
    for form in ("text", "json", "junit"):
        assert begun.run("policy", "test", LAYER, "--format", form).status == 1
    assert begun.run("policy", "test", LAYER).out == "no tests found: nothing was proved\n"
    assert begun.run("policy", "coverage", LAYER).status == 1
    assert begun.run("policy", "mutate", LAYER).status == 1


def test_cases_alone_are_tests(begun: Simulator) -> None:
    """Who does not write Rego can hold a rule; the bodies a case reaches count as reached."""
    (begun.root / LAYER / "release_gate/payments_test.rego").unlink()
    done = begun.run("policy", "test", LAYER)
    assert done.status == 0
    assert "3 of 3 passed, rules 1 of 1, rule bodies 2 of 3 reached" in done.out


# coverage and mutate


def test_coverage_names_what_is_not_reached(begun: Simulator) -> None:
    """With file and line; the floor decides the exit status, and 66.7 % is 66."""
    (begun.root / LAYER / "release_gate/payments_test.rego").unlink()
    done = begun.run("policy", "coverage", LAYER, "--fail-under", "66")
    assert done.status == 0
    text = (begun.root / LAYER / "release_gate/payments.rego").read_text("utf-8").split("\n")
    line = next(n for n, row in enumerate(text, 1) if row.startswith("default minimum"))
    assert f"not reached  release_gate/payments.rego:{line}  minimum: the default" in done.out
    assert begun.run("policy", "coverage", LAYER, "--fail-under", "67").status == 1
    document = begun.run("policy", "coverage", LAYER, "--format", "json").document
    assert document["bodies"] == {"reached": 2, "total": 3, "percent": 66}
    assert [place["line"] for place in document["missed"]] == [line]


def test_coverage_needs_tests_that_pass(begun: Simulator) -> None:
    """A test that fails reaches nothing, and fails the command whatever the floor is."""
    edit(begun, "cases/min_coverage.yaml", "findings: none", "findings: [payments.nothing]")
    assert begun.run("policy", "coverage", LAYER).status == 1


def test_mutate_names_the_survivor(begun: Simulator) -> None:
    """File, line, rule, and what was done; a listed one counts no more, a wrong entry does."""
    edit(
        begun,
        "release_gate/payments_test.rego",
        'report("junit", "present", 10)',
        'report("coverage", "present", 80)',
    )
    done = begun.run("policy", "mutate", LAYER)
    assert done.status == 1
    assert re.search(
        r'^release_gate/payments\.rego:\d+  deny  survived  removed: \(e\.kind == "coverage"\)$',
        done.out,
        re.MULTILINE,
    )
    entry = {
        "rule": "dpone.custom.release_gate.payments.deny",
        "change": 'removed: (e.kind == "coverage")',
        "reason": "for a test",
    }
    begun.write(f"{LAYER}/mutation.yaml", json.dumps({"equivalent": [entry]}))
    assert begun.run("policy", "mutate", LAYER).status == 0
    begun.write(
        f"{LAYER}/mutation.yaml", json.dumps({"equivalent": [entry, {**entry, "change": "removed: x"}]})
    )
    again = begun.run("policy", "mutate", LAYER)
    assert again.status == 1
    assert "is listed and does not survive  removed: x" in again.out
    begun.write(f"{LAYER}/mutation.yaml", "equivalent: 3\n")
    assert begun.run("policy", "mutate", LAYER).status == 2


def test_the_configured_layer_is_the_default(begun: Simulator) -> None:
    """Without a folder the one in dpone.yaml is meant; none or several are wrong usage that says so."""
    for command in (("coverage",), ("mutate",), ("fmt-check",), ("docs", "--output", "pages")):
        assert begun.run("policy", *command).status == 2
    begun.config(f"policies: [{LAYER}]")
    for command in (
        ("coverage", "--fail-under", "100"),
        ("mutate",),
        ("fmt-check",),
        ("docs", "--output", "pages"),
    ):
        assert (command, begun.run("policy", *command).status) == (command, 0)
    text = (begun.root / "dpone.yaml").read_text("utf-8")
    begun.write("dpone.yaml", text.replace(f"[{LAYER}]", f"[{LAYER}, policies/other]"))
    done = begun.run("policy", "coverage")
    assert done.status == 2
    assert "policies/other" in done.err


# fmt-check


def test_fmt_check_names_the_line(begun: Simulator) -> None:
    """And changes nothing."""
    path = begun.root / LAYER / "release_gate/payments.rego"
    edit(begun, "release_gate/payments.rego", "\tsome e in", "    some e in")
    before = path.read_bytes()
    done = begun.run("policy", "fmt-check", LAYER)
    assert done.status == 1
    assert re.search(r"release_gate/payments\.rego:\d+:1 lines are indented with tabs \[format\]", done.out)
    assert path.read_bytes() == before


# diff


def test_diff_says_what_changed_by_rule_and_key(begun: Simulator) -> None:
    """Severity, body, a new rule, a helper, a configuration key; layout and comments are nothing."""
    import shutil

    new = begun.root / "new" / "payments"
    shutil.copytree(begun.root / LAYER, new)
    same = begun.run("policy", "diff", LAYER, "new/payments")
    assert (
        same.out
        == "rules: 0 added, 0 removed, 0 changed; helpers: 0; config keys: 0; mandatory rules touched: none\n"
    )
    rules = new / "release_gate" / "payments.rego"
    text = (
        rules.read_text("utf-8")
        .replace("severity: warning", "severity: error")
        .replace("minimum := 80", "minimum := 85")
    )
    rules.write_text(text.replace("\tsome e in", "\t# why\n\tsome  e in"), encoding="utf-8", newline="\n")
    begun.write(f"{LAYER}/dpone.yaml", "version: 1\ngates: {release-gate: {settings: {a: 1, b: 2}}}\n")
    begun.write(
        "new/payments/dpone.yaml",
        "version: 1\nprofile: strict\ngates: {release-gate: {settings: {a: 1, b: 3}}}\n",
    )
    document = begun.run("policy", "diff", LAYER, "new/payments", "--format", "json").document
    found = {
        rule["id"]: [(c["field"], c["old"], c["new"]) for c in rule["changes"]] for rule in document["rules"]
    }
    assert found == {
        "payments.min_coverage": [("severity", "warning", "error")],
        "dpone.custom.release_gate.payments.minimum": [("body", "", "")],
    }
    assert [(c["field"], c["old"], c["new"]) for c in document["config"]] == [
        ("gates.release-gate.settings.b", "2", "3"),
        ("profile", "unset", '"strict"'),
    ]
    told = begun.run("policy", "diff", LAYER, "new/payments", "--format", "md").out
    assert "| changed | payments.min\\_coverage | severity warning -&gt; error |" in told


def test_diff_names_mandatory_rules_that_are_touched(begun: Simulator) -> None:
    """Two versions of the built-in policies: what no layer may do is what a reviewer must see."""
    import shutil

    old, new = begun.root / "old", begun.root / "next"
    for place in (old, new):
        shutil.copytree(ROOT / "policies", place)
    rules = new / "dpone/gates/release_gate/release_gate.rego"
    rules.write_text(
        rules.read_text("utf-8").replace("mandatory: true", "mandatory: false"), encoding="utf-8", newline="\n"
    )
    done = begun.run("policy", "diff", "old", "next")
    assert "release-gate.release_named" in done.out
    assert "mandatory True -> False" in done.out
    assert done.out.endswith("mandatory rules touched: release-gate.release_named\n")
    back = (
        begun.run("policy", "diff", "next", "old").document
        if False
        else begun.run("policy", "diff", "next", "old")
    )
    assert "mandatory rules touched: release-gate.release_named" in back.out


@pytest.mark.parametrize("order", [(LAYER, "nowhere"), ("nowhere", LAYER), ("dpone.yaml", LAYER)])
def test_diff_of_nothing_is_no_answer(begun: Simulator, order: tuple[str, str]) -> None:
    """A folder that is not there is not an empty one: everything would read as added."""
    assert begun.run("policy", "diff", *order).status == 3


# explain-rule


def test_explain_rule_says_everything_about_a_rule(begun: Simulator) -> None:
    """Title, why, severity, what it says, what to do, what it reads, its text, its tests and cases."""
    done = begun.run("policy", "explain-rule", "payments.min_coverage", "--policy", LAYER)
    assert done.status == 0
    for part in (
        *("severity warning, waivable", "add tests, first for {lowest}", "deny contains {"),
        *(
            "gates.release-gate.settings.payments_min_coverage",
            "test_low_coverage_is_found",
            "cases/min_coverage.yaml:",
        ),
    ):
        assert part in done.out


def test_every_rule_can_be_explained(begun: Simulator) -> None:
    """Each shipped rule has a text, and a test that names it."""
    rules = [rule for rule in parsed_inventory(shipped_modules()).rules if rule.answers][::25]
    for rule in rules:
        found = begun.run("policy", "explain-rule", rule.id, "--format", "json").document
        assert rule.name in found["source"]
        assert found["rule"]["mandatory"] == rule.mandatory


READS = {
    "coverage.below_minimum": ["kinds.coverage.min_line_percent"],
    "evidence.fresh": ["concerns.stale"],
    "pip-audit.unaudited": ["kinds.pip-audit.unaudited"],
    "sarif.too_many": ["kinds.sarif.fail_at"],
    "evidence.present": [],
}


@pytest.mark.parametrize("rule", READS)
def test_explain_rule_finds_what_a_rule_reads(begun: Simulator, rule: str) -> None:
    """Itself, through a helper, through a name given to a part of the configuration, or not at all."""
    assert begun.run("policy", "explain-rule", rule, "--format", "json").document["reads"] == READS[rule]


def test_a_rule_that_is_none_is_wrong_usage(begun: Simulator) -> None:
    """The nearest ids are named."""
    done = begun.run("policy", "explain-rule", "evidence.fersh")
    assert done.status == 2
    assert "did you mean evidence.fresh" in done.err


# docs


def test_docs_show_each_rule_red_and_green(begun: Simulator) -> None:
    """One page for the gate, with examples from tests and cases; stale pages are found."""
    assert begun.run("policy", "docs", LAYER, "--output", "docs/rules").status == 0
    page = (begun.root / "docs/rules/release-gate.md").read_text("utf-8")
    for part in (
        "## payments.min_coverage",
        "Red, as in `",
        "Green, as in `",
        "severity warning",
        "```rego\ndeny contains",
    ):
        assert part in page
    assert "release-gate.md#paymentsmin_coverage" in (begun.root / "docs/rules/index.md").read_text("utf-8")
    check = ("policy", "docs", LAYER, "--output", "docs/rules", "--check")
    assert begun.run(*check).status == 0
    edit(begun, "release_gate/payments.rego", "add tests, first", "write tests, first")
    stale = begun.run(*check)
    assert stale.status == 1
    assert "docs/rules/release-gate.md is not up to date" in stale.out


def test_docs_need_tests_that_pass(begun: Simulator) -> None:
    """An example that does not hold is none; nothing is written."""
    edit(begun, "cases/min_coverage.yaml", "findings: none", "findings: [payments.nothing]")
    assert begun.run("policy", "docs", LAYER, "--output", "pages").status == 1
    assert not (begun.root / "pages").exists()


def test_docs_leave_other_files_alone(begun: Simulator) -> None:
    """The folder may hold more than the pages; a file in its place is wrong usage."""
    begun.write("pages/mine.md", "mine")
    assert begun.run("policy", "docs", LAYER, "--output", "pages").status == 0
    assert (begun.root / "pages/mine.md").read_text("utf-8") == "mine"
    assert begun.run("policy", "docs", LAYER, "--output", "dpone.yaml").status == 2
