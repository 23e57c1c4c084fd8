"""Events in the OpenAPI document: the calls of webhooks, and the frames of the WebSocket
(docs/webhooks.md, docs/realtime.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

from chalicelib.api.web.schemas import REF, Schema, Schemas
from chalicelib.domain.core.effect import EventName
from chalicelib.domain.realtime.facts import BookingFacts, RoomFacts, ZoneFacts

Json = dict[str, Any]

_SUBJECTS: Final[Mapping[EventName, type]] = {
    "room-status-changed": RoomFacts,
    "booking-overstayed": BookingFacts,
    "booking-checked-out": BookingFacts,
    "booking-updated": BookingFacts,
    "availability-changed": ZoneFacts,
}
"""What the data of an event is about."""

_WHEN: Final[Mapping[EventName, str]] = {
    "room-status-changed": "The condition of a room has changed.",
    "booking-overstayed": "A stay lasts longer than its booking.",
    "booking-checked-out": "A stay has ended.",
    "booking-updated": "A booking was made or has changed.",
    "availability-changed": "Time of a zone was taken or freed, or its spaces or rules changed.",
}
_HEADERS: Final[Mapping[str, tuple[str, Schema]]] = {
    "Berth-Id": (
        "The site and the id of the event. A repeated call has the same.",
        {"type": "string", "examples": ["hall.001795219200042"]},
    ),
    "Berth-Timestamp": (
        "When the call was signed, in seconds since 1970.",
        {"type": "string", "pattern": "^[0-9]+$", "examples": ["1795242602"]},
    ),
    "Berth-Signature": (
        "`v1=` and the HMAC-SHA256, under the secret of the webhook, of the timestamp, a dot and "
        "the body. For 24 hours after `rotate` there are two, with a comma between.",
        {"type": "string", "pattern": "^v1=[0-9a-f]{64}(,v1=[0-9a-f]{64})*$"},
    ),
}


_SENT: Final = ("SocketSubscribe", "SocketUnsubscribe", "SocketPing")
_RECEIVED: Final = (
    "SocketSubscribed", "SocketUnsubscribed", "SocketPong", "SocketEvent", "SocketError",
)  # fmt: skip
"""The frames of clients, and those that they get."""


def schemas_of(schemas: Schemas) -> dict[str, Schema]:
    """The events and their data, by name; and the frames of the WebSocket."""
    schemas.of(EventName, read=False)
    found = {_name(event): _event(event, schemas) for event in get_args(EventName)}
    return {**found, "PingEvent": _ping(), **_frames()}


def webhooks() -> Json:
    """The call of a webhook, for each event it may have, and for a test."""
    calls = {event: _call(_name(event), _WHEN[event]) for event in get_args(EventName)}
    return {**calls, "ping": _call("PingEvent", "An owner tests the webhook.")}


def websocket() -> Json:
    """The WebSocket. OpenAPI has no word for it."""
    return {
        "url": "wss://…",
        "description": "The events of a site at once. Its address is an output of the stack, "
        "locally `ws://127.0.0.1:8000/ws`. Frames are JSON objects: a client sends an `action` "
        "and gets a frame with a `type`. The token goes into the first frame. "
        "docs/realtime.md says more.",
        "externalDocs": {"url": "docs/realtime.md", "description": "Realtime"},
        "send": [{"$ref": f"{REF}{name}"} for name in _SENT],
        "receive": [{"$ref": f"{REF}{name}"} for name in _RECEIVED],
    }


def _name(event: str) -> str:
    """The name of the schema of an event.

    >>> _name("booking-updated")
    'BookingUpdatedEvent'
    """
    return event.title().replace("-", "") + "Event"


def _event(event: EventName, schemas: Schemas) -> Schema:
    data = schemas.of(_SUBJECTS[event], read=False)
    return _object(_WHEN[event], {**_envelope(event), "data": data})


def _ping() -> Schema:
    nothing = {"type": "object", "description": "Empty.", "maxProperties": 0}
    envelope = {**_envelope("ping"), "id": {"type": "string"}}
    return _object("A test of a webhook.", {**envelope, "data": nothing})


def _envelope(event: str) -> Json:
    number = "Digits that sort as text; rises by one within the site."
    return {
        "id": {"type": "string", "pattern": "^[0-9]{15}$", "description": number},
        "event": {"type": "string", "const": event},
        "site": {"type": "string"},
        "at": {"type": "string", "format": "date-time"},
    }


def _object(about: str, properties: Json, *optional: str) -> Schema:
    needed = [name for name in properties if name not in optional]
    return {
        "type": "object", "description": about, "properties": properties, "required": needed,
    }  # fmt: skip


def _call(schema: str, when: str) -> Json:
    headers = [
        {"name": name, "in": "header", "required": True, "description": about, "schema": form}
        for name, (about, form) in _HEADERS.items()
    ]
    body = {"application/json": {"schema": {"$ref": f"{REF}{schema}"}}}
    answers = {
        "2XX": {"description": "Taken. Answer within five seconds."},
        "default": {"description": "Not taken: the call is repeated, five times in all."},
    }
    return {
        "post": {
            "summary": when,
            "operationId": f"on_{schema}",
            "parameters": headers,
            "requestBody": {"required": True, "content": body},
            "responses": answers,
            "security": [],
        }
    }


def _frames() -> dict[str, Schema]:
    text: Schema = {"type": "string"}
    instant = {"type": "string", "format": "date-time"}
    place = {"site": text, "channel": text}
    error = {
        "code": {"$ref": f"{REF}ErrorCode"},
        "message": text,
        "fields": {"type": "object", "additionalProperties": text},
        "retry_after": {"type": "integer", "format": "int32"},
    }
    return {
        "SocketSubscribe": _object(
            "Subscribe to a site, or to a channel.",
            {"action": _const("subscribe"), "token": text, **place}, "site", "channel",
        ),
        "SocketUnsubscribe": _object(
            "Unsubscribe.", {"action": _const("unsubscribe"), **place}, "site", "channel"
        ),
        "SocketPing": _object("Check the connection.", {"action": _const("ping")}),
        "SocketSubscribed": _object(
            "The subscription lasts `until` then; `cursor` is the end of the log.",
            {"type": _const("subscribed"), **place, "cursor": text, "until": instant},
        ),
        "SocketUnsubscribed": _object("Unsubscribed.", {"type": _const("unsubscribed"), **place}),
        "SocketPong": _object(
            "The answer to a ping.", {"type": _const("pong"), "server_time": instant}
        ),
        "SocketEvent": _object(
            "An event, with `data` as in the call of a webhook.",
            {
                "type": _const("event"), "channel": text, **_envelope("…"),
                "event": {"$ref": f"{REF}EventName"}, "data": {"type": "object"},
            },
        ),
        "SocketError": _object(
            "A frame that is refused.",
            {"type": _const("error"), "error": {"$ref": f"{REF}SocketErrorDetail"}},
        ),
        "SocketErrorDetail": _object("Why.", error, "fields", "retry_after"),
    }  # fmt: skip


def _const(word: str) -> Schema:
    return {"type": "string", "const": word}
