"""Steps of a release skipped, repeated or taken out of order, and what they stand on replaced by something else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from release_simulator import RELEASE, STEPS, Walked, Way, denied

PLACES = {
    "gate": ".dpone/releases/latest/release_gate",
    "drift": ".dpone/env-drift/latest/env_drift",
    "change": ".dpone/change-requests/latest/change_request",
    "approve": ".dpone/approvals/latest/approval_record",
    "deploy": ".dpone/deployments/latest/deployment_record",
    "verify": ".dpone/post-deploy/latest/post_deploy_verify",
}
"""Step -> where its artifact lies, without its ending."""

GIVEN = [
    ("change", "gate", "--artifact", "release_gate="),
    ("promote", "gate", "--artifact", "release_gate="),
    ("promote", "drift", "--artifact", "env_drift="),
    ("promote", "approve", "--artifact", "approval_record="),
    ("approve", "change", "--change-request", ""),
    ("deploy", "approve", "--approval-record", ""),
    ("verify", "deploy", "--deployment-record", ""),
    ("close", "verify", "--post-deploy-verify", ""),
]
"""Step, the step whose artifact it is given, and the option that gives it."""


def before(step: str) -> str:
    """The step before a step."""
    return STEPS[STEPS.index(step) - 1] if step != STEPS[0] else ""


def by_path(way: Way, step: str, made: str, option: str, prefix: str, place: str = "") -> set[str]:
    """What keeps a step shut that is given another's artifact by path; nothing when it passes."""
    done = way.step(step, option, f"{prefix}{place or PLACES[made]}.json", "--format", "json")
    assert done.out and "Traceback" not in done.err, done.err
    found = denied(done.document)
    assert done.status == (1 if found else 0)
    return found


def kept(way: Way, made: str, name: str) -> str:
    """Keep a step's artifact and its seal under another name; returns the place without its ending."""
    for ending in (".json", ".dsse.json"):
        way.put(f"kept/{name}{ending}", way.root / f"{PLACES[made]}{ending}")
    return f"kept/{name}"


# order


@pytest.mark.parametrize(
    ("missing", "then", "rules"),
    [
        ("gate", "change", {"change-request.evidence_attached"}),
        ("gate", "promote", {"evidence.artifact_passed", "release-promote.release_allowed"}),
        ("drift", "promote", {"release-promote.drift_compared"}),
        ("change", "approve", {"approval-record.requested"}),
        ("approve", "promote", {"release-promote.change_approved"}),
        ("promote", "deploy", {"deployment-record.promoted"}),
        ("deploy", "verify", {"post-deploy-verify.deployment_recorded"}),
        ("check", "verify", {"evidence.present"}),
        ("verify", "close", {"release-close.verified"}),
    ],
)
def test_a_step_that_was_skipped_is_named(walked: Walked, missing: str, then: str, rules: set[str]) -> None:
    """Whoever leaves out a step is stopped at the next one that stands on it, and told which is missing."""
    way = walked(before(missing))
    for step in STEPS[STEPS.index(missing) + 1 : STEPS.index(then)]:
        way.step(step)
    assert way.red(then) == rules


@pytest.mark.parametrize(
    ("step", "rules"),
    [
        ("change", {"change-request.evidence_attached"}),
        ("approve", {"approval-record.requested"}),
        (
            "promote",
            {f"release-promote.{r}" for r in ("release_allowed", "drift_compared", "change_approved")},
        ),
        ("deploy", {"deployment-record.approved_here", "deployment-record.promoted"}),
        ("close", {"release-close.verified"}),
    ],
)
def test_a_step_taken_first_of_all_is_out_of_order(walked: Walked, step: str, rules: set[str]) -> None:
    """Every step that stands on others says which ones are missing, when there are none."""
    assert walked("").red(step) == rules


def test_illegal_orders_are_called_so(walked: Walked) -> None:
    """The findings about a missing step say that the order is wrong, and the command that mends it."""
    for step in ("approve", "promote", "deploy", "close"):
        findings = walked("").step(step, "--format", "json").document["findings"]
        told = [f for f in findings if f["state"] == "denied"]
        assert told and all(f["message"].startswith("out of order: ") for f in told), told
        assert all("dpone ops " in f["remedy"] for f in told), told


@pytest.mark.parametrize("step", STEPS)
def test_a_step_can_be_repeated(walked: Walked, step: str) -> None:
    """Taking a step twice is a new decision that supersedes the first; nothing else changes."""
    way = walked(step)
    way.walk(step, step)
    history = [e for e in way.entries() if e["type"] == "decision"]
    assert history[-1]["body"]["kind"] == history[-2]["body"]["kind"] or step == "approve"


def test_the_way_can_be_walked_twice(walked: Walked) -> None:
    """A closed release can be taken the same way again, step by step."""
    way = walked("close")
    way.walk("close")
    assert way.run("ledger", "verify").status == 0


@pytest.mark.parametrize(
    ("again", "then", "rules"),
    [
        ("gate", "approve", set()),
        ("gate", "promote", {"release-promote.same_content"}),
        ("change", "promote", {"release-promote.same_content"}),
        ("gate", "deploy", {"deployment-record.promoted_this"}),
        ("change", "deploy", {"deployment-record.approved_this"}),
        ("deploy", "close", {"release-close.same_deployment"}),
    ],
)
def test_a_step_repeated_under_a_later_one_is_seen(
    walked: Walked, again: str, then: str, rules: set[str]
) -> None:
    """What a later step was built on may not be replaced beneath it: not even by something green."""
    way = walked(before("verify" if then == "close" else then) if then != "close" else "verify")
    way.walk(again, again)
    done = way.step(then, "--format", "json")
    assert (done.status, denied(done.document)) == (1 if rules else 0, rules)


# what a step is given


@pytest.mark.parametrize(("step", "made", "option", "prefix"), GIVEN)
def test_an_artifact_given_by_path_passes(
    walked: Walked, step: str, made: str, option: str, prefix: str
) -> None:
    """What the ledger would find may be given by its path as well."""
    assert by_path(walked(before(step)), step, made, option, prefix) == set()


@pytest.mark.parametrize(
    ("how", "rules"),
    [
        ("by hand", {"evidence.recognized"}),
        ("edited", {"evidence.seal_holds", "evidence.well_formed"}),
        ("seal of another", {"evidence.seal_holds", "evidence.well_formed"}),
        ("without seal", {"evidence.well_formed"}),
        ("missing", {"evidence.present"}),
    ],
)
@pytest.mark.parametrize(("step", "made", "option", "prefix"), GIVEN[:1] + GIVEN[2:])
def test_an_artifact_that_is_not_what_was_signed_is_red(
    walked: Walked, step: str, made: str, option: str, prefix: str, how: str, rules: set[str]
) -> None:
    """Of an artifact that somebody wrote, edited, or lent a seal to, only that is said."""
    way = walked(before(step))
    place = kept(way, made, "given")
    file, seal = way.root / f"{place}.json", way.root / f"{place}.dsse.json"
    if how == "by hand":
        file.write_text('{"passed": true, "status": "passed"}')
    elif how == "edited":
        file.write_text(file.read_text().replace("v0.7.1", "v0.7.2"))
    elif how == "seal of another":
        way.put(f"{place}.dsse.json", way.root / f"{PLACES['gate' if made != 'gate' else 'drift']}.dsse.json")
    elif how == "without seal":
        seal.unlink()
    else:
        file.unlink()
    assert by_path(way, step, made, option, prefix, place) == rules


@pytest.mark.parametrize("step", ["approve", "promote", "deploy", "verify", "close"])
def test_files_written_over_do_not_matter(walked: Walked, step: str) -> None:
    """Where no path is given a step reads the ledger's own store: whatever was written over the files that the
    steps before left is not looked at."""
    way = walked(before(step))
    for place in PLACES.values():
        if (way.root / f"{place}.json").exists():
            way.write(f"{place}.json", '{"passed": true}')
    way.walk(step, step)


@pytest.mark.parametrize(("step", "made", "option", "prefix"), GIVEN)
def test_an_older_decision_is_superseded(
    walked: Walked, step: str, made: str, option: str, prefix: str
) -> None:
    """A copy of an artifact that was decided anew since is red, although its seal holds."""
    way = walked(before(step))
    place = kept(way, made, "older")
    way.walk(made, made)
    more = {"release-promote.same_content"} if (step, made) == ("promote", "gate") else set()
    assert by_path(way, step, made, option, prefix, place) - more == {"evidence.current"}


Foreign = Callable[[Way, str, str], str]
"""Puts a green artifact of a step into a way that is about another release, environment, change or deployment;
returns its place."""


@pytest.fixture(scope="module")
def foreign(walked: Walked) -> Foreign:
    """Four more ways beside, each taken as far as it is asked for."""
    ways: dict[str, Way] = {}

    def put(way: Way, made: str, what: str) -> str:
        other = ways.get(what) or ways.setdefault(what, walked("").elsewhere(what))
        done = (
            len([e for e in other.entries() if e["type"] == "decision"])
            if (other.root / ".dpone").exists()
            else 0
        )
        for step in STEPS[done : STEPS.index(made) + 1]:
            other.walk(step, step)
        for ending in (".json", ".dsse.json"):
            way.put(f"kept/other{ending}", other.root / f"{PLACES[made]}{ending}")
        return "kept/other"

    return put


@pytest.mark.parametrize(
    ("given", "what", "rules"),
    [
        (0, "release", {"evidence.not_foreign"}),
        (1, "release", {"evidence.not_foreign", "release-promote.same_content"}),
        (2, "release", {"evidence.not_foreign"}),
        (3, "release", {"evidence.not_foreign"}),
        (4, "release", {"evidence.not_foreign"}),
        (5, "release", {"evidence.not_foreign"}),
        (6, "release", {"evidence.not_foreign"}),
        (7, "release", {"evidence.not_foreign"}),
        (2, "environment", {"evidence.not_foreign"}),
        (3, "environment", {"evidence.not_foreign"}),
        (4, "environment", {"evidence.not_foreign"}),
        (5, "environment", {"evidence.not_foreign"}),
        (6, "environment", {"evidence.not_foreign"}),
        (7, "environment", {"evidence.not_foreign"}),
        (3, "change_id", {"release-promote.request_known"}),
        (4, "change_id", {"evidence.not_foreign"}),
        (5, "change_id", {"evidence.not_foreign"}),
        (7, "change_id", {"release-close.same_deployment"}),
        (6, "deployment_id", {"evidence.not_foreign"}),
        (7, "deployment_id", {"release-close.deployment_latest"}),
    ],
)
def test_an_artifact_about_something_else_is_red(
    walked: Walked, foreign: Foreign, given: int, what: str, rules: set[str]
) -> None:
    """A sealed, green artifact of another release, environment, change or deployment proves nothing here."""
    step, made, option, prefix = GIVEN[given]
    way = walked(before(step))
    assert by_path(way, step, made, option, prefix, foreign(way, made, what)) == rules


def test_a_release_of_another_ledger_is_not_followed(walked: Walked) -> None:
    """A decision that another workspace recorded, about the same subject, by the same people, counts when it is
    given, for its seal holds; the promotion still needs everything else from here."""
    way, there = walked(""), walked("gate")
    for ending in (".json", ".dsse.json"):
        way.put(f"kept/gate{ending}", there.root / f"{PLACES['gate']}{ending}")
    rules = by_path(way, "promote", "gate", "--artifact", "release_gate=", "kept/gate")
    assert rules == {"release-promote.drift_compared", "release-promote.change_approved"}


def test_the_name_of_the_release_can_come_from_the_environment(walked: Walked) -> None:
    """DPONE_RELEASE and DPONE_ENVIRONMENT stand for options that are left out, and never for those given."""
    way = walked("promote")
    command = [c for c in way.commands()["deploy"][1] if c not in ("--release", RELEASE)]
    way.act("operator")
    assert way.run(*command, env={"DPONE_RELEASE": RELEASE, "DPONE_ENVIRONMENT": "staging"}).status == 0
    done = way.run(*command, "--format", "json", env={"DPONE_RELEASE": "v9"})
    assert denied(done.document) == {"deployment-record.approved_here", "deployment-record.promoted"}
    bare = [c for c in command if c not in ("--environment", "production")]
    done = way.run(*bare, "--format", "json", env={"DPONE_RELEASE": RELEASE, "DPONE_ENVIRONMENT": "staging"})
    assert denied(done.document) == {"deployment-record.approved_here"}
