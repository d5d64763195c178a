"""OPA's REST API, spoken plainly: no redirects, no proxies, one deadline for a whole exchange, one limit of bytes."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlsplit

from dpone.policy.engines.interface import EngineFault
from dpone.policy.engines.opa_query import error_fault, read_json

ANSWER_LIMIT = 64_000_000
"""Bytes of one answer."""
_CHUNK = 65536


class OpaRest:
    """One server. Every call raises `EngineFault` for anything but the answer the API documents."""

    def __init__(self, url: str, seconds: float, limit: int = ANSWER_LIMIT) -> None:
        self._parts = urlsplit(url)
        self.seconds, self._limit = seconds, limit
        self.what = f"the OPA server at {self._parts.netloc}"

    def put_policy(self, identity: str, text: str) -> None:
        """Store a module."""
        self._good(*self._send("PUT", f"/v1/policies/{quote(identity)}", text.encode(), "text/plain"))

    def policy(self, identity: str) -> str:
        """The text of a stored module, as the server has it."""
        found = self._result(*self._send("GET", f"/v1/policies/{quote(identity)}"))
        text = found.get("raw") if isinstance(found, dict) else None
        if not isinstance(text, str):
            raise EngineFault("malformed", f"{self.what} gives no text for a policy")
        return text

    def put_data(self, path: str, value: Any) -> None:
        """Store a document."""
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        self._good(*self._send("PUT", f"/v1/data/{quote(path)}", text.encode()))

    def data(self, path: str) -> Any:
        """A document, base and virtual, without an input."""
        return self._result(*self._send("GET", f"/v1/data/{quote(path)}"))

    def ask(self, path: str, given: bytes) -> Any:
        """The document at `path` for an input (JSON bytes); failing built-ins are errors."""
        target = f"/v1/data/{quote(path)}?strict-builtin-errors=true"
        return self._result(*self._send("POST", target, b'{"input": ' + given + b"}"))

    def version(self) -> str:
        """The version the server says it has; `unknown` where it answers no such question."""
        query = b'{"query": "x := object.get(opa.runtime(), \\"version\\", \\"\\")"}'
        try:
            found = self._result(*self._send("POST", "/v1/query", query))
            return str(found[0]["x"])[:100] or "unknown"
        except EngineFault as fault:
            if fault.fault in ("crash", "deadline"):
                raise
        except (LookupError, TypeError):
            pass
        return "unknown"

    def delete(self, kind: str, path: str) -> None:
        """Remove a policy or a document; whether that worked is not asked."""
        with suppress(EngineFault):
            self._send("DELETE", f"/v1/{kind}/{quote(path)}")

    def _result(self, status: int, body: bytes) -> Any:
        found = self._good(status, body)
        if not isinstance(found, dict) or "result" not in found:
            raise EngineFault("malformed", f"{self.what} gives no result")
        return found["result"]

    def _good(self, status: int, body: bytes) -> Any:
        """The JSON of an answer, None where a success has no body."""
        if status in (200, 204) and not body:
            return None
        if status == 200:
            return read_json(body, self.what)
        found: Any = None
        with suppress(EngineFault):
            found = read_json(body, self.what)
        if isinstance(found, dict) and isinstance(found.get("code"), str):
            raise error_fault(found.get("errors") or [found], self.what)
        raise EngineFault("malformed", f"{self.what} answers {status}, which is none of OPA's answers")

    def _send(
        self, method: str, target: str, body: bytes | None = None, kind: str = "application/json"
    ) -> tuple[int, bytes]:
        """One exchange on a connection of its own. A timer ends it: a server that sends a byte now and then
        would outlast any timeout of the socket."""
        import http.client

        host, port = self._parts.hostname or "", self._parts.port
        made = http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
        connection = made(host, port, timeout=self.seconds)
        late = threading.Event()

        def end() -> None:
            late.set()
            with suppress(OSError, AttributeError):
                connection.sock.shutdown(2)

        timer = threading.Timer(self.seconds, end)
        timer.daemon = True
        timer.start()
        try:
            headers = {"Content-Type": kind, "Connection": "close", "Accept-Encoding": "identity"}
            connection.request(method, self._parts.path.rstrip("/") + target, body, headers)
            with connection.getresponse() as response:
                return response.status, self._read(response)
        except EngineFault:
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            if late.is_set() or isinstance(error, TimeoutError):
                raise EngineFault("deadline", f"{self.what} gave no answer within {self.seconds:g} s") from None
            raise EngineFault(
                "crash",
                f"{self.what} cannot be asked: {error or type(error).__name__}",
                "start it, or correct engine in dpone.yaml",
            ) from None
        finally:
            timer.cancel()
            connection.close()

    def _read(self, response: Any) -> bytes:
        body = bytearray()
        while chunk := response.read(_CHUNK):
            body += chunk
            if len(body) > self._limit:
                raise EngineFault("malformed", f"{self.what} sends more than {self._limit} bytes")
        return bytes(body)
