"""What the ledger knows that bears on a decision: the latest of a kind, earlier ones of the same gate, later
ones than a piece that was given, and red ones that were left out.

An entry counts only as far as its signed envelope says the same and its signer is allowed to say it; an
undecided one supersedes nothing and is evidence of nothing. A signer who was allowed when it was recorded and is
not any more proves nothing, and takes nothing back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from dpone.canonical import sha256_hex
from dpone.decisions.precedence import answers, concerns, ranked
from dpone.decisions.stored import TYPES, Stored
from dpone.evidence.collect import Recorded
from dpone.evidence.model import Evidence, Seal, Subject
from dpone.evidence.seals import Judges, Vouched, judge_decision
from dpone.ledger.interface import Ledger
from dpone.record import asdict, dataclass, replace
from dpone.signing.trust import person

HISTORY = 10
"""How many earlier decisions of a gate the canonical input lists, newest first."""
LEFT_OUT = 20
"""How many red decisions that were left out are named."""

_COMPARED = ("gate", "kind", "status", "passed", "subject")


@dataclass(frozen=True)
class Recalled:
    """A recorded decision whose signature holds: its entry and what was signed. Whether its signer may speak
    stands in `vouched`; `spoke` is the same seal as it was worth when it was recorded, where it is worth nothing
    now."""

    stored: Stored
    vouched: Vouched
    spoke: Seal

    @property
    def signed(self) -> Mapping[str, Any]:
        """The verified predicate."""
        return self.vouched.signed or {}

    @property
    def heard(self) -> bool:
        """Whether its signer may speak now."""
        return self.vouched.seal.trust != "none"

    @property
    def known(self) -> bool:
        """Whether its signer may speak now, or might when it was recorded."""
        return self.spoke.trust != "none"

    @property
    def claim(self) -> tuple[Mapping[str, str], Seal]:
        """What it is about, and what its seal is worth or was."""
        return self.signed["subject"], self.spoke

    @property
    def place(self) -> str:
        """Its name in words and in place of a path: `ledger:7/release_gate.json`, counted from 1."""
        return f"ledger:{self.stored.entry.index + 1}/{self.stored.entry.body['stem']}.json"

    def recorded(self) -> Recorded:
        """Its artifact and its envelope, to be collected as evidence."""
        return Recorded(self.stored.read(_artifact(self.stored)), self.vouched.envelope)

    def sentence(self) -> str:
        """One sentence for a person: which entry, what it said, and when."""
        entry = self.stored.entry
        return f"ledger entry {entry.index + 1}, {self.signed['status']} at {self.signed['decided_at']}"


@dataclass(frozen=True)
class Recall:
    """A ledger, and whose word in it counts; with `before`, as it was before the entry at that index."""

    ledger: Ledger
    judges: Judges
    before: int | None = None

    def latest(self, kind: str, subject: Mapping[str, str]) -> Recalled | None:
        """The highest entry of exactly that kind whose subject has exactly these texts, by an allowed
        signer, whatever its verdict; None when there is none."""
        return next(self.all(kind, subject), None)

    def all(self, kind: str, subject: Mapping[str, str]) -> Iterator[Recalled]:
        """Every such entry that counts, newest first; an empty `kind` means any."""
        return (found for found in self._signed(kind, subject) if found.heard)

    def known(self, kind: str, subject: Mapping[str, str]) -> Iterator[Recalled]:
        """Every such entry, and those whose signer might speak when it was recorded: a key that ran out since
        does not bring back what came before."""
        return (found for found in self._signed(kind, subject) if found.known)

    def unheard(self, kind: str, subject: Mapping[str, str]) -> Iterator[Recalled]:
        """Every such entry whose signature holds and whose signer may not speak, newest first: a key that was
        revoked, has expired, or was never granted this."""
        return (found for found in self._signed(kind, subject) if not found.heard)

    def _signed(self, kind: str, subject: Mapping[str, str], free: Collection[str] = ()) -> Iterator[Recalled]:
        """Every entry whose signature holds, newest first, but for kinds in `free`: an entry says its kind, and
        what is signed must say the same."""
        for entry in self.ledger.find(kind, subject):
            if self.before is not None and entry.index >= self.before:
                continue
            if entry.body.get("kind") in free:
                continue
            if entry.type in TYPES and entry.body.get("status") != "undecided":
                found = self._judged(Stored(entry, self.ledger))
                if found:
                    yield found

    def history(
        self, kind: str, subject: Subject, materials: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Earlier decisions of the same kind and subject as rules see them, newest first, each with whether it
        was taken on the same evidence (`materials`, as signed) and whether it was outranked: the newest, and the
        newest that was not."""
        told: list[dict[str, Any]] = []
        for found in self.all(kind, asdict(subject)):
            signed = found.signed
            told.append(
                {
                    "decision": found.stored.id,
                    "entry": found.stored.entry.index + 1,
                    "status": signed["status"],
                    "passed": signed["passed"],
                    "decided_at": signed["decided_at"],
                    "signer": found.vouched.seal.signer,
                    "roles": list(found.vouched.seal.roles),
                    "same_evidence": same_materials(signed.get("materials", ()), materials),
                }
            )
        told = ranked(told)
        standing = next((row for row in told[HISTORY:] if not row["outranked"]), None)
        seen = any(not row["outranked"] for row in told[:HISTORY])
        return told[:HISTORY] if standing is None or seen else [*told[: HISTORY - 1], standing]

    def outdated(self, item: Evidence) -> Evidence:
        """The item, `superseded` when the ledger has a later decision of its kind and subject."""
        if item.producer != "dpone" or item.state != "present" or not any(item.facts["subject"].values()):
            return item
        newest = next(self.known(item.kind, item.facts["subject"]), None)
        if newest is None or newest.stored.id == item.facts["decision"]:
            return item
        message = f"there is a later {item.kind} about the same: {newest.sentence()}"
        return replace(item, state="superseded", reason="superseded", message=message)

    def left_out(self, subject: Subject, given: Sequence[Evidence], free: Collection[str]) -> list[Evidence]:
        """Red decisions about this subject that nothing later answers and that are not among `given`, but for
        the kinds in `free`: each as an item in the state `omitted`."""
        if not subject.release:
            return []
        own = [e for e in given if e.producer == "dpone" and e.facts]
        seen = {e.facts["decision"] for e in own}
        outdated = {(e.kind, _key(e.facts["subject"])) for e in own if e.state == "superseded"}
        names = {e.name for e in given}
        found: list[Evidence] = []
        later: dict[tuple[str, ...], list[Recalled]] = {}
        for recalled in self._signed("", {"release": subject.release}, free):
            kind, about = recalled.signed["kind"], recalled.signed["subject"]
            if not recalled.known or not concerns(about, subject):
                continue
            since = later.setdefault((kind, person(about["environment"]), about["deployment_id"]), [])
            answered = any(answers(newer.claim, recalled.claim, subject) for newer in since)
            if recalled.heard:
                since.append(recalled)
            if answered or recalled.signed["passed"] is True:
                continue
            if recalled.stored.id in seen or (kind, _key(about)) in outdated:
                continue
            name = kind if kind not in names else f"{kind} ({recalled.place.partition('/')[0]})"
            names.add(name)
            found.append(_omitted(name, recalled))
            if len(found) == LEFT_OUT:
                break
        return found

    def at(self, index: int) -> Recalled | None:
        """The decision at that index of the ledger, where its signer may speak or might."""
        found = self._judged(Stored(self.ledger.entry(index), self.ledger))
        return found if found and found.known else None

    def _judged(self, stored: Stored) -> Recalled | None:
        """The decision behind an entry, when what was signed is what the entry says of it."""
        envelope, artifact = stored.read(stored.id), _artifact(stored)
        vouched = judge_decision(envelope, artifact, self.judges)
        signed = vouched.signed
        if signed is None:
            return None
        if any(signed.get(name) != stored.entry.body.get(name) for name in _COMPARED):
            return None
        spoke = vouched.seal
        if spoke.trust == "none":
            spoke = judge_decision(envelope, artifact, replace(self.judges, at=stored.entry.recorded_at)).seal
        return Recalled(stored, vouched, spoke)


def same_materials(one: Iterable[Mapping[str, Any]], other: Iterable[Mapping[str, Any]]) -> bool:
    """Whether two decisions were made from the same: names, bytes and seals, whatever the paths and the order."""
    return _digests(one) == _digests(other)


def _artifact(stored: Stored) -> str:
    """The digest of an entry's JSON artifact."""
    return stored.digests("files").get(f"{stored.entry.body.get('stem', '')}.json", "")


def _omitted(name: str, recalled: Recalled) -> Evidence:
    data = recalled.stored.read(_artifact(recalled.stored))
    return Evidence(
        name,
        recalled.place,
        "omitted",
        reason="omitted",
        message=f"it is red and was left out: {recalled.sentence()}",
        kind=recalled.signed["kind"],
        producer="dpone",
        reported="failed",
        sha256=sha256_hex(data),
        size_bytes=len(data),
        seal=recalled.vouched.seal,
        binding="matched",
        dated="producer",
        produced_at=recalled.signed["decided_at"],
        data=data,
    )


def _key(subject: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(subject.items()))


def _digests(materials: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    return sorted((str(m.get("name")), str(m.get("sha256")), str(m.get("seal", ""))) for m in materials)
