"""Runbook pack: one page for an operator, from what is really attached: where the release stands, what to mend in
which order, the way back, and what to hand over."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from dpone.decisions.request import GateRequest, Verdict
from dpone.evidence.model import Evidence
from dpone.ops.packs import action_rows, artifact_root, clean, pack, required_names, title_of
from dpone.ops.session import Session
from dpone.record import replace
from dpone.reports.markdown import code, escape, table
from dpone.reports.packs import action_list, state_word, status_table
from dpone.workspace import check_id

ARTIFACT = "runbook_pack"
RUNBOOK = "OPERATOR_RUNBOOK.md"
ROLLBACK_KINDS = ("rollback_plan", "rollback_execute")
STEPS = 100


def request(session: Session, runbook_id: str, title: str, artifacts: Sequence[str]) -> GateRequest:
    """Ask whether an operator may go by what is attached. Raises `UsageError`."""
    check_id(runbook_id, "--runbook-id")
    title = title_of(title)
    required = required_names(session)

    def view(verdict: Verdict) -> dict[str, Any]:
        """The fields old scripts read, and beside them what to mend and the steps back."""
        return {
            "runbook_id": runbook_id,
            "title": title,
            "blockers": verdict.blockers(),
            "output_dir": verdict.output_dir,
            "operator_runbook_path": f"{verdict.output_dir}/{RUNBOOK}",
            "sections": verdict.items(),
            "actions": action_rows(verdict, required),
            "rollback": [step for e in rollbacks(verdict) for step in rollback_steps(e)],
        }

    def files(verdict: Verdict) -> Mapping[str, bytes]:
        return {
            RUNBOOK: ("\n".join(runbook(verdict, runbook_id, title, required)).rstrip("\n") + "\n").encode()
        }

    return replace(
        pack(session, ARTIFACT, artifacts, view),
        files=files,
        said={"runbook_id": runbook_id},
        title=f"Runbook {runbook_id}: {title}",
    )


def runbook(verdict: Verdict, runbook_id: str, title: str, required: Sequence[str]) -> list[str]:
    """The page, in the seed's four sections."""
    subject = [f"{name} {value}" for name, value in vars(verdict.subject).items() if value]
    times = {e.name: e.produced_at for e in verdict.evidence}
    return [
        f"# {escape(title)}: {state_word(verdict.passed).upper()}",
        "",
        f"- runbook {escape(runbook_id)}, made {escape(verdict.decided_at)}",
        *(f"- {escape(line.replace('_', ' '))}" for line in subject),
        "",
        "## Current status",
        "",
        *status_table(verdict.items(), times),
        "## Go-live checklist",
        "",
        *_go_live(verdict, required),
        "## Rollback checklist",
        "",
        *_rollback(verdict),
        "## Incident handoff checklist",
        "",
        *_handoff(verdict),
    ]


def _go_live(verdict: Verdict, required: Sequence[str]) -> list[str]:
    red = action_rows(verdict, required)
    warned = [
        f"- [ ] look at: {escape(clean(f.message))} → {escape(clean(f.remedy))}" for f in verdict.result.warned
    ]
    done = [
        f"- [x] {escape(e.name)}: {escape(clean(e.summary))}"
        for e in verdict.evidence
        if verdict.result.item_passed(e.name)
    ]
    if red:
        return ["Do not go live. Mend in this order:", "", *action_list(red), *warned, *_gap(warned)]
    return ["Nothing attached is red. What was proved:", "", *done, *warned, ""]


def _gap(lines: Sequence[str]) -> list[str]:
    return [""] if lines else []


def rollbacks(verdict: Verdict) -> list[Evidence]:
    """The attached rollback evidence of dpone's own whose seal holds."""
    return [e for e in verdict.evidence if e.kind in ROLLBACK_KINDS and artifact_root(e)]


def rollback_steps(item: Evidence) -> list[dict[str, str]]:
    """The steps that rollback evidence names: those planned, and those to do afterwards."""
    root = artifact_root(item)
    found = []
    for field in ("actions", "planned_actions", "post_actions"):
        rows = root.get(field, [])
        for row in (rows if isinstance(rows, list) else [])[:STEPS]:
            step = row if isinstance(row, dict) else {"kind": row}
            found.append(
                {
                    "item": item.name,
                    "when": "after" if field == "post_actions" else "rollback",
                    "step": clean(step.get("kind", step.get("action", ""))),
                    "risk": clean(step.get("risk", "")),
                    "what": clean(step.get("sql", step.get("reason", ""))),
                }
            )
    return found


def _rollback(verdict: Verdict) -> list[str]:
    found = rollbacks(verdict)
    if not found:
        return [
            "No rollback evidence is attached: this runbook knows no way back.",
            "",
            "- [ ] attach the rollback plan of this release, and make this runbook again",
            "",
        ]
    lines = []
    for item in found:
        root = artifact_root(item)
        about = [
            (n, clean(root[n]))
            for n in ("sink", "target", "load_id", "strategy", "lock_id", "message")
            if n in root
        ]
        about += [
            (n, str(root[n] is True).lower()) for n in ("dry_run", "applied", "backup_validated") if n in root
        ]
        state = state_word(verdict.result.item_passed(item.name))
        lines += [f"From {escape(item.name)} ({escape(item.uri)}), which {state}:", ""]
        lines += [*table(("what", "value"), about), ""] if about else []
        steps = rollback_steps(item)
        lines += [_step(number, step) for number, step in enumerate(steps, 1)] or ["It names no step."]
        lines.append("")
    return lines


def _step(number: int, step: Mapping[str, str]) -> str:
    told = [f"- [ ] {number}\\. {escape(step['step'] or 'a step without a name')}"]
    told += [", afterwards"] if step["when"] == "after" else []
    told += [f": {escape(step['what'])}"] if step["what"] else []
    told += [f" (risk {escape(step['risk'])})"] if step["risk"] else []
    return "".join(told)


def _handoff(verdict: Verdict) -> list[str]:
    lines = [
        f"- [ ] hand over {escape(e.name)}: {escape(e.uri)} (sha256 {e.sha256[:16] or 'none'})"
        for e in verdict.evidence
    ]
    signers = sorted({e.seal.signer for e in verdict.evidence if e.seal.signer})
    lines += [f"- [ ] tell who signed the evidence: {escape(', '.join(signers))}"] if signers else []
    names = [e.name for e in verdict.evidence if not verdict.result.item_passed(e.name)]
    lines += [f"- [ ] name an owner for {escape(name)}, which is red" for name in names]
    given = " ".join(f"--artifact {shlex.quote(f'{e.name}={e.uri}')}" for e in verdict.evidence)
    command = f"dpone ops incident-pack --incident-id ID --title TITLE {given}".strip()
    return [*lines, f"- [ ] put it into one pack: {code(command)}", ""]
