"""Pre-release checklist: named checks before a release, each claimed, and proved where evidence is given for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dpone.decisions.request import GateRequest, Verdict
from dpone.decisions.result import Finding
from dpone.evidence.collect import Service
from dpone.evidence.fields import plural
from dpone.ops.lifecycle import free_at, items
from dpone.ops.readiness import check_names
from dpone.ops.session import Session
from dpone.record import replace

GATE, ARTIFACT = "pre-release-checklist", "pre_release_checklist"
MINOR = (
    "cli_commands", "run_cli", "run_python_api", "hierarchical_lineage", "source_sink_matrix",
    "contracts_guardrails", "documentation", "package",
)  # fmt: skip
REQUIRED = {"patch": ("documentation", "package"), "minor": MINOR, "major": MINOR}
SERVICE = "checklist"

Claims = Sequence[tuple[str, bool]]


def request(session: Session, release_type: str, claims: Claims, artifacts: Sequence[str]) -> GateRequest:
    """Ask whether the checks of a release are done. A check is named on the command line (a claim), and proved
    by evidence of its own name."""
    given = session.attached(artifacts)
    proved = {descriptor.name for descriptor in given}
    claimed = dict(claims)
    check_names(SERVICE, (*claimed, *proved), "check")
    names = dict.fromkeys((*REQUIRED[release_type], *claimed, *sorted(proved)))
    facts = {
        "release_type": release_type,
        "checks": [
            {
                "name": name,
                "required": name in REQUIRED[release_type],
                "claimed": "none" if name not in claimed else ("done" if claimed[name] else "not_done"),
                "proved": name in proved,
            }
            for name in names
        ],
    }
    return replace(
        session.ask(ARTIFACT, lambda verdict: view(verdict, release_type, facts["checks"])),
        given=given,
        services=(Service(SERVICE, "checklist", facts, plural(len(names), "check")),),
        required=session.demanded(),
        said={"release_type": release_type},
        title=f"Pre-release checklist {session.subject.release}".rstrip(),
        free=free_at(ARTIFACT),
    )


def view(verdict: Verdict, release_type: str, checks: Any) -> dict[str, Any]:
    """The fields old scripts read; whether a check is done is what the rules said."""
    red: dict[str, str] = {}
    ids = [_blocker(finding, verdict) for finding in verdict.result.denied]
    for text in ids:
        red.setdefault(text.rpartition(".")[0], text)
    return {
        "release": verdict.subject.release,
        "release_type": release_type,
        "generated_at": verdict.decided_at,
        "blockers": list(dict.fromkeys(ids)),
        "checks": [
            {
                "name": check["name"],
                "required": check["required"],
                "passed": check["name"] not in red and verdict.result.status != "undecided",
                "blocker": red.get(check["name"], ""),
                "proved": check["proved"],
            }
            for check in checks
        ],
        "output_dir": verdict.output_dir,
        "json_path": f"{verdict.output_dir}/{ARTIFACT}.json",
        "markdown_path": f"{verdict.output_dir}/{ARTIFACT}.md",
        "items": items(verdict),
    }


def _blocker(finding: Finding, verdict: Verdict) -> str:
    """What a finding says about a check: `<check>.missing`, `<check>.not_passed`; else the rule."""
    if finding.evidence in ("", SERVICE):
        return finding.key or finding.rule
    item = next((e for e in verdict.evidence if e.name == finding.evidence), None)
    return f"{finding.evidence}.{'missing' if item is None or item.state == 'missing' else 'not_passed'}"
