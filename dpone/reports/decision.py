"""A recorded decision for people: the verdict, what every rule said, and on which bytes."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dpone.errors import one_line
from dpone.reports.text import waiver_sentence
from dpone.workspace import time_text

if TYPE_CHECKING:
    from dpone.decisions.stored import Stored


def signed_statement(stored: Stored) -> dict[str, Any]:
    """The in-toto statement inside the envelope, as it was signed (not verified here)."""
    envelope = json.loads(stored.read(stored.id))
    statement: dict[str, Any] = json.loads(base64.b64decode(envelope["payload"]))
    return statement


def layer_words(layer: Mapping[str, Any]) -> list[str]:
    """What a layer is and what it changed, in words: who vouches for it, rules it adds and takes away, kinds of
    evidence it declares, keys of the configuration it reads."""
    by = f" by {layer['signer']} (trust {layer['trust']})" if layer["signer"] else ""
    lists = [("adds", "adds"), ("takes_away", "takes away"), ("kinds", "declares"), ("reads", "reads")]
    return [
        str(layer["name"]),
        f"{layer['signed']}{by}{', pinned' if layer['pinned'] else ''}",
        *([f"replaces {layer['replaces']}"] if layer["replaces"] else []),
        *(f"{word} {', '.join(layer[key])}" for key, word in lists if layer[key]),
    ]


def _layers(stored: Stored) -> list[Mapping[str, Any]]:
    """The layers beside the built-in one, as the artifact that was signed lists them."""
    files = stored.digests("files")
    document = stored.json(files[f"{stored.entry.body['stem']}.json"])
    return [layer for layer in document["decision"].get("layers", ()) if layer["signed"] != "shipped"]


def decision_text(stored: Stored) -> str:
    """The decision as text: subject, findings, cleared rules, evidence, digests."""
    predicate = signed_statement(stored)["predicate"]
    result = stored.json(stored.digest("result"))
    subject = {k: v for k, v in predicate["subject"].items() if v}
    about = "  ".join(subject.values())
    actor, entry = predicate["actor"], stored.entry
    recorded = (
        f"recorded {time_text(entry.recorded_at)} as entry {entry.index + 1} of ledger {entry.origin.name}"
    )
    lines = [
        f"{stored.gate}  {about}  {str(predicate['status']).upper()}",
        f"decision {stored.id}",
        f"decided {predicate['decided_at']}, {recorded}",
        f"signed by {actor['identity']} (trust {actor['trust']}), profile {predicate['profile']}",
        "",
    ]
    for finding in result["findings"]:
        params = ", ".join(f"{k} = {json.dumps(v)}" for k, v in sorted(finding["params"].items()))
        where = f"#{finding['pointer']}" if finding["pointer"] else ""
        about = f"{finding['evidence'] or 'the gate'}{where}"
        told = one_line(f"{finding['rule']}  {about}  {finding['key']}  {params}")
        lines.append(f"{finding['state']:<8} {told}")
        if finding.get("waiver"):
            lines.append(f"         by {waiver_sentence(finding['waiver'])}")
    cleared: dict[str, list[str]] = {}
    for rule, name, ok in result["table"]:
        if ok:
            cleared.setdefault(rule, []).append(name or "the gate")
    lines += [f"cleared  {one_line(rule + '  ' + ', '.join(names))}" for rule, names in sorted(cleared.items())]
    lines.append("")
    for material in predicate["materials"]:
        told = f"{material['name']}  {material['uri']}  {material.get('kind', '')}  {material['sha256']}"
        lines.append(f"from     {one_line(told)}")
    lines += [f"input    {predicate['input']}", f"config   {predicate['config']}"]
    lines += [f"policy   {name}  {digest}" for name, digest in sorted(predicate["policies"].items())]
    lines += [f"layer    {one_line('  '.join(layer_words(layer)))}" for layer in _layers(stored)]
    return "\n".join(lines) + "\n"
