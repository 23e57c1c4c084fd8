"""`python -m local run` in tests: a server in a process of its own, and requests to it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from local.demo import PASSWORD

ROOT = Path(__file__).parents[1]


class LocalServer:
    """A running server. Its data lies in `folder`, by default in one that is removed at its end."""

    def __init__(self, folder: Path | None = None, **environment: str) -> None:
        self._temporary = tempfile.TemporaryDirectory()
        environment = {
            "PATH": os.environ["PATH"],
            "PORT": "0",
            "LOG_LEVEL": "WARNING",
            "BERTH_DATA": str(folder or self._temporary.name),
            **environment,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "local", "run"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._tokens: dict[str, str] = {}
        assert self._process.stdout is not None
        self.banner = ""
        while "Ctrl-C" not in self.banner:
            line = self._process.stdout.readline()
            assert line, self._process.communicate()[1]
            self.banner += line
        self.port = int(self.banner.split("http://127.0.0.1:")[1].split()[0])

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.end()

    def end(self, signal_number: int = signal.SIGINT) -> tuple[int, str]:
        """End it by a signal, and return its exit code and what it wrote to stderr."""
        self._process.send_signal(signal_number)
        errors = self._process.communicate(timeout=30)[1]
        self._temporary.cleanup()
        return self._process.returncode, errors

    def kill(self) -> None:
        """End it at once, as the kernel does; a `folder` it was given stays as it is."""
        self._process.kill()
        self._process.communicate(timeout=30)
        self._temporary.cleanup()

    def ask(self, method: str, path: str, body: Any = None, token: str = "") -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if text else None

    def done(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        """The answer to a request that must succeed."""
        status, answer = self.ask(method, path, body, token)
        assert status in (200, 201), answer
        return answer

    def token(self, username: str) -> str:
        login = {"username": username, "password": PASSWORD}
        return str(self.done("POST", "/api/auth/login", login)["access"])

    def signed_in(self, username: str) -> str:
        """The token of an earlier sign-in, until `reset` or `advance`: signing in takes the server
        longer than most requests."""
        if username not in self._tokens:
            self._tokens[username] = self.token(username)
        return self._tokens[username]

    def book(self, username: str, zone_id: str = "zone-a") -> dict[str, Any]:
        wish = {"zone_id": zone_id, "vehicle_number": "KA01AB1234", "owner_name": "Asha"}
        return dict(self.done("POST", "/api/user/book-slot", wish, self.token(username)))

    def reset(self) -> None:
        """Go back to the demo data and to real time."""
        self._tokens.clear()
        self.done("POST", "/_local/reset")

    def now(self) -> datetime:
        return datetime.fromisoformat(self.done("GET", "/_local/clock")["now"])

    def advance(self, time: timedelta) -> None:
        """Move the clock on."""
        self._tokens.clear()
        self.done("POST", "/_local/clock", {"advance_seconds": int(time.total_seconds())})

    def sweep(self, name: str) -> dict[str, Any]:
        """Run a sweep now, and return its report."""
        return dict(self.done("POST", f"/_local/sweeps/{name}", {}))

    def mails(self, to: str) -> list[dict[str, Any]]:
        """What was sent to an address, newest first."""
        return list(self.done("GET", f"/_local/outbox?to={to}")["items"])
