"""Asking the rules again about something decided earlier: the same path up to the answer, and nothing is kept."""

from __future__ import annotations

from typing import Any

from dpone.decisions.decide import engines, judge
from dpone.decisions.gather import whole_input
from dpone.decisions.recall import Recalled, same_materials
from dpone.decisions.request import Context, GateRequest
from dpone.decisions.result import Result, undecided
from dpone.decisions.sealing import materials
from dpone.errors import UndecidedError
from dpone.record import dataclass, field


@dataclass(frozen=True)
class Rehearsal:
    """What a request would be answered now, and what on: the materials, the policy layers and the effective
    configuration by digest."""

    result: Result
    materials: tuple[dict[str, Any], ...] = ()
    policies: dict[str, str] = field(default_factory=dict)
    config: str = ""

    def confirms(self, recalled: Recalled) -> bool:
        """Whether an earlier passed decision would be the same today: on the same evidence, layers and
        configuration, passed, and with no warning more than then."""
        signed = recalled.signed
        return (
            signed["passed"] is True
            and self.result.passed
            and self.result.checks()["warned"] <= signed["checks"]["warned"]
            and self.same_rules(recalled)
            and same_materials(signed["materials"], self.materials)
        )

    def same_rules(self, recalled: Recalled) -> bool:
        """Whether it was decided by the same layers with the same configuration."""
        return (recalled.signed["config"], recalled.signed["policies"]) == (self.config, self.policies)


def rehearse(request: GateRequest, context: Context) -> Rehearsal:
    """Collect and judge as `decide` does. What keeps the rules from an answer is an undecided result."""
    with engines(context, 1 + len(request.policies)) as running:
        try:
            evidence, team, gate_input = whole_input(request, context)
            layers, result = judge(request, (team, running), gate_input, evidence, context)
        except UndecidedError as fault:
            return Rehearsal(undecided(fault.message, fault.code))
    return Rehearsal(
        result,
        tuple(materials(evidence, request)),
        {layer.name: layer.digest for layer in layers},
        gate_input.config_digest,
    )
