"""The gate env-drift as it is called: the environment that it protects, what it writes, and what it never writes."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
from release_simulator import AT, RELEASE, Run, Simulator, denied

STAGING = {
    "connection": {"host": "stg.db", "database": "orders_stg", "password": "staging-pass-1"},
    "batch": 500,
}
PRODUCTION = {
    "connection": {"host": "prd.db", "database": "orders", "password": "production-pass-2"},
    "batch": 500,
}
TYPED = ("--allowlist-path", "connection.host", "--allowlist-path", "connection.database",
         "--allowlist-path", "connection.password")  # fmt: skip
ALLOW = """
drift:
  allow:
    - {path: "connection.*", owner: platform@example.com, reason: "each has its own", expires: 2099-12-31}
"""


@pytest.fixture
def release(tmp_path: Path) -> Simulator:
    """A workspace with the configurations of two environments."""
    made = Simulator(tmp_path)
    made.write("staging.json", json.dumps(STAGING))
    made.write("production.json", json.dumps(PRODUCTION))
    return made


def drift(release: Simulator, *options: str, env: dict[str, str] | None = None, **changed: str) -> Run:
    """Run the gate on the two files, from staging to production unless said otherwise."""
    named = {"source_env": "staging", "target_env": "production", "source": "staging.json",
             "target": "production.json", **changed}  # fmt: skip
    given = [part for name, value in named.items() for part in (f"--{name.replace('_', '-')}", value)]
    return release.run("ops", "env-drift", *given, "--release", RELEASE, *release.clock, *options, env=env)


def folder(release: Simulator) -> Path:
    """Where the gate writes by default."""
    return release.root / ".dpone/env-drift/latest"


def artifact(release: Simulator) -> dict:
    """The artifact of the last run."""
    return json.loads((folder(release) / "env_drift.json").read_text())


def everything(release: Simulator) -> bytes:
    """All that was written anywhere, but for the two configurations themselves."""
    inputs = ("project/staging.json", "project/production.json")
    return b"\n".join(data for name, data in release.files().items() if name not in inputs)


def test_drift_blocks_and_the_typed_paths_allow(release: Simulator) -> None:
    """As the predecessor's scripts call it: red with the paths as blockers, green with all of them allowed."""
    done = drift(release, "--format", "json")
    assert done.status == 1
    assert done.document["blockers"] == ["connection.database", "connection.host", "connection.password"]
    assert (done.document["allowed_drift_count"], done.document["blocking_drift_count"]) == (0, 3)
    keys = {f["key"] for f in done.document["findings"] if f["rule"] == "env-drift.no_blocking_drift"}
    assert keys == set(done.document["blockers"])
    done = drift(release, *TYPED, "--format", "json")
    assert done.status == 0
    assert done.document["blockers"] == []
    assert (done.document["allowed_drift_count"], done.document["blocking_drift_count"]) == (3, 0)
    assert {d["allowed_by"] for d in done.document["differences"]} == {"command_line"}
    assert {f["rule"] for f in done.document["findings"]} == {"env-drift.allowance_recorded"}


def test_the_fields_of_the_reference(release: Simulator) -> None:
    """Names, digests, paths and differences are what scripts read, with their values and kinds."""
    release.write(
        "production.json", json.dumps({"connection": {"host": "prd.db"}, "batch": "500", "new": None})
    )
    drift(release)
    told = artifact(release)
    assert told["source_environment"] == "staging"
    assert told["target_environment"] == "production"
    assert (told["source_path"], told["target_path"]) == ("staging.json", "production.json")
    for side in ("source", "target"):
        data = (release.root / told[f"{side}_path"]).read_bytes()
        assert told[f"{side}_sha256"] == hashlib.sha256(data).hexdigest()
    assert told["output_dir"] == ".dpone/env-drift/latest"
    rows = {
        d["path"]: (d["source_value"], d["target_value"], d["kind"], d["allowed"]) for d in told["differences"]
    }
    assert rows == {
        "batch": (500, "500", "changed", False),
        "connection.database": ("orders_stg", None, "missing_in_target", False),
        "connection.host": ("stg.db", "prd.db", "changed", False),
        "connection.password": ("[REDACTED]", None, "missing_in_target", False),
        "new": (None, None, "added_in_target", False),
    }


def test_no_secret_is_written_anywhere(release: Simulator) -> None:
    """The predecessor wrote passwords in clear: no file, output or ledger entry holds them or their digests."""
    token = "gh" + "p_" + "aB3" * 12
    release.write("staging.json", json.dumps({**STAGING, "url": f"https://u:{token}@example.com", token: 1}))
    outputs = ("--output", "junit=out.xml", "--output", "github=out.txt", "--output", "md=out.md")
    told = ""
    for form in ("text", "json", "md"):
        done = drift(release, "--format", form, *outputs, "--allowlist-path", token)
        assert done.status == 1
        told += done.out + done.err
    told += drift(release, "--show-input").out
    kept = told.encode() + everything(release)
    for secret in (token, "staging-pass-1", "production-pass-2"):
        assert secret.encode() not in kept
        for name in ("md5", "sha1", "sha256"):
            assert hashlib.new(name, secret.encode()).hexdigest()[:12].encode() not in kept


def test_the_decision_is_about_the_target(release: Simulator) -> None:
    """The environment of the subject is the one promoted to, whatever the surroundings say by default."""
    done = drift(release, *TYPED, "--format", "json", env={"DPONE_ENVIRONMENT": "staging"})
    assert done.status == 0
    assert done.document["decision"]["subject"]["environment"] == "production"
    done = drift(release, "--environment", "staging")
    assert done.status == 2
    assert "--target-env" in done.err
    assert drift(release, *TYPED, "--environment", "production").status == 0


def protect(release: Simulator) -> None:
    """Production is protected by a trust file that is anchored from outside, and the time is the real one."""
    release.anchor(release.trust(protected=("production",)))
    release.clock = ()


def test_a_typed_path_does_not_loosen_a_protected_environment(release: Simulator) -> None:
    """Where --target-env is protected an allowance needs an owner, a reason and an end; typed alone is red."""
    protect(release)
    done = drift(release, *TYPED, "--format", "json")
    assert done.status == 1
    assert done.document["decision"]["protected"] is True
    assert denied(done.document) == {"env-drift.allowance_recorded"}
    assert done.document["blockers"] == ["connection.database", "connection.host", "connection.password"]
    assert not any(d["allowed"] for d in done.document["differences"])
    release.config(ALLOW)
    done = drift(release, "--format", "json")
    assert (done.status, done.document["blockers"]) == (0, [])
    assert drift(release, *TYPED, target_env="Production").status == 0
    assert drift(release, *TYPED, target_env="dev").status == 0


def test_the_profile_strict_takes_no_typed_path(release: Simulator) -> None:
    """A team that chose strict gets it everywhere."""
    release.config("profile: strict")
    done = drift(release, *TYPED, "--format", "json")
    assert done.status == 1
    assert "env-drift.allowance_recorded" in denied(done.document)


def test_expired_and_unused_entries_are_told(release: Simulator) -> None:
    """An expired entry allows nothing and says whose it was; one that matches nothing is a warning."""
    release.config(
        "drift:\n  allow:\n"
        "    - {path: 'connection.*', owner: ops@example.com, reason: x, expires: 2026-11-22}\n"
        "    - {path: gone.key, owner: ops@example.com, reason: x, expires: 2027-01-01}\n"
    )
    done = drift(release, "--format", "json")
    assert done.status == 1
    by_rule = {f["rule"]: f for f in done.document["findings"]}
    assert "allowed by ops@example.com until 2026-11-22" in by_rule["env-drift.no_blocking_drift"]["message"]
    assert by_rule["env-drift.allowance_current"]["state"] == "warned"
    assert by_rule["env-drift.allowance_used"]["key"] == "gone.key"
    assert {e["path"]: (e["state"], e["used"]) for e in done.document["allowlist"]} == {
        "connection.*": ("expired", 3), "gone.key": ("active", 0)
    }  # fmt: skip


def test_nothing_compared_is_red(release: Simulator) -> None:
    """Two empty documents, or two whose every value may differ, prove nothing."""
    for name in ("staging.json", "production.json"):
        release.write(name, "{}")
    done = drift(release, "--format", "json")
    assert done.status == 1
    assert denied(done.document) == {"env-drift.something_compared"}
    release.write("staging.json", '{"a": 1}')
    release.write("production.json", '{"a": 2}')
    done = drift(release, "--allowlist-path", "a", "--format", "json")
    assert denied(done.document) == {"env-drift.something_compared"}


def test_one_environment_or_one_file_is_red(release: Simulator) -> None:
    """Comparing with itself proves nothing, by whatever name, path or link."""
    release.write("production.json", json.dumps(STAGING))
    assert drift(release).status == 0
    done = drift(release, source_env="Production", format="json")
    assert denied(done.document) == {"env-drift.environments_differ"}
    os.link(release.root / "staging.json", release.root / "hard.json")
    (release.root / "soft.json").symlink_to("staging.json")
    for path in ("staging.json", "./staging.json", "@staging.json", "hard.json", "soft.json"):
        done = drift(release, target=path, format="json")
        assert denied(done.document) == {"env-drift.files_differ"}, path


@pytest.mark.parametrize(
    ("content", "state", "reason"),
    [
        (None, "missing", ""),
        (b"", "invalid", "empty"),
        (b'{"a": 1, "a": 2}', "invalid", "duplicate_key"),
        (b"a: 1", "invalid", "not_json"),
        (b'{"a": NaN}', "invalid", "bad_number"),
        (b'"text"', "invalid", "wrong_shape"),
    ],
)
def test_a_side_that_cannot_be_read_is_red(
    release: Simulator, content: bytes | None, state: str, reason: str
) -> None:
    """A missing or broken side gave a traceback; it is a state with its reason, for either side."""
    for side in ("source", "target"):
        if content is not None:
            release.write("bad.json", content)
        done = drift(release, "--format", "json", **{side: "bad.json"})
        assert done.status == 1
        rule = "evidence.present" if state == "missing" else "evidence.well_formed"
        assert denied(done.document) == {rule}
        finding = done.document["findings"][0]
        assert f"--{side} bad.json" in finding["message"]
        item = json.loads(drift(release, "--show-input", **{side: "bad.json"}).out)["evidence"][0]
        assert item["state"] == state
        assert reason in ("", item["reason"])
        assert (done.document["differences"], done.document["blockers"]) == ([], [])


def test_inline_and_standard_input(release: Simulator) -> None:
    """A side may be typed, piped, or named with @; broken inline JSON is wrong usage."""
    same = '{"connection": {"host": "a"}}'
    assert drift(release, source=same, target='{"connection": {"host": "a"}, "b": 1}').status == 1
    release.write("a.yaml", "connection: {host: a}\n")
    assert drift(release, source=same, target="@a.yaml").status == 0
    done = release.run("ops", "env-drift", "--source-env", "staging", "--target-env", "production", "--source", "-",
                       "--target", "a.yaml", "--at", AT, stdin=same.encode())  # fmt: skip
    assert done.status == 0
    assert drift(release, source="-", target="-").status == 2
    for broken in ("{", '{"a": 1, "a": 2}', "[1", '{"password": "super-secret-word", "password": 1}'):
        done = drift(release, source=broken)
        assert done.status == 2
        assert "--source" in done.err
        assert "super-secret-word" not in done.err


@pytest.mark.parametrize("option", ["source_env", "target_env"])
@pytest.mark.parametrize("name", ["", "..", "a b", "a\nb", "x" * 200])
def test_an_environment_without_a_name(release: Simulator, option: str, name: str) -> None:
    """An environment that cannot be named is wrong usage, and no default takes its place."""
    done = drift(release, env={"DPONE_ENVIRONMENT": "dev"}, **{option: name})
    assert done.status == 2
    assert f"--{option.replace('_', '-')}" in done.err


def test_the_complete_list_lies_beside(release: Simulator) -> None:
    """However many there are: bounded in the artifact, complete in its own file, which the facts pin."""
    many = {f"key_{n:05}": n for n in range(3_000)}
    release.write("staging.json", json.dumps(many))
    release.write("production.json", json.dumps({k: v + 1 for k, v in many.items()}))
    done = drift(release)
    assert done.status == 1
    assert len(done.out.splitlines()) <= 25
    told = artifact(release)
    assert (len(told["differences"]), len(told["blockers"])) == (1_000, 1_000)
    assert (told["differences_total"], told["blocking_drift_count"]) == (3_000, 3_000)
    assert any(f["key"] == "~more" and "2900 more places" in f["message"] for f in told["findings"])
    data = (folder(release) / "env_drift_differences.json").read_bytes()
    assert len(json.loads(data)["differences"]) == 3_000
    item = json.loads(drift(release, "--show-input").out)["evidence"][0]
    assert item["facts"]["differences_sha256"] == hashlib.sha256(data).hexdigest()
    assert release.run("decision", "verify", "latest").status == 0
    (folder(release) / "env_drift_differences.json").write_bytes(data.replace(b"key_00007", b"key_x0007"))
    assert release.run("decision", "verify", str(folder(release) / "env_drift.json")).status != 0


def test_what_later_gates_are_told(release: Simulator) -> None:
    """The signed decision says the environments and the counts, and the artifact is evidence with them."""
    release.config(ALLOW)
    assert drift(release).status == 0
    path = ".dpone/env-drift/latest/env_drift.json"
    done = release.run("evidence", "show", path, "--format", "json")
    assert done.status == 0, done
    assert done.document["facts"]["said"] == {
        "source_environment": "staging", "target_environment": "production", "blocking": 0, "allowed": 3
    }  # fmt: skip


def test_a_decision_about_drift_replays(release: Simulator) -> None:
    """The same input gives the same result again, although the key of the run is gone."""
    assert drift(release).status == 1
    assert release.run("decision", "replay", "latest").status == 0
    first = drift(release, "--show-input").out
    assert drift(release, "--show-input").out == first


def test_materials_name_both_files(release: Simulator) -> None:
    """The decision lists what it was made from, with digests."""
    drift(release)
    shown = release.run("decision", "show", "latest", "--format", "json")
    text = shown.out
    for name in ("staging.json", "production.json"):
        assert hashlib.sha256((release.root / name).read_bytes()).hexdigest() in text


def test_lists_go_by_the_configured_key(release: Simulator) -> None:
    """`drift.lists: key:name` compares members by name, and refuses a name that stands twice."""
    release.config("drift: {lists: 'key:name'}")
    release.write("staging.json", '{"t": [{"name": "a", "n": 1}, {"name": "b", "n": 2}]}')
    release.write("production.json", '{"t": [{"name": "b", "n": 2}, {"name": "a", "n": 1}]}')
    assert drift(release).status == 0
    release.write("production.json", '{"t": [{"name": "b", "n": 2}, {"name": "b", "n": 1}]}')
    done = drift(release)
    assert done.status == 1
    assert "has the same name" in done.out


@pytest.mark.parametrize(
    "text",
    [
        "drift: {lists: name}",
        "drift: {allow: [{path: a}]}",
        "drift: {allow: [{path: a, owner: o, reason: r, expires: never}]}",
        "drift: {alow: []}",
        "drift: {allow: [{path: 'a*', owner: o, reason: r, expires: 2027-01-01}]}",
    ],
)
def test_a_configuration_of_drift_that_is_none(release: Simulator, text: str) -> None:
    """An entry nobody answers for is wrong configuration, not one that is left out."""
    release.config(text)
    done = drift(release)
    assert done.status == 2
    assert "drift" in done.err
