"""The Chalice application: routes, and handlers of schedules, streams, topics and WebSockets.

The handlers are here and not in a Blueprint, because Lambda would load only the module of the
Blueprint and not this one. Importing this file calls no AWS service, because packaging imports it.
"""

from __future__ import annotations

import gc
import os
from dataclasses import asdict
from typing import Any

from chalice.app import CloudWatchEvent, DynamoDBEvent, Rate, SNSEvent, WebsocketEvent

from chalicelib import logs, routes, sweeps, wiring
from chalicelib.api.realtime import websocket
from chalicelib.api.replaced import parking_words
from chalicelib.api.web import dispatch, mount, route_index
from chalicelib.sweeps.schedules import SCHEDULES

logs.set_up(os.environ.get("LOG_LEVEL", "INFO"))

app = dispatch.App(app_name="berth", configure_logs=False)
app.api.binary_types = ["image/png", "application/pdf"]
app.experimental_feature_flags.update(["WEBSOCKETS"])
_index = route_index.read()
mount.mount(app, _index.homes, lambda: routes.ALL, lambda: parking_words.SHAPES)
if _index.first:  # in the bundle: while Lambda starts it, the CPU is free and no one waits
    mount.load(app, _index.first)
    wiring.deps()


def _rate(name: str) -> Rate:
    return Rate(SCHEDULES[name], unit=Rate.MINUTES)


def _swept(event: CloudWatchEvent, name: str) -> dict[str, Any]:
    """Run a sweep. An event with `dry_run` is that of a person who wants to see what is due."""
    dry_run = event.to_dict().get("dry_run") is True
    return asdict(sweeps.run(wiring.deps(), name, dry_run=dry_run))


@app.schedule(_rate("auto-checkout"), name="auto-checkout")
def auto_checkout(event: CloudWatchEvent) -> dict[str, Any]:
    return _swept(event, "auto-checkout")


@app.schedule(_rate("expire-bookings"), name="expire-bookings")
def expire_bookings(event: CloudWatchEvent) -> dict[str, Any]:
    return _swept(event, "expire-bookings")


@app.schedule(_rate("reminders"), name="reminders")
def reminders(event: CloudWatchEvent) -> dict[str, Any]:
    return _swept(event, "reminders")


@app.schedule(_rate("auto-cancel"), name="auto-cancel")
def auto_cancel(event: CloudWatchEvent) -> dict[str, Any]:
    return _swept(event, "auto-cancel")


@app.schedule(_rate("waitlist-expiry"), name="waitlist-expiry")
def waitlist_expiry(event: CloudWatchEvent) -> dict[str, Any]:
    return _swept(event, "waitlist-expiry")


@app.schedule(_rate("outbox"), name="outbox")
def outbox(event: CloudWatchEvent) -> dict[str, Any]:
    return _swept(event, "outbox")


@app.schedule(_rate("reconcile"), name="reconcile")
def reconcile(event: CloudWatchEvent) -> dict[str, Any]:
    return _swept(event, "reconcile")


@app.schedule(_rate("books"), name="books")
def books(event: CloudWatchEvent) -> dict[str, Any]:
    return _swept(event, "books")


def _new_batches(event: DynamoDBEvent, lane: str) -> list[str]:
    """The ids of the new batches of a lane."""
    new = (record.keys for record in event if record.event_name == "INSERT")
    return [keys["sk"]["S"] for keys in new if keys["pk"]["S"].startswith(lane)]


@app.on_dynamodb_record("outbox-stream-arn", name="outbox_stream")
def outbox_stream(event: DynamoDBEvent) -> None:
    from chalicelib.services.delivery import outbox as delivery

    for batch_id in _new_batches(event, "waiting."):
        delivery.from_stream(wiring.deps(), batch_id)


@app.on_dynamodb_record("outbox-stream-arn", name="webhook_calls")
def webhook_calls(event: DynamoDBEvent) -> None:
    from chalicelib.services.delivery import outbox as delivery

    delivery.calls_from_stream(wiring.deps(), _new_batches(event, "calls."))


@app.on_sns_message("arn:aws:sns:::mail-events", name="mail_events")
def mail_events(event: SNSEvent) -> None:
    from chalicelib.services.mail import bounces

    bounces.receive(wiring.deps(), event.message)


@app.on_ws_connect()
def socket_opened(event: WebsocketEvent) -> dict[str, Any]:
    return {"statusCode": websocket.opened(wiring.deps(), websocket.Connection.of(event.to_dict()))}


@app.on_ws_message()
def socket_message(event: WebsocketEvent) -> None:
    websocket.received(wiring.deps(), websocket.Connection.of(event.to_dict()), event.body)


@app.on_ws_disconnect()
def socket_closed(event: WebsocketEvent) -> None:
    websocket.closed(wiring.deps(), websocket.Connection.of(event.to_dict()))


gc.freeze()  # what is imported stays: no collection has to look through it again
gc.enable()  # it waits from the start of a packaged import (infra/early.py)
