from __future__ import annotations

import gzip
import json
import threading
from typing import Any

import pytest
from chalice.app import Chalice, Response

from chalicelib.api.web.dispatch import App
from local.gateway import Gateway, HttpRequest, HttpResponse


def a_small_app() -> Chalice:
    app = App(app_name="small")
    app.log.disabled = True

    @app.route("/echo/{name}", methods=["GET", "POST"])
    def echo(name: str) -> dict[str, Any]:
        request = app.current_request
        assert request is not None
        return {
            "name": name,
            "query": request.to_dict()["query_params"],
            "all": request.query_params.getlist("a") if request.query_params else [],
            "body": request.json_body,
            "context": request.context,
            "agent": request.headers.get("USER-AGENT"),
            "left": app.lambda_context.get_remaining_time_in_millis(),
        }

    @app.route("/cookies")
    def cookies() -> Response:
        headers: dict[str, Any] = {"Set-Cookie": ["a=1", "b=2"], "Content-Type": "text/plain"}
        return Response("two", headers)

    @app.route("/picture")
    def picture() -> Response:
        return Response(b"\x89PNG\xff", {"Content-Type": "image/png"})

    @app.route("/long/{size}")
    def long(size: str) -> Response:
        return Response("x" * int(size), {"Content-Type": "text/plain"})

    @app.route("/encoded")
    def encoded() -> Response:
        return Response("x" * 5000, {"Content-Type": "text/plain", "Content-Encoding": "br"})

    @app.route("/upload", methods=["POST"], content_types=["image/png"])
    def upload() -> str:
        request = app.current_request
        assert request is not None
        return str(request.raw_body)

    @app.route("/crash")
    def crash() -> Any:
        return {"unserialisable": object()}

    return app


GATEWAY = Gateway(a_small_app())


def call(method: str, target: str, *headers: tuple[str, str], body: bytes = b"") -> HttpResponse:
    return GATEWAY.handle(HttpRequest(method, target, headers, body, "10.1.2.3"))


def shown(response: HttpResponse) -> Any:
    return json.loads(response.body)


def test_a_request_becomes_the_event_of_a_rest_api() -> None:
    agent = ("User-Agent", "curl"), ("Content-Type", "application/json")
    answer = shown(call("POST", "/echo/ann/?a=1&a=2&b=", *agent, body=b'{"x": "\xc3\xa9"}'))
    assert answer["name"] == "ann"
    assert answer["query"] == {"a": "2", "b": ""}
    assert answer["all"] == ["1", "2"]
    assert answer["body"] == {"x": "é"}
    assert answer["agent"] == "curl"
    assert answer["context"]["identity"] == {"sourceIp": "10.1.2.3", "userAgent": "curl"}
    assert answer["context"]["resourcePath"] == "/echo/{name}"
    assert answer["context"]["requestId"]
    assert 0 < answer["left"] <= 29_000


def test_a_header_may_have_several_values() -> None:
    response = call("GET", "/cookies")
    assert [v for n, v in response.headers if n == "Set-Cookie"] == ["a=1", "b=2"]
    assert response.body == b"two"


def test_binary_bodies_go_both_ways() -> None:
    assert call("GET", "/picture", ("Accept", "*/*")).body == b"\x89PNG\xff"
    sent = call("POST", "/upload", ("Content-Type", "image/png"), body=b"\xff\x00")
    assert sent.body == rb"b'\xff\x00'"


@pytest.mark.parametrize(
    "accepted", ["gzip", "gzip, deflate, br", "br;q=1.0, GZIP; q=0.5", "gzip;q=0.001", "x,gzip"]
)
def test_a_large_answer_is_compressed_for_clients_that_name_gzip(accepted: str) -> None:
    answer = call("GET", "/long/1024", ("accept-encoding", accepted))
    assert dict(answer.headers)["Content-Encoding"] == "gzip"
    assert len(answer.body) < 100
    assert gzip.decompress(answer.body) == b"x" * 1024


@pytest.mark.parametrize(
    "accepted", ["gzip;q=0", "gzip; q=0.0", "*", "br", "identity", "xgzip", ""]
)
def test_other_clients_get_it_as_it_is(accepted: str) -> None:
    answer = call("GET", "/long/1024", ("Accept-Encoding", accepted))
    assert answer.body == b"x" * 1024
    assert "Content-Encoding" not in dict(answer.headers)
    assert call("GET", "/long/1024").body == answer.body


def test_a_small_or_encoded_answer_is_sent_as_it_is() -> None:
    asked = ("Accept-Encoding", "gzip")
    assert call("GET", "/long/1023", asked).body == b"x" * 1023
    assert dict(call("GET", "/encoded", asked).headers)["Content-Encoding"] == "br"


def test_a_head_has_no_body_to_compress() -> None:
    answer = call("HEAD", "/long/5000", ("Accept-Encoding", "gzip"))
    assert answer.body == b""


def test_a_crash_of_the_app_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    response = call("GET", "/crash")
    assert response.status == 502
    assert shown(response)["error"]["code"] == "INTERNAL_ERROR"
    assert b"Traceback" not in response.body
    assert "the app crashed on GET /crash" in caplog.text


def test_requests_of_many_threads_do_not_mix() -> None:
    seen: dict[str, str] = {}
    barrier = threading.Barrier(16)

    def ask(name: str) -> None:
        barrier.wait()
        for _ in range(20):
            answer = shown(call("GET", f"/echo/{name}?a={name}"))
            if (answer["name"], answer["all"]) != (name, [name]):
                seen[name] = str(answer)

    threads = [threading.Thread(target=ask, args=(f"n{number}",)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {}
