"""The form of `dpone.trust.json` (schemas/trust.v1.json): reading it strictly, and writing it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dpone.canonical import JsonProblem, parse_json, pretty_bytes
from dpone.errors import UsageError
from dpone.signing.public import PublicKey
from dpone.signing.trust import (
    TRUST_SCHEMA,
    PinnedLayer,
    PinnedOrigin,
    Revocation,
    Trust,
    TrustedKey,
    TrustState,
    person,
    trust_digests,
)
from dpone.workspace import read_time, time_text

_HEX = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LISTS = ("roles", "kinds", "gates", "environments")
_MAX_TEXT = 200


def read_trust(data: bytes, where: str, state: TrustState) -> Trust:
    """Read a trust file's bytes; `where` names it in errors, `state` is what the caller knows of it.

    Unknown keys, a public key that stands twice, one person written in two ways and a `loosen` entry
    that is nobody here are errors. Raises `UsageError`.
    """
    try:
        root = parse_json(data, max_depth=8)
    except JsonProblem as problem:
        raise _wrong(where, "", str(problem)) from None
    reader = _Reader(where)
    top = reader.mapping(root, "", {"schema"}, {"keys", "protected_environments", "ledger", "layers", "loosen"})
    if top["schema"] != TRUST_SCHEMA:
        raise _wrong(where, "/schema", f"it must be {TRUST_SCHEMA!r}")
    keys = tuple(reader.key(item, at) for item, at in reader.items(top.get("keys", []), "/keys"))
    loosen = reader.texts(top.get("loosen", []), "/loosen")
    _check_people(keys, loosen, where)
    layers = tuple(reader.layer(item, at) for item, at in reader.items(top.get("layers", []), "/layers"))
    if len({layer.name for layer in layers}) != len(layers):
        raise _wrong(where, "/layers", "two layers have the same name")
    digest, fingerprint = trust_digests(root)
    return Trust(
        keys=keys,
        protected_environments=reader.texts(top.get("protected_environments", []), "/protected_environments"),
        ledger=reader.origin(top["ledger"], "/ledger") if "ledger" in top else None,
        layers=layers,
        loosen=loosen,
        state=state,
        digest=digest,
        fingerprint=fingerprint,
    )


def trust_document(trust: Trust) -> dict[str, Any]:
    """The JSON of a trust file; what is empty or unbounded is left out."""
    document: dict[str, Any] = {"schema": TRUST_SCHEMA, "keys": [_key_document(key) for key in trust.keys]}
    document["protected_environments"] = list(trust.protected_environments)
    if trust.ledger:
        document["ledger"] = {"name": trust.ledger.name, "genesis": trust.ledger.genesis}
    if trust.layers:
        document["layers"] = [{"name": layer.name, "digest": layer.digest} for layer in trust.layers]
    if trust.loosen:
        document["loosen"] = list(trust.loosen)
    return document


def trust_bytes(trust: Trust) -> bytes:
    """The bytes of a trust file for people to read and review; raises `UsageError` for what could not be
    read again.
    """
    data = pretty_bytes(trust_document(trust))
    read_trust(data, "the new trust file", "workspace")
    return data


def _key_document(key: TrustedKey) -> dict[str, Any]:
    document: dict[str, Any] = {"public": key.public.openssh(), "identity": key.identity}
    document |= {name: list(getattr(key, name)) for name in _LISTS}
    if key.valid_from:
        document["valid_from"] = time_text(key.valid_from)
    if key.valid_until:
        document["valid_until"] = time_text(key.valid_until)
    if key.revoked:
        document["revoked"] = {"at": time_text(key.revoked.at), "reason": key.revoked.reason}
    return document


def _check_people(keys: tuple[TrustedKey, ...], loosen: tuple[str, ...], where: str) -> None:
    if len({key.public for key in keys}) != len(keys):
        raise _wrong(where, "/keys", "one public key stands there twice")
    spelling: dict[str, str] = {}
    for key in keys:
        known = spelling.setdefault(person(key.identity), key.identity)
        if known != key.identity:
            raise _wrong(where, "/keys", f"{known!r} and {key.identity!r} are the same person in two spellings")
    for name in loosen:
        if person(name) not in spelling:
            raise _wrong(where, "/loosen", f"{name!r} has no key here")


class _Reader:
    """Reads values with the place in the file for the error."""

    def __init__(self, where: str) -> None:
        self.where = where

    def mapping(self, value: object, at: str, required: set[str], optional: set[str]) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise _wrong(self.where, at, "an object is expected")
        unknown = sorted(set(value) - required - optional)
        if unknown:
            raise _wrong(self.where, at, f"there is no key {unknown[0]!r}")
        missing = sorted(required - set(value))
        if missing:
            raise _wrong(self.where, at, f"the key {missing[0]!r} is missing")
        return value

    def items(self, value: object, at: str) -> list[tuple[object, str]]:
        if not isinstance(value, list):
            raise _wrong(self.where, at, "a list is expected")
        return [(item, f"{at}/{i}") for i, item in enumerate(value)]

    def text(self, value: object, at: str) -> str:
        plain = isinstance(value, str) and value.isprintable() and value == value.strip()
        if not isinstance(value, str) or not plain or not 1 <= len(value) <= _MAX_TEXT:
            raise _wrong(self.where, at, f"a text of 1 to {_MAX_TEXT} printable characters is expected")
        return value

    def texts(self, value: object, at: str) -> tuple[str, ...]:
        found = tuple(self.text(item, place) for item, place in self.items(value, at))
        if len(set(found)) != len(found):
            raise _wrong(self.where, at, "one entry stands there twice")
        return found

    def time(self, value: object, at: str) -> datetime:
        instant = read_time(value) if isinstance(value, str) else None
        if instant is None:
            raise _wrong(self.where, at, "a time like 2026-06-05T12:00:00Z is expected")
        return instant

    def hex(self, value: object, at: str) -> str:
        if not isinstance(value, str) or not _HEX.fullmatch(value):
            raise _wrong(self.where, at, "64 lowercase hex digits are expected")
        return value

    def key(self, value: object, at: str) -> TrustedKey:
        item = self.mapping(
            value, at, {"public", "identity"}, {*_LISTS, "valid_from", "valid_until", "revoked"}
        )
        start = self.time(item["valid_from"], f"{at}/valid_from") if "valid_from" in item else None
        end = self.time(item["valid_until"], f"{at}/valid_until") if "valid_until" in item else None
        if start and end and start >= end:
            raise _wrong(self.where, at, "valid_until is not after valid_from")
        return TrustedKey(
            public=PublicKey.parse(self.text(item["public"], f"{at}/public"), f"{self.where}{at}/public"),
            identity=self.text(item["identity"], f"{at}/identity"),
            roles=self.texts(item.get("roles", []), f"{at}/roles"),
            kinds=self.texts(item.get("kinds", []), f"{at}/kinds"),
            gates=self.texts(item.get("gates", []), f"{at}/gates"),
            environments=self.texts(item.get("environments", []), f"{at}/environments"),
            valid_from=start,
            valid_until=end,
            revoked=self.revocation(item["revoked"], f"{at}/revoked") if "revoked" in item else None,
        )

    def revocation(self, value: object, at: str) -> Revocation:
        item = self.mapping(value, at, {"at", "reason"}, set())
        return Revocation(self.time(item["at"], f"{at}/at"), self.text(item["reason"], f"{at}/reason"))

    def origin(self, value: object, at: str) -> PinnedOrigin:
        item = self.mapping(value, at, {"name", "genesis"}, set())
        if not isinstance(item["name"], str) or not _NAME.fullmatch(item["name"]):
            raise _wrong(self.where, f"{at}/name", "a ledger's name is expected")
        return PinnedOrigin(item["name"], self.hex(item["genesis"], f"{at}/genesis"))

    def layer(self, value: object, at: str) -> PinnedLayer:
        item = self.mapping(value, at, {"name", "digest"}, set())
        return PinnedLayer(self.text(item["name"], f"{at}/name"), self.hex(item["digest"], f"{at}/digest"))


def _wrong(where: str, pointer: str, why: str) -> UsageError:
    return UsageError(
        f"{where}{'#' + pointer if pointer else ''}: {why}", "see schemas/trust.v1.json", code="trust.file"
    )
