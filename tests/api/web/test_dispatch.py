"""Every method and every path reaches the app, deployed and locally: HEAD, 404 and 405 are its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.api.web.dispatch import EVERY_PATH
from chalicelib.services.core.deps import Deps
from local.gateway import Gateway, HttpRequest, HttpResponse
from local.invocation import Context
from tests.client import Client
from tests.gateway import header
from tests.world import World

APP = "https://app.example.com"
"""The one origin that the settings of the tests allow."""


@pytest.fixture(autouse=True)
def _wired(deps: Deps) -> None:
    """Answers look up which origins may read them."""


def ask(gateway: Gateway, method: str, path: str, **headers: str) -> HttpResponse:
    return gateway.handle(HttpRequest(method, path, tuple(headers.items())))


def event(method: str, proxy: str, path: str | None = None) -> dict[str, Any]:
    """What a REST API sends for its method ANY."""
    return {
        "resource": EVERY_PATH,
        "path": path or f"/{proxy}",
        "httpMethod": method,
        "headers": None,
        "multiValueHeaders": None,
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"proxy": proxy},
        "stageVariables": None,
        "requestContext": {
            "resourcePath": EVERY_PATH,
            "httpMethod": method,
            "path": f"/dev/{proxy}",
            "requestId": "from-the-gateway",
            "identity": {"sourceIp": "203.0.113.9"},
        },
        "body": None,
        "isBase64Encoded": False,
    }


def answer(method: str, proxy: str, path: str | None = None) -> dict[str, Any]:
    from app import app

    return app(event(method, proxy, path), Context("berth"))


# -- HEAD


def test_head_is_answered_like_get_without_a_body(gateway: Gateway) -> None:
    got, headed = (ask(gateway, method, "/api/public/health") for method in ("GET", "HEAD"))
    assert (got.status, headed.status) == (200, 200)
    assert got.body != b"" == headed.body
    assert {name for name, _ in got.headers} == {name for name, _ in headed.headers}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_start_page_is_at_the_root(gateway: Gateway, method: str) -> None:
    page = ask(gateway, method, "/")
    assert (page.status, header(page, "Content-Type")) == (200, "text/html; charset=utf-8")


def test_head_of_a_picture_is_no_picture(world: World, gateway: Gateway) -> None:
    path = f"/api/bookings/{world.book().booking_id}/qr.png"
    user = Client(world).by(world.user)
    headed = gateway.handle(HttpRequest("HEAD", path, tuple(user.headers.items())))
    assert (headed.status, headed.body) == (200, b"")
    assert header(headed, "Content-Type") == "image/png"


def test_head_is_refused_as_get_would_be(gateway: Gateway) -> None:
    assert ask(gateway, "HEAD", "/api/me").status == 401
    assert ask(gateway, "HEAD", "/api/nothing").status == 404
    assert ask(gateway, "HEAD", "/api/auth/login").status == 405


# -- 405


@pytest.mark.parametrize("method", ["PUT", "DELETE", "TRACE", "get"])
def test_a_method_that_a_path_does_not_declare_is_405_with_those_it_does(
    gateway: Gateway, method: str
) -> None:
    refused = ask(gateway, method, "/api/bookings", Origin=APP)
    body = json.loads(refused.body)
    assert (refused.status, body["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert header(refused, "Allow") == "GET, HEAD, OPTIONS, POST"
    assert header(refused, "Access-Control-Allow-Origin") == APP
    assert header(refused, "X-Request-Id") == body["request_id"]


def test_head_is_not_offered_where_there_is_no_get(gateway: Gateway) -> None:
    assert header(ask(gateway, "GET", "/api/auth/login"), "Allow") == "OPTIONS, POST"


# -- 404


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "PUT"])
@pytest.mark.parametrize(
    "path", ["/nothing", "/api/nothing", "/api/bookings/1/2/3", "/API/me", "//", "*"]
)
def test_an_unknown_address_is_404_and_names_the_page_that_lists_them(
    gateway: Gateway, method: str, path: str
) -> None:
    refused = ask(gateway, method, path, Origin=APP)
    error = json.loads(refused.body)["error"]
    assert (refused.status, error["code"]) == (404, "NOT_FOUND")
    assert "/api/docs" in error["message"]
    assert header(refused, "Access-Control-Allow-Origin") == APP


# -- the event of the deployed API


def test_the_deployed_api_is_answered_alike() -> None:
    headed = answer("HEAD", "api/public/health")
    assert (headed["statusCode"], headed["body"]) == (200, "")
    refused = answer("PUT", "api/public/health/")
    assert (refused["statusCode"], refused["headers"]["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert json.loads(answer("GET", "api/nothing")["body"])["request_id"] == "from-the-gateway"


def test_the_base_path_of_a_custom_domain_does_not_count() -> None:
    assert answer("GET", "api/public/health", "/v1/api/public/health")["statusCode"] == 200


def test_a_part_of_a_path_arrives_decoded_once(world: World, gateway: Gateway) -> None:
    days = "availability?date=2026-11-23"
    assert ask(gateway, "GET", f"/api/zones/zone%2Da/{days}").status == 200
    assert ask(gateway, "GET", f"/api/zones/zone%252Da/{days}").status == 404
