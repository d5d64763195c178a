"""Great Expectations 1.x: a validation result, and what a checkpoint's `describe()` says.

`success` of a suite without expectations is true. An expectation whose metric could not be computed
carries `exception_info`, either one object or one for each metric.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpone.evidence.checks import Check, Outcome, Tally
from dpone.evidence.fields import LISTED, Field
from dpone.evidence.model import Document, Reading

KIND = "great-expectations"
TITLE = "Great Expectations result"
PRODUCER = "run the checkpoint again and write result.describe(), or to_json_dict() of its validation result"

_SEVERITIES = ("critical", "warning", "info")


def recognize(document: Document) -> bool:
    """Whether this is a validation result that names version 1, or a checkpoint's description."""
    return _version(document).split(".")[0] == "1" or _is_checkpoint(document)


def near(document: Document) -> str:
    """Name another version, and the form of a checkpoint result that is not read."""
    version = _version(document)
    if version:
        return f"a result of Great Expectations {version[:20]}; 1.x is understood"
    root = document.root
    long = isinstance(root, dict) and {"run_results", "checkpoint_config"} <= set(root)
    return "a checkpoint result of Great Expectations; write its describe()" if long else ""


def read(document: Document, _options: Mapping[str, Any]) -> Reading:
    """Count the expectations and compare them with the statistics."""
    root = Field(document.root)
    contradictions: list[str] = []
    checks: list[Check] = []
    when = None
    if _is_checkpoint(document):
        suites = root.at("validation_results").array()
        good = [_suite(each, "expectations", checks, contradictions) for each in suites]
        statistics = root.at("statistics")
        _compare(statistics.at("evaluated_validations"), len(good), contradictions)
        _compare(statistics.at("successful_validations"), sum(good), contradictions)
        if root.at("success").boolean() != all(good):
            contradictions.append("/success differs from what its validations say")
        empty = sum(1 for each in suites if not each.at("expectations").array())
    else:
        suites = [root]
        _suite(root, "results", checks, contradictions)
        empty = int(not root.at("results").array())
        run = root.at("meta").get("run_id")
        stamp = run.get("run_time") if run else None
        when = stamp.instant() if stamp else None
    tally = Tally(checks)
    return Reading(
        kind=KIND,
        tool="Great Expectations",
        reported=tally.reported(),
        counts=tally.counts(),
        facts={"suites": len(suites), "empty_suites": empty, **tally.facts()},
        summary=tally.summary(),
        produced_at=when,
        contradictions=tuple(contradictions[:LISTED]),
    )


def _suite(suite: Field, key: str, checks: list[Check], contradictions: list[str]) -> bool:
    """Read the expectations of one suite; returns whether it says that all of them were met."""
    own = [_check(each, key) for each in suite.at(key).array()]
    met = sum(check.outcome == "passed" for check in own)
    statistics = suite.at("statistics")
    _compare(statistics.at("evaluated_expectations"), len(own), contradictions)
    _compare(statistics.at("successful_expectations"), met, contradictions)
    _compare(statistics.at("unsuccessful_expectations"), len(own) - met, contradictions)
    success = suite.at("success").boolean()
    if success != (met == len(own)):
        contradictions.append(f"{suite.pointer}/success is {success}, its expectations say otherwise")
    checks += own
    return success


def _check(result: Field, key: str) -> Check:
    config = result.at("expectation_config") if key == "results" else result
    type_ = config.at("type" if key == "results" else "expectation_type").text()
    column = config.at("kwargs").get("column")
    name = f"{type_} {column.text()}" if column else type_
    severity = config.get("severity") if key == "results" else None
    mild = severity is not None and severity.choice(_SEVERITIES) != "critical"
    success, raised = result.at("success").boolean(), _raised(result)
    outcome: Outcome = "errored" if raised else "passed" if success else "warned" if mild else "failed"
    return Check(name, outcome, result.pointer)


def _raised(result: Field) -> bool:
    """Whether the expectation, or one of the metrics it needs, ended in an exception."""
    info = result.get("exception_info")
    if not info or not info.object():
        return False
    one = info.get("raised_exception")
    return one.boolean() if one else any(each.at("raised_exception").boolean() for _, each in info.members())


def _compare(said: Field, found: int, contradictions: list[str]) -> None:
    if said.count() != found:
        contradictions.append(f"{said.pointer} says {said.value}, its details say {found}")


def _is_checkpoint(document: Document) -> bool:
    root = document.root
    if document.syntax != "json" or not isinstance(root, dict):
        return False
    statistics = root.get("statistics")
    told = isinstance(statistics, dict) and "evaluated_validations" in statistics
    return told and isinstance(root.get("validation_results"), list) and "success" in root


def _version(document: Document) -> str:
    """The version a validation result names, or an empty text."""
    root = document.root
    if document.syntax != "json" or not isinstance(root, dict) or not isinstance(root.get("results"), list):
        return ""
    meta = root.get("meta")
    version = meta.get("great_expectations_version") if isinstance(meta, dict) else None
    return version if isinstance(version, str) else ""
