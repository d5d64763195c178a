"""Who allows a difference: an entry of the configuration, a path from the command line, or nobody any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from dpone.config.allowances import Allowance
from dpone.config.flat_paths import is_exact, matches
from dpone.data.secrets.redact import redact
from dpone.record import dataclass

NOTHING = "nothing"
CLASSES = (NOTHING, "expired", "command_line", "config")
CONFIG, COMMAND_LINE = "dpone.yaml", "command line"
_SHOWN = 200


@dataclass(frozen=True)
class Entry:
    """One entry as it is reported: where it stands, whether it still counts, and how many differences it
    covered. Texts are without secrets."""

    path: str
    origin: str
    owner: str
    reason: str
    expires: str
    state: Literal["active", "expired"]
    used: int

    def fact(self) -> dict[str, Any]:
        """The row of the facts and of the artifact."""
        return {
            "path": self.path,
            "origin": self.origin,
            "owner": self.owner,
            "reason": self.reason,
            "expires": self.expires,
            "state": self.state,
            "used": self.used,
        }


class Allowlist:
    """All entries of a run, and how often each was used."""

    def __init__(self, allow: Sequence[Allowance], exact: Sequence[str], now: datetime) -> None:
        self._allow = tuple(allow)
        self._live = [now < entry.until for entry in self._allow]
        self._exact = dict.fromkeys(exact, 0)
        self._used = [0] * len(self._allow)
        self._by_path = {e.steps: n for n, e in enumerate(self._allow) if is_exact(e.steps)}
        self._patterns = [(n, e.steps) for n, e in enumerate(self._allow) if not is_exact(e.steps)]

    def ask(self, path: str, steps: tuple[str, ...], *, differs: bool) -> tuple[str, str]:
        """The class of a place (one of `CLASSES`) and a sentence about its entry. A live entry of the
        configuration counts before the command line, and both before an expired one."""
        found = [n for n, pattern in self._patterns if matches(pattern, steps)]
        if steps in self._by_path:
            found.insert(0, self._by_path[steps])
        if differs:
            for number in found:
                self._used[number] += 1
            if path in self._exact:
                self._exact[path] += 1
        live = next((n for n in found if self._live[n]), None)
        if live is not None:
            return "config", _sentence(self._allow[live], "allowed by {} until {}")
        if path in self._exact:
            return "command_line", "allowed by --allowlist-path"
        if found:
            return "expired", _sentence(self._allow[found[0]], "was allowed by {} until {}")
        return NOTHING, ""

    def entries(self) -> tuple[Entry, ...]:
        """Every entry with its use, those of the configuration first, in their order."""
        rows = [
            Entry(
                _shown(e.path), CONFIG, _shown(e.owner), _shown(e.reason), e.expires,
                "active" if live else "expired", used,
            )
            for e, live, used in zip(self._allow, self._live, self._used, strict=True)
        ]  # fmt: skip
        rows += [Entry(_shown(path), COMMAND_LINE, "", "", "", "active", n) for path, n in self._exact.items()]
        return tuple(rows)


def _sentence(entry: Allowance, template: str) -> str:
    return template.format(_shown(entry.owner), entry.expires)


def _shown(text: str) -> str:
    clean = redact(text)
    return clean if len(clean) <= _SHOWN else f"{clean[:_SHOWN]}..."
