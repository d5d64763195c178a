"""A new layer: a rule that works, its tests, a case file, and a CI job, written where nothing is yet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from dpone.errors import UsageError
from dpone.policy.folder import layer_name
from dpone.policy.layers import lint_layer
from dpone.policy.sources import parse_all
from dpone.workspace import Workspace, publish

TEMPLATES = Path(__file__).with_name("templates") / "layer"
_HINT = "name the folder after your team or product: dpone policy init policies/payments"


def new_layer(path: Path, workspace: Workspace) -> list[str]:
    """Write a layer into a folder and return the paths written, inside it. Raises `UsageError` (exit 2) for
    a folder whose name cannot name a layer, and where a file is there already: nothing is overwritten."""
    name = layer_name(path)
    files = layer_files(name, workspace.uri(path))
    if path.exists() and not path.is_dir():
        raise UsageError(f"{workspace.uri(path)} is a file, not a folder", _HINT)
    trees, _ = parse_all({inside: text for inside, text in files.items() if inside.endswith(".rego")})
    roots = json.loads(files[".manifest"])["roots"]
    problems = lint_layer(name, trees, roots)
    if not trees or problems:
        said = problems[0].message if problems else "a layer's name has letters, digits, - and _"
        raise UsageError(f"{path.name[:60]!r} cannot name a layer: {said}", _HINT)
    for inside in files:
        if (path / inside).exists() or (path / inside).is_symlink():
            raise UsageError(
                f"{workspace.uri(path / inside)} is there already and was left as it is",
                "choose another folder",
            )
    publish({path / inside: text.encode("utf-8") for inside, text in files.items()})
    return list(files)


def layer_files(name: str, folder: str) -> Mapping[str, str]:
    """The files of a new layer by their paths inside its folder. `folder` is how a CI job names it."""

    def filled(template: str) -> str:
        text = (TEMPLATES / template).read_text("utf-8")
        return text.replace("CODE", name.replace("_", "-")).replace("LAYER", name).replace("FOLDER", folder)

    root = f"dpone/custom/release_gate/{name}"
    return {
        ".manifest": json.dumps({"roots": [root], "rego_version": 1}) + "\n",
        ".gitattributes": "*.rego text eol=lf\n",
        f"release_gate/{name}.rego": filled("rule.rego"),
        f"release_gate/{name}_test.rego": filled("rule_test.rego"),
        "cases/min_coverage.yaml": filled("case.yaml"),
        "ci/github.yml": filled("github.yml"),
        "ci/gitlab.yml": filled("gitlab.yml"),
    }
