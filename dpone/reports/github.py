"""GitHub: annotations on stdout, the step summary and the step's outputs in the files GitHub names.

Workflow commands: docs.github.com, "Workflow commands for GitHub Actions".
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dpone.reports.text import WORDS, by_weight, concern_sentence, concerns, place, places

if TYPE_CHECKING:
    from dpone.decisions.decide import Outcome

ANNOTATIONS = 10
"""GitHub shows at most ten annotations of a kind for a step."""


def github_report(outcome: Outcome, markdown: str, env: Mapping[str, str]) -> str:
    """Return the annotations; append the summary and `outcome=passed|failed|undecided` where the
    variables GITHUB_STEP_SUMMARY and GITHUB_OUTPUT point."""
    result = outcome.result
    uris = places(outcome)
    title = f"{outcome.request.gate} {WORDS[result.status]}"
    lines = []
    for finding in by_weight(result.denied)[:ANNOTATIONS]:
        file = uris.get(finding.evidence, "")
        text = f"{finding.message} ({place(finding, uris)}, rule {finding.rule}) -> {finding.remedy}"
        where = f"file={_property(file)}," if file else ""
        lines.append(f"::error {where}title={_property(title)}::{_data(text)}")
    if result.status == "undecided":
        lines.append(f"::error title={_property(title)}::{_data(result.problem)}")
    lines += [
        f"::warning title={_property(title)}::{_data(concern_sentence(group))}"
        for group in concerns(result.warned)[:ANNOTATIONS]
    ]
    if result.passed:
        lines.append(f"::notice title={_property(title)}::{_data(outcome.decision.id[:16] or 'preview')}")
    _append(env.get("GITHUB_STEP_SUMMARY", ""), markdown)
    _append(env.get("GITHUB_OUTPUT", ""), f"outcome={result.status}\ndecision={outcome.decision.id}\n")
    return "\n".join(lines) + "\n"


def _append(path: str, text: str) -> None:
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
