"""Several bookings at once over HTTP: the shape of the answers, and the refusals by name."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from chalicelib.domain.core.localtime import parse_instant
from chalicelib.domain.sites.blackout import Blackout
from tests import builders
from tests.client import Client, Reply
from tests.world import World

START = "2026-11-23T04:30:00Z"
SERIES = {
    "zone_id": "halls",
    "start": START,
    "minutes": 60,
    "repeat": {"every": "week", "times": 3},
}
SPACES = {"zone_id": "halls", "start": START, "minutes": 60, "quantity": 2}


@pytest.fixture
def user(client: Client, world: World) -> Client:
    """A customer of three halls, closed on 30 November."""
    closed = Blackout(parse_instant("2026-11-30T00:00:00Z"), parse_instant("2026-12-01T00:00:00Z"))
    policy = dataclasses.replace(builders.VENUE, blackouts=(closed,))
    world.add_zone("halls", builders.VENUE, kind="venue", tariff=builders.FREE, spaces=3)
    world.add_zone("closed", policy, kind="venue", tariff=builders.FREE, spaces=3)
    return client.by(world.user)


def starts(answer: Reply) -> list[str]:
    return [booking["start_time"] for booking in answer.body["bookings"]]


def test_several_spaces_are_answered_as_a_group(user: Client) -> None:
    answer = user.post("/api/bookings", SPACES)
    assert answer.status == 201
    assert starts(answer) == [START, START]
    assert len({booking["space_id"] for booking in answer.body["bookings"]}) == 2
    assert {booking["group_id"] for booking in answer.body["bookings"]} == {answer.body["group_id"]}
    assert answer.body["skipped"] == []


def test_one_booking_is_answered_as_ever(user: Client) -> None:
    answer = user.post("/api/bookings", SPACES | {"quantity": 1, "repeat": None})
    assert (answer.status, answer.body["group_id"]) == (201, None)


def test_a_series_is_answered_date_by_date(user: Client) -> None:
    answer = user.post("/api/bookings", SERIES)
    assert starts(answer) == [START, "2026-11-30T04:30:00Z", "2026-12-07T04:30:00Z"]
    until = {"every": "week", "until": "2026-12-07"}
    assert starts(user.post("/api/bookings", SERIES | {"repeat": until})) == starts(answer)


def test_spaces_and_dates_together_are_answered_in_order(user: Client) -> None:
    answer = user.post("/api/bookings", SERIES | {"quantity": 2})
    assert (
        starts(answer) == [START] * 2 + ["2026-11-30T04:30:00Z"] * 2 + ["2026-12-07T04:30:00Z"] * 2
    )


def test_dates_that_cannot_be_had_are_listed_in_the_refusal(user: Client) -> None:
    answer = user.post("/api/bookings", SERIES | {"zone_id": "closed"})
    assert (answer.status, answer.code) == (409, "DATES_UNAVAILABLE")
    (date,) = answer.body["error"]["dates"]
    assert (date["date"], date["code"]) == ("2026-11-30", "BLACKED_OUT")
    assert user.get("/api/bookings").body["items"] == []


def test_skipped_dates_are_listed_in_the_answer(user: Client) -> None:
    repeat = {"every": "week", "times": 3, "on_conflict": "skip"}
    answer = user.post("/api/bookings", SERIES | {"zone_id": "closed", "repeat": repeat})
    assert starts(answer) == [START, "2026-12-07T04:30:00Z"]
    assert [each["date"] for each in answer.body["skipped"]] == ["2026-11-30"]


@pytest.mark.parametrize(
    ("wish", "fields"),
    [
        ({"quantity": 0}, {"quantity"}),
        ({"quantity": 11}, {"quantity"}),
        ({"quantity": 2, "zone_id": None, "space_id": "halls.A-001"}, {"quantity"}),
        ({"quantity": 10, "repeat": {"every": "week", "times": 6}}, {"quantity"}),
        ({"repeat": {"every": "week", "times": 1}}, {"repeat.times"}),
        ({"repeat": {"every": "week", "times": 53}}, {"repeat.times"}),
        ({"repeat": {"every": "week"}}, {"repeat.times"}),
        ({"repeat": {"every": "year", "times": 2}}, {"repeat.every"}),
        ({"repeat": {"times": 2}}, {"repeat.every"}),
        ({"repeat": {"every": "day", "until": "2026-11-23"}}, {"repeat.until"}),
        ({"repeat": {"every": "day", "until": "tomorrow"}}, {"repeat.until"}),
        ({"repeat": {"every": "day", "times": 2}, "minutes": 1441}, {"repeat.every"}),
        ({"repeat": {"every": "day", "times": 2}, "minutes": 5}, {"minutes"}),
        ({"repeat": {"every": "day", "times": 2}, "start": "2026-11-20T00:00:00Z"}, {"start"}),
        ({"repeat": {"every": "day", "times": 2, "colour": 1}}, {"repeat.colour"}),
        ({"repeat": "weekly"}, {"repeat"}),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_named(
    user: Client, wish: dict[str, Any], fields: set[str]
) -> None:
    answer = user.post("/api/bookings", {"zone_id": "halls", "start": START, "minutes": 60} | wish)
    assert (answer.status, set(answer.fields)) == (400, fields)


def test_the_same_key_gives_the_same_group(user: Client) -> None:
    keyed = user.sending(Idempotency_Key="series")
    first = keyed.post("/api/bookings", SERIES)
    again = keyed.post("/api/bookings", SERIES)
    assert (again.status, again.body) == (first.status, first.body)
    assert len(user.get("/api/bookings").body["items"]) == 3


def test_a_group_is_listed_earliest_first_page_by_page(user: Client, world: World) -> None:
    made = user.post("/api/bookings", SERIES).body
    user.post("/api/bookings", SPACES)
    path = f"/api/bookings?group_id={made['group_id']}"
    page = user.get(f"{path}&limit=2").body
    rest = user.get(f"{path}&limit=2&cursor={page['next_cursor']}").body
    listed = [item["booking_id"] for item in page["items"] + rest["items"]]
    assert listed == [booking["booking_id"] for booking in made["bookings"]]
    assert rest["next_cursor"] is None
    assert len(user.get(f"{path}&status=cancelled").body["items"]) == 0


def test_the_rest_of_a_series_is_cancelled_with_one_call(user: Client) -> None:
    made = user.post("/api/bookings", SERIES).body["bookings"]
    path = f"/api/bookings/{made[1]['booking_id']}/cancel"
    answer = user.post(path, {"scope": "rest"})
    assert answer.status == 200
    assert [each["booking_id"] for each in answer.body["cancelled"]] == [
        each["booking_id"] for each in made[1:]
    ]
    assert {each["status"] for each in answer.body["cancelled"]} == {"cancelled"}
    assert answer.body["message"] == "2 bookings are cancelled."
    everything = user.post(path, {"scope": "all"})
    assert [each["code"] for each in everything.body["kept"]] == ["ALREADY_ENDED"] * 2
    assert [each["booking_id"] for each in everything.body["cancelled"]] == [made[0]["booking_id"]]
    assert user.post(path, {"scope": "all"}).code == "ALREADY_ENDED"


def test_one_is_what_is_cancelled_where_nothing_is_said(user: Client) -> None:
    made = user.post("/api/bookings", SPACES).body["bookings"]
    answer = user.post(f"/api/bookings/{made[0]['booking_id']}/cancel")
    assert (answer.status, answer.body["status"]) == (200, "cancelled")
    assert user.get(f"/api/bookings/{made[1]['booking_id']}").body["status"] == "booked"


def test_a_booking_made_alone_has_no_rest(user: Client) -> None:
    alone = user.post("/api/bookings", SPACES | {"quantity": 1}).body["booking_id"]
    answer = user.post(f"/api/bookings/{alone}/cancel", {"scope": "rest"})
    assert (answer.status, set(answer.fields)) == (400, {"scope"})


def test_staff_who_cancel_a_group_are_audited_once(
    user: Client, client: Client, world: World
) -> None:
    made = user.post("/api/bookings", SPACES).body
    path = f"/api/bookings/{made['bookings'][0]['booking_id']}/cancel"
    assert client.by(world.staff).post(path, {"scope": "all", "reason": "repairs"}).status == 200
    events = client.by(world.admin).get("/api/admin/audit?site=central").body["items"]
    assert [(e["action"], e["subject"]) for e in events] == [("cancel_bookings", made["group_id"])]
