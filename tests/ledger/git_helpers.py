"""A remote on disk, projects that were cloned from somewhere, and a process that appends."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

from dpone.canonical import sha256_hex
from dpone.ledger.git.ledger import GitLedger
from dpone.ledger.stores import open_ledger
from dpone.signing.dsse import DECISION, seal
from dpone.signing.private import signer_from_seed
from dpone.workspace import Workspace

AT = datetime(2026, 6, 5, 12, tzinfo=timezone.utc)
SIGNER = signer_from_seed(bytes([1]) * 32, "test key")
SPEC = "git:origin#dpone-ledger"


def environment(home: Path) -> dict[str, str]:
    """What git gets from the user: no name and no address, so that a commit must do without them."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}


def git(folder: Path, *arguments: str, check: bool = True) -> str:
    """Run git as a person would, to set things up and to attack them."""
    who = {f"GIT_{role}_{what}": "x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env={**environment(folder), **who},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 or not check, done.stderr
    return done.stdout.strip()


def bare(folder: Path) -> Path:
    """A new bare repository, as a server keeps one."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main")
    return folder


def project(folder: Path, remote: Path | str) -> Workspace:
    """A project whose repository has that remote, with nothing else local."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "remote", "add", "origin", str(remote))
    return Workspace(folder.resolve(), env=environment(folder))


def opened(workspace: Workspace, spec: str = SPEC, **options) -> GitLedger:
    """The project's ledger, as a process sees it that has just started."""
    ledger = open_ledger(spec, workspace, **options)
    assert isinstance(ledger, GitLedger)
    return ledger


def add(ledger, number: int, signer=SIGNER):
    """Record a decision about release v`number`, with its envelope and its input as objects."""
    envelope = seal(b'{"decision": %d}' % number, DECISION, signer)
    body = {"kind": "release-gate", "subject": {"release": f"v{number}"}, "envelope": sha256_hex(envelope)}
    return ledger.append("decision", body, AT, [envelope, b"input %d" % number], signer)


def releases(ledger) -> list[str]:
    """The release of every entry."""
    return [entry.body["subject"]["release"] for entry in ledger.entries()]


if __name__ == "__main__":
    place, first, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    mine = Workspace(place, env=environment(place))
    for written in range(first, first + count):
        print(add(opened(mine), written).index, written, flush=True)
