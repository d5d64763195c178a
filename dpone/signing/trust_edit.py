"""Changing `dpone.trust.json` for the `dpone keys` commands: adding a key, revoking one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from dpone.errors import UsageError
from dpone.record import replace
from dpone.signing.trust import DEFAULT_TRUST, PinnedOrigin, Revocation, Trust, TrustedKey, same_person
from dpone.signing.trust_file import trust_bytes
from dpone.workspace import Workspace, publish


def trust_key(workspace: Workspace, key: TrustedKey, spec: str = DEFAULT_TRUST) -> Path:
    """Add a key to the trust file, making the file when there is none; returns its path.

    Raises `UsageError` when the key is there already or the result would not be a valid trust file.
    """
    trust = _load(workspace, spec)
    if trust.find(key.public):
        raise UsageError(
            f"{key.public.fingerprint} is in {spec} already", "edit it there", code="trust.known_key"
        )
    return _write(workspace, spec, replace(trust, keys=(*trust.keys, key)))


def revoke_key(workspace: Workspace, which: str, reason: str, at: datetime, spec: str = DEFAULT_TRUST) -> Path:
    """Revoke the keys of an identity, or one key by its fingerprint, from `at` on; returns the file's path.

    The entries stay, so that old signatures can still be named. A revocation is never moved: raises
    `UsageError` when nothing matches or everything that does is revoked already.
    """
    trust = _load(workspace, spec)
    found = [key for key in trust.keys if which == key.public.fingerprint or same_person(which, key.identity)]
    if not found:
        raise UsageError(f"{spec} has no key {which!r}", "see dpone keys list", code="trust.unknown_key")
    if all(key.revoked for key in found):
        raise UsageError(f"{which!r} is revoked in {spec} already", "see dpone keys show", code="trust.revoked")
    keys = tuple(
        replace(key, revoked=Revocation(at, reason)) if key in found and not key.revoked else key
        for key in trust.keys
    )
    return _write(workspace, spec, replace(trust, keys=keys))


def pin_ledger(workspace: Workspace, origin: PinnedOrigin, spec: str = DEFAULT_TRUST) -> Path:
    """Write into the trust file which ledger counts; raises `UsageError` when it names another already."""
    trust = _load(workspace, spec)
    if trust.ledger and trust.ledger != origin:
        raise UsageError(
            f"{spec} pins the ledger {trust.ledger.name} already",
            "edit it there, on purpose",
            code="trust.pinned",
        )
    return _write(workspace, spec, replace(trust, ledger=origin))


def _load(workspace: Workspace, spec: str) -> Trust:
    if spec.startswith("git:"):
        raise UsageError(
            f"signing.trust is {spec}, a committed file",
            f"change {DEFAULT_TRUST} and commit it",
            code="trust.read_only",
        )
    return Trust.load(workspace, spec)


def _write(workspace: Workspace, spec: str, trust: Trust) -> Path:
    path = workspace.path(spec)
    publish({path: trust_bytes(trust)})
    return path
