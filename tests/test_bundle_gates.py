"""go-live-gate and policy-evaluate on sealed bundles: what is judged is the bundle whose files were checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from release_simulator import AT, RELEASE, Simulator, denied

import dpone.ops.evidence_chain
import dpone.ops.gate
import dpone.ops.policy
from dpone.canonical import sha256_hex
from dpone.decisions.decide import decide
from dpone.decisions.request import GateRequest
from dpone.evidence.model import Subject
from dpone.ops.session import Session, open_session
from dpone.ops.source import Source
from dpone.workspace import open_workspace

BUNDLE = "bundle/ops_evidence_bundle.json"
SEAL = "bundle/ops_evidence_bundle.dsse.json"


@pytest.fixture
def release(tmp_path: Path) -> Simulator:
    """A workspace where everything is sealed and green."""
    return Simulator(tmp_path)


def rows(release: Simulator, *given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Items of a bundle, each with a file of its own."""
    made = []
    for item in given:
        place = f"out/{item['name']}.json"
        data = json.dumps(item).encode()
        release.write(place, data)
        made.append({"path": place, "sha256": sha256_hex(data), "required": True, "passed": True, **item})
    return made


def opened(release: Simulator, gate: str, folder: str = "answer") -> Session:
    """A session of one gate in the workspace."""
    workspace = open_workspace(release.env, AT, release.root)
    return open_session(gate, workspace, Subject(RELEASE), str(release.root / folder))


def bundle(release: Simulator, items: list[dict[str, Any]], junit: str = "build/junit.xml") -> None:
    """Seal a bundle with these items, decided on a real report."""
    session = opened(release, "release-gate", "bundle")
    request = GateRequest(
        "release-gate",
        "ops_evidence_bundle",
        session.subject,
        session.output_dir,
        lambda _: {"items": items},
        given=(session.descriptor("tests", junit),),
    )
    decide(request, session.context)


def ask(release: Simulator, gate: str, *options: str) -> tuple[int, set[str], Any]:
    """Exit code of a bundle gate, the rules that keep it shut, and its artifact."""
    done = release.run(
        "ops", gate, "--bundle-json", BUNDLE, "--release", RELEASE, "--at", AT, "--format", "json", *options
    )
    assert done.out, done.err
    return done.status, denied(done.document), done.document


def judge(release: Simulator, **policy: Any) -> tuple[int, set[str], Any]:
    """The same for policy-evaluate with a JSON policy."""
    return ask(release, "policy-evaluate", "--policy-json", json.dumps(policy))


def test_a_whole_bundle_goes_live(release: Simulator) -> None:
    """Every item passed and every file is as bundled: green, and the bundle is the one item shown."""
    bundle(release, rows(release, {"name": "slo"}, {"name": "docs", "required": False, "passed": False}))
    status, rules, document = ask(release, "go-live-gate")
    assert (status, rules) == (0, set())
    assert [(item["name"], item["passed"]) for item in document["items"]] == [("bundle", True)]
    assert "docs" in document["warnings"]
    assert judge(release, required_evidence=["slo"], require_artifacts_exist=True)[:2] == (0, set())


def test_a_red_item_behind_a_hundred_green_ones_is_seen(release: Simulator) -> None:
    """The facts list a hundred items; those that did not pass come first."""
    green = [{"name": f"a{n:03}"} for n in range(120)]
    bundle(release, rows(release, *green, {"name": "last", "passed": False}))
    assert ask(release, "go-live-gate")[:2] == (1, {"go-live-gate.item_passed"})


def test_an_item_without_a_name_is_not_left_out(release: Simulator) -> None:
    """A row that does not say what it is about is still a row that did not pass."""
    items = rows(release, {"name": "slo"}, {"name": "odd", "passed": False})
    del items[1]["name"]
    bundle(release, items)
    assert ask(release, "go-live-gate")[:2] == (1, {"go-live-gate.item_passed"})


def test_a_changed_file_behind_a_hundred_missing_ones_is_seen(release: Simulator) -> None:
    """Where files may be missing, a file that was changed must still be found."""
    items = rows(release, *({"name": f"a{n:03}"} for n in range(120)), {"name": "last"})
    bundle(release, items)
    for item in items[:-1]:
        (release.root / item["path"]).unlink()
    release.write("out/last.json", "changed")
    status, rules, document = judge(release, required_evidence=["last"])
    assert status == 1
    assert "policy-evaluate.files_unchanged" in rules
    assert "artifact_untrusted.last" in document["violations"]


@pytest.mark.parametrize("gate", ["go-live-gate", "policy-evaluate"])
def test_a_bundle_replaced_while_it_is_judged_is_red(release: Simulator, gate: str) -> None:
    """A sealed bundle whose files changed cannot borrow the files of another one."""
    bundle(release, rows(release, {"name": "other"}))
    other = {place: (release.root / place).read_bytes() for place in (BUNDLE, SEAL)}
    bundle(release, rows(release, {"name": "slo"}))
    judged = {place: (release.root / place).read_bytes() for place in (BUNDLE, SEAL)}
    release.write("out/slo.json", "changed")
    for place, data in other.items():
        release.write(place, data)
    session = opened(release, gate)
    asked = (
        dpone.ops.gate.request(session, BUNDLE)
        if gate == "go-live-gate"
        else dpone.ops.policy.request(session, BUNDLE, Source("policy", "inline", b"{}", {}))
    )
    for place, data in judged.items():
        release.write(place, data)
    result = decide(asked, session.context).result
    assert {finding.rule for finding in result.denied} == {f"{gate}.bundle_is_the_same"}


def test_a_json_policy_may_look_at_single_items_of_a_red_bundle(release: Simulator) -> None:
    """require_bundle_passed: false lets the named items decide; the red bundle is a warning."""
    release.put("red.xml", Path(__file__).parent / "samples/pytest/junit_fail.xml")
    bundle(release, rows(release, {"name": "slo"}, {"name": "docs", "passed": False}), "red.xml")
    assert judge(release, required_evidence=["slo"], require_bundle_passed=False)[:2] == (0, set())
    assert judge(release, required_evidence=["docs"], require_bundle_passed=False)[:2] == (
        1,
        {"policy-evaluate.evidence_passed"},
    )
    assert judge(release, required_evidence=["slo"])[:2] == (
        1,
        {"evidence.artifact_passed", "policy-evaluate.bundle_passed"},
    )


def test_an_index_replaced_while_it_is_judged_is_not_chained(release: Simulator) -> None:
    """The digest that enters the chain is that of the index the gate judged."""
    index = ("ops", "artifact-index", "--release", RELEASE, "--at", AT, "--root")
    assert release.run(*index, "build").status == 0
    place = next(release.root.rglob("artifact_index.json")).relative_to(release.root).as_posix()
    files = (place, place.replace(".json", ".dsse.json"))
    first = {name: (release.root / name).read_bytes() for name in files}
    assert release.run(*index, "target").status == 0
    judged = {name: (release.root / name).read_bytes() for name in files}
    session = opened(release, "evidence-chain")
    for name, data in first.items():
        release.write(name, data)
    asked = dpone.ops.evidence_chain.request(session, place, "")
    for name, data in judged.items():
        release.write(name, data)
    result = decide(asked, session.context).result
    assert {finding.rule for finding in result.denied} == {"evidence-chain.index_is_the_same"}
    assert decide(dpone.ops.evidence_chain.request(session, place, ""), session.context).result.passed
