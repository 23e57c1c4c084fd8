"""A booking through the whole app on the embedded AWS, with every reply of DynamoDB kept, so that a
fresh process can repeat it without an engine."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Mapping
from typing import Any

from chalicelib import settings, wiring
from chalicelib.store.schema import BookingItem
from local import demo
from local.engine import Embedded
from local.invocation import Context

WANTED = {
    "zone_id": "zone-a",
    "vehicle_number": "KA01AB1234",
    "owner_name": "A. Guest",
    "minutes": 60,
}


def berth() -> dict[str, Any]:
    """The event of one booking, and DynamoDB's replies to it in a cold and in a warm process."""
    found = settings.read(os.environ)
    with Embedded(found):
        app = importlib.import_module("app")
        demo.load(wiring.deps())
        asked = event("/api/user/book-slot", _sign_in(app.app), WANTED)
        wiring.use(wiring.build(found))
        return {"event": asked, "cold": _replies(app.app, asked), "warm": _replies(app.app, asked)}


def event(path: str, token: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
    """An API Gateway proxy event of a POST."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return {
        "resource": path,
        "path": path,
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "httpMethod": "POST",
            "resourcePath": path,
            "path": path,
            "requestId": "bench",
            "stage": "bench",
            "identity": {"sourceIp": "127.0.0.1"},
        },
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


def _sign_in(app: Any) -> str:
    credentials = {"username": "user1", "password": demo.PASSWORD}
    answer = _ask(app, event("/api/auth/login", None, credentials), 200)
    token: str = json.loads(answer["body"])["access"]
    return token


def _replies(app: Any, asked: dict[str, Any]) -> list[str]:
    events = BookingItem._get_connection().connection.client.meta.events
    kept: list[str] = []

    def keep(http_response: Any, **_: Any) -> None:
        kept.append(http_response.content.decode())

    events.register("after-call.dynamodb", keep)
    _ask(app, asked, 201)
    events.unregister("after-call.dynamodb", keep)
    return kept


def _ask(app: Any, asked: dict[str, Any], status: int) -> dict[str, Any]:
    answer: dict[str, Any] = app(asked, Context("bench"))
    if answer["statusCode"] != status:
        raise RuntimeError(f"{asked['path']} answers {answer['statusCode']}: {answer['body']}")
    return answer
