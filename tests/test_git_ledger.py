"""The commands with a ledger in git: a job that is thrown away decides, the next one and any clone go on."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from release_simulator import DPONE, RELEASE, Simulator

BRANCH = "refs/heads/dpone-ledger"


def git(folder: Path, *arguments: str) -> str:
    """Run git as a person would."""
    identity = ("-c", "user.name=x", "-c", "user.email=x", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ["git", "-C", folder, *identity, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def here(tmp_path: Path) -> Simulator:
    """A project in git whose ledger is a branch of the same remote, pushed without anything local."""
    made = Simulator(tmp_path)
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    made.config("ledger: git:origin#dpone-ledger")
    made.write(".gitignore", ".dpone/\n")
    git(made.root, "init", "--quiet")
    git(made.root, "remote", "add", "origin", str(tmp_path / "remote.git"))
    git(made.root, "add", ".")
    git(made.root, "commit", "--quiet", "--message", "project")
    git(made.root, "push", "--quiet", "origin", "HEAD:main")
    return made


def thrown_away(here: Simulator) -> None:
    """Another job: a fresh clone of the project with nothing local, at the same place."""
    shutil.rmtree(here.root)
    git(here.folder, "clone", "--quiet", "--branch", "main", str(here.folder / "remote.git"), "project")


def test_every_job_goes_on_where_the_last_one_ended(here: Simulator) -> None:
    """Two jobs decide, a third has only a clone: it lists, shows, verifies, replays, and verifies the ledger."""
    assert here.gate().status == 0
    thrown_away(here)
    assert here.gate().status == 0
    kept = here.run("ledger", "checkpoint")
    thrown_away(here)
    here.write("kept.note", kept.out)
    listed = here.run("decision", "list", "--format", "json")
    assert [row["gate"] for row in listed.document] == ["release-gate", "release-gate"]
    assert here.run("decision", "show", "latest").status == 0
    assert here.run("decision", "replay", "--all").status == 0
    done = here.run("ledger", "verify", "--checkpoint", "kept.note")
    assert (done.status, done.out) == (0, "INTACT  2 entries\n"), done
    assert here.gate().status == 0
    assert here.run("decision", "verify", "latest").status == 0
    assert git(here.root, "status", "--short") == "?? kept.note"
    assert git(here.folder / "remote.git", "rev-list", "--count", BRANCH) == "3"


def test_preview_only_reads(here: Simulator) -> None:
    """A pull request from a fork has no key: verdict and exit code, and nothing is pushed."""
    del here.env["DPONE_SIGNING_KEY"]
    assert here.gate(env={"CI": "true"}).status == 0
    assert git(here.folder / "remote.git", "for-each-ref", "--format=%(refname)") == "refs/heads/main"


def test_offline_is_undecided_and_replaces_an_older_green_file(here: Simulator) -> None:
    """A decision that could not be recorded is none: exit 3, one line, and the file says undecided."""
    assert here.gate().status == 0
    (here.folder / "remote.git").rename(here.folder / "away")
    done = here.gate()
    assert done.status == 3
    assert done.err.startswith("dpone: the ledger git:origin#dpone-ledger cannot be fetched: ")
    assert done.err.count("\n") == 1
    artifact = next(here.root.glob(".dpone/**/release_gate.json")).read_text("utf-8")
    assert '"undecided"' in artifact
    for command in (
        ("decision", "list"),
        ("ledger", "verify"),
        ("ledger", "checkpoint"),
        ("ledger", "export", "x"),
    ):
        assert here.run(*command).status == 3, command


def test_force_push_is_found_by_the_commands(here: Simulator) -> None:
    """Truncated on the server: the next gate is undecided, `ledger verify` is red, a clone with a checkpoint too."""
    for _ in range(2):
        assert here.gate().status == 0
    kept = here.run("ledger", "checkpoint").out
    git(here.folder / "remote.git", "update-ref", BRANCH, f"{BRANCH}~1")
    assert here.gate().status == 3
    done = here.run("ledger", "verify")
    assert done.status == 1
    assert "it had 2 entries when it was last read here, now 1" in done.out
    thrown_away(here)
    here.write("kept.note", kept)
    assert here.run("ledger", "verify", "--checkpoint", "kept.note").status == 1


def test_chain_and_index_of_artifacts(here: Simulator) -> None:
    """The evidence chain is in the branch, release after release; the index leaves the private copy out."""
    index = ("ops", "artifact-index", *here.clock, "--format", "json", "--root")
    assert here.gate().status == 0
    found = here.run(*index, ".dpone", "--release", RELEASE).document
    assert found["items"]
    assert not [item for item in found["items"] if "git-ledger" in item["path"]]
    assert found["left_out"]["own_state"] == 1
    for release in (RELEASE, "v0.8.0"):
        assert here.run(*index, "build", "--release", release).status == 0
        place = ".dpone/artifact-index/artifact_index.json"
        done = here.run("ops", "evidence-chain", "--release", release, "--artifact-index", place, *here.clock)
        assert done.status == 0, done
    thrown_away(here)
    done = here.run("ops", "evidence-chain-verify", *here.clock, "--format", "json")
    assert done.document["entry_count"] == 2
    assert done.document["broken_entries"] == [place]  # the file, thrown away with the job; every link holds


def test_two_jobs_that_continue_the_chain_at_once(here: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock of a folder does not hold between machines: the slower job is undecided, and its next try follows."""
    from dpone.ops import evidence_chain

    place = ".dpone/artifact-index/artifact_index.json"
    index = ("ops", "artifact-index", *here.clock, "--root", "build", "--release", RELEASE)
    assert here.run(*index).status == 0
    other = shutil.copytree(
        here.folder, here.folder.parent / "elsewhere", ignore=shutil.ignore_patterns("remote.git")
    )
    link = ("ops", "evidence-chain", "--artifact-index", place, *here.clock, "--release")
    rival = [str(DPONE), *link, RELEASE]
    links = evidence_chain.links

    def late(ledger):
        read = links(ledger)
        monkeypatch.undo()
        subprocess.run(rival, cwd=other / "project", env={**here.env}, check=True, stdout=subprocess.DEVNULL)
        return read

    monkeypatch.setattr(evidence_chain, "links", late)
    done = here.run(*link, RELEASE)
    assert done.status == 3
    assert "was recorded meanwhile" in done.err
    assert here.run(*link, RELEASE).status == 0
    verified = here.run("ops", "evidence-chain-verify", *here.clock, "--format", "json")
    assert verified.document["entry_count"] == 2
    assert verified.status == 0


def test_export_and_import_between_a_branch_and_a_folder(here: Simulator) -> None:
    """A ledger moves from the branch into a folder and back into another branch, and verifies in each."""
    for _ in range(2):
        assert here.gate().status == 0
    done = here.run("ledger", "export", "all.tar.gz")
    assert done.status == 0, done
    assert done.out.startswith("exported 2 entries and ")
    config = (here.root / "dpone.yaml").read_text("utf-8")
    for spec in ("file:elsewhere", "git:origin#other/branch"):
        here.write("dpone.yaml", config.replace("git:origin#dpone-ledger", spec))
        assert here.run("ledger", "import", "all.tar.gz").out == "imported 2 entries\n"
        assert here.run("ledger", "import", "all.tar.gz").out == "imported 0 entries, 2 were there already\n"
        assert here.run("ledger", "verify").out == "INTACT  2 entries\n"
        assert here.gate().status == 0
    here.write("dpone.yaml", config)
    data = bytearray((here.root / "all.tar.gz").read_bytes())
    data[len(data) // 2] ^= 1
    here.write("changed.tar.gz", bytes(data))
    done = here.run("ledger", "import", "changed.tar.gz")
    assert done.status == 1
    assert done.err.count("\n") == 1
    assert here.run("ledger", "export", "all.tar.gz").status == 2


def test_spec_that_is_none_is_wrong_usage(here: Simulator) -> None:
    """Exit 2 and one line, before anything is decided or written."""
    config = (here.root / "dpone.yaml").read_text("utf-8")
    here.write("dpone.yaml", config.replace("git:origin#dpone-ledger", "'git:--upload-pack=touch x#b'"))
    for command in (("decision", "list"), ("ledger", "verify")):
        done = here.run(*command)
        assert (done.status, done.err.count("\n")) == (2, 1), done
    assert here.gate().status == 2
