"""The whole way in: HTTP, event, app, answer, HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.gateway import Gateway, HttpRequest, HttpResponse
from tests.client import Client


def through(gateway: Gateway, user: Client, target: str, **headers: str) -> HttpResponse:
    named = {**user.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return gateway.handle(HttpRequest("GET", target, tuple(named.items())))


def header(answer: HttpResponse, name: str) -> str:
    return next(value for its_name, value in answer.headers if its_name == name)


@dataclass(frozen=True)
class Page:
    """What a browser shows."""

    status_code: int
    body: bytes
    headers: Mapping[str, str]


class Browser:
    """Opens the links of mails and presses their buttons."""

    def __init__(self) -> None:
        from app import app

        self._gateway = Gateway(app)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Page:
        return self._ask(HttpRequest("GET", path, tuple((headers or {}).items())))

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Page:
        return self._ask(HttpRequest("POST", path, tuple(headers.items()), body))

    def _ask(self, request: HttpRequest) -> Page:
        answer = self._gateway.handle(request)
        return Page(answer.status, answer.body, dict(answer.headers))
