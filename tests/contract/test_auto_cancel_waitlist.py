"""Confirmation and waitlist under the URLs of the venue system, with the answers of its document."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.core.access import Role
from chalicelib.domain.core.localtime import iso
from tests import builders
from tests.client import Client
from tests.clock import Clock
from tests.hall import HOUR, START, Hall
from tests.world import World


@pytest.fixture
def hall(world: World, clock: Clock) -> Hall:
    return Hall(world, clock, confirmation=True)


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_guest_confirms(hall: Hall, slash: str) -> None:
    booking = hall.book()
    guest = Client(hall.world).by(hall.world.user)
    before = guest.get(f"/api/bookings/{booking.booking_id}").body
    assert (before["reminder_sent"], before["auto_cancel_reason"]) == (False, "")
    said = guest.call("POST", f"/api/bookings/{booking.booking_id}/confirm{slash}")
    assert said.status == 200
    assert said.body["message"] == "Booking confirmed successfully"
    assert said.body["booking_id"] == booking.booking_id
    assert said.body["confirmed_at"] == "2026-11-21T06:30:00Z"


@pytest.mark.parametrize("step", ["confirm", "override_autocancel", "override-autocancel"])
def test_staff_confirm_for_a_guest_and_it_is_audited(hall: Hall, step: str) -> None:
    booking, world = hall.book(), hall.world
    said = Client(world).by(world.staff).call("POST", f"/api/bookings/{booking.booking_id}/{step}/")
    assert said.status == 200
    assert said.body["message"] == "Auto-cancellation overridden by admin"
    assert (said.body["booking_id"], said.body["confirmed"]) == (booking.booking_id, True)
    trail = Client(world).by(world.owner).get("/api/admin/audit").body["items"]
    assert [row["action"] for row in trail if row["subject"] == booking.booking_id] == [
        "override_autocancel"
    ]


def test_an_offer_is_claimed(hall: Hall) -> None:
    booking, world = hall.book(), hall.world
    entry = hall.join(world.other)
    other = Client(world).by(world.other)
    path = f"/api/waitlist/{entry.entry_id}"
    assert other.get(path).body["time_remaining"] == 0
    hall.cancel(booking)
    assert other.get(path).body["time_remaining"] == 900
    said = other.call("POST", f"{path}/claim/")
    assert said.status == 201
    assert said.body["message"] == "Slot claimed successfully!"
    assert said.body["waitlist_entry_id"] == entry.entry_id
    assert (said.body["purpose"], said.body["confirmed"]) == ("Claimed from waitlist", True)
    made = other.get(f"/api/bookings/{said.body['booking_id']}")
    assert made.body["purpose"] == "Claimed from waitlist"


@pytest.mark.parametrize("tail", ["/leave/", "/leave", "/", ""])
def test_a_customer_leaves(hall: Hall, tail: str) -> None:
    hall.book()
    entry = hall.join(hall.world.other)
    said = Client(hall.world).by(hall.world.other).delete(f"/api/waitlist/{entry.entry_id}{tail}")
    assert (said.status, said.body["message"]) == (200, "Removed from waitlist successfully")


SLOT = {"venue": "halls", "date": "2026-11-23", "start_time": "12:00", "end_time": "13:00"}
"""The time that `Hall.book` takes, by the clock of the site."""


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("venue", ["halls", "halls.A-001"])
def test_a_venue_is_booked_and_waited_for_by_date_and_times(
    hall: Hall, venue: str, slash: str
) -> None:
    world, slot = hall.world, SLOT | {"venue": venue}
    said = Client(world).by(world.user).post(f"/api/bookings{slash}", slot | {"purpose": "Choir"})
    assert (said.status, said.body["purpose"]) == (201, "Choir")
    assert (said.body["start_time"], said.body["end_time"]) == (
        "2026-11-23T06:30:00Z",
        "2026-11-23T07:30:00Z",
    )
    entry = Client(world).by(world.other).post(f"/api/waitlist{slash}", slot)
    assert entry.status == 201
    name = "Halls A-001" if "." in venue else "Halls"
    assert (entry.body["venue"], entry.body["venue_name"]) == (venue, name)
    assert (entry.body["user"], entry.body["user_email"]) == (
        world.other.account_id,
        "user2@example.com",
    )
    assert (entry.body["date"], entry.body["time_remaining"]) == ("2026-11-23", 0)
    assert entry.body["start_time"] == said.body["start_time"]


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({"date": None}, {"date": "is required"}),
        ({"end_time": None}, {"end_time": "is required"}),
        ({"end_time": "12:00"}, {"end_time": "must be after start_time"}),
        ({"start_time": "12 o'clock"}, {"start_time": "must be a time of day such as 14:00"}),
        ({"zone_id": "halls"}, {"venue": "give one of venue, zone_id and space_id"}),
        (
            {"start": "2026-11-23T12:00"},
            {"date": "give either date and times, or start and end"},
        ),
    ],
)
@pytest.mark.parametrize("path", ["/api/bookings", "/api/waitlist"])
def test_a_faulty_slot_is_refused_by_its_old_field(
    hall: Hall, path: str, changed: dict[str, object], faults: dict[str, str]
) -> None:
    said = Client(hall.world).by(hall.world.user).post(path, SLOT | changed)
    assert (said.status, said.fields) == (400, faults)


def test_own_live_entries_come_by_date_then_by_start(hall: Hall) -> None:
    for hour in (-24, 0, 24):
        hall.book(hour, hour + 3)
    joined = [hall.join(hall.world.other, hour, hour + 1).entry_id for hour in (1, 24, 0, -24)]
    path = "/api/waitlist/my_waitlist/"
    items = Client(hall.world).by(hall.world.other).get(path).body["items"]
    assert [item["id"] for item in items] == [joined[n] for n in (3, 2, 0, 1)]


def test_staff_list_the_entries_of_all_their_sites(hall: Hall) -> None:
    world = hall.world
    world.add_site("annex")
    world.add_zone("annex-hall", builders.VENUE, site="annex", kind="venue", spaces=1)
    hall.book(0, 2)
    world.book(None, "annex-hall", start=START, end=START + HOUR)
    for zone, first in (("halls", 1), ("halls", 0), ("annex-hall", 0)):
        wanted = {"zone_id": zone, "start": iso(START + first * HOUR), "minutes": 60}
        assert Client(world).by(world.other).post("/api/waitlist", wanted).status == 201
    both = world.add_account("both", Role.STAFF, "annex", "central")
    seen = _pages(Client(world).by(both))
    assert [(row["site"], row["start_time"]) for row in seen] == [
        ("annex", iso(START)), ("central", iso(START)), ("central", iso(START + HOUR)),
    ]  # fmt: skip
    assert _pages(Client(world).by(world.admin)) == seen
    assert [row["site"] for row in _pages(Client(world).by(world.staff))] == ["central"] * 2
    assert {row["user_email"] for row in seen} == {"user2@example.com"}


def _pages(who: Client) -> list[dict[str, Any]]:
    """The entries on all pages, one entry a page."""
    found, more = [], ""
    while True:
        page = who.get(f"/api/waitlist/?limit=1{more}").body
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        more = f"&cursor={page['next_cursor']}"
