"""The house rules that a reader relies on: imports go one way, the outside enters at one seam."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / "dpone").rglob("*.py"))

LAYERS = (
    {"__main__", "cli"},
    {"commands"},
    {"ops"},
    {"decisions"},
    {"reports", "data"},
    {"policy"},
    {"evidence"},
    {"ledger"},
    {"signing"},
    {"config"},
    {"workspace", "clock", "canonical", "strict_yaml", "shipped", "record", "locks", "errors"},
)
"""From the top of the house to its ground; a module may import from its own layer and those below."""

LONG_MODULES: dict[str, str] = {}
"""Modules of more than `LONGEST` lines, each with the reason why splitting it would read worse."""
LONGEST = 250

SPEAKERS = {"cli", "commands"}
"""The layers that may print and exit."""

SEAM = ("dpone/workspace.py", "dpone/clock.py")
OUTSIDE = {
    "dpone/clock.py": {"datetime.now"},  # the seam's other half: the clock that a workspace carries
    "dpone/cli.py": {"os.environ"},  # DPONE_DEBUG, when a fault came before there was a workspace
    "dpone/policy/engines/regopy_engine.py": {"os.environ"},  # SYSTEMROOT: Windows starts nothing without it
}
"""Module -> names from `READS_OUTSIDE` it may use although it is not the seam."""

READS_OUTSIDE = {
    "os.environ",
    "os.getenv",
    "os.getcwd",
    "Path.cwd",
    "Path.home",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
}

HEAVY = {
    "cryptography",
    "duckdb",
    "filelock",
    "jsonschema",
    "psycopg",
    "pydantic",
    "regopy",
    "rfc8785",
    "xml.dom",
    "xml.etree",
    "yaml",
}
"""Imports that cost 10 ms or more: inside functions only, so that only who needs them pays."""
HEAVY_AT_THE_TOP = {
    "dpone/ops/policy.py": {"pydantic"},  # models of what a person writes; one command alone imports it
}


def name(module: Path) -> str:
    """The path of a module from the root, with forward slashes, as in test ids and lists above."""
    return module.relative_to(ROOT).as_posix()


def tree(module: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse(module.read_text(encoding="utf-8"), filename=str(module))


def layer_of(module: str) -> int | None:
    """The height of `dpone.x.y` in the house (0 is the top), None for the package itself."""
    parts = module.split(".")
    if len(parts) < 2:
        return None
    heights = [height for height, layer in enumerate(LAYERS) if parts[1] in layer]
    assert heights, f"dpone.{parts[1]} has no place in LAYERS"
    return heights[0]


def dotted(module: Path) -> str:
    """The import name of a module file."""
    parts = list(module.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Every module imported below `node` when the program runs, with its line; `from dpone import b`
    yields `dpone.b`. What only a type checker sees creates no dependency."""
    for found in runs(node):
        if isinstance(found, ast.Import):
            yield from ((found.lineno, alias.name) for alias in found.names)
        elif isinstance(found, ast.ImportFrom):
            assert found.level == 0, f"line {found.lineno}: relative import; write the whole name"
            module = found.module or ""
            if module == "dpone":
                yield from ((found.lineno, f"dpone.{alias.name}") for alias in found.names)
            else:
                yield found.lineno, module


def runs(node: ast.AST) -> Iterator[ast.AST]:
    """`node` and everything below it except what stands under `if TYPE_CHECKING`."""
    yield node
    if not (isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")):
        for child in ast.iter_child_nodes(node):
            yield from runs(child)


def top_level(module: ast.Module) -> Iterator[ast.stmt]:
    """Statements that run when the module is imported; what stands under TYPE_CHECKING does not."""
    waiting = list(module.body)
    while waiting:
        statement = waiting.pop(0)
        if isinstance(statement, ast.If):
            if "TYPE_CHECKING" not in ast.unparse(statement.test):
                waiting[:0] = [*statement.body, *statement.orelse]
        elif isinstance(statement, ast.Try):
            handlers = [inner for handler in statement.handlers for inner in handler.body]
            waiting[:0] = [*statement.body, *handlers, *statement.orelse, *statement.finalbody]
        else:
            yield statement


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_imports_go_one_way(module: Path) -> None:
    """No module imports from a layer above its own, not even inside a function."""
    own = layer_of(dotted(module))
    if own is None:
        return
    upward = [
        f"{name(module)}:{line} imports {imported}"
        for line, imported in imports(tree(module))
        if imported.startswith("dpone.")
        and imported != "dpone.__version__"
        and (height := layer_of(imported)) is not None
        and height < own
    ]
    assert upward == []


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_imports_at_the_top_are_light(module: Path) -> None:
    """Importing a module never imports a library that costs more than a bare start of Python."""
    found = [
        f"{name(module)}:{line} imports {imported}"
        for statement in top_level(tree(module))
        if isinstance(statement, ast.Import | ast.ImportFrom)
        for line, imported in imports(statement)
        for heavy in HEAVY - HEAVY_AT_THE_TOP.get(name(module), set())
        if imported == heavy or imported.startswith(f"{heavy}.")
    ]
    assert found == []


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_library_code_never_prints_or_exits(module: Path) -> None:
    """Only the command line speaks and ends the process; everything else returns or raises."""
    parts = dotted(module).split(".")
    if len(parts) > 1 and parts[1] in SPEAKERS:
        return
    speaking = []
    for found in ast.walk(tree(module)):
        if isinstance(found, ast.Call) and ast.unparse(found.func) in {"print", "exit", "quit", "sys.exit"}:
            speaking.append(f"{name(module)}:{found.lineno} {ast.unparse(found.func)}")
        if isinstance(found, ast.Raise) and found.exc and "SystemExit" in ast.unparse(found.exc):
            speaking.append(f"{name(module)}:{found.lineno} SystemExit")
    assert speaking == []


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_the_outside_enters_at_one_seam(module: Path) -> None:
    """Environment, clock and working folder are read by `Workspace` alone, so that a test can set them."""
    if name(module) in SEAM:
        return
    allowed = OUTSIDE.get(name(module), set())
    found = {
        f"{name(module)}:{node.lineno} {ast.unparse(node)}"
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Attribute)
        and ".".join(ast.unparse(node).split(".")[-2:]) in READS_OUTSIDE - allowed
    }
    assert found == set()


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_modules_are_short(module: Path) -> None:
    """A module fits into a reader's head, or says in `LONG_MODULES` why it is longer."""
    lines = len(module.read_text(encoding="utf-8").splitlines())
    if name(module) in LONG_MODULES:
        assert lines > LONGEST, f"{name(module)} is short now: take it from LONG_MODULES"
    else:
        assert lines <= LONGEST, f"{name(module)} has {lines} lines"


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["ops", "--help"], ["nonsense"]], ids=" ".join
)
def test_help_and_version_start_light(arguments: list[str]) -> None:
    """Asking for help loads no library that a gate needs: a whole process is looked at from inside."""
    program = (
        "import sys\n"
        "from dpone.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n"
        "    sys.stderr.write('\\nloaded ' + ' '.join(sorted(sys.modules)))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, encoding="utf-8", check=True
    )
    loaded = set(result.stderr.split("\nloaded ")[1].split())
    assert "click" in loaded
    assert loaded & HEAVY == set()


def test_every_package_of_the_house_exists() -> None:
    """The layers above describe the real tree: each name is a module or package of dpone."""
    real = {path.stem for path in (ROOT / "dpone").glob("*.py")} | {
        p.parent.name for p in (ROOT / "dpone").glob("*/__init__.py")
    }
    assert {part for layer in LAYERS for part in layer} - real == set()
    assert real - {part for layer in LAYERS for part in layer} - {"__init__"} == set()
