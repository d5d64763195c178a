"""The terminal's view of a decision: what failed first, what to do about it, at most 25 lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dpone.errors import one_line

if TYPE_CHECKING:
    from dpone.decisions.decide import Outcome
    from dpone.decisions.result import Finding

LINES = 25
WIDTH = 79
WORDS = {"passed": "PASSED", "failed": "FAILED", "undecided": "UNDECIDED"}
_COLOURS = {
    "FAIL": "31",
    "FAILED": "31",
    "UNDECIDED": "35",
    "warn": "33",
    "waived": "36",
    "ok": "32",
    "PASSED": "32",
}


def text_report(outcome: Outcome, colour: bool = False) -> str:
    """The report as text ending in a newline. `colour` is for terminals only."""
    verdict = outcome.decision.verdict
    result = verdict.result
    heading = "  ".join(
        part for part in (outcome.request.gate, verdict.subject.release, verdict.subject.environment) if part
    )
    lines = [f"{heading}  {' ' * max(0, WIDTH - len(heading) - 12)}{paint(WORDS[result.status], colour)}"]
    width = max([len(e.name) for e in verdict.evidence] + [5])
    body: list[str] = []
    if result.problem:
        body += [f"{paint('UNDECIDED', colour)}  {one_line(result.problem)}"]
    uris = places(outcome)
    for finding in by_weight(result.denied):
        body += _denied(finding, uris, width, colour)
    for item in verdict.items():
        if item["passed"]:
            body.append(
                f"{paint('ok', colour)}    {one_line(item['name']):<{width}}  {one_line(str(item['summary']))}".rstrip()
            )
    for finding in result.waived:
        body.append(f"{paint('waived', colour)} {waived_line(finding)}")
    for group in concerns(result.warned):
        body += _warned(group, colour)
    if result.notes:
        told = dict.fromkeys(f"{f.rule} ({f.state})" for f in result.notes)
        body.append(one_line(f"not counted  {', '.join(told)}"))
    lines += _cut(body, outcome)
    lines += footer(outcome)
    return "\n".join(lines) + "\n"


def by_weight(findings: Iterable[Finding]) -> list[Finding]:
    """What counts most first: undetermined, then mandatory, then errors; then by evidence and rule."""
    return sorted(
        findings,
        key=lambda f: (f.state != "undetermined", f.severity != "error", f.evidence, f.rule, f.key),
    )


def waived_line(finding: Finding) -> str:
    """A waived finding in one line: rule and key, until when, by whom, ticket."""
    said = finding.waiver
    about = "  ".join(part for part in (finding.rule, finding.key or finding.evidence) if part)
    by = said["approver"] or said["owner"]
    told = ", ".join(part for part in (f"until {said['until']}", f"by {by}", said["ticket"]) if part)
    return one_line(f"{about}   {told}")


def waiver_sentence(said: Mapping[str, Any]) -> str:
    """Why a waived finding does not count, in one sentence."""
    by = f"approved by {said['approver']}" if said["approver"] else f"owner {said['owner']}"
    parts = (f"waiver {said['id']} until {said['until']}", by, said["ticket"], said["reason"])
    return one_line(", ".join(part for part in parts if part))


def concerns(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Warnings grouped into one per concern: the same rule on several items is one thing to say."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.rule, []).append(finding)
    return [groups[rule] for rule in sorted(groups)]


def concern_sentence(group: Sequence[Finding]) -> str:
    """One sentence for a group of warnings, with the names in it."""
    first = group[0]
    names = ", ".join(sorted({f.evidence or f.key for f in group} - {""}))
    if first.concern and len(group) > 1:
        return one_line(f"{first.concern.replace('{count}', str(len(group)))} ({names})")
    if len(group) > 1:
        others = f": {names}" if names else ""
        return one_line(f"{first.message} (and {len(group) - 1} more{others})")
    return first.message


def concern_remedy(group: Sequence[Finding]) -> str:
    """The remedy of a group: its own where it is one finding, with NAME=PATH where it is several."""
    remedy = group[0].remedy
    if len(group) > 1 and "dpone evidence seal" in remedy:
        start, command = remedy.split("dpone evidence seal", 1)
        return f"{start}dpone evidence seal NAME=PATH... {command.partition(' ')[2].partition(' ')[2]}".rstrip()
    return remedy


def places(outcome: Outcome) -> dict[str, str]:
    """Where each piece of evidence can be opened: its file; for what this command found, its artifact."""
    own = f"{outcome.decision.verdict.output_dir}/{outcome.request.stem}.json"
    return {e.name: own if e.producer == "service" else e.uri for e in outcome.decision.verdict.evidence}


def place(finding: Finding, uris: Mapping[str, str]) -> str:
    """Where a finding points: the file and the pointer into it."""
    uri = uris.get(finding.evidence, "")
    shown = one_line(f"{uri}#{finding.pointer}" if finding.pointer else uri)
    # A line that begins with `::` is a command to GitHub's runner; `./` in front names the same file.
    return f"./{shown}" if shown.startswith("::") else shown


UNLISTED = "that the trust file does not list, nothing recorded"


def footer(outcome: Outcome) -> list[str]:
    """The last lines: counts, who signed, where the decision is, and the next command."""
    verdict, document = outcome.decision.verdict, outcome.document
    decision: Any = document["decision"]
    run: Any = document["run"]
    counts = f"{plural(len(verdict.evidence), 'item')}, {plural(verdict.result.rules, 'rule')}, "
    counts += f"{len(verdict.result.waived)} waived, " if verdict.result.waived else ""
    counts += f"profile {decision['profile']}"
    if outcome.receipt is None:
        signed = (
            f"signed by a key {UNLISTED}" if decision["signer"] else "preview: no signing key, nothing recorded"
        )
    elif decision["trust"] == "local" and run["engine_trust"] != "local":
        signed = f"signed by this machine's own key, ledger entry {outcome.receipt.index + 1}"
    else:
        signed = f"signed by {decision['signer']}, ledger entry {outcome.receipt.index + 1}"
    if run["engine_trust"] != "embedded":
        signed += f", engine {run['engine']} (trust {run['engine_trust']})"
    stem = f"{verdict.output_dir}/{outcome.request.stem}.{{json,md}}"
    last = f"wrote {stem}"
    if outcome.decision.id:
        last += f"   explain: dpone decision show {outcome.decision.id[:8]}"
    return [f"{counts}, {signed}", last]


def plural(number: int, noun: str) -> str:
    """`1 item`, `2 items`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def paint(word: str, colour: bool) -> str:
    """The word in its colour, where colour is wanted."""
    return f"\033[{_COLOURS[word]}m{word}\033[0m" if colour else word


def _denied(finding: Finding, uris: Mapping[str, str], width: int, colour: bool) -> list[str]:
    indent = " " * (width + 8)
    name = one_line(finding.evidence) or "-"
    message = finding.message.removeprefix(f"{finding.evidence} ") if finding.evidence else finding.message
    where = "   ".join(part for part in (place(finding, uris), f"rule {finding.rule}") if part)
    lines = [f"{paint('FAIL', colour)}  {name:<{width}}  {message}", f"{indent}{where}"]
    return [*lines, f"{indent}-> {finding.remedy}"] if finding.remedy else lines


def _warned(group: Sequence[Finding], colour: bool) -> list[str]:
    lines = [f"{paint('warn', colour)}  {concern_sentence(group)}"]
    remedy = concern_remedy(group)
    return [*lines, f"      -> {remedy}"] if remedy else lines


def _cut(body: list[str], outcome: Outcome) -> list[str]:
    if len(body) <= LINES - 3:
        return body
    kept = body[: LINES - 4]
    return [*kept, f"... and {len(body) - len(kept)} more lines, see {outcome.request.stem}.md"]
