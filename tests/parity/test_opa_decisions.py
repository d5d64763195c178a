"""Whole decisions taken with OPA: the same findings, what vouches for them, and nothing left behind."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from opa import opa_path, opa_server
from release_simulator import RELEASE, Simulator, denied, granted

from dpone.policy.engines.opa_program import file_digest
from dpone.shipped import shipped

OPA = opa_path()
PATH = {"PATH": str(Path(OPA).parent)}


@pytest.fixture
def release(tmp_path: Path) -> Simulator:
    """A workspace where everything is sealed and green."""
    return Simulator(tmp_path)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server that somebody else uses too: it has policies in our packages that would let everything pass, and
    data where ours would lie."""
    with opa_server(OPA) as address:
        for name, text in {
            "dpone/evidence": "package dpone.evidence\n\npresent := []\n\nengine_vouched := []\n",
            "dpone/lib": 'package dpone.lib\n\nof_kind(_) := []\n\nseverity(_) := "none"\n',
        }.items():
            assert send(address, "PUT", f"/v1/policies/{name}", text)[0] == 200
        config = json.dumps({"concerns": {"stale": "allow"}})
        assert send(address, "PUT", "/v1/data/dpone/config", config)[0] == 204
        yield address


def send(address: str, method: str, path: str, body: str = "") -> tuple[int, bytes]:
    """One request."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    try:
        connection.request(method, path, body.encode())
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def held(address: str) -> list[str]:
    """The policies and data in a server, by name."""
    policies = json.loads(send(address, "GET", "/v1/policies")[1])["result"]
    return sorted(policy["id"] for policy in policies) + sorted(
        json.loads(send(address, "GET", "/v1/data")[1])["result"]
    )


def outcome(release: Simulator, *options: str) -> tuple[int, list[dict], dict]:
    """Exit code, findings and the numbers of the table, where nothing was decided before."""
    shutil.rmtree(release.root / ".dpone", ignore_errors=True)
    done = release.gate("--format", "json", *options, env=PATH)
    return done.status, done.document["findings"], done.document["decision"]["checks"]


def test_opa_decides_as_the_embedded_engine_does(release: Simulator, server: str) -> None:
    """Green and red: the same findings in the same words, from the program and from a server."""
    release.config(f"engine: opa-server:{server}")
    before = held(server)
    for report in ("", "<testsuite tests='1'/>"):
        if report:
            release.write("build/junit.xml", report)
        ours = outcome(release, "--engine", "regopy")
        assert ours[0] == (1 if report else 0)
        assert outcome(release, "--engine", "opa") == ours
        assert outcome(release) == ours
    assert held(server) == before


def test_opa_replays_what_it_decided_and_so_does_the_embedded_engine(release: Simulator) -> None:
    """The result has the same bytes."""
    assert release.gate("--engine", "opa", env=PATH).status == 0
    assert release.run("decision", "replay", "latest", "--collect", env=PATH).status == 0
    assert release.run("decision", "replay", "latest", "--engine", "regopy").status == 0
    assert release.run("decision", "verify", "latest").status == 0


def test_replaying_asks_the_engine_that_decided_and_no_address_from_the_ledger(
    release: Simulator, server: str
) -> None:
    """A decision of a server is replayed on the server dpone.yaml names, on another engine when asked, and
    otherwise not at all."""
    plain = (release.root / "dpone.yaml").read_text()
    release.config(f"engine: opa-server:{server}")
    assert release.gate().status == 0
    assert release.run("decision", "replay", "latest").status == 0
    release.write("dpone.yaml", plain)
    done = release.run("decision", "replay", "latest")
    assert done.status == 3
    assert "needs a server that dpone.yaml names" in done.out
    assert release.run("decision", "replay", "latest", "--engine", "regopy").status == 0


def test_a_protected_environment_takes_a_pinned_program_and_no_other(release: Simulator, server: str) -> None:
    """Unpinned: red for that alone, and the decision says trust local. Pinned, or read back: green."""
    release.live()
    release.anchor(release.trust(granted(release.public), protected=("production",)))
    release.seal()
    where = ("--environment", "production", "--format", "json")
    unpinned = release.gate(*where, "--engine", "opa", env=PATH)
    assert (unpinned.status, denied(unpinned.document)) == (1, {"evidence.engine_vouched"})
    assert unpinned.document["decision"]["trust"] == "local"
    shown = release.gate("--environment", "production", "--engine", "opa", env=PATH).out
    assert "signed by ci@example.com" in shown
    assert "(trust local)" in shown
    release.config(f"engine: opa-server:{server}")
    asked = release.gate(*where)
    assert (asked.status, asked.document["decision"]["trust"]) == (0, "anchored")
    assert asked.document["run"]["engine"].startswith("opa-server ")
    release.config(f"opa: {{binary: '{OPA}', sha256: {file_digest(OPA)}}}")
    pinned = release.gate(*where, "--engine", "opa", env={"PATH": ""})
    assert (pinned.status, pinned.document["decision"]["trust"]) == (0, "anchored")
    assert pinned.document["run"]["engine_sha256"] == file_digest(OPA)
    assert pinned.document["run"]["engine_trust"] == "pinned"


def test_the_seal_of_a_decision_is_worth_no_more_than_its_engine(release: Simulator) -> None:
    """Given to a later gate, a decision of an unpinned program carries trust local although its key is anchored."""
    release.anchor(release.trust())
    for engine, trust in (("regopy", "anchored"), ("opa", "local")):
        assert release.gate("--engine", engine, env=PATH).status == 0
        artifact = f"gate={release.artifact.relative_to(release.root).as_posix()}"
        shown = release.run(
            "ops", "release-gate", "--release", RELEASE, *release.clock, "--artifact", artifact, "--show-input"
        ).document
        (seal,) = [item["seal"] for item in shown["evidence"] if item["name"] == "gate"]
        assert (seal["state"], seal["trust"]) == ("valid", trust)


def test_opa_checks_and_tests_the_shipped_policies(release: Simulator) -> None:
    """`opa check --strict` has nothing to say, `opa test` runs exactly the tests that `dpone policy test` runs,
    as a folder and as a bundle."""
    folder = str(shipped("policies"))
    ours = release.run("policy", "test", folder).out
    (count,) = set(re.findall(r"(\d+) of \1 passed", ours))
    for options in ([], ["--bundle"]):
        checked = subprocess.run(
            [OPA, "check", "--strict", *options, folder], capture_output=True, text=True, check=False
        )
        assert (checked.returncode, checked.stderr) == (0, "")
        tested = subprocess.run([OPA, "test", *options, folder], capture_output=True, text=True, check=True)
        assert tested.stdout.strip() == f"PASS: {count}/{count}"
