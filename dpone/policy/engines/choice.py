"""Which engine was chosen, what vouches for it, and starting it."""

from __future__ import annotations

from typing import Literal

from dpone.policy.engines.interface import Engine, EngineTrust
from dpone.record import dataclass

EngineName = Literal["regopy", "opa", "opa-server"]
ENGINE_NAMES: tuple[EngineName, ...] = ("regopy", "opa", "opa-server")


@dataclass(frozen=True)
class EngineChoice:
    """An engine as dpone.yaml describes it. For `opa`: the path of the `binary` (empty: the first `opa` in a
    folder of `search`, a PATH) and the `sha256` (hex) it must have, or empty. For `opa-server`: its `url`."""

    name: EngineName = "regopy"
    binary: str = ""
    sha256: str = ""
    url: str = ""
    search: str = ""

    @property
    def trust(self) -> EngineTrust:
        """What stands behind the answers of this engine."""
        if self.name == "regopy":
            return "embedded"
        if self.name == "opa":
            return "pinned" if self.sha256 else "local"
        return "read_back" if _is_private(self.url) else "local"


def start_engine(choice: EngineChoice, deadline_seconds: float) -> Engine:
    """Start an engine without waiting for it. What keeps OPA from answering is raised when it is asked;
    only the embedded engine raises `EngineFault` here."""
    if choice.name == "opa":
        from dpone.policy.engines.opa_engine import OpaEngine

        return OpaEngine(choice.binary, choice.sha256, choice.search, deadline_seconds)
    if choice.name == "opa-server":
        from dpone.policy.engines.opa_server import OpaServerEngine

        return OpaServerEngine(choice.url, choice.trust, deadline_seconds)
    from dpone.policy.engines.regopy_engine import RegopyEngine

    return RegopyEngine(deadline_seconds)


def _is_private(url: str) -> bool:
    """Whether nobody on the way can change what is said: this machine itself, or TLS."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme == "https" or host in ("localhost", "::1") or _is_loopback(host)


def _is_loopback(host: str) -> bool:
    """Whether a host is an IPv4 address of this machine itself; `127.example.com` is none."""
    numbers = host.split(".")
    return len(numbers) == 4 and numbers[0] == "127" and all(n.isdigit() and int(n) < 256 for n in numbers)
