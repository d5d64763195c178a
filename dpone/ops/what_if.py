"""What would change: stored decisions taken again under other policies, configuration and trust. Nothing is recorded.

The world to be tried is what dpone.yaml, the trust file and the given layers say now, with the rules of this version;
what was decided stays what the ledger has, and the clock is that of the decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from dpone.decisions.batch import batch
from dpone.decisions.decide import check_pinned
from dpone.decisions.engine_choice import chosen_engine
from dpone.decisions.engine_pool import EnginePool
from dpone.decisions.evaluate import ask
from dpone.decisions.gate_input import GateInput, config_document, made_input
from dpone.decisions.kept import kept_layer
from dpone.decisions.layering import builtin_layer, kinds_of, own_layers, vouched
from dpone.decisions.result import Result, undecided
from dpone.decisions.stored import Stored
from dpone.errors import DponeError, UndecidedError
from dpone.ops.again import Again, Change
from dpone.ops.moved import moved
from dpone.ops.past import Past, as_of, past_of
from dpone.ops.session import Session
from dpone.ops.this_world import in_this_world
from dpone.policy.layers import BUILTIN, Layer
from dpone.record import replace

TRIES = 2
"""How often what could not be decided is asked: the second time by engines that never did anything else, so that
what came before, or a machine that ended one, is not mistaken for the new world."""


def what_if(
    chosen: Sequence[Stored], session: Session, tell: Callable[[int], None] | None = None
) -> list[Again]:
    """Take decisions again in the session's world, in their order. `tell` hears how many are done.

    Raises `LayerRefused` for a layer that does not load, before anything is asked."""
    own_layers(session.ask("", lambda _: {}), session.context)

    @contextmanager
    def start() -> Iterator[Callable[[Stored], Again]]:
        with closing(EnginePool(session.context, chosen_engine(session.context).name)) as pool:
            yield _Worker(session, pool).again

    return batch(chosen, start, tell)


def unreadable(found: Sequence[Again]) -> UndecidedError | None:
    """Why not one decision could be taken again, when there was one."""
    if found and all(again.cannot for again in found):
        return UndecidedError(f"none of {len(found)} decisions could be taken again: {found[0].cannot}",
                              "see dpone decision replay", code="what_if.none")  # fmt: skip
    return None


class _Worker:
    """Takes one decision after the other; engines stay loaded while layers and configuration are the same."""

    def __init__(self, session: Session, pool: EnginePool) -> None:
        self.session, self.pool = session, pool
        self.teams: dict[str, list[Layer]] = {}
        self.kept: dict[str, Layer] = {}
        self.builtin: dict[str, Layer] = {}

    def again(self, stored: Stored) -> Again:
        """One decision in the other world; a fault is an answer too."""
        before = str(stored.entry.body.get("status", ""))
        try:
            return self._again(stored, before)
        except DponeError as fault:
            return Again(stored, before, cannot=str(fault))
        except (AttributeError, KeyError, TypeError, ValueError):
            return Again(stored, before, cannot="what the ledger keeps of it has not the form it should have")

    def _again(self, stored: Stored, before: str) -> Again:
        if before == "undecided":
            return Again(stored, before, cannot="it was undecided, and there is nothing to compare with")
        past, expected = past_of(stored), stored.json(stored.digest("result"))
        session = as_of(past, self.session)
        environment = stored.subject.environment
        team = [vouched(x, session.context, environment) if x.source_digest else x for x in self._team(past)]
        document, missing = in_this_world(past, session, team)
        if missing:
            return Again(stored, before, cannot=missing[0])
        config = config_document(session.config, stored.gate)
        given = made_input(document, config)
        result, layers = self._asked(session, given, team)
        old = {f["fingerprint"]: f for f in expected["findings"] if f["state"] in ("denied", "undetermined")}
        new = {f.fingerprint: f for f in result.denied}
        told = result.status != "undecided" or not result.problem
        return Again(
            stored,
            before,
            result.status,
            tuple(
                Change(new[k].rule, new[k].evidence, new[k].message) for k in sorted(new.keys() - old.keys())
            ),
            tuple(Change(old[k]["rule"], old[k]["evidence"], "") for k in sorted(old.keys() - new.keys()))
            if told
            else (),
            moved(past, session, config),
            tuple(_lost(expected, layers)) if told else (),
            result.problem,
        )

    def _team(self, past: Past) -> list[Layer]:
        """The layers that are configured and given now, and those that were given to the decision's own command
        (`--policy`) and have no namesake among them."""
        gate = past.stored.gate
        if gate not in self.teams:
            asked = replace(self.session, gate=gate).ask("", lambda _: {})
            self.teams[gate] = own_layers(asked, self.session.context)
        team = list(self.teams[gate])
        if past.config is None:
            return team
        named = {layer.name for layer in team} | {Path(p).name for p in past.config.get("policies")} | {BUILTIN}
        for name, digest in sorted(past.stored.digests("layers").items()):
            if name not in named:
                key = f"{gate} {digest}"
                if key not in self.kept:
                    self.kept[key] = kept_layer(past.stored, digest)
                team.append(self.kept[key])
        return team

    def _asked(self, session: Session, given: GateInput, team: Sequence[Layer]) -> tuple[Result, list[Layer]]:
        """Ask the rules; why they could not be is a result too, as it is for a gate."""
        evidence, waived = given.evidence, bool(given.document["waivers"])
        shipped = " ".join((session.gate, *kinds_of(evidence), *(("waivers",) if waived else ())))
        if shipped not in self.builtin:
            self.builtin[shipped] = builtin_layer(session.gate, evidence, given.document)
        layers = [self.builtin[shipped], *team]
        limit = session.config.get("limits", "input")
        try:
            if len(given.data) > limit:
                raise UndecidedError(
                    f"the canonical input has {len(given.data)} bytes, limits.input allows {limit}"
                )
            check_pinned(layers, session.context)
        except UndecidedError as fault:
            return undecided(fault.message, fault.code), layers
        wanted = {f"{shipped} {layer.name} {layer.digest}": layer for layer in layers}
        for _ in range(TRIES):
            try:
                pairs = self.pool.take(wanted, given)
            except UndecidedError as fault:
                result = undecided(fault.message, fault.code)
                continue
            layers = [layer for layer, _ in pairs]
            result = ask(pairs, given, evidence)
            self.pool.give_back(pairs)
            if result.status != "undecided":
                break
            self.pool.drop(pairs)  # an engine that was ended answers nobody else
        return result, layers


def _lost(expected: Mapping[str, Any], layers: Sequence[Layer]) -> Iterator[str]:
    """Mandatory rules that answered then and are not asked now."""
    from dpone.policy.shipped_rules import mandatory_rules

    answered = {row[0] for row in expected["table"]}
    asked = {rule.id for layer in layers for rule in layer.inventory if rule.answers}
    # Those on waivers answer where there are waivers; that one is gone makes nothing greener.
    yield from sorted(r for r in (answered & mandatory_rules()) - asked if not r.startswith("waivers."))
