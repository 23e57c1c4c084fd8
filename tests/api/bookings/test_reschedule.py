"""Changing a booking, and giving it up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.client import Client
from tests.clock import NOON, Clock
from tests.world import World

HOUR = timedelta(hours=1)


@pytest.fixture
def user(client: Client, world: World) -> Client:
    return client.by(world.user)


def inr(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "INR"}


# -- changing


def test_an_edit_changes_what_it_names(user: Client, world: World) -> None:
    booking = world.book(owner_name="Asha Rao")
    answer = user.patch(
        f"/api/bookings/{booking.booking_id}", {"vehicle_number": "ka05xy7777", "purpose": "errand"}
    )
    assert answer.status == 200
    assert (answer.body["vehicle_number"], answer.body["purpose"]) == ("KA05XY7777", "errand")
    assert (answer.body["owner_name"], answer.body["version"]) == ("Asha Rao", booking.version + 1)
    assert answer.body["timeline"][-1]["event"] == "modified"


def test_a_booking_is_moved_where_there_is_room_and_only_there(user: Client, world: World) -> None:
    booking = world.book(number="A-001")
    world.book(world.other, number="A-001", start=NOON + 2 * HOUR)
    path = f"/api/bookings/{booking.booking_id}"
    moved = user.patch(path, {"start": "2026-11-21T07:00:00Z"})
    assert (moved.body["start_time"], moved.body["end_time"]) == (
        "2026-11-21T07:00:00Z",
        "2026-11-21T08:00:00Z",
    )
    blocked = user.patch(path, {"minutes": 120})
    assert (blocked.status, blocked.code) == (409, "SPACE_TAKEN")
    assert user.get(path).body["end_time"] == "2026-11-21T08:00:00Z"


def test_what_is_over_is_changed_no_more(user: Client, world: World) -> None:
    path = f"/api/bookings/{world.book().booking_id}"
    user.post(f"{path}/cancel")
    answer = user.patch(path, {"purpose": "errand"})
    assert (answer.status, answer.code) == (409, "ALREADY_ENDED")


# -- auto-renewal


def test_auto_renewal_is_chosen_with_the_booking_and_turned_off_and_on(
    user: Client, world: World
) -> None:
    order = {"zone_id": "zone-a", "vehicle_number": "KA01AB1234", "auto_renew": True}
    booked = user.post("/api/bookings", order)
    assert (booked.status, booked.body["auto_renew"]) == (201, True)
    path = f"/api/bookings/{booked.body['booking_id']}"
    for wanted in (False, True):
        answer = user.patch(path, {"auto_renew": wanted})
        assert (answer.status, answer.body["auto_renew"]) == (200, wanted)
        assert user.get(path).body["auto_renew"] is wanted


def test_a_reader_sees_the_renewal_in_the_booking(user: Client, world: World, clock: Clock) -> None:
    stay = world.enter(world.book(auto_renew=True))
    clock.move(minutes=40)
    body = user.get(f"/api/bookings/{stay.booking_id}").body
    assert body["end_time"] == "2026-11-21T08:30:00Z"
    last = body["timeline"][-1]
    assert (last["event"], last["source"], last["label"]) == ("renewed", "lazy", "Renewed (Auto)")


def test_only_a_party_turns_it_on(client: Client, world: World) -> None:
    path = f"/api/bookings/{world.book().booking_id}"
    answer = client.by(world.other).patch(path, {"auto_renew": True})
    assert (answer.status, answer.code) == (404, "BOOKING_NOT_FOUND")


def test_a_zone_says_how_often_stays_renew(client: Client, world: World) -> None:
    owner, path = client.by(world.owner), "/api/admin/zones/zone-a"
    assert owner.patch(path, {"policy": {"auto_renew_most": 3}}).status == 200
    assert world.deps.catalogue.fresh_zone("zone-a").policy.auto_renew_most == 3
    refused = owner.patch(path, {"policy": {"auto_renew_most": 101}})
    assert (refused.status, refused.code) == (400, "VALIDATION_FAILED")


# -- giving up


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/user/cancel-booking", "booking_id"),
        ("/api/user/cancel-booking", "session_id"),
        ("", ""),
    ],
)
def test_a_cancellation_says_what_is_paid_back(
    user: Client, world: World, path: str, field: str
) -> None:
    booking_id = world.book().booking_id
    asked, body = (
        (path, {field: booking_id})
        if path
        else (f"/api/bookings/{booking_id}/cancel", {"reason": "rain"})
    )
    answer = user.post(asked, body)
    assert answer.status == 200
    assert answer.body["status"] == "cancelled"
    assert answer.body["refund_eligible"] is True
    assert answer.body["refund_amount"] == inr("0.00")  # nothing was paid
    assert answer.body["refund_reason"]


def test_after_the_free_minutes_a_cancellation_is_not_eligible(
    user: Client, world: World, clock: Clock
) -> None:
    booking_id = world.book(start=NOON + 5 * HOUR).booking_id
    clock.move(minutes=5, seconds=1)
    assert user.post(f"/api/bookings/{booking_id}/cancel").body["refund_eligible"] is False


def test_a_booking_is_cancelled_once_and_before_its_stay(user: Client, world: World) -> None:
    inside = world.enter(world.book())
    begun = user.post(f"/api/bookings/{inside.booking_id}/cancel")
    assert (begun.status, begun.code) == (409, "ILLEGAL_TRANSITION")
    path = f"/api/bookings/{world.book().booking_id}/cancel"
    assert [user.post(path).status for _ in range(2)] == [200, 409]
    assert user.post(path).code == "ALREADY_ENDED"


def test_a_cancellation_without_an_id_names_the_field(user: Client) -> None:
    assert user.post("/api/user/cancel-booking").fields == {"booking_id": "is required"}
