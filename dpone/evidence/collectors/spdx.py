"""Software bills of materials in SPDX 2.3, JSON. Sections are those of the specification: what a document
describes 11.1, relationships 11, packages 7. It carries no verdict: it is empty or it is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from dpone.evidence.fields import LISTED, Field, names_text, plural
from dpone.evidence.model import Counts, Document, Reading

KIND = "spdx"
TITLE = "SPDX bill of materials"
PRODUCER = "make the bill of materials again, as SPDX 2.3 JSON"

_NOWHERE = ("NONE", "NOASSERTION")


def recognize(document: Document) -> bool:
    """Whether this is an SPDX document of version 2.3."""
    return _version(document) == "SPDX-2.3"


def near(document: Document) -> str:
    """Name another version, SPDX 3 (JSON-LD) included."""
    version = _version(document)
    return f"{version[:30]}; SPDX-2.3 as JSON is understood" if version else ""


def read(document: Document, _options: Mapping[str, Any]) -> Reading:
    """Count the packages, and find ids that are used twice or lead nowhere."""
    root = Field(document.root)
    packages, files = _array(root, "packages"), _array(root, "files")
    own = root.at("SPDXID").text()
    ids = [own, *(each.at("SPDXID").text() for each in (*packages, *files, *_array(root, "snippets")))]
    twice = [name for name, count in Counter(ids).items() if count > 1]
    known = set(ids)
    described = {each.text() for each in _array(root, "documentDescribes")}
    dangling = []
    for each in _array(root, "relationships"):
        left, right = each.at("spdxElementId").text(), each.at("relatedSpdxElement").text()
        kind = each.at("relationshipType").text()
        if (left, kind) == (own, "DESCRIBES"):
            described.add(right)
        if (right, kind) == (own, "DESCRIBED_BY"):
            described.add(left)
        dangling += [name for name in (left, right) if _leads_nowhere(name, known)]
    dangling += [name for name in sorted(described) if _leads_nowhere(name, known)]
    unversioned = [each.at("name").text() for each in packages if not _text(each, "versionInfo")]
    creation = root.at("creationInfo")
    facts: dict[str, Any] = {
        "packages": len(packages),
        "files": len(files),
        "described": len(described & known),
        "unversioned": len(unversioned),
        "unversioned_names": names_text([name[:100] for name in unversioned]),
        "duplicate_ids": len(twice),
        "duplicate_names": names_text([name[:100] for name in twice]),
    }
    missing = sorted(set(dangling))
    return Reading(
        kind=KIND,
        tool=_tool(creation),
        reported="passed" if packages else "empty",
        counts=Counts(passed=len(packages)),
        facts=facts,
        summary=plural(len(packages), "package"),
        produced_at=creation.at("created").instant(),
        contradictions=tuple(f"names {name[:100]}, which is not in it" for name in missing[:LISTED]),
    )


def _leads_nowhere(name: str, known: set[str]) -> bool:
    # what another document holds is named DocumentRef-…:SPDXRef-… (11.1.3)
    return name not in known and name not in _NOWHERE and not name.startswith("DocumentRef-")


def _tool(creation: Field) -> str:
    creators = [each.text() for each in creation.at("creators").array()]
    return next((name.removeprefix("Tool: ")[:60] for name in creators if name.startswith("Tool: ")), "")


def _text(package: Field, key: str) -> str:
    found = package.get(key)
    text = found.text().strip() if found else ""
    return "" if text in _NOWHERE else text


def _array(root: Field, key: str) -> list[Field]:
    found = root.get(key)
    return found.array() if found else []


def _version(document: Document) -> str:
    root = document.root
    if document.syntax != "json" or not isinstance(root, dict):
        return ""
    context = root.get("@context")
    if isinstance(context, str) and context.startswith("https://spdx.org/rdf/3."):
        return "SPDX-3 as JSON-LD"
    version = root.get("spdxVersion")
    return version if isinstance(version, str) else ""
