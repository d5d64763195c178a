"""The OPA of this machine, and a server of it on loopback."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOT_HERE = "OPA is not on this machine: its engines and the parity suite did NOT run -> make opa (needs Go)"


def opa_path() -> str:
    """The OPA program the tests use: `make opa` puts it into .venv/bin; else the first on the PATH; or empty."""
    name = "opa.exe" if os.name == "nt" else "opa"
    root = Path(__file__).resolve().parents[2]
    places = [Path(sys.executable).with_name(name), root / ".venv" / "bin" / name]
    found = next((str(place) for place in places if place.is_file()), "")
    return found or shutil.which("opa") or ""


@contextmanager
def opa_server(binary: str) -> Iterator[str]:
    """The address of a server that holds nothing yet."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        binary,
        "run",
        "--server",
        "--addr",
        f"127.0.0.1:{port}",
        "--skip-version-check",
        "--log-level",
        "error",
    ]
    kept = {"SYSTEMROOT": os.environ["SYSTEMROOT"]} if os.name == "nt" else {}
    with subprocess.Popen(command, env=kept, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + 20
            while not _answers(port):
                assert process.poll() is None, "the OPA server did not start"
                assert time.monotonic() < until, "the OPA server does not answer"
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/health")
        with connection.getresponse() as response:
            return response.status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
