"""CycloneDX bills of materials, 1.5 and 1.6, JSON and XML.

What decides: there are components, every `bom-ref` stands for one thing, and no vulnerability that the
document lists still affects it. A component's version is not a release of ours, so nothing is claimed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dpone.evidence.fields import LISTED, Field, names_text, plural
from dpone.evidence.model import Counts, Document, Invalid, Reading
from dpone.record import dataclass, field
from dpone.workspace import read_time

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

KIND = "cyclonedx"
TITLE = "CycloneDX SBOM"
PRODUCER = "cyclonedx-py environment -o build/bom.json"

_VERSIONS = ("1.5", "1.6")
_SPACE = "http://cyclonedx.org/schema/bom/"
_SETTLED = ("resolved", "resolved_with_pedigree", "false_positive", "not_affected")
_STATES = (*_SETTLED, "exploitable", "in_triage", "")
_RANKS = {"none": 0, "info": 1, "low": 2, "medium": 3, "high": 4, "critical": 5, "unknown": 0, "": 0}


def recognize(document: Document) -> bool:
    """Whether this is a CycloneDX document of version 1.5 or 1.6; one in JSON without any version is
    recognised and then invalid."""
    version = _version(document)
    return version in _VERSIONS or (version == "" and _is_json_bom(document))


def near(document: Document) -> str:
    """Name another version of CycloneDX."""
    version = _version(document)
    return f"CycloneDX {str(version)[:20]}; {' and '.join(_VERSIONS)} are understood" if version else ""


def read(document: Document, _options: Mapping[str, Any]) -> Reading:
    """Count components, check references, list vulnerabilities that still apply."""
    bom = _read_xml(document.root) if document.syntax == "xml" else _read_json(Field(document.root))
    refs = Counter(ref for ref in bom.refs if ref)
    duplicates = sorted(ref for ref, n in refs.items() if n > 1)
    active = [vuln for vuln in bom.vulns if not vuln["settled"]]
    active.sort(key=lambda vuln: -_RANKS[vuln["severity"]])
    ids = Counter(vuln["id"] for vuln in active)
    for vuln in active:  # the advisory's id, with what it affects where several share it
        vuln["key"] = vuln["id"] if ids[vuln["id"]] == 1 else f"{vuln['id']} {vuln['package']}"
    facts: dict[str, Any] = {
        "spec_version": bom.version,
        "components": bom.components,
        "duplicate_refs_total": len(duplicates),
        "duplicate_refs": [ref[:200] for ref in duplicates[:LISTED]],
        "duplicate_names": names_text([ref[:100] for ref in duplicates]),
        "vulns_total": len(active),
        "vulns_settled": len(bom.vulns) - len(active),
        "vulns": [{key: value for key, value in vuln.items() if key != "settled"} for vuln in active[:LISTED]],
    }
    return Reading(
        kind=KIND,
        tool=f"CycloneDX {bom.version}",
        reported="failed" if active else "passed" if bom.components else "empty",
        counts=Counts(passed=bom.components, failed=len(active)),
        facts=facts,
        summary=_summary(facts),
        produced_at=bom.produced_at,
    )


@dataclass
class _Bom:
    version: str
    components: int = 0
    refs: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    vulns: list[dict[str, Any]] = field(default_factory=list)
    produced_at: datetime | None = None

    def add(self, ref: str, name: str) -> None:
        self.components += 1
        self.refs.append(ref)
        self.names.setdefault(ref, name)

    def vulnerability(
        self, name: str, severities: list[str], state: str, affects: list[str], pointer: str
    ) -> None:
        if state not in _STATES:
            raise Invalid("unknown_value", f"{pointer} has the analysis state {state[:60]!r}", pointer)
        unknown = [severity for severity in severities if severity not in _RANKS]
        if unknown:
            raise Invalid("unknown_value", f"{pointer} has the severity {unknown[0][:60]!r}", pointer)
        components = names_text([self.names.get(ref, ref)[:100] for ref in affects], 3)
        self.vulns.append(
            {
                "id": name[:60],
                "package": components,
                "severity": max(severities, key=lambda severity: _RANKS[severity], default=""),
                "state": state,
                "pointer": pointer,
                "settled": state in _SETTLED,
            }
        )


def _read_json(root: Field) -> _Bom:
    bom = _Bom(root.at("specVersion").choice(_VERSIONS))
    metadata = root.get("metadata")
    if metadata:
        time, main = metadata.get("timestamp"), metadata.get("component")
        bom.produced_at = read_time(time.text()) if time else None
        if main:
            bom.refs.append(_text(main, "bom-ref"))
    waiting = _array(root, "components")
    while waiting:
        component = waiting.pop()
        bom.add(
            _text(component, "bom-ref"), f"{component.at('name').text()} {_text(component, 'version')}".strip()
        )
        waiting += _array(component, "components")
    bom.refs += [_text(service, "bom-ref") for service in _array(root, "services")]
    for vuln in _array(root, "vulnerabilities"):
        bom.refs.append(_text(vuln, "bom-ref"))
        analysis = vuln.get("analysis")
        bom.vulnerability(
            _text(vuln, "id"),
            [_text(rating, "severity") for rating in _array(vuln, "ratings")],
            _text(analysis, "state") if analysis else "",
            [each.at("ref").text() for each in _array(vuln, "affects")],
            vuln.pointer,
        )
    return bom


def _read_xml(root: Element) -> _Bom:
    version = root.tag[len(_SPACE) + 1 :].partition("}")[0]
    space = {"b": f"{_SPACE}{version}"}
    bom = _Bom(version)
    bom.produced_at = read_time(root.findtext("b:metadata/b:timestamp", "", space))
    main = root.find("b:metadata/b:component", space)
    if main is not None:
        bom.refs.append(main.get("bom-ref", ""))
    for component in _nested(root, space):
        name = component.findtext("b:name", "", space)
        if not name:
            raise Invalid("wrong_shape", "a component has no name", "/bom/components")
        bom.add(component.get("bom-ref", ""), f"{name} {component.findtext('b:version', '', space)}".strip())
    bom.refs += [service.get("bom-ref", "") for service in root.iterfind("b:services/b:service", space)]
    for number, vuln in enumerate(root.iterfind("b:vulnerabilities/b:vulnerability", space), 1):
        bom.refs.append(vuln.get("bom-ref", ""))
        bom.vulnerability(
            vuln.findtext("b:id", "", space),
            [each.text or "" for each in vuln.iterfind("b:ratings/b:rating/b:severity", space)],
            vuln.findtext("b:analysis/b:state", "", space),
            [each.text or "" for each in vuln.iterfind("b:affects/b:target/b:ref", space)],
            f"/bom/vulnerabilities/vulnerability[{number}]",
        )
    return bom


def _nested(root: Element, space: dict[str, str]) -> Iterator[Element]:
    waiting = list(root.iterfind("b:components/b:component", space))
    while waiting:
        component = waiting.pop()
        yield component
        waiting += component.iterfind("b:components/b:component", space)


def _is_json_bom(document: Document) -> bool:
    root = document.root
    return document.syntax == "json" and isinstance(root, dict) and root.get("bomFormat") == "CycloneDX"


def _version(document: Document) -> str:
    """The version a CycloneDX document states; empty when it states none or is something else."""
    if document.syntax == "xml":
        tag = str(document.root.tag)
        found = tag[1:].partition("}")
        return found[0][len(_SPACE) :] if tag.startswith("{" + _SPACE) and found[2] == "bom" else ""
    if not _is_json_bom(document):
        return ""
    version = document.root.get("specVersion", "")
    return version if isinstance(version, str) else ""


def _array(parent: Field, key: str) -> list[Field]:
    found = parent.get(key)
    return found.array() if found else []


def _text(parent: Field, key: str) -> str:
    found = parent.get(key)
    return found.text() if found else ""


def _summary(facts: Mapping[str, Any]) -> str:
    if not facts["components"]:
        return "no components"
    counted = plural(facts["components"], "component")
    if facts["vulns_total"]:
        first, more = facts["vulns"][0], facts["vulns_total"] - 1
        rest = f", and {more} more" if more else ""
        return f"{counted}; {first['package']} has {first['id']}{rest}"
    if facts["duplicate_refs_total"]:
        return f"{counted}; not unique: {facts['duplicate_names']}"
    return counted
