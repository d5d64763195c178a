"""Where a release stands at every moment, what an auditor can take again, and many people at once."""

from __future__ import annotations

import shlex
import shutil

import pytest
from release_simulator import RELEASE, STEPS, Run, Walked, Way

GATES = {
    "gate": "release-gate",
    "drift": "env-drift",
    "change": "change-request",
    "approve": "approval-record",
    "promote": "release-promote",
    "deploy": "deployment-record",
    "verify": "post-deploy-verify",
    "close": "release-close",
}
FILLED = {
    "--source": "env/staging.yaml",
    "--target": "env/production.yaml",
    "--change-id": "CR-1",
    "--deployment-id": "DEP-1",
    "--requested-by": "manager@example.com",
    "--approver": "architect@example.com",
    "--closed-by": "manager@example.com",
}
"""What stands for a word in capitals, by the option before it."""
SLO = "slo=.dpone/slo/latest/slo_report.json"


def status(way: Way) -> Run:
    """Where the way's release stands."""
    return way.run("ops", "status", "--release", RELEASE, "--format", "json")


def states(way: Way) -> dict[str, str]:
    """Every gate's state."""
    return {row["gate"]: row["state"] for row in status(way).document["steps"]}


def follow(way: Way) -> Run:
    """Run the next command as it is printed, with its words in capitals filled in, as the person whose it is."""
    words = shlex.split(status(way).document["next"])
    step = next(name for name, gate in GATES.items() if gate == words[2])
    for place, word in enumerate(words[:-1]):
        if words[place + 1] in ("PATH", "ID", "WHO", "NAME"):
            words[place + 1] = FILLED[word]
        elif words[place + 1] == "slo=PATH":
            words[place + 1] = SLO
    if step == "verify":
        way.walk("check", "check")
    way.act(way.commands()[step][0])
    return way.run(*words[1:])


def test_following_the_next_command_leads_to_the_close(walked: Walked) -> None:
    """At every step status names the first that is not done, and its command, run as printed, takes it."""
    way = walked("")
    assert status(way).document["closed"] is False
    for place, step in enumerate(GATES):
        told = list(states(way).values())
        first = "waiting" if step == "approve" else "todo"
        assert told == ["done"] * place + [first] + ["todo"] * (7 - place), step
        done = follow(way)
        assert done.status == 0, (step, done.out, done.err)
    end = status(way)
    assert end.status == 0
    assert end.document["closed"] is True


@pytest.mark.parametrize(
    ("upto", "again", "step", "state"),
    [
        ("approve", "gate", "change", "outdated"),
        ("promote", "gate", "change", "outdated"),
        ("promote", "change", "approve", "waiting"),
        ("verify", "deploy", "verify", "outdated"),
    ],
)
def test_a_step_whose_ground_was_decided_anew_is_told(
    walked: Walked, upto: str, again: str, step: str, state: str
) -> None:
    """Status says which step must be taken again, and following it leads to the close all the same."""
    way = walked(upto)
    way.walk(again, again)
    assert status(way).status == (1 if state == "outdated" else 0)
    assert states(way)[GATES[step]] == state
    for _ in GATES:
        if not status(way).document["closed"]:
            done = follow(way)
            assert done.status == 0, (done.out, done.err)
    assert status(way).document["closed"] is True


def test_a_closed_release_stays_closed(walked: Walked) -> None:
    """A new decision about the release afterwards is the beginning of another deployment, not a fault."""
    way = walked("close")
    way.walk("gate", "gate")
    assert status(way).status == 0
    assert status(way).document["closed"] is True


def test_what_is_red_is_told_with_its_reason(walked: Walked) -> None:
    """A red step is named with the command that shows why; taken again green, it is done."""
    way = walked("promote")
    way.step("deploy", "--post-check", "e2e=false")
    told = way.run("ops", "status", "--release", RELEASE)
    assert told.status == 1
    assert "red      deployment-record" in told.out
    why = told.out.partition("why: dpone ")[2].split("\n")[0]
    assert "deployment-record.checks_passed" in way.run(*why.split(), "--format", "json").out
    way.walk("deploy", "deploy")
    assert status(way).status == 0


def test_who_approved_and_who_is_missing_is_told(walked: Walked) -> None:
    """Each vote with how it was given, and those who were asked and have said nothing."""
    way = walked("drift")
    way.step("change", "--risk-level", "high")
    way.step("approve")
    told = way.run("ops", "status", "--release", RELEASE).out
    assert "waiting  approval-record" in told
    assert "approved architect@example.com" in told
    assert "no answer from owner@example.com" in told
    assert "--actor owner@example.com" in told


def test_a_broken_ledger_is_said_not_read(walked: Walked) -> None:
    """Status never calls a step done on a ledger that does not verify."""
    way = walked("close")
    sorted((way.root / ".dpone/ledger/entries").rglob("*.json"))[3].unlink()
    told = way.run("ops", "status", "--release", RELEASE)
    assert told.status == 3
    assert "closed" not in told.out


# again


@pytest.fixture(scope="module")
def closed(walked: Walked) -> Way:
    """A closed release of which only the ledger is left: its artifacts and reports are gone."""
    way = walked("close")
    for place in (way.root / ".dpone").iterdir():
        if place.name != "ledger":
            shutil.rmtree(place) if place.is_dir() else place.unlink()
    for name in ("build", "target", "env"):
        shutil.rmtree(way.root / name)
    return way


@pytest.mark.parametrize("options", [(), ("--collect",)])
def test_every_decision_of_the_way_can_be_taken_again(closed: Way, options: tuple[str, ...]) -> None:
    """Replay needs nothing but the ledger, and comes to the same results."""
    done = closed.run("decision", "replay", "--all", *options)
    assert done.status == 0, done.out


def test_every_decision_of_the_way_verifies(walked: Walked) -> None:
    """Seal, files, evidence, input, policies, configuration and ledger hold for each of them."""
    way = walked("close")
    decisions = [e["body"]["envelope"] for e in way.entries() if e["type"] == "decision"]
    assert len(decisions) == len(STEPS)
    for number in decisions:
        done = way.run("decision", "verify", number)
        assert done.status == 0, done.out
