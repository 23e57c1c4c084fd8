"""Every use case that writes, as a client or a schedule would start it and start it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.recurrence import Repeat
from chalicelib.domain.core.access import Actor
from chalicelib.services.bookings import book_group, confirmations
from chalicelib.services.front_desk import assign_room
from chalicelib.services.operations import shifts
from tests import builders
from tests.client import Client, Reply
from tests.clock import NOON, Clock
from tests.desk import Desk
from tests.faults import waiting
from tests.hotel import Hotel
from tests.world import World

HOUR = timedelta(hours=1)
Act = Callable[[], Any]


@dataclass(frozen=True)
class UseCase:
    """`arrange` prepares the world and returns what is then tried; `repeated` are the named
    conflicts that may answer one who has done it already; `cold` starts with empty caches."""

    name: str
    arrange: Callable[[World, Clock], Act]
    repeated: frozenset[str] = frozenset()
    cold: bool = False


def _post(
    world: World, path: str, body: dict[str, Any], *, key: str | None = None, by: Any = None
) -> Act:
    client = Client(world).by(by or world.user)
    client = client.sending(Idempotency_Key=key) if key else client
    return lambda: client.post(path, body)


def _book(world: World, clock: Clock) -> Act:
    return _post(world, "/api/bookings", {"zone_id": "zone-a", "minutes": 60}, key="k")


def _book_the_last_bay(world: World, clock: Clock) -> Act:
    world.add_zone("lot", builders.METERED, spaces=1)
    return _post(world, "/api/bookings", {"zone_id": "lot", "minutes": 60}, key="k")


def _book_by_name_and_time(world: World, clock: Clock) -> Act:
    body = {"space_id": "zone-a.A-001", "start": "2026-11-21T06:30:00Z", "minutes": 60}
    return _post(world, "/api/bookings", body, key="k")


def _book_under_a_quota(world: World, clock: Clock) -> Act:
    world.add_zone("lot", builders.Policy(quota_per_user=1), spaces=3)
    return _post(world, "/api/bookings", {"zone_id": "lot", "minutes": 60}, key="k")


def _book_for_a_guest(world: World, clock: Clock) -> Act:
    guest = {"name": "Ravi", "email": "ravi@example.com"}
    body = {"zone_id": "zone-a", "minutes": 60, "guests": [guest]}
    return _post(world, "/api/bookings", body, key="k", by=world.staff)


def _book_a_room_over_new_year(world: World, clock: Clock) -> Act:
    Hotel(world, clock, rooms=1)
    body = {"zone_id": "rooms", "start": "2026-12-28", "end": "2027-01-03"}
    return _post(world, "/api/bookings", body, key="k")


def _assign_a_room(world: World, clock: Clock) -> Act:
    hotel = Hotel(world, clock)
    booking = hotel.book("2026-12-28", "2027-01-03", number="A-001")
    return lambda: assign_room.assign(hotel.deps, hotel.staff, booking.booking_id, "A-002")


def _book_a_group(world: World, clock: Clock) -> Act:
    world.add_zone("lot", builders.Policy(quota_per_user=4), spaces=5)
    return _post(world, "/api/bookings", {"zone_id": "lot", "quantity": 4}, key="k")


def _year(world: World, clock: Clock, **how: Any) -> Act:
    """A series in the one hall there is, longer than a transaction takes."""
    policy = replace(builders.VENUE, advance_window=400)
    world.add_zone("hall", policy, kind="venue", tariff=builders.FREE, spaces=1)
    body = {
        "zone_id": "hall", "start": "2026-11-22T06:30:00Z", "minutes": 60,
        "repeat": {"every": "week", "times": 52, **how},
    }  # fmt: skip
    return _post(world, "/api/bookings", body, key="k")


def _book_a_series(world: World, clock: Clock) -> Act:
    return _year(world, clock)


def _book_what_can_be_had_of_a_series(world: World, clock: Clock) -> Act:
    """Were it not for one date, which somebody else has."""
    act = _year(world, clock, on_conflict="skip")
    world.book(world.other, "hall", start=NOON + timedelta(days=8))
    return act


def _cancel_a_series(world: World, clock: Clock) -> Act:
    """In more than one transaction."""
    policy = replace(builders.VENUE, advance_window=400)
    world.add_zone("hall", policy, kind="venue", tariff=builders.FREE, spaces=1)
    wish = Order("hall", start=NOON + 24 * HOUR, repeat=Repeat("week", times=30))
    first = book_group.book(world.deps, world.user, wish).bookings[0]
    path = f"/api/bookings/{first.booking_id}/cancel"
    return _post(world, path, {"scope": "all"}, by=world.staff)


def _renew(world: World, clock: Clock) -> Act:
    stay = world.enter(world.book(number="A-001"))
    clock.move(minutes=57)
    return _post(world, f"/api/bookings/{stay.booking_id}/renew", {}, key="k")


def _cancel(world: World, clock: Clock) -> Act:
    booking = world.book()
    return _post(world, f"/api/bookings/{booking.booking_id}/cancel", {})


def _confirm(world: World, clock: Clock) -> Act:
    booking = world.book_hall()
    return _post(world, f"/api/bookings/{booking.booking_id}/confirm", {})


def _override(world: World, clock: Clock) -> Act:
    booking = world.book_hall()
    path = f"/api/bookings/{booking.booking_id}/override-autocancel"
    return _post(world, path, {}, by=world.owner)


def _remind(world: World, clock: Clock) -> Act:
    world.book_hall()
    clock.move(hours=24)
    return lambda: sweeps.run(world.deps, "reminders")


def _give_up(world: World, clock: Clock) -> Act:
    booking = world.book_hall()
    clock.move(hours=24)
    sweeps.run(world.deps, "reminders")
    confirmations.reminder_left(world.deps, booking.booking_id)
    clock.move(hours=22)
    return lambda: sweeps.run(world.deps, "auto-cancel")


def _move(world: World, clock: Clock) -> Act:
    booking = world.book(start=NOON + HOUR, minutes=60)
    client = Client(world).by(world.user)
    path, later = f"/api/bookings/{booking.booking_id}", {"start": "2026-11-21T23:30:00Z"}
    return lambda: client.patch(path, later)


def _scan(world: World, gate: str, booking: Booking) -> Act:
    code = world.deps.tokens.qr(booking)
    return _post(world, f"/api/staff/{gate}", {"qr_code": code}, by=world.staff)


def _entry(world: World, clock: Clock) -> Act:
    return _scan(world, "entry", world.book())


def _entry_early(world: World, clock: Clock) -> Act:
    return _scan(world, "entry", world.book(start=NOON + timedelta(minutes=10)))


def _entry_elsewhere(world: World, clock: Clock) -> Act:
    world.enter(world.book(number="A-001"))
    booked = world.book(world.other, number="A-001", start=NOON + HOUR)
    clock.move(minutes=61)
    return _scan(world, "entry", booked)


def _exit(world: World, clock: Clock) -> Act:
    stay = world.enter(world.book())
    clock.move(minutes=70)
    return _scan(world, "exit", stay)


def _owing(world: World, clock: Clock) -> Booking:
    world.add_zone("timed", builders.TIMED)
    stay = world.enter(world.book(zone="timed"))
    clock.move(hours=2)
    return stay


def _exit_of_a_stay_that_time_ended(world: World, clock: Clock) -> Act:
    return _scan(world, "exit", _owing(world, clock))


def _waive(world: World, clock: Clock) -> Act:
    stay = _owing(world, clock)
    path = f"/api/bookings/{stay.booking_id}/waive"
    return _post(world, path, {"reason": "broken barrier"}, by=world.owner)


def _terminate(world: World, clock: Clock) -> Act:
    stay = world.enter(world.book())
    path = f"/api/bookings/{stay.booking_id}/terminate"
    return _post(world, path, {"reason": "fire"}, by=world.admin)


def _auto_checkout(world: World, clock: Clock) -> Act:
    world.add_zone("timed", builders.TIMED, spaces=3)
    for _ in range(2):
        world.enter(world.book(zone="timed"))
    clock.move(hours=2)
    return lambda: sweeps.run(world.deps, "auto-checkout")


def _starts_by_itself(world: World, clock: Clock) -> Act:
    world.add_zone("timer", builders.TIMER, tariff=builders.FREE)
    world.book(zone="timer", start=NOON + HOUR)
    clock.move(hours=4)
    return lambda: sweeps.run(world.deps, "auto-checkout")


def _expire(world: World, clock: Clock) -> Act:
    for _ in range(2):
        world.book()
    clock.move(hours=2)
    return lambda: sweeps.run(world.deps, "expire-bookings")


def _register(world: World, clock: Clock) -> Act:
    client = Client(world).sending(Idempotency_Key="k")
    body = {"email": "asha@example.com", "password": "seven purple bicycles", "name": "Asha"}
    return lambda: client.post("/api/auth/register", body)


def _take_on_staff(world: World, clock: Clock) -> Act:
    body = {"email": "ravi@example.com", "name": "Ravi", "role": "staff", "sites": ["central"]}
    return _post(world, "/api/admin/users", body, key="k", by=world.owner)


def _a_read_that_finds_a_deadline_passed(world: World, clock: Clock) -> Act:
    stay = _owing(world, clock)
    client = Client(world).by(world.user)
    return lambda: client.get(f"/api/bookings/{stay.booking_id}")


CLOSED = {"start": "2026-11-21T06:00:00Z", "end": "2026-11-21T12:30:00Z", "reason": "Repairs"}


def _close(world: World, clock: Clock) -> Act:
    world.book()
    body = {"zone_id": "zone-a", "bookings": "cancel", **CLOSED}
    return _post(world, "/api/admin/blackouts", body, key="k", by=world.owner)


def _call_off(world: World, clock: Clock) -> Act:
    for hours in (0, 1):
        world.book(start=NOON + hours * HOUR)
    owner = Client(world).by(world.owner)
    one = owner.post("/api/admin/blackouts", {"site": "central", **CLOSED}).body["blackout_id"]
    return _post(world, f"/api/admin/blackouts/{one}/cancel-bookings", {}, by=world.owner)


def _check_in_to_a_room(world: World, clock: Clock) -> Act:
    hotel = Desk(world, clock)
    path = f"/api/staff/hotels/hotel/room-bookings/{hotel.book().booking_id}/check-in"
    return _post(world, path, {}, by=hotel.desk)


def _walk_in(world: World, clock: Clock) -> Act:
    hotel = Desk(world, clock)
    body = {"zone_id": "rooms", "nights": 1, "guests": [{"name": "Ravi"}]}
    return _post(world, "/api/staff/hotels/hotel/walk-ins", body, key="k", by=hotel.desk)


def _check_out_of_a_room(world: World, clock: Clock) -> Act:
    hotel = Desk(world, clock)
    path = f"/api/staff/hotels/hotel/room-bookings/{hotel.stay().booking_id}/check-out"
    return _post(world, path, {}, by=hotel.desk)


def _many_rooms(
    world: World, way: str, *numbers: str, by: Actor, key: str | None = None, **more: Any
) -> Act:
    """Whoever is told that rooms remain asks again with these, under another key."""

    def act(room_ids: list[str], turn: int = 1) -> Reply:
        body, path = {"room_ids": room_ids, **more}, f"/api/staff/hotel/hotel/rooms/{way}"
        answer: Reply = _post(world, path, body, key=key and f"{key}-{turn}", by=by)()
        left = answer.body["results"]["remaining"] if answer.status == 200 else []
        return act(left, turn + 1) if left else answer

    return lambda: act([f"rooms.{number}" for number in numbers])


def _check_in_to_many_rooms(world: World, clock: Clock, key: str | None = None) -> Act:
    """One of the guests is early: the wait is taken on their sheet."""
    hotel = Desk(world, clock, early_check_in=15)
    hotel.book("101")
    hotel.book("102", start=NOON + timedelta(minutes=10))
    return _many_rooms(world, "checkin", "101", "102", by=hotel.desk, key=key)


def _check_out_of_many_rooms(world: World, clock: Clock, key: str | None = None) -> Act:
    """One of them is occupied by nobody, and time has ended the stay in another."""
    hotel = Desk(world, clock)
    hotel.haunt("101")
    hotel.stay("102", minutes=60)
    hotel.stay("103")
    clock.move(minutes=61)
    return _many_rooms(world, "checkout", "101", "102", "103", by=hotel.desk, key=key)


def _clear_many_rooms(world: World, clock: Clock) -> Act:
    hotel = Desk(world, clock)
    for number in ("101", "102"):
        hotel.stay(number)
        hotel.haunt(number)
    force = {"destructive": True, "reason": "flood"}
    return _many_rooms(world, "checkout", "101", "102", by=world.admin, **force)


def _clean(world: World, clock: Clock) -> Act:
    hotel = Desk(world, clock)
    hotel.check_out(hotel.stay())
    path = "/api/staff/hotels/hotel/rooms/rooms.101/turnover"
    return _post(world, path, {"to": "CLEANING_IN_PROGRESS"}, by=hotel.desk)


def _attach(world: World, clock: Clock) -> Act:
    path = f"/api/bookings/{world.enter(world.book()).booking_id}/attachments"
    return _post(world, path, {"kind": "push_token", "ref": "phone-1"})


def _open_a_shift(world: World, clock: Clock) -> Act:
    return _post(world, "/api/staff/shifts", {"cash_float": "500"}, key="k", by=world.staff)


def _close_a_shift(world: World, clock: Clock) -> Act:
    shift = shifts.open_shift(world.deps, world.staff, "central", "500", source_ip="-")
    body = {"cash_counted": "500", "note": "Keys are in the safe."}
    return _post(world, f"/api/staff/shifts/{shift.shift_id}/close", body, by=world.staff)


def _report_an_incident(world: World, clock: Clock) -> Act:
    body = {"kind": "damage", "text": "Bent.", "booking_id": world.book().booking_id}
    return _post(world, "/api/staff/incidents", body, key="k", by=world.staff)


ENDED = frozenset({"ALREADY_ENDED"})
ENTERED = frozenset({"ALREADY_CHECKED_IN"})

USE_CASES = (
    UseCase("book", _book, cold=True),
    UseCase("book the last bay", _book_the_last_bay),
    UseCase("book by name and time", _book_by_name_and_time),
    UseCase("book under a quota", _book_under_a_quota),
    UseCase("book for a guest", _book_for_a_guest),
    UseCase("book a room over New Year", _book_a_room_over_new_year),
    UseCase("assign a room", _assign_a_room),
    UseCase("book a group", _book_a_group),
    UseCase("book a series", _book_a_series),
    UseCase("book what can be had of a series", _book_what_can_be_had_of_a_series),
    UseCase("cancel a series", _cancel_a_series, ENDED),
    UseCase("renew", _renew),
    UseCase("cancel", _cancel, ENDED),
    UseCase("confirm", _confirm),
    UseCase("confirm on the guest's behalf", _override),
    UseCase("remind", _remind),
    UseCase("give up what nobody confirmed", _give_up),
    UseCase("move", _move),
    UseCase("entry", _entry, ENTERED, cold=True),
    UseCase("early entry", _entry_early, ENTERED),
    UseCase("entry elsewhere", _entry_elsewhere, ENTERED),
    UseCase("exit", _exit, ENDED, cold=True),
    UseCase("exit after time ended it", _exit_of_a_stay_that_time_ended, ENDED),
    UseCase("waive", _waive, frozenset({"NOTHING_DUE"})),
    UseCase("terminate", _terminate, frozenset({"ILLEGAL_TRANSITION"})),
    UseCase("auto-checkout", _auto_checkout),
    UseCase("auto-start and auto-checkout", _starts_by_itself),
    UseCase("expire", _expire),
    UseCase("register", _register),
    UseCase("take on staff", _take_on_staff),
    UseCase("join a waitlist", waiting.join, frozenset({"ALREADY_WAITING"})),
    UseCase("claim an offer", waiting.claim, frozenset({"ALREADY_CLAIMED"})),
    UseCase("decline an offer", waiting.decline),
    UseCase("cancel what others wait for", waiting.cancel, ENDED),
    UseCase("pass a lapsed offer on", waiting.lapse),
    UseCase("book what a lapsed offer holds", waiting.pass_by),
    UseCase("close a zone and call off what was booked", _close),
    UseCase("call off what was booked", _call_off),
    UseCase("check in to a room", _check_in_to_a_room, ENTERED),
    UseCase("walk in", _walk_in, cold=True),
    UseCase("check out of a room", _check_out_of_a_room, cold=True),
    UseCase("check in to many rooms", _check_in_to_many_rooms, cold=True),
    UseCase("check in to many rooms under a key", partial(_check_in_to_many_rooms, key="k")),
    UseCase("check out of many rooms", _check_out_of_many_rooms, cold=True),
    UseCase("check out of many rooms under a key", partial(_check_out_of_many_rooms, key="k")),
    UseCase("clear many rooms by force", _clear_many_rooms),
    UseCase("clean a room", _clean),
    UseCase("attach", _attach),
    UseCase("open a shift", _open_a_shift),
    UseCase("close a shift", _close_a_shift),
    UseCase("report an incident", _report_an_incident),
    UseCase("read", _a_read_that_finds_a_deadline_passed),
)
