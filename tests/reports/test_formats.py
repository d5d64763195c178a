"""Every output format keeps the form its readers demand, whatever is in a report, and never looks greener."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ci_schemas import CHECKS, check_github, check_gitlab, check_junit, check_sarif
from hypothesis import given
from hypothesis import strategies as st

from dpone.errors import UsageError
from dpone.record import replace
from dpone.reports.model import Case, Place, Report, ShownFile, ShownFinding, ShownRule, cleaned, whole
from dpone.reports.publish import check_outputs, read_outputs, split_outputs, write_outputs
from dpone.reports.registry import find_format, format_names

HOSTILE = {
    "workflow command": "::error file=app.py::hacked",
    "command after a newline": "bad\n::set-output name=outcome::passed\n::add-mask::e",
    "command after a carriage return": "bad\r::stop-commands::x\r\n::warning::y",
    "old command in a line": "bad ##[set-output name=outcome]passed",
    "percent encoding": "100%0A::error::x %25 %0D",
    "output of a step": "x\noutcome=passed\ndecision<<EOF",
    "terminal": "\x1b[2J\x1b[31mred\x1b[0m \x9b1m \x07",
    "CDATA and tags": "]]></failure></testcase><testcase name='ok'/><![CDATA[ <!-- & \" '",
    "NUL and controls": "a\0b\x01\x0b\x0c\x1f\x7f\x85",
    "lone surrogates": "a\ud800b\udfff \udc80",
    "line separators": "a\u2028b\u2029c",
    "direction overrides": "user\u202egnp.exe\u2066",
    "not characters": "a\ufffe\uffffb",
    "links and placeholders": "[click](javascript:alert(1)) {0} {{1}} [a](1)",
    "Markdown": "| a | b |\n|---|---|\n![x](y) <img src=x onerror=alert(1)> `c` # h",
    "commas and colons": "a,title=x,file=y::z: C:\\x",
    "quotes": '"\'\\" \\',
    "astral": "\U0001d518 \U0001f680",
    "long": "x" * 70_000,
    "empty": "",
    "blank": " \t\n ",
}
"""What may stand in a name or a message of evidence."""


def finding(text: str, state: str = "denied", **changes: Any) -> ShownFinding:
    """A finding with that text in every place where evidence can put one."""
    made = ShownFinding(
        "dbt.not_passed", state, "error", text, text, text, Place(text, 3, 4, f"/{text}"), "f" * 64, text,
        justification=text,
    )  # fmt: skip
    return replace(made, **changes)


def report(*findings: ShownFinding, **changes: Any) -> Report:
    """A failed gate with findings."""
    made = Report(
        "release-gate",
        "failed",
        ".dpone/releases/latest/release_gate.json",
        "2026-11-23T00:00:00Z",
        {"release": "v1", "environment": "production"},
        "d" * 64,
        findings=findings,
        concerns=tuple(f.message for f in findings if f.state == "warned"),
        rules=(ShownRule("dbt.not_passed", "Tests pass", "Why {this} matters.", "mend {what}"),),
        cases=(Case("dbt.not_passed", "dbt"), Case("evidence.present", "dbt")),
        files=(ShownFile("target/run_results.json", "a" * 64, 12),),
        document=b"{}",
        text=b"text\n",
        markdown=b"# md\n",
    )
    return replace(made, **changes)


def rendered(form: str, made: Report) -> bytes:
    """The report in a format, as the command writes it."""
    return find_format(form).render(whole(made))


# hostile text


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("form", format_names())
def test_no_text_breaks_a_format(form: str, text: str) -> None:
    """Names, messages, paths and problems from evidence never break the form nor add a command."""
    states = ("denied", "undetermined", "warned", "waived", "shadow", "upcoming")
    made = report(
        *(finding(text, state) for state in states),
        problem=text,
        concerns=(text,),
        subject={"release": text},
        rules=(ShownRule("dbt.not_passed", text, text, text),),
        cases=(Case(text, text),),
        files=(ShownFile(text or "x", "a" * 64, 1),),
    )
    CHECKS[form](rendered(form, made))


@given(text=st.text(st.characters()), state=st.sampled_from(["denied", "warned", "waived"]))
def test_any_text_at_all(text: str, state: str) -> None:
    """The table above is no lucky choice."""
    made = report(finding(text, state), problem=text, concerns=(text,))
    for form in ("sarif", "junit", "gitlab", "github"):
        CHECKS[form](rendered(form, made))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_adds_an_output_to_a_step(text: str, tmp_path: Path) -> None:
    """GITHUB_OUTPUT holds the two lines that dpone writes, whatever a decision is about."""
    target = tmp_path / "output"
    made = report(finding(text), subject={"release": text}, problem=text, decision=text[:100])
    write_outputs(made, [("github", None)], {"GITHUB_OUTPUT": str(target)})
    lines = target.read_text("utf-8").split("\n")
    assert [line.partition("=")[0] for line in lines] == ["outcome", "decision", ""]
    assert lines[0] == "outcome=failed"


def test_every_format_has_a_check_of_its_form() -> None:
    """A new format cannot come without one."""
    assert set(CHECKS) == set(format_names())


# never greener than the decision


@pytest.mark.parametrize("status", ["failed", "undecided"])
def test_silence_is_never_green(status: Any) -> None:
    """A report that is not passed and has no finding says so in each format: none comes out empty."""
    made = report(status=status, problem="the engine ended" if status == "undecided" else "")
    assert next(e["severity"] for e in check_gitlab(rendered("gitlab", made))) in ("blocker", "critical")
    root = check_junit(rendered("junit", made))
    assert len(root.findall(".//failure")) + len(root.findall(".//error")) == 1
    run = check_sarif(rendered("sarif", made))["runs"][0]
    assert [result["level"] for result in run["results"]] == ["error"]
    assert run["invocations"][0]["executionSuccessful"] is (status == "failed")
    assert check_github(rendered("github", made))[0].startswith("::error ")


def test_undecided_is_no_execution() -> None:
    """SARIF says that the run did not succeed, with what kept it, and exit status 3."""
    made = report(finding("x", "undetermined"), status="undecided", problem="rule x gave no answer")
    (invocation,) = check_sarif(rendered("sarif", made))["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 3
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "rule x gave no answer"


STATES = {
    "denied": ("failure", "error", "major", "error"),
    "undetermined": ("error", "error", "blocker", "error"),
    "warned": ("system-out", "warning", "minor", "warning"),
    "shadow": ("system-out", "note", "info", None),
    "upcoming": ("system-out", "note", "info", None),
    "waived": ("skipped", "error", "info", "notice"),
}
"""State -> element in JUnit, level in SARIF, severity in GitLab, command of GitHub (None: says nothing)."""


@pytest.mark.parametrize("state", STATES)
def test_each_state_in_each_format(state: str) -> None:
    """What counts is an error, what only warns a warning; nothing that was found is left out of a file."""
    element, level, severity, command = STATES[state]
    red = state in ("denied", "undetermined")
    status: Any = {"denied": "failed", "undetermined": "undecided"}.get(state, "passed")
    made = report(finding("thing", state, about="dbt"), status=status)
    case = check_junit(rendered("junit", made)).find(".//testcase[@name='dbt.not_passed dbt']")
    assert [child.tag for child in case] == [element]
    (result,) = check_sarif(rendered("sarif", made))["runs"][0]["results"]
    assert (result["level"], result["properties"]["state"]) == (level, state)
    (entry,) = check_gitlab(rendered("gitlab", made))
    assert entry["severity"] == severity
    assert red or entry["description"].startswith(state)
    said = [line.split(" ")[0] for line in check_github(rendered("github", made)) if "thing" in line]
    assert said == ([f"::{command}"] if command else [])


def test_a_waiver_is_a_suppression() -> None:
    """A waived finding stays in the results, suppressed from outside with its reason; the others say that
    nothing suppresses them."""
    waived = finding("old", "waived", justification="OPS-311, until 5 Dec")
    results = check_sarif(rendered("sarif", report(finding("new"), waived)))["runs"][0]["results"]
    told = {result["properties"]["state"]: result["suppressions"] for result in results}
    assert told == {
        "denied": [],
        "waived": [{"kind": "external", "status": "accepted", "justification": "OPS-311, until 5 Dec"}],
    }
    assert "OPS-311, until 5 Dec" in rendered("junit", report(waived)).decode()
    assert "OPS-311, until 5 Dec" in rendered("gitlab", report(waived)).decode()
    assert "OPS-311, until 5 Dec" in rendered("github", report(waived)).decode()


def test_no_suppressions_where_nothing_is_waived() -> None:
    """Without waivers the property is absent everywhere, as the standard asks."""
    results = check_sarif(rendered("sarif", report(finding("x"))))["runs"][0]["results"]
    assert "suppressions" not in results[0]


# SARIF


def test_sarif_says_where_and_by_which_rule() -> None:
    """File with its digest, line, pointer as logical location, rule with its texts, the finding's fingerprint."""
    place = Place("target/run_results.json", 7, pointer="/results/2")
    run = check_sarif(rendered("sarif", report(finding("2 failed", about="dbt", place=place))))["runs"][0]
    (result,) = run["results"]
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "target/run_results.json", "uriBaseId": "%SRCROOT%", "index": 0},
        "region": {"startLine": 7},
    }
    assert location["logicalLocations"] == [
        {"name": "dbt", "fullyQualifiedName": "dbt#/results/2", "kind": "value"}
    ]
    assert result["partialFingerprints"] == {"dpone/v1": "f" * 64}
    assert run["artifacts"][0]["hashes"] == {"sha-256": "a" * 64}
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == "Tests pass"
    assert rule["fullDescription"]["text"] == "Why {{this}} matters."
    assert rule["help"]["text"] == "Why {{this}} matters. Remedy: mend <what>"
    assert run["automationDetails"]["id"] == "dpone/release-gate/production/"


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/ü.json", "a%20b/%C3%BC.json"),
        ("::error::x", "%3A%3Aerror%3A%3Ax"),
        ("100%/x#y?z", "100%25/x%23y%3Fz"),
        ("/elsewhere/x", "file:///elsewhere/x"),
        ("C:/x y", "file:///C:/x%20y"),
    ],
)
def test_sarif_paths_are_uris(path: str, uri: str) -> None:
    """Any file name is a URI that leads to it; only what lies inside is relative to the root."""
    run = check_sarif(rendered("sarif", report(finding("x", place=Place(path)))))["runs"][0]
    found = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert found["uri"] == uri
    assert ("uriBaseId" in found) == (not uri.startswith("file:"))


def test_sarif_has_no_links_from_evidence() -> None:
    """What reads as an embedded link is escaped, and what reads as a placeholder is none."""
    run = check_sarif(rendered("sarif", report(finding("[click](evil) {0}", remedy=""))))["runs"][0]
    assert run["results"][0]["message"]["text"] == "\\[click\\](evil) {{0}}"


# GitHub


def test_github_title_says_which() -> None:
    """Exit 1 and 3 look alike in GitHub's list; the title does not."""
    for status, word in (("passed", "PASSED"), ("failed", "FAILED"), ("undecided", "UNDECIDED")):
        lines = check_github(rendered("github", report(status=status)))  # type: ignore[arg-type]
        assert all(f"title=release-gate {word}::" in line for line in lines)


def test_github_shows_ten_and_says_how_many_more() -> None:
    """More than GitHub shows are counted, not lost."""
    made = report(*(finding(f"number {n}") for n in range(25)), concerns=tuple(f"c{n}" for n in range(11)))
    lines = check_github(rendered("github", made))
    errors = [line for line in lines if line.startswith("::error")]
    warnings = [line for line in lines if line.startswith("::warning")]
    assert (len(errors), len(warnings)) == (10, 10)
    assert errors[-1].endswith("::and 16 more, in the step summary")
    assert warnings[-1].endswith("::and 2 more, in the step summary")


def test_github_summary_and_outputs(tmp_path: Path) -> None:
    """The Markdown is added to the summary, the outcome to the outputs; what stood there stays."""
    env = {name: str(tmp_path / name) for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    (tmp_path / "GITHUB_OUTPUT").write_text("before=1\n")
    made = report(finding("x"))
    for _ in range(2):
        write_outputs(made, [("github", None)], env)
    assert (tmp_path / "GITHUB_STEP_SUMMARY").read_bytes() == b"# md\n# md\n"
    said = f"outcome=failed\ndecision={'d' * 64}\n"
    assert (tmp_path / "GITHUB_OUTPUT").read_text() == f"before=1\n{said}{said}"


def test_github_twice_is_once(tmp_path: Path) -> None:
    """Asked for on stdout and in a file, or twice, it adds to GitHub's files once."""
    env = {"GITHUB_OUTPUT": str(tmp_path / "out")}
    outputs = [("github", None), ("github", None), ("github", tmp_path / "annotations")]
    printed = write_outputs(report(finding("x")), outputs, env)
    assert printed == (tmp_path / "annotations").read_bytes()
    assert (tmp_path / "out").read_text().count("outcome=") == 1


def test_github_summary_is_bounded(tmp_path: Path) -> None:
    """GitHub refuses a summary over 1 MiB whole; a cut one says that it is cut."""
    made = report(finding("x"), markdown=b"| row |\n" * 200_000)
    write_outputs(made, [("github", None)], {"GITHUB_STEP_SUMMARY": str(tmp_path / "s")})
    text = (tmp_path / "s").read_text()
    assert len(text) < 600_000
    assert text.endswith("Markdown artifact)\n")


# GitLab


def test_gitlab_keeps_findings_with_one_fingerprint() -> None:
    """Two places of one finding are two entries, in every run the same two."""
    made = report(finding("a"), finding("b"))
    first, second = (check_gitlab(rendered("gitlab", made)) for _ in range(2))
    assert len(first) == 2
    assert first == second


def test_gitlab_passed_is_an_empty_list() -> None:
    """Nothing found is an empty report, which clears what an earlier one showed."""
    assert check_gitlab(rendered("gitlab", report(status="passed"))) == []


# the registry and the option


def test_a_format_is_a_module_and_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file in the folder is a format: listed, found, written."""
    import dpone.reports.formats
    import dpone.reports.registry as registry

    (tmp_path / "formats").mkdir()
    (tmp_path / "formats" / "shout.py").write_text(
        "def render(report):\n    return report.check.upper().encode()\n"
    )
    monkeypatch.setattr(registry, "__file__", str(tmp_path / "registry.py"))
    monkeypatch.setattr(dpone.reports.formats, "__path__", [str(tmp_path / "formats")])
    registry.format_names.cache_clear()
    registry.find_format.cache_clear()
    try:
        assert registry.format_names() == ("shout",)
        outputs = read_outputs([f"shout={tmp_path / 'x'}"], Path)
        write_outputs(report(finding("x")), outputs, {})
        assert (tmp_path / "x").read_text() == "RELEASE-GATE"
    finally:
        registry.format_names.cache_clear()
        registry.find_format.cache_clear()


def test_formats_are_listed_without_importing_them() -> None:
    """Help costs no import of a format."""
    assert format_names() == ("github", "gitlab", "json", "junit", "md", "sarif", "text")


@pytest.mark.parametrize(
    "text", ["html=x", "SARIF=x", "../x=y", "", "=x", "junit", "sarif=", "formats.junit=x"]
)
def test_what_is_no_output(text: str) -> None:
    """Unknown formats and missing files are wrong usage, with the known ones or the form to write."""
    with pytest.raises(UsageError) as caught:
        read_outputs([text], Path)
    assert "known: github, gitlab, json, junit, md, sarif, text" in str(caught.value) or "=PATH" in str(
        caught.value
    )


def test_two_outputs_in_one_file_are_refused() -> None:
    """The second would silently be the only one."""
    with pytest.raises(UsageError, match="junit and sarif both go to x"):
        check_outputs(read_outputs(["junit=x", "sarif=x"], Path))


def test_one_form_has_stdout() -> None:
    """Of `output` in dpone.yaml one may be bare."""
    assert split_outputs(["json", "github", "sarif=x"]) == (["json"], ["github", "sarif=x"])
    with pytest.raises(UsageError):
        split_outputs(["json", "md"])


def test_cleaning_reaches_every_text() -> None:
    """Nothing but documents passes uncleaned."""
    dirty = report(finding("a\nb"), subject={"a\nb": "c\nd"})
    told = json.dumps([str(value) for value in vars(cleaned(dirty)).values() if not isinstance(value, bytes)])
    assert "\\\\n" not in told
    assert "a b" in told
