"""Environment drift: two environments' configurations, compared value by value before a promotion."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from typing import Any

from dpone.data.drift import Drift, Flat, compare, listing, read_flat
from dpone.data.drift.allowed import NOTHING
from dpone.data.secrets.redact import redact
from dpone.decisions.request import GateRequest, Verdict
from dpone.errors import UsageError
from dpone.evidence.collect import Service
from dpone.ops.session import Session
from dpone.ops.source import Source, interpret, unusable
from dpone.record import dataclass, replace
from dpone.reports.markdown import table

ARTIFACT, NAME = "env_drift", "drift"
LISTING = "env_drift_differences.json"
IN_ARTIFACT, IN_MARKDOWN = 1_000, 100
"""Differences in the artifact and in its Markdown; all of them stand in `LISTING`."""


@dataclass(frozen=True)
class Sides:
    """The two environments and their documents, source first. `same_file` says that both paths lead to one
    file."""

    source_environment: str
    target_environment: str
    source: Source
    target: Source
    same_file: bool

    @property
    def sources(self) -> tuple[Source, Source]:
        """Both documents."""
        return self.source, self.target


def request(session: Session, sides: Sides, allowlist: Sequence[str]) -> GateRequest:
    """Ask whether two environments differ only where they may. `allowlist` are exact paths typed by hand."""
    lists = session.config.get("drift", "lists")
    left, source = _flat(sides.source, lists)
    right, target = _flat(sides.target, lists)
    sides = replace(sides, source=source, target=target)
    drift = None
    if left is not None and right is not None:
        allow, now = session.config.get("drift", "allow"), session.workspace.clock.now()
        drift = compare(left, right, allow, allowlist, now, secrets.token_bytes(32))
    service = unusable(NAME, ARTIFACT, sides.sources) or _service(drift, sides, lists)
    return replace(
        session.ask(ARTIFACT, lambda verdict: view(verdict, drift, sides, lists)),
        services=(service,),
        files=lambda _: {LISTING: drift.listing if drift else listing(())},
        sections=_section(drift, sides) if drift else (),
        said=_said(drift, sides),
        title="Environment drift",
    )


def _flat(side: Source, lists: str) -> tuple[Flat | None, Source]:
    """One document flattened, and its source as it may be shown."""
    name = "" if side.origin in ("inline", "stdin") else side.origin
    flat, side = interpret(side, lambda source: read_flat(source.data, name, lists))
    return flat, replace(side, origin=redact(side.origin))


def same_file(session: Session, source: str, target: str) -> bool:
    """Whether two arguments name one file, by whatever path or link."""
    try:
        paths = [session.workspace.argument(text.removeprefix("@")) for text in (source, target)]
        return paths[0].samefile(paths[1])
    except (OSError, ValueError, UsageError):
        return False


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()


def _service(drift: Drift | None, sides: Sides, lists: str) -> Service:
    assert drift is not None
    facts = {
        "source_environment": sides.source_environment,
        "target_environment": sides.target_environment,
        "same_environment": _folded(sides.source_environment) == _folded(sides.target_environment),
        "same_file": sides.same_file,
        "lists": lists,
        **drift.facts(),
    }
    allowed = drift.count("config", "command_line")
    told = f"{drift.compared} values, {len(drift.differences)} differ, {allowed} of them allowed"
    by_hand = drift.count("command_line")
    return Service(
        NAME,
        ARTIFACT,
        facts,
        f"{told}, {by_hand} by --allowlist-path alone" if by_hand else told,
        materials=tuple(side.material() for side in sides.sources),
    )


def _said(drift: Drift | None, sides: Sides) -> dict[str, Any]:
    """What later gates may ask of this decision; its own verdict is beside it."""
    return {
        "source_environment": sides.source_environment,
        "target_environment": sides.target_environment,
        "blocking": drift.count(NOTHING, "expired") if drift else 0,
        "allowed": drift.count("config", "command_line") if drift else 0,
    }


def view(verdict: Verdict, drift: Drift | None, sides: Sides, lists: str) -> dict[str, Any]:
    """The fields old scripts read; whether a typed path may allow anything is what the rules said."""
    undecided = verdict.result.status == "undecided"
    refused = undecided or any(f.rule == "env-drift.allowance_recorded" for f in verdict.result.denied)
    allowed = ("config",) if refused else ("config", "command_line")
    differences = drift.differences if drift else ()
    blockers = [d.path for d in differences if d.allowed_by not in allowed]
    return {
        "source_environment": sides.source_environment,
        "target_environment": sides.target_environment,
        "source_path": sides.source.origin,
        "target_path": sides.target.origin,
        "source_sha256": sides.source.material()["sha256"],
        "target_sha256": sides.target.material()["sha256"],
        "blockers": blockers[:IN_ARTIFACT],
        "allowed_drift_count": len(differences) - len(blockers),
        "blocking_drift_count": len(blockers),
        "output_dir": verdict.output_dir,
        "differences": [
            {**d.row(), "allowed": d.allowed_by in allowed, "allowance": d.allowance}
            for d in differences[:IN_ARTIFACT]
        ],
        "differences_total": len(differences),
        "compared": drift.compared if drift else 0,
        "lists": lists,
        "allowlist": [entry.fact() for entry in (drift.entries if drift else ())],
    }


def _section(drift: Drift, sides: Sides) -> tuple[str, ...]:
    """The differences as Markdown."""
    if not drift.differences:
        return ()
    rows = [
        (f["path"], f["kind"], f["source"], f["target"], f["allowance"] or "not allowed")
        for f in (d.fact(n) for n, d in enumerate(drift.differences[:IN_MARKDOWN]))
    ]
    head = ("path", "what", sides.source_environment, sides.target_environment, "allowed")
    more = len(drift.differences) - len(rows)
    return (
        "## Differences", "", *table(head, rows), "",
        *((f"and {more} more in {LISTING}", "") if more else ()),
    )  # fmt: skip
