"""Many people and machines at once on the way of a release: nothing is lost."""

from __future__ import annotations

from release_simulator import Walked, Way

PEOPLE = 50


def collect(way: Way, commands: list[tuple[bytes, tuple[str, ...]]]) -> list[int]:
    """Run commands as real processes, ten at a time, each with a key; returns how they ended."""
    ended: list[int] = []
    for start in range(0, len(commands), 10):
        running = [
            way.start(*words, env={"DPONE_SIGNING_KEY": key.decode()})
            for key, words in commands[start : start + 10]
        ]
        for process in running:
            process.communicate(timeout=120)
            ended.append(process.returncode)
    return ended


def test_fifty_people_approve_at_once_and_all_are_kept(walked: Walked) -> None:
    """Real processes, ten at a time: no vote is lost, only the last of those needed completes the quorum, and
    the ledger holds."""
    way = walked("drift")
    names = [f"p{number}" for number in range(PEOPLE)]
    way.join(*names)
    way.config(f"approvals: {{quorum: {{medium: {PEOPLE}}}}}\n")
    asked = [x for name in names for x in ("--approver", f"{name}@example.com")]
    assert way.step("change", *asked).status == 0
    vote = way.commands()["approve"][1]
    ended = collect(way, [(way.keys[name], vote) for name in names])
    assert sorted(ended) == [0] + [1] * (PEOPLE - 1)
    assert len([e for e in way.entries() if e["type"] == "approval"]) == PEOPLE
    way.act("ci")
    done = way.run(*vote[:-2], "--format", "json")
    assert (done.status, done.document["approvals_count"]) == (0, PEOPLE)
    assert way.run("ledger", "verify").status == 0


def test_fifty_deployments_at_once_are_all_kept(walked: Walked) -> None:
    """Real processes, ten at a time, each into a folder of its own: every record is in the ledger once."""
    way = walked("promote")
    command = way.commands()["deploy"][1]
    names = [f"D-{number}" for number in range(PEOPLE)]
    ended = collect(
        way,
        [
            (way.keys["operator"], (*command, "--deployment-id", n, "--output-dir", f".dpone/deployments/{n}"))
            for n in names
        ],
    )
    assert ended == [0] * PEOPLE
    kept = [e["body"]["subject"]["deployment_id"] for e in way.entries() if e["type"] == "decision"]
    assert sorted(kept[-PEOPLE:]) == sorted(names)
    assert all((way.root / f".dpone/deployments/{n}/deployment_record.json").exists() for n in names)
    assert way.run("ledger", "verify").status == 0
