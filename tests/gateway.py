"""The whole way in: HTTP, event, app, answer, HTTP."""

from __future__ import annotations

from local.gateway import Gateway, HttpRequest, HttpResponse
from tests.client import Client


def through(gateway: Gateway, user: Client, target: str, **headers: str) -> HttpResponse:
    named = {**user.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return gateway.handle(HttpRequest("GET", target, tuple(named.items())))


def header(answer: HttpResponse, name: str) -> str:
    return next(value for its_name, value in answer.headers if its_name == name)
