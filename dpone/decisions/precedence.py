"""Which of two recorded decisions stands: what bears on a subject, what takes the place of what, and who is outranked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dpone.evidence.model import Seal, Subject
from dpone.record import asdict
from dpone.signing.trust import person

Claim = tuple[Mapping[str, str], Seal]
"""What a recorded decision is about, and what its seal is worth."""


def concerns(about: Mapping[str, str], subject: Subject) -> bool:
    """Whether a decision about `about` bears on `subject`, of the same release: it names no other environment
    (however that is spelled), deployment or change than the one that is asked about."""
    asked = asdict(subject)
    here = not about["environment"] or person(about["environment"]) == person(subject.environment)
    return here and all(about[name] in ("", asked[name]) for name in ("deployment_id", "change_id"))


def answers(later: Claim, earlier: Claim, asked: Subject) -> bool:
    """Whether a later decision of the same kind, environment and deployment takes the place of an earlier one: by a
    signer of at least the same roles whom not only this machine knows, about the same change, or the first that
    names one. Another run is another try, not another question; so is another commit, unless it is neither the
    earlier one's nor the one that is asked about."""
    (mine, seal), (other, before) = later, earlier
    if not set(before.roles) <= set(seal.roles):
        return False
    if seal.trust == "local" and before.trust != "local":
        return False
    if mine["commit"] not in ("", other["commit"]) and asked.commit not in ("", mine["commit"]):
        return False
    return other["change_id"] in ("", mine["change_id"])


def ranked(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a history, newest first, each with whether it is `outranked`: its signer lacks a role of one before
    it that is not, so that it superseded nothing."""
    needed: set[str] = set()
    told: list[dict[str, Any]] = []
    for row in reversed(list(rows)):
        roles = set(row["roles"])
        outranked = not needed <= roles
        needed = needed if outranked else roles
        told.append({**row, "outranked": outranked})
    return told[::-1]
