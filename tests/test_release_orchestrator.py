"""release-orchestrator: its steps in their order, once each, however often a run is interrupted."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from release_simulator import AT, RELEASE, REPORTS, SAMPLES, Run, Simulator, denied, granted

from dpone.ops.release_orchestrator import STEPS
from dpone.record import replace
from dpone.signing.private import new_private_text
from dpone.signing.trust import Revocation

JUNIT = REPORTS["tests"][0]
OUT = ".dpone/release"
WHOLE = f"{OUT}/release_orchestration.json"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Simulator:
    """A release with good, sealed reports."""
    return Simulator(tmp_path_factory.mktemp("release") / "made")


@pytest.fixture
def release(made: Simulator, tmp_path: Path) -> Simulator:
    """A copy of it, to break."""
    return made.copy(tmp_path / "copy")


@pytest.fixture(scope="module")
def begun(made: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Simulator:
    """A release whose run came as far as the docs pack, which had no place."""
    begun = made.copy(tmp_path_factory.mktemp("release") / "begun")
    interrupt(begun, "docs-publish-pack")
    return begun


@pytest.fixture
def interrupted(begun: Simulator, tmp_path: Path) -> Simulator:
    """A copy of it, to change something in before the run goes on."""
    return begun.copy(tmp_path / "copy")


def orchestrate(release: Simulator, *options: str, at: str = AT, root: str = "build") -> Run:
    """One run."""
    return release.run(
        "ops",
        "release-orchestrator",
        "--release",
        RELEASE,
        "--at",
        at,
        "--root",
        root,
        "--format",
        "json",
        *options,
    )


def interrupt(release: Simulator, step: str) -> Run:
    """A run that cannot keep the answer of one step, because something is in its place."""
    in_the_way = release.write(f"{OUT}/{step}", "in the way")
    done = orchestrate(release)
    in_the_way.unlink()
    return done


def told(run: Run) -> list[str]:
    """What the run said of its steps, in order."""
    return [line.partition(" ")[2] for line in run.err.splitlines() if line[:2].strip("/").isdigit()]


def reused(run: Run) -> list[str]:
    """The steps that an earlier run took."""
    return [step["name"] for step in run.document["steps"] if step["reused"]]


def taken(release: Simulator) -> list[str]:
    """The gates in the ledger, in order."""
    return [entry["body"]["gate"] for entry in release.entries()]


def passed(release: Simulator) -> list[str]:
    """Artifacts of the run that say they passed."""
    found = sorted((release.root / OUT).rglob("*.json"))
    return [path.name for path in found if json.loads(path.read_bytes()).get("passed") is True]


def sound(release: Simulator) -> None:
    """Ledger and chain verify."""
    assert release.run("ledger", "verify").status == 0
    chain = ("--chain-dir", f"{OUT}/evidence-chain", "--release", RELEASE, "--at", AT)
    checked = release.run("ops", "evidence-chain-verify", *chain)
    assert checked.status == 0, checked


def test_the_steps_are_taken_in_their_order(release: Simulator) -> None:
    """Each is told as it ends, on standard error; each is a decision in a folder of its own, and evidence of
    the run's own one by its verdict and the digest of its file."""
    done = orchestrate(release)
    assert done.status == 0, done
    assert done.err.splitlines() == [f"{n}/5 {name}: passed" for n, name in enumerate(STEPS, 1)]
    assert taken(release) == [*STEPS, "release-orchestrator"]
    document = done.document
    assert (document["release"], document["passed"], document["blockers"]) == (RELEASE, True, [])
    assert [step["name"] for step in document["steps"]] == list(STEPS)
    ids = {entry["body"]["gate"]: entry["body"] for entry in release.entries()}
    for step in document["steps"]:
        path = release.root / step["path"]
        assert path.parent == release.root / OUT / step["name"]
        assert ids[step["name"]]["files"][path.name] == step["sha256"]
        assert step["passed"] is True
    sound(release)


def test_a_run_without_a_release_is_red_and_takes_no_step(release: Simulator) -> None:
    """Nothing is decided about nothing in particular."""
    done = release.run("ops", "release-orchestrator", "--at", AT, "--format", "json")
    assert done.status == 1
    assert denied(done.document) >= {"release-orchestrator.release_named", "release-orchestrator.steps_taken"}
    assert taken(release) == ["release-orchestrator"]


def test_a_folder_that_is_not_there_is_red(release: Simulator) -> None:
    """An index of nothing is not an index."""
    done = orchestrate(release, root="nowhere")
    assert done.status == 1
    assert "artifact-index" in done.document["blockers"]


@pytest.mark.parametrize("mode", ["continue", "stop"])
def test_what_happens_after_a_red_step(release: Simulator, mode: str) -> None:
    """Continue: everything that is red is found at once. Stop: nothing is taken after it. Red both times, and
    what was left out is named."""
    release.put(JUNIT, SAMPLES / "pytest/junit_fail.xml")
    release.seal()
    done = orchestrate(release, "--on-red", mode)
    assert done.status == 1
    assert "release-gate" in done.document["blockers"]
    if mode == "continue":
        assert taken(release) == [*STEPS, "release-orchestrator"]
        return
    assert taken(release) == [*STEPS[:3], "release-orchestrator"]
    assert done.err.splitlines()[3:] == [
        f"{number}/5 {name}: not run, release-gate is failed" for number, name in ((4, STEPS[3]), (5, STEPS[4]))
    ]
    assert set(done.document["blockers"]) == {*STEPS[2:]}


def test_twice_for_one_release_does_no_harm(release: Simulator) -> None:
    """Both runs are green and whole: no step is reused after a run has ended, the chain has both links and
    verifies, and the second run supersedes the first."""
    for number in (1, 2):
        done = orchestrate(release)
        assert done.status == 0, done
        assert reused(done) == []
        assert [gate for gate in taken(release) if gate in STEPS] == [*STEPS] * number
        sound(release)
    index = json.loads((release.root / OUT / "evidence-chain/evidence_chain_index.json").read_bytes())
    assert index["entry_count"] == 2


@pytest.mark.parametrize("step", STEPS)
def test_a_run_goes_on_where_it_was_interrupted(release: Simulator, step: str) -> None:
    """Whichever step was the last: those before it are reused and not decided again, it and those after it are
    taken, and what was interrupted left nothing green behind."""
    done = interrupt(release, step)
    place = STEPS.index(step)
    assert done.status == 3
    assert "Traceback" not in done.err
    assert done.out == ""
    assert len(passed(release)) == place
    assert not (release.root / WHOLE).exists()
    before = taken(release)
    again = orchestrate(release)
    assert again.status == 0, again
    assert reused(again) == list(STEPS[:place])
    assert told(again)[:place] == [f"{name}: passed (reused)" for name in STEPS[:place]]
    assert taken(release)[len(before) :] == [*STEPS[place:], "release-orchestrator"]
    assert reused(orchestrate(release)) == []
    sound(release)


def test_what_a_step_reads_from_its_signed_decision(interrupted: Simulator) -> None:
    """The reused step's row is the recorded decision's: its path, its digest, and `reused` is signed as said."""
    done = orchestrate(interrupted)
    row = next(step for step in done.document["steps"] if step["name"] == "release-gate")
    recorded = [e["body"] for e in interrupted.entries() if e["body"]["gate"] == "release-gate"]
    assert len(recorded) == 1
    assert row["sha256"] == recorded[0]["files"]["release_gate.json"]


def test_an_undecided_step_leaves_no_older_green_run(release: Simulator) -> None:
    """A run that could not decide a step is no answer, and the answer of the run before it does not stay."""
    assert orchestrate(release).status == 0
    folder = release.root / OUT / "runbook-pack"
    folder.rename(folder.with_name("aside"))
    done = interrupt(release, "runbook-pack")
    assert done.status == 3
    document = json.loads((release.root / WHOLE).read_bytes())
    assert (document["passed"], document["status"]) == (False, "undecided")
    folder.with_name("aside").rename(folder)
    assert orchestrate(release).status == 0
    sound(release)


LATER = "2026-12-23T00:00:00Z"
RULE = 'deny contains {"code": "team.rule"} if input.subject.release == "another"'
FIRST, GATE = STEPS[:2], [STEPS[2]]
Change = Callable[[Simulator], Any]


def evidence(release: Simulator) -> None:
    """One byte of a report, which is sealed again."""
    release.write(JUNIT, (release.root / JUNIT).read_bytes() + b"\n")
    release.seal()


def unsealed(release: Simulator) -> None:
    """The seal of a report is gone."""
    (release.root / f"{JUNIT}.dsse.json").unlink()


def unindexed(release: Simulator) -> None:
    """A file more in an indexed folder."""
    release.write("build/more.txt", "more")


def edited(place: str) -> Change:
    """One more byte in a file that a step wrote."""

    def change(release: Simulator) -> None:
        path = release.root / OUT / place
        path.write_bytes(path.read_bytes() + b" ")

    return change


def deleted(place: str) -> Change:
    """A file that a step wrote is gone."""
    return lambda release: (release.root / OUT / place).unlink()


def configured(text: str) -> Change:
    """A line more in dpone.yaml."""
    return lambda release: release.config(text)


def red_since(release: Simulator) -> None:
    """The release was found too slow meanwhile."""
    options = ("--metrics-json", '{"lag": 9}', "--objectives-json", '{"lag": {"max": 1}}')
    assert release.run("ops", "slo-evaluate", "--release", RELEASE, "--at", AT, *options).status == 1


def layered(release: Simulator) -> tuple[str, ...]:
    """A layer of the team's own for the release gate."""
    return ("--policy", release.rule(RULE))


CHANGES: dict[str, tuple[Change, list[str], int]] = {
    "nothing": (lambda _: None, [*FIRST, *GATE], 0),
    "evidence": (evidence, [], 0),
    "a seal": (unsealed, [], 0),
    "an indexed folder": (unindexed, [], 0),
    "the index": (edited("artifact-index/artifact_index.json"), [], 0),
    "no index": (deleted("artifact-index/artifact_index.json"), [], 0),
    "no seal of the index": (deleted("artifact-index/artifact_index.dsse.json"), [], 0),
    "the chain's file": (edited(f"evidence-chain/{RELEASE}__evidence_chain.json"), [*FIRST[:1]], 0),
    "the chain's page": (deleted(f"evidence-chain/{RELEASE}__evidence_chain.md"), [*FIRST[:1]], 0),
    "the gate's file": (edited("release-gate/release_gate.json"), [*FIRST], 0),
    "the gate's seal": (deleted("release-gate/release_gate.dsse.json"), [*FIRST], 0),
    "what the gate asks": (
        configured("gates: {release-gate: {require: [tests, nothing-like-it]}}"), [*FIRST], 1,
    ),
    "how strict the gate is": (configured("gates: {release-gate: {settings: {a: 1}}}"), [*FIRST], 0),
    "the profile": (configured("profile: strict"), [], 0),
    "a red decision since": (red_since, [*FIRST], 1),
    "a layer": (layered, [], 0),
}  # fmt: skip
"""What changes between a run that was interrupted after the gate and the next -> what that one may reuse, and
how it ends."""


@pytest.mark.parametrize("what", CHANGES)
def test_only_what_is_proved_is_reused(interrupted: Simulator, what: str) -> None:
    """A step is taken again as soon as anything it stands on is another; what does not concern it is not."""
    change, kept, status = CHANGES[what]
    options = change(interrupted)
    done = orchestrate(interrupted, *(options if isinstance(options, tuple) else ()))
    assert reused(done) == kept, done.err
    assert done.status == status, done.document["blockers"]
    sound(interrupted)


def test_another_folder_is_another_index(interrupted: Simulator) -> None:
    """The run goes on about what it was asked about, not about something else."""
    assert reused(orchestrate(interrupted, root="target")) == []


def test_time_passes(interrupted: Simulator) -> None:
    """What was fresh when the run was interrupted is not fresh a month later: the gate is asked again, and red."""
    done = orchestrate(interrupted, at=LATER)
    assert done.status == 1
    assert "release-gate" not in reused(done)
    assert "release-gate" in done.document["blockers"]


def test_a_step_of_a_key_that_is_revoked_is_no_step(interrupted: Simulator) -> None:
    """Whoever may not decide now did not decide this."""
    revoked = replace(
        granted(interrupted.public), revoked=Revocation(datetime(2026, 1, 1, tzinfo=timezone.utc), "lost")
    )
    interrupted.use_key(new_private_text())
    interrupted.trust(granted(interrupted.public, "second@example.com"), revoked)
    interrupted.seal()
    done = orchestrate(interrupted)
    assert (done.status, reused(done)) == (0, []), done


def test_a_red_step_is_taken_again(release: Simulator) -> None:
    """Nothing that was refused is reused, and what was mended since counts."""
    good = (release.root / JUNIT).read_bytes()
    release.put(JUNIT, SAMPLES / "pytest/junit_fail.xml")
    release.seal()
    interrupt(release, "docs-publish-pack")
    assert [e["body"]["passed"] for e in release.entries()][:3] == [True, True, False]
    again = orchestrate(release, "--on-red", "stop")
    assert "release-gate" not in reused(again)
    assert again.status == 1
    release.write(JUNIT, good)
    release.seal()
    assert orchestrate(release).status == 0
    sound(release)


@pytest.mark.parametrize("number", range(1, 7))
def test_a_step_whose_entry_was_begun_counts_for_the_next_run(
    release: Simulator, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between a ledger entry and its checkpoint: the next run completes the entry before it looks at
    anything, is not told that somebody else was faster, and does not reuse steps of a run whose end was begun."""
    from dpone.ledger.layout import CHECKPOINT

    seen: list[str] = []

    def stop(self: Path, target: Path) -> Path:
        if target.name == CHECKPOINT:
            seen.append(target.name)
            if len(seen) == number:
                raise KeyboardInterrupt
        return Path(str(replaced(self, target)))

    replaced = Path.replace
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stop)
        assert orchestrate(release).status == 3
    assert len(release.entries()) == number
    done = orchestrate(release)
    assert done.status == 0, done
    if number == len(STEPS) + 1:
        assert reused(done) == []
    assert len(release.entries()) > number
    sound(release)
