"""JUnit XML (pytest's xunit2 and the same family: Surefire, Gradle, GoogleTest, jest-junit, …).

Counts are recomputed from the test cases; what the suites' attributes claim is only compared with
them. Pointers are XPath, because that is what finds a place in XML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dpone.evidence.fields import LISTED, names_text, percent_up
from dpone.evidence.model import Counts, Document, Invalid, Reading, Reported, Subject
from dpone.record import dataclass, field
from dpone.workspace import read_time

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

KIND = "junit"
TITLE = "JUnit XML"
PRODUCER = "pytest --junitxml=build/junit.xml"

_DEEPEST = 100
_SUITES = ("testsuites", "testsuite")
_CLAIMED = {"tests": "tests", "failures": "failed", "errors": "errored", "skipped": "skipped"}
_BAD_STATUS = ("failed", "failure", "fail", "error", "errored", "broken")
_NOT_RUN = ("notrun", "skipped", "suppressed", "disabled", "ignored")
_SUBJECT = ("release", "commit", "environment", "run_id")


def recognize(document: Document) -> bool:
    """Whether this is XML whose root is `testsuites` or `testsuite`, without a namespace."""
    return document.syntax == "xml" and document.root.tag in _SUITES


def read(document: Document, _options: Mapping[str, Any]) -> Reading:
    """Count the test cases by outcome and compare them with what the suites claim."""
    run = _Run()
    total = _suite(document.root, f"/{document.root.tag}", run)
    counts = Counts(total.passed, total.failed, total.errored, total.skipped)
    executed = total.passed + total.failed + total.errored
    reported: Reported = "passed" if total.passed else "empty"
    if total.failed or total.errored or run.claims_failure:
        reported = "failed"
    facts: dict[str, Any] = {
        "tests": total.tests,
        "executed": executed,
        "suites": run.suites,
        "flaky": run.flaky,
        "skipped_percent": percent_up(total.skipped, total.tests),
        "not_ok_total": len(run.not_ok),
        "not_ok": run.not_ok[:LISTED],
        "not_ok_at": run.not_ok[0]["pointer"] if run.not_ok else "",
        "not_ok_names": names_text([case["name"] for case in run.not_ok]),
    }
    return Reading(
        kind=KIND,
        tool=_tool(document.root),
        reported=reported,
        counts=counts,
        facts=facts,
        summary=_summary(total, executed, str(facts["not_ok_names"])),
        claims=run.subject(),
        produced_at=run.produced_at(),
        contradictions=tuple(run.contradictions[:LISTED]),
    )


@dataclass
class _Totals:
    tests: int = 0
    passed: int = 0
    failed: int = 0
    errored: int = 0
    skipped: int = 0

    def add(self, other: _Totals) -> None:
        for name in ("tests", "passed", "failed", "errored", "skipped"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass
class _Run:
    """What is gathered over the whole document."""

    suites: int = 0
    flaky: int = 0
    claims_failure: bool = False
    undated: bool = False
    times: list[datetime] = field(default_factory=list)
    not_ok: list[dict[str, str]] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)
    said: dict[str, set[str]] = field(default_factory=dict)

    def produced_at(self) -> datetime | None:
        """The oldest suite's time. The format has no time zone of its own (tools write local time), so
        one stamp without an offset leaves the whole undated."""
        return None if self.undated or not self.times else min(self.times)

    def subject(self) -> Subject:
        """What the `<properties>` say; two different values for one name exclude each other."""
        for name, values in sorted(self.said.items()):
            if len(values) > 1:
                self.contradictions.append(f"the properties name {len(values)} different values of {name}")
        one = {name: next(iter(values)) for name, values in self.said.items() if len(values) == 1}
        return Subject(
            release=one.get("release", ""),
            commit=one.get("commit", ""),
            environment=one.get("environment", ""),
            run_id=one.get("run_id", ""),
        )


def _suite(element: Element, path: str, run: _Run) -> _Totals:
    """Read one suite with everything below it."""
    if path.count("/") > _DEEPEST:
        raise Invalid("too_deep", f"suites are nested deeper than {_DEEPEST} levels", path)
    if element.tag == "testsuite":
        run.suites += 1
        _time(element, run)
    total, own = _Totals(), _Totals()
    seen: dict[str, int] = {}
    outcomes: dict[tuple[str, str], set[str]] = {}
    for child in element:
        seen[child.tag] = seen.get(child.tag, 0) + 1
        place = f"{path}/{child.tag}[{seen[child.tag]}]"
        if child.tag in _SUITES:
            total.add(_suite(child, place, run))
        elif child.tag == "testcase":
            outcome = _case(child, place, run, own)
            outcomes.setdefault((child.get("classname", ""), child.get("name", "")), set()).add(outcome)
        elif child.tag in ("failure", "error"):
            own.errored += 1
            _list(run, element.get("name", ""), "", "errored", place)
        elif child.tag == "properties":
            _properties(child, run)
        elif child.tag not in ("system-out", "system-err"):
            raise Invalid("wrong_shape", f"a suite holds <{child.tag[:60]}>, which has no known meaning", place)
    total.add(own)
    # pytest writes a test that fails and whose teardown errs as two cases and counts it once
    doubles = sum(1 for found in outcomes.values() if {"failed", "errored"} <= found)
    _compare(element, path, (own, total), doubles, run)
    return total


def _case(case: Element, path: str, run: _Run, own: _Totals) -> str:
    tags = {child.tag for child in case}
    outcome = "passed"
    if "error" in tags:
        outcome = "errored"
    elif "failure" in tags:
        outcome = "failed"
    elif "skipped" in tags or {case.get("status", "").lower(), case.get("result", "").lower()} & set(_NOT_RUN):
        outcome = "skipped"
    elif {case.get("status", "").lower(), case.get("result", "").lower()} & set(_BAD_STATUS):
        outcome = "failed"
    own.tests += 1
    setattr(own, outcome, getattr(own, outcome) + 1)
    if outcome == "passed" and tags & {"flakyFailure", "flakyError", "rerun"}:
        run.flaky += 1
    if outcome in ("failed", "errored"):
        _list(run, case.get("name", ""), case.get("classname", ""), outcome, path)
    return outcome


def _list(run: _Run, name: str, group: str, outcome: str, path: str) -> None:
    run.not_ok.append({"name": name[:200], "classname": group[:200], "outcome": outcome, "pointer": path})


def _compare(element: Element, path: str, totals: tuple[_Totals, _Totals], doubles: int, run: _Run) -> None:
    """Compare the attributes of one suite with its cases. Generators count nested suites or leave
    them out, so either total is accepted; whatever they claim, the recomputed counts decide."""
    disabled = _claim(element, "disabled", path) or 0
    for attribute, name in _CLAIMED.items():
        claimed = _claim(element, attribute, path)
        if claimed is None:
            continue
        if attribute in ("failures", "errors") and claimed:
            run.claims_failure = True
        accepted = {getattr(each, name) for each in totals}
        if attribute == "tests":
            accepted |= {each.tests - doubles for each in totals}
        if attribute == "skipped":
            accepted |= {each.skipped - disabled for each in totals}
        if claimed not in accepted:
            run.contradictions.append(
                f"{path} claims {attribute}={claimed}, its cases say {getattr(totals[1], name)}"
            )


def _claim(element: Element, attribute: str, path: str) -> int | None:
    text = element.get(attribute)
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise Invalid("wrong_shape", f"{attribute}={text[:40]!r} is not a count", f"{path}/@{attribute}")
    return int(text)


def _time(element: Element, run: _Run) -> None:
    text = element.get("timestamp")
    if not text:
        return
    instant = read_time(text)
    if instant is None:
        run.undated = True
    else:
        run.times.append(instant)


def _properties(element: Element, run: _Run) -> None:
    for item in element:
        name, value = item.get("name", ""), item.get("value", "")
        if name in _SUBJECT and value:
            run.said.setdefault(name, set()).add(value)


def _tool(root: Element) -> str:
    names = {root.get("name", ""), *(child.get("name", "") for child in root)}
    return "pytest" if names & {"pytest", "pytest tests"} else ""


def _summary(total: _Totals, executed: int, names: str) -> str:
    bad = total.failed + total.errored
    if bad:
        return f"{bad} of {executed} tests failed: {names}"
    return f"{executed} ran, 0 failed, {total.skipped} skipped"
