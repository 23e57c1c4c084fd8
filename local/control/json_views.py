"""The JSON surface for scripts (docs/local.md, Control surface): mails, clock, sweeps, delivery
events, counts, reset."""

from __future__ import annotations

from typing import Final

from local.clock import ClockRangeError
from local.control import bodies
from local.control.bodies import BadBody
from local.control.controlled import Call, View
from local.gateway import HttpResponse, json_response, refusal
from local.mail_events import EVENTS


def outbox(call: Call) -> HttpResponse:
    """The mails sent, newest first; `?to=` keeps those to one address."""
    wanted = call.request.query.get("to")
    sent = reversed(call.product.sent_mails())
    mails = [mail for mail in sent if not wanted or wanted[-1] in mail.to]
    return json_response(200, {"items": [mail.as_json() for mail in mails], "next_cursor": None})


def clock(call: Call) -> HttpResponse:
    """The time, and its distance from real time in seconds."""
    now, offset = call.product.clock.now(), call.product.clock.offset_seconds
    return json_response(200, {"now": f"{now:%Y-%m-%dT%H:%M:%SZ}", "offset_seconds": offset})


def move_clock(call: Call) -> HttpResponse:
    """Move the clock by `advance_seconds` or to `now`. Raises BadBody."""
    body = bodies.json_object(call.request, "advance_seconds", "now")
    if len(body) != 1:
        raise BadBody(advance_seconds="give this or now", now="give this or advance_seconds")
    try:
        if "now" in body:
            call.product.clock.set(bodies.instant(body["now"]))
        else:
            call.product.clock.advance(bodies.seconds(body["advance_seconds"]))
    except ClockRangeError:
        raise BadBody(**dict.fromkeys(body, bodies.OUT_OF_RANGE)) from None
    return clock(call)


def sweep(call: Call, name: str) -> HttpResponse:
    """Run a sweep, or only count what is due with `dry_run`. Raises BadBody."""
    dry_run = bodies.json_object(call.request, "dry_run").get("dry_run", False)
    if not isinstance(dry_run, bool):
        raise BadBody(dry_run="must be true or false")
    summary = call.product.sweep(name, dry_run=dry_run)
    if summary is None:
        return refusal(404, "SWEEP_NOT_FOUND", f"There is no sweep called {name}.")
    return json_response(200, summary)


def mail_event(call: Call) -> HttpResponse:
    """Report a delivery event for the newest mail to `to`. Raises BadBody."""
    body = bodies.json_object(call.request, "to", "kind")
    to, kind = body.get("to"), body.get("kind")
    if not isinstance(to, str):
        raise BadBody(to="must be an address that mail was sent to")
    if not isinstance(kind, str) or kind not in EVENTS:
        raise BadBody(kind=f"must be one of {', '.join(EVENTS)}")
    if not call.product.mail_event(kind, to):
        return refusal(404, "MAIL_NOT_FOUND", f"No mail was sent to {to}.")
    return json_response(200, {"to": to, "kind": kind})


def stats(call: Call) -> HttpResponse:
    """The requests to DynamoDB since the start or the last `?reset=1`."""
    call.product.settle_stream()
    answer = json_response(200, call.product.meter.snapshot().as_json())
    if call.request.query.get("reset", ["0"])[-1] in ("1", "true"):
        call.product.meter.reset()
    return answer


def reset(call: Call) -> HttpResponse:
    """Load the demo data again, return to real time, and answer the clock."""
    call.product.reset()
    return clock(call)


ROUTES: Final[dict[str, dict[str, View]]] = {
    "/_local/outbox": {"GET": outbox},
    "/_local/clock": {"GET": clock, "POST": move_clock},
    "/_local/sweeps/([^/]+)": {"POST": sweep},
    "/_local/mail-events": {"POST": mail_event},
    "/_local/stats": {"GET": stats},
    "/_local/reset": {"POST": reset},
}
