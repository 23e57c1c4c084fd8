from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.client import Client
from tests.clock import Clock
from tests.fake_sockets import with_realtime
from tests.world import World

Deliver = Callable[[], list[object]]


@pytest.fixture
def world(world: World) -> World:
    return with_realtime(world)


def test_a_screen_reads_on_where_it_stopped(world: World, client: Client, deliver: Deliver) -> None:
    booking = world.book()
    deliver()
    desk = client.by(world.staff)
    first = desk.get("/api/events?site=central&limit=1")
    (event,) = first.body["items"]
    assert (event["id"], event["event"]) == ("001795219200000", "booking-updated")
    assert event["data"]["booking_id"] == booking.booking_id
    assert first.body["more"] is True
    rest = desk.get(f"/api/events?site=central&cursor={first.body['next_cursor']}")
    assert [each["event"] for each in rest.body["items"]] == ["availability-changed"]
    assert rest.body["more"] is False


def test_who_polls_is_told_in_a_few_bytes_that_nothing_has_happened(
    world: World, client: Client, deliver: Deliver
) -> None:
    desk = client.by(world.staff)
    path = "/api/events?site=central"
    empty = desk.get(path)
    assert (empty.body["items"], empty.body["next_cursor"]) == ([], "001795219199999")
    again = desk.sending(If_None_Match=empty.headers["ETag"])
    assert again.get(path).status == 304
    world.book()
    deliver()
    assert again.get(path).status == 200


def test_who_was_away_for_longer_than_events_are_kept_is_told_so(
    world: World, client: Client, deliver: Deliver, clock: Clock
) -> None:
    world.book()
    deliver()
    old = client.by(world.staff).get("/api/events?site=central&limit=1").body["next_cursor"]
    clock.move(days=8)
    world.book(number="A-002")
    deliver()
    desk = client.by(world.staff)
    answer = desk.get(f"/api/events?site=central&cursor={old}")
    assert (answer.status, answer.code) == (410, "CURSOR_EXPIRED")
    assert desk.get("/api/events?site=central").body["items"] != []


@pytest.mark.parametrize("query", ["", "site=central&cursor=x", "site=central&cursor=1", "site=A"])
def test_a_wrong_question_is_named(world: World, client: Client, query: str) -> None:
    assert client.by(world.staff).get(f"/api/events?{query}").status == 400


def test_the_events_of_a_site_that_is_not_there(world: World, client: Client) -> None:
    answer = client.by(world.admin).get("/api/events?site=nowhere")
    assert (answer.status, answer.code) == (404, "SITE_NOT_FOUND")


def test_owners_switch_realtime_on(world: World, client: Client) -> None:
    owner = client.by(world.owner)
    answer = owner.patch("/api/admin/sites/central", {"realtime": False})
    assert (answer.status, answer.body["realtime"]) == (200, False)
