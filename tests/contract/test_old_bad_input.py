"""What old apps of the timer and the venue system send wrongly: named by its field, nothing half
done."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.client import Client
from tests.clock import Clock
from tests.contract.test_old_bookings import EVENT, FORM
from tests.hall import Hall
from tests.local_server import LocalServer
from tests.world import World

PATHS = ("/bookings/", "/waitlist/")

GOOD = json.dumps(EVENT)
BODIES: dict[str, tuple[str, dict[str, str]]] = {
    "a field twice": (f'{GOOD[:-1]}, "venue": "halls"}}', {"venue": "must be given once"}),
    "the same twice": (f'{GOOD[:-1]}, "date": "2026-11-24"}}', {"date": "must be given once"}),
    "garbage behind": (f"{GOOD} }}", {"body": "must be valid JSON"}),
    "another object behind": (GOOD + GOOD, {"body": "must be valid JSON"}),
    "cut off": (GOOD[:-1], {"body": "must be valid JSON"}),
    "a list": (f"[{GOOD}]", {"body": "must be a JSON object"}),
    "no number": (f'{GOOD[:-1]}, "minutes": NaN}}', {"body": "must be valid JSON"}),
    "an unknown field": (f'{GOOD[:-1]}, "seats": 3}}', {"seats": "is not a known field"}),
}
SLOTS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "31 February": ({"date": "2026-02-31"}, {"date": "must be a date such as 2026-11-21"}),
    "another order": ({"date": "23-11-2026"}, {"date": "must be a date such as 2026-11-21"}),
    "a.m.": ({"start_time": "09:00 AM"}, {"start_time": "must be a time of day such as 14:00"}),
    "backwards": ({"end_time": "11:00"}, {"end_time": "must be after start_time"}),
    "two at once": (
        {"date": "soon", "start_time": "noon"},
        {
            "date": "must be a date such as 2026-11-21",
            "start_time": "must be a time of day such as 14:00",
        },
    ),
}


@pytest.fixture
def hall(world: World, clock: Clock) -> Hall:
    hall = Hall(world, clock, spaces=2)
    hall.book(actor=world.other)
    return hall


@pytest.fixture
def user(hall: Hall) -> Client:
    return Client(hall.world).by(hall.world.user)


@pytest.fixture
def done(user: Client) -> Callable[[], list[str]]:
    """Returns the ids of what the customer has booked, and waits for."""
    return lambda: [row["id"] for path in PATHS for row in user.get(path).body]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", BODIES)
def test_json_is_refused_by_its_field(
    user: Client, done: Callable[[], list[str]], path: str, body: str
) -> None:
    sent, fields = BODIES[body]
    said = user.call("POST", path, sent.encode())
    assert (said.status, said.fields) == (400, fields)
    assert done() == []


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("field", EVENT)
def test_a_form_with_a_field_twice_is_refused_by_it(
    user: Client, done: Callable[[], list[str]], path: str, field: str
) -> None:
    sent = urlencode([*EVENT.items(), (field, EVENT[field])]).encode()
    said = user.sending(Content_Type=FORM).call("POST", path, sent)
    assert (said.status, said.fields) == (400, {field: "must be given once"})
    assert done() == []


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("form", [False, True], ids=["json", "form"])
def test_a_time_is_refused_by_its_field(
    user: Client, done: Callable[[], list[str]], path: str, slot: str, form: bool
) -> None:
    changed, fields = SLOTS[slot]
    sent = EVENT | changed
    body = urlencode(sent).encode() if form else json.dumps(sent).encode()
    caller = user.sending(Content_Type=FORM) if form else user
    said = caller.call("POST", path, body)
    assert (said.status, said.fields) == (400, fields)
    assert done() == []


def _parts(fields: list[tuple[str, str]]) -> bytes:
    """A form as the script of a page sends it (FormData)."""
    head = 'Content-Disposition: form-data; name="{}"'
    parts = (f"--b7\r\n{head.format(name)}\r\n\r\n{value}\r\n" for name, value in fields)
    return "".join([*parts, "--b7--\r\n"]).encode()


@pytest.mark.parametrize(("path", "at"), [("/bookings/", "12:00"), ("/waitlist", "13:00")])
def test_a_form_of_several_parts_is_taken_too_with_each_field_once(
    hall: Hall, user: Client, done: Callable[[], list[str]], path: str, at: str
) -> None:
    hall.book(1, 2, number="A-001", actor=hall.world.other)
    hall.book(1, 2, number="A-002", actor=hall.world.other)
    slot = EVENT | {"start_time": at, "end_time": f"{int(at[:2]) + 1}:00"}
    caller = user.sending(Content_Type="multipart/form-data; boundary=b7")
    fields = list(slot.items())
    said = caller.call("POST", path, _parts([*fields, ("date", slot["date"])]))
    assert (said.status, said.fields) == (400, {"date": "must be given once"})
    assert done() == []
    said = caller.call("POST", path, _parts(fields))
    assert (said.status, {name: said.body[name] for name in slot}) == (201, slot)
    assert done() == [said.body["id"]]


def test_a_form_may_have_what_its_page_adds(user: Client, done: Callable[[], list[str]]) -> None:
    sent = urlencode(EVENT | {"csrfmiddlewaretoken": "abc"}).encode()
    assert user.sending(Content_Type=FORM).call("POST", "/bookings/", sent).status == 201
    assert len(done()) == 1


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml"])
@pytest.mark.parametrize("path", PATHS)
def test_another_type_of_body_is_415(
    user: Client, done: Callable[[], list[str]], path: str, content_type: str
) -> None:
    said = user.sending(Content_Type=content_type).call("POST", path, GOOD.encode())
    assert (said.status, said.code) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert done() == []


@pytest.mark.parametrize("path", ["/bookings/?limit=1&limit=2", "/waitlist/?cursor=a&cursor=b"])
def test_a_query_with_a_field_twice_is_refused_by_it(user: Client, path: str) -> None:
    said = user.get(path)
    assert said.status == 400
    assert list(said.fields.values()) == ["must be given once"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/bookings/BK1/", "GET, HEAD, OPTIONS"),
        ("GET", "/bookings/BK1/confirm/", "OPTIONS, POST"),
        ("POST", "/waitlist/WL1/leave/", "DELETE, OPTIONS"),
        ("POST", "/waitlist/my_waitlist/", "GET, HEAD, OPTIONS"),
    ],
)
def test_another_method_is_405_and_names_those_there_are(
    user: Client, method: str, path: str, allowed: str
) -> None:
    said = user.call(method, path)
    assert (said.status, said.code) == (405, "METHOD_NOT_ALLOWED")
    assert said.headers["Allow"] == allowed


# -- over real HTTP


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    with LocalServer() as running:
        yield running


@pytest.mark.parametrize("method", ["post", "PoSt", "BREW"])
def test_a_method_written_otherwise_does_nothing(server: LocalServer, method: str) -> None:
    server.reset()
    token = server.signed_in("user1")
    status, body = _asked(server, method, "/bookings/", token)
    assert (status, body["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert _asked(server, "GET", "/bookings/", token) == (200, [])
    status, made = _asked(server, "POST", "/bookings/", token)
    assert (status, made["status"]) == (201, "booked")
    _, (row,) = _asked(server, "GET", "/bookings", token)
    assert row["id"] == made["id"]


def _asked(server: LocalServer, method: str, path: str, token: str) -> tuple[int, Any]:
    """The answer to a request, of a slot of the lot with a timer where it takes a body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {"Content-Type": FORM, "Authorization": f"Bearer {token}"}
    body = None if method == "GET" else urlencode({"zone_id": "zone-t"})
    connection.request(method, path, body, headers)
    reply = connection.getresponse()
    read = json.loads(reply.read())
    connection.close()
    return reply.status, read
