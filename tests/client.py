"""Calls the routes as the gateway would, and holds every answer to the published contract."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from urllib.parse import unquote

from chalicelib import routes
from chalicelib.api.web.route import Route
from chalicelib.domain.core.access import Actor
from local.gateway import Gateway, HttpRequest
from tests import openapi_contract
from tests.world import World


@dataclass(frozen=True)
class Reply:
    """An answer: its status, its body as JSON (or text, where it is none), its headers."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        """The code of a refusal."""
        return str(self.body["error"]["code"])

    @property
    def fields(self) -> dict[str, str]:
        """What a refusal says of each faulty field."""
        named: dict[str, str] = self.body["error"]["fields"]
        return named


@dataclass(frozen=True)
class Client:
    """A client of the interface, signed in by `by`. Every answer is checked against the contract."""

    world: World
    headers: dict[str, str] = field(default_factory=dict)

    def by(self, actor: Actor) -> Client:
        """The same client, signed in."""
        return self.sending(Authorization=f"Bearer {self.world.token(actor)}")

    def sending(self, **headers: str) -> Client:
        """The same client with more headers; `_` stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers=self.headers | named)

    def get(self, path: str) -> Reply:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Reply:
        return self.call("POST", path, {} if body is None else body)

    def patch(self, path: str, body: Any) -> Reply:
        return self.call("PATCH", path, body)

    def delete(self, path: str) -> Reply:
        return self.call("DELETE", path)

    def call(self, method: str, path: str, body: Any = None) -> Reply:
        """One request. A body that is not bytes goes as JSON."""
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        headers = {"Content-Type": "application/json", **self.headers}
        answer = _gateway().handle(HttpRequest(method, path, tuple(headers.items()), raw))
        reply = Reply(answer.status, _read(answer.body), dict(answer.headers))
        if (route := route_of(method, path)) is not None:
            media = answer_type(reply).partition(";")[0]
            openapi_contract.check(route, reply.status, reply.body, media, reply.headers)
        return reply


def answer_type(reply: Reply) -> str:
    """The media type of an answer, with its parameters."""
    return next((v for name, v in reply.headers.items() if name.lower() == "content-type"), "")


@cache
def _gateway() -> Gateway:
    from app import app

    return Gateway(app)


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body


def route_of(method: str, path: str) -> Route | None:
    """The declared route that a request meets; one that is spelt out before one with parameters."""
    bare = unquote(path.partition("?")[0]).rstrip("/")
    fitting = [
        r for r in routes.declared() if r.method == method and _pattern(r.path).fullmatch(bare)
    ]
    return min(fitting, key=lambda route: route.path.count("{"), default=None)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{\w+\}", r"[^/]+", path))
