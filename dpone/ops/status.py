"""Where a release stands on its way into an environment: what is proved, what is red or missing, what is next.

Nothing is decided here: every line is a decision that the ledger has, or the command that would take the next.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Literal

from dpone.clock import parse_time
from dpone.decisions.gather import recall_of
from dpone.decisions.recall import Recall, Recalled
from dpone.evidence.collect import Recorded
from dpone.ops import approvals
from dpone.ops.lifecycle import Step, latest
from dpone.ops.next_commands import NextCommands
from dpone.ops.session import Session
from dpone.record import dataclass, replace
from dpone.workspace import time_text

State = Literal["done", "red", "expired", "outdated", "waiting", "todo"]
"""`done`: passed, and young enough to be built on; `expired`: passed too long ago; `outdated`: passed, and what it
was built on was decided anew since; `waiting`: an approval that nobody rejected and that still lacks people."""

BUILT_ON = {
    "change-request": ("release-gate",),
    "release-promote": ("release-gate",),
    "post-deploy-verify": ("deployment-record",),
}
"""The steps whose newer decision takes the ground from a step, by the step."""


@dataclass(frozen=True)
class Row:
    """One step: its gate, how it stands, the decision behind it (empty when there is none), what there is to
    say, and the command that comes next for it."""

    gate: str
    state: State
    decision: str = ""
    entry: int = 0
    decided_at: str = ""
    signer: str = ""
    counts_until: str = ""
    details: tuple[str, ...] = ()
    command: str = ""


@dataclass(frozen=True)
class Status:
    """Where a release stands. `rows` are in the order of the steps."""

    release: str
    environment: str
    before: str
    rows: tuple[Row, ...]

    @property
    def next(self) -> Row | None:
        """The first step that is not done."""
        return next((row for row in self.rows if row.state != "done"), None)

    @property
    def holds(self) -> bool:
        """Whether nothing so far is red, has expired or is outdated."""
        return all(row.state not in ("red", "expired", "outdated") for row in self.rows)

    def document(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "release": self.release,
            "environment": self.environment,
            "before": self.before,
            "holds": self.holds,
            "closed": self.next is None,
            "next": self.next.command if self.next else "",
            "steps": [{**vars(row), "details": list(row.details)} for row in self.rows],
        }


def status_of(session: Session) -> Status:
    """Where the session's release stands on its way into its environment. Raises `UndecidedError` when the
    ledger cannot be read."""
    recall = recall_of(session.context, session.subject.environment)
    release, target = session.subject.release, session.subject.environment or _target(session, recall)
    before = str(session.config.find("environments", target, "after") or "") if target else ""
    here = {"release": (release,), "environment": (target,)}
    gate = latest(recall, Step("", "release_gate", {"release": (release,), **_before(before)}))
    before = before or (gate.signed["subject"]["environment"] if gate else "")
    words = NextCommands(release, target, before)
    drift = latest(recall, Step("", "env_drift", {"environment": (target,), "release": (release, "")}))
    change = latest(recall, Step("", "change_request", here))
    of_change = {**here, "change_id": (change.signed["subject"]["change_id"],)} if change else here
    approval = latest(recall, Step("", "approval_record", of_change)) if change else None
    promotion = latest(recall, Step("", "promotion_manifest", here))
    deployed = latest(recall, Step("", "deployment_record", here))
    of_deployment = (
        {**here, "deployment_id": (deployed.signed["subject"]["deployment_id"],)} if deployed else here
    )
    verified = latest(recall, Step("", "post_deploy_verify", of_deployment)) if deployed else None
    closed = latest(recall, Step("", "release_close", of_deployment)) if deployed else None
    change_id = change.signed["subject"]["change_id"] if change else "ID"
    deployment = deployed.signed["subject"]["deployment_id"] if deployed else "ID"
    told = (
        _row(session, "release-gate", gate, words.gate(), "release-promote"),
        _row(session, "env-drift", drift, words.drift(), "release-promote"),
        _told(_row(session, "change-request", change, words.change(), "approval-record"), _change(change)),
        _approval(session, approval, change, recall, words.approval(change_id)),
        _row(session, "release-promote", promotion, words.promote(), "deployment-record"),
        _told(
            _row(session, "deployment-record", deployed, words.deploy(), "post-deploy-verify"),
            _deployed(deployed),
        ),
        _row(
            session, "post-deploy-verify", verified, words.verify(deployment, _checks(session)), "release-close"
        ),
        _row(session, "release-close", closed, words.close(), ""),
    )
    return Status(release, target, before, tuple(_used(tuple(_grounded(told)))))


def _checks(session: Session) -> list[str]:
    """The checks that a verification must be given."""
    asked = session.config.for_gate("post-deploy-verify", "require")
    return [] if asked == "declared" else list(asked)


def _grounded(rows: tuple[Row, ...]) -> Iterator[Row]:
    """The rows; a step is outdated when what it was built on was decided anew. Once the release is deployed, a
    new decision before that is the way of the next deployment."""
    entries = {row.gate: row.entry for row in rows}
    deployed = any(row.gate == "deployment-record" and row.state == "done" for row in rows)
    for row in rows:
        newer = any(entries[gate] > row.entry for gate in BUILT_ON.get(row.gate, ()))
        free = deployed and row.gate != "post-deploy-verify"
        yield (
            replace(row, state="outdated", counts_until="")
            if row.state == "done" and newer and not free
            else row
        )


def _used(rows: tuple[Row, ...]) -> Iterator[Row]:
    """The rows; a step that a later one was built on in time does not expire afterwards."""
    for place, row in enumerate(rows):
        built_on = any(later.state == "done" for later in rows[place + 1 :])
        yield replace(row, state="done", counts_until="") if row.state == "expired" and built_on else row


def _target(session: Session, recall: Recall) -> str:
    """The environment that the release was last taken to, else the first that comes after another."""
    for found in recall.all("", {"release": session.subject.release}):
        if found.signed["kind"] in ("change_request", "promotion_manifest", "deployment_record"):
            return str(found.signed["subject"]["environment"])
    names = session.config.names("environments")
    return next((n for n in names if session.config.find("environments", n, "after")), "")


def _before(before: str) -> Mapping[str, tuple[str, ...]]:
    return {"environment": (before, "")} if before else {}


def _row(session: Session, gate: str, found: Recalled | None, command: str, used_by: str) -> Row:
    """The row of a step; `used_by` is the gate that builds on it, whose `max_age` says how long it counts."""
    if found is None:
        return Row(gate, "todo", command=command)
    now = session.workspace.clock.now()
    decided = parse_time(found.signed["decided_at"], "decided_at")
    until = decided + timedelta(seconds=session.config.for_gate(used_by, "max_age")) if used_by else None
    state: State = "done" if found.signed["passed"] is True and found.heard else "red"
    if state == "done" and until is not None and until < now:
        state = "expired"
    details = () if state != "red" else (f"why: dpone decision show {found.stored.id[:12]}",)
    details = details if found.heard else (found.vouched.seal.reason,)
    return Row(
        gate,
        state,
        found.stored.id,
        found.stored.entry.index + 1,
        found.signed["decided_at"],
        found.vouched.seal.signer,
        time_text(until) if until and state == "done" else "",
        details,
        command,
    )


def _told(row: Row, detail: str) -> Row:
    """The row with what belongs to it, first."""
    return replace(row, details=(detail, *row.details)) if detail else row


def _change(found: Recalled | None) -> str:
    """Which change, in one line."""
    if found is None:
        return ""
    said = found.signed.get("said", {})
    return f"{found.signed['subject']['change_id']}: {said.get('risk_level')} risk, asked for by {said.get('requested_by')}"


def _deployed(found: Recalled | None) -> str:
    """Which deployment, in one line."""
    if found is None:
        return ""
    said = found.signed.get("said", {})
    return f"{found.signed['subject']['deployment_id']}: {said.get('status')}, by {said.get('deployer') or 'nobody named'}"


def _approval(
    session: Session, found: Recalled | None, change: Recalled | None, recall: Recall, command: str
) -> Row:
    """The row of the approval, with who said what and who is still asked."""
    if change is None:
        return Row("approval-record", "todo", command=command)
    said = change.signed.get("said", {})
    request = change.recorded()
    votes = approvals.votes_of(recall.ledger, change.signed["subject"]["change_id"], recall.judges)
    rows = approvals.rows(votes, session, _digest(request), said)
    lines = tuple(_vote_line(row) for row in rows)
    voted = {row["person"] for row in rows if row["same_request"]}
    missing = [name for name in said.get("approvers", []) if name not in voted]
    if found and found.signed.get("said", {}).get("change_request") != _digest(request):
        found = None  # it was given to the request as it was before
    row = _row(session, "approval-record", found, command, "deployment-record")
    rejected = any(r["decision"] == "rejected" and r["same_request"] and r["listed"] for r in rows)
    if row.state == "done":
        return replace(row, details=lines)
    state: State = row.state if rejected or row.state == "expired" else "waiting"
    asked = (f"no answer from {', '.join(missing)}",) if missing else ()
    who = missing[0] if missing else "WHO"
    return replace(row, state=state, details=(*lines, *asked), command=command.replace("WHO", shlex.quote(who)))


def _vote_line(row: Mapping[str, Any]) -> str:
    recorded_by = "own key" if row["recorded_by"].startswith("SHA256:") else row["recorded_by"]
    how = "signed" if row["signed"] else f"asserted by {recorded_by or 'nobody'}"
    idle = "" if row["same_request"] and row["listed"] and not row["expired"] else ", does not count"
    return f"{row['decision']:<9} {row['actor']}  {row['decided_at']}, {how}{idle}"


def _digest(request: Recorded) -> str:
    from dpone.canonical import sha256_hex

    return sha256_hex(request.data)
