"""detect-secrets 1.x: the result of `detect-secrets scan`, which is also its baseline.

It names secrets by a SHA-1; what holds a secret itself (the report of an audit, an edited baseline) is
refused. A secret that somebody marked as none (`is_secret: false`) is counted apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dpone.evidence.fields import LISTED, Field, names_text, plural
from dpone.evidence.model import HOLDS_SECRET, Counts, Document, Invalid, Reading

KIND = "detect-secrets"
TITLE = "detect-secrets scan"
PRODUCER = "detect-secrets scan > build/secrets.json"

_HASH = re.compile(r"[0-9a-f]{40}", re.ASCII)
_MEMBERS = frozenset(("type", "filename", "hashed_secret", "is_verified", "is_secret", "line_number"))


def recognize(document: Document) -> bool:
    """Whether this is a scan of version 1, or the report of an audit, which is then refused."""
    return _version(document).partition(".")[0] == "1" or _is_audit(document)


def near(document: Document) -> str:
    """Name another version."""
    version = _version(document)
    return f"a scan of detect-secrets {version[:20]}; version 1 is understood" if version else ""


def shows_secret(document: Document) -> bool:
    """Whether this is the report of an audit, which shows lines with secrets."""
    return _is_audit(document)


def read(document: Document, _options: Mapping[str, Any]) -> Reading:
    """List what was found and not marked as no secret."""
    root = Field(document.root)
    if _is_audit(document):
        raise Invalid(
            HOLDS_SECRET, "it is the report of an audit, which shows lines with secrets; give the scan"
        )
    plugins = [each.at("name").text() for each in root.at("plugins_used").array()]
    entries = [_entry(each) for _, file in root.at("results").members() for each in file.array()]
    found = [entry for entry in entries if not entry["dismissed"]]
    dismissed = [entry for entry in entries if entry["dismissed"]]
    facts: dict[str, Any] = {
        "plugins": len(plugins),
        "findings": len(found),
        "verified": sum(1 for each in found if each["verified"]),
        "names": names_text([each["key"] for each in found]),
        "dismissed": len(dismissed),
        "dismissed_names": names_text([each["key"] for each in dismissed]),
        "results": [{k: v for k, v in each.items() if k != "dismissed"} for each in found[:LISTED]],
    }
    when = root.get("generated_at")
    return Reading(
        kind=KIND,
        tool="detect-secrets",
        reported="failed" if found else "passed" if plugins else "empty",
        counts=Counts(failed=len(found), skipped=len(dismissed)),
        facts=facts,
        summary=_summary(facts),
        produced_at=when.instant() if when else None,
    )


def _entry(each: Field) -> dict[str, Any]:
    strange = set(each.object()) - _MEMBERS
    if strange or not _HASH.fullmatch(each.at("hashed_secret").text()):
        raise Invalid(HOLDS_SECRET, "it may show a secret: an entry holds more than its SHA-1", each.pointer)
    kind, file = each.at("type").text()[:100], each.at("filename").text()[:200]
    line = each.at("line_number").count()
    marked, verified = each.get("is_secret"), each.get("is_verified")
    return {
        "type": kind,
        "file": file,
        "line": line,
        "verified": verified.boolean() if verified else False,
        "dismissed": marked is not None and not marked.boolean(),
        "key": f"{kind} {file}:{line}",
        "pointer": each.pointer,
    }


def _summary(facts: Mapping[str, Any]) -> str:
    if not facts["plugins"]:
        return "no plugin looked for anything"
    marked = f", {facts['dismissed']} marked as no secret" if facts["dismissed"] else ""
    if facts["findings"]:
        return f"{plural(facts['findings'], 'secret')} found: {facts['names']}{marked}"
    return f"0 secrets found by {plural(facts['plugins'], 'plugin')}{marked}"


def _version(document: Document) -> str:
    root = document.root
    if document.syntax != "json" or not isinstance(root, dict):
        return ""
    version = root.get("version")
    shaped = isinstance(root.get("plugins_used"), list) and isinstance(root.get("results"), dict)
    return version if shaped and isinstance(version, str) else ""


def _is_audit(document: Document) -> bool:
    root = document.root
    if document.syntax != "json" or not isinstance(root, dict) or set(root) != {"results"}:
        return False
    rows = root["results"]
    return (
        bool(rows)
        and isinstance(rows, list)
        and all(isinstance(row, dict) and {"category", "lines", "types"} <= set(row) for row in rows)
    )
