from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlencode

import pytest

from local.clock import MovableClock
from local.control.surface import Control
from local.gateway import HttpRequest, HttpResponse
from local.mailbox import SentMail, parsed
from local.metering import Meter
from local.payments.gateways import LocalGateways

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def a_mail(to: str, subject: str, html: str = "<p>Hello</p>", text: str = "Hello") -> SentMail:
    """A mail with an inline picture, `cid:qr-1`, and a calendar file."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "berth@example.com", to, subject
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    page = mail.get_body(("html",))
    assert page is not None
    page.add_related(b"\x89PNG", "image", "png", cid="<qr-1>")
    mail.add_attachment("BEGIN:VCALENDAR\r\n", subtype="calendar", filename="visit ₹.ics")
    return parsed(mail.as_string(), (to,), NOON)


class Product:
    """A stand-in for the running product. `calls` lists the calls of its methods, `heard` the
    messages of payment gateways to it."""

    def __init__(self) -> None:
        self.clock = MovableClock(lambda: NOON, lambda: 0.0)
        self.meter = Meter()
        self.mails = [a_mail("ann@example.com", "first"), a_mail("bob@example.com", "second")]
        self.calls: list[Any] = []
        self.heard: list[HttpRequest] = []
        self.gateways = LocalGateways("http://127.0.0.1:8000", self.clock.now, None, self._hear)
        self.control = Control(self)

    def sent_mails(self) -> list[SentMail]:
        return self.mails

    def settle_stream(self) -> None:
        self.gateways.tick()
        self.calls.append("settle")

    def _hear(self, message: HttpRequest) -> HttpResponse:
        self.heard.append(message)
        return HttpResponse(200)

    def sweep(self, name: str, *, dry_run: bool) -> dict[str, Any] | None:
        self.calls.append((name, dry_run))
        counts = {"due": 2, "done": 0 if dry_run else 2}
        return None if name == "unknown" else {"sweep": name, **counts, "dry_run": dry_run}

    def mail_event(self, kind: str, to: str) -> bool:
        self.calls.append((kind, to))
        return to == "ann@example.com"

    def reset(self) -> None:
        self.calls.append("reset")

    def ask(self, method: str, target: str, body: bytes = b"") -> HttpResponse:
        """The control surface's answer."""
        return self.control.handle(HttpRequest(method, target, (), body))

    def get(self, target: str) -> str:
        """The text of a page that is there."""
        answer = self.ask("GET", target)
        assert answer.status == 200, answer
        return answer.body.decode()

    def submit(self, target: str, **fields: str) -> HttpResponse:
        """The answer to a form."""
        return self.ask("POST", target, urlencode(fields).encode())


@pytest.fixture
def product() -> Product:
    return Product()


def header(answer: HttpResponse, name: str) -> str:
    return next(value for its_name, value in answer.headers if its_name == name)
