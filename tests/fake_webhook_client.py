"""Webhooks in tests: a client that calls nobody, and webhooks to call."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from chalicelib.domain.realtime.webhook import Webhook
from chalicelib.gateways.webhooks import CallResult
from chalicelib.services.core.deps import Deps
from chalicelib.services.realtime import webhooks
from chalicelib.services.realtime.webhooks import NewWebhook
from tests import openapi_contract
from tests.world import World


@dataclass
class WebhookCall:
    """One call that was made."""

    url: str
    body: bytes
    headers: dict[str, str]

    @property
    def event(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed


@dataclass
class FakeWebhookClient:
    """Keeps the calls it is given to make, held to the contract; each is answered by `status`, or fails with `error`."""

    status: int | None = 200
    error: str | None = None
    calls: list[WebhookCall] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> CallResult:
        call = WebhookCall(url, body, dict(headers))
        openapi_contract.check_call(call.event, call.headers)
        self.calls.append(call)
        if self.error is not None:
            return CallResult(None, "", self.error, 5000)
        return CallResult(self.status, "received", None, 12)

    def clear(self) -> None:
        self.status, self.error = 200, None
        self.calls.clear()

    @property
    def events(self) -> list[str]:
        return [call.event["event"] for call in self.calls]


def fake_webhook_client(deps: Deps) -> FakeWebhookClient:
    assert isinstance(deps.webhook_client, FakeWebhookClient)
    return deps.webhook_client


def documented_check(now: float | None = None) -> Callable[[str, Mapping[str, str], bytes], bool]:
    """The check of a call that docs/webhooks.md gives to receivers; by the real clock, or by one
    that stands at `now`."""
    page = (Path(__file__).parents[1] / "docs" / "webhooks.md").read_text()
    (code,) = re.findall(r"```python\n(.+?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    if now is not None:
        names["time"] = SimpleNamespace(time=lambda: now)
    check: Callable[[str, Mapping[str, str], bytes], bool] = names["is_from_berth"]
    return check


URL = "https://hooks.example.com/berth"


def add_webhook(world: World, *events: str, **fields: Any) -> Webhook:
    """A webhook of the car park for the events named, or for bookings that change."""
    wanted: Any = events or ("booking-updated",)
    new = NewWebhook(**{"site": "central", "url": URL, "events": wanted} | fields)
    return webhooks.create(world.deps, world.owner, new, source_ip="203.0.113.7")
