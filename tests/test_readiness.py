"""production-maturity, industrial-readiness and pre-release-checklist: what stands, on evidence of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from release_simulator import AT, RELEASE, SAMPLES, Run, Simulator, denied

from dpone.ops import industrial_readiness, production_maturity
from dpone.ops.pre_release_checklist import REQUIRED as CHECKS
from dpone.ops.readiness import _shares
from dpone.shipped import shipped

CERTIFIED = "test_artifacts/certification/latest/certification_report.json"
EVIDENCE = {
    "production-maturity": {
        "certification": CERTIFIED,
        "cdc": "build/junit.xml",
        "performance": ".dpone/slo/latest/slo_report.json",
        "security": "build/bandit.sarif",
        "supply_chain": "build/pip-audit.json",
        "governance": ".dpone/releases/latest/release_gate.json",
        "docs": ".dpone/artifact-index/artifact_index.json",
    },
    "industrial-readiness": {
        "local_matrix": CERTIFIED,
        "correctness": ".dpone/contracts/latest/data_contract_report.json",
        "reliability": ".dpone/slo/latest/slo_report.json",
        "performance_lab": "build/benchmark.json",
        "ux": "build/junit.xml",
        "governance": ".dpone/releases/latest/release_gate.json",
        "schema_evolution": "target/run_results.json",
    },
}
GATES = tuple(EVIDENCE)
SEVEN = {
    "production-maturity": production_maturity.REQUIRED,
    "industrial-readiness": industrial_readiness.REQUIRED,
}
BEST = {"production-maturity": "ga_ready", "industrial-readiness": "industrial_ready"}
CASE, OTHER = "sqlite:sqlite:full_refresh", "sqlite:sqlite:scd2"
JUNIT = "build/junit.xml"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Simulator:
    """A release with evidence for every domain of both gates, all of it sealed and about the release."""
    made = Simulator(tmp_path_factory.mktemp("ready") / "made")
    made.put("build/benchmark.json", SAMPLES / "pytest_benchmark/benchmark_a.json")
    made.run("evidence", "seal", "bench=build/benchmark.json", "--release", RELEASE, "--at", AT)
    rows, contract = '[{"id": 1}]', '{"required_columns": ["id"], "unique": ["id"]}'
    for command in (
        ("certification-run", "--source", "sqlite", "--sink", "sqlite", "--row-count", "20"),
        ("contract-check", "--rows-json", rows, "--contract-json", contract),
        ("slo-evaluate", "--metrics-json", '{"lag": 1}', "--objectives-json", '{"lag": {"max": 2}}'),
        ("release-gate",),
        ("artifact-index", "--root", "build"),
    ):  # fmt: skip
        done = ops(made, *command)
        assert done.status == 0, done
    return made


@pytest.fixture
def release(made: Simulator, tmp_path: Path) -> Simulator:
    """A copy of it, to break."""
    return made.copy(tmp_path / "copy")


def ops(release: Simulator, *command: str, about: str = RELEASE) -> Run:
    """A command about the release."""
    return release.run("ops", *command, "--release", about, "--at", AT, "--format", "json")


def attached(evidence: dict[str, str]) -> list[str]:
    """`--artifact` for each."""
    return [part for name, path in evidence.items() for part in ("--artifact", f"{name}={path}")]


def ask(release: Simulator, gate: str, *options: str, about: str = RELEASE, **changed: str) -> Run:
    """The gate on everything it asks for, but for what is changed (to nothing: left out)."""
    evidence = {name: path for name, path in {**EVIDENCE[gate], **changed}.items() if path}
    return ops(release, gate, *attached(evidence), *options, about=about)


def items(document: Any) -> dict[str, Any]:
    """The rows of the domains, by name."""
    return {row["domain"]: row for row in document["items"]}


def consistent(document: Any, gate: str) -> None:
    """What must hold of every answer, whatever it is."""
    rows = items(document)
    required = [row for row in rows.values() if row["required"]]
    assert {row["domain"] for row in required} >= set(SEVEN[gate])
    assert sum(row["share"] for row in rows.values()) == 100
    assert document["score"] == sum(row["share"] for row in rows.values() if row["passed"])
    levels = {"blocked", "release_candidate", BEST[gate]}
    assert document["level"] in levels
    assert (document["level"] == "blocked") == (not document["passed"])
    if document["passed"]:
        assert document["score"] == 100
        assert document["blockers"] == []
    named = {row["domain"] for row in document["next"]}
    assert named >= {row["domain"] for row in required if not row["passed"]}
    assert (document["level"] == BEST[gate]) == (not named)


@pytest.mark.parametrize("gate", GATES)
def test_everything_sealed_is_the_best_level(release: Simulator, gate: str) -> None:
    """Seven domains, each on sealed evidence of its own about this release: score 100, nothing to raise; the
    artifact is signed, and the decision replays."""
    done = ask(release, gate, *(("--case", CASE) if gate == "industrial-readiness" else ()))
    assert done.status == 0, done
    document = done.document
    assert (document["level"], document["score"], document["next"]) == (BEST[gate], 100, [])
    assert document["required_domains"] == list(SEVEN[gate])
    consistent(document, gate)
    assert release.run("decision", "verify", "latest").status == 0
    assert release.run("decision", "replay", "latest").status == 0


def unsealed(release: Simulator) -> dict[str, str]:
    """A report without a seal, which then names no release either."""
    (release.root / f"{JUNIT}.dsse.json").unlink()
    return {}


@pytest.mark.parametrize("gate", GATES)
def test_what_nobody_vouches_for_is_a_candidate_at_most(release: Simulator, gate: str) -> None:
    """The gate passes, the level says that something is not proven, and `next` says what would raise it; where
    warnings are red, there is no level."""
    unsealed(release)
    document = ask(release, gate).document
    assert (document["passed"], document["level"], document["score"]) == (True, "release_candidate", 100)
    domain = next(name for name, path in EVIDENCE[gate].items() if path == JUNIT)
    assert [(row["domain"], row["why"], row["gain"]) for row in document["next"]] == [(domain, "not_proven", 0)]
    assert "dpone evidence seal" in document["next"][0]["do"]
    consistent(document, gate)
    release.config("profile: strict")
    strict = ask(release, gate)
    assert (strict.status, strict.document["level"]) == (1, "blocked")


# evidence that does not count

Break = Callable[[Simulator], dict[str, str]]


def claim(release: Simulator) -> dict[str, str]:
    """A file that says of itself that it passed."""
    return {"governance": write(release, "claim.json", '{"passed": true}')}


def dressed_claim(release: Simulator) -> dict[str, str]:
    """The same in the clothes of an artifact."""
    text = '{"artifact_type": "release_gate", "schema_version": "dpone.artifact/v1", "passed": true, "status": "passed"}'
    return {"governance": write(release, "claim.json", text)}


def edited(release: Simulator) -> dict[str, str]:
    """An artifact with one more byte than its seal says."""
    path = release.root / EVIDENCE["production-maturity"]["governance"]
    path.write_bytes(path.read_bytes() + b"\n")
    return {}


def foreign(release: Simulator) -> dict[str, str]:
    """A gate of another release."""
    assert ops(release, "release-gate", "--output-dir", "other", about="v0.7.0").status in (0, 1)
    return {"governance": "other/release_gate.json"}


def foreign_report(release: Simulator) -> dict[str, str]:
    """A report that was sealed for another release."""
    assert release.run("evidence", "seal", f"t={JUNIT}", "--release", "v0.7.0", "--at", AT).status == 0
    return {}


def superseded(release: Simulator) -> dict[str, str]:
    """A gate that was asked again since, with another file."""
    old = release.root / ".dpone/releases/latest"
    for path in old.iterdir():
        release.write(f"old/{path.name}", path.read_bytes())
    assert ops(release, "release-gate").status == 0
    return {"governance": "old/release_gate.json"}


def red(release: Simulator) -> dict[str, str]:
    """A report with a failed test, well sealed."""
    release.put(JUNIT, SAMPLES / "pytest/junit_fail.xml")
    release.seal()
    return {}


def same_bytes(release: Simulator) -> dict[str, str]:
    """The bytes of the release gate's artifact and its seal under another name."""
    for ending in ("json", "dsse.json"):
        release.write(
            f"copy/g.{ending}", (release.root / f".dpone/releases/latest/release_gate.{ending}").read_bytes()
        )
    return {"governance": "copy/g.json", "extra": ".dpone/releases/latest/release_gate.json"}


def same_file(release: Simulator) -> dict[str, str]:
    """One report for two domains that it can speak for."""
    del release
    return {"extra": JUNIT}


def linked(release: Simulator) -> dict[str, str]:
    """The same through a link."""
    (release.root / "build/link.xml").symlink_to("junit.xml")
    return {"extra": "build/link.xml"}


def misplaced(release: Simulator) -> dict[str, str]:
    """A test report that is to speak for who governs."""
    return {
        "governance": write(release, "build/other.xml", (release.root / JUNIT).read_text().replace("/>", " />"))
    }


def absent(release: Simulator) -> dict[str, str]:
    """A path that leads nowhere."""
    del release
    return {"governance": "nowhere.json"}


def folder(release: Simulator) -> dict[str, str]:
    """A folder in place of a file."""
    del release
    return {"governance": "build"}


def write(release: Simulator, place: str, text: str) -> str:
    """A file of the workspace; its place."""
    release.write(place, text)
    return place


BROKEN: dict[str, tuple[Break, str]] = {
    "a claim": (claim, "evidence.recognized"),
    "a claim that looks like an artifact": (dressed_claim, "evidence.well_formed"),
    "an edited artifact": (edited, "evidence.seal_holds"),
    "another release's gate": (foreign, "evidence.not_foreign"),
    "another release's report": (foreign_report, "evidence.not_foreign"),
    "a superseded gate": (superseded, "evidence.current"),
    "a red report": (red, "junit.not_passed"),
    "the same bytes twice": (same_bytes, ".one_file_one_domain"),
    "one file twice": (same_file, ".one_file_one_domain"),
    "one file through a link": (linked, ".one_file_one_domain"),
    "a kind that cannot speak": (misplaced, ".kinds_fit"),
    "a missing file": (absent, "evidence."),
    "a folder": (folder, "evidence."),
}


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("what", BROKEN)
def test_what_does_not_count(release: Simulator, gate: str, what: str) -> None:
    """Whatever else is good: red, blocked, the domain does not stand and its share is not scored, and `next`
    names it."""
    prepare, rule = BROKEN[what]
    done = ask(release, gate, **prepare(release))
    assert done.status == 1, done
    document = done.document
    assert document["level"] == "blocked"
    assert document["score"] < 100 or what.startswith(("the same", "one file"))
    assert any(rule in name for name in denied(document)), denied(document)
    consistent(document, gate)


def test_one_file_for_two_required_domains_counts_for_neither(release: Simulator) -> None:
    """It is not for the gate to choose which of the two it proves."""
    document = ask(release, "industrial-readiness", correctness=JUNIT).document
    rows = items(document)
    assert (rows["ux"]["passed"], rows["correctness"]["passed"]) == (False, False)
    assert {"ux.not_passed", "correctness.not_passed"} <= set(document["blockers"])


# what is required

ANYTHING = st.lists(st.sampled_from(production_maturity.REQUIRED), unique=True)


@pytest.fixture(scope="module")
def weighed(made: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Simulator:
    """A copy that is asked many times."""
    return made.copy(tmp_path_factory.mktemp("weighed") / "copy")


@settings(max_examples=12, deadline=None)
@given(ANYTHING, ANYTHING, st.lists(st.integers(1, 1000), min_size=7, max_size=7))
def test_a_smaller_set_never_reads_as_ready(
    weighed: Simulator, given_: Sequence[str], required: Sequence[str], weights: Sequence[int]
) -> None:
    """Whatever is given, named as required, and weighed how: all seven are required, the shares sum to 100, and
    anything but `blocked` needs all of them."""
    lines = [
        f"  {name}: {{weight: {weight}}}"
        for name, weight in zip(production_maturity.REQUIRED, weights, strict=True)
    ]
    before = (weighed.root / "dpone.yaml").read_text()
    try:
        weighed.config("\n".join(["domains:", *lines]))
        left_out = {name: "" for name in production_maturity.REQUIRED if name not in given_}
        document = ask(
            weighed, "production-maturity", *(p for n in required for p in ("--require", n)), **left_out
        ).document
    finally:
        weighed.write("dpone.yaml", before)
    consistent(document, "production-maturity")
    assert document["passed"] is not bool(left_out)
    assert {f"{name}.missing" for name in left_out} == set(document["blockers"])


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=150))
def test_shares_are_whole_and_sum_to_a_hundred(weights: list[int]) -> None:
    """Each within one point of its part; more weight is never a smaller share."""
    shares = _shares(weights)
    assert sum(shares) == 100
    assert all(
        abs(share - 100 * weight / sum(weights)) < 1 for share, weight in zip(shares, weights, strict=True)
    )
    ordered = sorted(zip(weights, shares, strict=True))
    assert all(one[1] <= other[1] for one, other in pairwise(ordered) if one[0] < other[0])


@pytest.mark.parametrize("gate", GATES)
def test_require_only_adds(release: Simulator, gate: str) -> None:
    """`--require docs` alone still demands all seven; a further domain, from the command line or dpone.yaml, must
    stand as well."""
    alone = ops(release, gate, "--require", "docs", *attached({"docs": JUNIT})).document
    assert (alone["passed"], alone["level"]) == (False, "blocked")
    assert {f"{name}.missing" for name in SEVEN[gate] if name != "docs"} <= set(alone["blockers"])
    assert ask(release, gate, "--require", "payments").document["blockers"] == ["payments.missing"]
    release.config(f"gates: {{{gate}: {{require: [refunds]}}}}")
    assert ask(release, gate).document["blockers"] == ["refunds.missing"]
    both = ask(release, gate, "--require", "payments", payments="build/bandit.sarif").document
    assert both["blockers"][0] == "refunds.missing" or "refunds.missing" in both["blockers"]
    assert len(both["required_domains"]) == 9


def test_what_is_not_required_warns_by_name(release: Simulator) -> None:
    """A further domain that is red keeps the gate shut as any red evidence does, and is a warning among the
    domains; one that is good has no share."""
    document = ask(release, "production-maturity", extra="target/run_results.json").document
    assert (document["passed"], items(document)["extra"]["share"], items(document)["extra"]["required"]) == (
        True,
        0,
        False,
    )
    release.put("bad.json", SAMPLES / "dbt/fail/run_results.json")
    red = ask(release, "production-maturity", extra="bad.json").document
    assert (red["passed"], red["warnings"], red["level"]) == (False, ["extra.not_passed"], "blocked")


ODD = ["a b", "a.b", "a/b", "ä", "日本", "a|b", "<b>", "`x`", "a:b", "__proto__", "x" * 80]


def test_names_with_odd_characters(release: Simulator) -> None:
    """They are required by exactly their name, and nothing breaks out of a table."""
    document = ask(
        release, "production-maturity", *(part for name in ODD for part in ("--require", name))
    ).document
    assert document["blockers"] == [f"{name}.missing" for name in ODD]
    consistent(document, "production-maturity")
    text = (release.root / ".dpone/production-maturity/latest/production_maturity.md").read_text("utf-8")
    assert "<b>" not in text


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\x1b[31m", "x" * 2000, "domains"])
def test_names_that_no_evidence_can_have_are_wrong_usage(release: Simulator, name: str) -> None:
    """One line, exit 2, nothing written; nor can a domain be called as the gate's own list, which always stands."""
    done = ask(release, "production-maturity", "--require", name)
    assert (done.status, done.out) == (2, "")
    assert len(done.err.strip().splitlines()) == 1
    assert not (release.root / ".dpone/production-maturity").exists()
    given = ops(release, "production-maturity", "--artifact", f"domains={JUNIT}")
    assert given.status == 2


def test_a_hundred_domains(release: Simulator) -> None:
    """They are judged like seven, and the shares still sum to 100."""
    names = [f"d{number:03}" for number in range(93)]
    for name in names:
        release.write(f"many/{name}.xml", (release.root / JUNIT).read_text() + f"<!-- {name} -->")
    evidence = {name: f"many/{name}.xml" for name in names}
    done = ask(
        release, "production-maturity", *(part for name in names for part in ("--require", name)), **evidence
    )
    assert done.status == 0, done.err
    document = done.document
    assert (len(document["items"]), document["score"], document["level"]) == (100, 100, "release_candidate")
    consistent(document, "production-maturity")


# required cases


def test_the_matrix_of_a_real_certification(release: Simulator) -> None:
    """Cases that ran with their own connectors and passed are covered; the numbers are the report's."""
    done = ask(release, "industrial-readiness", "--case", CASE, "--case", OTHER, "--case", CASE)
    assert done.status == 0, done
    matrix = done.document["matrix"]
    assert matrix["covered_cases"] == matrix["required_cases"] == [CASE, OTHER]
    assert (matrix["missing_cases"], matrix["total_cases"]) == ([], 10)
    assert 0 < matrix["min_row_count"] <= matrix["max_row_count"]
    assert matrix["max_column_count"] >= 5


def simulated(release: Simulator) -> str:
    """The case was run in place of connectors that are not here."""
    certify(release, "--source", "postgres", "--sink", "mssql")
    return "postgres:mssql:full_refresh"


def left_out(release: Simulator) -> str:
    """The case is in no report."""
    del release
    return "sqlite:sqlite:append"


def failed(release: Simulator) -> str:
    """The certification that the case is in did not pass: an old file lies among its own."""
    release.write("test_artifacts/certification/latest/x__y__z__behavior.json", "{}")
    release.config("gates: {certification-run: {fail_on: warning}}")
    done = certify(release, "--source", "sqlite", "--sink", "sqlite")
    assert done.status == 1
    return CASE


def of_another_release(release: Simulator) -> str:
    """The case ran and passed for another release."""
    certify(release, "--source", "sqlite", "--sink", "sqlite", about="v0.7.0")
    return CASE


def certify(release: Simulator, *options: str, about: str = RELEASE) -> Run:
    """A certification in the place of the one that is there."""
    return ops(release, "certification-run", *options, "--row-count", "20", about=about)


@pytest.mark.parametrize("prepare", [simulated, left_out, failed, of_another_release])
def test_a_case_that_did_not_run_and_pass_is_missing(
    release: Simulator, prepare: Callable[[Simulator], str]
) -> None:
    """It is the blocker with its name, not covered, and named among what would raise the level."""
    case = prepare(release)
    document = ask(release, "industrial-readiness", "--case", case).document
    assert (document["passed"], document["level"]) == (False, "blocked")
    assert f"local_matrix.case_missing:{case}" in document["blockers"]
    assert document["matrix"]["missing_cases"] == [case]
    assert document["matrix"]["covered_cases"] == []
    assert any(case in row["do"] for row in document["next"])


def test_a_written_list_of_cases_covers_nothing(release: Simulator) -> None:
    """The predecessor's `cases` and the product's `results`, written by hand: no case is covered."""
    row = {"source": "sqlite", "sink": "sqlite", "strategy": "append", "passed": True}
    text = json.dumps({"artifact_type": "certification_report", "passed": True, "cases": [row], "results": [row],
                       "said": {"executed_cases": [CASE]}})  # fmt: skip
    document = ask(
        release, "industrial-readiness", "--case", CASE, local_matrix=write(release, "m.json", text)
    ).document
    assert document["matrix"]["missing_cases"] == [CASE]
    assert document["matrix"]["covered_cases"] == []
    assert document["passed"] is False


@pytest.mark.parametrize("case", ["", "a", "a:b", "a:b:c:d", "::", "a::c", "a:b:c\n", " :b:c"])
def test_a_malformed_case_is_wrong_usage(release: Simulator, case: str) -> None:
    """Exit 2, one line, nothing written."""
    done = ask(release, "industrial-readiness", "--case", case)
    assert (done.status, done.out) == (2, "")
    assert len(done.err.strip().splitlines()) == 1


def test_names_of_cases_are_only_text(release: Simulator) -> None:
    """Whatever stands in them, they are told and break out of nothing."""
    case = "<img src=x>:|a|:`b`".replace(" ", "")
    done = ask(release, "industrial-readiness", "--case", case)
    assert f"local_matrix.case_missing:{case}" in done.document["blockers"]
    text = (release.root / ".dpone/industrial-readiness/latest/industrial_readiness.md").read_text("utf-8")
    assert "<img" not in text


# the checklist


def check(release: Simulator, kind: str, *options: str, claimed: Sequence[str] = ()) -> Run:
    """The checklist of a release of that kind, with checks claimed to be done."""
    claims = [part for name in claimed for part in ("--check", f"{name}=true")]
    return ops(release, "pre-release-checklist", "--release-type", kind, *claims, *options)


def rows_of(done: Run) -> dict[str, Any]:
    """The checks, by name."""
    return {row["name"]: row for row in done.document["checks"]}


@pytest.mark.parametrize("kind", list(CHECKS))
def test_every_check_of_its_kind_is_needed(release: Simulator, kind: str) -> None:
    """All claimed: green with a warning under `standard`, red under `strict`; each left out: red by name."""
    names = CHECKS[kind]
    done = check(release, kind, claimed=names)
    assert done.status == 0, done
    assert any(
        f["state"] == "warned" and f["rule"].endswith("checks_proved") for f in done.document["findings"]
    )
    assert all(row["passed"] and row["required"] and not row["proved"] for row in rows_of(done).values())
    for name in names:
        less = check(release, kind, claimed=[other for other in names if other != name])
        assert (less.status, less.document["blockers"]) == (1, [f"{name}.missing"])
        assert rows_of(less)[name]["passed"] is False
    release.config("profile: strict")
    strict = check(release, kind, claimed=names)
    assert strict.status == 1
    assert set(strict.document["blockers"]) == {f"{name}.not_proved" for name in names}
    assert not any(row["passed"] for row in rows_of(strict).values())


PROOF = {"documentation": EVIDENCE["production-maturity"]["docs"], "package": JUNIT}


def test_evidence_proves(release: Simulator) -> None:
    """Checks with sealed evidence pass under `strict` too, claimed or not."""
    release.config("profile: strict")
    for claimed in ((), ("documentation", "package"), ("package",)):
        done = check(release, "patch", *attached(PROOF), claimed=claimed)
        assert done.status == 0, done
        assert all(row["proved"] and row["passed"] for row in rows_of(done).values())


def test_a_check_that_is_said_to_fail_is_red_whatever_lies_beside_it(release: Simulator) -> None:
    """Nobody claims that of himself without a reason; also for a check that is not required."""
    done = check(release, "patch", *attached(PROOF), "--check", "package=false")
    assert (done.status, done.document["blockers"]) == (1, ["package.not_passed"])
    assert rows_of(done)["package"]["passed"] is False
    assert rows_of(done)["documentation"]["passed"] is True
    other = check(release, "patch", *attached(PROOF), "--check", "smoke=false")
    assert (other.status, other.document["blockers"]) == (1, ["smoke.not_passed"])


@pytest.mark.parametrize(
    "bad", ["pytest/junit_fail.xml", "sarif/bandit_fail.sarif", "dbt/fail/run_results.json"]
)
def test_red_evidence_outweighs_the_claim(release: Simulator, bad: str) -> None:
    """Whatever kind it is of, and however its rules name what they found, the check is the one that is red."""
    release.put("bad", SAMPLES / bad)
    done = check(release, "patch", *attached({**PROOF, "package": "bad"}), claimed=("package",))
    assert (done.status, done.document["blockers"]) == (1, ["package.not_passed"])
    assert rows_of(done)["package"]["passed"] is False
    assert rows_of(done)["package"]["blocker"] == "package.not_passed"
    assert rows_of(done)["documentation"]["passed"] is True


def test_evidence_that_is_not_there_is_missing(release: Simulator) -> None:
    """And no claim beside it helps."""
    done = check(release, "patch", *attached({**PROOF, "package": "nowhere"}), claimed=("package",))
    assert (done.status, done.document["blockers"]) == (1, ["package.missing"])


@pytest.mark.parametrize(
    "options",
    [
        ("--check", "package=yes"), ("--check", "package=1"), ("--check", "package=TRUE"), ("--check", "package="),
        ("--check", "package"), ("--check", "=true"), ("--check", "a=true", "--check", "a=false"),
        ("--check", "checklist=true"), ("--release-type", "huge"), ("--check", "a\nb=true"),
    ],
)  # fmt: skip
def test_claims_that_mean_nothing_are_wrong_usage(release: Simulator, options: tuple[str, ...]) -> None:
    """Exit 2, never silently false, nothing written."""
    done = ops(release, "pre-release-checklist", *options)
    assert (done.status, done.out) == (2, ""), done
    assert not (release.root / ".dpone/pre-release").exists()


# forms


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (("production-maturity", "--require", "more"), "domains"),
        (("industrial-readiness", *attached({"ux": JUNIT, "own": JUNIT})), "domains"),
        (("pre-release-checklist", "--check", "a=false", *attached({"package": JUNIT})), "checklist"),
    ],
)
def test_facts_fit_their_schema(release: Simulator, command: tuple[str, ...], kind: str) -> None:
    """What the rules see has exactly the shape that the schema promises them."""
    shown = release.run("ops", *command, "--release", RELEASE, "--at", AT, "--show-input")
    facts = next(item["facts"] for item in shown.document["evidence"] if item["kind"] == kind)
    schema = json.loads(shipped("schemas", "evidence", f"{kind}.v1.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(facts)
