"""Docs publish pack: a README snippet and a page about one release, made from its decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dpone.decisions.request import GateRequest, Verdict
from dpone.evidence.model import Evidence
from dpone.ops.packs import action_rows, pack, required_names
from dpone.ops.session import Session
from dpone.record import replace
from dpone.reports.markdown import escape, table
from dpone.reports.packs import action_list, state_word, status_table

ARTIFACT = "docs_publish_pack"
SNIPPET, INDEX = "README_SNIPPET.md", "PAGES_INDEX.md"
START, END = "<!-- dpone:release-status:start -->", "<!-- dpone:release-status:end -->"
"""What a script looks for when it replaces the snippet in a README."""
TITLES = {
    "artifact_index": "Artifact index",
    "connector_badges": "Connectors",
    "release_gate": "Release gate",
}
"""Names that are shown in words of their own."""


def request(session: Session, artifacts: Sequence[str]) -> GateRequest:
    """Ask whether what is attached may be published as the status of a release."""
    required = required_names(session)
    return replace(
        pack(session, ARTIFACT, artifacts, view),
        files=lambda verdict: {
            SNIPPET: _text(snippet(verdict)),
            INDEX: _text(page(verdict, required)),
        },
        title=f"Docs publish pack {session.subject.release}".strip(),
    )


def view(verdict: Verdict) -> dict[str, Any]:
    """The fields old scripts read."""
    return {
        "release": verdict.subject.release,
        "blockers": verdict.blockers(),
        "output_dir": verdict.output_dir,
        "readme_snippet_path": f"{verdict.output_dir}/{SNIPPET}",
        "pages_index_path": f"{verdict.output_dir}/{INDEX}",
        "sections": verdict.items(),
    }


def snippet(verdict: Verdict) -> list[str]:
    """The snippet between its markers: the status of the release gate and a table of badges, as text."""
    status = [f"**Release {escape(verdict.subject.release or 'without a name')}: {_status(verdict)}**"]
    if not verdict.passed:
        status += ["", "Not for publishing: this pack did not pass."]
    badges = [
        (TITLES.get(e.name, e.name), _badge(verdict, e), e.produced_at or "undated") for e in verdict.evidence
    ]
    return [START, "", *status, "", *table(("check", "badge", "made"), badges), "", END]


def page(verdict: Verdict, required: Sequence[str]) -> list[str]:
    """The page: status, everything attached, what is red, and where the proof is."""
    release = verdict.subject.release
    times = {e.name: e.produced_at for e in verdict.evidence}
    red = action_rows(verdict, required)
    proof = f"Made {escape(verdict.decided_at)} by dpone; `docs_publish_pack.dsse.json` signs this page."
    return [
        f"# Release {escape(release or 'without a name')}",
        "",
        f"Release gate: **{_status(verdict)}**. This pack: **{state_word(verdict.passed)}**.",
        "",
        proof,
        "",
        "## Checks",
        "",
        *status_table(verdict.items(), times),
        "## What is red",
        "",
        *(action_list(red) if red else ["Nothing attached is red.", ""]),
    ]


def _status(verdict: Verdict) -> str:
    """The status of the release as its gate gave it: an attached decision that stands, or nothing."""
    gates = [e for e in verdict.evidence if e.kind == "release_gate" and e.producer == "dpone"]
    if not gates:
        return "NOT DECIDED"
    return state_word(all(verdict.result.item_passed(e.name) for e in gates)).upper()


def _badge(verdict: Verdict, item: Evidence) -> str:
    return state_word(verdict.result.item_passed(item.name))


def _text(lines: Sequence[str]) -> bytes:
    return ("\n".join(lines).rstrip("\n") + "\n").encode("utf-8")
