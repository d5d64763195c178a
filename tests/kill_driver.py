"""Kills commands at random moments, again and again, and looks at what each left. A script of its own: it forks
and sets audit hooks.

``kill_driver.py WAY KILLS SEED FOLDER [JOBS]``: in workspaces below FOLDER, run a way (see `WAYS`) that is killed
(SIGKILL) at a random moment or before a random step on the file system. After every kill the ledger must verify, no
green artifact may stand without its decision, and no decision may claim what did not happen. After `LANE` kills
the way must come to its end in the same workspace. Prints one JSON object per job: kills that hit, runs that came
to their end, entries, and what was wrong.

The rules are asked in the process that is killed, by the engine's own worker functions, and what was built once is
kept: starting an engine a thousand times would be most of the time. The tests beside it kill real processes too.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from release_simulator import AT, RELEASE, Run, Simulator, Way

from dpone.canonical import sha256_hex
from dpone.ledger.entry import Entry
from dpone.ledger.folder import FolderLedger
from dpone.policy.engines import regopy_engine, regopy_worker

LANE = 25
"""Kills in one workspace, before the way must come to its end there."""
STEPS = {"os.link", "os.rename", "os.mkdir", "os.remove", "os.truncate"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
HARMLESS = {"half_step", "leftover"}
"""What verification may remark after a kill; the next append completes or removes it."""


class InProcess:
    """`dpone.policy.engines.process.Child` without a process: the worker's functions, called at once."""

    built: ClassVar[dict[str, regopy_worker.Part]] = {}

    def __init__(self) -> None:
        self.parts: list[regopy_worker.Part] = []
        self.answers: deque[dict[str, Any]] = deque([{"ok": {"version": "in process"}}])

    def send(self, message: Mapping[str, Any]) -> None:
        """Answer one request, as `regopy_worker.main` does."""
        if message["op"] == "evaluate":
            answer = regopy_worker.evaluate(self.parts, message["input"], message["entrypoints"])
        else:
            self.parts = [] if message["op"] == "load" else self.parts
            wanted = [message[name] for name in ("modules", "data", "entrypoints")]
            key = json.dumps(wanted)
            if key not in self.built:
                self.built[key] = regopy_worker.Part(*wanted)
            self.parts.append(self.built[key])
            answer = {"ok": {}}
        self.answers.append(answer)

    def receive(self, seconds: float) -> dict[str, Any]:
        """The next answer."""
        del seconds
        return self.answers.popleft()

    def end(self, seconds: float = 0) -> int:
        """Nothing is to be ended."""
        del seconds
        return 0

    def said(self) -> str:
        """Nothing was written."""
        return ""


# the ways


def orchestrated(folder: Path) -> Simulator:
    """A release whose steps are taken in one go."""
    return Simulator(folder)


def orchestrate(release: Simulator) -> Run:
    """One orchestrated run."""
    evidence = ("--artifact", "tests=build/junit.xml", "--root", "build")
    return release.run("ops", "release-orchestrator", "--release", RELEASE, "--at", AT, *evidence)


def promoted(folder: Path) -> Way:
    """A release that waits to be approved and deployed."""
    way = Way(folder)
    way.walk("change")
    return way


def approve_and_deploy(way: Any) -> Run:
    """Approve, promote and record the deployment, each as the person whose it is."""
    for name in ("approve", "promote", "deploy"):
        done = way.step(name)
        if done.status:
            return Run(done.status, f"{name}: {done.out}", done.err)
    return Run(0, "", "")


WAYS: dict[str, tuple[Callable[[Path], Simulator], Callable[[Any], Run]]] = {
    "orchestrator": (orchestrated, orchestrate),
    "lifecycle": (promoted, approve_and_deploy),
}


def copied(release: Simulator, folder: Path) -> Simulator:
    """The same in another place."""
    other = release.copy(folder)
    other.__class__ = type(release)
    other.__dict__ = {**release.__dict__, **other.__dict__}
    return other


# killing


def hooked(strike: Callable[[int], None]) -> None:
    """Call `strike` with its number before every step that writes."""
    seen = 0

    def hook(event: str, arguments: Any) -> None:
        nonlocal seen
        if event in STEPS or (event == "open" and bool((arguments[2] or 0) & WRITING)):
            seen += 1
            strike(seen)

    sys.addaudithook(hook)


def in_child(work: Callable[[], int], after: float = -1) -> int:
    """Do that in a process of its own, which is killed `after` so many seconds (negative: never); its status."""
    pid = os.fork()
    if pid == 0:
        status = 99
        with suppress(BaseException):
            status = work()
        os._exit(status)
    if after >= 0:
        time.sleep(after)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def die(*_: object) -> None:
    """As a machine that loses its power, but for the disk's cache."""
    os.kill(os.getpid(), signal.SIGKILL)


# what a kill may leave


def ledger_of(release: Simulator) -> FolderLedger:
    """The ledger of a workspace, read with the keys that it trusts."""
    keys = tuple(trusted_keys(release))
    return FolderLedger(release.root / ".dpone" / "ledger", release.root.name, keys=keys)


def trusted_keys(release: Simulator) -> Iterator[Any]:
    """The public keys of its trust file."""
    from dpone.signing.trust_file import read_trust

    data = (release.root / "dpone.trust.json").read_bytes()
    yield from read_trust(data, "dpone.trust.json", "workspace").public_keys


def wrong(release: Simulator, *, ended: bool) -> Iterator[str]:
    """What is not as it must be after a kill, or after a run that came to its end."""
    ledger = ledger_of(release)
    report = ledger.verify(tuple(trusted_keys(release)))
    yield from (f"ledger: {defect}" for defect in report.defects)
    remarks = {remark.what for remark in report.remarks} - (set() if ended else HARMLESS)
    if remarks:
        yield f"ledger remarks: {remarks}"
    entries = [entry for entry in ledger.entries() if entry.type in ("decision", "index")]
    yield from unrecorded(release, entries)
    yield from claimed_too_much(ledger, entries)


def unrecorded(release: Simulator, entries: Sequence[Entry]) -> Iterator[str]:
    """Green artifacts that are no file of a recorded, passed decision; files that are cut off."""
    passed = {sha for entry in entries if entry.body["passed"] is True for sha in entry.body["files"].values()}
    for path in sorted((release.root / ".dpone").rglob("*.json")):
        if path.relative_to(release.root).parts[1] == "ledger" or path.name.startswith("."):
            continue
        data = path.read_bytes()
        try:
            document = json.loads(data)
        except ValueError:
            yield f"{path.name} is cut off"
            continue
        if document.get("passed") is True and sha256_hex(data) not in passed:
            yield f"{path.name} is green and was never decided"


def claimed_too_much(ledger: FolderLedger, entries: Sequence[Entry]) -> Iterator[str]:
    """Decisions that stand on steps which are not in the ledger before them, or which an earlier run ended."""
    ended = -1
    known: dict[str, Entry] = {}
    for entry in entries:
        body = entry.body
        for item in json.loads(ledger.get_object(body["input"]))["evidence"]:
            claimed = item["facts"].get("decision") if item["state"] == "present" else None
            step = known.get(claimed) if claimed else None
            if claimed and (step is None or step.body["passed"] is not item["facts"]["passed"]):
                yield f"entry {entry.index + 1} claims {item['name']}, which did not happen so"
            if step and body["kind"] == "release_orchestration" and step.index <= ended:
                yield f"entry {entry.index + 1} counts {item['name']} of a run that had ended"
        known[body["envelope"]] = entry
        if body["kind"] == "release_orchestration":
            ended = entry.index


# the driver


class Lanes:
    """One job: kills, in one workspace after the other."""

    def __init__(self, way: str, base: Simulator, folder: Path, chance: random.Random) -> None:
        self.base, self.folder, self.chance = base, folder, chance
        self.take = WAYS[way][1]
        self.found: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.steps, self.seconds = self._measured()

    def _measured(self) -> tuple[int, float]:
        """How many writing steps one run takes, and how long; the engines' parts are built meanwhile."""
        warm = copied(self.base, self.folder / "warm")
        done = self.take(warm)
        if done.status:
            raise SystemExit(f"the way does not come to its end: {done}")
        counted = copied(self.base, self.folder / "counted")
        count = self.folder / "count"

        def work() -> int:
            numbers: list[int] = []
            hooked(numbers.append)
            status = self.take(counted).status
            count.write_text(str(numbers[-1]))
            return status

        started = time.monotonic()
        if in_child(work):
            raise SystemExit("the way does not come to its end when it is watched")
        return int(count.read_text()), time.monotonic() - started

    def run(self, kills: int) -> dict[str, Any]:
        """Kill so many runs; what happened."""
        number = 0
        while self.found["killed"] < kills and not self.wrong:
            number += 1
            self._lane(
                copied(self.base, self.folder / f"lane{number}"), min(LANE, kills - self.found["killed"])
            )
            shutil.rmtree(self.folder / f"lane{number}")
        return {**self.found, "steps": self.steps, "wrong": self.wrong[:5]}

    def _lane(self, release: Simulator, kills: int) -> None:
        wanted = self.found["killed"] + kills
        while self.found["killed"] < wanted:
            status = self._struck(release)
            self.found["killed" if status == -signal.SIGKILL else "ended_anyway"] += 1
            if status not in (0, -signal.SIGKILL):
                self.wrong.append(f"a run ended with status {status}")
            self.wrong += wrong(release, ended=status == 0)
            if self.wrong:
                return
        status = in_child(lambda: _told(self.take(release)))
        self.found["completed"] += status == 0
        self.found["entries"] += len(list(ledger_of(release).entries()))
        self.wrong += [] if status == 0 else [f"the last run ended with status {status}"]
        self.wrong += wrong(release, ended=True)

    def _struck(self, release: Simulator) -> int:
        # Squared, because a run that goes on where one was killed has less to do.
        part = self.chance.random() ** 2
        if self.chance.random() < 0.5:
            return in_child(lambda: _told(self.take(release)), self.seconds * part)
        at = 1 + int(self.steps * part)

        def work() -> int:
            hooked(lambda seen: die() if seen == at else None)
            return _told(self.take(release))

        return in_child(work)


def _told(run: Run) -> int:
    if run.status:
        print(run.out[-2000:], run.err[-500:], file=sys.stderr, flush=True)
    return run.status


def main(way: str, kills: int, seed: int, folder: Path, jobs: int) -> int:
    """Divide the kills among jobs, and wait for them."""
    regopy_engine._start = lambda _: InProcess()  # type: ignore[assignment, return-value]
    base = WAYS[way][0](folder / "base")
    shares = [kills // jobs + (number < kills % jobs) for number in range(jobs)]

    def job(number: int) -> int:
        own = folder / f"job{number}"
        own.mkdir()
        told = Lanes(way, base, own, random.Random(seed * 1000 + number)).run(shares[number])
        print(json.dumps(told), flush=True)
        return 1 if told["wrong"] else 0

    pids = []
    for number in range(jobs):
        pid = os.fork()
        if pid == 0:
            os._exit(job(number))
        pids.append(pid)
    return max(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0 for pid in pids)


if __name__ == "__main__":
    where = Path(sys.argv[4])
    where.mkdir(parents=True, exist_ok=True)
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), where, int((sys.argv[5:] or ["1"])[0])))
