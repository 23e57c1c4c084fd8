"""Requests through the whole app on the embedded AWS, with every reply of DynamoDB kept, so that a
fresh process can repeat them without an engine."""

from __future__ import annotations

import importlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypedDict

from chalicelib import settings, wiring
from chalicelib.store.booking_item import BookingItem
from local import demo
from local.engine import Embedded
from local.invocation import Context


class Scene(TypedDict):
    """Requests, the replies of DynamoDB to all of them in order, and the milliseconds of CPU that
    both took, handler and embedded engine together."""

    events: list[Any]
    replies: list[str]
    cpu: float


class Script(TypedDict):
    """What a process is asked first, and what a warm one again and again."""

    cold: Scene
    warm: Scene


WANTED = {
    "zone_id": "zone-a",
    "vehicle_number": "KA01AB1234",
    "owner_name": "A. Guest",
    "minutes": 60,
}


@contextmanager
def started() -> Iterator[Any]:
    """Berth's handler on the embedded AWS, with the demo data."""
    found = settings.read(os.environ)
    with Embedded(found):
        app = importlib.import_module("app").app
        forget()
        demo.load(wiring.deps())
        yield app


def forget() -> None:
    """From now on the handler is that of a process that has read nothing yet."""
    wiring.use(wiring.build(settings.read(os.environ)))


def booking() -> Script:
    """A booking, by a cold and by a warm process."""
    with started() as app:
        events = [event("/api/user/book-slot", sign_in(app, "user1"), WANTED)]
        forget()
        return {"cold": played(app, events), "warm": played(app, events)}


def played(app: Any, events: list[Any]) -> Scene:
    """The events with DynamoDB's replies to them. Raises RuntimeError where one is refused."""
    hooks = BookingItem._get_connection().connection.client.meta.events
    replies: list[str] = []

    def keep(http_response: Any, **_: Any) -> None:
        replies.append(http_response.content.decode())

    hooks.register("after-call.dynamodb", keep)
    began = time.process_time()
    for each in events:
        ask(app, each)
    cpu = (time.process_time() - began) * 1000
    hooks.unregister("after-call.dynamodb", keep)
    return Scene(events=events, replies=replies, cpu=cpu)


def event(route: str, token: str | None, body: Mapping[str, Any], **params: str) -> dict[str, Any]:
    """An API Gateway proxy event of a POST."""
    path = route.format(**params)
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return {
        "resource": route,
        "path": path,
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": params or None,
        "stageVariables": None,
        "requestContext": {
            "httpMethod": "POST",
            "resourcePath": route,
            "path": path,
            "requestId": "bench",
            "stage": "bench",
            "identity": {"sourceIp": "127.0.0.1"},
        },
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


def sign_in(app: Any, username: str) -> str:
    """An access token of one of the demo's people."""
    credentials = {"username": username, "password": demo.PASSWORD}
    token: str = ask(app, event("/api/auth/login", None, credentials))["access"]
    return token


def ask(app: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """The body of the answer. Raises RuntimeError where it is a refusal."""
    answer = app(asked, Context("bench"))
    if answer["statusCode"] not in (200, 201):
        raise RuntimeError(f"{asked['path']} answers {answer['statusCode']}: {answer['body']}")
    body: dict[str, Any] = json.loads(answer["body"])
    return body
