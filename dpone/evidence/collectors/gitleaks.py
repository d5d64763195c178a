"""gitleaks 8's JSON report, written with `--redact`.

A report that shows a secret, or part of one, is refused: it would carry the secret into the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpone.evidence.fields import LISTED, Field, is_list_of, names_text, plural
from dpone.evidence.model import HOLDS_SECRET, Counts, Document, Invalid, Reading

KIND = "gitleaks"
TITLE = "gitleaks report"
PRODUCER = "gitleaks dir . --redact -f json -r build/gitleaks.json"

_KEYS = frozenset(("RuleID", "StartLine", "Match", "Secret", "File", "Fingerprint"))
_REDACTED = "REDACTED"
_SHOWN = ("Secret", "Match", "Line")


def recognize(document: Document) -> bool:
    """Whether this is a list of gitleaks' findings; an empty list is what several tools write."""
    return is_list_of(document, _KEYS)


def near(document: Document) -> str:
    """Name the report of gitleaks 7 and before."""
    root = document.root
    first = root[0] if document.syntax == "json" and isinstance(root, list) and root else None
    old = isinstance(first, dict) and {"offender", "rule", "repo"} <= set(first)
    return "a report of gitleaks 7 or before; version 8 is understood" if old else ""


def shows_secret(document: Document) -> bool:
    """Whether a row of this version, or of the ones before, has a secret that is not redacted."""
    rows = document.root if document.syntax == "json" and isinstance(document.root, list) else []
    told = [row for row in rows if isinstance(row, dict)]
    now = any("RuleID" in row and any(_is_clear(key, row.get(key)) for key in _SHOWN) for row in told)
    return now or any({"offender", "rule"} <= set(row) and row["offender"] != _REDACTED for row in told)


def read(document: Document, _options: Mapping[str, Any]) -> Reading:
    """List the findings by rule and place. Nothing of `Match`, `Line` or the commit's text goes on."""
    found = [_finding(each) for each in Field(document.root).array()]
    facts: dict[str, Any] = {
        "findings": len(found),
        "names": names_text([each["key"] for each in found]),
        "results": found[:LISTED],
    }
    return Reading(
        kind=KIND,
        tool="gitleaks",
        reported="failed" if found else "empty",
        counts=Counts(failed=len(found)),
        facts=facts,
        summary=f"{plural(len(found), 'secret')} found: {facts['names']}"
        if found
        else "an empty list: nothing was found, or nothing was scanned",
    )


def _finding(each: Field) -> dict[str, Any]:
    for key in _SHOWN:
        _refuse_clear(each, key)
    rule, file = each.at("RuleID").text()[:100], each.at("File").text()[:200]
    line = each.at("StartLine").count()
    return {
        "rule": rule,
        "file": file,
        "line": line,
        "commit": each.at("Commit").text()[:64] if "Commit" in each.object() else "",
        "key": f"{rule} {file}:{line}",
        "pointer": each.pointer,
    }


def _refuse_clear(each: Field, key: str) -> None:
    """`--redact` writes the whole secret as REDACTED; `--redact=40` leaves its beginning, which is refused."""
    if key in each.object() and _is_clear(key, each.at(key).text()):
        where = f"{each.pointer}/{key}"
        raise Invalid(HOLDS_SECRET, "it shows a secret, or part of one; write it with --redact", where)


def _is_clear(key: str, value: object) -> bool:
    """Whether a member is more than its redacted form; around a redacted secret, a match may have other text."""
    if not isinstance(value, str) or not value:
        return False
    return value != _REDACTED if key == "Secret" else _REDACTED not in value
