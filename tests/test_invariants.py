"""What must always hold (architecture), as properties of the whole path: through the command line wherever that
is what people rely on, at the joining of answers where thousands of cases are needed."""

from __future__ import annotations

import json
import os
import random
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from release_simulator import AT, RELEASE, REPORTS, SAMPLES, Simulator, denied, granted

from dpone.decisions.evaluate import ask
from dpone.decisions.gate_input import GateInput
from dpone.decisions.replay import Replayer
from dpone.decisions.stored import all_decisions, find_decision
from dpone.evidence.model import Evidence
from dpone.ops.records import Records, open_records
from dpone.policy.engines.regopy_engine import RegopyEngine
from dpone.policy.layers import Layer, load_builtin, load_layer
from dpone.record import replace
from dpone.signing.trust import PinnedLayer, Trust
from dpone.signing.trust_file import trust_bytes
from dpone.workspace import open_workspace

FEW = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""A whole gate costs a third of a second, so that a handful of them is what a property gets here."""
MANY = settings(FEW, max_examples=40)

BAD = {
    "tests": "pytest/junit_fail.xml",
    "dbt": "dbt/fail/run_results.json",
    "sast": "sarif/bandit_fail.sarif",
    "deps": "pip_audit/audit_fail.json",
}
WORLDS = st.fixed_dictionaries(
    {name: st.sampled_from(("good", "bad", "broken", "missing")) for name in REPORTS}
)
"""What each report is: as it should be, a failing one, cut in half, or not there."""


def arrange(release: Simulator, world: dict[str, str]) -> bool:
    """Put reports and their seals in place; returns whether all is good."""
    for name, state in world.items():
        place, sample = REPORTS[name]
        path = release.put(place, SAMPLES / (BAD[name] if state == "bad" else sample))
        seal = path.with_name(path.name + ".dsse.json")
        seal.unlink(missing_ok=True)
        if state == "broken":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        elif state == "missing":
            path.unlink()
        else:
            done = release.run("evidence", "seal", f"{name}={place}", "--release", RELEASE, "--at", AT)
            assert done.status == 0, done.err
    return set(world.values()) == {"good"}


def forget(release: Simulator) -> None:
    """Take the ledger away: what earlier decisions said is part of what the next one is taken on."""
    shutil.rmtree(release.root / ".dpone", ignore_errors=True)


def alone(release: Simulator, *options: str) -> dict[str, Any]:
    """The ledger entry's body of a release gate that no decision came before."""
    forget(release)
    release.gate(*options)
    (entry,) = release.entries()
    return dict(entry["body"])


@pytest.fixture
def release(tmp_path: Path) -> Simulator:
    """A workspace where everything is sealed and green."""
    return Simulator(tmp_path)


def records_of(release: Simulator) -> Records:
    """The ledger of a workspace, as the commands open it."""
    return open_records(open_workspace(env=release.env, at=AT, start=release.root))


# 1 removing never helps


@FEW
@given(world=WORLDS, removed=st.sets(st.sampled_from(sorted(REPORTS)), min_size=1))
def test_removing_evidence_never_turns_red_green(
    release: Simulator, world: dict[str, str], removed: set[str]
) -> None:
    """Green exactly when every declared report is good; a file taken away is missing, not forgotten."""
    good = arrange(release, world)
    assert (release.gate().status == 0) == good
    for name in removed:
        (release.root / REPORTS[name][0]).unlink(missing_ok=True)
    status, rules = release.decided()
    assert status == 1
    assert "evidence.present" in rules


class Asked:
    """One stored input with its layers, to be asked again in other ways."""

    def __init__(self, release: Simulator, layer: Layer, engine: RegopyEngine) -> None:
        stored = find_decision(records_of(release).ledger, "latest")
        data, config = stored.read(stored.digest("input")), stored.read(stored.digest("config"))
        self.input = GateInput(json.loads(data), data, json.loads(config), config)
        self.layer, self.engine = layer, engine
        self.evidence = [
            Evidence(i["name"], i["source"]["uri"], i["state"], kind=i["kind"])
            for i in self.input.document["evidence"]
        ]

    def status(self, layer: Layer, loaded: Layer) -> str:
        """The answer with the rules of `layer` asked of an engine that has the modules of `loaded`."""
        return self.result(layer, loaded)["status"]

    def result(self, layer: Layer, loaded: Layer) -> dict[str, object]:
        """The whole answer, in the form that is compared."""
        data = {"dpone": {"config": self.input.config}}
        self.engine.load(loaded.modules, data, layer.entrypoints)
        return ask([(layer, self.engine)], self.input, self.evidence).compared()


@pytest.fixture
def asked(release: Simulator) -> Iterator[Asked]:
    """The input of a green decision, and an engine of its own."""
    assert release.gate().status == 0
    kinds = ["dbt", "junit", "pip-audit", "sarif"]
    with RegopyEngine(deadline_seconds=20) as engine:
        yield Asked(release, load_builtin("release-gate", kinds), engine)


def renamed(text: str, rule: str, instead: str = "") -> str:
    """A module in which that rule has another name, and something else may stand in its place."""
    before, *others = re.split(rf"^{rule}(?= := | contains )", text, flags=re.MULTILINE)
    return before + (instead if others else "") + "".join(f"another_name{other}" for other in others)


def test_a_built_in_rule_that_is_gone_decides_nothing(asked: Asked) -> None:
    """Whichever rule's text disappears from what is loaded: its questions stay unanswered, and nothing passes."""
    assert asked.status(asked.layer, asked.layer) == "passed"
    for rule in asked.layer.inventory:
        text = asked.layer.modules[rule.path]
        without = renamed(text, rule.name)
        assert without != text, rule
        loaded = replace(asked.layer, modules={**asked.layer.modules, rule.path: without})
        assert asked.status(asked.layer, loaded) == "undecided", rule.id


def test_a_built_in_rule_that_skips_an_item_decides_nothing(asked: Asked) -> None:
    """A rule that answers about nothing where something is to be answered leaves its pairs undetermined."""
    looking = [
        rule for rule in asked.layer.inventory if rule.applies_to in ("evidence", "required", "kind", "gate")
    ]
    for rule in random.Random(1).sample(looking, 12):
        text = asked.layer.modules[rule.path]
        empty = renamed(text, rule.name, f"{rule.name} := []\n\n")
        assert empty != text, rule
        loaded = replace(asked.layer, modules={**asked.layer.modules, rule.path: empty})
        assert asked.status(asked.layer, loaded) == "undecided", rule.id


def test_a_file_taken_from_a_demanded_layer_never_helps(release: Simulator) -> None:
    """A layer that the trust file names counts whole: with any file of it gone nothing is decided."""
    layer = release.rule('deny contains {"code": "team.rule", "params": {}} if input.gate == "release-gate"')
    second = release.root / layer / "second.rego"
    first = release.root / layer / "team.rego"
    second.write_text(first.read_text().replace("team.rule", "team.other").replace("release-gate", "none"))
    digest = load_layer(release.root / layer, "release-gate").source_digest
    trust = Trust((granted(release.public),), layers=(PinnedLayer("team", digest),), state="workspace")
    release.write("dpone.trust.json", trust_bytes(trust))
    assert release.gate("--policy", layer).status == 1
    for path in (first, second):
        text = path.read_bytes()
        path.unlink()
        assert release.gate("--policy", layer).status == 3
        path.write_bytes(text)
    shutil.rmtree(first.parent)
    assert release.gate("--policy", layer).status == 3


@pytest.mark.parametrize("given_", ["", "--artifact=nothing=nowhere.xml"])
def test_nothing_evaluated_is_never_green(tmp_path: Path, given_: str) -> None:
    """No evidence, or none that can be read: red, under a profile as lenient as can be."""
    empty = Simulator(tmp_path, green=False)
    empty.write(
        "dpone.yaml",
        "version: 1\nconcerns: {unsealed: allow, unbound: allow, undated: allow, stale: allow}\n",
    )
    assert empty.gate(*([given_] if given_ else [])).status == 1


# 2 order never matters


@FEW
@given(order=st.permutations(sorted(REPORTS)), bad=st.sets(st.sampled_from(sorted(REPORTS)), max_size=2))
def test_the_order_of_evidence_never_matters(release: Simulator, order: list[str], bad: set[str]) -> None:
    """In whatever order files are declared or given: the same input, the same result, byte for byte."""
    arrange(release, {name: "bad" if name in bad else "good" for name in REPORTS})
    plain = [part for name in sorted(REPORTS) for part in ("--artifact", f"{name}={REPORTS[name][0]}")]
    mixed = [part for name in order for part in ("--artifact", f"{name}={REPORTS[name][0]}")]
    bodies = [alone(release, *plain)]
    lines = [f"  {name}: {{path: {REPORTS[name][0]}}}" for name in order]
    release.write("dpone.yaml", "version: 1\nevidence:\n" + "\n".join(lines) + "\n")
    bodies += [alone(release, *mixed), alone(release)]
    assert len({(b["input"], b["result"], b["config"], b["files"]["release_gate.md"]) for b in bodies}) == 1


def test_the_order_of_rules_and_modules_never_matters(asked: Asked) -> None:
    """Rules asked and modules loaded in any order give the same result."""
    plain = asked.result(asked.layer, asked.layer)
    for seed in range(4):
        chance = random.Random(seed)
        rules, modules = list(asked.layer.inventory), list(asked.layer.modules.items())
        chance.shuffle(rules)
        chance.shuffle(modules)
        mixed = replace(asked.layer, inventory=tuple(rules), modules=dict(modules))
        assert asked.result(mixed, mixed) == plain


def test_the_order_of_layers_never_matters(release: Simulator) -> None:
    """Two layers give the same findings whichever is named first."""
    one = release.rule(
        'deny contains {"code": "one.r", "params": {}} if input.gate == "release-gate"', "one", "one.r"
    )
    two = release.rule(
        'warn contains {"code": "two.r", "params": {}} if input.gate == "release-gate"', "two", "two.r"
    )
    results = []
    for options in (("--policy", one, "--policy", two), ("--policy", two, "--policy", one)):
        results.append(alone(release, *options)["result"])
        assert denied(json.loads(release.artifact.read_bytes())) == {"one.r"}
    assert results[0] == results[1]


# 3 the same bytes everywhere


def test_the_same_bytes_in_another_folder_time_zone_and_locale(release: Simulator, tmp_path: Path) -> None:
    """The same evidence, configuration, time and ledger give the same input and result, wherever and twice."""
    elsewhere = release.copy(tmp_path / "some where else ü")
    worlds = [
        (release, {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"}),
        (release, {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"}),
        (elsewhere, {"TZ": "Pacific/Chatham", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "3"}),
    ]
    bodies = []
    for world, env in worlds:
        forget(world)
        done = world.process("ops", "release-gate", "--release", RELEASE, "--at", AT, env=env)
        assert done.status == 0, done.err
        bodies.append(world.entries()[-1]["body"])
    assert len({(b["input"], b["result"], b["config"], b["envelope"]) for b in bodies}) == 1


# 4 every stored decision replays


@FEW
@given(worlds=st.lists(WORLDS, min_size=1, max_size=2))
def test_every_decision_replays(release: Simulator, worlds: list[dict[str, str]]) -> None:
    """Whatever was decided on, taking the decision again from what was kept gives the same result."""
    for world in worlds:
        arrange(release, world)
        release.gate()
    told = release.run("decision", "replay", "--all", "--collect")
    assert told.status == 0, told


def test_decisions_of_every_gate_replay(release: Simulator) -> None:
    """Services' evidence, team layers and undecided answers replay like the rest."""
    rows, contract = '[{"id": 1}, {"id": 1}]', '{"required_columns": ["id"], "unique": ["id"]}'
    layer = release.rule('deny contains {"code": "team.rule", "params": {}} if input.gate == "release-gate"')
    asked = (
        ("ops", "slo-evaluate", "--metrics-json", '{"lag": 1.5}', "--objectives-json", '{"lag": {"max": 1}}'),
        ("ops", "contract-check", "--rows-json", rows, "--contract-json", contract),
        ("ops", "security-audit", "--manifest-json", '{"password": "hunter2hunter2"}'),
        ("ops", "artifact-index", "--root", "build"),
        ("ops", "evidence-chain", "--artifact-index", ".dpone/artifact-index/artifact_index.json"),
        ("ops", "evidence-chain-verify"),
        ("ops", "release-gate", "--policy", layer),
        ("ops", "release-gate", "--policy", "nowhere"),
    )
    for command in asked:
        assert release.run(*command, "--release", RELEASE, "--at", AT).status in (0, 1, 3)
    told = release.run("decision", "replay", "--all", "--collect")
    assert told.status == 0, told.out
    assert f"{len(release.entries())} of {len(release.entries())} decisions" in told.out


def test_a_decision_under_other_rules_does_not_replay(release: Simulator) -> None:
    """Replay compares: a stored result that the rules do not give is named."""
    release.gate()
    records = records_of(release)
    stored = next(all_decisions(records.ledger))
    result = json.loads(stored.read(stored.digest("result")))
    result["findings"].append({**dict.fromkeys(("rule", "evidence", "fingerprint", "pointer"), "x")})
    forged = json.dumps(result).encode()

    class Lying:
        """The ledger, but for one object."""

        def get_object(self, digest: str) -> bytes:
            return forged if digest == stored.digest("result") else records.ledger.get_object(digest)

    with Replayer(records.context) as replayer:
        told = replayer.replay(replace(stored, ledger=Lying()))  # type: ignore[arg-type]
    assert not told.same
    assert told.differences


# 5 one changed byte


def targets(release: Simulator) -> list[Path]:
    """Every file that a decision rests on: evidence, its seals, artifacts, the decision, the ledger. Not what is
    made again from them (cache) or holds nothing (lock)."""
    state = release.root / ".dpone"
    kept = [p for p in sorted(state.rglob("*")) if p.is_file() and "cache" not in p.parts and p.name != "lock"]
    evidence = [release.root / place for place, _ in REPORTS.values()]
    return kept + evidence


@MANY
@given(pick=st.integers(0, 10**6), place=st.integers(0, 10**9), bit=st.integers(0, 7))
def test_one_changed_byte_is_found(flipped: Simulator, pick: int, place: int, bit: int) -> None:
    """Whatever byte is changed in evidence, artifact, decision or ledger: verification says so, and without
    the change it says that all is well."""
    files = targets(flipped)
    path = files[pick % len(files)]
    data = path.read_bytes()
    if not data:
        return
    index = place % len(data)
    try:
        path.write_bytes(data[:index] + bytes([data[index] ^ (1 << bit)]) + data[index + 1 :])
        told = [flipped.run("decision", "verify", "latest"), flipped.run("ledger", "verify")]
    finally:
        path.write_bytes(data)
    assert any(done.status != 0 for done in told), f"{path} byte {index}"
    assert not any("Traceback" in done.err or "internal fault" in done.err for done in told), told


@pytest.fixture(scope="module")
def flipped(tmp_path_factory: pytest.TempPathFactory) -> Simulator:
    """A workspace with one green decision that verifies."""
    made = Simulator(tmp_path_factory.mktemp("bytes"))
    assert made.gate().status == 0
    assert made.run("decision", "verify", "latest").status == 0
    return made


def test_every_file_with_a_changed_byte_is_found(flipped: Simulator) -> None:
    """Each file once, in its middle, so that chance leaves none out."""
    for path in targets(flipped):
        data = path.read_bytes()
        middle = len(data) // 2
        if not data:
            continue
        try:
            path.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
            told = [flipped.run("decision", "verify", "latest"), flipped.run("ledger", "verify")]
        finally:
            path.write_bytes(data)
        assert any(done.status == 1 for done in told), (path, told)
    assert flipped.run("decision", "verify", "latest").status == 0


@pytest.mark.parametrize("place", ["entries/0000/000/0000000000.json", "checkpoint", "origin.json"])
def test_a_file_gone_from_the_ledger_is_found(flipped: Simulator, tmp_path: Path, place: str) -> None:
    """What is taken away is missed as much as what is changed."""
    other = flipped.copy(tmp_path / "gone")
    (other.root / ".dpone" / "ledger" / place).unlink()
    assert other.run("ledger", "verify").status in (1, 3)


# 7 no secret comes out


def tokens() -> dict[str, str]:
    """Synthetic secrets of known forms, other ones in every run."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    chance = secrets.SystemRandom()

    def some(count: int, alphabet: str = letters) -> str:
        return "".join(chance.choice(alphabet) for _ in range(count))

    return {
        "github": "ghp" + "_" + some(36),
        "aws": "AKIA" + some(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
        "password": some(24),
        "url": some(20),
    }


def found_in(release: Simulator, told: list[str], planted: dict[str, str]) -> list[str]:
    """Where a secret came out: what commands said, and every file that is not evidence itself or its kept copy."""
    sources = {
        os.fspath(release.root / name) for name in ("leaky.xml", "leaky.sarif", "leaky.json", "leaky.log")
    }
    originals = {Path(path).read_bytes() for path in sources if Path(path).exists()}
    leaks = []
    for name, token in planted.items():
        leaks += [f"{name} on a stream" for text in told if token in text]
        for path in sorted(release.folder.rglob("*")):
            if path.is_file() and os.fspath(path) not in sources:
                data = path.read_bytes()
                if token.encode() in data and data not in originals:
                    leaks.append(f"{name} in {path.relative_to(release.root)}")
    return leaks


def test_no_secret_of_an_audit_comes_out(release: Simulator) -> None:
    """The audit finds each secret and says where it is, never what it is, in no form of output."""
    planted = tokens()
    manifest = {
        "token": planted["github"],
        "aws": {"access_key_id": planted["aws"]},
        "password": planted["password"],
        "dsn": f"postgresql://app:{planted['url']}@db.example.com/prod",
    }
    release.write("leaky.json", json.dumps(manifest))
    release.write("leaky.log", f"connecting with password={planted['password']} token {planted['github']}\n")
    told = []
    for form in ("text", "json", "md"):
        done = release.run(
            "ops", "security-audit", "leaky.json", "leaky.log", "--manifest-json", "leaky.json",
            "--log-text", "@leaky.log", "--release", RELEASE, "--at", AT, "--format", form,
            "--output", "junit=out.xml", "--output", "github=out.txt",
        )  # fmt: skip
        assert done.status == 1, done
        told += [done.out, done.err]
    inline = release.run(
        "ops", "security-audit", "--manifest-json", json.dumps(manifest), "--log-text",
        f"password={planted['password']}", "--release", RELEASE, "--at", AT,
    )  # fmt: skip
    assert inline.status == 1
    shown = release.run("ops", "security-audit", "leaky.json", "--release", RELEASE, "--show-input")
    told += [inline.out, inline.err, shown.out, shown.err, release.run("decision", "show", "latest").out]
    assert not found_in(release, told, planted)


def test_no_secret_in_a_report_comes_out(release: Simulator) -> None:
    """Messages and names that other tools wrote may hold secrets; what is shown and kept of them does not."""
    planted = tokens()
    line = f"login failed: password={planted['password']} token={planted['github']} {planted['aws']}"
    url = f"postgresql://app:{planted['url']}@db.example.com/prod"
    junit = (SAMPLES / "pytest/junit_fail.xml").read_text()
    junit = re.sub(r'message="[^"]*"', f'message="{line} {url}"', junit)
    junit = junit.replace('name="test_', f'name="test_[{planted["github"]}]_', 1)
    release.write("leaky.xml", junit)
    sarif = json.loads((SAMPLES / "sarif/bandit_fail.sarif").read_text())
    for run in sarif["runs"]:
        for result in run["results"]:
            result["message"]["text"] = f"{line} {url}"
    release.write("leaky.sarif", json.dumps(sarif))
    dbt = json.loads((SAMPLES / "dbt/fail/run_results.json").read_text())
    for result in dbt["results"]:
        result["message"] = f"{line} {url}"
    release.write("leaky.json", json.dumps(dbt))
    given = ["--artifact", "tests=leaky.xml", "--artifact", "sast=leaky.sarif", "--artifact", "dbt=leaky.json"]
    told = []
    for form in ("text", "json", "md"):
        done = release.gate(*given, "--format", form, "--output", "junit=out.xml", "--output", "github=out.txt")
        assert done.status == 1, done
        told += [done.out, done.err]
    told.append(release.gate(*given, "--show-input").out)
    told += [release.run("evidence", "show", name).out for name in ("leaky.xml", "leaky.sarif", "leaky.json")]
    told.append(release.run("decision", "show", "latest").out)
    assert not found_in(release, told, planted)


# 8 nothing is lost


def test_parallel_gates_lose_nothing(release: Simulator) -> None:
    """A dozen gates at once, as real processes: each is recorded once, and the chain holds."""
    count = 12
    started = [
        release.start(
            "ops", "release-gate", "--release", f"v{number}", "--at", AT, "--output-dir", f"out/{number}"
        )
        for number in range(count)
    ]
    for process in started:
        out, err = process.communicate(timeout=240)
        assert process.returncode == 1, (out, err)
        assert not err
    subjects = {entry["body"]["subject"]["release"] for entry in release.entries()}
    assert subjects == {f"v{number}" for number in range(count)}
    assert len(release.entries()) == count
    assert release.run("ledger", "verify").status == 0
    assert all((release.root / f"out/{number}/release_gate.dsse.json").is_file() for number in range(count))
    assert not [name for name in release.files() if name.endswith(".part")]
    assert release.run("decision", "replay", "--all").status == 0
