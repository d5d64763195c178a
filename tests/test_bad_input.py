"""Every command, found in the command line itself, is given what it cannot use: the answer is one line and the
exit status of the design's table, and nothing is left half-written or written elsewhere."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from xml.etree import ElementTree as ET

import click
import pytest
from release_simulator import AT, DPONE, RELEASE, SAMPLES, Run, Simulator

from dpone.cli import dpone

Leaf = tuple[tuple[str, ...], click.Command]


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Every command with its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        elif command:
            yield (*path, name), command


COMMANDS: tuple[Leaf, ...] = tuple(leaves(dpone))  # type: ignore[arg-type]
GATES = tuple(leaf for leaf in COMMANDS if any(p.name == "show_input" for p in leaf[1].params))

GOOD = {
    "--rows-json": '[{"id": 1}]',
    "--contract-json": '{"required_columns": ["id"]}',
    "--metrics-json": '{"lag": 1}',
    "--objectives-json": '{"lag": {"max": 2}}',
    "--policy-json": "{}",
    "--identity": "someone@example.com",
    "--name": "someone",
    "--reason": "lost",
    "--source": "sqlite",
    "--sink": "sqlite",
    "--strategy": "append",
    "id_": "latest",
}
"""Good values of required parameters; every other gets a path where nothing is."""

SMALL = {"source": "sqlite", "sink": "sqlite", "strategy": "append", "row_count": "20"}
"""Values of options that are not required and keep a command's own work small."""

FILE_FORMS: dict[str, Callable[[str], str]] = {
    "PATH": str,
    "FILE": str,
    "JSON": str,
    "[PATH]...": str,
    "path": str,
    "NAME|PUBLIC-KEY|FILE": str,
    "NAME=PATH": "given={}".format,
    "NAME=PATH...": "given={}".format,
    "TEXT": "@{}".format,
}
"""How a parameter of that metavar names a file."""

PROGRESS = re.compile(r"[1-9]/[1-9] [a-z-]+: (passed|failed|not run, .*)( \(reused\))?$")
"""What a command that takes several steps says while it does; no error."""

ANY_TEXT = {("ops", "security-audit"), ("ops", "manifest-bundle")}
"""Commands that look for secrets in files of any content, so that only the path can be wrong."""


def words(path: tuple[str, ...]) -> str:
    """A command as it is typed."""
    return " ".join(path)


def flag(parameter: click.Parameter) -> str:
    """How a parameter is called in `GOOD`."""
    return parameter.opts[0] if isinstance(parameter, click.Option) else str(parameter.name)


def arguments(leaf: Leaf, bad: click.Parameter | None = None, value: str = "") -> list[str]:
    """The command line of a command with good values where they are required, and one bad one."""
    path, command = leaf
    options, positional = [], []
    for parameter in command.params:
        if parameter is not bad and not parameter.required:
            continue
        choices = parameter.type.choices if isinstance(parameter.type, click.Choice) else ["nothing.here"]
        given = value if parameter is bad else GOOD.get(flag(parameter), str(choices[0]))
        if isinstance(parameter, click.Option):
            options += [parameter.opts[0], given]
        else:
            positional.append(given)
    for parameter in command.params:
        if parameter.name in SMALL and not parameter.required and parameter is not bad:
            options += [parameter.opts[0], SMALL[parameter.name]]
    if any(p.name == "release" for p in command.params) and (bad is None or bad.name != "release"):
        options += ["--release", RELEASE]
    if any(p.name == "run_id" for p in command.params) and (bad is None or bad.name != "run_id"):
        options += ["--run-id", "run-1"]
    if any(p.name == "at" for p in command.params) and (bad is None or bad.name != "at"):
        options += ["--at", AT]
    return [*path, *options, "--", *positional]


class Watched:
    """A workspace, and what it held before the last command."""

    def __init__(self, folder: Path) -> None:
        self.release = Simulator(folder)
        self.bad = self.release.root / "bad"
        self.bad.mkdir()

    def run(self, leaf: Leaf, bad: click.Parameter | None, value: str, allowed: set[int]) -> Run:
        """Run a command with one bad value and hold its answer against everything that must be so."""
        return self.check(leaf, arguments(leaf, bad, value), allowed)

    def check(self, leaf: Leaf, command: list[str], allowed: set[int]) -> Run:
        """Run a command line that is not good, and hold its answer against everything that must be so."""
        before, entries = self.state(), self.entries()
        done = self.release.run(*command)
        told = f"{command}\n{done}"
        assert done.status in allowed, told
        assert "Traceback" not in done.out + done.err, told
        assert "internal fault" not in done.err, told
        lines = [line for line in done.err.splitlines() if not PROGRESS.match(line)]
        assert len(lines) <= 1, told
        if lines:
            assert lines[0].startswith("dpone: "), told
        if done.status == 2:
            assert lines, told
            assert " -> " in lines[0], told
        gate = any(leaf[0] == path for path, _ in GATES)
        if done.status == 2:
            assert self.state() == before, told
        if done.status == 1:
            assert done.out or lines, told
            assert (self.entries() > entries) == gate, told
        self.nothing_left_over(before, told)
        return done

    def nothing_left_over(self, before: dict[str, tuple[int, int]], told: str) -> None:
        """No temporary files, and outside of the workspace nothing is new or changed."""
        after = self.state()
        assert not [name for name in after if name.endswith(".part") or "/ledger/tmp/" in name], told
        outside = {name for name in before.keys() | after.keys() if not name.startswith("project/")}
        assert {n: before.get(n) for n in outside} == {n: after.get(n) for n in outside}, told

    def entries(self) -> int:
        """How many decisions are recorded."""
        return sum(1 for _ in (self.release.root / ".dpone/ledger/entries").rglob("*.json"))

    def state(self) -> dict[str, tuple[int, int]]:
        """Size and time of every file but the deliberately bad ones, and the ledger's cache, which whoever reads may
        make anew; content would be read a thousand times."""
        found = {}
        for place, folders, names in os.walk(self.release.folder):
            if Path(place) == self.release.root and "bad" in folders:
                folders.remove("bad")
            for name in names:
                path = Path(place, name)
                if path.parts[-2:] == ("cache", "entries.jsonl"):
                    continue
                info = path.lstat()
                found[path.relative_to(self.release.folder).as_posix()] = (info.st_size, info.st_mtime_ns)
        return found


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """One workspace for all: nothing bad may change what the next command meets."""
    made = Watched(tmp_path_factory.mktemp("bad"))
    assert made.release.gate().status == 0
    return made


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A workspace with one decision, for wrong usage only: nothing is ever written there."""
    made = Watched(tmp_path_factory.mktemp("usage"))
    assert made.release.gate().status == 0
    return made


# files


def missing(path: Path) -> None:
    """Nothing is there."""


def folder(path: Path) -> None:
    """A folder stands where a file should."""
    path.mkdir()


def dangling(path: Path) -> None:
    """A link to nothing."""
    path.symlink_to("nowhere")


def circular(path: Path) -> None:
    """A link to itself."""
    path.symlink_to(path.name)


def outside(path: Path) -> None:
    """A link out of the workspace."""
    secret = path.parent.parent.parent / "home" / "outside.json"
    if not secret.exists():
        secret.write_text("{}")
    path.symlink_to(secret)


def pipe(path: Path) -> None:
    """A FIFO that nobody writes to."""
    os.mkfifo(path)


def device(path: Path) -> None:
    """A link to a device without end."""
    path.symlink_to("/dev/zero")


def too_large(path: Path) -> None:
    """Sixty megabytes, and nothing in them."""
    with path.open("wb") as file:
        file.truncate(60_000_000)


def holding(data: bytes, path: Path) -> None:
    """A file with these bytes."""
    path.write_bytes(data)


PLACES = (missing, dangling, circular, outside, pipe, device)
"""What stands at the path is no file of this workspace."""

CONTENTS: dict[str, Callable[[Path], None]] = {
    "folder": folder,
    "too_large": too_large,
    "empty": partial(holding, b""),
    "broken JSON": partial(holding, b'{"a": '),
    "broken YAML": partial(holding, b"a: [\nb: }\n"),
    "broken XML": partial(holding, b"<a><b></a>"),
    "entities": partial(holding, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    "wrong shape": partial(holding, b'[1, "two", null]'),
    "UTF-16": partial(holding, '{"a": 1}'.encode("utf-16")),
    "Latin-1": partial(holding, b'{"caf\xe9": 1}'),
    "half a character": partial(holding, b'{"a": "\\ud800"}'),
    "deep JSON": partial(holding, b"[" * 10_000 + b"]" * 10_000),
    "deep XML": partial(holding, b"<a>" * 10_000 + b"</a>" * 10_000),
    "deep YAML": partial(holding, b"[" * 10_000 + b"#"),
    "many digits": partial(holding, b'{"a": ' + b"9" * 5_000 + b"}"),
    "large exponent": partial(holding, b'{"a": 1e999999999}'),
    "NaN": partial(holding, b'{"a": NaN}'),
    "one key twice": partial(holding, b'{"a": 1, "a": 2}'),
}
"""What stands at the path is no good to anybody (but for a search for secrets)."""


def takes_files(leaf: Leaf) -> list[click.Parameter]:
    """The parameters of a command that name a file."""
    return [
        p for p in leaf[1].params if (p.metavar in FILE_FORMS or p.name == "path") and p.name != "output_dir"
    ]


FILES = [(leaf, parameter) for leaf in COMMANDS for parameter in takes_files(leaf)]


ALL_FAULTS = {("evidence", "show"), ("ops", "release-gate")}
SOME_FAULTS = (
    "missing",
    "outside",
    "pipe",
    "folder",
    "empty",
    "broken JSON",
    "wrong shape",
    "UTF-16",
    "many digits",
)
"""One command of each way of reading meets every fault; the others show that they read the same way."""


@pytest.mark.parametrize(("leaf", "parameter"), FILES, ids=[f"{words(a[0])} {flag(b)}" for a, b in FILES])
def test_a_file_that_is_no_good(watched: Watched, leaf: Leaf, parameter: click.Parameter) -> None:
    """Whatever stands where a file is expected: never a pass, never a traceback, one line, nothing left."""
    form = FILE_FORMS[parameter.metavar or "path"]
    faults = {fault.__name__: fault for fault in PLACES}
    if leaf[0] not in ANY_TEXT:
        faults |= CONTENTS
    for number, (name, make) in enumerate(faults.items()):
        if name in SOME_FAULTS or leaf[0] in ALL_FAULTS:
            place = watched.bad / f"{parameter.name}-{leaf[0][-1]}-{number}.json"
            make(place)
            watched.run(leaf, parameter, form(f"bad/{place.name}"), {1, 2})


@pytest.mark.parametrize(("leaf", "parameter"), FILES, ids=[f"{words(a[0])} {flag(b)}" for a, b in FILES])
def test_a_path_that_is_none(watched: Watched, leaf: Leaf, parameter: click.Parameter) -> None:
    """A path too long for any file, with a NUL, or through a file, is answered like any other."""
    form = FILE_FORMS[parameter.metavar or "path"]
    for path in ("x" * 5000, "a\0b", "dpone.yaml/inside", "~nobody-at-all/x"):
        watched.run(leaf, parameter, form(path), {1, 2})


FOLDERS = [
    (leaf, p) for leaf in COMMANDS for p in leaf[1].params if p.metavar == "DIR" and p.name != "output_dir"
]


@pytest.mark.parametrize(("leaf", "parameter"), FOLDERS, ids=[f"{words(a[0])} {flag(b)}" for a, b in FOLDERS])
def test_a_folder_that_is_none(watched: Watched, leaf: Leaf, parameter: click.Parameter) -> None:
    """Where a folder is expected and none is, nothing passes: a layer that is missing may have forbidden it."""
    watched.run(leaf, parameter, "dpone.yaml", {1, 2, 3})
    watched.run(leaf, parameter, "nowhere", {1, 2, 3})
    watched.run(leaf, parameter, "x" * 5000, {1, 2, 3})


def test_a_folder_that_cannot_be_listed(tmp_path: Path) -> None:
    """A search for secrets that could not look everywhere has not found nothing."""
    here = Simulator(tmp_path)
    (here.root / "deep").mkdir()
    handle = os.open(here.root / "deep", os.O_RDONLY)
    for _ in range(20):
        os.mkdir("x" * 250, dir_fd=handle)
        handle, above = os.open("x" * 250, os.O_RDONLY, dir_fd=handle), handle
        os.close(above)
    os.close(handle)
    done = here.run("ops", "security-audit", "deep", "--release", RELEASE, "--at", AT)
    assert done.status == 1, done


# the command line


@pytest.mark.parametrize("leaf", COMMANDS, ids=[words(path) for path, _ in COMMANDS])
def test_an_unknown_option(quiet: Watched, leaf: Leaf) -> None:
    """An option that no command has is wrong usage, and says where help is."""
    done = quiet.check(leaf, [*leaf[0], "--no-such-option"], {2})
    assert f"{words(leaf[0])} --help" in done.err


@pytest.mark.parametrize("leaf", COMMANDS, ids=[words(path) for path, _ in COMMANDS])
def test_an_argument_too_many(quiet: Watched, leaf: Leaf) -> None:
    """Words that nobody asked for are wrong usage, where a command does not take any number of them."""
    if any(p.nargs == -1 for p in leaf[1].params):
        return
    quiet.check(leaf, [*arguments(leaf), "one", "too", "many"], {2})


NO_IDS = ("../x", "/etc/passwd", "a/../b", "..", "a b", "a\nb", "x" * 200, "C:\\x", "\u202ex", "-", "a//b")


@pytest.mark.parametrize("leaf", GATES, ids=[words(path) for path, _ in GATES])
@pytest.mark.parametrize("name", ["release", "environment", "commit", "run_id"])
def test_an_id_that_is_none(quiet: Watched, leaf: Leaf, name: str) -> None:
    """What a decision is about stands in file names; nothing that could lead out of a folder is an id."""
    parameter = next(p for p in leaf[1].params if p.name == name)
    for value in NO_IDS:
        quiet.run(leaf, parameter, value, {2})


@pytest.mark.parametrize("words_", [("decision", "show"), ("decision", "verify"), ("decision", "replay")])
@pytest.mark.parametrize("value", ["../x", "/etc", "zz", "", "0", "latest/..", "x" * 5000])
def test_a_decision_that_is_none(quiet: Watched, words_: tuple[str, str], value: str) -> None:
    """What is no id of a decision is wrong usage."""
    leaf = next(leaf for leaf in COMMANDS if leaf[0] == words_)
    quiet.check(leaf, [*words_, value], {2})


@pytest.mark.parametrize("value", ["../x", "a/b", "", "..", "x" * 300, "a\0b"])
def test_a_name_of_a_key_that_is_none(quiet: Watched, value: str) -> None:
    """A key's name becomes a file in the user's folder; it cannot lead out of there."""
    for path in (("keys", "generate"), ("keys", "trust")):
        leaf = next(leaf for leaf in COMMANDS if leaf[0] == path)
        extra = ["--name", value] if path[1] == "generate" else ["--identity", "x@example.com", "--", value]
        quiet.check(leaf, [*path, *extra], {2})


TIMES = ("yesterday", "2026-13-01T00:00:00Z", "2026-06-05", "2026-06-05T12:00:00", "0000-00-00T00:00:00Z",
         "9999-12-31T23:59:59-23:59", "1" * 400, "2026-06-05T12:00:00Z\n2026", "٢٠٢٦-06-05T12:00:00Z")  # fmt: skip
WITH_AT = tuple(leaf for leaf in COMMANDS if any(p.name == "at" for p in leaf[1].params))


@pytest.mark.parametrize("leaf", WITH_AT, ids=[words(path) for path, _ in WITH_AT])
def test_a_time_that_is_none(quiet: Watched, leaf: Leaf) -> None:
    """Only an instant with its offset is a time."""
    parameter = next(p for p in leaf[1].params if p.name == "at")
    for value in TIMES:
        quiet.run(leaf, parameter, value, {2})


@pytest.mark.parametrize("value", ["", "x", "text", "json", "json=", "html=x", "=x", "json=\0"])
def test_an_output_that_is_none(quiet: Watched, value: str) -> None:
    """An output without a known format and a file is wrong usage, before anything is decided."""
    leaf = next(leaf for leaf in GATES if leaf[0][-1] == "release-gate")
    parameter = next(p for p in leaf[1].params if p.name == "outputs")
    quiet.run(leaf, parameter, value, {2})


@pytest.mark.parametrize("value", ["tests", "=x", "tests=", " =x", "x" * 200 + "=y", "a\nb=y"])
def test_a_pair_that_is_none(quiet: Watched, value: str) -> None:
    """Evidence is given as NAME=PATH."""
    for words_ in (("ops", "release-gate"), ("evidence", "seal")):
        leaf = next(leaf for leaf in COMMANDS if leaf[0] == words_)
        parameter = next(p for p in leaf[1].params if p.metavar in ("NAME=PATH", "NAME=PATH..."))
        quiet.run(leaf, parameter, value, {2})


# the surroundings

CONFIGS = {
    "not YAML": "version: 1\nevidence: [\n",
    "an unknown key": "version: 1\nevidnce: {}\n",
    "a key twice": "version: 1\nversion: 1\n",
    "no version": "evidence: {}\n",
    "another version": "version: 2\n",
    "a list": "- version: 1\n",
    "empty": "",
    "a wrong value": "version: 1\nlimits: {file: a lot}\n",
    "an alias": "version: 1\nevidence: &a {}\ngates: *a\n",
    "a tag": "version: !!python/object/apply:os.system [1]\n",
    "deep": "version: 1\nevidence: " + "[" * 5000 + "\n",
    "not UTF-8": b"version: 1\n# caf\xe9\n",
    "a folder of policies that is a number": "version: 1\npolicies: [1]\n",
}
NO_CONFIG = {
    *(("keys", name) for name in ("generate", "list", "show")),
    *(
        ("policy", name)
        for name in (
            "coverage",
            "diff",
            "docs",
            "explain-rule",
            "fmt-check",
            "init",
            "lint",
            "list",
            "mutate",
            "test",
        )
    ),
    ("ops", "init"),
}
"""Commands that work without dpone.yaml: they make it, or have to do with this machine or a folder only."""
CONFIGURED = tuple(leaf for leaf in COMMANDS if leaf[0] not in NO_CONFIG)


@pytest.mark.parametrize("content", CONFIGS.values(), ids=CONFIGS.keys())
def test_a_configuration_that_cannot_be_understood(tmp_path: Path, content: str | bytes) -> None:
    """Every command that reads dpone.yaml refuses it in one line that names the file."""
    here = Watched(tmp_path)
    here.release.write("dpone.yaml", content)
    for leaf in CONFIGURED:
        done = here.check(leaf, arguments(leaf), {2})
        assert "dpone.yaml" in done.err, (leaf[0], done)


TRUSTS = {
    "not JSON": "{",
    "another schema": '{"schema": "dpone.trust/v2"}',
    "an unknown key": '{"schema": "dpone.trust/v1", "key": []}',
    "no key at all": '{"schema": "dpone.trust/v1", "keys": [{"public": "ssh-ed25519 AAAA", "identity": "x"}]}',
    "empty": "",
    "a list": "[]",
    "deep": "[" * 10_000,
    "not UTF-8": b"\xff",
}


@pytest.mark.parametrize("content", TRUSTS.values(), ids=TRUSTS.keys())
def test_a_trust_file_that_cannot_be_understood(tmp_path: Path, content: str | bytes) -> None:
    """No gate decides with a trust file it cannot read."""
    here = Watched(tmp_path)
    here.release.write("dpone.trust.json", content)
    for leaf in GATES:
        done = here.check(leaf, arguments(leaf), {2, 3})
        assert "dpone.trust.json" in done.err, (leaf[0], done)


@pytest.mark.parametrize("key", ["", "not a key", "A" * 44, "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n"])
def test_a_key_that_is_none_is_never_shown(tmp_path: Path, key: str) -> None:
    """A signing key that cannot be used is wrong usage, and no part of it is repeated."""
    here = Watched(tmp_path)
    here.release.env["DPONE_SIGNING_KEY"] = key
    here.release.env["CI"] = "true"
    leaf = next(leaf for leaf in GATES if leaf[0][-1] == "release-gate")
    if not key:
        assert here.release.gate().status == 0
        return
    done = here.check(leaf, arguments(leaf), {2})
    assert key.splitlines()[-1] not in done.err.replace("DPONE_SIGNING_KEY", "")


def test_an_output_folder_that_cannot_be_one(watched: Watched) -> None:
    """Where a file stands in the way the answer cannot be kept: undecided, and the file stays."""
    for leaf in GATES:
        parameter = next(p for p in leaf[1].params if p.name == "output_dir")
        done = watched.run(leaf, parameter, "dpone.yaml/inside", {1, 3})
        assert done.status == 3, done


# the disk and the neighbours


def test_a_full_disk_is_never_a_pass(tmp_path: Path) -> None:
    """With no room for the answer: exit 3, one line, no half file, and no older green one."""
    here = Simulator(tmp_path)
    assert here.gate().status == 0
    entries = len(here.entries())

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    done = subprocess.run(
        [str(DPONE), "ops", "release-gate", "--release", RELEASE, "--at", AT],
        cwd=here.root,
        env=here.env,
        preexec_fn=full,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done
    assert len(done.stderr.splitlines()) == 1, done
    assert not here.artifact.exists()
    assert not here.artifact.with_suffix(".dsse.json").exists()
    assert not [name for name in here.files() if name.endswith(".part")]
    assert len(here.entries()) == entries
    assert here.run("ledger", "verify").status == 0
    assert here.gate().status == 0


HOLDER = """
import sys
from pathlib import Path
from dpone.locks import exclusive
with exclusive(Path(sys.argv[1]), 5):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_gate_waits_for_the_ledger(tmp_path: Path) -> None:
    """While another process writes to the ledger a gate waits, and then records."""
    here = Simulator(tmp_path)
    assert here.gate().status == 0
    lock = here.root / ".dpone" / "ledger" / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert holder.stdin
        assert holder.stdout.readline() == b"held\n"
        waiting = here.start("ops", "release-gate", "--release", RELEASE, "--at", AT)
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(2)
        assert len(here.entries()) == 1
        holder.stdin.close()
        waiting.communicate(timeout=60)
    assert waiting.returncode == 0
    assert len(here.entries()) == 2


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    """A closed pipe on standard output ends the command quietly, and the decision stands."""
    here = Simulator(tmp_path)
    process = here.start("ops", "release-gate", "--release", RELEASE, "--at", AT, "--format", "json")
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    told = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) != 0
    assert b"Traceback" not in told
    assert len(here.entries()) == 1


ODD_NAMES = (
    "<script>",
    "a|b",
    "**x**",
    "\u65e5\u672c",
    "%0A::error::",
    "a'b\"c",
    "$(id)",
    "::set-output",
    "\u0430dmin",
)


@pytest.mark.parametrize("form", ["text", "json", "md"])
def test_evidence_with_odd_names(watched: Watched, form: str) -> None:
    """Names that could drive a terminal, a page or a CI come out harmless, and the gate stays red."""
    here = watched.release
    here.write("bad.xml", (SAMPLES / "pytest/junit_fail.xml").read_bytes())
    given = [part for name in ODD_NAMES for part in ("--artifact", f"{name}=bad.xml")]
    done = here.gate(
        *given, "--format", form, "--output", f"github=odd-{form}.txt", "--output", f"junit=odd-{form}.xml"
    )
    assert done.status == 1, done
    assert "\x1b" not in done.out
    assert "<script>" not in done.out or form != "md"
    commands = (here.root / f"odd-{form}.txt").read_text().splitlines()
    assert not [line for line in commands if line.startswith(("::set-output", "::add-mask"))]
    ET.parse(here.root / f"odd-{form}.xml")
