"""The control surface of the local runtime, `/_local/*` (docs/local.md, Control surface)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from local.clock import ClockRangeError, MovableClock
from local.gateway import HttpRequest, HttpResponse, json_response, refusal
from local.mail_events import TOLD
from local.mailbox import SentMail
from local.metering import Meter

PREFIX = "/_local/"


class Surroundings(Protocol):
    """What the control surface acts on."""

    clock: MovableClock
    meter: Meter

    def sent_mails(self) -> list[SentMail]:
        """Deliver what waits in the stream, then tell what was sent, oldest first."""
        ...

    def settle_stream(self) -> None:
        """Deliver what waits in the stream."""
        ...

    def sweep(self, name: str, *, dry_run: bool) -> dict[str, Any] | None:
        """Run a sweep and return its summary; None where there is no such sweep."""
        ...

    def mail_event(self, kind: str, to: str) -> bool:
        """Tell the app what has become of the newest mail to `to`; False where there is none."""
        ...

    def reset(self) -> None:
        """Demo data afresh, real time again."""
        ...


class BadBody(Exception):
    """The body is not what the path takes; carries the faulty fields."""

    def __init__(self, **fields: str) -> None:
        super().__init__(fields)
        self.fields = fields


class Control:
    """Answers `/_local/*`."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._all = surroundings

    def handle(self, request: HttpRequest) -> HttpResponse:
        """The answer to a request whose path starts with PREFIX."""
        path = request.path.rstrip("/")
        try:
            for pattern, answers in _PATHS.items():
                if match := re.fullmatch(pattern, path):
                    return self._answer(request, answers, match)
        except BadBody as bad:
            return refusal(400, "VALIDATION_FAILED", "The body is not right.", bad.fields)
        return refusal(404, "NOT_FOUND", "There is nothing at this address.")

    def _answer(
        self, request: HttpRequest, answers: dict[str, Answer], match: re.Match[str]
    ) -> HttpResponse:
        answer = answers.get(request.method)
        if answer is None:
            return refusal(405, "METHOD_NOT_ALLOWED", f"Use {' or '.join(answers)}.")
        return answer(self._all, request, *match.groups())


Answer = Callable[..., HttpResponse]


def _outbox(all_: Surroundings, request: HttpRequest) -> HttpResponse:
    wanted = request.query.get("to")
    mails = [mail for mail in reversed(all_.sent_mails()) if not wanted or wanted[-1] in mail.to]
    return json_response(200, {"items": [mail.as_json() for mail in mails], "next_cursor": None})


def _clock(all_: Surroundings, _: HttpRequest) -> HttpResponse:
    shown = {"now": f"{all_.clock.now():%Y-%m-%dT%H:%M:%SZ}"}
    return json_response(200, {**shown, "offset_seconds": all_.clock.offset_seconds})


def _move_clock(all_: Surroundings, request: HttpRequest) -> HttpResponse:
    body = _body(request, "advance_seconds", "now")
    if len(body) != 1:
        raise BadBody(advance_seconds="give this or now", now="give this or advance_seconds")
    try:
        if "now" in body:
            all_.clock.set(_instant(body["now"]))
        else:
            all_.clock.advance(_seconds(body["advance_seconds"]))
    except ClockRangeError:
        raise BadBody(**dict.fromkeys(body, "must lie in the years 2000 to 2199")) from None
    return _clock(all_, request)


def _sweep(all_: Surroundings, request: HttpRequest, name: str) -> HttpResponse:
    dry_run = _body(request, "dry_run").get("dry_run", False)
    if not isinstance(dry_run, bool):
        raise BadBody(dry_run="must be true or false")
    summary = all_.sweep(name, dry_run=dry_run)
    if summary is None:
        return refusal(404, "SWEEP_NOT_FOUND", f"There is no sweep called {name}.")
    return json_response(200, summary)


def _mail_event(all_: Surroundings, request: HttpRequest) -> HttpResponse:
    body = _body(request, "to", "kind")
    to, kind = body.get("to"), body.get("kind")
    if not isinstance(to, str):
        raise BadBody(to="must be an address that mail was sent to")
    if not isinstance(kind, str) or kind not in TOLD:
        raise BadBody(kind=f"must be one of {', '.join(TOLD)}")
    if not all_.mail_event(kind, to):
        return refusal(404, "MAIL_NOT_FOUND", f"No mail was sent to {to}.")
    return json_response(200, {"to": to, "kind": kind})


def _payment(_: Surroundings, __: HttpRequest, order_id: str) -> HttpResponse:
    text = f"There is no order {order_id}: online payment is not in this version yet."
    return refusal(404, "ORDER_NOT_FOUND", text)


def _stats(all_: Surroundings, request: HttpRequest) -> HttpResponse:
    all_.settle_stream()
    answer = json_response(200, all_.meter.snapshot().as_json())
    if request.query.get("reset", ["0"])[-1] in ("1", "true"):
        all_.meter.reset()
    return answer


def _reset(all_: Surroundings, request: HttpRequest) -> HttpResponse:
    all_.reset()
    return _clock(all_, request)


_PATHS: dict[str, dict[str, Answer]] = {
    "/_local/outbox": {"GET": _outbox},
    "/_local/clock": {"GET": _clock, "POST": _move_clock},
    "/_local/sweeps/([^/]+)": {"POST": _sweep},
    "/_local/mail-events": {"POST": _mail_event},
    "/_local/payments/([^/]+)/(?:capture|fail)": {"POST": _payment},
    "/_local/stats": {"GET": _stats},
    "/_local/reset": {"POST": _reset},
}


def _body(request: HttpRequest, *allowed: str) -> dict[str, Any]:
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        raise BadBody(body="must be JSON") from None
    if not isinstance(body, dict):
        raise BadBody(body="must be an object")
    if unknown := set(body) - set(allowed):
        raise BadBody(**dict.fromkeys(sorted(unknown), "is not known here"))
    return body


def _seconds(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadBody(advance_seconds="must be a whole number")
    return value


def _instant(value: Any) -> datetime:
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        instant = None
    if instant is None or instant.tzinfo is None:
        raise BadBody(now="must be an instant such as 2026-11-21T12:00:00Z")
    return instant
