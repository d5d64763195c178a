"""The Rego beside the collectors: its own tests, its metadata, and what every rule must hold."""

from __future__ import annotations

import json
import re

import pytest
from kind_checks import (
    SAMPLES,
    config,
    denied,
    judge,
    read_bytes,
    rego_tests,
    rule_file,
    rule_names,
    run_rego_test,
    sample,
)

from dpone.evidence.recognition import collectors
from dpone.shipped import shipped

KINDS = [c.kind for c in collectors() if rule_file(c.kind).is_file()]
TRAPS = sorted(path.name for path in (SAMPLES / "traps").iterdir())


def test_every_tool_kind_has_rules_schema_and_a_page():
    """A kind is a collector, rules with tests, a schema, and a page; nothing is left half added."""
    assert {"junit", "dbt", "sarif", "pip-audit", "prometheus"} <= set(KINDS)
    for kind in KINDS:
        assert rule_file(kind).with_name(f"{rule_file(kind).stem}_test.rego").is_file()
        assert shipped("schemas", "evidence", f"{kind}.v1.json").is_file()
        assert (SAMPLES.parent.parent / "docs" / "evidence" / f"{kind}.md").is_file()


@pytest.mark.parametrize("kind", KINDS)
def test_rego_tests_pass_in_the_embedded_engine(kind):
    """Every test_ rule beside the rules is true in regopy, as it is under `opa test`."""
    tests = rego_tests(kind)
    assert len(tests) >= 2 * len(rule_names(kind))
    assert [name for name, text in tests.items() if not run_rego_test(kind, name, text)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_metadata_is_complete_and_messages_use_known_parameters(kind):
    """Every rule says what it is for, and its message uses only what its answers carry."""
    text = rule_file(kind).read_text()
    assert rule_names(kind)
    for name in rule_names(kind):
        head, _, body = text.partition(f"\n{name} := ")
        block = head.rpartition("# METADATA")[2]
        for key in ("title", "description", "applies_to: kind", "severity", "waivable", "message", "remedy"):
            assert key in block, (name, key)
        assert ("mandatory: true" in block) <= ("waivable: false" in block)
        used = set(re.findall(r"{(\w+)}", block)) - {"evidence", "producer"}
        offered = set(re.findall(r'"(\w+)": ', body.partition("# METADATA")[0]))
        assert used <= offered, name


@pytest.mark.parametrize("trap", TRAPS)
@pytest.mark.parametrize("profile", ["standard", "strict"])
def test_every_trap_is_red(trap, profile):
    """Runs that looked green and proved nothing are denied by a rule of their own kind."""
    reading = read_bytes(sample(f"traps/{trap}"))
    assert {rule for rule in denied(reading, profile=profile) if ":" not in rule}


@pytest.mark.parametrize("kind", KINDS)
def test_rules_answer_for_each_of_several_items(kind):
    """Two items of a kind are judged apart from each other, in both orders."""
    good, bad = GREEN_AND_RED[kind]
    readings = [read_bytes(sample(path), OPTIONS.get(kind)) for path in (good, bad)]
    for pair in (readings, readings[::-1]):
        wrong = {answer["evidence"] for answer in judge(*pair) if not answer["ok"]}
        assert wrong == ({"b"} if pair is readings else {"a"}) or kind in ONLY_REPORTED
        assert {answer["evidence"] for answer in judge(*pair)} == {"a", "b"}


def test_a_level_that_is_not_known_leaves_the_rule_unanswered():
    """A typing error in the configuration never counts as lenient: the pair stays undetermined."""
    reading = read_bytes(sample("sarif/bandit_pass.sarif"))
    with pytest.raises(AssertionError, match="silent"):
        judge(reading, kinds={"sarif": {"fail_at": "eror"}})


def test_the_defaults_name_options_of_known_kinds():
    """Every kind in the shipped configuration is one that can be recognised."""
    assert set(config()) <= {c.kind for c in collectors()}
    assert json.dumps(config("strict")) != json.dumps(config("standard"))


GREEN_AND_RED = {
    "bandit": ("bandit/bandit_pass.json", "bandit/bandit_fail.json"),
    "coverage": ("coverage/coverage_pass.xml", "coverage/coverage_fail.xml"),
    "cyclonedx": ("cyclonedx/bom_1.5.xml", "cyclonedx/bom_1.6.json"),
    "dbt": ("dbt/pass/run_results.json", "dbt/fail/run_results.json"),
    "dbt-manifest": ("dbt/pass/manifest.json", "dbt/fail/manifest.json"),
    "dbt-sources": ("dbt/pass/sources.json", "dbt/fail/sources.json"),
    "in-toto": ("intoto/dsse_pass.json", "intoto/dsse_fail_wrong_digest.json"),
    "junit": ("pytest/junit_pass.xml", "pytest/junit_fail.xml"),
    "pip-audit": ("pip_audit/audit_pass.json", "pip_audit/audit_fail.json"),
    "prometheus": ("prometheus/vector.json", "prometheus/empty_vector.json"),
    "sarif": ("sarif/bandit_pass.sarif", "sarif/bandit_fail.sarif"),
    "great-expectations": (
        "great_expectations/checkpoint_pass.json",
        "great_expectations/validation_fail.json",
    ),
    "soda": ("soda/soda3_scan_pass.json", "soda/soda3_scan_fail.json"),
    "datacontract": ("datacontract/test_result_pass.json", "datacontract/test_result_fail.json"),
    "spdx": ("spdx/spdx.json", "spdx/spdx.json"),
    "pytest-benchmark": ("pytest_benchmark/benchmark_a.json", "pytest_benchmark/benchmark_b.json"),
    "locust": ("locust/summary_pass.json", "locust/summary_fail.json"),
    "openlineage": ("openlineage/events_pass.ndjson", "openlineage/events_fail.ndjson"),
    "ruff": ("ruff/ruff_fail.json", "ruff/ruff_fail.json"),
    "gitleaks": ("gitleaks/gitleaks_fail.json", "gitleaks/gitleaks_git_fail.json"),
    "detect-secrets": ("detect_secrets/detect_secrets_pass.json", "detect_secrets/detect_secrets_fail.json"),
}
ONLY_REPORTED = ("coverage", "cyclonedx", "dbt-manifest", "spdx", "pytest-benchmark", "ruff", "gitleaks")
OPTIONS = {
    "prometheus": {"objectives": {"dpone_rows_loaded_total": {"min": 1}}},
    "in-toto": {
        "trusted_keys": ["kBiFdXMPAvURkP/aQE3PCT/H4ap4tHm5+NGIKS5q/Ns="],
        "artifacts": {
            "sensorkit-0.2.1.tar.gz": "9495a322e5fc805c5aaa0676ea0dd433dd559e6ce7802399134237dc69c1fefd"
        },
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_names_every_rule_fact_and_sample(kind):
    """What a kind's page promises is what the rules and the schema have, no more and no less."""
    page = (SAMPLES.parent.parent / "docs" / "evidence" / f"{kind}.md").read_text()
    rules = set(re.findall(rf"^\| `{kind}\.(\w+)` \|", page, re.MULTILINE))
    facts = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    schema = json.loads(shipped("schemas", "evidence", f"{kind}.v1.json").read_text())
    assert rules == set(rule_names(kind))
    assert facts == set(schema["properties"]) == set(schema["required"])
    for path in re.findall(r"tests/samples/([\w./]+\w)", page):
        assert (SAMPLES / path).is_file(), path
