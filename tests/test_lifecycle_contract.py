"""What scripts read of the steps of a release: ids of blockers, words of status, and the shape of facts."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from release_simulator import AT, RELEASE, Run, Simulator, Way

from dpone.shipped import shipped
from dpone.signing.private import new_private_text

CHANGE = ("--change-id", "CR-1", "--target-env", "production", "--risk-level", "low")
PEOPLE = ("--requested-by", "a@example.com", "--approver", "b@example.com")
LATER, LATER_STILL = "2026-11-23T02:00:00Z", "2026-11-23T04:00:00Z"
RECORD = ".dpone/deployments/latest/deployment_record.json"
SLO = "slo=.dpone/slo/latest/slo_report.json"


class Steps(Simulator):
    """Steps of a release into an environment that nobody protects, with what a script would type."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, green=False)
        self.use_key(new_private_text())
        self.write("dpone.yaml", "version: 1\n")

    def step(self, name: str, *options: str, at: str = AT) -> Run:
        """Run a step and return its answer as JSON."""
        done = self.run("ops", name, *options, "--release", RELEASE, "--at", at, "--format", "json")
        assert done.status in (0, 1), done
        return done

    def slo(self, lag: int = 1) -> None:
        """Measure something in production."""
        self.step("slo-evaluate", "--environment", "production", "--metrics-json", json.dumps({"lag": lag}),
                  "--objectives-json", '{"lag": {"max": 2}}')  # fmt: skip

    def allow(self) -> None:
        """Decide that the release may go ahead."""
        self.step("slo-evaluate", "--metrics-json", '{"lag": 1}', "--objectives-json", '{"lag": {"max": 2}}')
        self.step("release-gate", "--artifact", SLO)

    def change(self, *options: str) -> Run:
        """Ask for the change."""
        return self.step("change-request", *CHANGE, *(options or PEOPLE))

    def vote(self, actor: str = "b@example.com", decision: str = "approved", at: str = AT) -> Run:
        """Record a vote."""
        request = ".dpone/change-requests/latest/change_request.json"
        return self.step(
            "approval-record", "--change-request", request, "--actor", actor, "--decision", decision, at=at
        )

    def deploy(self, *options: str, status: str = "succeeded") -> Run:
        """Record the deployment."""
        approval = ".dpone/approvals/latest/approval_record.json"
        return self.step("deployment-record", "--deployment-id", "DEP-1", "--environment", "production", "--actor",
                         "a@example.com", "--approval-record", approval, "--status", status, *options)  # fmt: skip

    def verify(self, *options: str) -> Run:
        """Verify the deployment."""
        return self.step("post-deploy-verify", "--deployment-record", RECORD, *options)

    def close(self) -> Run:
        """Close the release."""
        verified = ".dpone/post-deploy/latest/post_deploy_verify.json"
        return self.step("release-close", "--closed-by", "a@example.com", "--post-deploy-verify", verified)


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Simulator]:
    """Workspaces in which all steps up to the named one passed."""
    folder = tmp_path_factory.mktemp("steps")
    here = Steps(folder / "here")
    here.allow()
    found = {"allowed": here.copy(folder / "allowed")}
    assert here.change().status == 0
    found["asked"] = here.copy(folder / "asked")
    assert here.vote().status == 0
    found["approved"] = here.copy(folder / "approved")
    assert here.deploy("--post-check", "smoke=true").status == 0
    found["deployed"] = here.copy(folder / "deployed")
    here.slo()
    assert here.verify("--artifact", SLO).status == 0
    found["verified"] = here.copy(folder / "verified")
    return found


@pytest.fixture
def steps(request: pytest.FixtureRequest, tmp_path: Path, bases: dict[str, Simulator]) -> Steps:
    """A copy of the base whose name the test gives."""
    copied = bases[request.param].copy(tmp_path / "own")
    copied.__class__ = Steps
    return copied  # type: ignore[return-value]


def said(done: Run, status: int) -> tuple[list[str], Any]:
    """Blockers and status of a step that ended so."""
    assert done.status == status, done
    assert done.document["passed"] is (status == 0)
    return done.document["blockers"], done.document["status"]


@pytest.mark.parametrize("steps", ["allowed"], indirect=True)
def test_blockers_of_a_change_request(steps: Steps) -> None:
    """Nobody asked, a limit in the past, evidence that failed: the ids, and the name of the evidence."""
    asking = ("--requested-by", "a@example.com")
    assert "approval.approvers_missing" in said(steps.change(*asking), 1)[0]
    past = (*PEOPLE, "--expires-at", "2020-01-01T00:00:00Z")
    assert said(steps.change(*past), 1)[0] == ["approval.change_request_expired"]
    steps.write("red.json", '{"passed": false}')
    assert said(steps.change(*PEOPLE, "--artifact", "env_drift=red.json"), 1)[0] == ["env_drift"]
    assert said(steps.change(), 0)[0] == []


@pytest.mark.parametrize("steps", ["asked"], indirect=True)
def test_blockers_of_an_approval(steps: Steps) -> None:
    """Somebody who was not asked, too few, a rejection: the ids, and `approved` or `blocked`."""
    ids, status = said(steps.vote("c@example.com"), 1)
    assert (ids, status) == (["approval.actor_not_allowed", "approval.quorum_not_met"], "blocked")
    assert said(steps.vote(), 0) == ([], "approved")
    assert said(steps.vote(decision="rejected"), 1) == (["approval.rejected"], "blocked")


@pytest.mark.parametrize("steps", ["allowed"], indirect=True)
def test_blockers_of_an_approval_that_comes_too_late(steps: Steps) -> None:
    """A request that has expired since, and one that never passed: the ids of both."""
    assert steps.change(*PEOPLE, "--expires-at", LATER).status == 0
    assert said(steps.vote(at=LATER_STILL), 1)[0] == ["approval.change_request_expired"]
    assert steps.change(*PEOPLE, "--expires-at", "2020-01-01T00:00:00Z").status == 1
    assert "approval.change_request_not_passed" in said(steps.vote(), 1)[0]


@pytest.mark.parametrize("steps", ["approved"], indirect=True)
def test_blockers_of_a_deployment(steps: Steps) -> None:
    """How it ended, each check that failed, and an approval that does not stand."""
    good = ("--post-check", "smoke=true")
    back = ("--rollback-artifact", ".dpone/releases/latest/release_gate.json")
    assert said(steps.deploy(*good, *back, status="failed"), 1)[0] == ["deployment.status_failed"]
    assert said(steps.deploy(*good, *back, status="partial"), 1)[0] == ["deployment.status_partial"]
    assert said(steps.deploy(*good, "--post-check", "quality=false"), 1)[0] == ["post_check.quality"]
    assert said(steps.deploy(*good, status="completed"), 0) == ([], "completed")
    assert steps.vote(decision="rejected").status == 1
    assert said(steps.deploy(*good), 1)[0] == ["deployment.approval_not_passed"]


@pytest.mark.parametrize("steps", ["deployed"], indirect=True)
def test_blockers_of_a_verification(steps: Steps) -> None:
    """A check that failed and a record that did not pass are named by their names."""
    steps.slo(lag=3)
    assert said(steps.verify("--artifact", SLO), 1) == (["slo"], "rollback_required")
    steps.slo()
    assert said(steps.verify("--artifact", SLO), 0) == ([], "release_closed")
    assert steps.deploy("--post-check", "smoke=false").status == 1
    assert said(steps.verify("--artifact", SLO), 1) == (["deployment_record"], "rollback_required")


@pytest.mark.parametrize("steps", ["verified"], indirect=True)
def test_blockers_of_a_close(steps: Steps) -> None:
    """A verification that did not pass, and none at all."""
    assert said(steps.close(), 0) == ([], "closed")
    steps.slo(lag=3)
    assert steps.verify("--artifact", SLO).status == 1
    red = ["release_close.post_deploy_not_passed", "slo_report"]
    assert said(steps.close(), 1) == (red, "rollback_required")
    (steps.root / ".dpone/post-deploy/latest/post_deploy_verify.json").unlink()
    assert "release_close.post_deploy_missing" in said(steps.close(), 1)[0]


@pytest.mark.parametrize("steps", ["allowed"], indirect=True)
def test_blockers_of_an_orchestration(steps: Steps) -> None:
    """Steps that did not pass are named by their names; nothing to decide on is red in the gate and after it."""
    done = steps.step("release-orchestrator", "--root", "nowhere")
    assert done.status == 1
    assert done.document["blockers"][0] == "artifact-index"
    names = [step["name"] for step in done.document["steps"]]
    assert names == ["artifact-index", "evidence-chain", "release-gate", "docs-publish-pack", "runbook-pack"]
    assert set(done.document["steps"][0]) == {"name", "path", "sha256", "passed", "summary", "reused"}


# the environment that only a file names


@pytest.mark.parametrize("steps", ["allowed", "asked", "approved", "deployed", "verified"], indirect=True)
def test_a_file_takes_its_environment_with_it(steps: Steps) -> None:
    """Where only the file that is given says which environment it is about, that is the one whose protection
    counts: no step passes by leaving `--environment` out."""
    steps.config("environments:\n  production: {protected: true}")
    request = ".dpone/change-requests/latest/change_request.json"
    approval = ".dpone/approvals/latest/approval_record.json"
    verified = ".dpone/post-deploy/latest/post_deploy_verify.json"
    commands = (
        (request, ("approval-record", "--change-request", request, "--actor", "b@example.com", "--decision", "approved")),
        (RECORD, ("post-deploy-verify", "--deployment-record", RECORD, "--artifact", SLO)),
        (verified, ("release-close", "--closed-by", "a@example.com", "--post-deploy-verify", verified)),
        (approval, ("deployment-record", "--deployment-id", "DEP-2", "--environment", "production", "--approval-record",
                    approval, "--status", "succeeded", "--post-check", "smoke=true")),
    )  # fmt: skip
    for place, command in commands:
        if (steps.root / place).exists():
            done = steps.step(*command)
            assert done.status == 1, command
            assert done.document["decision"]["profile"] == "strict", command
            assert done.document["decision"]["subject"]["environment"] == "production", command


# what was red and is not any more


@pytest.mark.parametrize("steps", ["approved"], indirect=True)
def test_another_try_takes_the_place_of_a_red_one(steps: Steps) -> None:
    """A red decision of another run, or from before there was a change, does not stay in the way for ever."""
    steps.config("environments:\n  production: {required_change_request: true}")
    promote = ("--from-env", "staging", "--to-env", "production")
    assert steps.step("release-promote", *promote).status == 1
    steps.step("env-drift", "--source-env", "staging", "--target-env", "production", "--source", '{"a": 1}',
               "--target", '{"a": 2}', "--run-id", "1")  # fmt: skip
    drift = steps.step("env-drift", "--source-env", "staging", "--target-env", "production", "--source", '{"a": 1}',
                       "--target", '{"a": 1, "b": 2}', "--allowlist-path", "b", "--run-id", "2")  # fmt: skip
    assert drift.status == 0
    assert steps.step("release-promote", *promote).document["blockers"] == []
    assert steps.deploy("--post-check", "smoke=true").document["blockers"] == []


# facts


SERVICES = {"change": "change", "approve": "votes", "promote": "promotion", "deploy": "deployment"}
"""Step -> the kind of what its command finds out itself."""

SAYING = {
    "drift": ".dpone/env-drift/latest/env_drift",
    "change": ".dpone/change-requests/latest/change_request",
    "approve": ".dpone/approvals/latest/approval_record",
    "promote": ".dpone/promotions/latest/promotion_manifest",
    "deploy": ".dpone/deployments/latest/deployment_record",
    "close": ".dpone/release-close/latest/release_close",
}
"""Step -> its artifact, where its decision says something to later ones."""


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> tuple[Way, dict[str, Any]]:
    """A whole way into a protected environment, and the canonical input of its steps."""
    made, inputs = Way(tmp_path_factory.mktemp("way") / "way"), {}
    for name in made.commands():
        if name in SERVICES:
            inputs[name] = made.step(name, "--show-input").document
        assert made.step(name).status == 0, name
    return made, inputs


def valid(schema: dict[str, Any], value: Any) -> None:
    """Hold a value against a schema that is one itself."""
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(value)


@pytest.mark.parametrize(("step", "kind"), SERVICES.items())
def test_facts_of_a_step_fit_their_schema(way: tuple[Way, dict[str, Any]], step: str, kind: str) -> None:
    """What a command finds out itself has exactly the shape that its schema promises to rules."""
    facts = [e["facts"] for e in way[1][step]["evidence"] if e["kind"] == kind]
    assert len(facts) == 1
    valid(json.loads(shipped("schemas", "evidence", f"{kind}.v1.json").read_text("utf-8")), facts[0])


def test_what_decisions_say_fits_its_schema(way: tuple[Way, dict[str, Any]]) -> None:
    """What a decision says to later ones has exactly the shape that the schema has for its kind."""
    schema = json.loads(shipped("schemas", "said.v1.json").read_text("utf-8"))
    told = {}
    for place in SAYING.values():
        envelope = json.loads((way[0].root / f"{place}.dsse.json").read_text("utf-8"))
        signed = json.loads(base64.b64decode(envelope["payload"]))["predicate"]
        told[signed["kind"]] = signed["said"]
    assert set(told) == set(schema["properties"]) - {"release_orchestration"}
    valid(schema, told)


@pytest.mark.parametrize("steps", ["allowed"], indirect=True)
def test_what_an_orchestration_says_fits_its_schema(steps: Steps) -> None:
    """A run that was interrupted by nothing has reused nothing, and says so."""
    steps.step("release-orchestrator")
    envelope = json.loads((steps.root / ".dpone/release/release_orchestration.dsse.json").read_text("utf-8"))
    signed = json.loads(base64.b64decode(envelope["payload"]))["predicate"]
    valid(json.loads(shipped("schemas", "said.v1.json").read_text("utf-8")), {signed["kind"]: signed["said"]})
    assert signed["said"] == {"reused": []}
