"""Programs and servers that are not the OPA they should be: every one of them is a fault in time, none a value.

No OPA is needed here: the programs are scripts, the server is a few lines that can answer like one.
"""

from __future__ import annotations

import gc
import http.server
import json
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from dpone.policy.engines import canary
from dpone.policy.engines.choice import EngineChoice
from dpone.policy.engines.interface import EngineFault
from dpone.policy.engines.opa_engine import OpaEngine
from dpone.policy.engines.opa_namespace import below
from dpone.policy.engines.opa_program import file_digest, find_binary
from dpone.policy.engines.opa_server import OpaServerEngine

MODULES = {"t.rego": "package t\n\nimport rego.v1\n\np := 1\n"}


def program(folder: Path, body: str) -> str:
    """A program that runs these lines of Python, whatever it is asked."""
    script = folder / "fake.py"
    script.write_text(f"import json, os, signal, sys, time\n{body}\n")
    if os.name == "nt":
        path = folder / "opa.cmd"
        path.write_text(f'@"{sys.executable}" "{script}" %*\n')
    else:
        path = folder / "opa"
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')
        path.chmod(0o700)
    return str(path)


def fault_of(engine: OpaEngine | OpaServerEngine) -> EngineFault:
    """The fault in which loading a layer and asking it ends; the engine says it again when asked again."""
    try:
        with pytest.raises(EngineFault) as caught:  # noqa: PT012 - an engine may say it at either
            engine.load(MODULES, {}, ["t/p"])
            engine.evaluate("{}")
        with pytest.raises(EngineFault):
            engine.evaluate("{}")
    finally:
        engine.close()
    return caught.value


def answer(values: object, version: object = "1.2.3") -> str:
    """What `opa eval` prints for a query of the canary and the version."""
    return json.dumps({"result": [{"expressions": [{"value": [values, version]}]}]})


RIGHT: dict[str, Any] = {f"dpone/canary/{name}": [value] for name, value in canary.RULES}
RIGHT["dpone/canary/answers"] = [[value for _, value in canary.EXPRESSIONS]]

PROGRAMS = {
    "it prints nothing": ("pass", "malformed"),
    "it prints words": ("print('allowed: true')", "malformed"),
    "it prints half an answer": (f"print({answer(RIGHT)[:-9]!r})", "malformed"),
    "it prints two answers": (f"print({answer(RIGHT)!r}); print({answer(RIGHT)!r})", "malformed"),
    "it prints a number that is none": ("print('{\"result\": NaN}')", "malformed"),
    "it prints what is nested too deep": ("print('[' * 200000)", "malformed"),
    "it prints a bare true": ("print('true')", "malformed"),
    "it prints no result": ("print('{}')", "malformed"),
    "it prints an empty result": ("print('{\"result\": []}')", "malformed"),
    "it prints something beside the result": (f"print({answer(RIGHT)[:-1]!r} + ', \"x\": 1}}')", "malformed"),
    "it prints other entry points": (f"print({answer({'t/p': [1]})!r})", "malformed"),
    "it gives two values for one": (f"print({answer({k: [1, 1] for k in RIGHT})!r})", "malformed"),
    "it has no version": (f"print({answer(RIGHT, 3)!r})", "malformed"),
    "it answers the canary wrongly": (f"print({answer({**RIGHT, 'dpone/canary/none_above': [['x']]})!r})", "canary"),
    "it leaves a canary out": (f"print({answer({**RIGHT, 'dpone/canary/answers': []})!r})", "canary"),
    "it defines what is undefined": (f"print({answer({**RIGHT, 'dpone/canary/undefined': [[True]]})!r})", "canary"),
    "it prints errors and ends well": ("print('{\"errors\": [{\"message\": \"x\"}]}')", "evaluation"),
    "it ends with a status": ("print('{}'); sys.exit(1)", "crash"),
    "it is right and ends with a status": (f"print({answer(RIGHT)!r}); sys.exit(4)", "crash"),
    "it hangs": ("time.sleep(60)", "deadline"),
    "it closes its output and hangs": ("os.close(1); os.close(2); time.sleep(60)", "deadline"),
    "it prints without end": ("while True: print('x' * 100000)", "malformed"),
    "it complains without end": ("while True: sys.stderr.write('x' * 100000)", "malformed"),
    "it eats memory": ("x = bytearray(400_000_000)\nfor i in range(0, len(x), 4096): x[i] = 1\ntime.sleep(60)", "memory"),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_that_is_not_opa_is_a_fault(tmp_path: Path, name: str) -> None:
    """Within its deadline, and it stays one."""
    body, expected = PROGRAMS[name]
    began = time.monotonic()
    # One that must hang gets little time; the others enough for a slow machine to start Python.
    seconds = 1.5 if expected == "deadline" else 30.0
    engine = OpaEngine(
        program(tmp_path, body), deadline_seconds=seconds, memory_limit=200_000_000, output_limit=2_000_000
    )
    found = fault_of(engine)
    assert found.fault == expected, found
    assert time.monotonic() - began < 30
    assert found.exit_status == 3


@pytest.mark.skipif(os.name == "nt", reason="there are no signals to end by")
def test_a_program_that_is_killed_is_a_crash(tmp_path: Path) -> None:
    """A signal from outside is no answer."""
    assert fault_of(OpaEngine(program(tmp_path, "os.kill(os.getpid(), signal.SIGSEGV)"))).fault == "crash"


def test_a_child_that_keeps_the_output_open_does_not_hold_anybody_up(tmp_path: Path) -> None:
    """The program is gone and something it left behind still has the pipe: no answer, in time."""
    began = time.monotonic()
    left = (
        "import subprocess; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(8)']); print('{}')"
    )
    assert fault_of(OpaEngine(program(tmp_path, left), deadline_seconds=20)).fault in ("deadline", "malformed")
    assert time.monotonic() - began < 8


def test_another_digest_is_refused_before_anything_runs(tmp_path: Path) -> None:
    """The pinned digest is held against the file, and what is not it is never started."""
    path = program(tmp_path, f"open({str(tmp_path / 'ran')!r}, 'w')")
    found = fault_of(OpaEngine(path, sha256="0" * 64))
    assert found.fault == "load"
    assert "opa.sha256 names 0000000000000000" in found.message
    assert not (tmp_path / "ran").exists()


def test_the_pinned_digest_may_be_written_in_capitals(tmp_path: Path) -> None:
    """A digest is a number, not a text."""
    path = program(tmp_path, f"print({answer(RIGHT)!r})")
    engine = OpaEngine(path, sha256=file_digest(path).upper())
    assert (engine.version, engine.sha256, engine.trust) == ("1.2.3", file_digest(path), "pinned")
    engine.close()


def test_no_program_is_a_fault_with_advice(tmp_path: Path) -> None:
    """Neither at the path dpone.yaml names, nor on the PATH."""
    for engine in (OpaEngine(str(tmp_path / "opa")), OpaEngine(str(tmp_path)), OpaEngine(search=str(tmp_path))):
        found = fault_of(engine)
        assert found.fault == "load"
        assert "opa.binary" in found.advice


def test_folders_that_are_not_absolute_are_not_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that lies in the project is not one that was installed."""
    program(tmp_path, "pass")
    monkeypatch.chdir(tmp_path)
    for search in (".", "", os.pathsep, f".{os.pathsep}bin"):
        with pytest.raises(EngineFault):
            find_binary("", search)


def test_the_program_sees_no_environment_and_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither keys nor the folder of the caller; and the folder is gone afterwards."""
    monkeypatch.setenv("DPONE_SIGNING_KEY", "secret")
    seen = tmp_path / "seen.json"
    body = f"json.dump([dict(os.environ), os.getcwd()], open({str(seen)!r}, 'w'))\nprint({answer(RIGHT)!r})"
    engine = OpaEngine(program(tmp_path, body))
    assert engine.version == "1.2.3"
    engine.close()
    environment, folder = json.loads(seen.read_text())
    allowed = {
        "GOMEMLIMIT",
        "SYSTEMROOT",
        "LC_CTYPE",
        "PWD",
        "SHLVL",
        "_",
        "OLDPWD",
        "COMSPEC",
        "PATHEXT",
        "PROMPT",
    }
    assert {name.upper() for name in environment} <= allowed
    assert not Path(folder).exists()


def test_module_paths_cannot_leave_the_folder(tmp_path: Path) -> None:
    """What a stored decision calls its modules is no path for the engine."""
    engine = OpaEngine(program(tmp_path, f"print({answer(RIGHT)!r})"))
    engine.load({"../../escaped.rego": "package t", str(tmp_path / "there.rego"): "package u"}, {}, ["t/p"])
    engine.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        {"fake.py", "opa.cmd" if os.name == "nt" else "opa"}
    )


# servers


class Fake:
    """A server that keeps what it is given and knows the canary. `twist` may answer in its place: it gets the
    request's line (`GET /v1/…`) and the right answer, and returns a status and body, or None to hang up."""

    def __init__(self, twist: Callable[[str, int, bytes], tuple[int, bytes] | None] | None = None) -> None:
        self.twist = twist or (lambda _, status, body: (status, body))
        self.policies: dict[str, str] = {}
        self.data: dict[str, Any] = {}
        self.asked: list[str] = []

    def answer(self, line: str, body: bytes) -> tuple[int, bytes]:
        """What OPA would say."""
        method, _, path = line.partition(" ")
        kind, _, name = path.split("?")[0].removeprefix("/v1/").partition("/")
        if method == "PUT":
            if kind == "policies":
                self.policies[name] = body.decode()
            else:
                self.data[name] = json.loads(body)
            return (200, b"{}") if kind == "policies" else (204, b"")
        if method == "DELETE":
            (self.policies if kind == "policies" else self.data).pop(name, None)
            return 200, b"{}"
        if kind == "query":
            return 200, b'{"result": [{"x": "1.2.3"}]}'
        if method == "GET":
            found: Any = {"raw": self.policies.get(name)} if kind == "policies" else self.data.get(name)
            return 200, json.dumps({"result": found}).encode()
        is_canary = any("/canary" in policy for policy in self.policies)
        names = canary.ENTRYPOINTS if is_canary else ["t/p"]
        values = RIGHT if is_canary else {"t/p": [1]}
        return 200, json.dumps({"result": {f"e{n}": values[name] for n, name in enumerate(names)}}).encode()


@contextmanager
def served(fake: Fake) -> Iterator[str]:
    """The fake behind an address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            line = f"{self.command} {self.path}"
            fake.asked.append(line)
            told = fake.twist(line, *fake.answer(line, body))
            if told is None:
                self.close_connection = True
                return
            self.send_response(told[0])
            self.send_header("Content-Length", str(len(told[1])))
            if told[0] == 302:
                self.send_header("Location", "/v1/data/elsewhere")
            self.end_headers()
            with suppress(OSError):  # a client that has given up
                self.wfile.write(told[1])

        do_GET = do_PUT = do_POST = do_DELETE = handle_any  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_the_fake_server_passes_for_one() -> None:
    """It answers the canary and a rule, so that what follows fails for its one twist and nothing else; and
    nothing is left in it."""
    fake = Fake()
    with served(fake) as url:
        engine = OpaServerEngine(url, "read_back", 10)
        engine.load(MODULES, {"a": 1}, ["t/p"])
        assert engine.evaluate("{}") == {"t/p": 1}
        assert engine.version == "1.2.3"
        engine.close()
    assert (fake.policies, fake.data) == ({}, {})


def on(start: str, answer: Callable[[int, bytes], tuple[int, bytes] | None]) -> Callable[..., Any]:
    """A twist of the answers to requests whose line begins so."""
    return lambda line, status, body: answer(status, body) if line.startswith(start) else (status, body)


def late(_: int, body: bytes) -> tuple[int, bytes]:
    """An answer that comes too late."""
    time.sleep(3)
    return 200, body


LAYER_ANSWER = b'{"result": {"e0": [1]}}'
SERVERS = {
    "it answers words": (on("POST /v1/data", lambda *_: (200, b"allowed: true")), "malformed"),
    "it answers nothing": (on("POST /v1/data", lambda *_: (200, b"")), "malformed"),
    "it answers true": (on("POST /v1/data", lambda *_: (200, b'{"result": true}')), "malformed"),
    "it has no result": (on("POST /v1/data", lambda *_: (200, b"{}")), "malformed"),
    "it answers one value less": (on("POST /v1/data", lambda *_: (200, b'{"result": {"e0": [1]}}')), "malformed"),
    "it gives bare values": (on("POST /v1/data", lambda *_: (200, b'{"result": {"e0": 1}}')), "malformed"),
    "it answers the canary wrongly": (on("POST /v1/data", lambda s, b: (s, b.replace(b"23", b"24"))), "canary"),
    "it fails": (on("POST /v1/data", lambda *_: (500, b"<h1>Error</h1>")), "malformed"),
    "it is another service": (lambda *_: (404, b"not found"), "malformed"),
    "it sends elsewhere": (on("POST /v1/data", lambda *_: (302, b"")), "malformed"),
    "it asks who we are": (lambda *_: (401, b'{"code": "unauthorized", "message": "no"}'), "evaluation"),
    "it takes no policies": (
        on("PUT /v1/policies", lambda *_: (400, b'{"code": "invalid_parameter", "message": "owned by bundle x"}')),
        "load",
    ),
    "it takes no data": (on("PUT /v1/data", lambda *_: (404, b'{"code": "x", "message": "no"}')), "evaluation"),
    "it holds other policies": (on("GET /v1/policies", lambda s, b: (s, b.replace(b":=", b"!="))), "malformed"),
    "it forgets policies": (on("GET /v1/policies", lambda *_: (200, b'{"result": null}')), "malformed"),
    "it holds other data": (on("GET /v1/data", lambda *_: (200, b'{"result": {"dpone": {}}}')), "malformed"),
    "it hangs up": (on("POST /v1/data", lambda *_: None), "crash"),
    "it hangs up at once": (lambda *_: None, "crash"),
    "it is late": (on("POST /v1/data", late), "deadline"),
    "it sends too much": (on("POST /v1/data", lambda *_: (200, b" " * 3_000_000)), "malformed"),
}  # fmt: skip


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_that_answers_otherwise_is_a_fault(name: str) -> None:
    """Whatever is not one of OPA's answers decides nothing."""
    twist, expected = SERVERS[name]
    with served(Fake(twist)) as url:
        found = fault_of(OpaServerEngine(url, "read_back", 1.0 if expected == "deadline" else 20.0, 1_000_000))
    assert found.fault == expected, found


def test_no_connection_stays_open_to_a_server_that_sends_too_much() -> None:
    """What was not read to its end is closed as well."""
    twist, _ = SERVERS["it sends too much"]
    with served(Fake(twist)) as url, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        fault_of(OpaServerEngine(url, "read_back", 20.0, 1_000_000))
        gc.collect()
    assert [str(one.message) for one in told if issubclass(one.category, ResourceWarning)] == []


def test_a_server_that_changes_its_mind_after_the_canary_is_a_fault() -> None:
    """What was read back for the canary says nothing about the layer."""
    fake = Fake()

    def twist(line: str, status: int, body: bytes) -> tuple[int, bytes]:
        is_layer = line.startswith("GET /v1/policies") and not any("/canary" in name for name in fake.policies)
        return status, body.replace(b":= 1", b":= 2") if is_layer else body

    fake.twist = twist
    with served(fake) as url:
        found = fault_of(OpaServerEngine(url, "read_back", 20))
    assert found.fault == "malformed"
    assert "does not hold the policy t" in found.message
    assert sum(line.startswith("POST /v1/data") for line in fake.asked) == 1, "only the canary was asked"


def test_a_server_that_sends_a_byte_now_and_then_meets_the_deadline() -> None:
    """Each byte is in time for a socket, the answer is not."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listening:
        stop = threading.Event()

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                while not stop.wait(0.1):
                    try:
                        connection.sendall(b"H")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        began = time.monotonic()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        assert fault_of(OpaServerEngine(url, "read_back", 1.5)).fault in ("deadline", "crash")
        assert time.monotonic() - began < 5
        stop.set()
        thread.join()


def test_no_server_is_a_fault_with_advice() -> None:
    """Nobody listens there."""
    found = fault_of(OpaServerEngine("http://127.0.0.1:9", "read_back", 5))
    assert found.fault == "crash"
    assert "start it" in found.advice


TRUSTED = {
    "http://127.0.0.1:8181": "read_back",
    "http://localhost:8181/base": "read_back",
    "http://[::1]:8181": "read_back",
    "https://opa.example.com": "read_back",
    "http://opa.example.com": "local",
    "http://127.example.com": "local",
    "http://127.0.0.1.example.com": "local",
    "http://10.0.0.1:8181": "local",
}


@pytest.mark.parametrize("url", TRUSTED)
def test_a_server_behind_an_open_connection_is_trusted_no_further_than_this_machine(url: str) -> None:
    """Reading back proves nothing where somebody on the way can change what is said."""
    assert EngineChoice("opa-server", url=url).trust == TRUSTED[url]


MOVED = {
    "an import": ("import data.a.b\n\nq := b.x", "import data.P.a.b"),
    "an import under another name": ("import data.a.b as c\n\nq := c.x", "import data.P.a.b as c"),
    "a reference": ("q := data.a.b", "q := data.P.a.b"),
    "two on a line": ("q := [data.a, data.b]", "q := [data.P.a, data.P.b]"),
    "a key of that name": ("q := input.data.data", "q := input.data.data"),
    "a text": ('q := "data.a"', 'q := "data.a"'),
    "a comment": ("# data.a\nq := 1", "# data.a\nq := 1"),
    "an argument": ("q if f(data.a)\n\nf(x) if x", "q if f(data.P.a)"),
}


@pytest.mark.parametrize("name", MOVED)
def test_a_module_below_a_prefix_means_the_same(name: str) -> None:
    """Every reference to `data` moves, and nothing that only looks like one."""
    text, wanted = MOVED[name]
    ((package, moved),) = below({"t.rego": f"package t\n\nimport rego.v1\n\n{text}\n"}, "P")
    assert package == "t"
    assert moved.startswith("package P.t\n\nimport rego.v1\n")
    assert wanted in moved
    assert moved.count("P.") == wanted.count("P.") + 1


def test_packages_come_after_those_they_import_and_a_ring_is_refused() -> None:
    """A server builds after each module it is given."""

    def module(package: str, *imports: str) -> str:
        return "\n\n".join(
            (f"package {package}", "import rego.v1", *(f"import data.{i}" for i in imports), "q := 1")
        )

    texts = {
        "1.rego": module("a", "b"),
        "2.rego": module("b", "c.d"),
        "3.rego": module("c.d"),
        "4.rego": module("b"),
    }
    assert [package for package, _ in below(texts, "P")] == ["c.d", "b", "a"]
    with pytest.raises(EngineFault) as caught:
        below({"1.rego": module("a", "b"), "2.rego": module("b", "a")}, "P")
    assert caught.value.fault == "load"
