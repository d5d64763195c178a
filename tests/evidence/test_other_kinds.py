"""SPDX, pytest-benchmark, locust, ruff, gitleaks, detect-secrets: real files, hostile ones, silent greens."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kind_checks import change, denied, read_bytes, sample

from dpone.evidence.collect import Descriptor, Surroundings, collect
from dpone.evidence.model import HOLDS_SECRET, Invalid, Subject
from dpone.evidence.seals import Judges
from dpone.signing.trust import Trust
from dpone.workspace import parse_time, read_file, time_text

SPDX, BENCH, LOCUST = "spdx/spdx.json", "pytest_benchmark/benchmark_a.json", "locust/summary_pass.json"
RUFF, LEAKS = "ruff/ruff_fail.json", "gitleaks/gitleaks_git_fail.json"
FOUND, CLEAN = "detect_secrets/detect_secrets_fail.json", "detect_secrets/detect_secrets_pass.json"


@pytest.mark.parametrize(
    ("path", "reported", "summary", "produced_at", "red"),
    [
        (SPDX, "passed", "2 packages", "2026-11-22T21:23:16Z", set()),
        (BENCH, "unknown", "1 benchmark, no objective to hold them against", "2026-11-22T21:22:37Z", set()),
        (LOCUST, "passed", "120 requests, 0 failed, 95 % within 52 ms", "2026-11-22T21:24:28Z", set()),
        (
            "locust/summary_fail.json",
            "failed",
            "17 of 122 requests failed: GET /missing",
            "2026-11-22T21:24:32Z",
            {"failures"},
        ),
        (RUFF, "failed", "12 violations: 2 E402, 1 I001, 1 E401, 1 F401, 1 S310 and 6 more", "", {"violation"}),
        (
            LEAKS,
            "failed",
            "2 secrets found: github-pat config.py:1, aws-access-token settings.py:2",
            "",
            {"secret"},
        ),
        (
            FOUND,
            "failed",
            "2 secrets found: AWS Access Key settings.py:2, Basic Auth Credentials settings.py:3",
            "2026-11-25T10:06:42Z",
            {"secret"},
        ),
        (CLEAN, "passed", "0 secrets found by 27 plugins", "2026-11-25T10:06:42Z", set()),
    ],
)
def test_real_files(path, reported, summary, produced_at, red):
    """Each sample says what its tool said, when, and is judged as a person would judge it."""
    reading = read_bytes(sample(path))
    assert (reading.reported, reading.summary, reading.contradictions) == (reported, summary, ())
    assert (time_text(reading.produced_at) if reading.produced_at else "") == produced_at
    assert denied(reading) == red


@pytest.mark.parametrize(
    ("edits", "red", "contradicts"),
    [
        ([("/packages", []), ("/relationships", [])], {"no_packages", "nothing_described:warning"}, False),
        ([("/relationships", [])], {"nothing_described:warning"}, False),
        ([("/relationships", []), ("/documentDescribes", ["SPDXRef-1-requests"])], set(), False),
        ([("/packages/1/SPDXID", "SPDXRef-1-requests")], {"duplicate_ids"}, True),
        ([("/packages/0/versionInfo", "NOASSERTION")], {"unversioned:warning"}, False),
        ([("/relationships/0/relatedSpdxElement", "SPDXRef-gone")], set(), True),
        ([("/relationships/0/relatedSpdxElement", "DocumentRef-a:SPDXRef-b")], set(), False),
    ],
)
def test_spdx_silent_greens(edits, red, contradicts):
    """A bill of nothing, of nothing in particular, or that leads nowhere is not a bill."""
    reading = read_bytes(change(SPDX, *edits))
    assert denied(reading) == red
    assert bool(reading.contradictions) is contradicts


@pytest.mark.parametrize(
    ("objectives", "red", "summary"),
    [
        ({"test_bench_window": {"max": 0.00002}}, set(), "1 of 1 objectives met"),
        ({"test_bench_window": {"max": 0.00001}}, {"objective"}, "objective max 1e-05"),
        ({"test_bench_window": {"max": 0.000012, "reduce": "max"}}, {"objective"}, "is 1.2949999927514e-05"),
        ({"tests/test_units.py::test_bench_window": {"min": 0.000001, "reduce": "min"}}, set(), "1 of 1"),
        ({"test_bench_renamed": {"max": 1}}, {"objective"}, "test_bench_renamed was not measured"),
    ],
)
def test_benchmarks_are_held_against_objectives(objectives, red, summary):
    """The median, or the statistic that is asked for; a benchmark that is not there misses its objective."""
    reading = read_bytes(sample(BENCH), {"objectives": objectives})
    assert denied(reading) == red
    assert summary in reading.summary


def test_benchmarks_without_an_objective_are_red_where_one_is_required():
    """Nothing measured is always red; a time that nothing is held against is red under `strict`."""
    assert denied(read_bytes(sample(BENCH)), profile="strict") == {"no_objective"}
    empty = read_bytes(change(BENCH, ("/benchmarks", [])))
    assert (empty.reported, denied(empty)) == ("empty", {"nothing_measured"})
    assert denied(
        read_bytes(change(BENCH, ("/benchmarks/0/stats/rounds", 0), ("/benchmarks/0/stats/data", [])))
    ) == {"nothing_measured"}


def test_a_short_name_of_two_benchmarks_means_neither():
    """Which of the two is meant is not said, so the objective has no value; the fullname decides."""
    root = json.loads(sample(BENCH))
    root["benchmarks"].append(root["benchmarks"][0] | {"fullname": "tests/other.py::test_bench_window"})
    data = json.dumps(root).encode()
    assert denied(read_bytes(data, {"objectives": {"test_bench_window": {"max": 1}}})) == {"objective"}
    assert denied(read_bytes(data, {"objectives": {"tests/other.py::test_bench_window": {"max": 1}}})) == set()


def test_benchmarks_say_their_commit_and_contradict_themselves():
    """The commit is a claim; uncommitted changes warn; numbers that exclude each other are said."""
    commit = {"id": "a" * 40, "dirty": True}
    reading = read_bytes(change(BENCH, ("/commit_info", commit)))
    assert (reading.claims, denied(reading)) == (Subject(commit="a" * 40), {"uncommitted:warning"})
    for edit in (("/benchmarks/0/stats/min", 1), ("/benchmarks/0/stats/rounds", 3)):
        assert read_bytes(change(BENCH, edit)).contradictions
    root = json.loads(sample(BENCH))
    root["benchmarks"] *= 2
    assert read_bytes(json.dumps(root).encode()).contradictions


@pytest.mark.parametrize(
    ("objectives", "red"),
    [
        ({"p95_ms": {"max": 52}}, set()),
        ({"p95_ms": {"max": 51}}, {"objective"}),
        ({"requests": {"min": 120}, "failure_percent": {"max": 0}, "max_ms": {"max": 60}}, set()),
        ({"requests_per_second": {"min": 1000}}, {"objective"}),
        ({"p96_ms": {"max": 1000}}, {"objective"}),
    ],
)
def test_load_is_held_against_objectives(objectives, red):
    """Values over all endpoints; one that locust does not give misses its objective."""
    assert denied(read_bytes(sample(LOCUST), {"objectives": objectives})) == red


@pytest.mark.parametrize(
    ("edits", "red", "contradicts"),
    [
        ([("/0/num_failures", 1)], {"failures"}, True),
        ([("/0/num_failures", 1), ("/0/num_fail_per_sec", {"1": 1})], {"failures"}, False),
        ([("/0/num_failures", 101), ("/0/num_fail_per_sec", {"1": 101})], {"failures"}, True),
        ([("/0/num_requests", 99)], set(), True),
        ([("/0/num_requests", 101), ("/0/num_none_requests", 1)], set(), False),
        (
            [
                (f"/{i}/{key}", {} if key == "response_times" else 0)
                for i in (0, 1)
                for key in ("num_requests", "response_times")
            ],
            {"nothing_requested"},
            False,
        ),
    ],
)
def test_locust_silent_greens(edits, red, contradicts):
    """No request is no load, and counts have to add up."""
    reading = read_bytes(change(LOCUST, *edits))
    assert denied(reading) == red
    assert bool(reading.contradictions) is contradicts


def test_failures_are_allowed_up_to_the_limit():
    """17 of 122 are 13.94 percent, rounded up."""
    reading = read_bytes(sample("locust/summary_fail.json"))
    assert denied(reading, kinds={"locust": {"max_failure_percent": 13.94}}) == set()
    assert denied(reading, kinds={"locust": {"max_failure_percent": 13.93}}) == {"failures"}


def test_ruff_tells_what_it_could_not_parse():
    """An entry without a rule's code is a file that does not parse, in both forms that ruff has had."""
    for code in (None, "invalid-syntax"):
        reading = read_bytes(change(RUFF, ("/0/code", code)))
        assert (reading.facts["errors"], reading.facts["violations"]) == (1, 11)
        assert denied(reading) == {"violation", "not_parsed"}


def test_more_than_a_hundred_stay_red_when_all_that_are_listed_are_waived():
    """What the facts cannot list is counted and denied by a rule that cannot be waived."""
    for path, rule in ((RUFF, "violation"), (LEAKS, "secret")):
        rows = json.loads(sample(path)) * 60
        reading = read_bytes(json.dumps(rows).encode())
        assert len(reading.facts["results"]) == 100
        assert denied(reading) == {rule, "too_many"}


AWS = "AKIA" + "Q3EGRTLM" * 2


def audit() -> bytes:
    """What `detect-secrets audit --report` prints."""
    row = {
        "category": "VERIFIED_TRUE",
        "filename": "a.py",
        "lines": {"1": f"k = '{AWS}'"},
        "secrets": AWS,
        "types": ["x"],
    }
    return json.dumps({"results": [row]}).encode()


CLEAR = {
    "a whole secret": change(LEAKS, ("/0/Secret", AWS), ("/0/Match", AWS)),
    "the beginning of one": change(LEAKS, ("/1/Secret", AWS[:12] + "..."), ("/1/Match", AWS[:12] + "...")),
    "a match alone": change(LEAKS, ("/0/Match", f"key = {AWS}")),
    "a line alone": change(LEAKS, ("/0/Line", f"key = {AWS}")),
    "an audit's report": audit(),
    "a hash that is none": change(FOUND, ("/results/settings.py/0/hashed_secret", AWS)),
    "a member nobody knows": change(FOUND, ("/results/settings.py/0/secret", AWS)),
}


@pytest.mark.parametrize("data", CLEAR.values(), ids=CLEAR)
def test_a_report_that_shows_a_secret_is_refused_and_nothing_of_it_leaks(data, tmp_path):
    """It is invalid with a reason of its own; neither the evidence nor any text about it holds the secret."""
    with pytest.raises(Invalid) as caught:
        read_bytes(data)
    assert caught.value.reason == HOLDS_SECRET
    path = tmp_path / "report.json"
    path.write_bytes(data)
    now = parse_time("2026-11-26T00:00:00Z", "now")
    around = Surroundings(read_file, str, Subject(), Judges(Trust(), None, now), now, 10**6, 100)
    found = collect(Descriptor("leaks", path), around)
    assert (found.state, found.reason, found.data) == ("invalid", HOLDS_SECRET, b"")
    assert AWS[:12] not in repr(found) + json.dumps(found.item()) + found.message


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (CLEAR["a whole secret"], "junit"),
        (CLEAR["an audit's report"], "sarif"),
        (json.dumps([{"offender": AWS, "rule": "AWS", "repo": "r", "line": AWS}]).encode(), ""),
        (json.dumps([{"RuleID": "x", "Secret": AWS}]).encode(), ""),
        (CLEAR["a match alone"], "junit"),
    ],
)
def test_a_report_that_is_not_even_recognised_is_not_kept_either(data, kind, tmp_path):
    """A wrong pin, or a version nobody knows, opens no way around the refusal."""
    path = tmp_path / "report.json"
    path.write_bytes(data)
    now = parse_time("2026-11-26T00:00:00Z", "now")
    around = Surroundings(read_file, str, Subject(), Judges(Trust(), None, now), now, 10**6, 100)
    found = collect(Descriptor("leaks", path, kind), around)
    assert (found.state, found.reason, found.data) == ("invalid", HOLDS_SECRET, b"")
    assert AWS[:12] not in repr(found) + found.message


def test_a_redacted_report_carries_nothing_but_places():
    """Facts have rule, file and line; not the match, the author, or the commit's text."""
    text = json.dumps(read_bytes(sample(LEAKS)).facts)
    assert "REDACTED" not in text
    assert "sample@example.com" not in text
    assert json.loads(sample(FOUND))["results"]["settings.py"][0]["hashed_secret"] not in json.dumps(
        read_bytes(sample(FOUND)).facts
    )


def test_detect_secrets_silent_greens():
    """What somebody marked as no secret is counted apart; a scan without plugins looked for nothing."""
    marked = [(f"/results/settings.py/{i}/is_secret", False) for i in (0, 1)]
    reading = read_bytes(change(FOUND, *marked))
    assert (reading.facts["findings"], denied(reading)) == (0, {"dismissed:warning"})
    assert denied(reading, profile="strict") == {"dismissed"}
    assert denied(read_bytes(change(FOUND, ("/results/settings.py/0/is_secret", True)))) == {"secret"}
    assert denied(read_bytes(change(CLEAN, ("/plugins_used", [])))) == {"nothing_looked"}


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (change(SPDX, ("/packages/0/SPDXID", ...)), {}, "SPDXID"),
        (change(SPDX, ("/creationInfo/created", "2026-11-22")), {}, "not a time"),
        (change(SPDX, ("/packages", {})), {}, "not an array"),
        (change(BENCH, ("/benchmarks/0/stats/median", None)), {}, "median is null"),
        (change(BENCH, ("/benchmarks/0/stats/max", 10**30)), {}, "out of range"),
        (change(BENCH, ("/benchmarks/0/stats", ...)), {}, "stats"),
        (sample(BENCH), {"objectives": {"m": {"max": 1, "reduce": "last"}}}, "not a statistic"),
        (sample(BENCH), {"objectives": {"m": {}}}, "needs max or min"),
        (change(LOCUST, ("/0/response_times", {"fast": 100})), {}, "milliseconds"),
        (change(LOCUST, ("/0/num_requests", -1)), {}, "out of range"),
        (change(LOCUST, ("/0/start_time", None)), {}, "start_time is null"),
        (change(LOCUST, ("/0/last_request_timestamp", 1e300)), {}, "not a time"),
        (change(RUFF, ("/0/location", {})), {}, "row"),
        (change(RUFF, ("/0/code", 402)), {}, "not text"),
        (change(LEAKS, ("/0/StartLine", "1")), {}, "not an integer"),
        (change(LEAKS, ("/0/Secret", None)), {}, "Secret is null"),
        (change(FOUND, ("/results/settings.py/0/type", ...)), {}, "type"),
        (change(FOUND, ("/results/settings.py/0/is_secret", "no")), {}, "not true or false"),
    ],
)
def test_what_is_malformed_is_invalid(data: bytes, options: Any, words: str):
    """A wrong shape is refused with its place, never guessed at."""
    with pytest.raises(Invalid) as caught:
        read_bytes(data, options)
    assert words in f"{caught.value.message} {caught.value.pointer}"
