"""Facts have exactly the shape their schemas promise to policies."""

import json
from datetime import datetime, timezone

import jsonschema
import pytest

from dpone.config.allowances import read_allowances
from dpone.data.contract_check import check
from dpone.data.contracts import read_contract
from dpone.data.drift import compare, read_flat
from dpone.data.objectives import evaluate, read_metrics, read_objectives
from dpone.data.secrets.scan import merge, scan_bytes
from dpone.shipped import shipped

CONTRACT = {
    "required_columns": ["id"],
    "not_null": ["id"],
    "unique": [["id", "day"]],
    "min_rows": 3,
    "max_rows": 9,
    "max_null_ratio": {"id": 0.1},
    "types": {"gone": "integer"},
    "allowed_values": {"day": ["x"]},
    "range": {"id": {"max": 0}},
}
OBJECTIVES = {"a": {"min": 1, "max": 2}, "b": {"max": 10**40}, "c": {"min": 0.1}}
TEXT = b'{"password": "x", "connection_type": "jdbc", "a": {"connection_type": 5}}'


def contract_facts():
    """Every check of a contract, good and bad."""
    return check([{"id": 1, "day": "x"}, {"id": None}], read_contract(CONTRACT)).facts()


def objective_facts():
    """Objectives met, missed and without a value, with numbers of every size."""
    return evaluate(read_metrics({"a": 3, "b": 10**39, "d": 1}), read_objectives(OBJECTIVES)).facts()


def secret_facts():
    """A manifest, a log, a binary file and a broken document."""
    scans = [scan_bytes(TEXT, "m.json", b"k", "manifest"), scan_bytes(b"pwd=x", "a.log", b"k")]
    return merge([*scans, scan_bytes(b"\0", "a.bin", b"k"), scan_bytes(b"{", "b.json", b"k")]).facts()


def drift_facts(source=b"{}", target=b"{}"):
    """Differences of every sort and class, with used, unused and expired allowances."""
    documents = [read_flat(data, "", "position") for data in (source, target)]
    rest = {"owner": "o", "reason": "r"}
    allow = read_allowances(
        [{"path": "a", "expires": "2099-01-01", **rest}, {"path": "gone", "expires": "2099-01-01", **rest},
         {"path": "b.*", "expires": "2020-01-01", **rest}]
    )  # fmt: skip
    now = datetime(2026, 11, 23, tzinfo=timezone.utc)
    named = {"source_environment": "staging", "target_environment": "production", "same_environment": False,
             "same_file": False, "lists": "position"}  # fmt: skip
    return {**named, **compare(*documents, allow, ["c"], now, b"k").facts()}


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("data_contract_report", contract_facts()),
        ("data_contract_report", check([], read_contract({})).facts()),
        ("slo_report", objective_facts()),
        ("slo_report", evaluate({}, ()).facts()),
        ("security_audit", secret_facts()),
        ("security_audit", merge([]).facts()),
        ("env_drift", drift_facts()),
        (
            "env_drift",
            drift_facts(b'{"a": 1, "b": {"x": []}, "c": 1, "password": "xyz"}', b"a: 2\nc: x\nd: 1.5"),
        ),
    ],
)
def test_facts_fit_their_schema(kind, facts):
    """Full and empty facts alike are valid, and the schema itself is."""
    schema = json.loads(shipped("schemas", "evidence", f"{kind}.v1.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(facts)
