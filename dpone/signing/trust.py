"""Whom a project trusts for what: `dpone.trust.json`, and how it is anchored from outside the folder."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Literal

from dpone.canonical import canonical_bytes, sha256_hex
from dpone.errors import UndecidedError, UsageError
from dpone.record import dataclass
from dpone.signing.git import parse_git_place, read_git_file
from dpone.signing.public import PublicKey, fingerprint_text
from dpone.signing.userfolder import expand_user
from dpone.workspace import ReadProblem, Workspace, read_file, time_text

DEFAULT_TRUST = "dpone.trust.json"
TRUST_SCHEMA = "dpone.trust/v1"
MAX_TRUST_BYTES = 1_000_000
ANY = "*"

TrustLevel = Literal["anchored", "workspace", "local", "none"]
TrustState = Literal["anchored", "workspace", "absent"]


@dataclass(frozen=True)
class Revocation:
    """From when on a key counts for nothing, and why."""

    at: datetime
    reason: str


@dataclass(frozen=True)
class TrustedKey:
    """One key of the trust file: whose it is and what it may sign. An empty list grants nothing, ``*``
    everything; validity is from `valid_from` (included) until `valid_until` (excluded), None: unbounded.
    """

    public: PublicKey
    identity: str
    roles: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    revoked: Revocation | None = None


@dataclass(frozen=True)
class PinnedOrigin:
    """The one ledger that counts: its name and the hash of its origin document (64 hex digits)."""

    name: str
    genesis: str


@dataclass(frozen=True)
class PinnedLayer:
    """A policy layer that must be present, with exactly this digest (64 hex digits)."""

    name: str
    digest: str


@dataclass(frozen=True)
class Standing:
    """What a key's signature is worth here. `reason` says why trust is `none`; roles are empty then."""

    trust: TrustLevel
    identity: str
    roles: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Trust:
    """A trust file that was read. `state`: anchored (its content was fixed from outside the folder),
    workspace (only this folder says so) or absent. `digest` is the SHA-256 (hex) of its canonical JSON and
    `fingerprint` the same as ``SHA256:…``; both are empty when there is no file.
    """

    keys: tuple[TrustedKey, ...] = ()
    protected_environments: tuple[str, ...] = ()
    ledger: PinnedOrigin | None = None
    layers: tuple[PinnedLayer, ...] = ()
    loosen: tuple[str, ...] = ()
    state: TrustState = "absent"
    digest: str = ""
    fingerprint: str = ""

    @classmethod
    def load(cls, workspace: Workspace, spec: str = DEFAULT_TRUST, root: str = "") -> Trust:
        """Read the trust file `spec` (a path, or ``git:REF:PATH``) and hold it against the trust root.

        `root` comes from the command line or DPONE_TRUST_ROOT, never from the folder: a fingerprint
        ``SHA256:…``, a file outside the workspace, or ``git:REMOTE/BRANCH:PATH``; empty: not anchored.
        Where the folder has no trust file, the root's own content is used if it has any.

        Raises `UsageError` for a file or root that cannot be understood, `UndecidedError` when the root
        cannot be read or says something else than the trust file.
        """
        from dpone.signing.trust_file import read_trust

        data = _read(workspace, spec)
        if not root:
            return read_trust(data, spec, "workspace") if data is not None else cls()
        if root.startswith("SHA256:"):
            expected = root
        else:
            anchor = _read_root(workspace, root)
            data = anchor if data is None else data
            expected = read_trust(anchor, root, "anchored").fingerprint
        if data is None:
            raise UndecidedError(
                f"there is no trust file {spec}, but the trust root demands one ({root})",
                "restore it from git",
                code="trust.missing",
            )
        trust = read_trust(data, spec, "anchored")
        if trust.fingerprint != expected:
            raise UndecidedError(
                f"the trust file {spec} is {trust.fingerprint}, but the trust root {root} demands {expected}",
                "restore it, or have the change accepted where the trust root points and use the new root",
                code="trust.mismatch",
            )
        return trust

    @property
    def public_keys(self) -> tuple[PublicKey, ...]:
        """Every key of the file, revoked and expired ones too: `standing` says what they are worth."""
        return tuple(key.public for key in self.keys)

    def find(self, public: PublicKey) -> TrustedKey | None:
        """The file's entry for a key, or None."""
        return next((key for key in self.keys if key.public == public), None)

    def standing(
        self,
        public: PublicKey,
        own: PublicKey | None,
        at: datetime,
        *,
        kind: str = "",
        gate: str = "",
        environment: str = "",
    ) -> Standing:
        """What a signature by `public` is worth at the instant `at` (aware) for that kind, gate and
        environment; an empty text asks nothing. `own` is this machine's signer.

        Give `at` the time of judging: a thief can write any time of signing into what he signs.
        """
        key = self.find(public)
        if key is None:
            if own == public:
                return Standing("local", public.fingerprint)
            return Standing("none", "", (), f"{public.fingerprint} is not in the trust file")
        reason = _unusable(key, at) or _not_granted(key, kind, gate, environment)
        if reason:
            return Standing("none", key.identity, (), reason)
        return Standing("anchored" if self.state == "anchored" else "workspace", key.identity, key.roles)

    def is_protected(self, environment: str) -> bool:
        """Whether the environment is protected; case does not matter, lest ``Production`` slip through."""
        return any(same_person(environment, name) for name in self.protected_environments)

    def may_loosen(self, identity: str) -> bool:
        """Whether that person may go below the strict profile."""
        return any(same_person(identity, name) for name in self.loosen)


def same_person(one: str, other: str) -> bool:
    """Whether two identities are the same person: compared after NFC, trimming and case folding."""
    return person(one) == person(other)


def person(identity: str) -> str:
    """The form of an identity that is compared (Unicode NFC, trimmed, case folded)."""
    # Folding can take a text out of NFC, hence twice (Unicode 3.13, canonical caseless matching).
    folded = unicodedata.normalize("NFC", identity).strip().casefold()
    return unicodedata.normalize("NFC", folded)


def trust_digests(document: object) -> tuple[str, str]:
    """The digest (hex) and the fingerprint (``SHA256:…``) of a trust file's JSON."""
    data = canonical_bytes(document)
    return sha256_hex(data), fingerprint_text(data)


def _unusable(key: TrustedKey, at: datetime) -> str:
    if key.revoked and at >= key.revoked.at:
        return f"the key of {key.identity} was revoked at {time_text(key.revoked.at)}: {key.revoked.reason}"
    if key.valid_from and at < key.valid_from:
        return f"the key of {key.identity} is valid only from {time_text(key.valid_from)}"
    if key.valid_until and at >= key.valid_until:
        return f"the key of {key.identity} was valid until {time_text(key.valid_until)}"
    return ""


def _not_granted(key: TrustedKey, kind: str, gate: str, environment: str) -> str:
    asked = (
        ("kind", kind, key.kinds),
        ("gate", gate, key.gates),
        ("environment", environment, key.environments),
    )
    for what, value, granted in asked:
        if value and value not in granted and ANY not in granted:
            return f"{key.identity} may not sign for the {what} {value}"
    return ""


def _read(workspace: Workspace, spec: str) -> bytes | None:
    if spec.startswith("git:"):
        return read_git_file(workspace, parse_git_place(spec, "signing.trust"), MAX_TRUST_BYTES)
    try:
        return workspace.read(workspace.path(spec), MAX_TRUST_BYTES)
    except ReadProblem as problem:
        if problem.state == "missing":
            return None
        raise UndecidedError(
            f"the trust file {spec}: {problem.message}", "restore it", code="trust.read"
        ) from None


def _read_root(workspace: Workspace, root: str) -> bytes:
    if root.startswith("git:"):
        place = parse_git_place(root, "the trust root")
        return read_git_file(workspace, place, MAX_TRUST_BYTES, remote_only=True)
    path = expand_user(workspace, root)
    if workspace.contains(path):
        raise UsageError(
            f"the trust root {root} lies inside the workspace, which it is to vouch for",
            "give a fingerprint (dpone keys show), a file outside, or git:origin/main:dpone.trust.json",
            code="trust.root_inside",
        )
    try:
        return read_file(path, MAX_TRUST_BYTES, allow=lambda link: not workspace.contains(link))
    except ReadProblem as problem:
        raise UndecidedError(
            f"the trust root {root}: {problem.message}", "give a fingerprint or a file", code="trust.root"
        ) from None
