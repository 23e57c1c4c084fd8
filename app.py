"""The composition root: routes, and the handlers of schedules, streams, topics and WebSockets.

Handlers live here and not in a Blueprint: Lambda would load only the Blueprint's module and skip
this one. Nothing talks to AWS at import, because packaging imports this file.
"""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import Any

from chalice.app import CloudWatchEvent, DynamoDBEvent, Rate, SNSEvent, WebsocketEvent

from chalicelib import logs, sweeps, wiring
from chalicelib.api.realtime import websocket
from chalicelib.api.realtime.websocket import Connection
from chalicelib.api.web import dispatch, mount
from chalicelib.routes import ALL

logs.set_up(os.environ.get("LOG_LEVEL", "INFO"))

app = dispatch.App(app_name="berth", configure_logs=False)
app.api.binary_types = ["image/png"]
app.experimental_feature_flags.update(["WEBSOCKETS"])
mount.mount(app, ALL)


def _every(name: str) -> Rate:
    return Rate(sweeps.SCHEDULES[name], unit=Rate.MINUTES)


@app.schedule(_every("auto-checkout"), name="auto-checkout")
def auto_checkout(event: CloudWatchEvent) -> dict[str, Any]:
    return asdict(sweeps.run(wiring.deps(), "auto-checkout"))


@app.schedule(_every("expire-bookings"), name="expire-bookings")
def expire_bookings(event: CloudWatchEvent) -> dict[str, Any]:
    return asdict(sweeps.run(wiring.deps(), "expire-bookings"))


@app.schedule(_every("reminders"), name="reminders")
def reminders(event: CloudWatchEvent) -> dict[str, Any]:
    return asdict(sweeps.run(wiring.deps(), "reminders"))


@app.schedule(_every("auto-cancel"), name="auto-cancel")
def auto_cancel(event: CloudWatchEvent) -> dict[str, Any]:
    return asdict(sweeps.run(wiring.deps(), "auto-cancel"))


@app.schedule(_every("waitlist-expiry"), name="waitlist-expiry")
def waitlist_expiry(event: CloudWatchEvent) -> dict[str, Any]:
    return asdict(sweeps.run(wiring.deps(), "waitlist-expiry"))


@app.schedule(_every("outbox"), name="outbox")
def outbox(event: CloudWatchEvent) -> dict[str, Any]:
    return asdict(sweeps.run(wiring.deps(), "outbox"))


def _inserted(event: DynamoDBEvent, lane: str) -> list[str]:
    """The ids of the batches that are new in a lane."""
    new = (record.keys for record in event if record.event_name == "INSERT")
    return [keys["sk"]["S"] for keys in new if keys["pk"]["S"].startswith(lane)]


@app.on_dynamodb_record("outbox-stream-arn", name="outbox_stream")
def outbox_stream(event: DynamoDBEvent) -> None:
    from chalicelib.services.delivery import outbox as deliver

    for batch_id in _inserted(event, "waiting."):
        deliver.from_stream(wiring.deps(), batch_id)


@app.on_dynamodb_record("outbox-stream-arn", name="webhook_calls")
def webhook_calls(event: DynamoDBEvent) -> None:
    from chalicelib.services.delivery import outbox as deliver

    deliver.calls_from_stream(wiring.deps(), _inserted(event, "calls."))


@app.on_sns_message("arn:aws:sns:::mail-events", name="mail_events")
def mail_events(event: SNSEvent) -> None:
    from chalicelib.services.mail import bounces

    bounces.receive(wiring.deps(), event.message)


@app.on_ws_connect()
def socket_opened(event: WebsocketEvent) -> dict[str, Any]:
    return {"statusCode": websocket.opened(wiring.deps(), Connection.of(event.to_dict()))}


@app.on_ws_message()
def socket_message(event: WebsocketEvent) -> None:
    websocket.received(wiring.deps(), Connection.of(event.to_dict()), event.body)


@app.on_ws_disconnect()
def socket_closed(event: WebsocketEvent) -> None:
    websocket.closed(wiring.deps(), Connection.of(event.to_dict()))
