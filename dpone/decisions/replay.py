"""Taking a stored decision again: from what the ledger keeps, and, on demand, from the evidence itself."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

from dpone.canonical import canonical_bytes
from dpone.decisions.batch import WORKERS
from dpone.decisions.engine_pool import EnginePool
from dpone.decisions.evaluate import ask, begun, joined
from dpone.decisions.gate_input import GateInput
from dpone.decisions.kept import given_again, kept_layer, kept_reader, question_of
from dpone.decisions.redacted import without_secrets
from dpone.decisions.request import Context
from dpone.decisions.result import Result
from dpone.decisions.stored import Stored
from dpone.errors import UndecidedError
from dpone.evidence.collect import Surroundings, collect
from dpone.evidence.model import Subject
from dpone.policy.kinds import joined_kinds
from dpone.policy.layers import Layer
from dpone.record import dataclass
from dpone.workspace import parse_time

AHEAD = 4
"""How many questions an engine has before it: the one it works on and the next ones, so that it never waits."""

COMPARED = (
    "kind", "producer", "state", "reason", "reported", "contradictions", "counts", "binding", "foreign_fields",
    "dated", "produced_at", "age_seconds", "from_future", "facts",
)  # fmt: skip
"""The fields of an item that collecting again must reproduce. What a seal is worth depends on the trust
file of the day and is judged by `verify`."""


@dataclass(frozen=True)
class Replayed:
    """What taking a decision again gave: `same` when the result has the same bytes; else the
    differences, or in `missing` what could not be had."""

    id: str
    same: bool
    differences: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class Replayer:
    """Replays decisions, one after the other, in engines that stay loaded; `engine` as `EnginePool` has it."""

    def __init__(self, context: Context, engine: str = "") -> None:
        self.context = context
        self.pool = EnginePool(context, engine)
        self.layers: dict[str, Layer] = {}

    def __enter__(self) -> Replayer:  # noqa: PYI034 - typing.Self is newer than Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.close()

    def replay(self, stored: Stored, *, again: bool = False) -> Replayed:
        """Evaluate the stored input under the stored layers and configuration; with `again`, also
        collect the kept evidence again and compare it with the stored input."""
        return self.begin(stored, again=again)()

    def begin(self, stored: Stored, *, again: bool = False) -> Callable[[], Replayed]:
        """Send the question and do not wait: what is returned compares the answer, as `replay` does."""
        try:
            data, config = stored.read(stored.digest("input")), stored.read(stored.digest("config"))
            gate_input = GateInput(json.loads(data), data, json.loads(config), config)
            expected = stored.read(stored.digest("result"))
            if _undecided(expected) and not json.loads(expected)["table"]:
                return partial(Replayed, stored.id, True)
            layers = {digest: self._layer(stored, digest) for digest in _ordered(stored.digests("layers"))}
            result = self._begun(layers, gate_input)
        except UndecidedError as gone:
            return partial(Replayed, stored.id, False, missing=(gone.message,))
        return lambda: self._compared(stored, gate_input, expected, result(), again=again)

    def _begun(self, layers: Mapping[str, Layer], gate_input: GateInput) -> Callable[[], Result]:
        """Ask the layers of then. An engine that ended answers nobody else, and the next is asked once more: what
        it did before, or a machine that ended it, is not this decision's."""
        evidence = gate_input.evidence
        pairs = self.pool.take(layers, gate_input)
        answers = begun(pairs, gate_input)

        def result() -> Result:
            found = joined(answers, pairs, gate_input, evidence)
            self.pool.give_back(pairs)
            if found.status == "undecided":
                self.pool.drop(pairs)
                fresh = self.pool.take(layers, gate_input)
                found = ask(fresh, gate_input, evidence)
                self.pool.give_back(fresh)
            return found

        return result

    def _compared(
        self,
        stored: Stored,
        gate_input: GateInput,
        expected: bytes,
        result: Result,
        *,
        again: bool,
    ) -> Replayed:
        if result.status == "undecided" and result.problem and not _undecided(expected):
            return Replayed(stored.id, False, missing=(result.problem,))
        told = result.compared()
        same = _written(told) == expected or canonical_bytes(told) == expected
        differences = [] if same else _differences(json.loads(expected), told)
        missing: tuple[str, ...] = ()
        if again:
            changed, missing = _collect_again(stored, gate_input.document, self.context)
            differences += changed
        return Replayed(stored.id, not differences and not missing, tuple(differences), missing)

    def _layer(self, stored: Stored, digest: str) -> Layer:
        """A layer as it was kept, with all its rules."""
        if digest not in self.layers:
            self.layers[digest] = kept_layer(stored, digest)
        return self.layers[digest]


def replay_many(
    chosen: Iterable[Stored], context: Context, *, again: bool = False, engine: str = ""
) -> list[tuple[Stored, Replayed]]:
    """Replay several decisions, in their order; `engine` as `EnginePool` has it. Engines are processes of their own:
    while they start and work, the next decisions are read and prepared, and the last answers compared."""
    told: list[tuple[Stored, Replayed]] = []
    waiting: deque[tuple[Stored, Callable[[], Replayed]]] = deque()
    with ExitStack() as stack:
        replayers: list[Replayer] = []
        for number, stored in enumerate(chosen):
            if len(replayers) < WORKERS:
                replayers.append(stack.enter_context(Replayer(context, engine)))
            waiting.append((stored, replayers[number % len(replayers)].begin(stored, again=again)))
            if len(waiting) > AHEAD * len(replayers):
                first, finish = waiting.popleft()
                told.append((first, finish()))
        return told + [(stored, finish()) for stored, finish in waiting]


def _undecided(result: bytes) -> bool:
    """Whether a recorded result came to no decision; most need not be parsed to say no."""
    return b'"status":"undecided"' in result and json.loads(result)["status"] == "undecided"


def _written(value: Any) -> bytes:
    """JSON as it is canonical but for some numbers and names of keys, and written much faster."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def _ordered(layers: Mapping[str, str]) -> list[str]:
    """Digests of layers, the built-in one first, as they were asked."""
    return [layers[name] for name in sorted(layers, key=lambda name: (name != "dpone", name))]


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    found = []
    if old["status"] != new["status"]:
        found.append(f"status was {old['status']}, is {new['status']}")
    before = {f["fingerprint"] + f["pointer"]: f for f in old["findings"]}
    after = {f["fingerprint"] + f["pointer"]: f for f in new["findings"]}
    for key in sorted(before.keys() | after.keys()):
        a, b = before.get(key), after.get(key)
        if a != b:
            one = a or b or {}
            word = "changed" if a and b else ("gone" if a else "new")
            found.append(f"finding {one['rule']} on {one['evidence'] or 'the gate'} is {word}")
    rows_before, rows_after = {tuple(r) for r in old["table"]}, {tuple(r) for r in new["table"]}
    for rule, name, ok in sorted(rows_before ^ rows_after):
        found.append(f"{rule} on {name or 'the gate'}: {'cleared' if ok else 'not cleared'} on one side only")
    return found or ["the results differ in their counts"]


def _collect_again(
    stored: Stored, document: Mapping[str, Any], context: Context
) -> tuple[list[str], tuple[str, ...]]:
    question = question_of(stored)
    missing: list[str] = []
    read = kept_reader(stored, question, context.workspace, missing)
    now = parse_time(question["evaluated_at"], "evaluated_at")
    around = Surroundings(
        read,
        context.workspace.uri,
        Subject(**document["subject"]),
        context.judges(document["subject"]["environment"], now),
        now,
        question["file_limit"],
        question["depth"],
        joined_kinds(stored.json(digest).get("kinds", {}) for digest in _ordered(stored.digests("layers"))),
    )
    again = {}
    for descriptor in given_again(question, context.workspace):
        item = without_secrets(collect(descriptor, around)).item()
        again[item["name"], item["source"]["uri"], item["source"]["sha256"]] = item
    return _compare_items(document["evidence"], again), tuple(missing)


def _compare_items(before: Sequence[Mapping[str, Any]], again: Mapping[tuple[str, str, str], Any]) -> list[str]:
    found = []
    for item in before:
        if item["producer"] == "service" or item["state"] == "omitted":
            continue
        key = (item["name"], item["source"]["uri"], item["source"]["sha256"])
        other = again.get(key)
        if other is None:
            found.append(f"evidence {item['name']}: other bytes than were decided on")
            continue
        if item["state"] == "superseded":  # by the ledger of that day, not by what the file holds
            other = {**other, "state": item["state"], "reason": item["reason"]}
        fields = [f for f in COMPARED if canonical_bytes(item[f]) != canonical_bytes(other[f])]
        if fields:
            found.append(f"evidence {item['name']} reads differently now: {', '.join(fields)}")
    return found
