"""ruff's JSON (`--output-format json`): a list of what it found.

The list is empty both when nothing was found and when nothing was scanned, so an empty one is `empty`;
SARIF tells the two apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from dpone.evidence.fields import LISTED, Field, is_list_of, names_text, plural
from dpone.evidence.model import Counts, Document, Reading

KIND = "ruff"
TITLE = "ruff report"
PRODUCER = "ruff check --output-format sarif --output-file build/ruff.sarif"

_KEYS = frozenset(("code", "filename", "location", "end_location", "message", "noqa_row"))


def recognize(document: Document) -> bool:
    """Whether this is a list of ruff's violations; an empty list is what several tools write."""
    return is_list_of(document, _KEYS)


def read(document: Document, _options: Mapping[str, Any]) -> Reading:
    """List the violations; a file that does not parse has no code of a rule."""
    found = [_violation(each) for each in Field(document.root).array()]
    errors = [each for each in found if not each["rule"]]
    by_rule = Counter(each["rule"] for each in found if each["rule"])
    facts: dict[str, Any] = {
        "violations": len(found) - len(errors),
        "errors": len(errors),
        "errors_text": names_text([each["file"] for each in errors]),
        "rules_text": names_text([f"{count} {rule}" for rule, count in by_rule.most_common()]),
        "results_total": len(found),
        "results": found[:LISTED],
    }
    return Reading(
        kind=KIND,
        tool="ruff",
        reported="failed" if found else "empty",
        counts=Counts(failed=len(found) - len(errors), errored=len(errors)),
        facts=facts,
        summary=_summary(facts),
    )


def _violation(each: Field) -> dict[str, Any]:
    code = each.get("code")
    rule = code.text()[:60] if code else ""
    file, line = each.at("filename").text()[:200], each.at("location").at("row").count()
    # what does not parse has no code, or since 0.12 a name in the place of one
    rule = "" if rule == "invalid-syntax" else rule
    return {
        "rule": rule,
        "message": each.at("message").text()[:200],
        "file": file,
        "line": line,
        "key": f"{rule or 'syntax'} {file}:{line}",
        "pointer": each.pointer,
    }


def _summary(facts: Mapping[str, Any]) -> str:
    if facts["errors"]:
        return f"{plural(facts['errors'], 'file')} could not be parsed: {facts['errors_text']}"
    if facts["violations"]:
        return f"{plural(facts['violations'], 'violation')}: {facts['rules_text']}"
    return "an empty list: nothing was found, or nothing was scanned"
