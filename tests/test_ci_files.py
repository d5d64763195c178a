"""The CI files that dpone ships do what they say: each is parsed, and its scripts run in a real shell."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ci_runner import BASH, GATE_ACTION, ROOT, Job, load, machine
from ci_schemas import check_gitlab, check_junit, check_sarif
from release_simulator import DPONE, RELEASE, REPORTS, SAMPLES, Simulator

COMMIT = "0123456789abcdef0123456789abcdef01234567"
GITHUB = ("examples/ci/github/release.yml", "dpone/ops/templates/github.yml")
GITLAB = ("examples/ci/gitlab/release.yml", "dpone/ops/templates/gitlab.yml")
WORKFLOWS = sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / ".github" / "workflows").glob("*.yml"))
EVERY = [*WORKFLOWS, *GITHUB, *GITLAB, "examples/ci/github/policies.yml", "examples/ci/gitlab/policies.yml",
         "examples/ci/github/what-if.yml", "examples/team-bundle/ci/policies.yml"]  # fmt: skip


class Project(Simulator):
    """A release with evidence of today, a protected environment, policies of a team's own, and a wheel."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.config("environments:\n  production: {protected: true}")
        self.live()
        self.fingerprint = self.trust()
        self.write("dpone-9.9.9-py3-none-any.whl", b"")
        self.write("requirements.txt", "")
        shutil.copytree(ROOT / "examples" / "team-policy" / "red" / "policies", self.root / "policies")
        self.machine = {**self.env, **machine(self.folder, DPONE)}
        self.machine.pop("DPONE_SIGNING_KEY")

    @property
    def calls(self) -> list[str]:
        """How pip, make and python were called."""
        return (self.folder / "calls").read_text(encoding="utf-8").splitlines()

    def vulnerable(self) -> None:
        """A report of today that shows a vulnerable dependency."""
        self.put(REPORTS["deps"][0], SAMPLES / "pip_audit/audit_fail.json")

    def job(self) -> Job:
        """A machine of GitHub with this project checked out."""
        env = {"GITHUB_REF_NAME": RELEASE, "GITHUB_SHA": COMMIT}
        known = {
            "github.ref_name": RELEASE,
            "github.sha": COMMIT,
            "secrets.DPONE_SIGNING_KEY": self.env["DPONE_SIGNING_KEY"],
            "vars.DPONE_TRUST_ROOT": self.fingerprint,
        }
        return Job(self.root, {**self.machine, **env}, known)

    def pipeline(self, path: str) -> tuple[list[Job], dict[str, Any]]:
        """Run the jobs of a GitLab file one after the other, until one fails."""
        file = load(path)
        env = {
            "CI_COMMIT_TAG": RELEASE,
            "CI_COMMIT_SHA": COMMIT,
            "DPONE_SIGNING_KEY": self.env["DPONE_SIGNING_KEY"],
            "DPONE_TRUST_ROOT": self.fingerprint,
        }
        jobs = []
        for said in file.values():
            if isinstance(said, dict) and "script" in said:
                jobs.append(Job(self.root, {**self.machine, **env}))
                jobs[-1].failed = not jobs[-1].shell(
                    ["-eo", "pipefail"], "\n".join(said["script"]), self.root, {}
                )
                if jobs[-1].failed:
                    break
        return jobs, file


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with good evidence."""
    return Project(tmp_path)


def uploads(job: Job) -> list[dict[str, str]]:
    """What a job uploads as artifacts."""
    return [given for action, given in job.used if action.startswith("actions/upload-artifact@")]


def check_uploads(job: Job) -> None:
    """What is uploaded is there, and hidden folders are not left out."""
    assert uploads(job)
    for given in uploads(job):
        for path in given["path"].split():
            assert (job.folder / path).exists(), path
            hidden = any(part.startswith(".") and part != "." for part in Path(path).parts)
            assert given.get("include-hidden-files", "false") == str(hidden).lower(), path


@pytest.mark.parametrize("path", EVERY)
def test_every_file_is_plain(path: str) -> None:
    """Each is YAML; GitHub's name their permissions, pin actions to a version, and hold no script injection."""
    file = load(path)
    jobs = file.get("jobs")
    if jobs is None:
        assert any("script" in said for said in file.values() if isinstance(said, dict))
        return
    assert file["permissions"]["contents"] == "read"
    for job in jobs.values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), "an expression inside a script"
            assert step.get("uses", GATE_ACTION) == GATE_ACTION or re.search(r"@v\d+$", step["uses"])


def test_the_action_is_no_way_into_a_script() -> None:
    """No expression stands in a script of the action, and each output and input is described."""
    action = load(f"{GATE_ACTION}/action.yml")
    assert not [s for s in action["runs"]["steps"] if "${{" in s.get("run", "")]
    assert all(s["shell"] == "bash" for s in action["runs"]["steps"] if "run" in s)
    assert all(said["description"] for said in (*action["inputs"].values(), *action["outputs"].values()))


@pytest.mark.parametrize("path", GITHUB)
def test_github_release(project: Project, path: str) -> None:
    """Both jobs of a release, script by script: sealed, decided in a protected environment, signed, kept."""
    for name, said in load(path)["jobs"].items():
        job = project.job()
        job.steps(said["steps"])
        assert not job.failed, f"{name}\n{job.said}"
        check_uploads(job)
    assert "title=release-gate PASSED::" in job.said
    (entry,) = project.entries()
    assert entry
    assert "make test" in project.calls


def test_github_release_refused(project: Project) -> None:
    """Red: the job fails, the outcome says failed, and reports and decision are uploaded all the same."""
    project.vulnerable()
    for said in load(GITHUB[0])["jobs"].values():
        job = project.job()
        job.steps(said["steps"])
    assert job.failed
    assert job.known["steps.gate.outputs.outcome"] == "failed"
    assert "no answer is not a refusal" not in job.said
    check_uploads(job)
    sarif = dict(job.used)["github/codeql-action/upload-sarif@v4"]["sarif_file"]
    results = check_sarif((project.root / sarif).read_bytes())["runs"][0]["results"]
    assert "pip-audit.vulnerability" in {r["ruleId"] for r in results if r["level"] == "error"}


@pytest.mark.parametrize("path", GITLAB)
@pytest.mark.parametrize("good", [True, False])
def test_gitlab_release(project: Project, path: str, good: bool) -> None:
    """Both jobs; the reports that GitLab is told of are there and in its form, green and red."""
    if not good:
        project.vulnerable()
    jobs, file = project.pipeline(path)
    assert [job.failed for job in jobs] == [False, not good], jobs[-1].said
    artifacts = file["release-gate"]["artifacts"]
    assert artifacts["when"] == "always"
    assert all((project.root / place).exists() for place in artifacts["paths"])
    failed = check_junit((project.root / artifacts["reports"]["junit"]).read_bytes()).get("failures")
    assert (failed == "0") == good
    entries = check_gitlab((project.root / artifacts["reports"]["codequality"]).read_bytes())
    assert bool([e for e in entries if e["severity"] in ("major", "critical", "blocker")]) == (not good)


@pytest.mark.parametrize("good", [True, False])
def test_github_policies(project: Project, good: bool) -> None:
    """Lint and tests of a team's policies, with a summary; a broken rule stands at its line."""
    if not good:
        rule = next((project.root / "policies").rglob("payments.rego"))
        rule.write_text(rule.read_text().replace("< minimum", "<= minimum"))
    (said,) = load("examples/ci/github/policies.yml")["jobs"].values()
    job = project.job()
    job.steps(said["steps"])
    assert job.failed == (not good), job.said
    check_uploads(job)
    check_sarif(
        (project.root / dict(job.used)["github/codeql-action/upload-sarif@v4"]["sarif_file"]).read_bytes()
    )
    check_junit((project.root / "build/policy-test.xml").read_bytes())
    assert ("::error file=policies/payments/" in job.said) == (not good)
    summary = (project.folder / "summary").read_text()
    assert "policy-lint: PASSED" in summary
    assert f"policy-test: {'PASSED' if good else 'FAILED'}" in summary


def test_gitlab_policies(project: Project) -> None:
    """The same in GitLab."""
    (job,), file = project.pipeline("examples/ci/gitlab/policies.yml")
    assert not job.failed, job.said
    reports = file["policies"]["artifacts"]["reports"]
    check_junit((project.root / reports["junit"]).read_bytes())
    assert check_gitlab((project.root / reports["codequality"]).read_bytes()) == []


@pytest.mark.parametrize("fork", [False, True])
def test_what_if_on_a_pull_request(project: Project, fork: bool) -> None:
    """The job needs no key, writes the comment, and posts it unless it runs for a fork."""
    assert project.gate().status == 0
    project.config("kinds: {junit: {min_executed: 100}}")
    said = load("examples/ci/github/what-if.yml")["jobs"]["what-if"]
    job = project.job()
    stub = project.folder / "gh-bin"
    stub.mkdir()
    (stub / "gh").write_text('#!/bin/sh\necho "gh $*"\n', encoding="utf-8")
    (stub / "gh").chmod(0o755)
    job.environment = {**job.environment, "CI": "true", "PATH": f"{stub}:{job.environment['PATH']}"}
    job.known |= {
        "github.repository": "team/project",
        "github.event.pull_request.head.repo.full_name": "other/fork" if fork else "team/project",
        "github.event.number": "7",
    }
    job.steps(said["steps"])
    assert not job.failed, job.said
    assert ("gh pr comment 7 --edit-last" in job.said) == (not fork)
    comment = (project.root / "build/what-if.md").read_text("utf-8")
    assert "1 of 1 past decisions would change" in comment
    assert "::warning" in job.said


def test_our_own_workflow(tmp_path: Path) -> None:
    """The workflow that tries the action on GitHub: its two gates, their outcomes, and the shipped policies."""
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT / "examples" / "release-gate", checkout / "examples" / "release-gate")
    shutil.copytree(ROOT / "policies", checkout / "policies")
    env = {**machine(tmp_path, DPONE), "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    jobs = load(".github/workflows/gate.yml")["jobs"]
    job = Job(checkout, env, {"github.ref_name": "main", "github.sha": COMMIT})
    job.steps(jobs["action"]["steps"])
    assert not job.failed, job.said
    assert (tmp_path / "calls").read_text().splitlines() == ["python -m pip install ./."]
    check_uploads(job)
    for step in jobs["policies"]["steps"][-3:-1]:
        command = step["run"].split()
        assert command[:2] == ["dpone", "policy"]
        assert command[3] == "policies"


# the action


def gate(project: Project, **given: str) -> Job:
    """Run the action as one step of a job."""
    job = project.job()
    step = {"id": "gate", "uses": GATE_ACTION, "with": {k.replace("_", "-"): v for k, v in given.items()}}
    job.steps([step])
    return job


@pytest.mark.parametrize(
    ("case", "word"), [("good", "passed"), ("vulnerable", "failed"), ("policy", "undecided")]
)
def test_the_action_says_which(project: Project, case: str, word: str) -> None:
    """Its output `outcome` has one of three words, and what was decided is uploaded in each case."""
    arguments = ""
    if case == "vulnerable":
        project.vulnerable()
    if case == "policy":
        arguments = f"--policy\n{project.layer('package broken {')}\n"
    job = gate(project, arguments=arguments)
    assert job.known["steps.gate.outputs.outcome"] == word, job.said
    assert job.failed == (word != "passed")
    check_uploads(job)
    check_junit((project.root / ".dpone/reports/junit.xml").read_bytes())


def test_the_action_never_turns_a_fault_into_a_pass(project: Project) -> None:
    """Wrong usage or no dpone at all: undecided, and the job fails."""
    for given in ({"arguments": "--no-such-option"}, {"gate": "no-such-gate"}, {"install": "nothing-*.whl"}):
        job = gate(project, **given)
        assert job.failed
        assert job.known["steps.gate.outputs.outcome"] == "undecided"


def test_the_action_takes_arguments_as_they_stand(project: Project) -> None:
    """Spaces, quotes, dollars and semicolons in an argument or a branch's name run nothing."""
    marker = project.folder / "ran"
    evil = f"$(touch {marker.as_posix()}); touch {marker.as_posix()} `touch {marker.as_posix()}` \" ' \\"
    job = gate(project, arguments=f"--actor\n{evil}\n", release=evil, gate="release-gate", install="*.whl")
    assert job.failed
    assert not marker.exists()


def test_the_action_installs_a_path_and_never_a_name(project: Project) -> None:
    """Without a path in front pip might ask an index, where the name belongs to another project."""
    (project.root / "dpone").mkdir()
    for given, asked in (
        ("dpone-*.whl", "./dpone-9.9.9-py3-none-any.whl"),
        ("dpone", "./dpone"),
        ("/tmp", "/tmp"),
    ):
        gate(project, install=given)
        assert project.calls[-1] == f"python -m pip install {asked}"


# pre-commit

HOOKS = load(".pre-commit-hooks.yaml")


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_runs(project: Project, hook: dict[str, Any]) -> None:
    """Entry and arguments of each hook, as pre-commit calls them; a policy that is wrong stops the commit."""
    command = f"{hook['entry']} policies/payments"
    assert (hook["language"], hook["pass_filenames"], hook["args"]) == ("python", False, ["policies"])
    assert re.search(hook["files"], "policies/payments/release_gate/payments.rego")
    good = subprocess.run([BASH, "-c", command], cwd=project.root, env=project.machine, check=False)
    assert good.returncode == 0
    rule = next((project.root / "policies").rglob("payments.rego"))
    rule.write_text(rule.read_text().replace("deny contains", "deny contain"))
    bad = subprocess.run([BASH, "-c", command], cwd=project.root, env=project.machine, check=False)
    assert bad.returncode == 1


def test_the_example_of_pre_commit_names_hooks_that_exist() -> None:
    """The example configuration and the hooks agree."""
    (repository,) = load("examples/ci/pre-commit-config.yaml")["repos"]
    assert {hook["id"] for hook in repository["hooks"]} == {hook["id"] for hook in HOOKS}


def test_the_runner_can_fail(tmp_path: Path) -> None:
    """The small runner of these tests notices a failing script, skips what follows, and knows its expressions."""
    job = Job(tmp_path / "x", {**machine(tmp_path, DPONE)}, {"a.b": "1"})
    job.folder.mkdir()
    job.steps(
        [
            {"run": "exit 3", "continue-on-error": True},
            {"run": "echo first; false"},
            {"run": "echo never"},
            {"if": "always() && a.b == '1'", "run": "echo last"},
            {"if": "always() && a.b != '1'", "run": "echo neither"},
        ]
    )
    assert job.failed
    assert job.said.split() == ["first", "last"]
    assert job.value("c || a.b") == "1"
    assert job.filled("${{ a.b }}-${{ c }}") == "1-"


def test_the_workflow_of_a_team_bundle(tmp_path: Path) -> None:
    """Its scripts lint, test, build, sign and verify; what they build is the layer, vouched for, and what OPA loads."""
    release = Simulator(tmp_path / "at")
    for name in ("dpone.yaml", "policies"):
        source = ROOT / "examples" / "team-bundle" / name
        target = release.root / name
        shutil.copytree(source, target) if source.is_dir() else shutil.copyfile(source, target)
    release.write("dpone-9.9.9-py3-none-any.whl", b"")
    key = release.env.pop("DPONE_SIGNING_KEY")
    known = {"secrets.DPONE_POLICY_KEY": key, "github.ref": "refs/heads/main"}
    runner = machine(release.folder, DPONE)
    for job in load("examples/team-bundle/ci/policies.yml")["jobs"].values():
        signing = {"DPONE_SIGNING_KEY": key} if "env" in job else {}
        ran = Job(release.root, {**release.env, **runner, **signing}, known)
        ran.steps(job["steps"])
        assert not ran.failed, ran.said
    assert "VERIFIED  build/payments.tar.gz" in ran.said
    check_junit((release.root / "build/policy-test.xml").read_bytes())
    assert (release.root / "build/opa.tar.gz").is_file()
