"""Choosing an engine: what dpone.yaml and the command line may say, and what a decision says of it after.

Nothing here needs OPA; decisions that OPA takes are in tests/parity.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from release_simulator import RELEASE, Simulator, granted

from dpone.config.keys import find_key
from dpone.config.schema import config_schema
from dpone.evidence.seals import worth


@pytest.fixture
def release(tmp_path: Path) -> Simulator:
    """A workspace where everything is sealed and green."""
    return Simulator(tmp_path)


@pytest.fixture
def protected(release: Simulator) -> Simulator:
    """The same in a protected environment, decided by an anchored key: green."""
    release.live()
    release.anchor(release.trust(granted(release.public), protected=("production",)))
    release.env["DPONE_ENVIRONMENT"] = "production"
    release.seal("--environment", "production")
    return release


GOOD = ("regopy", "opa", "opa-server:http://127.0.0.1:8181", "opa-server:https://opa.example.com/base",
        "opa-server:http://[::1]:8181")  # fmt: skip
BAD = ("", "OPA", "opa-server", "opa-server:", "opa-server:127.0.0.1:8181", "opa-server:ftp://x", "opa:/usr/bin/opa",
       "opa-server:http://user:secret@host", "opa-server:http://host?x=1", "opa-server:http://host#x",
       "opa-server:http://host:99999", "opa-server:http://host\n", "opa-server:file:///etc", 1, None, ["opa"])  # fmt: skip


@pytest.mark.parametrize("value", [*GOOD, *BAD])
def test_what_an_engine_may_be_called(value: object) -> None:
    """An address has no user, no password and no query: it is kept with decisions. The schema agrees."""
    key = find_key(("engine",))
    assert key is not None
    if value in GOOD:
        assert key.read(value) == value
    else:
        with pytest.raises(ValueError):
            key.read(value)
    fits = Draft202012Validator(config_schema()).is_valid({"version": 1, "engine": value})
    assert fits == (value in GOOD) or value in ("opa-server:http://host:99999", "opa-server:http://host\n")


def test_a_digest_is_sixty_four_hex_digits() -> None:
    """Capitals mean the same; anything else is refused before it could pin nothing."""
    key = find_key(("opa", "sha256"))
    assert key is not None
    assert key.read("A" * 64) == "a" * 64
    for value in ("", "a" * 63, "a" * 65, "sha256:" + "a" * 64, "g" * 64, 1):
        with pytest.raises(ValueError):
            key.read(value)


def test_the_embedded_engine_is_signed_with_the_decision(release: Simulator) -> None:
    """Name, version, canary and what vouches for it, in the artifact, the input and under the signature."""
    document = release.gate("--format", "json").document
    assert document["run"]["engine"] == "regopy 1.5.2"
    assert document["run"]["engine_trust"] == "embedded"
    signed = release.run("decision", "show", "latest", "--format", "statement").document["predicate"]
    assert signed["engine"]["name"] == "regopy"
    assert signed["engine"]["canary"] == document["run"]["canary"] != ""
    shown = release.gate("--show-input").document
    assert shown["engine"] == {"name": "regopy", "trust": "embedded"}


def test_without_opa_the_decision_is_undecided_and_recorded(release: Simulator) -> None:
    """An engine that is not there is no pass and no denial: exit 3, kept, and replayed as what it was."""
    done = release.gate("--engine", "opa", "--format", "json", env={"PATH": os.devnull})
    assert done.status == 3
    assert done.document["decision"]["problem"] == "there is no program called opa on the PATH"
    assert done.document["decision"]["trust"] == "local"
    assert release.run("decision", "verify", "latest").status == 0
    assert release.run("decision", "replay", "latest", "--engine", "regopy").status == 0


def test_a_command_line_cannot_name_a_server(release: Simulator) -> None:
    """Whoever calls a gate picks among engines; where a server stands is said in dpone.yaml alone."""
    done = release.gate("--engine", "opa-server")
    assert (done.status, release.entries()[1:]) == (2, [])
    assert "dpone.yaml" in done.err
    assert release.gate("--engine", "opa-server:http://127.0.0.1:1").status == 2


def test_a_server_that_is_gone_is_undecided_and_the_command_line_may_leave_it(release: Simulator) -> None:
    """What dpone.yaml names is asked, and its absence is no pass; the embedded engine decides instead when asked."""
    release.config("engine: opa-server:http://127.0.0.1:9")
    assert release.gate().status == 3
    assert release.gate("--engine", "opa-server").status == 3
    done = release.gate("--engine", "regopy", "--format", "json")
    assert (done.status, done.document["run"]["engine"]) == (0, "regopy 1.5.2")


def test_a_program_with_another_digest_decides_nothing(release: Simulator, tmp_path: Path) -> None:
    """The pin holds whatever the command line says, and the program is never started."""
    binary = tmp_path / "opa"
    binary.write_text("#!/bin/sh\ntouch ran\n")
    binary.chmod(0o700)
    release.config(f"opa: {{binary: '{binary}', sha256: '{'0' * 64}'}}")
    done = release.gate("--engine", "opa", "--format", "json")
    assert done.status == 3
    assert "opa.sha256 names" in done.document["decision"]["problem"]
    assert not list(release.folder.rglob("ran"))


def test_a_protected_environment_refuses_an_engine_nothing_vouches_for(protected: Simulator) -> None:
    """Neither an unpinned program nor a server behind an open connection: the rule that refuses them sees what
    dpone.yaml says, before anybody answers."""
    assert protected.gate("--environment", "production").status == 0
    unpinned = protected.run(
        "ops", "release-gate", "--release", RELEASE, "--engine", "opa", "--show-input"
    ).document
    assert (unpinned["protected"], unpinned["engine"]) == (True, {"name": "opa", "trust": "local"})
    protected.config("engine: opa-server:http://opa.example.com")
    remote = protected.run("ops", "release-gate", "--release", RELEASE, "--show-input").document
    assert remote["engine"] == {"name": "opa-server", "trust": "local"}


@pytest.mark.parametrize("trust", ["anchored", "workspace", "local", "none"])
def test_a_decision_is_worth_no_more_than_its_engine(trust: str) -> None:
    """An engine that only this machine stands behind makes of a key's word what this machine's own key is worth."""
    assert worth(trust, "local") == ("none" if trust == "none" else "local")  # type: ignore[arg-type]
    for engine in ("embedded", "pinned", "read_back", ""):
        assert worth(trust, engine) == trust  # type: ignore[arg-type]
