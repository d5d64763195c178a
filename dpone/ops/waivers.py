"""Signed waivers: asking for one, approving it, taking it back, and what became of all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from dpone.config.entries import until
from dpone.config.units import duration
from dpone.config.waivers import LONGEST
from dpone.decisions.gate_input import actor_of
from dpone.decisions.record import open_ledger_of
from dpone.decisions.request import Beside
from dpone.decisions.stored import Stored, matching
from dpone.decisions.waiver_record import Signed, Terms, approve, ask, kept, revoke
from dpone.decisions.waiving import matches
from dpone.errors import NotGoodError, UsageError
from dpone.evidence.seals import known_keys
from dpone.ops.rules import gates
from dpone.ops.session import Session
from dpone.policy.shipped_rules import unwaivable_rules
from dpone.record import dataclass
from dpone.signing.dsse import MAX_ENVELOPE_BYTES, BrokenSeal
from dpone.signing.keys import Signer
from dpone.workspace import ReadProblem, parse_time, publish

FOLDER = ".dpone/waivers"


@dataclass(frozen=True)
class Wish:
    """What somebody types to ask for a waiver. `expires` is a date, an instant, or a duration from its beginning;
    `begins` an instant, or empty for now; `loose`: not bound to the evidence the finding was made on."""

    rule: str
    match: str
    gate: str
    reason: str
    owner: str
    ticket: str
    expires: str
    begins: str = ""
    loose: bool = False


def create(session: Session, wish: Wish) -> tuple[Signed, str]:
    """Sign and record a request; returns it with the path of its file. Raises `UsageError` for a wish that cannot
    be understood, `NotGoodError` where no decision has such a finding."""
    signer = _signer(session)
    _check(wish)
    now = session.workspace.clock.now()
    start = parse_time(wish.begins, "--begins") if wish.begins else now
    end = _end(wish.expires, start)
    if end <= max(start, now):
        raise UsageError(
            "--expires lies before its beginning, or has passed", "give a later end, for example 14d"
        )
    name, kind, digest = ("", "", "") if wish.loose else _finding(session, wish)
    terms = Terms(
        wish.rule, wish.match, wish.gate, session.subject.release, session.subject.environment, kind, name, digest,
        wish.reason, wish.owner, wish.ticket, start, end,
    )  # fmt: skip
    waiver = ask(terms, _identity(session), now, signer)
    return waiver, _keep(session, waiver)


def add_approval(session: Session, text: str) -> tuple[Signed, str]:
    """Sign a waiver as the one who approves it: one of the ledger by its id, or a file that was sent. Raises
    `NotGoodError` for one that does not hold or that this key has signed already."""
    signer = _signer(session)
    ledger = open_ledger_of(session.context)
    keys = known_keys(session.context.judges())
    path = session.workspace.argument(text)
    try:
        data = session.workspace.read(path, MAX_ENVELOPE_BYTES)
    except ReadProblem as problem:
        if problem.state != "missing" or "/" in text or "." in text:
            raise UsageError(
                f"{text[:200]}: {problem.message}", "give an id, or the file of a waiver"
            ) from None
        data = kept(ledger, keys).find(text).envelope
    try:
        waiver = approve(data, keys, signer)
    except BrokenSeal as broken:
        no_waiver = broken.reason in ("not_json", "too_large", "wrong_type")
        raise NotGoodError(
            f"{text[:200]}: {broken.message}",
            "give the file that dpone waiver create wrote"
            if no_waiver
            else "let another person approve it, and have everybody's key in dpone.trust.json: dpone keys trust",
            code="waiver.refused",
        ) from None
    return waiver, _keep(session, waiver)


def take_back(session: Session, text: str, reason: str) -> Signed:
    """Revoke a waiver of the ledger: from now on it counts for nothing."""
    signer = _signer(session)
    _line("--reason", reason)
    if session.context.recorder is None:
        raise NotGoodError(
            "the trust file does not know the key in use, so that it cannot record anything",
            "let somebody whose key it knows revoke it, or add this one: dpone keys trust",
            code="waiver.refused",
        )
    waiver = kept(open_ledger_of(session.context), known_keys(session.context.judges())).find(text)
    _record(session, revoke(waiver, reason, session.workspace.clock.now(), signer))
    return waiver


def _check(wish: Wish) -> None:
    if wish.gate not in gates():
        raise UsageError(f"there is no gate {wish.gate[:80]!r}", f"known: {', '.join(gates())}")
    if wish.rule in unwaivable_rules():
        raise UsageError(f"nobody can waive {wish.rule}", "mend what it says: see docs/rules")
    for option, text in (("--finding", wish.rule), ("--reason", wish.reason), ("--owner", wish.owner)):
        _line(option, text)
    for option, text in (("--match", wish.match), ("--ticket", wish.ticket)):
        if text:
            _line(option, text)


def _line(option: str, text: str) -> None:
    from dpone.data.secrets.search import search

    if not text.strip() or not text.isprintable() or len(text) > LONGEST:
        raise UsageError(
            f"{option} is not one printable line of at most {LONGEST} characters", "say it shorter"
        )
    if option in ("--reason", "--owner", "--ticket") and search(text, "text").hits:
        raise UsageError(
            f"{option} holds what looks like a secret", "say it without: waivers are kept and shown"
        )


def _end(text: str, start: datetime) -> datetime:
    try:
        return start + timedelta(seconds=duration(text))
    except OverflowError:
        raise UsageError(f"--expires {text} is too far away", "give a date like 2026-12-31") from None
    except ValueError:
        end = until(text)
    if end is None:
        raise UsageError(f"--expires {text[:80]!r} is neither a date nor a duration", "write 2026-12-31 or 14d")
    return end


def _finding(session: Session, wish: Wish) -> tuple[str, str, str]:
    """Name, kind and digest of the evidence on which the latest decision of the gate has such a finding."""
    about = session.subject
    stored: Stored | None = None
    for found in matching(
        open_ledger_of(session.context), gate=wish.gate, release=about.release, environment=about.environment
    ):
        stored = found
    for finding in _findings(stored):
        if finding["rule"] == wish.rule and matches(wish.match, finding["key"]):
            assert stored is not None
            items = stored.json(stored.digest("input"))["evidence"]
            digest = next((i["source"]["sha256"] for i in items if i["name"] == finding["evidence"]), "")
            return finding["evidence"], finding["kind"], digest
    raise NotGoodError(
        f"the latest decision of {wish.gate} about this subject has no finding of {wish.rule} with the key "
        f"{wish.match!r}",
        "take the decision first and copy rule and key from it (dpone decision show latest), or ask for a waiver "
        "of any evidence: --any-evidence",
        code="waiver.no_finding",
    )


def _findings(stored: Stored | None) -> Iterator[Mapping[str, Any]]:
    if stored is not None:
        yield from stored.json(stored.digest("result"))["findings"]


def _keep(session: Session, waiver: Signed) -> str:
    """Record a waiver, and write its file to be sent to whoever approves or counts it. A key that the trust file
    does not know writes the file alone: an entry of its own would make the ledger unreadable to all others."""
    if session.context.recorder:
        _record(session, waiver.beside())
    path = session.workspace.path(f"{FOLDER}/{waiver.name}.dsse.json")
    publish({path: waiver.envelope})
    return session.workspace.uri(path)


def _record(session: Session, entry: Beside) -> None:
    signer = _signer(session)
    ledger = open_ledger_of(session.context)
    ledger.append(entry.type, entry.body, session.workspace.clock.now(), entry.objects, signer)


def _signer(session: Session) -> Signer:
    if session.context.signer is None:
        raise UsageError("there is no signing key here", "set DPONE_SIGNING_KEY, or signing.key in dpone.yaml")
    return session.context.signer


def _identity(session: Session) -> str:
    """Who asks: the identity of the key in use."""
    return actor_of(session.context, "", "", "").identity
