"""Coverage reports: Cobertura XML (coverage.py, gcovr, coverlet, …) and coverage.py's JSON, format 3.

Everything is recomputed from the lines; rates and totals in the file are only compared with that.
coverage.py's JSON has a local time without offset, so it is undated; its XML has an epoch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from dpone.evidence.fields import Field, names_text, percent_down
from dpone.evidence.model import Counts, Document, Invalid, Reading
from dpone.record import dataclass, field

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

KIND = "coverage"
TITLE = "coverage report"
PRODUCER = "pytest --cov --cov-report=xml:build/coverage.xml"

_FORMAT = 3
_LOWEST = 10
_RATE_SLACK = 0.006  # generators round rates to two decimals and more
_PERCENT_SLACK = 0.01
_MILLISECONDS = 10**11  # an epoch of this size is in the year 5138 as seconds, in 1973 as milliseconds


def recognize(document: Document) -> bool:
    """Whether this is Cobertura XML (root `coverage` with a `line-rate`) or coverage.py JSON of format 3."""
    if document.syntax == "xml":
        return document.root.tag == "coverage" and "line-rate" in document.root.attrib
    return bool(_json_format(document) == _FORMAT)


def near(document: Document) -> str:
    """Name another format number of coverage.py's JSON."""
    found = _json_format(document)
    return (
        "" if found is None else f"coverage.py JSON of format {str(found)[:20]}; only {_FORMAT} is understood"
    )


def read(document: Document, _options: Mapping[str, Any]) -> Reading:
    """Count lines and branches per file, and compare with what the report says about itself."""
    report = _read_xml(document.root) if document.syntax == "xml" else _read_json(Field(document.root))
    lines = sum(each.lines for each in report.files.values())
    covered = sum(each.covered for each in report.files.values())
    branches = sum(each.branches for each in report.files.values())
    covered_branches = sum(each.covered_branches for each in report.files.values())
    percent = percent_down(covered, lines)
    lowest = sorted((percent_down(f.covered, f.lines), name) for name, f in report.files.items() if f.lines)
    return Reading(
        kind=KIND,
        tool=report.tool,
        reported="passed" if lines else "empty",
        counts=Counts(passed=covered, not_evaluated=lines - covered),
        facts={
            "line_percent": percent,
            "branch_percent": percent_down(covered_branches, branches),
            "lines": lines,
            "covered": covered,
            "branches": branches,
            "covered_branches": covered_branches,
            "files": len(report.files),
            "lowest_names": names_text([name[:200] for _, name in lowest[:5]]),
            "lowest": [{"file": name[:300], "line_percent": value} for value, name in lowest[:_LOWEST]],
        },
        summary=f"{percent:g} % of {lines} lines covered" if lines else "no line was measured",
        produced_at=report.produced_at,
        contradictions=tuple(report.contradictions[:100]),
    )


@dataclass
class _File:
    lines: int = 0
    covered: int = 0
    branches: int = 0
    covered_branches: int = 0


@dataclass
class _Report:
    tool: str
    files: dict[str, _File]
    produced_at: datetime | None = None
    contradictions: list[str] = field(default_factory=list)

    def compare(self, name: str, claimed: float | None, found: Iterable[float], slack: float = 0) -> None:
        values = list(found)
        if claimed is not None and all(abs(claimed - value) > slack for value in values):
            self.contradictions.append(f"claims {name} {claimed:.15g}, its lines say {values[0]:.6g}")


def _read_xml(root: Element) -> _Report:
    hits: dict[str, dict[int, bool]] = {}
    branches: dict[str, dict[int, tuple[int, int]]] = {}
    listed = listed_covered = 0
    for number, each in enumerate(root.iter("class"), 1):
        path = f"//class[{number}]"
        name = each.get("filename", "")
        lines, forks = hits.setdefault(name, {}), branches.setdefault(name, {})
        for line in each.iterfind("lines/line"):
            at, hit = _count(line, "number", path), _count(line, "hits", path) > 0
            listed, listed_covered = listed + 1, listed_covered + hit
            lines[at] = lines.get(at, False) or hit
            if line.get("branch") == "true":
                forks[at] = max(forks.get(at, (0, 0)), _conditions(line, path))
    files = {
        name: _File(
            len(lines),
            sum(lines.values()),
            sum(total for _, total in branches[name].values()),
            sum(taken for taken, _ in branches[name].values()),
        )
        for name, lines in hits.items()
    }
    report = _Report(_xml_tool(root), files, _epoch(root))
    total, covered = sum(f.lines for f in files.values()), sum(f.covered for f in files.values())
    # several classes of one file may list a line twice; generators count it once or twice
    report.compare("lines-valid", _claim(root, "lines-valid"), (total, listed))
    report.compare("lines-covered", _claim(root, "lines-covered"), (covered, listed_covered))
    rates = [part / whole for part, whole in ((covered, total), (listed_covered, listed)) if whole] or [0.0]
    if total or _claim(root, "lines-valid") != 0:  # nothing measured has no rate of its own
        report.compare("line-rate", _claim(root, "line-rate"), rates, _RATE_SLACK)
    return report


def _read_json(root: Field) -> _Report:
    files: dict[str, _File] = {}
    report = _Report(_json_tool(root), files)
    for name, each in root.at("files").members():
        run, missed = len(each.at("executed_lines").array()), len(each.at("missing_lines").array())
        taken, untaken = each.get("executed_branches"), each.get("missing_branches")
        took = len(taken.array()) if taken else 0
        left = len(untaken.array()) if untaken else 0
        files[name] = _File(run + missed, run, took + left, took)
        _compare_summary(report, f"{name[:120]}: ", each.at("summary"), files[name])
    whole = _File(
        sum(f.lines for f in files.values()),
        sum(f.covered for f in files.values()),
        sum(f.branches for f in files.values()),
        sum(f.covered_branches for f in files.values()),
    )
    _compare_summary(report, "", root.at("totals"), whole)
    return report


def _compare_summary(report: _Report, where: str, summary: Field, found: _File) -> None:
    report.compare(f"{where}num_statements", summary.at("num_statements").count(), (found.lines,))
    report.compare(f"{where}covered_lines", summary.at("covered_lines").count(), (found.covered,))
    whole = found.lines + found.branches
    percent = 100 * (found.covered + found.covered_branches) / whole if whole else 100.0
    report.compare(
        f"{where}percent_covered", summary.at("percent_covered").number(), (percent,), _PERCENT_SLACK
    )


def _count(element: Element, attribute: str, path: str) -> int:
    text = element.get(attribute, "")
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise Invalid("wrong_shape", f"a line has {attribute}={text[:40]!r}, which is not a count", path)
    return int(text)


def _claim(root: Element, attribute: str) -> float | None:
    text = root.get(attribute)
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,40})?([eE]-[0-9]{1,3})?", text):
        raise Invalid("wrong_shape", f"{attribute}={text[:40]!r} is not a number", f"/coverage/@{attribute}")
    return float(text)


def _conditions(line: Element, path: str) -> tuple[int, int]:
    """``condition-coverage="50% (1/2)"`` as taken and total."""
    text = line.get("condition-coverage", "")
    match = re.fullmatch(r"[0-9.]{1,20}% ?\(([0-9]{1,9})/([0-9]{1,9})\)", text)
    if not match:
        raise Invalid("wrong_shape", f"a branch has condition-coverage={text[:40]!r}", path)
    taken, total = int(match[1]), int(match[2])
    if taken > total:
        raise Invalid("wrong_shape", f"a branch has {taken} of {total} ways taken", path)
    return taken, total


def _epoch(root: Element) -> datetime | None:
    text = root.get("timestamp", "")
    if not re.fullmatch(r"[0-9]{1,14}", text):
        return None
    value = int(text)
    seconds = value / 1000 if value >= _MILLISECONDS else value
    return datetime.fromtimestamp(seconds, timezone.utc) if seconds else None


def _xml_tool(root: Element) -> str:
    version = root.get("version", "")[:20]
    return f"Cobertura XML {version}".strip()


def _json_format(document: Document) -> Any:
    root = document.root
    if document.syntax != "json" or not isinstance(root, dict) or not {"files", "totals", "meta"} <= set(root):
        return None
    meta = root["meta"]
    found = meta.get("format") if isinstance(meta, dict) else None
    return None if isinstance(found, bool) else found


def _json_tool(root: Field) -> str:
    version = root.at("meta").get("version")
    return f"coverage.py {version.text()[:20]}" if version else "coverage.py"
