"""Staff end a forgotten stay at an earlier instant: at the gate, in a hall, in a room."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.core import localtime
from chalicelib.domain.core.access import Actor
from chalicelib.services.bookings import availability
from tests.builders import METERED
from tests.client import Client, Reply
from tests.clock import NOON, Clock
from tests.hotel import Hotel
from tests.late_guests import a_hotel, a_late_guest
from tests.world import World

WHY = "the gate was open"


def _path(booking_id: str) -> str:
    return f"/api/bookings/{booking_id}/check-out"


def _ended(minutes: int) -> dict[str, Any]:
    return {"ended_at": localtime.iso(NOON + timedelta(minutes=minutes)), "reason": WHY}


@pytest.fixture
def stay(world: World) -> str:
    """A car that has been in a metered zone since noon."""
    world.change_zone(world.zone_a, policy=METERED)
    return world.enter(world.book(minutes=60)).booking_id


@pytest.fixture
def staff(client: Client, world: World) -> Client:
    return client.by(world.staff)


def _events(world: World) -> list[tuple[str, str, str, str]]:
    page = world.deps.audit.list_day("central", NOON.date(), limit=100)
    return [
        (event.actor, event.action, event.subject, event.detail)
        for event in page.events
        if event.action == "end_stay_earlier"
    ]


def test_a_car_that_left_unseen_pays_until_it_left(
    staff: Client, world: World, clock: Clock, stay: str
) -> None:
    clock.move(minutes=300)
    said = staff.post(_path(stay), {**_ended(66), "payment_method": "CASH"})
    assert said.status == 200, said.body
    assert said.body["actual_end_time"] == "2026-11-21T07:36:00Z"
    assert (said.body["cost"]["amount"], said.body["payment_status"]) == ("100.00", "paid")
    assert (said.body["duration_minutes"], said.body["auto_checkout"]) == (66, False)
    last = [each for each in said.body["timeline"] if each["event"] == "checked_out"][-1]
    note = f"ended at 2026-11-21T07:36:00Z: {WHY}"
    assert (last["at"], last["actor"], last["note"]) == (
        "2026-11-21T11:30:00Z", world.staff.account_id, note,
    )  # fmt: skip
    assert _events(world) == [(world.staff.account_id, "end_stay_earlier", stay, note)]
    assert len(availability.now_in(world.deps, world.zone_a).free) == 3


def test_a_repeated_request_changes_nothing(
    staff: Client, world: World, clock: Clock, stay: str
) -> None:
    clock.move(minutes=300)
    first = staff.post(_path(stay), _ended(66))
    clock.move(minutes=5)
    again = staff.post(_path(stay), _ended(66))
    assert (first.status, again.status) == (200, 200)
    assert again.body["version"] == first.body["version"]
    assert len(_events(world)) == 1
    other = staff.post(_path(stay), _ended(67))
    assert (other.status, other.code) == (409, "ALREADY_ENDED")
    paid = staff.post(_path(stay), {**_ended(66), "payment_method": "CASH"})
    assert paid.body["payment_status"] == "paid"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"reason": WHY}, {"ended_at": "is required with reason"}),
        (
            {"ended_at": "2026-11-21T06:45:00Z"},
            {"reason": "is required with ended_at"},
        ),
        (
            _ended(-1),
            {"ended_at": "must not be before the start of the stay, 2026-11-21T06:30:00Z"},
        ),
        (_ended(31), {"ended_at": "must not be in the future"}),
        (
            {"ended_at": "2026-11-21", "reason": WHY},
            {"ended_at": "must have a time of day: only rooms are booked by dates"},
        ),
    ],
)
def test_an_impossible_end_is_refused_by_its_field(
    staff: Client, world: World, clock: Clock, stay: str, body: Any, fields: dict[str, str]
) -> None:
    clock.move(minutes=30)
    said = staff.post(_path(stay), body)
    assert (said.status, said.fields) == (400, fields)
    assert world.deps.bookings.get(stay).is_live
    assert _events(world) == []


def test_a_local_time_is_one_of_the_site(staff: Client, clock: Clock, stay: str) -> None:
    clock.move(minutes=30)
    said = staff.post(_path(stay), {"ended_at": "2026-11-21T12:10", "reason": WHY})
    assert said.body["actual_end_time"] == "2026-11-21T06:40:00Z"


def _status(client: Client, who: Actor, stay: str) -> Reply:
    return client.by(who).post(_path(stay), _ended(10))


def test_owners_and_admins_may_and_guests_may_not(
    client: Client, world: World, clock: Clock, stay: str
) -> None:
    clock.move(minutes=30)
    assert _status(client, world.user, stay).status == 403
    assert _status(client, world.other, stay).status == 404
    assert world.deps.bookings.get(stay).is_live
    assert _status(client, world.owner, stay).status == 200
    assert _status(client, world.admin, stay).status == 200


def test_a_guest_may_not_where_nobody_checks_in_either(
    client: Client, world: World, clock: Clock
) -> None:
    world.add_zone("hall", replace(METERED, check_in="none"), kind="venue")
    stay = world.book(zone="hall", minutes=120).booking_id
    clock.move(minutes=60)
    assert _status(client, world.user, stay).status == 403
    said = _status(client, world.staff, stay)
    assert (said.status, said.body["actual_end_time"]) == (200, "2026-11-21T06:40:00Z")
    assert len(availability.now_in(world.deps, world.deps.catalogue.zone("hall")).free) == 2


def test_who_has_not_come_has_not_left(staff: Client, world: World, clock: Clock) -> None:
    booking = world.book(minutes=60)
    clock.move(minutes=30)
    said = staff.post(_path(booking.booking_id), _ended(10))
    assert (said.status, said.code) == (409, "NOT_CHECKED_IN")


HOTEL = "/api/staff/hotels/hotel"
URLS = ("/api/bookings/{}/check-out", HOTEL + "/room-bookings/{}/check-out",
        HOTEL + "/bookings/{}/checkout")  # fmt: skip


@pytest.mark.parametrize("url", URLS)
def test_an_overstay_that_had_left_in_time_pays_no_further_night(
    world: World, clock: Clock, url: str
) -> None:
    """Byrne left on the 27th at ten; the desk notices it two days later."""
    hotel = a_hotel(world, clock)
    stay = a_late_guest(hotel)
    hotel.at("2026-12-29", "12:00")
    late = world.deps.bookings.get(stay.booking_id)
    desk = Client(world).by(hotel.staff)
    assert desk.get(f"/api/bookings/{late.booking_id}").body["overstay"] is True
    ended = {"ended_at": "2026-12-27T10:00:00Z", "reason": "key left in the room"}
    said = desk.post(url.format(stay.booking_id), ended)
    assert said.status == 200, said.body
    over = world.deps.bookings.get(stay.booking_id)
    assert over.bill is not None
    assert over.bill.charged.minor == 30000  # three nights, no late fee
    note = "ended at 2026-12-27T10:00:00Z: key left in the room"
    assert hotel.room().note == f"{stay.booking_id} checked out: {note}"
    assert hotel.room().condition == "CHECKOUT_DIRTY"
    today = hotel.clock.now().date()
    assert [
        (event.action, event.detail)
        for event in world.deps.audit.list_day("hotel", today, limit=10).events
    ] == [("end_stay_earlier", note)]
    assert _is_free(hotel)


def _is_free(hotel: Hotel) -> bool:
    """Whether no sheet names a holder of room 101 from now on."""
    return "101" in availability.now_in(hotel.deps, hotel.zone).free
