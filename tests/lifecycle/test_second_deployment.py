"""Two deployments of one release into one environment: which of them can be closed, whatever came in which order."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any

import pytest
from release_simulator import Run, Walked, Way, denied

from dpone.record import replace
from dpone.signing.trust import Revocation

A, B = "DEP-1", "DEP-2"
FAILED = ("--status", "failed", "--rollback-artifact", "build/pip-audit.json")
VERIFIED = ".dpone/post-deploy/latest/post_deploy_verify"
LATEST, RED = "release-close.deployment_latest", "evidence.artifact_passed"


def record(way: Way, deployment: str, *options: str, as_: str = "") -> Run:
    """Record a deployment."""
    way.instead = {"deployment_id": deployment}
    return way.step("deploy", *options, "--format", "json", as_=as_)


def verify(way: Way, deployment: str) -> int:
    """Check what runs and verify a deployment; its artifact is kept under its name."""
    way.instead = {"deployment_id": deployment}
    way.walk("check", "check")
    status = way.step("verify").status
    keep(way, deployment)
    return status


def keep(way: Way, deployment: str) -> None:
    """Keep the latest verification's artifact as that deployment's."""
    for ending in (".json", ".dsse.json"):
        way.put(f"kept/{deployment}{ending}", way.root / f"{VERIFIED}{ending}")


def closed(way: Way, deployment: str = "") -> set[str]:
    """What keeps the release from being closed: by the verification of that deployment, or by the latest."""
    options = ("--post-deploy-verify", f"kept/{deployment}.json") if deployment else ()
    done = way.step("close", *options, "--format", "json")
    found = denied(done.document)
    assert done.status == (1 if found else 0), done.err
    return found


def played(way: Way, script: str) -> None:
    """Take steps by their signs: `A` and `B` record a deployment, `a` and `b` a failed one, `?A` verifies."""
    asked = False
    for sign in script:
        if asked:
            verify(way, A if sign == "A" else B)
        elif sign != "?":
            done = record(way, A if sign in "Aa" else B, *(FAILED if sign.islower() else ()))
            assert done.status == int(sign.islower()), done.out
        asked = sign == "?"


@pytest.mark.parametrize(
    ("script", "latest", "by_a", "by_b"),
    [
        ("?A", set(), set(), None),
        ("?Ab", {RED, LATEST}, {RED, LATEST}, None),
        ("b?A", {RED, LATEST}, {RED, LATEST}, None),
        ("?AB", {LATEST}, {LATEST}, None),
        ("?Ab?B", {RED}, {RED, LATEST}, {RED}),
        ("?AbB", {LATEST}, {LATEST}, None),
        ("?AbB?B", set(), {LATEST}, set()),
        ("?Ab?BB", {RED, "release-close.same_deployment"}, {RED, LATEST}, None),
        ("?Ab?BB?B", set(), {LATEST}, set()),
        ("?AB?Bb", {RED}, {RED, LATEST}, {RED}),
        ("?AbA", {"release-close.same_deployment"}, {"release-close.same_deployment"}, None),
        ("?AbA?A", set(), set(), None),
        ("?A?B", {RED, LATEST}, {RED}, {RED, LATEST}),
        ("?A?B?A", set(), set(), {RED, LATEST}),
    ],
)
def test_what_can_be_closed(
    walked: Walked, script: str, latest: set[str], by_a: set[str], by_b: set[str] | None
) -> None:
    """Only the deployment that was recorded last, and was verified as it was recorded, closes a release: a failed one
    after it stands in the way until it is corrected or another takes its place, whichever verification is given."""
    way = walked("deploy")
    played(way, script)
    assert closed(way.copy(way.folder.with_name(f"{way.folder.name}-a")), A) == by_a
    if by_b is not None:
        assert closed(way.copy(way.folder.with_name(f"{way.folder.name}-b")), B) == by_b
    assert closed(way) == latest


@pytest.mark.parametrize("how", ["valid_until", "revoked"])
def test_a_failed_deployment_outlives_the_key_that_recorded_it(walked: Walked, how: str) -> None:
    """Whoever recorded a failure and may not speak any more has not taken it back: the deployment before it does not
    count as the latest again, until somebody who may records what runs."""
    way = walked("verify")
    way.join("leaver")
    assert record(way, B, *FAILED, as_="leaver").status == 1
    time.sleep(1.1)
    now = datetime.now(timezone.utc)
    since: dict[str, Any] = (
        {"valid_until": now} if how == "valid_until" else {"revoked": Revocation(now, "left")}
    )
    way.trust_people(leaver=replace(way.entry("leaver"), **since))
    assert closed(way) == {"evidence.seal_holds", RED, LATEST}
    state = way.run("ops", "status", "--release", "v0.7.1", "--environment", "production", "--format", "json")
    row = next(s for s in state.document["steps"] if s["gate"] == "deployment-record")
    assert row["state"] == "red" and "leaver@example.com" in row["details"][-1]
    played(way, "A?A")
    assert closed(way) == set()


def test_a_key_that_never_counted_is_no_deployment(walked: Walked) -> None:
    """Nobody stops a release with a key that was not granted the step when it was taken."""
    way = walked("verify")
    way.join("stranger")
    way.trust_people(stranger=replace(way.entry("stranger"), gates=()))
    done = record(way, B, *FAILED, as_="stranger")
    assert "evidence.signer_trusted" in denied(done.document)
    assert closed(way) == set()
