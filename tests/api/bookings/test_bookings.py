from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.sites.blackout import Blackout
from chalicelib.domain.sites.opening_hours import OpeningHours
from chalicelib.domain.sites.policy import Policy
from tests.builders import TIMED, VENUE
from tests.client import Client
from tests.clock import NOON, Clock
from tests.world import World

PARK = {"zone_id": "zone-a", "vehicle_number": "KA01AB1234", "owner_name": "Asha Rao"}
HOUR = timedelta(hours=1)


@pytest.fixture
def user(client: Client, world: World) -> Client:
    return client.by(world.user)


@pytest.fixture
def staff(client: Client, world: World) -> Client:
    return client.by(world.staff)


def inr(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "INR"}


# -- booking


def test_parking_now_is_for_zones_to_park_in(user: Client, world: World) -> None:
    world.add_zone("halls", VENUE, kind="venue")
    answer = user.post("/api/user/book-slot", PARK | {"zone_id": "halls"})
    assert (answer.status, answer.fields) == (400, {"zone_id": "must be a zone to park in"})


def test_parking_now_answers_the_booking_with_its_pass(user: Client, world: World) -> None:
    answer = user.post("/api/user/book-slot", PARK)
    body = answer.body
    assert answer.status == 201
    assert body["booking_id"].startswith("BK")
    assert body["qr_code"].startswith("BERTH")
    assert body["slot_number"] in ("A-001", "A-002", "A-003")
    assert body["space_id"] == f"zone-a.{body['slot_number']}"
    assert (body["zone_name"], body["site"], body["kind"]) == ("Zone A", "central", "parking")
    assert (body["status"], body["user_id"]) == ("booked", world.user.account_id)
    assert (body["start_time"], body["end_time"]) == (
        "2026-11-21T06:30:00Z",
        "2026-11-21T07:30:00Z",
    )
    assert body["payment"] == {
        "method": "CASH",
        "order_id": None,
        "status": "pending",
        "gateway": None,
        "pay_url": None,
        "amount": None,
        "pay_until": None,
        "amount_refunded": inr("0.00"),
        "refunds": [],
    }
    assert (body["booking_fee"], body["amount_paid"], body["amount_due"]) == (
        inr("50.00"),
        inr("0.00"),
        inr("0.00"),
    )


@pytest.mark.parametrize(
    ("wishes", "start", "end"),
    [
        ({"minutes": 30}, "2026-11-21T06:30:00Z", "2026-11-21T07:00:00Z"),
        (
            {"start": "2026-11-22T09:00:00+05:30", "minutes": 90},
            "2026-11-22T03:30:00Z",
            "2026-11-22T05:00:00Z",
        ),
        (
            {"start": "2026-11-22T04:00:00Z", "end": "2026-11-22T06:00:00Z"},
            "2026-11-22T04:00:00Z",
            "2026-11-22T06:00:00Z",
        ),
        ({"end": "2026-11-21T07:00:00Z"}, "2026-11-21T06:30:00Z", "2026-11-21T07:00:00Z"),
        (
            {"start": "2026-11-21T06:29:00Z"},
            "2026-11-21T06:30:00Z",
            "2026-11-21T07:30:00Z",
        ),  # a minute late is now
    ],
)
def test_a_booking_takes_its_time_from_what_is_said(
    user: Client, wishes: dict[str, Any], start: str, end: str
) -> None:
    body = user.post("/api/bookings", {"zone_id": "zone-a", **wishes}).body
    assert (body["start_time"], body["end_time"]) == (start, end)


def test_a_named_space_is_the_one_booked(user: Client) -> None:
    body = user.post("/api/bookings", {"space_id": "zone-a.A-002", "minutes": 30}).body
    assert (body["space_id"], body["slot_number"]) == ("zone-a.A-002", "A-002")


@pytest.mark.parametrize(
    ("wishes", "fields"),
    [
        ({}, {"zone_id"}),
        ({"zone_id": "zone-a", "space_id": "zone-a.A-001"}, {"zone_id"}),
        ({"zone_id": "zone-a", "minutes": 0}, {"minutes"}),
        ({"zone_id": "zone-a", "minutes": 60, "end": "2026-11-21T08:00:00Z"}, {"minutes"}),
        (
            {"zone_id": "zone-a", "start": "2026-11-22T06:00:00Z", "end": "2026-11-22T05:00:00Z"},
            {"end"},
        ),
        (
            {"zone_id": "zone-a", "start": "2026-11-22T06:00:00Z", "end": "2026-11-22T06:00:00Z"},
            {"end"},
        ),
        ({"zone_id": "zone-a", "start": "2026-11-21T06:28:59Z"}, {"start"}),
        (
            {"zone_id": "zone-a", "start": "2027-11-21T06:30:00Z"},
            {"start"},
        ),  # beyond the advance window
        ({"zone_id": "zone-a", "start": "9999-12-31T23:59:59Z"}, {"start"}),
        ({"zone_id": "zone-a", "start": "0001-01-01T00:00:00Z"}, {"start"}),
        ({"zone_id": "zone-a", "minutes": 60 * 24 * 32}, {"minutes"}),
        ({"zone_id": "zone-a", "start": "2026-11-22"}, {"start"}),
        (
            {"zone_id": "zone-a", "guests": [{"name": ""}, {"nom": "x"}]},
            {"guests[0].name", "guests[1].name", "guests[1].nom"},
        ),
    ],
)
def test_a_wish_that_makes_no_sense_names_its_fields(
    user: Client, wishes: dict[str, Any], fields: set[str]
) -> None:
    answer = user.post("/api/bookings", wishes)
    assert (answer.status, answer.code) == (400, "VALIDATION_FAILED")
    assert set(answer.fields) == fields


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"zone_id": "nowhere"}, "ZONE_NOT_FOUND"),
        ({"space_id": "nowhere.A-001"}, "ZONE_NOT_FOUND"),
        ({"space_id": "zone-a.Z-999"}, "SPACE_NOT_FOUND"),
        ({"space_id": "zone-a"}, "SPACE_NOT_FOUND"),
    ],
)
def test_what_does_not_exist_cannot_be_booked(
    user: Client, wishes: dict[str, Any], code: str
) -> None:
    answer = user.post("/api/bookings", wishes)
    assert (answer.status, answer.code) == (404, code)


def test_a_full_zone_and_a_taken_space_are_told_apart(user: Client, world: World) -> None:
    world.book(world.other, number="A-001")
    taken = user.post("/api/bookings", {"space_id": "zone-a.A-001"})
    assert (taken.status, taken.code) == (409, "SPACE_TAKEN")
    for _ in range(2):
        user.post("/api/user/book-slot", PARK)
    full = user.post("/api/user/book-slot", PARK)
    assert (full.status, full.code) == (409, "ZONE_FULL")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"active": False}, "ZONE_CLOSED"),
        (
            {"policy": Policy(opening_hours=OpeningHours.from_json({"mon": ["09:00-17:00"]}))},
            "OUTSIDE_OPENING_HOURS",
        ),
        ({"policy": Policy(blackouts=(Blackout(NOON, NOON + HOUR),))}, "BLACKED_OUT"),
        ({"policy": Policy(prepay="required")}, "PAYMENT_METHOD_UNAVAILABLE"),
        ({"policy": Policy(quota_per_user=1)}, "QUOTA_REACHED"),
    ],
)
def test_a_zone_refuses_by_name(
    user: Client, world: World, changes: dict[str, Any], code: str
) -> None:
    world.change_zone(world.zone_a, **changes)
    answers = [user.post("/api/bookings", {"zone_id": "zone-a"}) for _ in range(2)]
    assert (answers[-1].status, answers[-1].code) == (409, code)


def test_paying_online_is_refused_by_name(user: Client) -> None:
    answer = user.post("/api/user/book-slot", PARK | {"payment_method": "ONLINE"})
    assert (answer.status, answer.code) == (409, "PAYMENT_METHOD_UNAVAILABLE")


def test_whoever_left_without_paying_books_again_only_when_that_is_settled(
    user: Client, client: Client, world: World, unpaid: str
) -> None:
    refused = user.post("/api/user/book-slot", PARK)
    assert (refused.status, refused.code) == (409, "PAYMENT_DUE")
    client.by(world.owner).post(f"/api/bookings/{unpaid}/waive", {"reason": "goodwill"})
    assert user.post("/api/user/book-slot", PARK).status == 201


def test_staff_book_for_a_guest_who_has_no_account(staff: Client) -> None:
    body = staff.post(
        "/api/bookings",
        {"zone_id": "zone-a", "guests": [{"name": "Ravi", "phone": "+91 98450 12345"}]},
    ).body
    assert body["user_id"] is None
    assert body["guests"] == [
        {"name": "Ravi", "email": None, "phone": "+91 98450 12345", "room": None}
    ]
    assert staff.get("/api/user/history").status == 403


# -- looking


def test_a_booking_tells_its_timer_by_the_servers_clock(
    user: Client, world: World, clock: Clock
) -> None:
    path = f"/api/bookings/{world.book().booking_id}"

    def timer() -> tuple[Any, ...]:
        body = user.get(path).body
        return (
            body["remaining_time"],
            body["expiring_soon"],
            body["is_expired"],
            body["server_time"],
        )

    assert timer() == (3600, False, False, "2026-11-21T06:30:00Z")
    clock.move(minutes=55, seconds=1)
    assert timer() == (299, True, False, "2026-11-21T07:25:01Z")


def test_the_timer_of_a_stay_that_runs_on_is_not_over(
    user: Client, world: World, clock: Clock
) -> None:
    world.change_zone(world.zone_a, policy=TIMED)
    booking = world.book(minutes=60)
    path = f"/api/bookings/{booking.booking_id}"
    clock.move(minutes=20)
    world.enter(booking)
    clock.move(minutes=45)
    body = user.get(path).body
    assert (body["status"], body["remaining_time"], body["is_expired"]) == ("active", 900, False)
    clock.move(minutes=15)
    body = user.get(path).body
    assert (body["status"], body["remaining_time"], body["is_expired"]) == ("completed", 0, True)


def test_the_detail_of_a_booking_has_its_timeline_and_the_list_has_not(
    user: Client, world: World
) -> None:
    booking = world.enter(world.book())
    told = user.get(f"/api/bookings/{booking.booking_id}").body["timeline"]
    assert [(entry["event"], entry["source"]) for entry in told] == [
        ("created", "api"),
        ("checked_in", "gate_entry"),
    ]
    assert "timeline" not in user.get("/api/bookings").body["items"][0]


def test_a_stay_shows_what_it_has_cost_so_far(user: Client, world: World, clock: Clock) -> None:
    world.enter(world.book())
    clock.move(minutes=66)
    body = user.get("/api/user/current-session").body
    assert (body["active"], len(body["sessions"])) == (True, 1)
    assert body["session"]["status"] == "active"
    assert body["session"]["amount_due"] == inr("100.00")
    assert body["session"]["qr_code"].startswith("BERTH")


def test_nobody_is_inside_where_nothing_is_booked(user: Client) -> None:
    assert user.get("/api/user/current-session").body == {
        "active": False,
        "session": None,
        "sessions": [],
    }


@pytest.mark.parametrize(
    "booking_id", ["BK1", "nonsense", "BK" + "Z" * 19, "%00", "bk7q2m9x4t1ng1qr00005"]
)
def test_an_id_that_was_never_given_out_is_404(user: Client, booking_id: str) -> None:
    for path in ("", "/qr.svg", "/qr.png", "/calendar.ics"):
        answer = user.get(f"/api/bookings/{booking_id}{path}")
        assert (answer.status, answer.code) == (404, "BOOKING_NOT_FOUND")


def test_the_pass_is_a_picture_and_the_time_a_calendar_file(user: Client, world: World) -> None:
    path = f"/api/bookings/{world.book().booking_id}"
    svg, ics = user.get(f"{path}/qr.svg"), user.get(f"{path}/calendar.ics")
    assert svg.headers["Content-Type"] == "image/svg+xml"
    assert svg.body.startswith(b"<svg")
    assert ics.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert ics.body.startswith(b"BEGIN:VCALENDAR\r\n")
