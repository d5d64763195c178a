"""An OPA server as an engine: it is given the layer, the layer is read back, and only then it is asked.

Everything lies below a random name, beside whatever else the server holds, and is removed at the end.
Any answer that OPA's REST API does not document is a fault.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dpone.policy.engines import canary
from dpone.policy.engines.interface import Data, EngineFault, EngineTrust, Modules, Names
from dpone.policy.engines.opa_namespace import asking, below
from dpone.policy.engines.opa_query import check_canary, checked_input, read_values
from dpone.policy.engines.opa_rest import ANSWER_LIMIT, OpaRest

ASKING = "dpone_asking"
"""The package below the prefix that holds the entry points, each in a list."""


class OpaServerEngine:
    """See `dpone.policy.engines.interface.Engine`. `trust` is what the connection is worth; one exchange
    may take `deadline_seconds` and answer at most `answer_limit` bytes. How much memory the server uses is
    the server's own limit."""

    name = "opa-server"
    sha256 = ""

    def __init__(
        self, url: str, trust: EngineTrust, deadline_seconds: float, answer_limit: int = ANSWER_LIMIT
    ) -> None:
        self._rest = OpaRest(url, deadline_seconds, answer_limit)
        self.trust: EngineTrust = trust
        self._version = ""
        self._held: _Held | None = None
        self._given: tuple[Mapping[str, str], Mapping[str, Any], tuple[str, ...]] = ({}, {}, ())
        self._wanted = False
        self._refused: EngineFault | None = None
        self._ended: EngineFault | None = None

    @property
    def deadline_seconds(self) -> float:
        """The longest one exchange may take."""
        return self._rest.seconds

    @deadline_seconds.setter
    def deadline_seconds(self, seconds: float) -> None:
        self._rest.seconds = seconds

    @property
    def version(self) -> str:
        """The version the server says it has. Asks the canary first."""
        self._ready()
        return self._version

    @property
    def canary(self) -> str:
        """The digest of the canary's questions and answers."""
        return canary.digest()

    def load(self, modules: Modules, data: Data, entrypoints: Names) -> None:
        """Keep a layer for the next question; see the interface."""
        if self._ended:
            raise self._ended
        self._wanted, self._given, self._refused = True, ({}, {}, ()), None
        self.add(modules, data, entrypoints)

    def add(self, modules: Modules, data: Data, entrypoints: Names) -> None:
        """Keep a further part for the next question; see the interface. The parts of a layer have their data in
        common."""
        if self._ended:
            raise self._ended
        known, _, asked = self._given
        self._wanted, self._given = True, ({**known, **modules}, dict(data), (*asked, *entrypoints))

    def wait(self) -> None:
        """Give the server what was loaded."""
        self._ready()
        if self._refused:
            raise self._refused
        if not self._wanted:
            return
        self._forget()
        self._wanted = False
        modules, data, entrypoints = self._given
        self._held = _Held(self._rest, entrypoints)
        try:
            self._held.put(modules, data)
        except EngineFault as fault:
            self._refused = self._kept(self._held.plain(fault))
            raise self._refused from None

    def evaluate(self, input_text: str, entrypoints: Sequence[str] | None = None) -> dict[str, Any]:
        """Judge one canonical JSON document; see the interface."""
        self.wait()
        if self._held is None:
            raise EngineFault("load", f"{self._rest.what}: nothing is loaded")
        try:
            return self._held.ask(checked_input(input_text), entrypoints)
        except EngineFault as fault:
            raise self._kept(self._held.plain(fault)) from None

    def begin(self, input_text: str) -> Callable[[], dict[str, Any]]:
        """Judge it when the answers are wanted; see the interface."""
        return lambda: self.evaluate(input_text)

    def close(self) -> None:
        """Remove what the server was given."""
        self._forget()
        self._ended = EngineFault("crash", "the engine was closed")

    def __enter__(self) -> OpaServerEngine:  # noqa: PYI034 - typing.Self is newer than Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ready(self) -> None:
        """The canary, once."""
        if self._ended:
            raise self._ended
        if self._version:
            return
        held = _Held(self._rest, canary.ENTRYPOINTS)
        try:
            version = self._rest.version()
            held.put({canary.MODULE_PATH: canary.MODULE}, canary.DATA)
            values = held.ask(canary.input_text().encode(), None)
            check_canary(values, f"{self._rest.what} (version {version})")
        except EngineFault as fault:
            self._ended = held.plain(fault)
            raise self._ended from None
        finally:
            held.remove()
        self._version = version

    def _kept(self, fault: EngineFault) -> EngineFault:
        """A fault after which the engine stays unusable is kept."""
        if fault.fault in ("crash", "deadline", "memory"):
            self._ended = fault
        return fault

    def _forget(self) -> None:
        if self._held:
            self._held.remove()
        self._held = None


class _Held:
    """One layer in the server, below a name that nobody can have used before."""

    def __init__(self, rest: OpaRest, entrypoints: Sequence[str]) -> None:
        self._rest, self._entrypoints = rest, tuple(entrypoints)
        self._prefix = f"dpone_{secrets.token_hex(16)}"
        self._policies: list[str] = []
        self._has_data = False

    def put(self, modules: Mapping[str, str], data: Mapping[str, Any]) -> None:
        """Give the server data and modules, and read everything back."""
        self._has_data = True
        self._rest.put_data(self._prefix, data)
        if _canonical(self._rest.data(self._prefix)) != _canonical(data):
            raise self._other("the data")
        given = below(modules, self._prefix)
        given.append((ASKING, asking(self._entrypoints, self._prefix, ASKING)))
        for package, text in given:
            identity = f"{self._prefix}/{package.replace('.', '/')}.rego"
            self._policies.append(identity)
            self._rest.put_policy(identity, text)
        for identity, (package, text) in zip(self._policies, given, strict=True):
            if self._rest.policy(identity) != text:
                raise self._other(f"the policy {package}")

    def ask(self, given: bytes, entrypoints: Sequence[str] | None) -> dict[str, Any]:
        """The values of entry points for an input."""
        if entrypoints is None:
            path, names = f"{self._prefix}/{ASKING}", self._entrypoints
            found = self._rest.ask(path, given)
        else:
            names = tuple(entrypoints)
            numbers = [f"e{self._entrypoints.index(name)}" for name in names if name in self._entrypoints]
            if len(numbers) != len(names):
                raise EngineFault("undefined", "an entry point was asked that was not loaded")
            found = {n: self._rest.ask(f"{self._prefix}/{ASKING}/{n}", given) for n in numbers}
        wanted = {f"e{self._entrypoints.index(name)}": name for name in names}
        values = read_values(found, tuple(wanted), self._rest.what)
        return {wanted[number]: value for number, value in values.items()}

    def remove(self) -> None:
        """Take everything away again, what refers to others first."""
        for identity in reversed(self._policies):
            self._rest.delete("policies", identity)
        if self._has_data:
            self._rest.delete("data", self._prefix)
        self._policies, self._has_data = [], False

    def plain(self, fault: EngineFault) -> EngineFault:
        """A fault without the random name, so that the same fault reads the same twice."""
        message = re.sub(rf"{self._prefix}[./]?", "", fault.message)
        return EngineFault(fault.fault, message, fault.advice)

    def _other(self, what: str) -> EngineFault:
        return EngineFault(
            "malformed",
            f"{self._rest.what} does not hold {what} it was given",
            "something else writes to this server: give dpone one of its own",
        )


def _canonical(value: Any) -> bytes:
    from dpone.canonical import canonical_bytes

    return canonical_bytes(value)
