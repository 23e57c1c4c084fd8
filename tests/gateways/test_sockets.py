from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib.aws.client import Request
from chalicelib.aws.connection import Reply
from chalicelib.domain.core import errors
from chalicelib.gateways.sockets import ApiGatewaySockets
from chalicelib.services.core.deps import Deps

ENDPOINT = "https://abc123.execute-api.ap-south-1.amazonaws.com/dev"


class Gateway:
    """API Gateway's side of the wire: what it was asked, and how it answers for a connection."""

    def __init__(self, sockets: ApiGatewaySockets) -> None:
        self.asked: list[tuple[str, str, bytes]] = []
        self.statuses: dict[str, int] = {}
        self.silent: set[str] = set()
        events = sockets._client.meta.events
        events.register_first("before-send.execute-api", self._answer)

    def _answer(self, request: Request, **_: Any) -> Reply:
        self.asked.append((request.method, request.url, request.body))
        name = request.url.rpartition("/")[2]
        if name in self.silent:
            raise ReadTimeoutError(endpoint_url=request.url)
        status = self.statuses.get(name, 200)
        return Reply(request.url, status, {}, b"" if status < 300 else b'{"message": "no"}')


@pytest.fixture
def sockets(deps: Deps) -> ApiGatewaySockets:
    return ApiGatewaySockets(replace(deps.settings, websocket_endpoint=ENDPOINT))


@pytest.fixture
def gateway(sockets: ApiGatewaySockets) -> Gateway:
    return Gateway(sockets)


def test_a_frame_is_posted_to_every_connection(
    sockets: ApiGatewaySockets, gateway: Gateway
) -> None:
    assert sockets.push(["a", "b"], '{"é": 1}') == frozenset()
    assert sorted(gateway.asked) == [
        ("POST", f"{ENDPOINT}/@connections/{name}", '{"é": 1}'.encode()) for name in ("a", "b")
    ]


def test_those_that_are_gone_are_named(sockets: ApiGatewaySockets, gateway: Gateway) -> None:
    gateway.statuses["b"] = 410
    assert sockets.push(["a", "b", "c"], "{}") == {"b"}


def test_one_that_hangs_or_is_refused_stops_no_other(
    sockets: ApiGatewaySockets, gateway: Gateway
) -> None:
    gateway.statuses["busy"] = 429
    gateway.silent.add("slow")
    assert sockets.push(["slow", "busy", "a"], "{}") == frozenset()
    assert len(gateway.asked) == 3, "none is tried twice"


def test_a_connection_is_ended_and_one_that_is_gone_is_no_fault(
    sockets: ApiGatewaySockets, gateway: Gateway
) -> None:
    gateway.statuses["a"] = 410
    sockets.close(["a", "b"])
    assert [(m, u.rpartition("/")[2]) for m, u, _ in gateway.asked] == [
        ("DELETE", "a"),
        ("DELETE", "b"),
    ]


def test_a_deployment_without_an_endpoint_says_so(deps: Deps) -> None:
    with pytest.raises(errors.Unavailable) as failed:
        ApiGatewaySockets(deps.settings).push(["a"], "{}")
    assert "WEBSOCKET_ENDPOINT" in failed.value.cause
