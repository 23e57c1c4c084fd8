"""Settings that would change what was promised: refused, or the bookings they hit are listed and can
still become shorter (docs/rules/opening.md)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.sites.opening_hours import OpeningHours
from tests import builders
from tests.client import Client, Reply
from tests.clock import NOON, Clock
from tests.faults.wire import tapped
from tests.hall import HOUR, START, Hall
from tests.world import World

EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def hours(span: str) -> dict[str, list[str]]:
    """The same opening hours on every day, local time."""
    return {day: [span] for day in EVERY_DAY}


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    return client.by(world.owner)


@pytest.fixture
def hall(world: World, clock: Clock) -> Hall:
    return Hall(world, clock, spaces=2)


def edit(owner: Client, **policy: Any) -> Reply:
    return owner.patch("/api/admin/zones/halls", {"policy": policy})


def ids(found: dict[str, Any]) -> list[str]:
    return [booking["booking_id"] for booking in found["items"]]


def switch_off(owner: Client, clock: Clock) -> None:
    """The site takes no bookings, for longer than any instance remembers it as active."""
    owner.patch("/api/admin/sites/central", {"active": False})
    clock.move(seconds=3630)


# -- the timezone ----------------------------------------------------------------------------------


def test_the_timezone_stays_while_something_is_booked_or_waited_for(
    owner: Client, hall: Hall, clock: Clock
) -> None:
    one, two = hall.book(number="A-001"), hall.book(number="A-002")
    entry = hall.join(hall.world.other)
    edited = {"timezone": "Europe/Dublin"}
    refused = owner.patch("/api/admin/sites/central", edited)
    assert (refused.status, refused.code) == (409, "IN_USE")
    assert refused.body["error"]["message"] == (
        "The timezone stays while something is live: 2 live bookings and 1 waitlist entry. "
        "Finish that first."
    )
    found = refused.body["error"]["open"]
    assert set(found["bookings"]["ids"]) == {one.booking_id, two.booking_id}
    assert found["waiting"]["ids"] == [entry.entry_id]
    assert owner.patch("/api/admin/sites/central", {"timezone": "Asia/Kolkata"}).status == 200

    hall.leave(entry, hall.world.other)
    for booking in (one, two):
        hall.cancel(booking)
    switch_off(owner, clock)
    assert owner.patch("/api/admin/sites/central", edited).body["timezone"] == "Europe/Dublin"


def test_the_timezone_changes_only_while_the_site_takes_no_bookings(
    owner: Client, clock: Clock
) -> None:
    """Another instance may still take one by the former timezone for as long as it remembers the
    site as active."""
    edited = {"timezone": "Europe/Dublin"}
    refused = owner.patch("/api/admin/sites/central", {**edited, "active": False})
    assert (refused.status, refused.code) == (409, "IN_USE")
    assert refused.body["error"]["message"] == (
        "The timezone changes only while the site takes no bookings. "
        "Set active to false first, and change it a minute later."
    )
    owner.patch("/api/admin/sites/central", {"active": False})
    clock.move(seconds=3600)
    refused = owner.patch("/api/admin/sites/central", edited)
    assert (refused.status, refused.code) == (409, "IN_USE")
    assert "Try again in 30 seconds." in refused.body["error"]["message"]
    clock.move(seconds=30)
    answer = owner.patch("/api/admin/sites/central", {**edited, "active": True})
    assert (answer.status, answer.body["timezone"]) == (200, "Europe/Dublin")


def test_an_edit_while_it_takes_no_bookings_does_not_start_the_wait_anew(
    owner: Client, clock: Clock
) -> None:
    owner.patch("/api/admin/sites/central", {"active": False})
    clock.move(seconds=3630)
    owner.patch("/api/admin/sites/central", {"active": False, "name": "Centre"})
    assert owner.patch("/api/admin/sites/central", {"timezone": "Europe/Dublin"}).status == 200


def test_a_site_that_never_took_bookings_changes_its_timezone_at_once(
    client: Client, world: World
) -> None:
    admin = client.by(world.admin)
    site = {"slug": "north", "name": "North", "timezone": "Asia/Kolkata", "currency": "INR"}
    admin.post("/api/admin/sites", {**site, "active": False})
    assert admin.patch("/api/admin/sites/north", {"timezone": "Europe/Dublin"}).status == 200


# -- hours and limits ------------------------------------------------------------------------------


def test_narrower_hours_list_the_bookings_outside_of_them(owner: Client, hall: Hall) -> None:
    inside = hall.book(0, 1)  # 12:00-13:00 in Kolkata
    late = hall.book(6, 8, number="A-002")  # 18:00-20:00
    answer = edit(owner, opening_hours=hours("09:00-19:00"))
    assert answer.body["bookings"]["count"] == 1
    assert ids(answer.body["bookings"]) == [late.booking_id]
    listed = owner.get("/api/admin/zones/halls/affected-bookings").body
    assert ids(listed) == [late.booking_id]
    assert inside.booking_id not in ids(listed)
    assert hall.world.read(late).is_live  # it stands


def test_hours_of_the_site_list_the_bookings_of_its_zones(owner: Client, hall: Hall) -> None:
    late = hall.book(6, 8)
    parked = hall.world.book(start=START + 7 * HOUR, minutes=60)
    answer = owner.patch("/api/admin/sites/central", {"opening_hours": hours("09:00-19:00")})
    assert ids(answer.body["bookings"]) == [late.booking_id, parked.booking_id]
    first = owner.get("/api/admin/sites/central/affected-bookings?limit=1").body
    cursor = first["next_cursor"]
    rest = owner.get(f"/api/admin/sites/central/affected-bookings?limit=1&cursor={cursor}").body
    assert (ids(first), ids(rest)) == ([late.booking_id], [parked.booking_id])


@pytest.mark.parametrize("place", ["zones/halls", "sites/central"])
def test_the_answer_to_an_edit_needs_no_read_after_the_commit(
    owner: Client, hall: Hall, place: str
) -> None:
    hall.book(6, 8)
    narrower = {"opening_hours": hours("09:00-19:00")}
    change = {"policy": narrower} if place.startswith("zones") else narrower
    with tapped(hall.world.deps) as wire:
        answer = owner.patch(f"/api/admin/{place}", change)
    assert answer.body["bookings"]["count"] == 1
    assert wire.calls[-1] == "TransactWriteItems"


@pytest.mark.parametrize(
    "policy",
    [{"max_duration": 90}, {"min_duration": 180, "default_duration": 180},
     {"granularity": 45, "default_duration": 90},
     {"blackouts": [{"start": "2026-11-23T06:00:00Z", "end": "2026-11-23T09:00:00Z"}]}],
)  # fmt: skip
def test_changed_limits_list_the_bookings_that_break_them(
    owner: Client, hall: Hall, policy: dict[str, Any]
) -> None:
    booking = hall.book(0, 2)
    answer = edit(owner, **policy)
    assert ids(answer.body["bookings"]) == [booking.booking_id]


def test_an_edit_of_other_fields_lists_nothing(owner: Client, hall: Hall) -> None:
    hall.book()
    assert edit(owner, claim_window=20).body["bookings"] is None
    assert owner.patch("/api/admin/zones/halls", {"name": "Halls"}).body["bookings"] is None
    assert owner.patch("/api/admin/sites/central", {"name": "C"}).body["bookings"] is None


def test_a_long_stay_is_listed_once(owner: Client, hall: Hall) -> None:
    long = hall.book(0, 50)
    answer = edit(owner, max_duration=60)
    assert (answer.body["bookings"]["count"], ids(answer.body["bookings"])) == (
        1, [long.booking_id],
    )  # fmt: skip


# -- such a booking can still become shorter -------------------------------------------------------


def shorten(client: Client, booking: Booking, **times: str) -> Reply:
    return client.patch(f"/api/bookings/{booking.booking_id}", times)


def test_a_booking_outside_of_new_hours_can_become_shorter_or_move_inside(
    client: Client, owner: Client, hall: Hall
) -> None:
    user = client.by(hall.world.user)
    booking = hall.book(6, 9)  # 18:00-21:00
    edit(owner, opening_hours=hours("09:00-18:30"))
    shorter = shorten(user, booking, end="2026-11-23T14:30:00Z")
    assert (shorter.status, shorter.body["end_time"]) == (200, "2026-11-23T14:30:00Z")
    longer = shorten(user, booking, end="2026-11-23T15:00:00Z")
    assert longer.code == "OUTSIDE_OPENING_HOURS"
    elsewhere = shorten(user, booking, start="2026-11-23T15:00:00Z")
    assert elsewhere.code == "OUTSIDE_OPENING_HOURS"
    inside = shorten(user, booking, start="2026-11-23T06:30:00Z")
    assert (inside.status, inside.body["start_time"]) == (200, "2026-11-23T06:30:00Z")


def test_a_booking_above_a_new_limit_can_become_shorter_and_not_longer(
    client: Client, owner: Client, hall: Hall
) -> None:
    user = client.by(hall.world.user)
    booking = hall.book(0, 6)
    edit(owner, max_duration=90)
    assert shorten(user, booking, end="2026-11-23T10:30:00Z").status == 200  # still above it
    assert "minutes" in shorten(user, booking, end="2026-11-23T11:30:00Z").fields
    edit(owner, min_duration=60)
    assert "minutes" in shorten(user, booking, end="2026-11-23T07:00:00Z").fields


def test_a_start_that_stays_is_not_judged_again(client: Client, owner: Client, hall: Hall) -> None:
    user = client.by(hall.world.user)
    booking = hall.book(0, 2)
    edit(owner, min_notice=60 * 24 * 7)
    assert shorten(user, booking, end="2026-11-23T07:30:00Z").status == 200
    assert shorten(user, booking, end="2026-11-23T09:00:00Z").status == 200
    assert "start" in shorten(user, booking, start="2026-11-23T07:00:00Z").fields


def test_a_stay_in_a_zone_with_notice_can_be_extended(
    client: Client, world: World, clock: Clock
) -> None:
    world.change_zone(world.zone_a, policy=replace(builders.METERED, max_duration=240))
    stay = world.enter(world.book())
    zone = world.deps.catalogue.fresh_zone("zone-a")
    world.change_zone(zone, policy=replace(zone.policy, min_notice=120))
    clock.move(minutes=10)
    extended = shorten(client.by(world.user), stay, end="2026-11-21T08:30:00Z")
    assert (extended.status, extended.body["end_time"]) == (200, "2026-11-21T08:30:00Z")


def test_a_booking_in_an_inactive_zone_can_become_shorter(
    client: Client, world: World, hall: Hall
) -> None:
    booking = hall.book(0, 2)
    zone = world.deps.catalogue.fresh_zone("halls")
    closed = replace(zone.policy, opening_hours=OpeningHours.from_json(hours("01:00-02:00")))
    world.change_zone(zone, active=False, policy=closed)
    user = client.by(world.user)
    assert shorten(user, booking, end="2026-11-23T07:30:00Z").status == 200
    assert shorten(user, booking, end="2026-11-23T09:00:00Z").code == "ZONE_CLOSED"
    assert world.deps.now() == NOON
