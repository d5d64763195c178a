"""Production maturity: how far a release is from general availability, domain by domain."""

from __future__ import annotations

from collections.abc import Sequence

from dpone.decisions.request import GateRequest
from dpone.ops.readiness import common_view, ready_request, sections
from dpone.ops.session import Session
from dpone.record import replace

GATE, ARTIFACT = "production-maturity", "production_maturity"
REQUIRED = ("certification", "cdc", "performance", "security", "supply_chain", "governance", "docs")
LEVEL = "production-maturity.level"


def request(session: Session, artifacts: Sequence[str], require: Sequence[str]) -> GateRequest:
    """Ask whether a release is ready for production. `require` adds domains to the seven."""
    asked, domains = ready_request(session, ARTIFACT, REQUIRED, artifacts, require)
    return replace(
        asked,
        view=lambda verdict: common_view(verdict, domains, LEVEL, ARTIFACT),
        told=lambda verdict: _told(common_view(verdict, domains, LEVEL, ARTIFACT)),
    )


def _told(view: dict[str, object]) -> list[str]:
    items, raising = view["items"], view["next"]
    assert isinstance(items, list)
    assert isinstance(raising, list)
    return sections(items, raising)
