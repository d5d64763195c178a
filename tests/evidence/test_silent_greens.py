"""Documents that look green, or whose claims exclude each other, kind by kind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kind_checks import change, denied, read_bytes, sample

from dpone.evidence.model import Invalid, Reading, Subject


def junit(body: str, attributes: str = "") -> Reading:
    """A JUnit report of one suite."""
    return read_bytes(f"<testsuite {attributes}>{body}</testsuite>".encode())


@pytest.mark.parametrize(
    ("attributes", "body", "contradicts"),
    [
        ('tests="1"', '<testcase name="a"/>', False),
        ('tests="2"', '<testcase name="a"/>', True),
        ('tests="1" failures="1"', '<testcase name="a"/>', True),
        ('tests="1" failures="0"', '<testcase name="a"><failure/></testcase>', True),
        ('tests="1" errors="0"', '<testcase name="a"><error/></testcase>', True),
        (
            'tests="2" skipped="0" disabled="1"',
            '<testcase name="a"/><testcase name="b" status="notrun"/>',
            False,
        ),
        ('tests="2"', '<testcase name="a"/><testsuite tests="1"><testcase name="b"/></testsuite>', False),
        ('tests="1"', '<testcase name="a"/><testsuite tests="1"><testcase name="b"/></testsuite>', False),
        # pytest: one test fails and its teardown errs
        (
            'tests="1" failures="1" errors="1"',
            '<testcase name="a"><failure/></testcase><testcase name="a"><error/></testcase>',
            False,
        ),
    ],
)
def test_junit_claims_are_compared_with_its_cases(attributes, body, contradicts):
    """What a suite says about itself must follow from its cases, however generators count."""
    assert bool(junit(body, attributes).contradictions) is contradicts


@pytest.mark.parametrize(
    ("body", "red"),
    [
        ("", {"nothing_executed", "too_few"}),
        ('<testcase name="a" status="notrun"/>', {"nothing_executed", "too_few", "skipped"}),
        ('<testcase name="a" result="skipped"/>', {"nothing_executed", "too_few", "skipped"}),
        ('<testcase name="a" status="failed"/>', {"not_passed"}),
        ('<testcase name="a"><skipped/><failure/></testcase>', {"not_passed"}),
        ('<testcase name="a"/><error message="teardown of the suite"/>', {"not_passed"}),
        ('<testcase name="a"><flakyFailure/></testcase>', set()),
        ('<testcase name="a"/><testcase name="b"><skipped/></testcase>', set()),
        ('<testcase name="a"/>' + '<testcase name="b"><skipped/></testcase>' * 2, {"skipped"}),
    ],
)
def test_junit_outcomes(body, red):
    """A case is what is worst about it; what did not run did not pass."""
    assert denied(junit(body)) == red


def test_junit_with_an_unknown_element_is_invalid():
    """A suite that holds what nobody knows may hide a failure in it."""
    with pytest.raises(Invalid, match="no known meaning"):
        junit('<testcase name="a"/><Testcase name="b"><failure/></Testcase>')


def test_junit_properties_name_the_subject():
    """`release` and `commit` among the properties are claims; two values exclude each other."""
    properties = '<properties><property name="release" value="{}"/></properties><testcase name="a"/>'
    assert junit(properties.format("v1")).claims == Subject(release="v1")
    twice = f"<testsuite>{properties.format('v1')}</testsuite><testsuite>{properties.format('v2')}</testsuite>"
    reading = read_bytes(f"<testsuites>{twice}</testsuites>".encode())
    assert reading.claims == Subject()
    assert "release" in reading.contradictions[0]


def test_junit_without_an_offset_is_undated():
    """A local time names no instant; one suite without an offset leaves the whole undated."""
    suite = '<testsuite timestamp="{}"><testcase name="a"/></testsuite>'
    local, utc = suite.format("2026-11-22T21:22:38"), suite.format("2026-11-22T21:22:38Z")
    assert read_bytes(f"<testsuites>{utc}</testsuites>".encode()).produced_at is not None
    assert read_bytes(f"<testsuites>{utc}{local}</testsuites>".encode()).produced_at is None


DBT = "dbt/pass/run_results.json"


@pytest.mark.parametrize(
    ("edits", "red"),
    [
        ([("/results", [])], {"nothing_evaluated"}),
        ([("/args/which", "run")], {"command"}),
        ([("/args/which", "compile")], {"command"}),
        ([("/results/0/status", "error")], {"not_passed"}),
        ([("/results/0/status", "partial success")], {"not_passed"}),
        ([("/results/1/status", "runtime error")], {"not_passed"}),
        ([("/results/1/status", "skipped")], {"not_passed"}),
        ([("/results/1/status", "warn")], {"warned:warning"}),
        ([("/results/6/status", "skipped")], set()),
    ],
)
def test_dbt_statuses(edits, red):
    """Each status of dbt means what dbt means by it; an exposure is never run."""
    assert denied(read_bytes(change(DBT, *edits))) == red


def test_dbt_tests_with_the_status_success_were_only_compiled():
    """A test that ran says pass; success is what compiling leaves."""
    edits = [(f"/results/{i}/status", "success") for i in range(7)] + [("/args/which", "test")]
    reading = read_bytes(change(DBT, *edits))
    assert reading.facts["tests_executed"] == 0
    assert reading.counts.not_evaluated == 4


def test_dbt_refuses_an_unknown_status_and_a_node_that_stands_twice():
    """What has no known meaning is invalid; two results of one node contradict each other."""
    with pytest.raises(Invalid, match="no known meaning"):
        read_bytes(change(DBT, ("/results/0/status", "fine")))
    doubled = json.loads(sample(DBT))
    doubled["results"].append(doubled["results"][0])
    assert read_bytes(json.dumps(doubled).encode()).contradictions


def test_dbt_claims_come_from_its_environment():
    """DBT_ENV_CUSTOM_ENV_DPONE_RELEASE becomes metadata.env.DPONE_RELEASE, which is a claim."""
    edited = change(DBT, ("/metadata/env", {"DPONE_RELEASE": "v1", "DPONE_COMMIT": "abc", "OTHER": "x"}))
    assert read_bytes(edited).claims == Subject(release="v1", commit="abc")


def test_a_source_that_could_not_be_checked_is_not_fresh():
    """A runtime error has no age and no pass; nothing checked is red."""
    path = "dbt/pass/sources.json"
    broken = change(
        path, ("/results/0", {"unique_id": "source.p.s.t", "error": "x", "status": "runtime error"})
    )
    assert denied(read_bytes(broken)) == {"stale"}
    assert denied(read_bytes(change(path, ("/results/0/status", "warn")))) == {"warned:warning"}
    assert denied(read_bytes(change(path, ("/results", [])))) == {"nothing_checked"}


SARIF = "sarif/bandit_fail.sarif"


@pytest.mark.parametrize(
    ("edits", "level"),
    [
        ([], "warning"),  # neither a level of its own nor one of the rule
        ([("/runs/0/results/0/level", "note")], "note"),
        ([("/runs/0/results/0/kind", "pass")], None),
        ([("/runs/0/results/0/kind", "pass"), ("/runs/0/results/0/level", "error")], "error"),
        ([("/runs/0/tool/driver/rules/0/defaultConfiguration", {"level": "error"})], "error"),
        ([("/runs/0/tool/driver/rules/0/defaultConfiguration", {"enabled": True})], "warning"),
        (
            [
                ("/runs/0/tool/driver/rules/0/defaultConfiguration", {"level": "error"}),
                ("/runs/0/results/0/ruleIndex", ...),
                ("/runs/0/results/0/ruleId", "B310/sub"),
            ],
            "error",
        ),
        (
            [
                ("/runs/0/results/0/provenance", {"invocationIndex": 0}),
                (
                    "/runs/0/invocations/0/ruleConfigurationOverrides",
                    [{"descriptor": {"index": 0}, "configuration": {"level": "note"}}],
                ),
            ],
            "note",
        ),
    ],
)
def test_sarif_levels_follow_the_standard(edits, level):
    """A missing level is the override's, the rule's, or warning (SARIF 3.27.10)."""
    facts = read_bytes(change(SARIF, *edits)).facts
    found = {result["pointer"]: result["level"] for result in facts["results"]}
    assert found.get("/runs/0/results/0") == level


@pytest.mark.parametrize(
    ("edits", "red"),
    [
        ([("/runs", [])], {"not_scanned"}),
        ([("/runs/0/results", ...)], {"not_scanned"}),
        ([("/runs/0/results", None)], {"not_scanned"}),
        ([("/runs/0/invocations/0/executionSuccessful", False)], {"not_scanned"}),
        ([("/runs/0/invocations/0/toolExecutionNotifications", [{"level": "error"}])], {"not_scanned"}),
        ([("/runs/0/invocations/0/toolConfigurationNotifications", [{"level": "error"}])], {"not_scanned"}),
        ([("/runs/0/invocations/0/toolExecutionNotifications", [{"message": {}}])], set()),
        (
            [("/runs/0/results", [{"ruleId": "R", "level": "error", "suppressions": [{"kind": "inSource"}]}])],
            set(),
        ),
        ([("/runs/0/results", [{"level": "error", "suppressions": []}])], {"at_or_above_level"}),
        (
            [("/runs/0/results", [{"level": "error", "suppressions": [{"status": "underReview"}]}])],
            {"at_or_above_level"},
        ),
        ([("/runs/0/results", [{"level": "error", "baselineState": "absent"}])], set()),
        ([("/runs/0/results", [{"level": "error", "baselineState": "unchanged"}])], {"at_or_above_level"}),
        ([("/runs/0/results", [{"kind": "review"}])], {"open_results:warning"}),
    ],
)
def test_sarif_silent_greens(edits, red):
    """A run that did not look, and a result that is not really suppressed, are not green."""
    assert denied(read_bytes(change("sarif/bandit_pass.sarif", *edits))) == red


def test_sarif_results_kept_elsewhere_are_invalid():
    """A log whose results lie in another file says nothing by itself."""
    external = ("/runs/0/externalPropertyFileReferences", {"results": [{"location": {"uri": "r.sarif"}}]})
    with pytest.raises(Invalid, match="other files"):
        read_bytes(change("sarif/bandit_pass.sarif", external))


def test_sarif_names_its_commit():
    """One revision over all runs is a claim, two repositories are none."""
    one = [{"repositoryUri": "x", "revisionId": "abc"}]
    edit = "/runs/0/versionControlProvenance"
    assert read_bytes(change("sarif/bandit_pass.sarif", (edit, one))).claims == Subject(commit="abc")
    two = [*one, {"repositoryUri": "y", "revisionId": "def"}]
    assert read_bytes(change("sarif/bandit_pass.sarif", (edit, two))).claims == Subject()


def test_more_than_a_hundred_results_stay_red_when_all_that_are_listed_are_waived():
    """What the facts cannot list is counted and denied by a rule that cannot be waived."""
    many = [{"ruleId": f"R{i}", "level": "warning" if i % 2 else "error"} for i in range(300)]
    reading = read_bytes(change("sarif/bandit_pass.sarif", ("/runs/0/results", many)))
    assert [result["level"] for result in reading.facts["results"]] == ["error"] * 100
    assert denied(reading) == {"at_or_above_level", "too_many"}


def test_bandit_cannot_hide_issues_behind_a_filter():
    """The metrics count what a level filter left out; a list longer than the metrics contradicts them."""
    filtered = read_bytes(change("bandit/bandit_fail.json", ("/results", [])))
    assert filtered.facts["hidden_medium"] == 3
    assert denied(filtered) == {"hidden"}
    fewer = read_bytes(change("bandit/bandit_fail.json", ("/metrics/_totals/SEVERITY.HIGH", 0)))
    assert "HIGH" in fewer.contradictions[0]
    assert denied(read_bytes(change("bandit/bandit_pass.json", ("/metrics/_totals/loc", 0)))) == {"not_scanned"}


def test_pip_audit_counts_only_what_was_audited():
    """One skipped dependency beside a clean one is red by default, and a warning where configured."""
    skipped = {"name": "x", "skip_reason": "unknown"}
    reading = read_bytes(change("pip_audit/audit_pass.json", ("/dependencies", [skipped, *_clean()])))
    assert denied(reading) == {"unaudited"}
    assert denied(reading, kinds={"pip-audit": {"unaudited": "warn"}}) == {"unaudited:warning"}
    assert denied(read_bytes(b'{"dependencies": [], "fixes": []}')) == {"nothing_audited"}


def test_pip_audit_keys_tell_packages_apart():
    """One advisory that hits two packages gives two keys, so that a waiver of one leaves the other."""
    vuln = {"id": "CVE-1", "fix_versions": []}
    two = [{"name": name, "version": "1", "vulns": [vuln]} for name in ("a", "b")]
    facts = read_bytes(change("pip_audit/audit_pass.json", ("/dependencies", two))).facts
    assert [each["key"] for each in facts["vulns"]] == ["CVE-1 a 1", "CVE-1 b 1"]


def _clean() -> list[dict[str, Any]]:
    return [{"name": "y", "version": "1", "vulns": []}]


def coverage(attributes: str, lines: str, name: str = "a.py") -> Reading:
    """A Cobertura report of one class."""
    body = f'<packages><package><classes><class filename="{name}"><lines>{lines}</lines></class></classes></package>'
    return read_bytes(f"<coverage {attributes}>{body}</packages></coverage>".encode())


HIT, MISS = '<line number="1" hits="3"/>', '<line number="2" hits="0"/>'


@pytest.mark.parametrize(
    ("attributes", "lines", "contradicts"),
    [
        ('line-rate="0.5"', HIT + MISS, False),
        ('line-rate="1"', HIT + MISS, True),
        ('line-rate="0.5" lines-valid="2" lines-covered="1"', HIT + MISS, False),
        ('line-rate="0.5" lines-valid="1"', HIT + MISS, True),
        ('line-rate="0.9" lines-valid="100" lines-covered="90"', "", True),
        ('line-rate="1" lines-valid="0"', "", False),
    ],
)
def test_coverage_is_recomputed_from_lines(attributes, lines, contradicts):
    """A rate that does not follow from the lines contradicts them; no line is never green."""
    reading = coverage(attributes, lines)
    assert bool(reading.contradictions) is contradicts
    assert ("nothing_measured" in denied(reading)) is (not lines)


def test_coverage_below_the_minimum_is_red_to_the_last_digit():
    """Two of three lines are 66.66 %, never rounded up to meet 66.67."""
    reading = coverage('line-rate="0.6667"', HIT + MISS + '<line number="3" hits="1"/>')
    assert reading.facts["line_percent"] == 66.66
    assert denied(reading, kinds={"coverage": {"min_line_percent": 66.67}}) == {"below_minimum"}
    assert denied(reading, kinds={"coverage": {"min_line_percent": 66.66}}) == set()
    assert denied(reading, profile="strict") == {"no_minimum"}


def test_coverage_json_summaries_are_compared():
    """Totals that do not follow from the files contradict them."""
    edited = change("coverage/coverage_pass.json", ("/totals/covered_lines", 9))
    assert "covered_lines" in read_bytes(edited).contradictions[0]


def prometheus(result: Any, options: dict[str, Any], result_type: str = "vector") -> Reading:
    """An answer of the API, read with options."""
    return read_bytes(
        json.dumps({"status": "success", "data": {"resultType": result_type, "result": result}}).encode(),
        options,
    )


def series(value: str, name: str = "m") -> dict[str, Any]:
    """One series of an instant vector."""
    return {"metric": {"__name__": name} if name else {"job": "j"}, "value": [1, value]}


@pytest.mark.parametrize(
    ("result", "objective", "value", "reason"),
    [
        ([series("1")], {"max": 1}, 1.0, ""),
        ([series("1", "")], {"max": 1}, 1.0, ""),
        ([series("1"), series("3")], {"max": 1}, 0.0, "several_series"),
        ([series("1"), series("3")], {"max": 1, "reduce": "last"}, 0.0, "several_series"),
        ([series("1"), series("3")], {"max": 1, "reduce": "max"}, 3.0, ""),
        ([series("1"), series("3")], {"max": 1, "reduce": "min"}, 1.0, ""),
        ([series("1"), series("3")], {"max": 1, "reduce": "sum"}, 4.0, ""),
        ([series("1"), series("3")], {"max": 1, "reduce": "avg"}, 2.0, ""),
        ([series("1"), series("NaN")], {"max": 1, "reduce": "min"}, 0.0, "not_finite"),
        ([series("-Inf")], {"max": 1}, 0.0, "not_finite"),
        ([series("1e400")], {"max": 1}, 0.0, "not_finite"),
        ([series("1e308"), series("1e308")], {"max": 1, "reduce": "sum"}, 0.0, "not_finite"),
        ([series("0", "other")], {"max": 1}, 0.0, "no_data"),
        ([], {"max": 1}, 0.0, "no_data"),
    ],
)
def test_prometheus_values(result, objective, value, reason):
    """An objective has exactly one finite value, or a reason why not."""
    facts = prometheus(result, {"objectives": {"m": objective}}).facts
    assert [(each["value"], each["reason"]) for each in facts["objectives"]] == [(value, reason)]


def test_prometheus_takes_unnamed_series_only_where_it_is_clear_whose_they_are():
    """With two objectives an unnamed series is nobody's, unless `metric` says."""
    options: dict[str, Any] = {"objectives": {"m": {"max": 1}, "n": {"max": 1}}}
    assert denied(prometheus([series("0", "")], options)) == {"no_value", "nothing_evaluated"}
    named = prometheus([series("0", "")], options | {"metric": "m"})
    assert [each["has_value"] for each in named.facts["objectives"]] == [True, False]
    assert (
        prometheus([1, "0.5"], {"objectives": {"m": {"max": 1}}}, "scalar").facts["objectives"][0]["value"]
        == 0.5
    )


def test_prometheus_range_needs_a_reduction():
    """Several samples are one value only when the objective says how."""
    matrix = [{"metric": {"__name__": "m"}, "values": [[1, "5"], [2, "1"]]}]
    plain = prometheus(matrix, {"objectives": {"m": {"max": 1}}}, "matrix")
    assert plain.facts["objectives"][0]["reason"] == "several_samples"
    last = prometheus(matrix, {"objectives": {"m": {"max": 1, "reduce": "last"}}}, "matrix")
    assert denied(last) == set()
    worst = prometheus(matrix, {"objectives": {"m": {"max": 1, "reduce": "max"}}}, "matrix")
    assert denied(worst) == {"above_max"}


def test_prometheus_no_data_can_be_softened_but_never_to_nothing_at_all():
    """With `no_data: allow` one missing metric is tolerated beside another; alone it is still red."""
    allow = {"prometheus": {"no_data": "allow"}}
    one = prometheus([], {"objectives": {"m": {"max": 1}}})
    assert denied(one, kinds=allow) == {"no_value:none", "nothing_evaluated"}
    two = prometheus([series("0")], {"objectives": {"m": {"max": 1}, "n": {"max": 1}}})
    assert denied(two, kinds=allow) == {"no_value:none"}


def test_prometheus_refuses_objectives_without_a_limit():
    """An objective that limits nothing cannot be met."""
    for wrong in ({}, {"reduce": "max"}, {"max": 1, "maximum": 2}, {"max": "1"}):
        with pytest.raises(Invalid):
            prometheus([series("0")], {"objectives": {"m": wrong}})


def test_prometheus_warnings_are_seen():
    """An answer with warnings may be of part of the data."""
    data = {"resultType": "vector", "result": [series("0")]}
    answer = {"status": "success", "warnings": ["partial response"], "data": data}
    assert denied(read_bytes(json.dumps(answer).encode(), {"objectives": {"m": {"max": 1}}})) == {
        "warned:warning"
    }


BOM = "cyclonedx/bom_1.6.json"


def test_cyclonedx_components_references_and_vulnerabilities():
    """Empty, ambiguous and affected bills are red; a settled vulnerability is not."""
    assert denied(read_bytes(change(BOM, ("/components", [])))) == {"no_components"}
    doubled = json.loads(sample(BOM))
    doubled["components"].append(doubled["components"][0])
    assert denied(read_bytes(json.dumps(doubled).encode())) == {"duplicate_refs"}
    vuln: dict[str, Any] = {
        "id": "CVE-1",
        "affects": [{"ref": "idna==3.20"}],
        "ratings": [{"severity": "high"}],
    }
    root = json.loads(sample(BOM)) | {"vulnerabilities": [vuln]}
    reading = read_bytes(json.dumps(root).encode())
    assert (denied(reading), reading.facts["vulns"][0]["package"]) == ({"vulnerability"}, "idna 3.20")
    vuln["analysis"] = {"state": "not_affected"}
    assert denied(read_bytes(json.dumps(root).encode())) == set()


def test_cyclonedx_xml_says_the_same():
    """The XML form is read for the same things."""
    text = sample("cyclonedx/bom_1.5.xml").decode()
    vulnerability = (
        "<vulnerabilities><vulnerability><id>CVE-1</id><ratings><rating><severity>critical</severity></rating>"
        "</ratings></vulnerability></vulnerabilities></bom>"
    )
    assert denied(read_bytes(text.replace("</bom>", vulnerability).encode())) == {"vulnerability"}
    head, tail = text.split("\n  <components>")[0], text.split("\n  </components>")[1]
    assert denied(read_bytes((head + tail).encode())) == {"no_components"}


def test_in_toto_needs_the_files_it_was_asked_about():
    """A file that no subject names is not attested, whatever the statement says about others."""
    key = {"trusted_keys": ["kBiFdXMPAvURkP/aQE3PCT/H4ap4tHm5+NGIKS5q/Ns="]}
    reading = read_bytes(sample("intoto/dsse_pass.json"), key | {"artifacts": {"other.whl": "0" * 64}})
    assert denied(reading) == {"other_subject", "unchecked:warning"}


def test_in_toto_refuses_what_it_cannot_verify():
    """Keys that are none, payloads that are none, and predicates without a known meaning."""
    with pytest.raises(Invalid, match="trusted_keys"):
        read_bytes(sample("intoto/dsse_pass.json"), {"trusted_keys": ["AAAA"]})
    with pytest.raises(Invalid, match="base64"):
        read_bytes(change("intoto/dsse_pass.json", ("/payload", "%%%")))
    with pytest.raises(Invalid, match="no known meaning"):
        read_bytes(change("intoto/statement_slsa_v1.json", ("/predicateType", "https://example.com/x/v1")))
