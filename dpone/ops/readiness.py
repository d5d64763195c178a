"""How ready a release is, domain by domain: what production-maturity and industrial-readiness have in common.

A domain is a name of evidence (`security`) with the kinds that can speak for it and its weight, both from
configuration. Whether a domain stands is what the rules said about its evidence; the level is what a rule says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dpone.config.load import NAME_LIMIT
from dpone.decisions.request import GateRequest, Required, Verdict
from dpone.errors import UsageError
from dpone.evidence.collect import Service
from dpone.ops.session import Session
from dpone.record import dataclass, replace

BLOCKED = "blocked"
SERVICE = "domains"


@dataclass(frozen=True)
class Domain:
    """A domain: the kinds that can speak for it, and its share of the score (the shares of the required ones
    sum up to 100)."""

    name: str
    kinds: tuple[str, ...]
    required: bool
    share: int


def ready_request(
    session: Session, artifact: str, required: Sequence[str], artifacts: Sequence[str], asked: Iterable[str]
) -> tuple[GateRequest, tuple[Domain, ...]]:
    """The request of a readiness gate, and its domains. `required` are the gate's own, which can be added to
    (`asked`, and `gates.<gate>.require`) and never taken away: a smaller set would say less than its level."""
    configured = session.config.for_gate(session.gate, "require")
    more = [] if configured == "declared" else configured
    names = tuple(dict.fromkeys((*required, *more, *(name.strip() for name in asked))))
    given = session.attached(artifacts)
    check_names(SERVICE, (*names, *(d.name for d in given)), "domain")
    others = sorted({d.name for d in given} - set(names))
    shares = _shares([session.config.find("domains", name, "weight") or 1 for name in names])
    domains = tuple(
        Domain(name, _kinds(session, name), True, share) for name, share in zip(names, shares, strict=True)
    ) + tuple(Domain(name, _kinds(session, name), False, 0) for name in others)
    needed = tuple(
        Required(d.name, (), session.config.for_gate(session.gate, "max_age")) for d in domains if d.required
    )
    facts = {
        "domains": [
            {"name": d.name, "kinds": list(d.kinds), "required": d.required, "share": d.share} for d in domains
        ]
    }
    request = replace(
        session.ask(artifact, lambda _: {}),
        given=given,
        services=(Service(SERVICE, "domains", facts, f"{len(names)} required domains"),),
        required=needed,
        title=f"{artifact.replace('_', ' ').capitalize()} {session.subject.release}".rstrip(),
    )
    return request, domains


def check_names(own: str, names: Iterable[str], what: str) -> None:
    """Raise `UsageError` for names that evidence cannot have, and for the one that the gate's `own` evidence has."""
    for name in names:
        if not name.strip() or not name.isprintable() or len(name) > NAME_LIMIT:
            raise UsageError(f"{name[:80]!r} is not the name of a {what}", "use a short printable name")
        if name == own:
            raise UsageError(f"{name} is the name of the gate's own list", f"call the {what} something else")


def common_view(verdict: Verdict, domains: Sequence[Domain], level_rule: str, stem: str) -> dict[str, Any]:
    """The fields both gates share: score, level, blockers, domains, and what would raise the level next."""
    found = {e.name: e for e in verdict.evidence}
    rows: list[dict[str, Any]] = []
    blockers: list[str] = []
    warnings: list[str] = []
    score = 0
    for domain in domains:
        item = found.get(domain.name)
        passed = item is not None and verdict.result.item_passed(domain.name)
        score += domain.share if passed else 0
        if not passed:
            word = "missing" if item is None or item.state == "missing" else "not_passed"
            (blockers if domain.required else warnings).append(f"{domain.name}.{word}")
        rows.append(
            {
                "domain": domain.name,
                "path": item.uri if item else "",
                "kind": item.kind if item else "",
                "required": domain.required,
                "missing": item is None or item.state == "missing",
                "passed": passed,
                "sha256": item.sha256 if item else "",
                "summary": (item.summary or item.message) if item else "",
                "share": domain.share,
            }
        )
    named = {d.name for d in domains}
    blockers += [
        f.key or f.rule
        for f in verdict.result.denied
        if f.evidence not in named and f.rule != "evidence.required"
    ]
    told = verdict.result.values.get(level_rule, {})
    unproven = [str(name) for name in told.get("unproven", ())]
    return {
        "release": verdict.subject.release,
        "level": str(told.get("level", BLOCKED)) if verdict.passed else BLOCKED,
        "score": score,
        "blockers": list(dict.fromkeys(blockers)),
        "warnings": warnings,
        "required_domains": [d.name for d in domains if d.required],
        "next": _next(rows, domains, unproven),
        "output_dir": verdict.output_dir,
        "json_path": f"{verdict.output_dir}/{stem}.json",
        "markdown_path": f"{verdict.output_dir}/{stem}.md",
        "items": rows,
    }


def sections(rows: Sequence[Mapping[str, Any]], raising: Sequence[Mapping[str, Any]]) -> list[str]:
    """The Markdown of the domains, and of what to bring next."""
    from dpone.reports.markdown import table

    told = [
        (r["domain"], "passed" if r["passed"] else "not passed", r["share"], r["kind"], r["path"]) for r in rows
    ]
    lines = ["## Domains", "", *table(("domain", "stands", "share", "kind", "file"), told), ""]
    if raising:
        head = ("domain", "gains", "because it is", "do")
        lines += ["## What would raise the level next", ""]
        lines += table(head, [(r["domain"], r["gain"], r["why"].replace("_", " "), r["do"]) for r in raising])
        lines.append("")
    return lines


def _next(
    rows: Sequence[Mapping[str, Any]], domains: Sequence[Domain], unproven: Sequence[str]
) -> list[dict[str, Any]]:
    """The required domains that do not stand, those that would gain most first; then those that stand and are not
    proven."""
    kinds = {d.name: list(d.kinds) for d in domains}
    wanted = [r for r in rows if r["required"] and (not r["passed"] or r["domain"] in unproven)]
    ordered = sorted(wanted, key=lambda r: (r["passed"], -r["share"], r["domain"]))
    return [_raising(r, kinds[r["domain"]]) for r in ordered]


def _raising(row: Mapping[str, Any], kinds: list[str]) -> dict[str, Any]:
    name = row["domain"]
    if row["passed"]:
        why, do = "not_proven", f"seal it where it is made: dpone evidence seal {name}=PATH --release RELEASE"
    else:
        why = "missing" if row["missing"] else "not_passed"
        do = f"give good evidence: --artifact {name}=PATH" + (f" ({', '.join(kinds)})" if kinds else "")
    return {"domain": name, "gain": 0 if row["passed"] else row["share"], "why": why, "do": do, "kinds": kinds}


def _kinds(session: Session, name: str) -> tuple[str, ...]:
    return tuple(session.config.find("domains", name, "kinds") or ())


def _shares(weights: Sequence[int]) -> list[int]:
    """Weights as whole shares of 100, by largest remainder; the first of equal ones gets the odd point."""
    total = sum(weights) or 1
    shares = [100 * weight // total for weight in weights]
    rest = sorted(range(len(weights)), key=lambda i: (-(100 * weights[i] % total), i))
    for place in rest[: 100 - sum(shares)] if weights else []:
        shares[place] += 1
    return shares
