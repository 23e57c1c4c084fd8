from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from chalicelib.domain.accounts.erasure import anonymous
from chalicelib.domain.bookings import ends
from chalicelib.domain.bookings.booking import BookingChange
from chalicelib.domain.bookings.create import book
from chalicelib.domain.bookings.details import NO_DETAILS, BookingDetails, Guest
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.access import SYSTEM, Actor, Role
from chalicelib.domain.core.change import Change, saving
from chalicelib.domain.core.effect import EventName
from chalicelib.domain.housekeeping import turnover
from chalicelib.domain.housekeeping.turnover import Condition, Room
from chalicelib.domain.occupancy.occupancy import SheetEdit
from chalicelib.domain.payments.tender import PaymentMethod, Tender
from chalicelib.domain.realtime import event
from chalicelib.domain.realtime.event import Event
from chalicelib.domain.realtime.facts import BookingFacts
from chalicelib.domain.sites.site import Space, default_policy
from chalicelib.domain.stays import check_out
from tests import builders
from tests.clock import NOON

ZONE = builders.a_zone()
BOOKED = builders.a_booking()
INSIDE = builders.an_active_booking()
HOUR = NOON + timedelta(hours=1)

SPACE = Space("zone-a", "A-001")
NAMED = BookingDetails(owner_name="Asha Rao")

ROOM = Room("rooms", "101", Condition.OCCUPIED, booking_id=INSIDE.booking_id)
ROOM_POLICY = default_policy("room")
HELD = replace(BOOKED, status=Status.PENDING)
HELD_IN_VAIN = ends.expire(HELD, by=SYSTEM, source="lazy", at=HOUR).booking

UPDATED = ("booking-updated", BOOKED.booking_id)
OUT = ("booking-checked-out", BOOKED.booking_id)
AVAILABLE = ("availability-changed", "zone-a")


def _new() -> BookingChange:
    return book(
        booking_id=BOOKED.booking_id, user_id=BOOKED.user_id, zone=ZONE, number="A-001",
        interval=builders.an_interval(), sheets=(), by=builders.CUSTOMER, source="api",
        tz=builders.IST, now=NOON, details=NO_DETAILS,
    )  # fmt: skip


def _out(by: Actor = builders.ATTENDANT) -> BookingChange:
    return check_out.check_out(
        INSIDE,
        by=by,
        source="gate_exit",
        at=HOUR,
        tz=builders.a_site().tz,
        entry_id="LE1",
        policy=ZONE.policy,
        tender=None,
    )


def _paid_later() -> Change:
    left = _out(SYSTEM).booking
    due = Tender(PaymentMethod.CASH, check_out.amount_due(left))
    return check_out.pay_due(
        left, due, by=builders.ATTENDANT, source="staff_api", at=HOUR, entry_id="LE2"
    )


def _brought_over() -> Change:
    left = _out().booking
    *earlier, last = left.timeline
    return saving(replace(left, timeline=(*earlier, replace(last, source="import"))))


TOLD = {
    "a new booking is news of it and of the time it takes": (_new(), [UPDATED, AVAILABLE]),
    "an entry at the booked start takes no more time": (saving(INSIDE), [UPDATED]),
    "a check-out is news of the end too": (_out(), [UPDATED, OUT, AVAILABLE]),
    "one by time is told in the same way": (_out(SYSTEM), [UPDATED, OUT, AVAILABLE]),
    "a check-out of a room begins with the room": (
        _out().turning(turnover.clear(ROOM, by=builders.ATTENDANT, at=HOUR, note="")),
        [("room-status-changed", "rooms.101"), UPDATED, OUT, AVAILABLE],
    ),
    "a room whose guest changes keeps its condition": (
        Change().turning(
            *turnover.change_guest(
                ROOM, INSIDE.booking_id, "BKAAAAAAAA1NG1QR00009", ROOM_POLICY,
                by=builders.ATTENDANT, at=HOUR, until=HOUR,
            )
        ),
        [],
    ),
    "a stay booked for longer keeps the condition of its room": (
        Change().turning(
            *turnover.prolong(
                ROOM, INSIDE.booking_id, ROOM_POLICY, by=builders.ATTENDANT, at=HOUR, until=HOUR
            )
        ),
        [],
    ),
    "a version that shows nothing new is told to nobody": (
        saving(replace(INSIDE.as_stored(), version=2, updated_at=HOUR, listed_through=HOUR)),
        [],
    ),
    "one that shows a new end is": (
        saving(replace(INSIDE.as_stored(), version=2, booked=builders.an_interval(minutes=90))),
        [UPDATED],
    ),
    "what is held for a group is told of when it is booked": (saving(HELD, HELD_IN_VAIN), []),
    "what is paid later ends nothing again": (_paid_later(), [UPDATED]),
    "a hold takes time as a booking does": (
        Change().with_sheets([SheetEdit("zone-a", "A-001", "2026-11-21", drops=frozenset("x"))]),
        [AVAILABLE],
    ),
    "somebody who joins the line takes none": (
        Change().with_sheets([SheetEdit("zone-a", "A-001", "2026-11-21", waits=True)]),
        [],
    ),
    "ninety new spaces are one piece of news": (
        saving(*(Space("zone-a", f"A-{n}") for n in range(90))),
        [AVAILABLE],
    ),
    "a space that is not in use yet is none": (saving(Space("zone-a", "A-9", active=False)), []),
    "a note on a space is told to nobody": (saving(SPACE.evolve(note="by the lift")), []),
    "a space taken out of use is": (saving(SPACE.evolve(active=False, note="wet")), [AVAILABLE]),
    "an edit of a space that changes nothing is not": (saving(SPACE.evolve(active=True)), []),
    "a new zone has nothing to offer yet": (saving(ZONE), []),
    "an edit of a zone that changes nothing is not": (saving(ZONE.evolve(name=ZONE.name)), []),
    "what only its mails say is not": (
        saving(ZONE.evolve(policy=replace(ZONE.policy, claim_window=9, confirmation=True))),
        [],
    ),
    "other hours are": (
        saving(ZONE.evolve(policy=replace(ZONE.policy, default_duration=90))),
        [AVAILABLE],
    ),
    "another price is": (
        saving(ZONE.evolve(tariff=replace(ZONE.tariff, booking_fee=1))),
        [AVAILABLE],
    ),
    "a bill that is presented changes no booking": (
        saving(replace(INSIDE.as_stored(), version=2, updated_at=HOUR, quoted_at=HOUR)),
        [],
    ),
    "a person who is erased from a stay has not left again": (
        saving(anonymous(replace(_out().booking, details=NAMED).as_stored())),
        [UPDATED],
    ),
    "a stay brought over from another system ends nothing": (_brought_over(), [UPDATED]),
    "new rules of a zone may change what can be had": (saving(ZONE.evolve(name="B")), [AVAILABLE]),
    "a site says nothing of its own": (saving(builders.a_site()), []),
}  # fmt: skip


@pytest.mark.parametrize("case", TOLD.values(), ids=TOLD.keys())
def test_what_a_change_tells(case: tuple[Change, list[tuple[str, str]]]) -> None:
    change, expected = case
    assert [(news.name, news.subject_id) for news in event.of(change)] == expected


def test_the_events_of_one_change_keep_their_order_where_it_also_moves_another_booking() -> None:
    moved = saving(replace(BOOKED, booking_id=f"{BOOKED.booking_id[:-1]}Z"))
    names = [draft.name for draft in event.of(_out().joined_with(moved))]
    assert names == [
        "booking-updated", "booking-updated", "booking-checked-out", "availability-changed"
    ]  # fmt: skip


def test_an_event_names_no_person_no_plate_and_no_code() -> None:
    details = BookingDetails(
        "KA01AB1234", "Asha Rao", "a secret errand",
        (Guest("Ravi", "ravi@example.com", "+91 80 5550 0100"),),
    )  # fmt: skip
    booking = replace(BOOKED, details=details)
    told = str(asdict(BookingFacts.of(booking, ZONE)))
    for private in ("Asha", "KA01", "errand", "Ravi", "example.com", "5550", "BERTH"):
        assert private not in told


def _event(name: EventName, user_id: str | None) -> Event:
    return Event("central", 1, name, "x", "EF1", NOON, {"user_id": user_id})


WORKER = Actor("USSTAFF001", Role.STAFF, frozenset({"central"}))
STRANGER = Actor("USSTAFF002", Role.STAFF, frozenset({"elsewhere"}))
CUSTOMER = builders.CUSTOMER


@pytest.mark.parametrize(
    ("who", "name", "user_id", "hears"),
    [
        (WORKER, "booking-updated", CUSTOMER.account_id, True),
        (WORKER, "booking-updated", None, True),
        (SYSTEM, "booking-updated", None, True),  # an admin
        (STRANGER, "booking-updated", CUSTOMER.account_id, False),
        (STRANGER, "booking-updated", None, False),  # a guest's, booked by staff
        (CUSTOMER, "booking-updated", CUSTOMER.account_id, True),
        (CUSTOMER, "booking-checked-out", "USSOMEBODY", False),
        (CUSTOMER, "booking-updated", None, False),
        (CUSTOMER, "availability-changed", None, True),
    ],
)
def test_who_hears_what(who: Actor, name: EventName, user_id: str | None, hears: bool) -> None:
    assert _event(name, user_id).is_for(who) is hears


def test_ids_sort_as_the_events_happened() -> None:
    ids = [event.event_id(number) for number in (9, 10, 99, 100, 10**11)]
    assert ids == sorted(ids)


TODAY = event.first_number(NOON)
WEEK_AGO, DAY_BEFORE = (event.first_number(NOON - timedelta(days=n)) for n in (7, 8))


def _numbered(number: int) -> Event:
    return Event("central", number, "booking-updated", "BK1", "EF1", NOON, {})


@pytest.mark.parametrize(
    ("cursor", "found", "whole"),
    [
        (TODAY + 3, TODAY + 4, True),  # the next one is there
        (TODAY + 3, TODAY + 5, False),  # the next one has gone
        (TODAY - 1, TODAY, True),  # given out while the log was empty
        (WEEK_AGO - 1, TODAY, True),  # and the first event came days later
        (WEEK_AGO - 1, TODAY + 1, False),  # the first one has gone: no such log can be
        (DAY_BEFORE - 1, TODAY, False),  # what came between may have gone again
        (WEEK_AGO + 4, TODAY, False),  # a log that ended, and one that began
        (TODAY - 1, None, True),  # still empty
        (TODAY + 3, None, False),  # whether it is the end only the log can say
        (DAY_BEFORE - 1, None, False),
    ],
)
def test_a_cursor_is_good_while_nothing_behind_it_has_gone(
    cursor: int, found: int | None, *, whole: bool
) -> None:
    events = () if found is None else (_numbered(found),)
    assert event.goes_on(cursor, events, NOON) is whole
