"""Trust anchored in git, against real repositories and the ways to cheat with one."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from dpone.errors import UndecidedError, UsageError
from dpone.record import replace
from dpone.signing.git import parse_git_place
from dpone.signing.private import signer_from_seed
from dpone.signing.trust import Trust, TrustedKey
from dpone.signing.trust_file import trust_bytes
from dpone.workspace import Workspace

ROOT = "git:origin/main:dpone.trust.json"
KEY = TrustedKey(signer_from_seed(bytes(32), "test").public, "ann", kinds=("junit",))
WIDER = replace(KEY, kinds=("*",))


def git(folder: Path, *words: str) -> str:
    """Run git with a clean environment and return what it printed."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    done = subprocess.run(
        ["git", *identity, *words], cwd=folder, env=env, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(folder: Path, key: TrustedKey) -> str:
    """Commit a trust file with that key; returns the commit id."""
    (folder / "dpone.trust.json").write_bytes(trust_bytes(Trust(keys=(key,))))
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "trust")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def clone(tmp_path: Path) -> Workspace:
    """A clone whose origin/main has a narrow trust file."""
    origin, root = tmp_path.resolve() / "origin", tmp_path.resolve() / "clone"
    origin.mkdir()
    git(origin, "init", "-q", "-b", "main")
    commit(origin, KEY)
    git(tmp_path, "clone", "-q", str(origin), str(root))
    return Workspace(root, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)})


def test_remote_branch_anchors_what_it_has(clone):
    """The same content as on origin/main is anchored, and so is the content itself by git: as the file."""
    assert Trust.load(clone, root=ROOT).state == "anchored"
    assert Trust.load(clone, ROOT, ROOT).keys == (KEY,)
    assert Trust.load(clone, ROOT).state == "workspace"
    assert Trust.load(clone, "git:HEAD:./dpone.trust.json").keys == (KEY,)


def test_trust_file_changed_on_a_branch_is_undecided(clone):
    """A pull request cannot widen its own rights: committed or not, the content differs from the root."""
    commit(clone.root, WIDER)
    for spec in ("dpone.trust.json", "git:HEAD:dpone.trust.json"):
        with pytest.raises(UndecidedError, match="demands SHA256"):
            Trust.load(clone, spec, ROOT)


def test_file_deleted_in_the_folder_leaves_the_anchored_one(clone):
    """Removing the file removes no rule: the root's content is used."""
    (clone.root / "dpone.trust.json").unlink()
    assert Trust.load(clone, root=ROOT).keys == (KEY,)
    assert Trust.load(clone, root=ROOT).state == "anchored"


@pytest.mark.parametrize("kind", ["tag", "branch"])
def test_local_name_like_the_remote_branch_does_not_shadow_it(kind, clone):
    """Git prefers a tag or branch called origin/main; the trust root does not."""
    commit(clone.root, WIDER)
    git(clone.root, kind, "origin/main")
    with pytest.raises(UndecidedError, match="demands SHA256"):
        Trust.load(clone, root=ROOT)


@pytest.mark.parametrize("ref", ["HEAD", "main", "refs/heads/main", "refs/tags/v1"])
def test_local_ref_is_no_root(ref, clone):
    """What the folder itself can move anchors nothing."""
    git(clone.root, "tag", "v1")
    with pytest.raises(UndecidedError, match="git knows no remote branch"):
        Trust.load(clone, root=f"git:{ref}:dpone.trust.json")


def test_full_commit_id_is_a_root(clone):
    """A commit id fixes the content as a fingerprint does; a short one or HEAD's name does not."""
    narrow = git(clone.root, "rev-parse", "HEAD")
    assert Trust.load(clone, root=f"git:{narrow}:dpone.trust.json").state == "anchored"
    with pytest.raises(UndecidedError):
        Trust.load(clone, root=f"git:{narrow[:12]}:dpone.trust.json")
    commit(clone.root, WIDER)
    with pytest.raises(UndecidedError, match="demands SHA256"):
        Trust.load(clone, root=f"git:{narrow}:dpone.trust.json")


def test_replace_refs_do_not_swap_the_content(clone):
    """refs/replace puts another object in the commit's place; it is not followed."""
    narrow = git(clone.root, "rev-parse", "HEAD")
    wide = commit(clone.root, WIDER)
    git(clone.root, "replace", narrow, wide)
    with pytest.raises(UndecidedError, match="demands SHA256"):
        Trust.load(clone, root=ROOT)


def test_git_variables_do_not_lead_elsewhere(clone, tmp_path):
    """GIT_DIR and the like from the environment are cleared."""
    evil = tmp_path / "evil"
    evil.mkdir()
    git(evil, "init", "-q", "-b", "main")
    commit(evil, WIDER)
    git(evil, "update-ref", "refs/remotes/origin/main", "HEAD")
    there = {"GIT_DIR": str(evil / ".git"), "GIT_WORK_TREE": str(evil), "GIT_OBJECT_DIRECTORY": str(evil)}
    place = replace(clone, env={**clone.env, **there})
    assert Trust.load(place, ROOT, ROOT).keys == (KEY,)


def test_settings_of_the_repository_run_nothing(clone):
    """Hooks, monitors, pagers and aliases in its config are programs of whoever made the folder."""
    trap = clone.root / "trap.sh"
    trap.write_text("#!/bin/sh\ntouch ran\n")
    trap.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "alias.rev-parse",
        "alias.cat-file",
        "pager.cat-file",
    ):
        git(clone.root, "config", key, f"{'!' if 'alias' in key else ''}{trap}")
    assert Trust.load(clone, root=ROOT).state == "anchored"
    assert not (clone.root / "ran").exists()


def test_missing_objects_are_not_fetched(clone):
    """A partial clone would run the remote's helper to get the file; here it is just not there."""
    trap = clone.root / "trap.sh"
    trap.write_text("#!/bin/sh\ntouch ran\nexit 1\n")
    trap.chmod(0o755)
    for key, value in (("remote.origin.promisor", "true"), ("remote.origin.uploadpack", str(trap))):
        git(clone.root, "config", key, value)
    blob = git(clone.root, "rev-parse", "HEAD:dpone.trust.json")
    objects = clone.root / ".git" / "objects"
    for pack in list(objects.glob("pack/*.pack")):
        pack.rename(clone.root / pack.name)
        with (clone.root / pack.name).open("rb") as data:
            subprocess.run(["git", "unpack-objects", "-q"], cwd=clone.root, stdin=data, check=True)
    shutil.copy(objects / blob[:2] / blob[2:], clone.root / "kept")
    (objects / blob[:2] / blob[2:]).unlink()
    with pytest.raises(UndecidedError, match="git has no file"):
        Trust.load(clone, root=ROOT)
    assert not (clone.root / "ran").exists()


@pytest.mark.parametrize(
    "spec",
    [
        "git:",
        "git:main",
        "git:main:",
        "git::path",
        "git:--output=x:path",
        "git:-x:path",
        "git:a..b:path",
        "git:main@{1}:path",
        "git:main~1:path",
        "git:main:/etc/passwd",
        "git:main:../x",
        "git:main:a/../x",
        "git:main:a//b",
        "git:main:a/./b",
        "git:main:a:b",
        "git:main:a\nb",
        "git:ma in:path",
        "git:main:a\\b",
        "svn:main:path",
    ],
)
def test_only_plain_refs_and_paths_are_taken(spec):
    """Options, revision arithmetic, and ways out of the folder are a usage error."""
    with pytest.raises(UsageError, match="REF:PATH"):
        parse_git_place(spec, "the trust root")


def test_failing_git_is_one_clear_answer(clone, tmp_path):
    """No repository, no git, no such file or branch, a folder for a file: undecided, each with its reason."""
    cases = [
        (replace(clone, root=tmp_path.resolve()), ROOT, "not in a git repository"),
        (replace(clone, env={"PATH": str(tmp_path)}), ROOT, "git is not installed"),
        (clone, "git:origin/other:dpone.trust.json", "git fetch origin"),
        (clone, "git:origin/main:other.json", "git has no file"),
    ]
    for place, root, message in cases:
        with pytest.raises(UndecidedError, match=message):
            Trust.load(place, root=root)
    (clone.root / "folder").mkdir()
    (clone.root / "folder" / "x").write_text("")
    commit(clone.root, KEY)
    with pytest.raises(UndecidedError, match="is not a file"):
        Trust.load(clone, "git:HEAD:folder")
