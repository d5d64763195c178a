"""What every gate starts from: the surroundings, the subject, and the evidence that was named."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dpone.config.load import NAME_LIMIT, load_config, protect
from dpone.decisions.engine_choice import choose_engine
from dpone.decisions.request import Context, GateRequest, Required, View
from dpone.errors import UsageError
from dpone.evidence.collect import Descriptor
from dpone.evidence.model import Subject
from dpone.record import dataclass, replace
from dpone.workspace import Workspace, check_id

if TYPE_CHECKING:
    from dpone.config.load import Config

TRUST_ROOT = "DPONE_TRUST_ROOT"
OPTIONS = ("objectives", "metric", "trusted_keys")
"""What a declaration of evidence may tell its collector, but for the files that a statement is about."""


@dataclass(frozen=True)
class Session:
    """One run of one gate: who, where, about what, and which policy folders were added. `plain` is the
    configuration before the floor of a protected environment was laid under it."""

    gate: str
    context: Context
    subject: Subject
    output_dir: Path
    policies: tuple[str, ...] = ()
    claimed: str = ""
    plain: Config | None = None

    @property
    def workspace(self) -> Workspace:
        """The workspace of this run."""
        return self.context.workspace

    @property
    def config(self) -> Config:
        """The effective configuration of this run."""
        return self.context.config

    def about(self, subject: Subject) -> Session:
        """The same session about another subject: its ids are checked, and whether its environment is
        protected is decided again."""
        _check_ids(subject)
        context = _surroundings(self.gate, self.plain or self.config, self.context, subject)
        return replace(self, subject=subject, context=context)

    def ask(self, artifact: str, view: View) -> GateRequest:
        """The request every service begins with; `replace` adds what is its own: evidence, services,
        requirements, parameters, a title."""
        return GateRequest(
            self.gate,
            artifact,
            self.subject,
            self.output_dir,
            view,
            claimed=self.claimed,
            policies=self.policies,
        )

    def evidence(self, given: Sequence[str]) -> tuple[Descriptor, ...]:
        """The evidence declared in dpone.yaml and given as `name=path`; what is given overrides a
        declared name. A name given twice is kept twice and marked, for a rule to refuse."""
        names = {split_pair(text, "--artifact")[0] for text in given}
        declared = [n for n in self.config.names("evidence") if n not in names]
        return tuple(self._declared(name) for name in declared) + self._given(given)

    def attached(self, given: Sequence[str]) -> tuple[Descriptor, ...]:
        """The evidence given as `name=path`, and what `gates.<gate>.require` names and dpone.yaml declares:
        for gates that judge what is attached to them, not everything a release has."""
        pairs = dict(split_pair(text, "--artifact") for text in given)
        asked = self.config.for_gate(self.gate, "require")
        names = [] if asked == "declared" else [n for n in asked if n not in pairs]
        declared = [n for n in names if self.config.find("evidence", n, "path") is not None]
        return tuple(self._declared(name) for name in declared) + self._given(given)

    def demanded(self) -> tuple[Required, ...]:
        """What `gates.<gate>.require` names; nothing where it is left at `declared`."""
        asked = self.config.for_gate(self.gate, "require")
        return () if asked == "declared" else tuple(self._required(name) for name in dict.fromkeys(asked))

    def _given(self, given: Sequence[str]) -> tuple[Descriptor, ...]:
        named = [split_pair(text, "--artifact") for text in given]
        names = [name for name, _ in named]
        return tuple(
            self.descriptor(name, str(self.workspace.argument(path)), duplicate=names.count(name) > 1)
            for name, path in named
        )

    def descriptor(self, name: str, path: str, *, duplicate: bool = False, kind: str = "") -> Descriptor:
        """One descriptor for a path, with what dpone.yaml says about the name."""
        options = self.config.below("evidence", name)
        pattern = self.workspace.path(path)
        chosen, problem = _one_match(pattern, self.workspace)
        return Descriptor(
            name,
            chosen,
            kind or str(options.get("kind", "")),
            self._options(options),
            self.max_age(name),
            duplicate,
            problem,
        )

    def required(self, declared: Iterable[Required] = ()) -> tuple[Required, ...]:
        """What must be there: `gates.<gate>.require`, by default every name declared under `evidence`,
        and what the gate itself demands."""
        asked = self.config.for_gate(self.gate, "require")
        names = self.config.names("evidence") if asked == "declared" else list(asked)
        own = list(declared)
        taken = {r.name for r in own}
        return tuple(own + [self._required(name) for name in dict.fromkeys(names) if name not in taken])

    def _required(self, name: str) -> Required:
        kind = self.config.find("evidence", name, "kind")
        return Required(name, (kind,) if kind else (), self.max_age(name), configured=True)

    def _declared(self, name: str) -> Descriptor:
        path = self.config.find("evidence", name, "path")
        if path is None:
            raise UsageError(f"dpone.yaml: evidence.{name} has no path", "say where the file lies: path: ...")
        return self.descriptor(name, path)

    def max_age(self, name: str) -> int:
        """How old the evidence of that name may be, in seconds."""
        own = self.config.find("evidence", name, "max_age")
        return int(self.config.for_gate(self.gate, "max_age") if own is None else own)

    def _options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        kept = {key: value for key, value in options.items() if key in OPTIONS}
        if "artifacts" in options:
            kept["artifacts"] = {n: _digest_of(self.workspace, p) for n, p in options["artifacts"].items()}
        return kept


def open_session(
    gate: str,
    workspace: Workspace,
    subject: Subject,
    output_dir: str,
    *,
    policies: Sequence[str] = (),
    claimed: str = "",
    trust_root: str = "",
    engine: str = "",
    make_key: bool = True,
) -> Session:
    """Resolve everything a gate needs before it reads evidence (`make_key` as `load_signer` has it). Raises
    `UsageError` (exit 2) for a command line or configuration that cannot be understood."""
    from dpone.signing.keys import load_signer
    from dpone.signing.trust import Trust

    config = choose_engine(load_config(workspace), engine)
    subject = _with_defaults(subject, config)
    _check_ids(subject)
    trust = Trust.load(
        workspace, config.get("signing", "trust"), trust_root or workspace.env.get(TRUST_ROOT, "")
    )
    signer = load_signer(config.get("signing", "key"), workspace, make=make_key)
    folders = [*config.get("policies"), *policies]
    return Session(
        gate,
        _surroundings(gate, config, Context(workspace, config, trust, signer, protected=False), subject),
        subject,
        workspace.path(output_dir),
        tuple(dict.fromkeys(str(workspace.path(folder)) for folder in folders)),
        claimed,
        config,
    )


def _surroundings(gate: str, config: Config, context: Context, subject: Subject) -> Context:
    """The surroundings with the profile `strict` as the floor of `config` where the subject's environment is
    protected, unless the signer may loosen it."""
    trust, signer = context.trust, context.signer
    protected = trust.is_protected(subject.environment) or _protects(config, subject.environment)
    identity = ""
    if protected and signer is not None:
        now = context.workspace.clock.now()
        standing = trust.standing(signer.public, signer.public, now, gate=gate, environment=subject.environment)
        identity = standing.identity if standing.trust == "anchored" else ""
    loosened_by = identity if identity and trust.may_loosen(identity) else ""
    floored = protect(config) if protected and not loosened_by else config
    return replace(context, config=floored, protected=protected, loosened_by=loosened_by)


def _check_ids(subject: Subject) -> None:
    for name, value in vars(subject).items():
        if value:
            check_id(value, f"--{name.replace('_', '-')}")


def split_pair(text: str, option: str) -> tuple[str, str]:
    """Parse `name=path`. Raises `UsageError` naming the option."""
    name, equals, path = text.partition("=")
    if not equals or not name.strip() or not path:
        raise UsageError(f"{option} {text[:80]!r} is not NAME=PATH", f"write {option} tests=build/junit.xml")
    name = name.strip()
    if len(name) > NAME_LIMIT or not name.isprintable():
        raise UsageError(f"{option} {name[:80]!r}: the name is not usable", "use a short printable name")
    return name, path


def _with_defaults(subject: Subject, config: Config) -> Subject:
    given = {k: v for k, v in config.below("subject").items() if not getattr(subject, k)}
    return replace(subject, **given)


def _protects(config: Config, environment: str) -> bool:
    """Case does not matter, lest `Production` slip past a rule for `production`."""
    return any(
        name.casefold() == environment.casefold() and config.protected(name)
        for name in config.names("environments")
    )


def _one_match(pattern: Path, workspace: Workspace) -> tuple[Path, str]:
    text = str(pattern)
    if not glob.has_magic(text) or os.path.lexists(pattern):
        return pattern, ""
    found = sorted(Path(pattern.anchor).glob(text[len(pattern.anchor) :]))
    if len(found) == 1:
        return found[0], ""
    if not found:
        return pattern, ""
    names = ", ".join(workspace.uri(p) for p in found[:5])
    return pattern, f"{len(found)} files match the pattern: {names}; give each a name of its own"


def _digest_of(workspace: Workspace, path: str) -> str:
    """SHA-256 of a file that a statement is about; empty when it cannot be read."""
    from dpone.canonical import sha256_hex
    from dpone.workspace import ReadProblem

    try:
        return sha256_hex(workspace.read(workspace.path(path), 2_000_000_000))
    except ReadProblem:
        return ""
