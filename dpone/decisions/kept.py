"""Reading again what a decision was taken on, from what its ledger keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dpone.decisions.record import kept_bytes
from dpone.decisions.stored import Stored
from dpone.evidence.collect import Descriptor
from dpone.evidence.model import Subject
from dpone.policy.layers import Layer, restore_layer
from dpone.workspace import ReadProblem, Workspace

Reader = Callable[[Path, int], bytes]


def question_of(stored: Stored) -> Mapping[str, Any]:
    """What was asked, as it was kept."""
    found: Mapping[str, Any] = stored.json(stored.digest("question"))
    return found


def kept_layer(stored: Stored, digest: str) -> Layer:
    """A policy layer as a decision was taken with it. Raises `LayerRefused`; see `restore_layer`."""
    document = stored.json(digest)
    return restore_layer(
        document["name"],
        document["modules"],
        stored.gate,
        document.get("kinds"),
        document.get("replaces", ""),
    )


def kept_reader(
    stored: Stored, question: Mapping[str, Any], workspace: Workspace, missing: list[str]
) -> Reader:
    """Reads evidence by its path from the ledger's store; what was not kept is named in `missing`."""
    sources: Mapping[str, Any] = question["sources"]

    def read(path: Path, limit: int) -> bytes:
        source = sources.get(workspace.uri(path))
        if source is None:
            raise ReadProblem("missing", "not_found", "there was no such file")
        if not source["kept"]:
            missing.append(f"{workspace.uri(path)} was not kept: too large, or it shows a secret")
            raise ReadProblem("missing", "not_found", "it was not kept")
        data = kept_bytes(source, stored.read)
        if len(data) > limit:
            raise ReadProblem("too_large", "over_limit", "it is over the limit")
        return data

    return read


def given_again(question: Mapping[str, Any], workspace: Workspace) -> Iterator[Descriptor]:
    """The evidence that was given, as it was asked for."""
    for given in question["given"]:
        yield Descriptor(
            given["name"], workspace.path(given["uri"]), given["kind"], given["options"],
            given["max_age_seconds"], given["duplicate"], given["problem"],
            Subject(**given["about"]) if given.get("about") else None,
        )  # fmt: skip
