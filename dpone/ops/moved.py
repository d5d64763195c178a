"""What is set otherwise now than a decision had it, in a form that may be shown: no secret, no long text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from dpone.config.load import Config
from dpone.data.secrets.judge import REDACTED, secret_key
from dpone.data.secrets.redact import redact
from dpone.errors import UndecidedError, one_line
from dpone.ops.past import Past
from dpone.ops.session import Session

LONGEST = 120
"""How many characters of a value are shown."""
UNSET = "unset"


def moved(past: Past, session: Session, effective: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Every key that has another value, old and new: those of dpone.yaml where that of the day is kept, else of
    what rules see (`effective`); whether the environment is protected; the trust file by its digest."""
    if past.config is not None:
        pairs = dict(_between(_leaves(past.config), _leaves(session.plain or session.config)))
    else:
        pairs = dict(_between(past.stored.json(past.stored.digest("config")), effective))
    found = {key: (shown(key, old), shown(key, new)) for key, (old, new) in pairs.items()}
    if past.document["protected"] != session.context.protected:
        name = one_line(past.stored.subject.environment)
        before, after = past.document["protected"], session.context.protected
        found[f"protected environment {name}"] = shown("", before), shown("", after)
    trusted = _trust_file(past), session.context.trust.digest
    if trusted[0] != trusted[1]:
        found["trust file"] = trusted[0][:12] or "none", trusted[1][:12] or "none"
    return found


def shown(key: str, value: Any) -> str:
    """A value of the configuration as one line for people; what is or may be a secret is not shown."""
    if value is None:
        return UNSET
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if key == "signing.key" or any(secret_key(part) for part in key.split(".")):
        return REDACTED
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    try:
        text = one_line(redact(text, "text" if isinstance(value, str) else "json"))
    except UndecidedError:
        return REDACTED
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _leaves(config: Config) -> dict[str, Any]:
    return {".".join(path): value.raw for path, value in config.leaves.items()}


def _between(
    old: Mapping[str, Any], new: Mapping[str, Any], path: str = ""
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Every leaf that has another value; None where there was, or is, none."""
    for name in sorted(old.keys() | new.keys()):
        where = f"{path}.{name}" if path else name
        a, b = old.get(name), new.get(name)
        if isinstance(a, dict) and isinstance(b, dict):
            yield from _between(a, b, where)
        elif a != b or type(a) is not type(b):
            yield where, (a, b)


def _trust_file(past: Past) -> str:
    """The digest of the trust file a decision was taken under, as its artifact says."""
    stored = past.stored
    artifact = stored.json(stored.digests("files")[f"{stored.entry.body['stem']}.json"])
    return str(artifact["decision"]["trust_file"])
