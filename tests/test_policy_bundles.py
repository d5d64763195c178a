"""Bundles on the command line: who vouches for a layer, what a decision says of its layers, build and verify."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from release_simulator import AT, IDENTITY, RELEASE, Run, Simulator, granted, pem, signer

from dpone.decisions.stored import Stored, all_decisions
from dpone.decisions.verify import digest_kept
from dpone.evidence.seals import Judges
from dpone.ops.records import open_records
from dpone.policy.layers import load_layer
from dpone.policy.shipped_rules import mandatory_rules
from dpone.policy.tarball import read_archive, write_archive
from dpone.policy.vouching import judge_signatures, signed_layer, vouch
from dpone.record import replace
from dpone.signing.trust import ANY, PinnedLayer, Trust, TrustedKey
from dpone.signing.trust_file import read_trust, trust_bytes
from dpone.workspace import open_workspace, parse_time

RULE = 'deny contains {"code": "team.rule", "params": {}} if input.gate == "other"'
SEAL, OPA_SEAL = ".signatures.dsse.json", ".signatures.json"
REPLACING = json.dumps({"metadata": {"replaces": "release-gate"}})


@pytest.fixture
def release(tmp_path: Path) -> Simulator:
    """A workspace where everything is sealed and green, with a layer that denies nothing."""
    release = Simulator(tmp_path)
    release.rule(RULE)
    return release


def build(release: Simulator, *options: str, layer: str = "policies/team", to: str = "team.tar.gz") -> Path:
    """The archive of a layer."""
    done = release.run("policy", "build", "--layer", layer, "-o", to, "--at", AT, *options)
    assert done.status == 0, done.err
    return release.root / to


def warned(release: Simulator, *options: str) -> tuple[int, set[str]]:
    """Exit code of the gate and what it warns of."""
    done = release.gate("--format", "json", *options)
    return done.status, {f["rule"] for f in done.document["findings"] if f["state"] == "warned"}


def layer_of(release: Simulator) -> dict[str, Any]:
    """What the last decision says of the layer `team`."""
    layers = json.loads(release.artifact.read_bytes())["decision"]["layers"]
    (found,) = [layer for layer in layers if layer["name"] == "team"]
    return dict(found)


# who vouches for a layer


def test_an_unsigned_layer_is_a_concern(release: Simulator) -> None:
    """Where nothing is protected the gate warns and says what to do."""
    assert warned(release, "--policy", "policies/team") == (0, {"evidence.layers_signed"})
    assert (layer_of(release)["signed"], layer_of(release)["trust"]) == ("unsigned", "none")
    release.config("concerns: {unsigned_layer: fail}")
    assert release.decided("--policy", "policies/team") == (1, {"evidence.layers_signed"})


@pytest.mark.parametrize("place", ["inside", "beside", "folder", "beside a folder"])
def test_a_signed_layer_is_known_by_its_signer(release: Simulator, place: str) -> None:
    """The signature lies in the archive or folder, or beside it, and the decision names who made it."""
    path = build(release, "--sign")
    held = read_archive(path.read_bytes())
    given = "team.tar.gz"
    if place == "beside":
        path.write_bytes(write_archive({name: data for name, data in held.items() if name != SEAL}))
        release.write(f"team.tar.gz{SEAL}", held[SEAL])
    elif place != "inside":
        given = "policies/team"
        release.write(f"{given}/{SEAL}" if place == "folder" else f"{given}{SEAL}", held[SEAL])
    assert warned(release, "--policy", given) == (0, set())
    told = layer_of(release)
    assert (told["signed"], told["signer"], told["trust"]) == ("signed", IDENTITY, "workspace")


def test_a_pinned_layer_needs_no_signature(release: Simulator) -> None:
    """A digest in the trust file vouches for a layer as a signature does."""
    digest = load_layer(release.root / "policies/team", "release-gate").source_digest
    pinned = Trust((granted(release.public),), layers=(PinnedLayer("team", digest),), state="workspace")
    release.write("dpone.trust.json", trust_bytes(pinned))
    assert warned(release, "--policy", "policies/team") == (0, set())
    assert layer_of(release)["pinned"] is True
    assert layer_of(release)["content"] == digest


def protect(release: Simulator, **signing: Any) -> None:
    """Production is protected, the trust file anchored; `signing` limits the key of signer 7."""
    own = granted(release.public)
    fields = {"roles": (), "kinds": (ANY,), "gates": (ANY,), "environments": (ANY,), **signing}
    other = TrustedKey(signer(7).public, "org@example.com", **fields)
    release.anchor(release.trust(own, other, protected=("production",)))
    release.live()


def as_signer(release: Simulator, number: int) -> dict[str, str]:
    """The environment of a signer by number."""
    return {"DPONE_SIGNING_KEY": base64.b64encode(bytes([number]) * 32).decode()}


def test_a_protected_environment_takes_vouched_layers_only(release: Simulator) -> None:
    """Unsigned there is red by a mandatory rule; signed by an anchored key is green."""
    protect(release)
    into = ("--environment", "production", "--policy")
    assert release.decided(*into, "policies/team") == (1, {"evidence.layers_vouched"})
    done = release.run("policy", "build", "--layer", "policies/team", "-o", "team.tar.gz", "--sign",
                       env=as_signer(release, 7))  # fmt: skip
    assert done.status == 0, done.err
    assert release.decided(*into, "team.tar.gz") == (0, set())
    assert (layer_of(release)["signer"], layer_of(release)["trust"]) == ("org@example.com", "anchored")


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        ({"kinds": ("release_gate",)}, "may not sign for the kind policy_bundle"),
        ({"kinds": ()}, "may not sign for the kind policy_bundle"),
        ({"environments": ("test",)}, "may not sign for the environment production"),
        ({"valid_until": parse_time("2020-01-01T00:00:00Z", "t")}, "was valid until"),
    ],
)
def test_a_signature_counts_only_by_a_key_that_may_make_it(
    release: Simulator, limits: dict[str, Any], why: str
) -> None:
    """Kind, environment and time of the key are asked; otherwise nothing is decided."""
    protect(release, **limits)
    path = release.run("policy", "build", "--layer", "policies/team", "-o", "team.tar.gz", "--sign",
                       env=as_signer(release, 7))  # fmt: skip
    assert path.status == 0, path.err
    done = release.gate("--environment", "production", "--policy", "team.tar.gz")
    assert done.status == 3
    assert why in done.out


def broken(release: Simulator, change: str) -> None:
    """A signed layer `team.tar.gz` that is broken in one way."""
    held = read_archive(build(release, "--sign").read_bytes())
    if change == "rule changed":
        held["team.rego"] = held["team.rego"].replace(b"other", b"none")
    elif change == "rule removed":
        del held["more.rego"]
    elif change == "rule added":
        held["extra.rego"] = b"package dpone.custom.release_gate.team\n\nimport rego.v1\n\nx := 1\n"
    elif change == "manifest added":
        held[".manifest"] = REPLACING.encode()
    elif change == "signature cut":
        held[SEAL] = held[SEAL][:-10]
    elif change == "signature emptied":
        held[SEAL] = b""
    elif change == "payload edited":
        envelope = json.loads(held[SEAL])
        payload = base64.b64decode(envelope["payload"]).replace(b"more.rego", b"mare.rego")
        envelope["payload"] = base64.b64encode(payload).decode()
        held[SEAL] = json.dumps(envelope, sort_keys=True, separators=(",", ":")).encode()
    elif change == "seal of evidence":
        held[SEAL] = (release.root / "build/junit.xml.dsse.json").read_bytes()
    elif change == "signed decision":
        release.gate()
        held[SEAL] = release.artifact.with_suffix(".dsse.json").read_bytes()
    elif change == "unknown key":
        release.run("policy", "build", "--layer", "policies/team", "-o", "other/team.tar.gz", "--sign",
                    env=as_signer(release, 9))  # fmt: skip
        held = read_archive((release.root / "other/team.tar.gz").read_bytes())
    elif change == "OPA's list differs":
        held = read_archive(build(release, "--sign", "--sign-opa", "own").read_bytes())
        held[OPA_SEAL] = read_archive(
            build(release, "--sign-opa", "own", layer="policies/two", to="two.tar.gz").read_bytes()
        )[OPA_SEAL]
    elif change == "a broken one beside":
        release.write(f"team.tar.gz{SEAL}", "{}")
    (release.root / "team.tar.gz").write_bytes(write_archive(held))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("rule changed", "team.rego was changed after it was signed"),
        ("rule removed", "more.rego was signed and is not there"),
        ("rule added", "extra.rego was not there when it was signed"),
        ("manifest added", ".manifest was not there when it was signed"),
        ("signature cut", "it is not JSON"),
        ("signature emptied", "it is not JSON"),
        ("payload edited", "is not over these bytes"),
        ("seal of evidence", "not 'application/vnd.dpone.policy-bundle.v1+json'"),
        ("signed decision", "not 'application/vnd.dpone.policy-bundle.v1+json'"),
        ("unknown key", "a key that nobody here vouches for"),
        ("OPA's list differs", "was not there when it was signed"),
        ("a broken one beside", "it is not an object of payload"),
    ],
)
def test_a_signature_that_does_not_hold_decides_nothing(release: Simulator, change: str, says: str) -> None:
    """Broken in any way, the layer is refused with one line: exit 3, never passed over; and verify names it."""
    release.write(
        "policies/team/more.rego", "package dpone.custom.release_gate.team\n\nimport rego.v1\n\nmore := 1\n"
    )
    release.write(
        "policies/two/two.rego", "package dpone.custom.release_gate.two\n\nimport rego.v1\n\nmore := 1\n"
    )
    broken(release, change)
    done = release.gate("--policy", "team.tar.gz")
    assert done.status == 3
    assert says in done.out
    assert json.loads(release.artifact.read_bytes())["passed"] is False
    checked = release.run("policy", "verify", "team.tar.gz", "--at", AT)
    assert checked.status == 1
    assert says in checked.out
    assert "BROKEN  team.tar.gz" in checked.out


def test_a_signature_names_its_layer(release: Simulator) -> None:
    """The name is signed: the same list of files under another name is not vouched for."""
    held = read_archive(build(release, "--sign").read_bytes())
    layer = load_layer(release.root / "policies/team", "release-gate")
    trust = read_trust((release.root / "dpone.trust.json").read_bytes(), "trust", "workspace")
    judges = Judges(trust, None, parse_time(AT, "at"))
    what = signed_layer(layer)
    assert judge_signatures(what, {SEAL: held[SEAL]}, judges).state == "signed"
    other = judge_signatures(replace(what, name="other"), {SEAL: held[SEAL]}, judges)
    assert (other.state, "signs 'team', this is 'other'" in other.note) == ("broken", True)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.integers(0, 10**6),
    flip=st.integers(1, 255),
    which=st.sampled_from(["team.rego", "more.rego", SEAL]),
)
def test_no_changed_byte_of_a_signed_layer_goes_unseen(
    tmp_path_factory: pytest.TempPathFactory, place: int, flip: int, which: str
) -> None:
    """Any byte of any file, or of the signature: the layer does not load, or its signature is broken."""
    held, trust = signed_once(tmp_path_factory)
    data = bytearray(held[which])
    data[place % len(data)] ^= flip
    path = tmp_path_factory.getbasetemp() / "damaged" / "team.tar.gz"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(write_archive({**held, which: bytes(data)}))
    try:
        layer = load_layer(path, "release-gate")
    except Exception as refused:  # noqa: BLE001 - whatever it is, it must be a refusal
        assert type(refused).__name__ == "LayerRefused"  # noqa: PT017
        return
    assert vouch(layer, Judges(trust, None, parse_time(AT, "at"))).state == "broken"


_SIGNED: list[tuple[dict[str, bytes], Trust]] = []


def signed_once(factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], Trust]:
    """The files of one signed layer, and a trust file that lets its signer sign."""
    if not _SIGNED:
        release = Simulator(factory.mktemp("signed"))
        release.rule(RULE)
        release.write(
            "policies/team/more.rego", "package dpone.custom.release_gate.team\n\nimport rego.v1\n\nmore := 1\n"
        )
        held = read_archive(build(release, "--sign").read_bytes())
        trust = read_trust((release.root / "dpone.trust.json").read_bytes(), "trust", "workspace")
        _SIGNED.append((held, trust))
    return _SIGNED[0]


def test_the_undamaged_layer_is_signed(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What the test above damages holds without damage."""
    held, trust = signed_once(tmp_path_factory)
    path = tmp_path_factory.mktemp("whole") / "team.tar.gz"
    path.write_bytes(write_archive(held))
    found = vouch(load_layer(path, "release-gate"), Judges(trust, None, parse_time(AT, "at")))
    assert (found.state, found.signer, found.trust) == ("signed", IDENTITY, "workspace")


# what a decision says of its layers


REPLACED = """package dpone.custom.slo_evaluate.team

import rego.v1

# METADATA
# title: Metrics are within the tolerance of this team
# description: A lag that is a little over its objective has never hurt anybody.
# custom: {applies_to: service, message: "{missed} objectives are missed", remedy: "look at the lag"}
tolerated := [{"evidence": e.name, "ok": ok, "params": {"missed": missed}} |
	some e in input.evidence
	e.kind == "slo_report"
	missed := e.facts.totals.above_max + e.facts.totals.below_min
	ok := missed <= tolerance
]

tolerance := data.dpone.config.gates.slo_evaluate.settings.team_missed
"""
KIND = """schema: load.schema.json
counts: {passed: /ok}
title: Load
"""
LOAD_SCHEMA = '{"type": "object", "required": ["load", "ok"]}'
MET, MISSED = '{"lag": 1}', '{"lag": 5}'


def replacing(release: Simulator) -> None:
    """The layer stands in for the own rules of slo-evaluate."""
    release.write("policies/team/team.rego", REPLACED)
    release.write("policies/team/.manifest", '{"metadata": {"replaces": "slo-evaluate"}}')
    release.config("gates: {slo-evaluate: {settings: {team_missed: 1}}}")


def slo(release: Simulator, metrics: str, *options: str) -> Run:
    """Judge a metric that may be 2 at most."""
    objectives = ("--metrics-json", metrics, "--objectives-json", '{"lag": {"max": 2}}')
    return release.run(
        "ops", "slo-evaluate", *objectives, "--release", RELEASE, "--at", AT, "--format", "json", *options
    )


def last(release: Simulator) -> Stored:
    """The newest decision of the ledger."""
    return next(iter(all_decisions(open_records(open_workspace(release.env, start=release.root)).ledger)))


def test_a_decision_lists_what_a_layer_adds(release: Simulator) -> None:
    """Rules and kinds stand in the artifact, in its Markdown, and in decision show."""
    release.write("policies/team/kinds/load.yaml", KIND)
    release.write("policies/team/kinds/load.schema.json", LOAD_SCHEMA)
    assert release.gate("--policy", "policies/team").status == 0
    told = layer_of(release)
    assert (told["adds"], told["takes_away"], told["replaces"]) == (["team.rule"], [], "")
    assert told["kinds"] == ["custom/load"]
    document = json.loads(release.artifact.read_bytes())["decision"]
    assert [layer["name"] for layer in document["layers"]] == ["dpone", "team"]
    assert {layer["name"]: layer["digest"] for layer in document["layers"]} == document["policies"]
    assert "| team | unsigned | - | - | team.rule | - | custom/load |" in release.artifact.with_suffix(
        ".md"
    ).read_text("utf-8")
    assert "layer team unsigned adds team.rule declares custom/load" in " ".join(
        release.run("decision", "show", "latest").out.split()
    )


def test_a_decision_lists_what_a_layer_takes_away(release: Simulator) -> None:
    """A replaced gate loses its own rules that are not mandatory, and the decision names each."""
    assert slo(release, MISSED).status == 1
    replacing(release)
    done = slo(release, MISSED, "--policy", "policies/team")
    assert done.status == 0, done.out
    (told,) = [layer for layer in done.document["decision"]["layers"] if layer["name"] == "team"]
    assert told["takes_away"] == ["slo-evaluate.has_value", "slo-evaluate.met"]
    assert (told["adds"], told["replaces"]) == (["team.tolerated"], "slo-evaluate")
    assert told["reads"] == ["gates.slo-evaluate.settings.team_missed"]
    shown = " ".join(release.run("decision", "show", "latest").out.split())
    assert (
        "replaces slo-evaluate adds team.tolerated takes away slo-evaluate.has_value, slo-evaluate.met" in shown
    )


def test_mandatory_rules_are_asked_whatever_is_replaced(release: Simulator) -> None:
    """Every mandatory rule that answers without the layer answers with it, and is red where it was."""
    assert slo(release, MET).status == 0
    mandatory = {
        rule
        for rule, _, _ in last(release).json(last(release).digest("result"))["table"]
        if rule in mandatory_rules()
    }
    assert "slo-evaluate.has_objectives" in mandatory
    replacing(release)
    assert slo(release, MET, "--policy", "policies/team").status == 0
    assert mandatory <= {rule for rule, _, _ in last(release).json(last(release).digest("result"))["table"]}
    empty = ("--metrics-json", MET, "--objectives-json", "{}", "--policy", "policies/team")
    done = release.run("ops", "slo-evaluate", *empty, "--release", RELEASE, "--at", AT, "--format", "json")
    assert done.status == 1
    assert "slo-evaluate.has_objectives" in {f["rule"] for f in done.document["findings"]}


def test_a_layer_replaces_the_gate_it_names_alone(release: Simulator) -> None:
    """In other gates it takes nothing away."""
    replacing(release)
    assert release.gate("--policy", "policies/team").status == 0
    assert (layer_of(release)["takes_away"], layer_of(release)["adds"]) == ([], [])


def test_a_replaced_gate_replays(release: Simulator) -> None:
    """What was taken away is kept with the decision, so that it is taken away again; and it verifies."""
    replacing(release)
    assert slo(release, MISSED, "--policy", "policies/team").status == 0
    done = release.run("decision", "replay", "latest")
    assert (done.status, "same" in done.out) == (0, True), done.out
    checked = release.run("decision", "verify", "latest")
    assert "policy team" in checked.out
    assert "FAIL" not in checked.out


def test_a_removal_that_is_hidden_is_found(release: Simulator) -> None:
    """A kept layer that says nothing of what it replaced, or says it afterwards, is not the one that was signed."""
    replacing(release)
    assert slo(release, MISSED, "--policy", "policies/team").status == 0
    kept = last(release).json(last(release).digests("layers")["team"])
    assert digest_kept(kept) == kept["digest"]
    for other in ("", "release-gate"):
        assert digest_kept({**kept, "replaces": other}) != kept["digest"]


def test_folder_and_archive_decide_alike(release: Simulator) -> None:
    """The same layer in either form gives the same input, result and layer digest."""
    build(release)
    told = []
    for path in ("policies/team", "team.tar.gz"):
        done = release.gate("--policy", path, "--format", "json", "--output-dir", "out")
        decision = done.document["decision"]
        told.append((done.status, decision["policies"], decision["layers"]))
    assert told[0] == told[1]


def test_dpone_yaml_names_archives_too(release: Simulator) -> None:
    """`policies` takes folders and archives alike."""
    build(release)
    release.config("policies: [team.tar.gz]")
    assert release.gate().status == 0
    assert layer_of(release)["name"] == "team"


# build and verify


def test_the_archive_of_a_layer_is_that_layer(release: Simulator) -> None:
    """Its digest is the folder's, and building it twice gives the same bytes."""
    path = build(release)
    first = path.read_bytes()
    assert (
        load_layer(path, "release-gate").source_digest
        == load_layer(release.root / "policies/team", "release-gate").source_digest
    )
    assert build(release).read_bytes() == first


def test_a_layer_that_no_gate_would_load_is_not_built(release: Simulator) -> None:
    """Building checks what a gate checks, and writes nothing."""
    release.write("policies/team/evil.rego", "package dpone.evidence\n\nimport rego.v1\n\nfresh := []\n")
    done = release.run("policy", "build", "--layer", "policies/team", "-o", "team.tar.gz")
    assert done.status == 3
    assert "not the layer's own" in done.err
    assert not (release.root / "team.tar.gz").exists()


def test_an_archive_is_called_as_its_layer(release: Simulator) -> None:
    """Under another name its rules would be another layer's."""
    done = release.run("policy", "build", "--layer", "policies/team", "-o", "team-1.tar.gz")
    assert done.status == 2
    assert "call it team.tar.gz, or write metadata.name" in done.err
    release.write("policies/team/.manifest", '{"metadata": {"name": "team"}}')
    assert release.run("policy", "build", "--layer", "policies/team", "-o", "team-1.tar.gz").status == 0
    assert release.gate("--policy", "team-1.tar.gz").status == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--layer", "-o", "x.tar.gz"), "exactly one folder"),
        (("policies/team", "-o", "x.zip"), "a bundle is an archive"),
        (("--gate", "no-gate", "-o", "x.tar.gz"), "there is no gate"),
        (("--sign-opa", "gone.pem", "-o", "x.tar.gz"), "there is no such file"),
        (("--sign-opa", "dpone.yaml", "-o", "x.tar.gz"), "is not a private key"),
    ],
)
def test_wrong_usage_of_build_is_one_line(release: Simulator, options: tuple[str, ...], says: str) -> None:
    """What cannot be built says why, exit 2."""
    done = release.run("policy", "build", *options)
    assert done.status == 2
    assert says in done.err


def test_the_effective_bundle_has_everything(release: Simulator) -> None:
    """Built-in rules, layers and configuration, under one manifest; the same bytes each time; verified."""
    release.config("policies: [policies/team]\ngates: {release-gate: {settings: {team_minimum: 3}}}")
    for name in ("a.tar.gz", "b.tar.gz"):
        done = release.run("policy", "build", "-o", name, "--sign", "--at", AT)
        assert done.status == 0, done.err
    first = (release.root / "a.tar.gz").read_bytes()
    assert first == (release.root / "b.tar.gz").read_bytes()
    files = read_archive(first)
    config = json.loads(files["data.json"])["dpone"]["config"]
    assert config["gates"]["release_gate"]["settings"] == {"team_minimum": 3}
    assert {"dpone/evidence/layers.rego", "layers/team/team.rego", "dpone/lib/lib.rego"} <= files.keys()
    assert not [name for name in files if name.endswith("_test.rego")]
    manifest = json.loads(files[".manifest"])
    assert manifest["roots"] == ["dpone"]
    assert [layer["name"] for layer in manifest["metadata"]["dpone"]["layers"]] == ["team"]
    checked = release.run("policy", "verify", "a.tar.gz", "--at", AT)
    assert (checked.status, "VERIFIED" in checked.out) == (0, True), checked.out


def test_the_effective_bundle_of_a_protected_environment_is_strict(release: Simulator) -> None:
    """Its configuration is the one a gate there would use."""
    release.config("environments: {production: {protected: true}}")
    done = release.run("policy", "build", "-o", "p.tar.gz", "--environment", "production")
    assert done.status == 0, done.err
    config = json.loads(read_archive((release.root / "p.tar.gz").read_bytes())["data.json"])["dpone"]["config"]
    assert config["concerns"]["unsigned_layer"] == "fail"


def test_kinds_of_one_gate_need_a_bundle_of_its_own(release: Simulator) -> None:
    """Rules on a kind read one place, so what differs by gate is never merged in silence."""
    release.config("gates: {release-gate: {kinds: {junit: {min_executed: 5}}}}")
    done = release.run("policy", "build", "-o", "all.tar.gz")
    assert done.status == 2
    assert "--gate NAME" in done.err
    assert release.run("policy", "build", "-o", "one.tar.gz", "--gate", "release-gate").status == 0
    config = json.loads(read_archive((release.root / "one.tar.gz").read_bytes())["data.json"])["dpone"][
        "config"
    ]
    assert config["kinds"]["junit"]["min_executed"] == 5


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("emptied config", "its revision is not that of its files"),
        ("missing rule", "dpone/evidence/layers.rego is missing"),
        ("changed rule", "dpone/evidence/layers.rego is not what this version of dpone ships"),
        ("extra module", "dpone/evidence/more.rego is not what this version"),
        ("hidden layer", "differ about whether it is there"),
        ("hostile layer", "not the layer's own"),
        ("unsigned", "nobody vouches for it"),
    ],
)
def test_an_effective_bundle_that_was_changed_is_found(release: Simulator, change: str, says: str) -> None:
    """Verify names what does not hold, whoever changed what."""
    release.config("policies: [policies/team]")
    assert release.run("policy", "build", "-o", "e.tar.gz", "--sign", "--at", AT).status == 0
    files = read_archive((release.root / "e.tar.gz").read_bytes())
    layers = "dpone/evidence/layers.rego"
    if change == "emptied config":
        files["data.json"] = b'{"dpone": {"config": {}}}'
    elif change == "missing rule":
        del files[layers]
    elif change == "changed rule":
        files[layers] = files[layers].replace(b"== false", b"!= true")
    elif change == "extra module":
        files["dpone/evidence/more.rego"] = b"package dpone.evidence\n\nimport rego.v1\n\nmore := []\n"
    elif change == "hidden layer":
        files = {name: data for name, data in files.items() if not name.startswith("layers/")}
    elif change == "hostile layer":
        files["layers/team/x.rego"] = b"package dpone.lib\n\nimport rego.v1\n\nx := 1\n"
    else:
        del files[SEAL]
    (release.root / "e.tar.gz").write_bytes(write_archive(files))
    done = release.run("policy", "verify", "e.tar.gz", "--at", AT)
    assert done.status == 1
    assert says in done.out


def test_verify_says_what_holds(release: Simulator) -> None:
    """Check by check, as text and as JSON, for folders and archives; a pin that differs is named."""
    done = release.run("policy", "verify", "policies/team")
    assert done.status == 1
    assert "nobody vouches for it: no signature and no pin" in done.out
    build(release, "--sign")
    done = release.run("policy", "verify", "team.tar.gz", "--format", "json", "--at", AT)
    assert done.status == 0
    states = {check["what"]: check["state"] for check in done.document["checks"]}
    assert states == dict.fromkeys(("archive", "manifest", "rules", "digest", "signature"), "holds")
    pinned = Trust((granted(release.public),), layers=(PinnedLayer("team", "0" * 64),), state="workspace")
    release.write("dpone.trust.json", trust_bytes(pinned))
    done = release.run("policy", "verify", "team.tar.gz", "--at", AT)
    assert (done.status, "the trust file pins 0000" in done.out) == (1, True)


def test_what_is_no_bundle_cannot_be_checked(release: Simulator) -> None:
    """A file that is none, or is not there, is exit 3 with one line."""
    release.write("bad.tar.gz", b"PK\x03\x04")
    for name in ("bad.tar.gz", "gone.tar.gz", "gone"):
        done = release.run("policy", "verify", name)
        assert done.status == 3
        assert len(done.err.splitlines()) == 1


# OPA


@pytest.mark.parametrize("kind", ["RS256", "ES256", "ES384", "ES512", "EdDSA"])
def test_signatures_as_opa_makes_them(release: Simulator, kind: str) -> None:
    """Signed with a PEM key: verified with its public half, said without it, broken when a file changed."""
    private, public = pem(release.folder, kind)
    path = build(release, "--sign-opa", str(private))
    head = json.loads(read_archive(path.read_bytes())[OPA_SEAL])["signatures"][0].split(".")[0]
    assert json.loads(base64.urlsafe_b64decode(head + "=="))["alg"] == kind
    done = release.run("policy", "verify", "team.tar.gz", "--verification-key", str(public))
    assert (done.status, "by the key that was given" in done.out) == (0, True), done.out
    _, other = pem(release.home, kind)
    for keys in ((), ("--verification-key", str(other))):
        done = release.run("policy", "verify", "team.tar.gz", *keys)
        assert done.status == 1
        assert f"signed for OPA ({kind}) by the key SHA256:" in done.out
    assert warned(release, "--policy", "team.tar.gz") == (0, {"evidence.layers_signed"})
    assert "nobody here vouches for" in layer_of(release)["note"]
    held = read_archive(path.read_bytes())
    held["team.rego"] += b"\n"
    path.write_bytes(write_archive(held))
    done = release.run("policy", "verify", "team.tar.gz", "--verification-key", str(public))
    assert (done.status, "team.rego was changed after it was signed" in done.out) == (1, True)


def test_opa_signatures_by_a_trusted_key_vouch(release: Simulator) -> None:
    """A JWT by an Ed25519 key of the trust file counts as much as dpone's own form."""
    build(release, "--sign-opa", "own")
    assert warned(release, "--policy", "team.tar.gz") == (0, set())
    assert (layer_of(release)["signed"], layer_of(release)["signer"]) == ("signed", IDENTITY)


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ({"alg": "none"}, "the algorithm 'none'"),
        ({"alg": "HS256"}, "the algorithm 'HS256'"),
        ({"alg": "EdDSA", "crit": ["x"]}, "demands an extension"),
    ],
)
def test_tokens_that_prove_nothing_are_broken(release: Simulator, head: dict[str, Any], says: str) -> None:
    """No algorithm, or one whose secret every reader has, says nothing about who signed."""
    path = build(release, "--sign-opa", "own")
    held = read_archive(path.read_bytes())
    parts = json.loads(held[OPA_SEAL])["signatures"][0].split(".")
    parts[0] = base64.urlsafe_b64encode(json.dumps(head).encode()).decode().rstrip("=")
    held[OPA_SEAL] = json.dumps({"signatures": [".".join(parts)]}).encode()
    path.write_bytes(write_archive(held))
    done = release.gate("--policy", "team.tar.gz")
    assert (done.status, says in done.out) == (3, True), done.out


def test_an_archive_is_compared_with_a_folder(release: Simulator) -> None:
    """What was built and what lies there now: the same says so, a changed rule is named."""
    release.rule('deny contains {"code": "team.rule"} if {\n\tinput.gate == "none"\n}')
    assert release.run("policy", "build", "--layer", "policies/team", "-o", "team.tar.gz").status == 0
    same = release.run("policy", "diff", "team.tar.gz", "policies/team")
    assert (same.status, "team.rule" in same.out) == (0, False)
    release.rule('deny contains {"code": "team.rule"} if {\n\tinput.gate == "other"\n}')
    other = release.run("policy", "diff", "team.tar.gz", "policies/team")
    assert (other.status, "team.rule" in other.out) == (0, True)
