"""pip-audit's JSON (version 2). An entry with a `skip_reason` was not audited, whatever the exit status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from dpone.evidence.fields import LISTED, Field, names_text
from dpone.evidence.model import Counts, Document, Reading

KIND = "pip-audit"
TITLE = "pip-audit report"
PRODUCER = "pip-audit -r requirements.txt -f json -o build/pip-audit.json"


def recognize(document: Document) -> bool:
    """Whether this is an object of exactly `dependencies` and `fixes`, both lists."""
    root = document.root
    if document.syntax != "json" or not isinstance(root, dict) or set(root) != {"dependencies", "fixes"}:
        return False
    return all(isinstance(value, list) for value in root.values())


def near(document: Document) -> str:
    """Name the bare list that pip-audit 1 wrote."""
    root = document.root
    first = root[0] if document.syntax == "json" and isinstance(root, list) and root else None
    old = isinstance(first, dict) and {"name", "version", "vulns"} <= set(first)
    return "the list that pip-audit 1 wrote; version 2 is understood" if old else ""


def read(document: Document, _options: Mapping[str, Any]) -> Reading:
    """List the vulnerabilities, and count what was not audited."""
    audited, vulnerable, unaudited = 0, 0, []
    vulns: list[dict[str, Any]] = []
    root = Field(document.root)
    for dependency in root.at("dependencies").array():
        name = dependency.at("name").text()
        reason = dependency.get("skip_reason")
        if reason is not None:
            reason.text()
            unaudited.append({"package": name[:100], "pointer": dependency.pointer})
            continue
        audited += 1
        version = dependency.at("version").text()
        found = [_vuln(name, version, each) for each in dependency.at("vulns").array()]
        vulnerable += bool(found)
        vulns += found
    _name_keys(vulns)
    facts: dict[str, Any] = {
        "dependencies": audited + len(unaudited),
        "audited": audited,
        "vulnerable": vulnerable,
        "unaudited": len(unaudited),
        "unaudited_names": names_text([each["package"] for each in unaudited]),
        "unaudited_at": unaudited[0]["pointer"] if unaudited else "",
        "vulns_total": len(vulns),
        "vulns_fixable": sum(1 for vuln in vulns if vuln["fixable"]),
        "vulns": vulns[:LISTED],
    }
    return Reading(
        kind=KIND,
        tool="pip-audit",
        reported="failed" if vulns else "passed" if audited else "empty",
        counts=Counts(passed=audited - vulnerable, failed=vulnerable, not_evaluated=len(unaudited)),
        facts=facts,
        summary=_summary(facts),
    )


def _vuln(package: str, version: str, vuln: Field) -> dict[str, Any]:
    fixes = [each.text()[:60] for each in vuln.at("fix_versions").array()]
    aliases = vuln.get("aliases")
    return {
        "package": package[:100],
        "version": version[:60],
        "id": vuln.at("id").text()[:60],
        "aliases": [each.text()[:60] for each in aliases.array()][:10] if aliases else [],
        "fixable": bool(fixes),
        "fixed_in": ", ".join(fixes[:5]),
        "fix_text": f"fixed in {', '.join(fixes[:5])}" if fixes else "no fixed version known",
        "key": "",
        "pointer": vuln.pointer,
    }


def _name_keys(vulns: list[dict[str, Any]]) -> None:
    """The key of a finding is the advisory's id; with its package where one id hits several."""
    ids = Counter(vuln["id"] for vuln in vulns)
    for vuln in vulns:
        vuln["key"] = (
            vuln["id"] if ids[vuln["id"]] == 1 else f"{vuln['id']} {vuln['package']} {vuln['version']}"
        )


def _summary(facts: Mapping[str, Any]) -> str:
    if not facts["audited"]:
        return f"nothing was audited; not audited: {facts['unaudited_names'] or 'no dependencies'}"
    skipped = f", {facts['unaudited']} not audited: {facts['unaudited_names']}" if facts["unaudited"] else ""
    if not facts["vulns"]:
        return f"{facts['vulnerable']} of {facts['audited']} dependencies vulnerable{skipped}"
    first, more = facts["vulns"][0], facts["vulns_total"] - 1
    rest = f", and {more} more" if more else ""
    return f"{first['package']} {first['version']} has {first['id']}, {first['fix_text']}{rest}{skipped}"
