"""What would change: stored decisions taken again under other policies, configuration and trust. Nothing is recorded.

The world to be tried is what dpone.yaml, the trust file and the given layers say now; what was decided stays what
the ledger has. Evidence is read again from the ledger's store, so that objectives, pinned kinds and trusted keys
count as they are now; the clock is that of the decision.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from dpone.canonical import canonical_bytes
from dpone.decisions.batch import batch
from dpone.decisions.evaluate import ask, load
from dpone.decisions.gate_input import GateInput, config_document
from dpone.decisions.result import Finding
from dpone.decisions.stored import Stored
from dpone.errors import DponeError, UndecidedError
from dpone.evidence.model import Evidence
from dpone.ops.session import Session
from dpone.ops.this_world import in_this_world
from dpone.policy.engines.interface import Engine
from dpone.policy.engines.regopy_engine import RegopyEngine
from dpone.policy.layers import Layer, load_builtin, load_layer
from dpone.record import dataclass, replace

ENGINES = 6
"""How many sets of layers a worker keeps loaded."""


@dataclass(frozen=True)
class Change:
    """One finding that is new or gone: its rule, what it is about, and its sentence (empty when it is gone)."""

    rule: str
    evidence: str
    message: str


@dataclass(frozen=True)
class Again:
    """A decision taken again: `before` and `after` are its statuses; `cannot` says why it could not be."""

    stored: Stored
    before: str
    after: str = ""
    new: tuple[Change, ...] = ()
    gone: tuple[Change, ...] = ()
    config: Mapping[str, tuple[Any, Any]] | None = None
    lost: tuple[str, ...] = ()
    cannot: str = ""

    @property
    def flips(self) -> bool:
        """Whether the verdict is another one."""
        return not self.cannot and self.before != self.after

    def row(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "decision": self.stored.id,
            "entry": self.stored.entry.index + 1,
            "gate": self.stored.gate,
            "release": self.stored.subject.release,
            "environment": self.stored.subject.environment,
            "before": self.before,
            "after": self.after,
            "flips": self.flips,
            "new": [vars(change) for change in self.new],
            "gone": [vars(change) for change in self.gone],
            "cannot": self.cannot,
        }


def what_if(
    chosen: Sequence[Stored], session: Session, tell: Callable[[int], None] | None = None
) -> list[Again]:
    """Take decisions again in the session's world, in their order. `tell` hears how many are done."""

    @contextmanager
    def start() -> Iterator[Callable[[Stored], Again]]:
        with ExitStack() as stack:
            worker = _Worker(session, stack)
            yield worker.again

    return batch(chosen, start, tell)


class _Worker:
    """Takes one decision after the other; engines stay loaded while layers and configuration are the same."""

    def __init__(self, session: Session, stack: ExitStack) -> None:
        self.session, self.stack = session, stack
        self.engines: dict[str, list[tuple[Layer, Engine]]] = {}

    def again(self, stored: Stored) -> Again:
        """One decision in the other world; a fault is an answer too."""
        before = str(stored.entry.body["status"])
        try:
            return self._again(stored, before)
        except DponeError as fault:
            return Again(stored, before, cannot=str(fault))

    def _again(self, stored: Stored, before: str) -> Again:
        session = replace(self.session, gate=stored.gate).about(stored.subject)
        document = json.loads(stored.read(stored.digest("input")))
        expected = json.loads(stored.read(stored.digest("result")))
        if before == "undecided":
            return Again(stored, before, cannot="it was undecided, and there is nothing to compare with")
        team = [load_layer(session.workspace.path(path), stored.gate) for path in session.policies]
        document, missing = in_this_world(stored, document, session, team)
        config = config_document(session.config, stored.gate)
        given = GateInput(document, canonical_bytes(document), config, canonical_bytes(config))
        kinds = sorted({e["kind"] for e in document["evidence"] if e["state"] == "present"})
        pairs = self._loaded(stored.gate, kinds, team, given)
        named = {
            e["name"]: Evidence(e["name"], e["source"]["uri"], e["state"], kind=e["kind"])
            for e in document["evidence"]
        }
        result = ask(pairs, given, list(named.values()))
        if result.status == "undecided":
            return Again(stored, before, cannot=result.problem or "the rules could not be run")
        if missing:
            return Again(stored, before, cannot=missing[0])
        old = {f["fingerprint"]: f for f in expected["findings"] if f["state"] in ("denied", "undetermined")}
        new = {f.fingerprint: f for f in result.denied}
        known = json.loads(stored.read(stored.digest("config")))
        return Again(
            stored,
            before,
            result.status,
            tuple(_change(new[key]) for key in sorted(new.keys() - old.keys())),
            tuple(Change(old[k]["rule"], old[k]["evidence"], "") for k in sorted(old.keys() - new.keys())),
            dict(_moved(known, config)),
            tuple(_lost(stored, [layer for layer, _ in pairs])),
        )

    def _loaded(
        self, gate: str, kinds: Sequence[str], team: Sequence[Layer], given: GateInput
    ) -> list[tuple[Layer, Engine]]:
        key = " ".join((gate, given.config_digest, *kinds))
        if key not in self.engines:
            if len(self.engines) >= ENGINES:
                for _, engine in self.engines.pop(next(iter(self.engines))):
                    engine.close()
            pairs: list[tuple[Layer, Engine]] = []
            for layer in (load_builtin(gate, kinds), *team):
                engine = RegopyEngine(deadline_seconds=self.session.config.get("limits", "decide"))
                self.stack.callback(engine.close)
                if layer.entrypoints:
                    load(engine, layer.parts, given.config)
                pairs.append((layer, engine))
            self.engines[key] = pairs
        return self.engines[key]


def _change(finding: Finding) -> Change:
    return Change(finding.rule, finding.evidence, finding.message)


def _moved(
    old: Mapping[str, Any], new: Mapping[str, Any], path: str = ""
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Every leaf of the configuration that has another value; None where there was, or is, none."""
    for name in sorted(old.keys() | new.keys()):
        where = f"{path}.{name}" if path else name
        a, b = old.get(name), new.get(name)
        if isinstance(a, dict) and isinstance(b, dict):
            yield from _moved(a, b, where)
        elif a != b:
            yield where, (a, b)


def _lost(stored: Stored, layers: Sequence[Layer]) -> Iterator[str]:
    """Mandatory rules that answered then and are not asked now."""
    from dpone.policy.shipped_rules import mandatory_rules

    answered = {row[0] for row in json.loads(stored.read(stored.digest("result")))["table"]}
    asked = {rule.id for layer in layers for rule in layer.inventory if rule.answers}
    yield from sorted((answered & mandatory_rules()) - asked)


def unreadable(found: Sequence[Again]) -> UndecidedError | None:
    """Why not one decision could be taken again, when there was one."""
    if found and all(again.cannot for again in found):
        return UndecidedError(f"none of {len(found)} decisions could be taken again: {found[0].cannot}",
                              "see dpone decision replay", code="what_if.none")  # fmt: skip
    return None
