"""Bundles as the OPA program itself loads, verifies and signs them."""

from __future__ import annotations

import json
import subprocess
import tarfile
from pathlib import Path

import pytest
from opa import opa_path
from release_simulator import Simulator, pem

from dpone.decisions.evaluate import load
from dpone.policy.engines.regopy_engine import RegopyEngine
from dpone.policy.layers import load_builtin, load_layer
from dpone.policy.tarball import read_archive, write_archive

OPA = opa_path()
RULE = 'deny contains {"code": "team.rule", "params": {}} if input.gate == "other"'


@pytest.fixture
def release(tmp_path: Path) -> Simulator:
    """A workspace where everything is sealed and green, with a layer that denies nothing."""
    release = Simulator(tmp_path)
    release.rule(RULE)
    return release


def opa(*arguments: str, stdin: str = "") -> str:
    """Run OPA; it must succeed."""
    done = subprocess.run([OPA, *arguments], input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def test_the_effective_bundle_loads_and_answers_alike(release: Simulator) -> None:
    """Every rule a decision asked gives OPA's very answer on the very input."""
    release.config("policies: [policies/team]")
    assert release.run("policy", "build", "-o", "e.tar.gz").status == 0
    shown = release.gate("--show-input").out
    found = json.loads(
        opa("eval", "-b", str(release.root / "e.tar.gz"), "-I", "-f", "raw", "data.dpone", stdin=shown)
    )
    config = found["config"]
    team = load_layer(release.root / "policies/team", "release-gate")
    kinds = sorted({item["kind"] for item in json.loads(shown)["evidence"]})
    for layer in (load_builtin("release-gate", kinds), team):
        with RegopyEngine() as engine:
            load(engine, layer.parts, config)
            answers = engine.evaluate(shown)
        assert answers
        for entrypoint, answer in answers.items():
            value = found
            for part in entrypoint.split("/")[1:]:
                value = value[part]
            assert value == answer, entrypoint


@pytest.mark.parametrize("kind", ["RS256", "ES256"])
def test_opa_verifies_what_dpone_signs(release: Simulator, kind: str) -> None:
    """Ours is a signature that OPA itself accepts, and refuses after a change."""
    private, public = pem(release.folder, kind)
    assert release.run("policy", "build", "-o", "e.tar.gz", "--sign", "--sign-opa", str(private)).status == 0
    path, out = release.root / "e.tar.gz", release.folder / "out.tar.gz"
    keys = ("--verification-key", str(public), "--signing-alg", kind, "-o", str(out))
    opa("build", "-b", str(path), *keys)
    files = read_archive(path.read_bytes())
    files["data.json"] = files["data.json"].replace(b'"warn"', b'"allow"')
    path.write_bytes(write_archive(files))
    with pytest.raises(AssertionError, match=r"data\.json"):
        opa("build", "-b", str(path), *keys)


def test_dpone_verifies_what_opa_signs(release: Simulator) -> None:
    """`opa sign` on a layer's folder is understood, structured manifest included."""
    private, public = pem(release.folder, "RS256")
    layer = release.root / "policies/team"
    release.write(
        "policies/team/.manifest", '{"roots": ["dpone/custom/release_gate/team"],\n "revision": "é <7>"}'
    )
    subprocess.run([OPA, "sign", "--signing-key", str(private), "-b", "."], cwd=layer, check=True)
    done = release.run("policy", "verify", "policies/team", "--verification-key", str(public))
    assert (done.status, "by the key that was given" in done.out) == (0, True), done.out
    with tarfile.open(release.root / "team.tar.gz", "w:gz") as tar:
        tar.add(layer, arcname=".")
    done = release.run("policy", "verify", "team.tar.gz", "--verification-key", str(public))
    assert done.status == 0, done.out
