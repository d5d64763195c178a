"""The reports of checks of policies: lint and tests, for the same output formats as a gate's decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from dpone.canonical import canonical_bytes, sha256_hex
from dpone.reports.markdown import escape, table
from dpone.reports.model import Case, Place, Report, ShownFinding, ShownRule, cleaned

if TYPE_CHECKING:
    from dpone.policy.outcomes import Outcome
    from dpone.policy.problems import LintProblem

IN_ANOTHER_WAY = ("text", "json")
"""Formats that checks of policies have on stdout alone (`--format`)."""

TEST_RULE = ShownRule(
    "policy.test",
    "Tests of policies pass",
    "Every rule called test_ is true, and there is at least one.",
    "mend the rule or the test, then: dpone policy test",
)


def lint_report(checked: Sequence[tuple[str, Sequence[LintProblem]]]) -> Report:
    """The report of `dpone policy lint`: folders (relative to the root) with what was found in each."""
    findings = tuple(_problem(folder, problem) for folder, problems in checked for problem in problems)
    codes = sorted({finding.rule for finding in findings})
    rules = tuple(ShownRule(code, f"Policy lint: {code.removeprefix('lint.')}") for code in codes)
    cases = tuple(Case("lint", folder) for folder, problems in checked if not problems)
    home = checked[0][0] if checked else "."
    return _report("policy-lint", home, findings, rules, cases)


def test_report(checked: Sequence[tuple[str, Sequence[Outcome]]]) -> Report:
    """The report of `dpone policy test`: folders (relative to the root) with the tests of each. A folder
    without a test is not passed."""
    findings = [_failure(folder, outcome) for folder, outcomes in checked for outcome in outcomes]
    for folder, outcomes in checked:
        if not outcomes:
            findings.append(_shown(TEST_RULE.id, folder, "no tests found: nothing was proved", Place(folder)))
    cases = (Case(TEST_RULE.id, _test_name(folder, o)) for folder, outcomes in checked for o in outcomes)
    home = checked[0][0] if checked else "."
    return _report("policy-test", home, [f for f in findings if f], (TEST_RULE,), tuple(cases))


def _report(
    check: str,
    home: str,
    findings: Iterable[ShownFinding],
    rules: tuple[ShownRule, ...],
    cases: tuple[Case, ...],
) -> Report:
    findings = tuple(findings)
    status: Literal["passed", "failed"] = "failed" if findings else "passed"
    lines = [f"# {check}: {status.upper()}", ""]
    rows = [(f.place.path, f.place.line or "", f.rule, f.message) for f in cleaned(findings)]
    lines += (
        table(("file", "line", "rule", "what"), rows)
        if rows
        else [escape(f"{len(cases)} checked, no findings")]
    )
    markdown = "\n".join([*lines, ""]).encode("utf-8")
    return Report(check, status, home, findings=findings, rules=rules, cases=cases, markdown=markdown)


def _problem(folder: str, problem: LintProblem) -> ShownFinding:
    place = Place(_joined(folder, problem.path), problem.line, problem.column)
    spot = f"{place.path}:{problem.line}:{problem.column}" if problem.line else place.path
    return _shown(f"lint.{problem.code}", spot, problem.message, place)


def _failure(folder: str, outcome: Outcome) -> ShownFinding | None:
    if outcome.passed:
        return None
    place = Place(_joined(folder, outcome.path), outcome.line)
    return _shown(TEST_RULE.id, _test_name(folder, outcome), outcome.problem, place)


def _shown(rule: str, about: str, message: str, place: Place) -> ShownFinding:
    # Without the line: a finding stays the same one while the file around it changes.
    fingerprint = sha256_hex(canonical_bytes(cleaned((rule, place.path, message))))
    return ShownFinding(rule, "denied", "error", about, message, "", place, fingerprint)


def _test_name(folder: str, outcome: Outcome) -> str:
    """The name of a test, with its folder: two folders may have tests of one name."""
    return f"{folder} {outcome.name}"


def _joined(folder: str, path: str) -> str:
    if not path or folder in ("", "."):
        return path or folder
    return f"{folder}/{path}"
