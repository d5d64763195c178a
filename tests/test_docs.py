"""What the documentation says is true: commands and options exist, outputs are real, links lead somewhere."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from pathlib import Path

import click
import pytest

from dpone.cli import dpone

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "docs" / "tools"))

import transcripts  # noqa: E402 - the tools are no package

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
TEXTS = [*PAGES, *sorted(p for p in (ROOT / "dpone" / "ops" / "templates").rglob("*") if p.is_file())]
RULES = sorted(p for p in (ROOT / "policies").rglob("*.rego") if not p.name.endswith("_test.rego"))
EARLIER = {"docs/upgrading.md"}
"""Pages that also speak of another tool's commands."""


def name_of(path: Path) -> str:
    """A path for the list of tests."""
    return path.relative_to(ROOT).as_posix()


def tree(group: click.Group, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], click.Command]:
    """Every command by its path."""
    found: dict[tuple[str, ...], click.Command] = {}
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None, name
        found.update(
            tree(command, (*path, name)) if isinstance(command, click.Group) else {(*path, name): command}
        )
    return found


COMMANDS = tree(dpone)
GROUPS = "|".join(sorted({path[0] for path in COMMANDS}))


def problem_with(words: list[str], *, whole: bool) -> str:
    """What is wrong with a command line of dpone, or nothing. `whole` lines must parse as they stand, others
    may leave options and arguments out, as prose does."""
    path: list[str] = []
    while words and (*path, words[0]) in {key[: len(path) + 1] for key in COMMANDS}:
        path.append(words.pop(0))
    command = COMMANDS.get(tuple(path))
    if command is None:
        if not words or words[0].startswith(("-", "<", "{", "…")):
            return ""
        return f"there is no command dpone {' '.join([*path, words[0]])}"
    if whole:
        try:
            command.make_context(" ".join(path), list(words))
        except click.exceptions.Exit:
            return ""
        except click.ClickException as error:
            return f"dpone {' '.join(path)}: {error.format_message()}"
        return ""
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    unknown = {word.split("=")[0] for word in words if word.startswith("--")} - known - {"--help"}
    return f"dpone {' '.join(path)} has no {', '.join(sorted(unknown))}" if unknown else ""


def command_lines(text: str) -> list[str]:
    """Lines of code and of CI files that call dpone, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", text)
    text = re.sub(r"(: >-|- >-)\n\s+(dpone .*)\n\s+(--.*)", r"\1\n- run: \2 \3", text)
    found = re.findall(r"^\s*(?:\$ |- run: |- )(dpone .*)$", text, re.MULTILINE)
    return [re.sub(r"\s*> \S+$", "", re.sub(r"\s+#\s.*$", "", line)) for line in found]


def code_spans(text: str) -> list[str]:
    """Calls of dpone that stand in a sentence."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"`(dpone [^`\n]+)`", prose)


@pytest.mark.parametrize("page", TEXTS, ids=name_of)
def test_every_command_line_parses(page: Path) -> None:
    """Each line a reader may copy is one that the command line takes."""
    lines = command_lines(page.read_text(encoding="utf-8"))
    problems = [problem_with(shlex.split(line)[1:], whole="[OPTIONS]" not in line) for line in lines]
    assert [problem for problem in problems if problem] == []


@pytest.mark.parametrize("page", [p for p in PAGES if name_of(p) not in EARLIER], ids=name_of)
def test_every_command_in_a_sentence_exists(page: Path) -> None:
    """Prose names no command and no option that does not exist."""
    spans = code_spans(page.read_text(encoding="utf-8"))
    problems = [problem_with(span.replace("'", "").split()[1:], whole=False) for span in spans]
    assert [problem for problem in problems if problem] == []


@pytest.mark.parametrize("module", RULES, ids=name_of)
def test_every_command_in_a_remedy_exists(module: Path) -> None:
    """What a red rule tells somebody to type can be typed."""
    remedies = re.findall(r"^#\s+(?:remedy|message): (.*)$", module.read_text(encoding="utf-8"), re.MULTILINE)
    calls = [call for remedy in remedies for call in re.findall(rf"\bdpone ({GROUPS})( [^,;\"]*)", remedy)]
    problems = [problem_with([group, *rest.split()], whole=False) for group, rest in calls]
    assert [problem for problem in problems if problem] == []


def test_lines_that_are_wrong_are_noticed() -> None:
    """The tests above can fail: an unknown command, an unknown option, a missing value."""
    assert command_lines("    $ dpone ops release-gate \\\n        --release v1   # why\n") == [
        "dpone ops release-gate  --release v1"
    ]
    assert problem_with(["ops", "no-such-gate"], whole=False)
    assert problem_with(["ops", "release-gate", "--no-such"], whole=False)
    assert problem_with(["ops", "release-gate", "--release"], whole=True)
    assert not problem_with(["ops", "release-gate", "--release", "v1"], whole=True)


@pytest.mark.parametrize("path", sorted(COMMANDS), ids=" ".join)
def test_every_command_has_a_page(path: tuple[str, ...]) -> None:
    """Each command of `dpone ops` has a page of its own, each other one a section on the page of its group."""
    page = ROOT / "docs" / "commands" / f"{path[-1] if path[0] == 'ops' else path[0]}.md"
    text = page.read_text(encoding="utf-8")
    assert f"dpone {' '.join(path)}" in text
    assert f"({page.name})" in (page.parent / "index.md").read_text(encoding="utf-8")
    for part in ("## When it is red", "## Files") if path[0] == "ops" and path[-1] != "init" else ():
        assert part in text, f"{page.name} has no section {part}"


def test_no_page_is_left_over() -> None:
    """No page describes a command that is not there."""
    wanted = {path[-1] if path[0] == "ops" else path[0] for path in COMMANDS} | {"index"}
    assert {page.stem for page in (ROOT / "docs" / "commands").glob("*.md")} == wanted


def anchors(page: Path) -> set[str]:
    """The anchors of the headings of a page, as Python-Markdown and GitHub make them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    """Relative links name a file that is there, and an anchor that is in it."""
    text = re.sub(
        r"^```.*?^```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        place = (page.parent / target).resolve() if target else page
        if not place.exists() or (anchor and place.suffix == ".md" and anchor not in anchors(place)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", transcripts.page_paths(), ids=name_of)
def test_shown_output_is_what_is_printed(page: Path) -> None:
    """Console blocks that say where they run show what the commands print, but for what a new key changes."""
    assert "\n".join(transcripts.check(page)) == "", "python docs/tools/transcripts.py --write"


JSON_RUNS = {
    "release-gate": "--release v1",
    "slo-evaluate": """--metrics-json '{"a": 1}' --objectives-json '{"a": {"max": 2}}'""",
    "contract-check": """--rows-json '[{"id": 1}]' --contract-json '{"unique": ["id"]}'""",
    "security-audit": "--log-text nothing",
    "artifact-index": "--release v1 --root evidence",
    "evidence-chain": "--release v1 --artifact-index .dpone/artifact-index/artifact_index.json",
    "evidence-chain-verify": "",
    "certification-run": "--source sqlite --sink sqlite --strategy full_refresh --row-count 100",
    "evidence-bundle": "--run-id r1 --source sqlite --sink sqlite --strategy full_refresh --row-count 100"
    """ --rows-json '[{"id": 1}]' --contract-json '{"unique": ["id"]}'""",
    "go-live-gate": "--bundle-json missing.json",
    "policy-evaluate": "--bundle-json missing.json --policy-json '{}'",
    "marketplace": "",
    "env-drift": """--source-env staging --target-env production --source '{"a": 1}' --target '{"a": 2}'""",
    "release-orchestrator": "--release v1 --root evidence",
    "release-promote": "--release v1 --from-env staging --to-env production",
    "change-request": "--release v1 --change-id CR-1 --target-env production --risk-level low --requested-by a --approver b",
    "approval-record": "--change-request .dpone/change-requests/latest/change_request.json --actor b --decision approved",
    "deployment-record": "--deployment-id DEP-1 --environment production --status succeeded --post-check smoke=true"
    " --approval-record .dpone/approvals/latest/approval_record.json",
    "post-deploy-verify": "--deployment-record .dpone/deployments/latest/deployment_record.json",
    "release-close": "--release v1 --closed-by a --post-deploy-verify .dpone/post-deploy/latest/post_deploy_verify.json",
}
"""A command line per gate, in an order in which they follow on each other."""


def test_every_field_is_on_its_page(tmp_path: Path) -> None:
    """The section *Fields* of a page names every top-level field of the command's artifact."""
    workspace = shutil.copytree(ROOT / "examples" / "release-gate" / "green", tmp_path / "project")
    shell = transcripts.Shell(workspace, tmp_path / "home")
    everywhere = {
        "artifact_type",
        "schema_version",
        "passed",
        "status",
        "findings",
        "rule_findings",
        "decision",
        "run",
    }
    missing = []
    for name, options in JSON_RUNS.items():
        shell.run(
            f"dpone ops {name} {options} --format json > answer.json"
        )  # what is said beside it is no JSON
        answer = (workspace / "answer.json").read_text(encoding="utf-8")
        text = (ROOT / "docs" / "commands" / f"{name}.md").read_text(encoding="utf-8")
        section = text[text.index("## Fields") : text.index("## Rules")]
        fields = set(json.loads(answer)) - everywhere
        missing += [f"{name}: {field}" for field in sorted(fields) if f"`{field}`" not in section]
    assert missing == []


def test_the_readme_shows_real_output() -> None:
    """The list above has the page that everybody reads first."""
    assert ROOT / "README.md" in transcripts.page_paths()


def test_output_that_differs_is_noticed() -> None:
    """Only digests of keys and signatures are left out of the comparison, and not their lengths."""
    assert transcripts.same("signed by SHA256:" + "a" * 43, "signed by SHA256:" + "b" * 43)
    assert transcripts.same("decision show 66e61980", "decision show a0917cfe")
    assert not transcripts.same("PASSED", "FAILED")
    assert transcripts.same("first\n...\nlast\n", "first\nsecond\nlast\n")
    assert not transcripts.same("first\n...\nlast\n", "first\nsecond\n")
    assert not transcripts.same("decision 66e61980", "decision 66e6198066e61980")


def test_rules_on_the_page_are_rules_that_run() -> None:
    """Each piece of Rego in *Writing a rule* stands in an example or a shipped policy, letter for letter."""
    page = (ROOT / "docs" / "policies" / "writing.md").read_text(encoding="utf-8")
    shown = re.findall(r"```rego\n(.*?)```", page, re.DOTALL)
    places = [*(ROOT / "examples").rglob("*.rego"), *(ROOT / "policies").rglob("*.rego")]
    texts = [path.read_text(encoding="utf-8") for path in places]
    assert len(shown) == 4
    assert [rule for rule in shown if not any(rule in text for text in texts)] == []


def test_every_connector_has_its_section() -> None:
    """The catalogue's `docs` lead to a page and a heading that are there."""
    from dpone.data.connectors import catalogue

    places = [connector.docs.partition("#") for connector in catalogue()]
    assert places
    assert [place for place in places if place[2] not in anchors(ROOT / place[0])] == []


@pytest.mark.parametrize("system", ["github", "gitlab"])
def test_ci_pages_show_the_file_that_init_writes(system: str) -> None:
    """The file on the page is the template, byte for byte."""
    template = (ROOT / "dpone" / "ops" / "templates" / f"{system}.yml").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "ci" / f"{system}.md").read_text(encoding="utf-8")
    assert f"```yaml\n{template}```\n" in page


def test_every_rule_is_shown_red_and_green() -> None:
    """The page of a rule has an example of each from its tests; a module without tests fails elsewhere."""
    from dpone.policy.shipped_rules import parsed_inventory, shipped_modules

    missing = []
    for rule in parsed_inventory(shipped_modules()).rules:
        tested = (ROOT / "policies" / rule.path.replace(".rego", "_test.rego")).is_file()
        if rule.answers and tested:
            page = (ROOT / "docs" / "rules" / f"{rule.id.split('.')[0]}.md").read_text(encoding="utf-8")
            section = page.split(f"## {rule.id}\n")[1].split("\n## ")[0]
            shown = set(re.findall(r"^(Red and green|Red|Green), as in `", section, re.MULTILINE))
            missing += [rule.id] if shown not in ({"Red", "Green"}, {"Red and green"}) else []
    assert missing == []
