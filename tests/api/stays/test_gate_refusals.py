"""What the attendant reads when a scan is refused, and what the audit trail keeps of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.access import Role
from tests import builders
from tests.client import Client, Reply
from tests.clock import NOON, Clock
from tests.world import World

HOUR = timedelta(hours=1)


@pytest.fixture
def gate(client: Client, world: World) -> Client:
    return client.by(world.staff)


def scan(gate: Client, world: World, booking: Booking, plate: str | None = None) -> Reply:
    body = {"qr_code": world.deps.tokens.qr(booking), "vehicle_number": plate}
    return gate.post("/api/staff/entry", {k: v for k, v in body.items() if v is not None})


def leave(gate: Client, world: World, booking: Booking) -> Reply:
    return gate.post("/api/staff/exit", {"qr_code": world.deps.tokens.qr(booking)})


def message(reply: Reply) -> str:
    return str(reply.body["error"]["message"])


def refused(world: World, site: str | None = "central") -> list[tuple[str, str, str]]:
    """Action, subject and outcome of the refusals of a site."""
    events = world.deps.audit.list_day(site, world.deps.now().date(), 20).events
    return sorted((e.action, e.subject, e.outcome) for e in events if e.outcome != "allowed")


# -- the words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "text", "opens_at"),
    [
        (NOON + 3 * HOUR, "14:45", "2026-11-21T09:15:00Z"),  # today in Kolkata: the hour
        (NOON + 30 * HOUR, "Sun 22 Nov 2026, 17:45", "2026-11-22T12:15:00Z"),
    ],
)
def test_too_early_says_when_to_come_back_on_the_clock_of_the_site(
    gate: Client, world: World, start: object, text: str, opens_at: str
) -> None:
    early = scan(gate, world, world.book(start=start, minutes=60))
    assert (early.status, early.code) == (409, "TOO_EARLY")
    assert message(early) == f"This booking starts later. Come back at {text}."
    assert early.body["error"]["opens_at"] == opens_at


def test_a_second_scan_says_since_when_and_where_the_guest_is_inside(
    gate: Client, world: World, clock: Clock
) -> None:
    booking = world.book(minutes=300)
    scan(gate, world, booking)
    clock.move(minutes=50)
    again = scan(gate, world, booking)
    assert again.code == "ALREADY_CHECKED_IN"
    assert message(again) == (
        "Entry already processed. This booking is already checked in, since 12:00 at the gate, by Staff1."
    )
    assert again.body["error"]["since"] == "2026-11-21T06:30:00Z"
    clock.move(hours=13)  # another day in Kolkata
    assert "since Sat 21 Nov 2026, 12:00 at" in message(scan(gate, world, booking))


def test_a_guest_checked_in_at_the_desk_is_inside_since_then(gate: Client, world: World) -> None:
    booking = world.book(minutes=60)
    assert gate.post(f"/api/bookings/{booking.booking_id}/check-in").status == 200
    assert "at the desk, by Staff1" in message(scan(gate, world, booking))


def test_the_customer_is_not_told_who_checked_them_in(client: Client, world: World) -> None:
    zone = world.add_zone("open", builders.TIMER)
    booking = world.book(zone="open")
    again = client.by(world.user).post(f"/api/bookings/{booking.booking_id}/check-in")
    assert message(again) == "This booking is already checked in, since 12:00."
    assert zone.policy.check_in == "none"


def test_another_plate_is_refused_with_the_one_on_the_booking(gate: Client, world: World) -> None:
    booking = world.book(vehicle_number="KA01AB1234")
    other = scan(gate, world, booking, plate="KA05ZZ9999")
    assert other.code == "PLATE_MISMATCH"
    assert message(other) == "The booking is for KA01AB1234. Check both plates before opening."
    assert other.body["error"]["vehicle_number"] == "KA01AB1234"


@pytest.mark.parametrize("act", [scan, leave])
def test_a_pass_of_another_site_is_refused_without_naming_it(
    client: Client, world: World, act: object
) -> None:
    world.add_site("north")
    there = world.add_account("north-staff", Role.STAFF, "north")
    booking = world.book()
    assert callable(act)
    refusal = act(client.by(there), world, booking)
    assert (refusal.status, message(refusal)) == (
        403,
        "This pass is for another site. Look the booking up by its number.",
    )
    assert "central" not in str(refusal.body).lower()


# -- the audit trail -------------------------------------------------------------------------------


def test_refused_scans_are_audited_with_the_booking_and_its_site(
    client: Client, gate: Client, world: World
) -> None:
    booking = world.book(start=NOON + 3 * HOUR, minutes=60)
    subject = booking.booking_id
    leave(gate, world, booking)
    scan(gate, world, booking)
    scan(client.by(world.admin), world, booking, plate="KA05ZZ9999")
    assert refused(world) == [
        ("staff_entry", subject, "PLATE_MISMATCH"),
        ("staff_entry", subject, "TOO_EARLY"),
        ("staff_exit", subject, "NOT_CHECKED_IN"),
    ]


def test_a_scan_by_staff_of_another_site_is_audited_at_the_site_of_the_booking(
    client: Client, world: World
) -> None:
    world.add_site("north")
    there = world.add_account("north-staff", Role.STAFF, "north")
    booking = world.book()
    scan(client.by(there), world, booking)
    leave(client.by(there), world, booking)
    assert refused(world) == [
        ("staff_entry", booking.booking_id, "FORBIDDEN"),
        ("staff_exit", booking.booking_id, "FORBIDDEN"),
    ]
    assert refused(world, "north") == []


def test_the_booking_of_another_customer_is_audited_where_the_path_has_no_id(
    client: Client, world: World
) -> None:
    booking = world.book()
    reply = client.by(world.other).post(
        "/api/user/cancel-booking", {"booking_id": booking.booking_id}
    )
    assert reply.status == 404
    assert refused(world) == [("user_cancel_booking", booking.booking_id, "BOOKING_NOT_FOUND")]


def test_a_stay_that_began_by_itself_has_a_time_and_no_attendant(
    client: Client, world: World
) -> None:
    world.add_zone("open", builders.TIMER)
    booking = world.book(zone="open")
    again = client.by(world.staff).post(f"/api/bookings/{booking.booking_id}/check-in")
    assert message(again) == "This booking is already checked in, since 12:00."
