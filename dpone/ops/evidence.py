"""Looking at evidence, and sealing it in the job that made it."""

from __future__ import annotations

from collections.abc import Sequence

from dpone.decisions.gather import collected
from dpone.decisions.layering import own_layers
from dpone.errors import NotGoodError, UsageError
from dpone.evidence.model import Evidence
from dpone.evidence.seals import raw_seal_path, seal_evidence
from dpone.ops.session import Session, split_pair
from dpone.record import replace
from dpone.workspace import publish


def look_at(session: Session, name: str, path: str, kind: str = "") -> Evidence:
    """What a gate would see in one file."""
    return _gathered(session, [(name, str(session.workspace.argument(path)))], kind)[0]


def seal_files(session: Session, pairs: Sequence[str], everything: bool) -> list[tuple[str, str, str]]:
    """Seal files given as `name=path`, or every declared one; returns name, kind and path of each.

    Raises `UsageError` without a key, release or file to seal, and `NotGoodError` for a file that no
    gate could use: a seal on something unreadable would vouch for nothing.
    """
    given = [split_pair(text, "NAME=PATH") for text in pairs]
    named = [(name, str(session.workspace.argument(path))) for name, path in given]
    if everything:
        declared = session.config.names("evidence")
        named += [(n, str(session.config.get("evidence", n, "path"))) for n in declared if n not in dict(named)]
    if not named:
        raise UsageError("nothing to seal was named", "give NAME=PATH, or --all for what dpone.yaml declares")
    if not (session.subject.release or session.subject.commit):
        raise UsageError("a seal must say what it is about", "give --release or --commit")
    signer = session.context.signer
    if signer is None:
        raise UsageError("there is no signing key here", "set DPONE_SIGNING_KEY; see dpone keys generate")
    files = {}
    sealed = []
    for item in _gathered(session, named):
        if item.state != "present":
            raise NotGoodError(
                f"{item.name} {item.uri} is {item.state}: {item.message}", "seal what its tool wrote"
            )
        if item.producer == "dpone":
            raise UsageError(f"{item.uri} is dpone's own and has its seal already", "leave it out")
        path = session.workspace.path(item.uri)
        files[raw_seal_path(path)] = seal_evidence(
            item.name, item.uri, item.sha256, item.kind, session.subject, session.workspace.clock.now(), signer
        )
        sealed.append((item.name, item.kind, item.uri))
    publish(files)
    return sealed


def _gathered(session: Session, named: Sequence[tuple[str, str]], kind: str = "") -> list[Evidence]:
    given = tuple(session.descriptor(name, path, kind=kind) for name, path in named)
    request = replace(session.ask("", lambda _: {}), given=given)
    team = own_layers(request, session.context)
    return sorted(collected(request, session.context, team), key=lambda e: (e.name, e.uri, e.sha256))
