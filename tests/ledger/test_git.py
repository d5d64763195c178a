"""A ledger on a branch: real repositories on disk, real pushes, and every way a branch can be tampered with."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time

import git_helpers
import pytest
from git_helpers import SIGNER, SPEC, add, bare, git, opened, project, releases

from dpone.errors import UndecidedError
from dpone.ledger.service import envelope_check, verify_ledger
from dpone.signing.private import signer_from_seed
from dpone.signing.trust import PinnedOrigin

BRANCH = "refs/heads/dpone-ledger"


@pytest.fixture
def remote(tmp_path):
    """A server's repository, empty."""
    return bare(tmp_path / "server" / "remote.git")


@pytest.fixture
def mine(tmp_path, remote):
    """A project with that remote."""
    return project(tmp_path / "mine", remote)


def clone(tmp_path, remote, name="other"):
    """The same project on another machine."""
    return project(tmp_path / name, remote)


def verified(workspace, **options):
    """The report of a verification by a process that has just started."""
    return verify_ledger(opened(workspace, **options), [SIGNER.public])


def codes(report):
    """What kinds of defects a report has."""
    return {defect.what for defect in report.defects}


# recording and reading


def test_two_clones_take_turns_and_each_verifies_all(tmp_path, remote, mine):
    """Entries of two machines make one chain; a third that has nothing local reads and verifies all of it."""
    other = clone(tmp_path, remote)
    one, two = opened(mine), opened(other)
    receipts = [add(ledger, number) for number, ledger in enumerate((one, two, one, two, two))]
    assert [receipt.index for receipt in receipts] == [0, 1, 2, 3, 4]
    assert len({receipt.origin for receipt in receipts}) == 1
    fresh = opened(clone(tmp_path, remote, "fresh"))
    assert releases(fresh) == ["v0", "v1", "v2", "v3", "v4"]
    assert fresh.checkpoint() == receipts[-1].checkpoint
    assert [entry.index for entry in fresh.find("release-gate", {"release": "v3"})] == [3]
    assert fresh.get_object(fresh.entry(2).body["objects"][0])
    report = verified(clone(tmp_path, remote, "auditor"))
    assert (report.defects, report.remarks, report.size) == ((), (), 5)


def test_one_commit_per_append_says_which_entry_and_decision(remote, mine):
    """The branch is an orphan with one commit per entry; its message needs no identity of the user's."""
    for number in range(3):
        add(opened(mine), number)
    log = git(remote, "log", "--format=%an|%s|%b", BRANCH).split("\n")
    said = [line for line in log if line]
    assert [line.split("|")[1] for line in said] == [f"entry {n + 1}: release-gate v{n}" for n in (2, 1, 0)]
    envelope = opened(mine).entry(2).envelope
    assert f"Decision: {envelope}" in said[0]
    assert git(remote, "rev-list", "--max-parents=0", BRANCH).count("\n") == 0


def test_the_users_repository_is_left_as_it_was(remote, mine):
    """Index, work tree, branches, remote-tracking refs and objects of the project do not change."""
    (mine.root / "file.txt").write_text("text")
    git(mine.root, "add", "file.txt")
    git(mine.root, "commit", "--quiet", "--message", "first")
    git(mine.root, "push", "--quiet", "origin", "main")
    (mine.root / "staged.txt").write_text("staged")
    git(mine.root, "add", "staged.txt")

    def state():
        places = [p for p in mine.root.rglob("*") if ".dpone" not in p.parts and p.is_file()]
        return {place: place.read_bytes() for place in places}

    before = state()
    ledger = opened(mine)
    add(ledger, 0)
    add(opened(mine), 1)
    verified(mine)
    assert state() == before
    assert git(mine.root, "status", "--short") == "A  staged.txt"


def test_hooks_of_the_user_do_not_run(tmp_path, remote, mine):
    """A commit or push hook, and one for every repository, sees nothing of the ledger."""
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("pre-push", "reference-transaction", "post-checkout", "pre-commit"):
        # A reference-transaction hook for every repository would run in this remote too, which is its right.
        places = (mine.root / ".git" / "hooks", *([hooks] if name != "reference-transaction" else []))
        for folder in places:
            folder.mkdir(exist_ok=True)
            (folder / name).write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\nexit 1\n")
            (folder / name).chmod(0o755)
    (mine.root / ".gitconfig").write_text(f'[core]\n\thooksPath = "{hooks}"\n[commit]\n\tgpgSign = true\n')
    add(opened(mine), 0)
    assert releases(opened(mine)) == ["v0"]
    assert not (tmp_path / "ran").exists()


def test_settings_of_the_projects_repository_reach_the_remote(tmp_path, remote, mine):
    """What a CI checkout leaves in the project's own settings (here a rewritten URL) is used, and variables
    that point git elsewhere are not.
    """
    git(mine.root, "remote", "set-url", "origin", "https://example.invalid/x.git")
    git(mine.root, "config", f"url.{remote}.insteadOf", "https://example.invalid/x.git")
    from dpone.record import replace

    env = {**mine.env, "GIT_DIR": str(tmp_path / "nowhere"), "GIT_INDEX_FILE": "x", "GIT_WORK_TREE": "/"}
    add(opened(replace(mine, env=env)), 0)
    assert git(remote, "rev-list", "--count", BRANCH) == "1"


def test_a_remote_by_path_or_url_needs_no_repository_around(tmp_path, remote):
    """A workspace that is in no repository keeps its ledger by path, relative or absolute, or by URL."""
    from dpone.workspace import Workspace

    (tmp_path / "plain").mkdir()
    plain = Workspace((tmp_path / "plain").resolve(), env=git_helpers.environment(tmp_path))
    for number, name in enumerate(("../server/remote.git", remote, remote.as_uri())):
        add(opened(plain, f"git:{name}#a/ledger"), number)
    assert releases(opened(plain, f"git:{remote}#a/ledger")) == ["v0", "v1", "v2"]
    with pytest.raises(UndecidedError, match="not in a git repository") as caught:
        opened(plain).origin()
    assert caught.value.exit_status == 3


def test_an_append_costs_what_it_adds(remote, mine, monkeypatch):
    """However many entries there are, a process that starts anew asks git for as many objects as before."""
    from dpone.ledger.git.tree import Objects

    asked: list[str] = []
    read = Objects.read

    def noting(self, name, kind, limit):
        asked.append(name)
        return read(self, name, kind, limit)

    monkeypatch.setattr(Objects, "read", noting)
    counts = {}
    for number in range(19):
        asked.clear()
        add(opened(mine), number)
        counts[number] = len(asked)
    assert counts[18] <= counts[8] + 2 <= 25


def test_ledger_can_be_begun_and_objects_kept_without_an_entry(mine):
    """Creating makes the origin once; an object is kept once, and is no entry."""
    ledger = opened(mine)
    origin = ledger.create()
    assert opened(mine).create() == ledger.create() == origin
    digest = ledger.put(b"layer")
    assert opened(mine).put(b"layer") == digest
    assert opened(mine).get_object(digest) == b"layer"
    assert opened(mine).head() is None
    assert add(opened(mine, pinned=origin), 0).origin == origin
    assert verified(mine).intact


def test_reading_leaves_the_remote_alone(remote, mine):
    """A preview, or looking at a ledger that was never begun, pushes nothing."""
    ledger = opened(mine)
    assert (ledger.origin(), ledger.head(), ledger.checkpoint()) == (None, None, None)
    assert list(ledger.entries()) == list(ledger.find("x", {})) == []
    assert ledger.verify([]).intact
    assert git(remote, "for-each-ref") == ""


# parallel writers and kill -9


def start(workspace, first, count):
    """A process that appends so many entries and prints each once it is reported."""
    command = [sys.executable, git_helpers.__file__, str(workspace.root), str(first), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_parallel_pushers_lose_nothing(tmp_path, remote):
    """Eight machines begin and fill one ledger at the same time, three entries each: every reported entry is
    there, once, where it was reported to be.
    """
    machines = [clone(tmp_path, remote, f"machine{number}") for number in range(8)]
    running = [start(machine, 10 * number, 3) for number, machine in enumerate(machines)]
    said: dict[int, str] = {}
    for process in running:
        out, problem = process.communicate(timeout=120)
        assert process.returncode == 0, problem
        said |= {int(index): f"v{number}" for index, number in (line.split() for line in out.splitlines())}
    assert sorted(said) == list(range(24))
    fresh = clone(tmp_path, remote, "fresh")
    assert dict(enumerate(releases(opened(fresh)))) == said
    report = verified(fresh)
    assert (report.defects, report.remarks, report.size) == ((), (), 24)
    assert git(remote, "rev-list", "--count", BRANCH) == "24"


def test_parallel_processes_of_one_project_take_turns(remote, mine):
    """Two processes in one folder share its private repository and lose nothing."""
    running = [start(mine, 10 * number, 3) for number in range(2)]
    assert [process.communicate(timeout=60)[1] and process.returncode for process in running] in (
        [0, 0],
        ["", ""],
    )
    assert sorted(releases(opened(mine))) == sorted(f"v{n}" for n in (0, 1, 2, 10, 11, 12))
    assert verified(mine).intact


def test_kill_at_any_moment_leaves_nothing_half(tmp_path, remote, mine):
    """Killed again and again while it fetches, commits or pushes: what was reported is there, the branch
    always verifies, and the same folder goes on.
    """
    said: list[str] = []
    for turn in range(6):
        victim = start(mine, 100 * turn, 50)
        said.append(f"v{victim.stdout.readline().split()[1]}")
        time.sleep(0.03 * turn)
        victim.kill()
        said += [
            f"v{line.split()[1]}"
            for line in victim.communicate()[0].splitlines(keepends=True)
            if line[-1] == "\n"
        ]
    time.sleep(0.5)  # a push under way when its parent was killed may still arrive
    add(opened(mine), 9999)
    found = releases(opened(clone(tmp_path, remote)))
    assert len(found) == len(set(found))
    assert set(said) <= set(found)
    assert found[-1] == "v9999"
    report = verified(mine)
    assert (report.defects, report.remarks) == ((), ())


def test_locks_of_a_killed_git_are_cleared(mine):
    """What a killed git left locked does not stop the next append."""
    ledger = opened(mine)
    add(ledger, 0)
    for name in ("refs/dpone/fetched.lock", "refs/dpone/seen.lock", "packed-refs.lock", "config.lock"):
        (ledger.folder / "repo.git" / name).write_text("")
    (ledger.folder / "tmp" / "x.part").write_text("half")
    add(opened(mine), 1)
    assert verified(mine).remarks == ()


def test_an_answer_that_was_lost_is_asked_for_again(remote, mine, monkeypatch):
    """The remote accepted and the line broke before it said so: the entry is recorded once and reported."""
    from dpone.ledger.git.repository import Pushed, Repository

    push = Repository.push

    def cut(self, commit, expected):
        assert push(self, commit, expected).accepted
        return Pushed(accepted=False, unsure=True, reason="fatal: the remote end hung up")

    monkeypatch.setattr(Repository, "push", cut)
    assert add(opened(mine), 0).index == 0
    assert releases(opened(mine)) == ["v0"]


def test_races_that_are_lost_for_ever_end_with_a_reason(tmp_path, remote, mine):
    """Where others always push first, the answer comes within the bound and says so."""
    from dpone.ledger.git.ledger import GitLedger
    from dpone.ledger.git.spec import parse_spec

    rival = opened(clone(tmp_path, remote))
    slow = GitLedger(parse_spec(SPEC, mine), mine, "mine", race_seconds=0.1)
    commit = slow._branch._repository.commit

    def late(*arguments):
        made = commit(*arguments)
        add(rival, 0)
        return made

    slow._branch._repository.commit = late
    with pytest.raises(UndecidedError, match="others were quicker"):
        add(slow, 1)
    assert "v1" not in releases(opened(mine))


# a remote that does not do what is needed


def test_remote_that_is_not_there(tmp_path, remote, mine):
    """Offline, unknown remote, wrong path: one line, exit 3, and no fresh start, known before or not."""
    add(opened(mine), 0)
    remote.rename(tmp_path / "away")
    for attempt in (
        lambda: opened(mine).origin(),
        lambda: add(opened(mine), 1),
        lambda: releases(opened(mine)),
        lambda: verified(mine),
        lambda: add(opened(clone(tmp_path, remote)), 1),
        lambda: add(opened(mine, "git:https://127.0.0.1:9/x.git#ledger"), 1),
    ):
        with pytest.raises(UndecidedError, match="cannot be fetched") as caught:
            attempt()
        assert caught.value.exit_status == 3
        assert "\n" not in str(caught.value)
    with pytest.raises(UndecidedError, match="knows no remote 'upstream'"):
        opened(mine, "git:upstream#ledger").origin()


def test_remote_that_goes_away_while_pushing(tmp_path, remote, mine):
    """Read, then offline: nothing is reported, and later the entry is not there."""
    ledger = opened(mine)
    assert ledger.origin() is None
    remote.rename(tmp_path / "away")
    with pytest.raises(UndecidedError, match=r"did not work.*cannot be known"):
        add(ledger, 0)
    (tmp_path / "away").rename(remote)
    assert releases(opened(mine)) == []


def test_push_refused_by_rules(remote, mine):
    """A rule of the remote's refuses: its words are told, nothing is recorded, and it is not tried for ever."""
    hook = remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'this branch is protected' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(UndecidedError, match=r"was refused.*this branch is protected") as caught:
        add(opened(mine), 0)
    assert caught.value.exit_status == 3
    assert git(remote, "for-each-ref") == ""


def test_branch_that_is_no_ledger_is_never_written_to(remote, mine):
    """Somebody's own branch is not taken for an empty ledger."""
    (mine.root / "file.txt").write_text("text")
    git(mine.root, "add", ".")
    git(mine.root, "commit", "--quiet", "--message", "first")
    git(mine.root, "push", "--quiet", "origin", "main:dpone-ledger")
    before = git(remote, "rev-parse", BRANCH)
    for attempt in (lambda: opened(mine).origin(), lambda: add(opened(mine), 0), lambda: verified(mine)):
        with pytest.raises(UndecidedError, match="is not a ledger"):
            attempt()
    assert git(remote, "rev-parse", BRANCH) == before


def test_remote_that_hangs_is_given_up(remote, mine, monkeypatch):
    """A push that nobody answers ends after a while; whether it arrived is then looked up."""
    from dpone.ledger.git import program

    add(opened(mine), 0)
    hook = remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nsleep 30\nexit 1\n")
    hook.chmod(0o755)
    monkeypatch.setattr(program, "TRANSPORT_SECONDS", 2)
    with pytest.raises(UndecidedError, match="did not answer within 2 seconds"):
        add(opened(mine), 1)
    hook.unlink()
    assert releases(opened(mine)) == ["v0"]


def test_repository_with_other_hashes_is_refused(tmp_path):
    """A remote in SHA-256 is said not to fit, exit 3."""
    place = tmp_path / "sha256.git"
    place.mkdir()
    git(place, "init", "--quiet", "--bare", "--object-format=sha256")
    with pytest.raises(UndecidedError):
        add(opened(project(tmp_path / "mine", place)), 0)


def test_missing_git_is_a_clear_answer(mine):
    """Without git there is no ledger in git, and no traceback."""
    from dpone.record import replace

    with pytest.raises(UndecidedError, match="git is not installed"):
        opened(replace(mine, env={"PATH": "/nowhere"})).origin()


# a branch that was rewritten


def tampered(tmp_path, remote):
    """A checkout of the ledger's branch, as whoever may push has one."""
    place = tmp_path / "attacker"
    git(tmp_path, "clone", "--quiet", "--branch", "dpone-ledger", str(remote), str(place))
    return place


def truncate(place):
    """Cut the last two entries off."""
    git(place, "reset", "--quiet", "--hard", "HEAD~2")


def squash(place):
    """The same files in one commit without the history."""
    git(place, "checkout", "--quiet", "--orphan", "x")
    git(place, "commit", "--quiet", "--message", "all")
    git(place, "branch", "--quiet", "--move", "--force", "dpone-ledger")


def edit(place):
    """Change an old entry in a new commit."""
    path = place / "entries/0000/000/0000000001.json"
    path.write_bytes(path.read_bytes().replace(b"v1", b"w1"))
    git(place, "commit", "--quiet", "--all", "--message", "better")


def fork(place):
    """Another end, signed by a key that may sign: cut two entries off and append others."""
    truncate(place)
    ledger = opened(project(place.parent / "forger", place), f"git:{place}#dpone-ledger")
    git(place, "checkout", "--quiet", "--detach")
    for number in range(90, 93):
        add(ledger, number)
    git(place, "checkout", "--quiet", "dpone-ledger")


def replace_all(place):
    """Another ledger, whole in itself, in the place of the first."""
    git(place, "checkout", "--quiet", "--detach")
    git(place, "branch", "--delete", "--force", "--quiet", "dpone-ledger")
    ledger = opened(project(place.parent / "forger", place), f"git:{place}#dpone-ledger")
    for number in range(6):
        add(ledger, number)
    git(place, "checkout", "--quiet", "dpone-ledger")


ATTACKS = {
    truncate: {"truncated"},
    squash: {"rewritten"},
    edit: {"broken_chain", "root_mismatch"},
    fork: {"forked"},
    replace_all: {"rewritten"},
}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_rewritten_branch_is_found(attack, tmp_path, remote, mine):
    """Whoever read it before refuses to read and to append, `verify` says what was done, and putting the kept
    state back heals it. A fresh machine finds it through a checkpoint kept elsewhere or the pinned origin.
    """
    ledger = opened(mine)
    for number in range(5):
        add(ledger, number)
    kept, origin = ledger.checkpoint(), ledger.origin()
    place = tampered(tmp_path, remote)
    attack(place)
    git(place, "push", "--quiet", "--force", "origin", "dpone-ledger")
    for attempt in (
        lambda: releases(opened(mine)),
        lambda: add(opened(mine), 7),
        lambda: list(opened(mine).find("x", {})),
    ):
        with pytest.raises(UndecidedError) as caught:
            attempt()
        assert caught.value.code in ("ledger.rewritten", "ledger.broken")
    report = verified(mine)
    assert ATTACKS[attack] <= codes(report)
    fresh = clone(tmp_path, remote)
    if attack is not squash:  # the same entries in other commits: nobody who was not there can tell, or need to
        assert not opened(fresh).verify([SIGNER.public], kept).intact
    if attack is replace_all:
        with pytest.raises(UndecidedError, match="not the one the trust file pins"):
            opened(fresh, pinned=origin).head()
        assert codes(verified(fresh, pinned=origin)) == {"bad_origin"}
    git(ledger.folder / "repo.git", "push", "--quiet", "--force", str(remote), f"refs/dpone/seen:{BRANCH}")
    assert releases(opened(mine)) == [f"v{number}" for number in range(5)]
    assert verified(mine).intact


def test_branch_that_is_gone_is_never_begun_anew(tmp_path, remote, mine):
    """Deleted where it was known, or where the trust file pins it: undecided, and nothing is pushed."""
    origin = add(opened(mine), 0).origin
    git(remote, "update-ref", "-d", BRANCH)
    for attempt in (lambda: opened(mine).head(), lambda: add(opened(mine), 1), lambda: verified(mine)):
        with pytest.raises(UndecidedError, match="is gone"):
            attempt()
    fresh = clone(tmp_path, remote)
    for attempt in (
        lambda: opened(fresh, pinned=origin).head(),
        lambda: add(opened(fresh, pinned=origin), 1),
        lambda: opened(fresh, pinned=origin).create(),
        lambda: verified(fresh, pinned=origin),
    ):
        with pytest.raises(UndecidedError, match="never begun"):
            attempt()
    assert git(remote, "for-each-ref") == ""


def test_branch_that_goes_between_reading_and_pushing_is_not_begun_anew(remote, mine):
    """The push itself is the comparison: a branch deleted in between is not created again."""
    add(opened(mine), 0)
    ledger = opened(mine)
    assert releases(ledger) == ["v0"]
    git(remote, "update-ref", "-d", BRANCH)
    with pytest.raises(UndecidedError, match="is gone"):
        add(ledger, 1)
    assert git(remote, "for-each-ref") == ""


def test_pinned_origin_refuses_another_ledger(mine):
    """A branch with another ledger than the pinned one is neither read nor continued."""
    origin = add(opened(mine), 0).origin
    other = PinnedOrigin(origin.name, "00" * 32)
    for attempt in (lambda: opened(mine, pinned=other).head(), lambda: add(opened(mine, pinned=other), 1)):
        with pytest.raises(UndecidedError, match="not the one the trust file pins"):
            attempt()
    assert add(opened(mine, pinned=origin), 1).index == 1


def test_checkpoint_by_a_stranger_is_not_continued(tmp_path, remote, mine):
    """Where keys are given, a branch whose last checkpoint none of them signed is refused, and is not taken
    for the state to compare with later.
    """
    add(opened(mine, keys=(SIGNER.public,)), 0)
    stranger = signer_from_seed(bytes([9]) * 32, "stranger")
    add(opened(clone(tmp_path, remote)), 1, stranger)
    for attempt in (
        lambda: opened(mine, keys=(SIGNER.public,)).head(),
        lambda: add(opened(mine, keys=(SIGNER.public,)), 2),
    ):
        with pytest.raises(UndecidedError, match="no known key"):
            attempt()
    assert "bad_checkpoint" in codes(verified(mine))
    git(remote, "update-ref", BRANCH, f"{BRANCH}~1")
    assert add(opened(mine, keys=(SIGNER.public,)), 2).index == 1


STRAYS = {
    "a file beside": ("note.txt", b"x", "stray"),
    "a half step": ("checkpoint.next", b"x", "stray"),
    "a cache": ("cache/entries.jsonl", b"x", "stray"),
    "an entry too many": ("entries/0000/000/0000000003.json", b"{}", "uncovered"),
    "an object in the wrong place": ("store/sha256/aa/bb", b"x", "stray"),
    "an object that is another": (f"store/sha256/aa/{'a' * 64}", b"x", "object_damaged"),
}


@pytest.mark.parametrize("case", STRAYS)
def test_files_that_do_not_belong_there_are_found(case, tmp_path, remote, mine):
    """Whatever else somebody pushes onto the branch is named; what is proven stays readable."""
    for number in range(3):
        add(opened(mine), number)
    name, data, code = STRAYS[case]
    place = tampered(tmp_path, remote)
    (place / name).parent.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes(data)
    git(place, "add", "--force", ".")
    git(place, "commit", "--quiet", "--message", "more")
    git(place, "push", "--quiet", "origin", "dpone-ledger")
    assert codes(verified(clone(tmp_path, remote))) == {code}
    assert releases(opened(mine)) == ["v0", "v1", "v2"]


def test_link_in_the_place_of_an_entry_is_no_entry(tmp_path, remote, mine):
    """A symbolic link in the tree is not followed, and not read as text either."""
    for number in range(2):
        add(opened(mine), number)
    place = tampered(tmp_path, remote)
    entry = place / "entries/0000/000/0000000001.json"
    entry.unlink()
    entry.symlink_to("/etc/passwd")
    git(place, "add", ".")
    git(place, "commit", "--quiet", "--message", "link")
    git(place, "push", "--quiet", "origin", "dpone-ledger")
    with pytest.raises(UndecidedError, match="not a regular file"):
        releases(opened(clone(tmp_path, remote)))
    report = opened(clone(tmp_path, remote, "third")).verify(
        [SIGNER.public], None, envelope_check([SIGNER.public])
    )
    assert "unreadable" in codes(report)


def test_deleting_what_is_local_loses_nothing(mine):
    """The private repository is a copy: without it everything is fetched again."""
    ledger = opened(mine)
    add(ledger, 0)
    shutil.rmtree(ledger.folder)
    assert add(opened(mine), 1).index == 1
    (ledger.folder / "repo.git" / "HEAD").unlink()
    assert releases(opened(mine)) == ["v0", "v1"]
