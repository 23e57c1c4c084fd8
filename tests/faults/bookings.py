"""Use cases: booking, alone and together; changing, cancelling, closing a zone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.recurrence import Repeat
from chalicelib.domain.sites.policy import Policy
from chalicelib.services.bookings import book_group
from tests import builders, scenarios
from tests.client import Client
from tests.clock import NOON, Clock
from tests.faults.use_case import Act, UseCase, post, request
from tests.scenarios import HOUR
from tests.world import World

BOOKINGS: Final = "/api/bookings"
CLOSED: Final = {
    "start": "2026-11-21T06:00:00Z", "end": "2026-11-21T12:30:00Z", "reason": "Repairs",
}  # fmt: skip
ENDED: Final = frozenset({"ALREADY_ENDED"})


def _book(world: World, clock: Clock) -> Act:
    return post(world, BOOKINGS, {"zone_id": "zone-a", "minutes": 60}, key="k")


def _book_the_last_bay(world: World, clock: Clock) -> Act:
    world.add_zone("lot", builders.METERED, spaces=1)
    return post(world, BOOKINGS, {"zone_id": "lot", "minutes": 60}, key="k")


def _book_by_rearranging(world: World, clock: Clock) -> Act:
    """Two hours, each taken in another of two bays: one of the bookings moves."""
    world.add_zone("lot", builders.METERED, spaces=2)
    start, middle, end = (NOON + hours * HOUR for hours in (1, 2, 3))
    world.book_by_lot("A-001", "lot", start=start, end=middle)
    world.book_by_lot("A-002", "lot", start=middle, end=end)
    body = {"zone_id": "lot", "start": "2026-11-21T07:30:00Z", "minutes": 120}
    return post(world, BOOKINGS, body, key="k")


def _book_by_name_and_time(world: World, clock: Clock) -> Act:
    body = {"space_id": "zone-a.A-001", "start": "2026-11-21T06:30:00Z", "minutes": 60}
    return post(world, BOOKINGS, body, key="k")


def _book_under_a_quota(world: World, clock: Clock) -> Act:
    world.add_zone("lot", Policy(quota_per_user=1), spaces=3)
    return post(world, BOOKINGS, {"zone_id": "lot", "minutes": 60}, key="k")


def _book_for_a_guest(world: World, clock: Clock) -> Act:
    guest = {"name": "Ravi", "email": "ravi@example.com"}
    body = {"zone_id": "zone-a", "minutes": 60, "guests": [guest]}
    return post(world, BOOKINGS, body, key="k", by=world.staff)


def _book_a_group(world: World, clock: Clock) -> Act:
    world.add_zone("lot", Policy(quota_per_user=4), spaces=5)
    return post(world, BOOKINGS, {"zone_id": "lot", "quantity": 4}, key="k")


def _book_a_series(world: World, clock: Clock, **repeat: Any) -> Act:
    """More dates than one transaction takes."""
    scenarios.a_hall_for_a_year(world)
    body = {
        "zone_id": "hall", "start": "2026-11-22T06:30:00Z", "minutes": 60,
        "repeat": {"every": "week", "times": 52, **repeat},
    }  # fmt: skip
    return post(world, BOOKINGS, body, key="k")


def _book_the_free_dates_of_a_series(world: World, clock: Clock) -> Act:
    """Another customer has one of the dates."""
    act = _book_a_series(world, clock, on_conflict="skip")
    world.book(world.other, "hall", start=NOON + timedelta(days=8))
    return act


def _cancel_a_series(world: World, clock: Clock) -> Act:
    """In more than one transaction."""
    scenarios.a_hall_for_a_year(world)
    order = Order("hall", start=NOON + 24 * HOUR, repeat=Repeat("week", times=30))
    first = book_group.book(world.deps, world.user, order).bookings[0]
    path = f"{BOOKINGS}/{first.booking_id}/cancel"
    return post(world, path, {"scope": "all"}, by=world.staff)


def _renew(world: World, clock: Clock) -> Act:
    stay = scenarios.a_stay_about_to_end(world, clock)
    return post(world, f"{BOOKINGS}/{stay.booking_id}/renew", key="k")


def _cancel(world: World, clock: Clock) -> Act:
    return post(world, f"{BOOKINGS}/{world.book().booking_id}/cancel")


def _move(world: World, clock: Clock) -> Act:
    booking = world.book(start=NOON + HOUR, minutes=60)
    later = {"start": "2026-11-21T23:30:00Z"}
    return request(world, "PATCH", f"{BOOKINGS}/{booking.booking_id}", later)


def _close_a_zone(world: World, clock: Clock) -> Act:
    world.book()
    body = {"zone_id": "zone-a", "bookings": "cancel", **CLOSED}
    return post(world, "/api/admin/blackouts", body, key="k", by=world.owner)


def _cancel_what_is_closed(world: World, clock: Clock) -> Act:
    for hours in (0, 1):
        world.book(start=NOON + hours * HOUR)
    owner = Client(world).by(world.owner)
    made = owner.post("/api/admin/blackouts", {"site": "central", **CLOSED}).body["blackout_id"]
    return post(world, f"/api/admin/blackouts/{made}/cancel-bookings", by=world.owner)


CASES: Final = (
    UseCase("book", _book, cold=True),
    UseCase("book the last bay", _book_the_last_bay),
    UseCase("book by rearranging", _book_by_rearranging),
    UseCase("book by name and time", _book_by_name_and_time),
    UseCase("book under a quota", _book_under_a_quota),
    UseCase("book for a guest", _book_for_a_guest),
    UseCase("book a group", _book_a_group),
    UseCase("book a series", _book_a_series),
    UseCase("book the free dates of a series", _book_the_free_dates_of_a_series),
    UseCase("cancel a series", _cancel_a_series, ENDED),
    UseCase("renew", _renew),
    UseCase("cancel", _cancel, ENDED),
    UseCase("move", _move),
    UseCase("close a zone and cancel its bookings", _close_a_zone),
    UseCase("cancel the bookings of a closed time", _cancel_what_is_closed),
)
