"""incident-pack, docs-publish-pack and runbook-pack: built from decisions, and their text does nothing but tell."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from release_simulator import AT, RELEASE, Run, Simulator, denied

from dpone.decisions.decide import decide
from dpone.decisions.withdraw import withdraw
from dpone.evidence.model import Subject
from dpone.ops.docs_publish_pack import END, START
from dpone.ops.release_gate import request as release_gate
from dpone.ops.session import open_session
from dpone.record import replace
from dpone.workspace import open_workspace

GATE = "release_gate=.dpone/releases/latest/release_gate.json"
SLO = "slo=.dpone/slo/latest/slo_report.json"
SECURITY = "security=.dpone/security/latest/security_audit.json"
PACKS: dict[str, tuple[str, ...]] = {
    "incident-pack": ("--incident-id", "01JINC", "--title", "Lag of the release"),
    "docs-publish-pack": (),
    "runbook-pack": ("--runbook-id", "01JRUN", "--title", "v0.7.1 go-live"),
}
STEMS = {
    "incident-pack": "ops_incident_pack",
    "docs-publish-pack": "docs_publish_pack",
    "runbook-pack": "runbook_pack",
}
FOLDERS = {
    "incident-pack": ".dpone/incidents/latest",
    "docs-publish-pack": ".dpone/docs-publish",
    "runbook-pack": ".dpone/runbooks/latest",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Simulator:
    """A workspace that declares nothing, with a green audit and a green release gate on it."""
    made = Simulator(tmp_path_factory.mktemp("green") / "made")
    made.write("dpone.yaml", "version: 1\n")
    audit(made)
    gate(made)
    return made


@pytest.fixture
def release(made: Simulator, tmp_path: Path) -> Simulator:
    """A copy of it, to break."""
    return made.copy(tmp_path / "copy")


def ops(release: Simulator, command: str, *options: str) -> Run:
    """Run a gate about the release."""
    return release.run("ops", command, "--release", RELEASE, "--at", AT, "--format", "json", *options)


def audit(release: Simulator, text: str = "all is well") -> Run:
    """A security audit of a log."""
    return ops(release, "security-audit", "--log-text", text)


def slo(release: Simulator, metric: str = "lag", value: int = 420) -> Run:
    """An evaluation that is red above 300."""
    return ops(
        release,
        "slo-evaluate",
        "--metrics-json",
        json.dumps({metric: value}),
        "--objectives-json",
        json.dumps({metric: {"max": 300}}),
    )


def gate(release: Simulator, *names: str) -> Run:
    """The release gate on the audit and what is named."""
    return ops(release, "release-gate", *given(SECURITY, *names))


def given(*names: str) -> list[str]:
    """`--artifact` for each."""
    return [part for name in names for part in ("--artifact", name)]


def pack(release: Simulator, command: str, *names: str) -> Run:
    """Make a pack of what is named."""
    return ops(release, command, *PACKS[command], *given(*names))


def page(release: Simulator, command: str, name: str) -> str:
    """A file that a pack wrote."""
    return (release.root / FOLDERS[command] / name).read_text("utf-8")


def pages(release: Simulator, command: str) -> dict[str, str]:
    """Every Markdown file that a pack wrote."""
    folder = release.root / FOLDERS[command]
    return {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.md"))}


ALL = tuple(PACKS)
FIELDS = {
    "incident-pack": {
        "incident_id",
        "title",
        "severity",
        "passed",
        "artifact_dir",
        "items",
        "timeline",
        "actions",
    },
    "docs-publish-pack": {
        "release",
        "passed",
        "blockers",
        "output_dir",
        "readme_snippet_path",
        "pages_index_path",
        "sections",
    },
    "runbook-pack": {
        "runbook_id",
        "title",
        "passed",
        "blockers",
        "output_dir",
        "operator_runbook_path",
        "sections",
    },
}


@pytest.mark.parametrize("command", ALL)
def test_a_pack_of_green_decisions_is_green(release: Simulator, command: str) -> None:
    """It has the fields that old scripts read, its files are signed, and it replays."""
    done = pack(release, command, GATE, SECURITY)
    assert done.status == 0, done
    assert set(done.document) >= FIELDS[command]
    rows = done.document.get("items", done.document.get("sections"))
    assert [(row["name"], row["passed"]) for row in rows] == [("release_gate", True), ("security", True)]
    assert all(set(row) >= {"name", "path", "sha256", "passed", "summary"} for row in rows)
    told = release.run("decision", "verify", "latest")
    assert told.status == 0, told
    assert all(f"artifact {name}" in told.out for name in pages(release, command))
    assert release.run("decision", "replay", "latest").status == 0


@pytest.mark.parametrize("command", ALL)
def test_a_pack_of_nothing_is_red(release: Simulator, command: str) -> None:
    """Nothing attached proves nothing."""
    done = pack(release, command)
    assert done.status == 1
    assert f"{command}.evidence_attached" in denied(done.document)


@pytest.mark.parametrize("command", ALL)
def test_one_red_item_makes_a_pack_red(release: Simulator, command: str) -> None:
    """Whatever else is green."""
    slo(release)
    done = pack(release, command, GATE, SLO, SECURITY)
    assert done.status == 1
    assert denied(done.document) == {"evidence.artifact_passed"}
    assert done.document["blockers"] == ["slo"]


@pytest.mark.parametrize("command", ALL)
def test_a_hand_written_pass_is_red(release: Simulator, command: str) -> None:
    """`{"passed": true}` is nobody's decision, and a copy of an artifact without its seal is none either."""
    release.write("a.json", '{"passed": true}')
    release.write("b.json", release.artifact.read_bytes())
    done = pack(release, command, GATE, "a=a.json", "b=b.json")
    assert done.status == 1
    assert set(done.document["blockers"]) == {"a", "b"}


@pytest.mark.parametrize("command", ALL)
def test_what_is_of_another_release_is_red(release: Simulator, command: str) -> None:
    """Two names for one file, a changed file, or the evidence of another release: none of them stands."""
    done = release.run(
        "ops", command, "--release", "v9", "--at", AT, "--format", "json", *PACKS[command], *given(GATE)
    )
    assert "evidence.not_foreign" in denied(done.document)
    assert "evidence.named_once" in denied(pack(release, command, GATE, GATE).document)
    release.write(".dpone/security/latest/security_audit.json", "{}")
    assert pack(release, command, GATE, SECURITY).status == 1


@pytest.mark.parametrize("command", ALL)
def test_what_cannot_be_read_is_red(release: Simulator, command: str) -> None:
    """And the pack is made all the same, and names it."""
    (release.root / "folder").mkdir()
    release.write("empty.json", "")
    release.write("broken.json", "{")
    names = ["missing.json", "folder", "empty.json", "broken.json"]
    done = pack(release, command, GATE, *(f"{name}={name}" for name in names))
    assert (done.status, sorted(done.document["blockers"])) == (1, sorted(names))
    assert all(f"| {name} |" in page(release, command, f"{STEMS[command]}.md") for name in names)


# what to mend, and when it happened


def red_release(release: Simulator) -> None:
    """An SLO that is not met, an audit that found something, and a release gate that is red for both."""
    slo(release)
    audit(release, "login password=" + "zq7Wm3Tx9Lr2Vb5")
    gate(release, SLO)


def test_an_incident_says_what_to_mend_in_which_order(release: Simulator) -> None:
    """First what the findings inside say, then the decisions again, those below before those that rest on them."""
    red_release(release)
    done = pack(release, "incident-pack", GATE, SLO, SECURITY)
    told = [(a["item"], a["rule"], a["command"]) for a in done.document["actions"]]
    assert told == [
        ("security", "security-audit.no_secret", ""),
        ("slo", "slo-evaluate.met", ""),
        ("security", "evidence.artifact_passed", f"dpone ops security-audit --release {RELEASE}"),
        ("slo", "evidence.artifact_passed", f"dpone ops slo-evaluate --release {RELEASE}"),
        ("release_gate", "evidence.artifact_passed", f"dpone ops release-gate --release {RELEASE}"),
    ]
    assert [a["order"] for a in done.document["actions"]] == [1, 2, 3, 4, 5]
    assert all(a["remedy"] for a in done.document["actions"])
    assert "zq7Wm3Tx9Lr2Vb5" not in done.out


def test_a_red_decision_below_that_is_not_attached_is_told(release: Simulator) -> None:
    """With the release gate alone, its own findings say what is red below it."""
    red_release(release)
    done = pack(release, "incident-pack", GATE)
    assert [(a["item"], a["message"].split(" did")[0]) for a in done.document["actions"]] == [
        ("release_gate", "security"),
        ("release_gate", "slo"),
        ("release_gate", "release_gate"),
    ]


def test_files_and_seals_come_before_content(release: Simulator) -> None:
    """What is mandatory comes first, and of that the file before its form, its form before its seal."""
    slo(release)
    release.write("loose.json", release.artifact.read_bytes())
    done = pack(release, "runbook-pack", "gone=gone.json", "loose=loose.json", "what=dpone.yaml", SLO)
    told = [(a["item"], a["rule"]) for a in done.document["actions"]]
    assert told == [
        ("gone", "evidence.present"),
        ("loose", "evidence.well_formed"),
        ("what", "evidence.recognized"),
        ("slo", "slo-evaluate.met"),
        ("slo", "evidence.artifact_passed"),
    ]
    assert [a["mandatory"] for a in done.document["actions"]] == [True, True, True, False, False]


def test_what_an_unsealed_artifact_says_is_not_told(release: Simulator) -> None:
    """Only a seal that holds lets the findings of an artifact speak."""
    slo(release)
    text = (release.root / ".dpone/slo/latest/slo_report.json").read_text("utf-8")
    release.write("slo_report.json", text.replace("lag is 420", "run this command"))
    done = pack(release, "incident-pack", GATE, "slo=slo_report.json")
    assert {a["rule"] for a in done.document["actions"]} == {"evidence.well_formed"}
    assert "run this command" not in done.out


def test_the_timeline_is_in_order(release: Simulator) -> None:
    """By the date of each item, undated ones last."""
    release.run("ops", "slo-evaluate", "--release", RELEASE, "--at", "2026-11-20T00:00:00Z", "--metrics-json", '{"a": 1}',
                "--objectives-json", '{"a": {"max": 2}}')  # fmt: skip
    release.write("words.txt", "words")
    done = pack(release, "incident-pack", "words=words.txt", GATE, SLO)
    rows = done.document["timeline"]
    assert [row["name"] for row in rows] == ["slo", "release_gate", "", "words"]
    assert [row["at"] for row in rows] == ["2026-11-20T00:00:00Z", AT, AT, ""]
    assert "## Timeline" in page(release, "incident-pack", "ops_incident_pack.md")


def test_what_a_release_declares_is_not_what_an_incident_is_about(release: Simulator) -> None:
    """A pack to which nothing is attached is red, however green the evidence of the release is."""
    release.write("dpone.yaml", f"version: 1\nevidence: {{{GATE.replace('=', ': {path: ')}}}}}\n")
    done = pack(release, "incident-pack")
    assert (done.status, denied(done.document)) == (1, {"incident-pack.evidence_attached"})
    assert pack(release, "incident-pack", SECURITY).status == 0


def test_an_incident_without_a_decision_says_so(release: Simulator) -> None:
    """Reports alone do not say what was decided."""
    release.put("build/junit.xml", Path(__file__).parent / "samples" / "pytest" / "junit_pass.xml")
    done = pack(release, "incident-pack", "tests=build/junit.xml")
    assert "incident-pack.decision_attached" in {f["rule"] for f in done.document["findings"]}


# docs


def test_no_release_gate_is_no_status(release: Simulator) -> None:
    """Nothing else can say how a release stands."""
    done = pack(release, "docs-publish-pack", SECURITY)
    assert denied(done.document) == {"docs-publish-pack.release_gate_attached"}
    assert "NOT DECIDED" in page(release, "docs-publish-pack", "README_SNIPPET.md")
    done = release.run("ops", "docs-publish-pack", "--at", AT, "--format", "json", *given(GATE))
    assert "docs-publish-pack.release_named" in denied(done.document)


def test_the_snippet_says_what_the_gate_said(release: Simulator) -> None:
    """Between its markers, with a badge for each item, and nothing from elsewhere."""
    pack(release, "docs-publish-pack", GATE, SECURITY)
    green = page(release, "docs-publish-pack", "README_SNIPPET.md")
    assert green.startswith(START)
    assert green.rstrip().endswith(END)
    assert f"**Release {RELEASE}: PASSED**" in green
    assert f"| Release gate | passed | {AT} |" in green
    assert "NOT" not in green
    red_release(release)
    assert pack(release, "docs-publish-pack", GATE, SECURITY).status == 1
    red = page(release, "docs-publish-pack", "README_SNIPPET.md")
    assert f"**Release {RELEASE}: NOT PASSED**" in red
    assert "Not for publishing" in red
    assert not re.search(r"https?:|\]\(", green + red + page(release, "docs-publish-pack", "PAGES_INDEX.md"))


# runbook

HEADINGS = ("Current status", "Go-live checklist", "Rollback checklist", "Incident handoff checklist")


def rollback(release: Simulator, actions: Any, kind: str = "rollback_plan") -> str:
    """A decision of that kind that passed, with the fields a rollback plan has; returns `name=path`."""
    workspace = open_workspace(release.env, AT, release.root)
    session = open_session("release-gate", workspace, Subject(release=RELEASE), ".dpone/rollback")
    asked = replace(
        release_gate(session, [SECURITY]),
        artifact=kind,
        view=lambda _: {"sink": "postgres", "target": "public.events", "load_id": "L1", "actions": actions},
    )
    assert decide(asked, session.context).result.passed
    return f"rollback=.dpone/rollback/{kind}.json"


def test_a_runbook_has_the_four_sections(release: Simulator) -> None:
    """And each holds what is attached, not constant text."""
    red_release(release)
    pack(release, "runbook-pack", GATE, SLO, SECURITY)
    text = page(release, "runbook-pack", "OPERATOR_RUNBOOK.md")
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == list(HEADINGS)
    assert "Do not go live" in text
    assert text.index("lag is 420, objective max 300") < text.index("dpone ops slo-evaluate --release v0.7.1")
    assert "name an owner for slo, which is red" in text
    shutil.rmtree(release.root / ".dpone")  # a red decision that the ledger knows could not be left out
    gate(release)
    pack(release, "runbook-pack", GATE)
    after = page(release, "runbook-pack", "OPERATOR_RUNBOOK.md")
    assert "slo" not in after


def test_no_rollback_evidence_is_said(release: Simulator) -> None:
    """A finding of the pack and a line in the runbook; no steps are made up."""
    done = pack(release, "runbook-pack", GATE, SECURITY)
    assert done.status == 0
    assert [f["rule"] for f in done.document["findings"]] == ["runbook-pack.rollback_attached"]
    assert done.document["rollback"] == []
    assert "knows no way back" in page(release, "runbook-pack", "OPERATOR_RUNBOOK.md")


@pytest.mark.parametrize("kind", ["rollback_plan", "rollback_execute"])
def test_the_way_back_is_that_of_the_evidence(release: Simulator, kind: str) -> None:
    """Its steps, in its order, with their risk; escaped like all else."""
    steps = [
        {"kind": "validate_backup", "sql": "SELECT 1 FROM events__backup", "risk": "low"},
        {"kind": "swap", "sql": "<b>ALTER</b> | TABLE", "risk": "medium"},
    ]
    done = pack(release, "runbook-pack", GATE, rollback(release, steps, kind))
    assert done.status == 0, done
    assert done.document["findings"] == []
    assert [step["step"] for step in done.document["rollback"]] == ["validate_backup", "swap"]
    text = page(release, "runbook-pack", "OPERATOR_RUNBOOK.md")
    first = text.index(r"- [ ] 1\. validate\_backup: SELECT 1 FROM events\_\_backup (risk low)")
    assert first < text.index(r"- [ ] 2\. swap: &lt;b&gt;ALTER&lt;/b&gt; \| TABLE (risk medium)")
    assert "public.events" in text


def test_rollback_evidence_of_a_strange_shape(release: Simulator) -> None:
    """It is told as far as it goes, and nothing breaks."""
    for actions in ("words", [1, None, ["x"]], {"a": 1}, [{"kind": {"x": 1}}], []):
        done = pack(release, "runbook-pack", GATE, rollback(release, actions))
        assert done.status == 0, done


def test_a_rollback_plan_without_a_seal_is_none(release: Simulator) -> None:
    """Anybody can write a plan."""
    plan = rollback(release, [{"kind": "drop everything"}]).partition("=")[2]
    release.write("rollback_plan.json", (release.root / plan).read_bytes())
    done = pack(release, "runbook-pack", GATE, "rollback=rollback_plan.json")
    assert done.status == 1
    assert "drop everything" not in page(release, "runbook-pack", "OPERATOR_RUNBOOK.md")


@pytest.mark.parametrize(
    ("command", "name"), [("docs-publish-pack", "README_SNIPPET.md"), ("runbook-pack", "OPERATOR_RUNBOOK.md")]
)
def test_no_green_page_stays_where_nothing_could_be_decided(
    release: Simulator, command: str, name: str
) -> None:
    """A run that cannot even begin takes back the page of an earlier one, and so does one that cannot be kept."""
    assert pack(release, command, GATE).status == 0
    withdraw(release.root / FOLDERS[command], command, Subject(release=RELEASE), "out of memory")
    assert page(release, command, name).startswith("# UNDECIDED")
    assert pack(release, command, GATE).status == 0
    done = ops(release, command, *PACKS[command], *given(GATE), "--policy", "nowhere")
    assert done.status == 3, done
    assert "NOT PASSED" in page(release, command, name)


# hostile text

HOSTILE = (
    "<script>alert(1)</script>",
    "a | b | c",
    "`rm -rf`",
    "[click](javascript:alert(1))",
    "x\n# Release approved",
    "\u202edetaerc",
    "{{ config }}",
    "https://example.com/x",
)


@pytest.mark.parametrize("command", ALL)
def test_hostile_text_in_evidence_does_nothing(release: Simulator, command: str) -> None:
    """Metrics of such names come through a sealed artifact into the pack, and are text there."""
    ops(release, "slo-evaluate", "--metrics-json", json.dumps(dict.fromkeys(HOSTILE, 9)),
        "--objectives-json", json.dumps({name: {"max": 3} for name in HOSTILE}))  # fmt: skip
    done = pack(release, command, GATE, SLO)
    assert done.status == 1, done
    for name, told in pages(release, command).items():
        plain = told.replace(START, "").replace(END, "")
        assert not re.search(r"<|javascript:alert\(1\)\)$|(?<!\\)\]\(|\{\{|://", plain), name
        assert "\n# Release approved" not in plain
        assert all(char.isprintable() for char in plain.replace("\n", ""))
        tables = [line for line in plain.splitlines() if line.startswith("|")]
        for line in tables:
            assert not re.search(r"(?<!\\)`", line)
    told = "".join(pages(release, command).values())
    assert "&lt;script&gt;alert(1)&lt;/script&gt; is 9, objective max 3" in told


@pytest.mark.parametrize("command", ["incident-pack", "runbook-pack"])
def test_a_title_that_is_none(release: Simulator, command: str) -> None:
    """Wrong usage, before anything is written."""
    own = list(PACKS[command])
    for title in ("", "  ", "a\nb", "\u202ex", "x" * 201, "\udc80"):
        own[own.index("--title") + 1] = title
        done = ops(release, command, *own, *given(GATE))
        assert done.status == 2, done
    assert not (release.root / FOLDERS[command]).exists()


@pytest.mark.parametrize("command", ["incident-pack", "runbook-pack"])
def test_a_hostile_title_is_shown(release: Simulator, command: str) -> None:
    """A title may hold anything printable."""
    own = list(PACKS[command])
    own[own.index("--title") + 1] = "<img src=x> | `x` [a](b)"
    assert ops(release, command, *own, *given(GATE)).status == 0
    assert all("<img" not in told for told in pages(release, command).values())


@pytest.mark.parametrize(
    ("command", "option"), [("incident-pack", "--incident-id"), ("runbook-pack", "--runbook-id")]
)
def test_an_id_that_is_none(release: Simulator, command: str, option: str) -> None:
    """Wrong usage."""
    own = list(PACKS[command])
    for value in ("../x", "", "/etc", "a b"):
        own[own.index(option) + 1] = value
        assert ops(release, command, *own, *given(GATE)).status == 2
