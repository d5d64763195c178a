"""Decisions as events of OPA's decision log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from release_simulator import AT, RELEASE, Simulator

FIELDS = {
    "labels", "decision_id", "trace_id", "span_id", "revision", "bundles", "path", "query", "input", "result",
    "intermediate_results", "mapped_result", "nd_builtin_cache", "erased", "masked", "error", "requested_by",
    "timestamp", "metrics", "req_id", "rule_labels", "request_context", "custom", "batch_decision_id",
}  # fmt: skip
"""The fields of an event in OPA 1.22."""


@pytest.fixture
def release(tmp_path: Path) -> Simulator:
    """A workspace with three decisions: green, red, green for another release."""
    made = Simulator(tmp_path)
    assert made.gate().status == 0
    good = (made.root / "build/junit.xml").read_bytes()
    made.write("build/junit.xml", b"<testsuite/>")
    assert made.gate().status == 1
    made.write("build/junit.xml", good)
    assert made.gate(release="v0.8.0").status == 1
    return made


def events(release: Simulator, *options: str) -> list[dict]:
    """What is exported."""
    done = release.run("decision", "export", *options)
    assert done.status == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def test_an_event_has_the_fields_of_the_format_and_what_was_decided(release: Simulator) -> None:
    """Every field is one OPA has, and each says what the recorded decision says."""
    first = events(release)[0]
    (listed, *_) = release.run("decision", "list", "--format", "json").document
    assert set(first) <= FIELDS
    assert first["decision_id"] == listed["id"]
    assert first["path"] == "dpone/gates/release_gate"
    assert first["timestamp"] == AT
    assert first["input"]["gate"] == "release-gate"
    assert first["result"]["status"] == "passed"
    assert first["requested_by"] == "ci@example.com"
    signed = release.run("decision", "show", listed["id"], "--format", "statement").document["predicate"]
    assert first["bundles"] == {"dpone": {"revision": signed["policies"]["dpone"]}}
    assert first["custom"]["engine"] == signed["engine"]
    labels = first["labels"]
    assert (labels["app"], labels["engine"], labels["release"]) == ("dpone", "regopy 1.5.2", RELEASE)
    assert all(isinstance(value, str) for value in labels.values())


def test_the_newest_and_those_of_one_release(release: Simulator) -> None:
    """`--last` takes the newest, in their order; the others narrow before that."""
    ids = [event["decision_id"] for event in events(release)]
    assert len(set(ids)) == 3
    assert [e["decision_id"] for e in events(release, "--last", "2")] == ids[1:]
    assert [e["decision_id"] for e in events(release, "--last", "9")] == ids
    assert [e["decision_id"] for e in events(release, "--release", RELEASE, "--last", "1")] == ids[1:2]
    assert [e["result"]["status"] for e in events(release, "--gate", "release-gate")] == [
        "passed",
        "failed",
        "failed",
    ]


def test_a_file_gets_the_same_bytes(release: Simulator) -> None:
    """`--output` writes what standard output would have shown."""
    shown = release.run("decision", "export").out
    done = release.run("decision", "export", "--output", "log/../events.jsonl")
    assert (done.status, done.out, done.err) == (0, "", "wrote 3 events to log/../events.jsonl\n")
    assert (release.root / "events.jsonl").read_text("utf-8") == shown


def test_nothing_to_export_is_not_good(release: Simulator) -> None:
    """An empty log for a misspelt release would look like one without decisions."""
    done = release.run("decision", "export", "--release", "v9", "--output", "events.jsonl")
    assert done.status == 1
    assert "no such decision" in done.err
    assert not (release.root / "events.jsonl").exists()
    assert release.run("decision", "export", "--last", "0").status == 2


def test_a_decision_that_is_no_longer_kept_whole_stops_the_export(release: Simulator) -> None:
    """Half a log is none: exit 3 and nothing written."""
    digest = release.entries()[1]["body"]["input"]
    (lost,) = [path for path in (release.root / ".dpone/ledger").rglob("*") if digest[2:] in path.name]
    lost.chmod(0o600)
    lost.unlink()
    done = release.run("decision", "export", "--output", "events.jsonl")
    assert done.status == 3
    assert not (release.root / "events.jsonl").exists()
