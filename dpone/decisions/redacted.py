"""Evidence without the secrets that other tools wrote into their messages and names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dpone.evidence.model import Evidence
from dpone.record import replace


def without_secrets(item: Evidence) -> Evidence:
    """The evidence as rules, artifacts and people may see it: what looks like a secret in any text that came
    from the file is ``[REDACTED]``. The file itself and its digest stay what they are.

    What a service of dpone's found has been through this already, with the paths of what it found.
    Raises `UndecidedError` for a text that cannot be redacted completely.
    """
    if item.producer == "service":
        return item
    told = (item.facts, item.message, item.summary, item.tool, item.contradictions)
    texts = sorted(set(_texts(told)))
    if not _shows_secret(texts):
        return item
    from dpone.data.secrets.redact import redact

    clean = {text: redact(text) for text in texts}
    return replace(
        item,
        facts=_cleaned(item.facts, clean),
        message=clean[item.message],
        summary=clean[item.summary],
        tool=clean[item.tool],
        contradictions=tuple(clean[text] for text in item.contradictions),
    )


def plain_texts(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Documents without what looks like a secret in any text of theirs; see `without_secrets`."""
    texts = sorted(set(_texts(values)))
    if not _shows_secret(texts):
        return values
    from dpone.data.secrets.redact import redact

    found: list[dict[str, Any]] = _cleaned(values, {text: redact(text) for text in texts})
    return found


def _shows_secret(texts: list[str]) -> bool:
    from dpone.data.secrets.text import find_in_text  # without what takes secrets out, which few need

    return bool(find_in_text("\n".join(texts)))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _cleaned(value: Any, clean: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return clean[value]
    if isinstance(value, Mapping):
        return {clean[key]: _cleaned(inner, clean) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(inner, clean) for inner in value]
    return value
