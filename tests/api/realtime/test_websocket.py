from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import app
from chalicelib import wiring
from chalicelib.api.realtime.websocket import SPEAK
from chalicelib.domain.core.change import saving
from chalicelib.services.core.deps import Deps
from chalicelib.services.realtime.subscriptions import SUBSCRIBE
from tests.clock import Clock
from tests.fake_sockets import FakeSockets, fake_sockets, with_realtime
from tests.world import World


class Socket:
    """A connection, spoken to through the handlers that Lambda calls."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_REGION", "ap-south-1")
        self._since = int(world.deps.now().timestamp() * 1000)
        self._frames = fake_sockets(world.deps).frames["c1"]

    def event(self, **more: Any) -> dict[str, Any]:
        context = {
            "connectionId": "c1", "connectedAt": self._since, "domainName": "x", "stage": "test",
            "apiId": "x", "identity": {"sourceIp": "203.0.113.7"},
        }  # fmt: skip
        return {"requestContext": context, **more}

    def open(self) -> int:
        return int(app.socket_opened(self.event(), None)["statusCode"])

    def say(self, frame: Any) -> dict[str, Any]:
        """The frame that one of ours is answered with."""
        text = frame if isinstance(frame, str) else json.dumps(frame)
        assert app.socket_message(self.event(body=text), None) == {"statusCode": 200}
        return self._frames[-1]

    def end(self) -> None:
        app.socket_closed(self.event(), None)


@pytest.fixture
def socket(world: World, monkeypatch: pytest.MonkeyPatch) -> Socket:
    return Socket(with_realtime(world), monkeypatch)


@pytest.fixture
def sockets(deps: Deps) -> FakeSockets:
    return fake_sockets(deps)


def test_the_hotel_systems_name_of_a_channel_is_another_name_of_it(
    world: World, socket: Socket, sockets: FakeSockets, deliver: Callable[[], list[object]]
) -> None:
    socket.open()
    token = world.token(world.staff)
    said = socket.say({"action": "subscribe", "channel": "hotel-central", "token": token})
    assert (said["type"], said["channel"], said["site"]) == (
        "subscribed", "hotel-central", "central",
    )  # fmt: skip
    world.book()
    deliver()
    heard = [frame for frame in sockets.frames["c1"] if frame["type"] == "event"]
    assert {frame["channel"] for frame in heard} == {"hotel-central"}
    gone = socket.say({"action": "unsubscribe", "channel": "hotel-central"})
    assert (gone["type"], gone["channel"]) == ("unsubscribed", "hotel-central")


@pytest.mark.parametrize(
    "named", [{}, {"channel": "central"}, {"channel": "site-central", "site": "hall"}]
)
def test_a_frame_without_a_good_channel_is_refused_by_field(
    world: World, socket: Socket, named: dict[str, str]
) -> None:
    socket.open()
    said = socket.say({"action": "subscribe", "token": world.token(world.staff), **named})
    assert said["error"]["code"] == "VALIDATION_FAILED"
    assert "channel" in said["error"]["fields"]


def test_a_connection_subscribes_and_unsubscribes(world: World, socket: Socket, deps: Deps) -> None:
    assert socket.open() == 200
    token = world.token(world.staff)
    said = socket.say({"action": "subscribe", "site": "central", "token": token})
    assert said == {
        "type": "subscribed", "channel": "site-central", "site": "central",
        "cursor": "001795219199999", "until": "2026-11-21T08:30:00Z",
    }  # fmt: skip
    said = socket.say({"action": "unsubscribe", "site": "central"})
    assert said == {"type": "unsubscribed", "channel": "site-central", "site": "central"}
    assert deps.subscriptions.of_connection("c1") == ()


def test_the_end_of_a_connection_is_the_end_of_its_subscriptions(
    world: World, socket: Socket, deps: Deps
) -> None:
    socket.say({"action": "subscribe", "site": "central", "token": world.token(world.staff)})
    assert deps.subscriptions.of_site("central")
    socket.end()
    assert deps.subscriptions.of_site("central") == ()


NAMED = {
    "{nonsense": {"body": "must be valid JSON"},
    "[]": {"body": "must be a JSON object"},
    '"subscribe"': {"body": "must be a JSON object"},
    "null": {"body": "must be a JSON object"},
    "": {"action": "must be one of subscribe, unsubscribe, ping"},
    "{}": {"action": "must be one of subscribe, unsubscribe, ping"},
    '{"action": "dance"}': {"action": "must be one of subscribe, unsubscribe, ping"},
    '{"action": {"a": 1}}': {"action": "must be one of subscribe, unsubscribe, ping"},
    '{"action": "subscribe"}': {"token": "is required"},
    '{"action": "unsubscribe", "site": 7}': {"site": "must be text"},
    '{"action": "ping", "louder": true}': {"louder": "is not a known field"},
    '{"action": "ping", "n": NaN}': {"body": "must be valid JSON"},
    '{"action": "\ud800"}': None,
    "[" * 5000: {"body": "must be valid JSON"},
}


@pytest.mark.parametrize("text", NAMED, ids=lambda text: text[:30].encode("ascii", "replace"))
def test_what_cannot_be_understood_is_answered_by_name(text: str, socket: Socket) -> None:
    said = socket.say(text)
    assert (said["type"], said["error"]["code"]) == ("error", "VALIDATION_FAILED")
    if NAMED[text] is not None:
        assert said["error"]["fields"] == NAMED[text]


def test_a_frame_out_of_all_proportion_is_refused(socket: Socket) -> None:
    said = socket.say(json.dumps({"action": "ping", "x": "y" * 9000}))
    assert said["error"]["code"] == "PAYLOAD_TOO_LARGE"


def test_who_cannot_prove_who_they_are_is_told_so_and_disconnected(
    socket: Socket, sockets: FakeSockets
) -> None:
    said = socket.say({"action": "subscribe", "site": "central", "token": "nonsense"})
    assert said["error"]["code"] == "NOT_AUTHENTICATED"
    assert sockets.closed == ["c1"]


def test_a_site_that_is_not_there_ends_no_connection(
    world: World, socket: Socket, sockets: FakeSockets
) -> None:
    world.add_site("quiet")
    token = world.token(world.staff)
    codes = [
        socket.say({"action": "subscribe", "site": site, "token": token})["error"]["code"]
        for site in ("nowhere", "quiet")
    ]
    assert codes == ["SITE_NOT_FOUND", "REALTIME_OFF"]
    assert sockets.closed == []


def test_a_ping_is_answered_with_the_time(socket: Socket) -> None:
    assert socket.say({"action": "ping"}) == {
        "type": "pong", "server_time": "2026-11-21T06:30:00Z",
    }  # fmt: skip


def test_pings_alone_keep_nobody_connected(
    world: World, socket: Socket, sockets: FakeSockets, clock: Clock
) -> None:
    clock.move(seconds=31)
    assert socket.say({"action": "ping"})["error"]["code"] == "NOT_AUTHENTICATED"
    assert sockets.closed == ["c1"]
    socket.say({"action": "subscribe", "site": "central", "token": world.token(world.staff)})
    assert socket.say({"action": "ping"})["type"] == "pong"


@pytest.mark.parametrize(
    "frame", [{"action": "unsubscribe", "site": "central"}, {"action": "dance"}, "{nonsense", ""]
)
def test_nothing_but_a_subscription_keeps_a_connection(
    frame: Any, world: World, socket: Socket, sockets: FakeSockets, clock: Clock
) -> None:
    clock.move(seconds=29)
    socket.say(frame)
    assert sockets.closed == []
    clock.move(seconds=1)
    assert socket.say(frame)["type"] == "error"
    assert sockets.closed == ["c1"]


def test_whoever_hears_a_site_may_misspeak(
    world: World, socket: Socket, sockets: FakeSockets, clock: Clock
) -> None:
    socket.say({"action": "subscribe", "site": "central", "token": world.token(world.staff)})
    clock.move(minutes=30)
    assert socket.say("{nonsense")["error"]["code"] == "VALIDATION_FAILED"
    assert sockets.closed == []


def test_a_ping_does_not_prolong_a_subscription_that_has_run_out(
    world: World, socket: Socket, sockets: FakeSockets, clock: Clock
) -> None:
    """Otherwise a client that gets no more events would think that nothing happens."""
    socket.say({"action": "subscribe", "site": "central", "token": world.token(world.staff)})
    clock.move(hours=1, minutes=59)
    assert socket.say({"action": "ping"})["type"] == "pong"
    clock.move(minutes=1)
    assert socket.say({"action": "ping"})["error"]["code"] == "NOT_AUTHENTICATED"
    assert sockets.closed == ["c1"]


def test_who_says_too_much_is_told_so_and_disconnected(
    world: World, socket: Socket, sockets: FakeSockets
) -> None:
    wiring.use(replace(world.deps, settings=replace(world.deps.settings, limits_factor=1)))
    while (said := socket.say({"action": "ping"}))["type"] == "pong":
        assert len(sockets.frames["c1"]) < 2 * SPEAK.per_source_ip
    assert said["error"]["code"] == "TOO_MANY_REQUESTS"
    assert said["error"]["retry_after"] >= 1
    assert sockets.closed == ["c1"]


def test_a_frame_of_bytes_or_of_nothing_is_answered(socket: Socket) -> None:
    """API Gateway hands bytes over as base64, and of an empty frame no body at all."""
    app.socket_message(socket.event(body="eyJhY3Rpb24iOiAicGluZyJ9", isBase64Encoded=True), None)
    app.socket_message(socket.event(), None)
    codes = [frame["error"]["code"] for frame in socket._frames]
    assert codes == ["VALIDATION_FAILED"] * 2


def test_an_address_that_opens_too_many_is_turned_away(world: World, socket: Socket) -> None:
    strict = replace(world.deps.settings, limits_factor=1)
    wiring.use(replace(world.deps, settings=strict))
    assert 429 in (socket.open() for _ in range(100 * SUBSCRIBE.per_source_ip))
    said = socket.say({"action": "subscribe", "site": "central", "token": world.token(world.staff)})
    assert said["error"]["code"] == "TOO_MANY_REQUESTS"
    assert said["error"]["retry_after"] >= 1


def test_an_error_is_in_the_language_that_its_frame_asks_for(socket: Socket) -> None:
    said = socket.say({"action": "louder", "language": "hi-IN"})
    assert said["error"]["fields"] == {
        "action": "इनमें से एक होना चाहिए: subscribe, unsubscribe, ping"
    }
    assert socket.say({"action": "ping", "language": "hi"})["type"] == "pong"


def test_an_error_is_in_the_language_of_the_account_first(world: World, socket: Socket) -> None:
    customer = world.deps.accounts.get(world.user.account_id)
    world.deps.commit(saving(customer.evolve(language="hi")))
    frame = {"action": "subscribe", "site": "nowhere", "token": world.token(world.user)}
    assert (
        socket.say({**frame, "language": "en"})["error"]["message"]
        == "ऐसा कोई स्थल नहीं है। कृपया उसकी आईडी जाँचें।"
    )
