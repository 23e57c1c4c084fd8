"""Record a day of the app on the embedded AWS: the event of each function, the replies of AWS, and
the answer. `infra/trial.py` repeats it with the bundle.

A route of each kind is in it, the methods and addresses that no route declares, every schedule, a
mail, and one that bounced. Schedules come from `sweeps.schedules`.
"""

from __future__ import annotations

import importlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from chalicelib import settings, wiring
from chalicelib.aws import client
from chalicelib.domain.core import localtime
from chalicelib.services.core import recipients
from chalicelib.sweeps.schedules import SCHEDULES
from local import demo
from local.engine import Embedded
from local.gateway import Gateway, HttpRequest, HttpResponse
from local.invocation import Context, scheduled_event

ENVIRONMENT: Final = {
    "AWS_ACCESS_KEY_ID": "rehearsal",
    "AWS_SECRET_ACCESS_KEY": "rehearsal",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "STAGE": "local",  # where the demo accounts may sign in
    "SIGNING_KEYS": "k1:0123456789abcdef0123456789abcdef",
    "MAIL_FROM": "berth@example.com",
    "BASE_URL": "https://berth.example.com",
    "LOG_LEVEL": "ERROR",
}
"""With it the bundle is tried."""

CUSTOMER: Final = "user1@example.com"
PARKING: Final = {"zone_id": "zone-a", "vehicle_number": "KA01AB1234", "owner_name": "A. Guest"}


@dataclass
class Step:
    """One call of a function. `status` is that of an answer over HTTP."""

    function: str
    event: dict[str, Any]
    status: int | None
    replies: list[tuple[int, str]]


class Pen:
    """Writes the steps down."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._heard: list[tuple[int, str]] = []

    def hear(self, http_response: Any, **_: Any) -> None:
        self._heard.append((http_response.status_code, http_response.content.decode()))

    def write(self, function: str, event: dict[str, Any], status: int | None = None) -> None:
        self.steps.append(Step(function, event, status, self._heard))
        self._heard = []


class Stage(Gateway):
    """API Gateway before the app, with a pen."""

    def __init__(self, root: Any, pen: Pen) -> None:
        super().__init__(root.app)
        self._pen = pen

    def ask(
        self, method: str, path: str, body: Any = None, token: str = "", status: int | None = None
    ) -> HttpResponse:
        """The answer. Raises RuntimeError where it has another status than `status`, or, without
        one, where it is a refusal."""
        headers = [("Content-Type", "application/json"), ("Authorization", f"Bearer {token}")]
        packed = b"" if body is None else json.dumps(body).encode()
        answer = self.handle(HttpRequest(method, path, tuple(headers), packed))
        if answer.status != status and (status or answer.status >= 300):
            raise RuntimeError(f"{method} {path} answers {answer.status}: {answer.body!r}")
        return answer

    def _invoke(self, event: dict[str, Any]) -> HttpResponse:
        answer = super()._invoke(event)
        self._pen.write("app", event, answer.status)
        return answer


def record() -> list[dict[str, Any]]:
    """The steps, ready for JSON. They change this process: its environment, its wiring."""
    os.environ.update(ENVIRONMENT)
    found = settings.read(ENVIRONMENT)
    pen = Pen()
    with Embedded(found) as aws:
        root = importlib.import_module("app")
        demo.load(wiring.deps())
        token = _sign_in(Stage(root, Pen()))
        aws.take_stream_records("outbox")
        client.HOOKS.append(("after-call", pen.hear))
        wiring.use(wiring.build(found))
        _by_a_monitor(Stage(root, pen))
        _by_a_customer(Stage(root, pen), token)
        inserted = aws.take_stream_records("outbox")
        _call(pen, root, "outbox_stream", {"Records": inserted})
        for name in SCHEDULES:
            event = scheduled_event(name, datetime.now(UTC), found.region)
            _call(pen, root, name.replace("-", "_"), event)
        _call(pen, root, "mail_events", _bounce(CUSTOMER))
    return [asdict(step) for step in pen.steps]


def _by_a_monitor(stage: Stage) -> None:
    """What no route declares, and the app answers all the same."""
    stage.ask("HEAD", "/api/public/health", status=200)
    stage.ask("PUT", "/api/public/health", status=405)
    stage.ask("OPTIONS", "/api/public/health", status=204)
    stage.ask("GET", "/api/nothing", status=404)


def _by_a_customer(stage: Stage, token: str) -> None:
    stage.ask("GET", "/api/openapi.json")
    stage.ask("GET", "/api/docs")
    booked = stage.ask("POST", "/api/user/book-slot", PARKING, token)
    booking_id = json.loads(booked.body)["booking_id"]
    for suffix in ("", "/qr.png", "/qr.svg", "/calendar.ics"):
        stage.ask("GET", f"/api/bookings/{booking_id}{suffix}", token=token)
    _open_a_link(stage, token)
    _sign_in(stage)


def _open_a_link(stage: Stage, token: str) -> None:
    """A link works until its booking begins, so it is of one ahead."""
    deps = wiring.deps()
    start = localtime.iso(deps.now() + timedelta(hours=2))
    ahead = {"zone_id": PARKING["zone_id"], "start": start, "minutes": 60}
    answer = stage.ask("POST", "/api/bookings", ahead, token, status=201)
    booking_id, until = json.loads(answer.body)["booking_id"], deps.now() + timedelta(days=1)
    url = recipients.link(deps, "cancel", booking_id, to=CUSTOMER, until=until)
    stage.ask("GET", url.removeprefix(deps.settings.base_url))


def _bounce(address: str) -> dict[str, Any]:
    """The event of SNS when SES reports that mail to `address` bounced."""
    about = {
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [{"emailAddress": address}],
        "timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000Z",
    }
    mail = {"destination": [address], "tags": {}}
    event = {"eventType": "Bounce", "bounce": about, "mail": mail}
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "Sns": {"Subject": None, "Message": json.dumps(event), "MessageAttributes": {}},
            }
        ]
    }


def _sign_in(stage: Stage) -> str:
    who = {"username": "user1", "password": demo.PASSWORD}
    token: str = json.loads(stage.ask("POST", "/api/auth/login", who).body)["access"]
    return token


def _call(pen: Pen, root: Any, function: str, event: dict[str, Any]) -> None:
    getattr(root, function)(event, Context(function))
    pen.write(function, event)


if __name__ == "__main__":
    print(json.dumps(record()))
