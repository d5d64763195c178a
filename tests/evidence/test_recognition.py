"""Kinds are told by content; what fits none, two, or an unknown version is refused by name."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from kind_checks import sample

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
}


@pytest.mark.parametrize("path", KIND_OF)
def test_every_sample_fits_exactly_its_kind(path):
    """Each real file is recognised by its content and by no other collector."""
    document = parse(sample(path))
    assert recognize(document).kind == KIND_OF[path]
    assert [c.kind for c in collectors() if c.recognize(document)] == [KIND_OF[path]]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"passed": true}', "fits no known kind; it looks like a JSON object with passed"),
        (b"{}", "no keys"),
        (b"[]", "a JSON array of 0"),
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
