"""Custom kinds of evidence that policy layers declare in their folder `kinds/`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from dpone.errors import UndecidedError
from dpone.evidence.custom import collector_of, read_definition
from dpone.evidence.custom_schema import BadDefinition
from dpone.evidence.recognition import Collector
from dpone.policy.problems import LintProblem

FOLDER = "kinds"
MOST_KINDS = 50

_FILE = re.compile(r"kinds/[a-z][a-z0-9-]{0,49}(\.schema)?\.(json|ya?ml)", re.ASCII)
_SCHEMA = ".schema.json"


def is_kinds_file(inside: str) -> bool:
    """Whether a path inside a layer is that of a definition or schema: anything in `kinds/` that is no Rego."""
    return inside.startswith(f"{FOLDER}/") and not inside.lower().endswith((".rego", ".md"))


def unwanted(inside: str) -> str:
    """Why a file in `kinds/` must not be there, or an empty text."""
    if _FILE.fullmatch(inside) and (".schema." not in inside or inside.endswith(_SCHEMA)):
        return ""
    return "kinds/ holds <name>.yaml or <name>.json, and their <name>.schema.json, with small letters, digits and -"


def read_kinds(files: Mapping[str, str]) -> tuple[list[Collector], list[LintProblem]]:
    """The collectors that definitions describe, and everything that is wrong with them. `files` are the
    texts by path; what stands before `kinds/` does not matter."""
    texts = {path.rpartition(f"{FOLDER}/")[2]: (path, text) for path, text in files.items()}
    schemas = {file: text for file, (_, text) in texts.items() if file.endswith(_SCHEMA)}
    found: list[Collector] = []
    problems: list[LintProblem] = []
    for file, (path, text) in sorted(texts.items()):
        if file in schemas:
            continue
        try:
            collector = collector_of(read_definition(file, text, schemas))
            if collector.kind in {each.kind for each in found}:
                raise BadDefinition(f"{collector.kind} is declared in two files")
            found.append(collector)
        except BadDefinition as bad:
            problems.append(LintProblem(path, 1, 1, "kind", str(bad)))
    if len(found) > MOST_KINDS:
        problems.append(LintProblem(FOLDER, 1, 1, "kind", f"declares more than {MOST_KINDS} kinds"))
    return found, problems


def joined_kinds(layers: Iterable[Mapping[str, str]]) -> tuple[Collector, ...]:
    """The custom kinds of several layers, each given by its files. Raises `UndecidedError` for one that is
    not accepted, and for a name that two layers declare."""
    found: list[Collector] = []
    for files in layers:
        if not files:
            continue
        own, problems = read_kinds(files)
        if problems:
            raise UndecidedError(f"custom kind {problems[0]}", code="layer_refused")
        for collector in own:
            if collector.kind in {each.kind for each in found}:
                raise UndecidedError(
                    f"two policy layers declare the kind {collector.kind}", "rename one", code="layer_refused"
                )
            found.append(collector)
    return tuple(found)
