"""What a cold start may load and do: importing `app` is all that stands before the first request,
and packaging imports it on machines that have no AWS."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]

NEVER_AT_START = {
    "argon2", "babel", "boto3", "cryptography", "jinja2", "jwt", "markupsafe", "moto", "png", "PIL",
    "pydantic", "qrcode", "razorpay", "requests", "yaml",
}  # fmt: skip
"""Each would slow down every cold start; the functions that need one import it themselves."""

LAZY_OF_OURS = {
    "chalicelib.api.web.openapi_document", "chalicelib.api.web.docs_page", "chalicelib.api.web.schemas",
    "chalicelib.rendering", "chalicelib.gateways.mail", "chalicelib.services.delivery.outbox",
    "chalicelib.services.mail.compose", "chalicelib.texts.catalogue",
}  # fmt: skip
"""Modules that only the contract, or only mails, passes and calendars need."""

PROBE = """
import json, os, socket, sys
tried = []
def closed(self, address): tried.append(repr(address)); raise OSError("closed")
socket.socket.connect = closed
socket.getaddrinfo = lambda *a, **k: (tried.append(repr(a)), closed(None, a))
import app
loaded = sorted(sys.modules)
print(json.dumps({
    "loaded": loaded,
    "tried": tried,
    "routes": len(app.app.routes),
    "handlers": sorted(n for n in ("auto_cancel", "auto_checkout", "expire_bookings", "mail_events", "outbox", "outbox_stream", "reminders", "socket_closed", "socket_message", "socket_opened", "webhook_calls") if hasattr(app, n)),
}))
"""


@cache
def _started() -> dict[str, Any]:
    """What a fresh process without any settings or credentials says after importing `app`."""
    bare = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": "/nowhere"}
    asked = [sys.executable, "-W", "error::ImportWarning", "-c", PROBE]
    run = subprocess.run(asked, cwd=ROOT, env=bare, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    told: dict[str, Any] = json.loads(run.stdout)
    return told


def test_the_app_can_be_imported_without_settings_credentials_or_a_network() -> None:
    started = _started()
    assert started["routes"] > 50
    assert started["tried"] == []


def test_what_a_schedule_a_stream_or_a_topic_calls_stands_in_app() -> None:
    assert _started()["handlers"] == [
        "auto_cancel", "auto_checkout", "expire_bookings", "mail_events", "outbox", "outbox_stream",
        "reminders", "socket_closed", "socket_message", "socket_opened", "webhook_calls",
    ]  # fmt: skip


def test_a_cold_start_loads_nothing_that_few_requests_need() -> None:
    roots = {module.partition(".")[0] for module in _started()["loaded"]}
    assert roots & NEVER_AT_START == set()


def test_a_cold_start_leaves_out_what_only_readers_of_the_contract_and_mails_need() -> None:
    assert set(_started()["loaded"]) & LAZY_OF_OURS == set()
