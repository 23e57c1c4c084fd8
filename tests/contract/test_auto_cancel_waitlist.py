"""Confirmation and waitlist under the URLs of the venue system, with the answers of its document."""

from __future__ import annotations

import pytest

from tests.client import Client
from tests.clock import Clock
from tests.hall import Hall
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
