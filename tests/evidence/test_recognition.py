"""Kinds are told by content; what fits none, two, or an unknown version is refused by name."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from kind_checks import SAMPLES, denied, read_bytes, sample

from dpone.evidence.model import Invalid
from dpone.evidence.parsing import parse
from dpone.evidence.recognition import Unrecognized, collectors, recognize

KIND_OF = {
    "pytest/junit_pass.xml": "junit",
    "datacontract/junit_fail.xml": "junit",
    "coverage/coverage_pass.xml": "coverage",
    "coverage/coverage_pass.json": "coverage",
    "sarif/ruff_pass.sarif": "sarif",
    "bandit/bandit_pass.json": "bandit",
    "dbt/pass/run_results.json": "dbt",
    "dbt/pass/manifest.json": "dbt-manifest",
    "dbt/pass/sources.json": "dbt-sources",
    "pip_audit/audit_pass.json": "pip-audit",
    "prometheus/vector.json": "prometheus",
    "prometheus/error.json": "prometheus",
    "cyclonedx/bom_1.5.xml": "cyclonedx",
    "cyclonedx/bom_1.6.json": "cyclonedx",
    "cyclonedx/bom_mutated_invalid.json": "cyclonedx",
    "intoto/dsse_pass.json": "in-toto",
    "intoto/statement_slsa_v1.json": "in-toto",
    "great_expectations/validation_pass.json": "great-expectations",
    "great_expectations/validation_fail.json": "great-expectations",
    "great_expectations/checkpoint_pass.json": "great-expectations",
    "great_expectations/checkpoint_fail.json": "great-expectations",
    "soda/soda3_scan_pass.json": "soda",
    "soda/soda3_scan_fail.json": "soda",
    "datacontract/test_result_pass.json": "datacontract",
    "datacontract/test_result_fail.json": "datacontract",
    "spdx/spdx.json": "spdx",
    "pytest_benchmark/benchmark_a.json": "pytest-benchmark",
    "pytest_benchmark/benchmark_b.json": "pytest-benchmark",
    "locust/summary_pass.json": "locust",
    "locust/summary_fail.json": "locust",
    "openlineage/events_pass.ndjson": "openlineage",
    "openlineage/events_fail.ndjson": "openlineage",
    "ruff/ruff_fail.json": "ruff",
    "gitleaks/gitleaks_fail.json": "gitleaks",
    "gitleaks/gitleaks_git_fail.json": "gitleaks",
    "gitleaks/gitleaks_pass.sarif": "sarif",
    "gitleaks/gitleaks_fail.sarif": "sarif",
    "detect_secrets/detect_secrets_pass.json": "detect-secrets",
    "detect_secrets/detect_secrets_fail.json": "detect-secrets",
}
NO_EVIDENCE = {
    "datacontract/fail.csv", "datacontract/pass.csv", "datacontract/odcs_fail.yaml", "datacontract/odcs_pass.yaml",
    "intoto/sensorkit-0.2.1.tar.gz", "intoto/trusted_key.json", "locust/fail_stats.csv", "locust/pass_stats.csv",
    "openslo/slo_invalid.yaml", "openslo/slo_valid.yaml", "pip_audit/requirements.txt", "pip_audit/audit_fail.cdx.json",
    "soda/soda3_checks_fail.yml",
    "soda/soda3_checks_pass.yml", "soda/soda4_cli_fail.txt", "soda/soda4_cli_rc0_with_not_evaluated.txt",
    "soda/soda4_contract_fail.yml", "soda/soda4_contract_pass.yml",
}  # fmt: skip
"""What lies beside the evidence: inputs of tools, keys, forms that are not read."""
EMPTY_LISTS = {"ruff/ruff_pass.json", "gitleaks/gitleaks_pass.json"}


@pytest.mark.parametrize("path", KIND_OF)
def test_every_sample_fits_exactly_its_kind(path):
    """Each real file is recognised by its content and by no other collector."""
    document = parse(sample(path))
    assert recognize(document).kind == KIND_OF[path]
    assert [c.kind for c in collectors() if c.recognize(document)] == [KIND_OF[path]]


def test_every_file_among_the_samples_fits_one_kind_or_is_known_to_fit_none():
    """No sample of any tool is claimed by two collectors; what none claims is listed with its reason."""
    for path in sorted(path for path in SAMPLES.rglob("*") if path.is_file()):
        name = path.relative_to(SAMPLES).as_posix()
        try:
            document = parse(path.read_bytes())
        except Invalid:
            assert name in NO_EVIDENCE
            continue
        fitting = [c.kind for c in collectors() if c.recognize(document)]
        assert len(fitting) == (3 if name in EMPTY_LISTS else 0 if name in NO_EVIDENCE else 1), name


@pytest.mark.parametrize("kind", ["gitleaks", "locust", "ruff"])
def test_an_empty_list_is_of_no_kind_and_pinned_it_is_empty(kind):
    """Three tools write `[]`, for nothing found and for nothing looked at: it is red either way."""
    with pytest.raises(Unrecognized, match="fits 3 kinds, gitleaks and locust and ruff; pin one"):
        recognize(parse(b"[]"))
    reading = read_bytes(b"[]", kind=kind)
    assert reading.reported == "empty"
    assert len(denied(reading)) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"passed": true}', "fits no known kind; it looks like a JSON object with passed"),
        (b"{}", "no keys"),
        (b"[1]", "a JSON array of 1"),
        (sample("soda/soda4_cli_rc0_with_not_evaluated.txt"), "what Soda 4 prints"),
        (sample("locust/pass_stats.csv"), "locust's CSV statistics"),
        (
            sample("soda/soda3_scan_pass.json").replace(b"Soda Core 3.5.6", b"Soda Core 4.1.0"),
            "Soda Core 4.1.0",
        ),
        (
            sample("great_expectations/validation_pass.json").replace(b"1.24.1", b"0.18.22"),
            "Great Expectations 0.18.22; 1.x",
        ),
        (b'{"run_results": {}, "checkpoint_config": {}, "success": true}', "write its describe()"),
        (
            sample("datacontract/test_result_pass.json").replace(b"1.2.8", b"2.0.0"),
            "datacontract-cli 2.0.0; 1.x",
        ),
        (b'{"runId": "a", "dataContractId": "b", "checks": []}', "does not name its version"),
        (sample("spdx/spdx.json").replace(b"SPDX-2.3", b"SPDX-2.2"), "SPDX-2.2; SPDX-2.3"),
        (b'{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": []}', "SPDX-3"),
        (
            sample("pytest_benchmark/benchmark_a.json").replace(b'"5.3.1"', b'"4.0.0"'),
            "pytest-benchmark 4.0.0; version 5",
        ),
        (
            sample("openlineage/events_pass.ndjson").replace(
                b"2-0-2/OpenLineage.json", b"1-0-5/OpenLineage.json", 1
            ),
            "1-0-5, 2-0-2; only 2-0-2",
        ),
        (b'[{"offender": "x", "rule": "AWS", "repo": "r"}]', "gitleaks 7 or before"),
        (
            sample("detect_secrets/detect_secrets_pass.json").replace(b'"1.5.0"', b'"0.14.3"'),
            "detect-secrets 0.14.3; version 1",
        ),
        (b'{"a": 1}\n{"a": 2}', "JSON Lines, 2 rows"),
        (b"<html/>", "XML with the root element html"),
        (b"nothing but words", "plain text"),
        (b"a: 1", "a YAML object with a"),
        (b'{"version": "2.0.0", "runs": []}', "SARIF 2.0.0; only 2.1.0"),
        (b'{"bomFormat": "CycloneDX", "specVersion": "1.4"}', "CycloneDX 1.4; 1.5 and 1.6"),
        (b'<bom xmlns="http://cyclonedx.org/schema/bom/1.4"/>', "CycloneDX 1.4"),
        (b'{"meta": {"format": 2}, "files": {}, "totals": {}}', "coverage.py JSON of format 2"),
        (b'[{"name": "a", "version": "1", "vulns": []}]', "pip-audit 1"),
        (
            b'{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v5.json"}}',
            "v5.json",
        ),
        (
            b'{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v11.json"}}',
            "v11.json",
        ),
        (b'{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/sources/v2.json"}}', "v2.json"),
    ],
)
def test_what_is_not_known_is_named(data, words):
    """The message says what the file looks like, so that a person knows what to do."""
    with pytest.raises(Unrecognized) as caught:
        recognize(parse(data))
    assert words in caught.value.message


def test_a_document_of_two_kinds_is_refused_unless_pinned():
    """Two meanings are none; the configuration may choose one."""
    both = json.loads(sample("bandit/bandit_pass.json")) | {"version": "2.1.0", "runs": []}
    document = parse(json.dumps(both).encode())
    with pytest.raises(Unrecognized, match="bandit and sarif"):
        recognize(document)
    assert recognize(document, "sarif").kind == "sarif"


def test_a_pinned_kind_is_held_to_the_content():
    """Pinning never makes a file what it is not; an unknown kind is answered with the known ones."""
    document = parse(sample("bandit/bandit_pass.json"))
    with pytest.raises(Unrecognized, match="is not junit"):
        recognize(document, "junit")
    with pytest.raises(Unrecognized, match=r"known: .*junit"):
        recognize(document, "junitt")


def test_collectors_describe_themselves():
    """Every kind has a title and the command that makes it again, and kinds are unique."""
    kinds = [c.kind for c in collectors()]
    assert kinds == sorted(set(kinds))
    assert all(c.title and c.producer for c in collectors())


def test_loading_all_collectors_stays_light():
    """Recognition is on the path of every gate: it loads none of the slow libraries."""
    slow = {
        "inspect",
        "dataclasses",
        "yaml",
        "cryptography",
        "jsonschema",
        "pydantic",
        "regopy",
        "rfc8785",
        "xml",
    }
    code = (
        "import sys; from dpone.evidence.recognition import collectors; collectors();"
        f"sys.exit(', '.join({slow!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
