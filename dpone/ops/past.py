"""A recorded decision as it was asked, and the session of now at its time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dpone.clock import Clock, parse_time
from dpone.config.load import Config, default_config, read_config
from dpone.decisions.stored import Stored
from dpone.errors import UndecidedError, UsageError
from dpone.ops.session import Session
from dpone.record import dataclass, replace
from dpone.signing.public import PublicKey


@dataclass(frozen=True)
class Past:
    """A decision as it was asked. `config` is the configuration of that day, None where it is not kept or not
    understood any more."""

    stored: Stored
    question: Mapping[str, Any]
    document: Mapping[str, Any]
    config: Config | None

    @property
    def at(self) -> datetime:
        """When it was decided."""
        return parse_time(str(self.document["evaluated_at"]), "evaluated_at")


@dataclass(frozen=True)
class _Key:
    """The key a decision was signed with. It can be looked up, and sign nothing."""

    public: PublicKey
    source: str = "the ledger"

    def sign(self, data: bytes) -> bytes:
        """Refuse."""
        del data
        raise UndecidedError("what is only tried out is never signed")


def past_of(stored: Stored) -> Past:
    """Read what was asked. Raises `UndecidedError` when it is not there any more."""
    question, document = stored.json(stored.digest("question")), stored.json(stored.digest("input"))
    digest = question.get("dpone_yaml", "")
    config = None
    if digest:
        try:
            data = stored.read(digest)
            config = read_config(data) if data else default_config()
        except UsageError:  # written for a version whose keys this one does not have
            config = None
    return Past(stored, question, document, config)


def as_of(past: Past, session: Session) -> Session:
    """The session of now, at the time and with the key of a decision, about what that one is about. Where the
    trust file of then was anchored, that of now counts as anchored: what is asked is what comes once it is accepted."""
    context = session.context
    if context.trust.state == "workspace" and _anchored(past.document):
        context = replace(context, trust=replace(context.trust, state="anchored"))
    own = (context.signer.public,) if context.signer else ()
    signer = past.stored.entry.body.get("signer", "")
    found = next((k for k in (*context.trust.public_keys, *own) if k.fingerprint == signer), None)
    workspace = replace(context.workspace, clock=Clock("set", past.at))
    context = replace(context, workspace=workspace, signer=_Key(found) if found else None)
    return replace(session, gate=past.stored.gate, context=context).about(past.stored.subject)


def _anchored(document: Mapping[str, Any]) -> bool:
    seals = (item["seal"]["trust"] for item in document["evidence"])
    return "anchored" in (document["actor"]["trust"], *seals)
