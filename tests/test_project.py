"""What a stranger finds in the repository: nothing of the place it was made in, and nothing missing."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import dpone

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("dev", "runtime", "test")

# Spelt in two halves, so that this file does not find itself.
WORKPLACE = re.compile("|".join(("/wo" + "rk/", "/fa" + "rm/", "fa" + "rm-", "bash_" + "jobs", "/ro" + "ot/")))
INDEX_HOSTS = re.compile("|".join(("py" + "pi\\.org", "python" + "hosted\\.org", "--(extra-)?index" + "-url")))
UNFINISHED = re.compile(
    "|".join(("TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error", "pytest.mark." + "skip\\b"))
)


def tracked() -> list[Path]:
    """Every file git would put into a clone, as it is now; in an unpacked sdist every file of it."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0:
        paths = [ROOT / text for text in listed.stdout.decode().split("\0") if text]
    else:
        paths = [path for path in ROOT.rglob("*") if not {".venv", "__pycache__"} & set(path.parts)]
    return [path for path in paths if path.is_file()]


def lines_matching(pattern: re.Pattern[str]) -> list[str]:
    """The lines of tracked text files in which `pattern` occurs, as path:line: text."""
    found = []
    for path in tracked():
        where = path.relative_to(ROOT).as_posix()
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{where}:{number}: {line.strip()[:100]}")
    return found


def test_no_path_of_the_workplace_is_left() -> None:
    """No tracked file names a folder of the machine it was written on."""
    assert lines_matching(WORKPLACE) == []


def test_no_package_index_is_named() -> None:
    """Where packages come from is the reader's own configuration."""
    assert lines_matching(INDEX_HOSTS) == []


def test_nothing_is_left_unfinished() -> None:
    """No reminder, no stub and no skipped test stands in the code."""
    assert [
        line for line in lines_matching(UNFINISHED) if line.split(":")[0].endswith((".py", ".rego", ".toml"))
    ] == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "schemas").rglob("*.json")), ids=lambda p: p.relative_to(ROOT).as_posix()
)
def test_every_schema_is_valid(path: Path) -> None:
    """Each schema is JSON Schema 2020-12, says what it is, and has the id its path promises."""
    from jsonschema import Draft202012Validator

    schema = json.loads(path.read_bytes())
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"]
    Draft202012Validator.check_schema(schema)


def test_there_are_schemas() -> None:
    """The list above cannot be empty without anybody noticing."""
    assert list((ROOT / "schemas").rglob("*.json"))


def test_the_version_is_one() -> None:
    """`dpone.__version__` and the installed metadata name the same version, in the form PEP 440 asks for."""
    from importlib.metadata import version

    assert dpone.__version__ == version("dpone")
    assert Version(dpone.__version__).public == dpone.__version__


def test_the_changelog_has_a_place_for_the_next_change() -> None:
    """Keep a Changelog: an Unreleased section stands first."""
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased"


def test_the_licence_is_there() -> None:
    """The licence named in the metadata is the text in LICENSE."""
    assert PYPROJECT["project"]["license"] == "Apache-2.0"
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text


def test_the_locks_follow_from_pyproject() -> None:
    """The offline check that `make lock-check` runs finds nothing."""
    command = [sys.executable, str(ROOT / "requirements" / "lock.py"), "--check"]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout


def test_dependencies_are_those_that_are_imported() -> None:
    """Every declared dependency is imported somewhere in dpone, and nothing else from outside is."""
    import_names = {"pyyaml": "yaml"}
    declared = {Requirement(text).name.lower() for text in PYPROJECT["project"]["dependencies"]}
    imported: set[str] = set()
    for module in (ROOT / "dpone").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.split(".")[0])
    own = {*sys.stdlib_module_names, "tomllib", "dpone"}  # Python 3.10 does not know the one that came after it
    assert imported - own == {import_names.get(n, n) for n in declared}


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_satisfy_what_pyproject_asks(lock: str) -> None:
    """Every pinned version of a direct dependency lies within its specifier."""
    pins = re.findall(
        r"^([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==([^ ;\\]+)",
        (ROOT / f"requirements/{lock}.txt").read_text(),
        re.MULTILINE,
    )
    wanted = [Requirement(text) for text in PYPROJECT["project"]["dependencies"]]
    for requirement in wanted:
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        versions = [version for pinned, version in pins if pinned == name]
        assert versions, f"{lock}.txt has no {name}"
        assert all(requirement.specifier.contains(version) for version in versions), (requirement, versions)


def test_the_wheel_carries_policies_and_schemas(tmp_path: Path) -> None:
    """An installed dpone has every Rego file, every schema and every module of the checkout."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(command, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("dpone-*.whl")
    inside = {entry for entry in zipfile.ZipFile(wheel).namelist() if entry.startswith("dpone/")}
    modules = {p.relative_to(ROOT).as_posix() for p in (ROOT / "dpone").rglob("*.py")}
    shipped = {
        f"dpone/_shipped/{p.relative_to(ROOT).as_posix()}"
        for folder in ("policies", "schemas")
        for p in (ROOT / folder).rglob("*")
        if p.is_file()
    }
    assert any(entry.endswith(".rego") for entry in shipped)
    assert (modules | shipped | {"dpone/py.typed"}) - inside == set()
    assert {entry for entry in inside if entry.endswith((".pyc", "_test.py"))} == set()
