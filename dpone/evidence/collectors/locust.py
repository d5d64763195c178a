"""locust's JSON summary (`locust --headless --json`): one entry for each endpoint.

Response times are a histogram by rounded milliseconds, so percentiles are taken from it as locust does.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from dpone.evidence.fields import LISTED, Field, is_list_of, names_text, percent_up, plain_number, plural
from dpone.evidence.model import Counts, Document, Invalid, Reading
from dpone.evidence.objectives import measured, met, read_objectives

KIND = "locust"
TITLE = "locust summary"
PRODUCER = "locust --headless --json -f locustfile.py --run-time 1m > build/locust.json"

_KEYS = frozenset(("name", "method", "num_requests", "num_failures", "response_times", "num_fail_per_sec"))
_LATEST = 253_402_300_799  # 9999-12-31T23:59:59Z


def recognize(document: Document) -> bool:
    """Whether this is a list of endpoints with their histograms; an empty list is what several tools write."""
    return is_list_of(document, _KEYS)


def near(document: Document) -> str:
    """Name the CSV files, which are not read."""
    text = document.root if document.syntax == "text" else ""
    return (
        "locust's CSV statistics; its --json is understood"
        if text.startswith("Type,Name,Request Count,")
        else ""
    )


def read(document: Document, options: Mapping[str, Any]) -> Reading:
    """Add the endpoints up. `options["objectives"]` may limit failure_percent, requests, requests_per_second,
    avg_ms, p50_ms, p95_ms, p99_ms and max_ms, over all endpoints."""
    contradictions: list[str] = []
    endpoints = [_endpoint(each, contradictions) for each in Field(document.root).array()]
    requests = sum(each["requests"] for each in endpoints)
    failures = sum(each["failures"] for each in endpoints)
    values = _values(Field(document.root), endpoints, requests, failures) if requests else {}
    rows = measured(read_objectives(options), {name: (value, "") for name, value in values.items()})
    failing = sorted((each for each in endpoints if each["failures"]), key=lambda each: -each["failures"])
    facts: dict[str, Any] = {
        "endpoints": len(endpoints),
        "requests": requests,
        "failures": failures,
        "failure_percent": percent_up(failures, requests),
        "failing_names": names_text([f"{each['method']} {each['name']}".strip() for each in failing]),
        "failing_at": failing[0]["pointer"] if failing else "",
        "p95_ms": values.get("p95_ms", 0),
        "objectives_total": len(rows),
        "objectives": rows,
        "results": endpoints[:LISTED],
    }
    missed = [row for row in rows if not met(row)]
    return Reading(
        kind=KIND,
        tool="locust",
        reported="empty" if not requests else "failed" if failures or missed else "passed",
        counts=Counts(passed=max(0, requests - failures), failed=failures),
        facts=facts,
        summary=_summary(facts, missed),
        produced_at=_time(Field(document.root)),
        contradictions=tuple(contradictions[:LISTED]),
    )


def _endpoint(each: Field, contradictions: list[str]) -> dict[str, Any]:
    requests, failures = each.at("num_requests").count(), each.at("num_failures").count()
    untimed = each.get("num_none_requests")
    timed = requests - (untimed.count() if untimed else 0)
    if failures > requests:
        contradictions.append(f"{each.pointer} has {failures} failures of {requests} requests")
    for key, wanted in (("response_times", timed), ("num_fail_per_sec", failures)):
        found = sum(count.count() for _, count in each.at(key).members())
        if found != wanted:
            contradictions.append(f"{each.pointer}/{key} adds up to {found}, not {wanted}")
    method = each.get("method")
    return {
        "name": each.at("name").text()[:200],
        "method": method.text()[:20] if method else "",
        "requests": requests,
        "failures": failures,
        "pointer": each.pointer,
    }


def _values(
    root: Field, endpoints: list[dict[str, Any]], requests: int, failures: int
) -> dict[str, int | float]:
    """What objectives may be about, over all endpoints."""
    times: dict[int, int] = {}
    starts, ends, total, longest = [], [], 0.0, 0.0
    for each, endpoint in zip(root.array(), endpoints, strict=True):
        if not endpoint["requests"]:
            continue
        for key, count in each.at("response_times").members():
            if not re.fullmatch(r"[0-9]{1,12}", key):
                raise Invalid("wrong_shape", f"{count.pointer} is not a number of milliseconds", count.pointer)
            times[int(key)] = times.get(int(key), 0) + count.count()
        starts.append(_seconds(each.at("start_time")))
        ends.append(_seconds(each.at("last_request_timestamp")))
        total += each.at("total_response_time").number()
        longest = max(longest, each.at("max_response_time").number())
    found: dict[str, int | float] = {
        "requests": requests,
        "failure_percent": percent_up(failures, requests),
        "avg_ms": plain_number(total / requests),
        "max_ms": plain_number(longest),
    }
    lasted = max(ends) - min(starts)
    if lasted > 0:
        found["requests_per_second"] = plain_number(requests / lasted)
    if times:
        found |= {f"p{share}_ms": _percentile(times, share) for share in (50, 95, 99)}
    return found


def _percentile(times: Mapping[int, int], share: int) -> int:
    """The least time that `share` percent of the requests did not pass."""
    wanted = math.ceil(sum(times.values()) * share / 100)
    seen = 0
    for time in sorted(times):
        seen += times[time]
        if seen >= wanted:
            return time
    return max(times)


def _time(root: Field) -> datetime | None:
    """When the last request was made, of the endpoint that ended first."""
    ends = [end for each in root.array() if (end := each.get("last_request_timestamp"))]
    return datetime.fromtimestamp(min(_seconds(end) for end in ends), timezone.utc) if ends else None


def _seconds(field: Field) -> int | float:
    value = field.number()
    if not 0 <= value <= _LATEST:
        raise Invalid("bad_number", f"{field.pointer} is not a time", field.pointer)
    return value


def _summary(facts: Mapping[str, Any], missed: list[dict[str, Any]]) -> str:
    if not facts["requests"]:
        return "no request was made"
    if facts["failures"]:
        return f"{facts['failures']} of {facts['requests']} requests failed: {facts['failing_names']}"
    if missed:
        return str(missed[0]["text"])
    return f"{plural(facts['requests'], 'request')}, 0 failed, 95 % within {facts['p95_ms']} ms"
