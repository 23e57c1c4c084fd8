"""Who may use the control surface: a page of another origin may not, a program on this machine
may."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator

import pytest

from local.control.origin import guarded, objection
from local.gateway import HttpRequest, HttpResponse
from tests.local_server import LocalServer

PORT = 8000
HOST = ("Host", "127.0.0.1:8000")

WELCOME = {
    "a program": [HOST],
    "a program, by name": [("Host", "localhost:8000")],
    "a program, by the other address": [("Host", "[::1]:8000")],
    "a header in other letters": [("HOST", "LocalHost:8000")],
    "an address typed into a browser": [HOST, ("Sec-Fetch-Site", "none")],
    "a link on our page": [HOST, ("Sec-Fetch-Site", "same-origin")],
    "a form of our page": [
        HOST, ("Origin", "http://127.0.0.1:8000"), ("Sec-Fetch-Site", "same-origin"),
    ],
    "a form of our page, by name": [
        ("Host", "localhost:8000"), ("Origin", "http://localhost:8000"),
    ],
}  # fmt: skip

REFUSED = {
    "a page elsewhere": [HOST, ("Origin", "https://evil.example")],
    "a sandboxed page, a file, or a page behind a redirect": [HOST, ("Origin", "null")],
    "no origin at all": [HOST, ("Origin", "")],
    "another scheme": [HOST, ("Origin", "https://127.0.0.1:8000")],
    "another port of this machine": [HOST, ("Origin", "http://127.0.0.1:3000")],
    "another name of this machine": [HOST, ("Origin", "http://localhost:8000")],
    "a name that begins like ours": [HOST, ("Origin", "http://127.0.0.1:8000.evil.example")],
    "one origin of two": [
        HOST, ("Origin", "http://127.0.0.1:8000"), ("Origin", "https://evil.example"),
    ],
    "a picture on a page elsewhere": [HOST, ("Sec-Fetch-Site", "cross-site")],
    "a script on another port of this machine": [HOST, ("Sec-Fetch-Site", "same-site")],
    "a name pointed to this machine": [("Host", "evil.example:8000")],
    "the same without a port": [("Host", "evil.example")],
    "the same as its own origin": [
        ("Host", "evil.example:8000"), ("Origin", "http://evil.example:8000"),
        ("Sec-Fetch-Site", "same-origin"),
    ],
    "a name with ours before it": [("Host", "localhost.evil.example:8000")],
    "a name with ours after it": [("Host", "evil.localhost:8000")],
    "another port": [("Host", "127.0.0.1:3000")],
    "no port": [("Host", "127.0.0.1")],
    "no host": [],
    "an empty host": [("Host", "")],
    "two hosts": [HOST, ("Host", "evil.example:8000")],
}  # fmt: skip


@pytest.mark.parametrize("sent", WELCOME.values(), ids=WELCOME.keys())
def test_programs_and_our_own_pages_are_welcome(sent: list[tuple[str, str]]) -> None:
    assert objection(HttpRequest("POST", "/_local/reset", tuple(sent)), PORT) == ""


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize("sent", REFUSED.values(), ids=REFUSED.keys())
def test_pages_of_other_origins_are_refused(sent: list[tuple[str, str]], method: str) -> None:
    answer = guarded(_unreachable, PORT)(HttpRequest(method, "/_local/outbox", tuple(sent)))
    assert answer.status == 403
    error = json.loads(answer.body)["error"]
    assert (error["code"], "127.0.0.1:8000" in error["message"]) == ("FORBIDDEN", True)


def test_a_page_that_tells_no_referrer_may_open_the_checkout_and_nothing_else() -> None:
    sent = (("Host", f"127.0.0.1:{PORT}"), ("Origin", "null"))
    checkout = "/_local/razorpay/v1/checkout/embedded"
    assert objection(HttpRequest("POST", checkout, sent), PORT) == ""
    assert objection(HttpRequest("POST", "/_local/reset", sent), PORT) != ""
    foreign = (*sent, ("Sec-Fetch-Site", "cross-site"))
    assert objection(HttpRequest("POST", checkout, foreign), PORT) != ""


def _unreachable(_: HttpRequest) -> HttpResponse:
    raise AssertionError("the request was let through")


def test_the_usual_port_of_http_is_left_out_of_the_host() -> None:
    assert objection(HttpRequest("GET", "/_local/", (("Host", "localhost"),)), 80) == ""


@pytest.mark.parametrize("path", ["/", "/api/public/zones", "/_localised", "/l/abc"])
def test_the_product_itself_answers_every_origin_as_deployed(path: str) -> None:
    def answer(_: HttpRequest) -> HttpResponse:
        return HttpResponse(200)

    request = HttpRequest("GET", path, (("Host", "x"), ("Origin", "https://shop.example")))
    assert guarded(answer, PORT)(request).status == 200


# -- the server as it is started


@pytest.fixture(scope="module")
def berth() -> Iterator[LocalServer]:
    started = LocalServer()
    yield started
    started.end()


def ask(berth: LocalServer, method: str, path: str, **headers: str) -> http.client.HTTPResponse:
    """An answer, read. The `Host` is the server's own unless `headers` say otherwise."""
    connection = http.client.HTTPConnection("127.0.0.1", berth.port, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, b"{}" if method == "POST" else None, named)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


PATHS = [
    ("GET", "/_local"), ("GET", "/_local/"), ("GET", "/_local/outbox"), ("GET", "/_local/mails"),
    ("GET", "/_local/mails/1/html"), ("GET", "/_local/stats"), ("GET", "/_local/nothing"),
    ("POST", "/_local/clock"), ("POST", "/_local/forms/clock"), ("POST", "/_local/reset"),
    ("OPTIONS", "/_local/reset"), ("PUT", "/_local/clock"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_the_server_refuses_other_origins_on_every_path(
    berth: LocalServer, method: str, path: str
) -> None:
    for foreign in ({"Origin": "https://evil.example"}, {"Host": f"evil.example:{berth.port}"}):
        answer = ask(berth, method, path, **foreign)
        assert answer.status == 403
        assert answer.getheader("Access-Control-Allow-Origin") is None


@pytest.mark.parametrize(
    "body_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_a_form_elsewhere_changes_nothing(berth: LocalServer, body_type: str) -> None:
    """These need no preflight, so a browser sends them before anybody is asked."""
    before = berth.done("GET", "/_local/clock")["offset_seconds"]
    foreign = {"Origin": "https://evil.example", "Content_Type": body_type}
    connection = http.client.HTTPConnection("127.0.0.1", berth.port, timeout=30)
    headers = {name.replace("_", "-"): value for name, value in foreign.items()}
    connection.request("POST", "/_local/clock", b'{"advance_seconds": 60}', headers)
    assert connection.getresponse().status == 403
    connection.close()
    assert berth.done("GET", "/_local/clock")["offset_seconds"] == before


@pytest.mark.parametrize("path", ["/_local/", "/_local/outbox", "/_local/clock", "/_local/mails"])
def test_no_answer_lets_another_origin_read_it(berth: LocalServer, path: str) -> None:
    answer = ask(berth, "GET", path, Origin=berth.address)
    assert answer.status == 200
    assert answer.getheader("Access-Control-Allow-Origin") is None
