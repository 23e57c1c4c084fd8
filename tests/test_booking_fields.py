"""Holds that no field of a booking is lost on its way: each one is stored, is shown by the API or
listed as not shown, and is erased with the person or listed as not personal."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.api.bookings import bodies, present
from chalicelib.api.waitlist.entries import ClaimOffer
from chalicelib.domain.accounts import erasure
from chalicelib.domain.bookings.attachment import Attachment
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.confirmation import Confirmation
from chalicelib.domain.bookings.deadline import Deadline, DeadlineKind
from chalicelib.domain.bookings.details import NO_DETAILS, BookingDetails, DetailsEdit, Guest
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.timeline import TimelineEntry
from chalicelib.domain.pricing import bill
from tests import builders
from tests.clock import NOON
from tests.world import World

HOUR = timedelta(hours=1)

ASHA = BookingDetails(
    vehicle_number="KA01AB1234",
    owner_name="Asha Rao",
    purpose="Choir",
    guests=(Guest("Ravi", "ravi@example.com", "+91 80 5550 0100"),),
    auto_renew=True,
)
MINA = BookingDetails(
    vehicle_number="KA05ZZ9999",
    owner_name="Mina Das",
    purpose="Market",
    guests=(Guest("Jo", "jo@example.com", "+91 80 5550 0199"),),
    auto_renew=False,
)

ONE = Booking(
    booking_id="BKCVSTMR011NG1QR00005",
    user_id="USCVSTMR01",
    site="central",
    zone_id="zone-a",
    number="A-001",
    kind="parking",
    status=Status.ACTIVE,
    booked=builders.an_interval(NOON),
    tariff=builders.HOURLY,
    created_at=NOON,
    updated_at=NOON + HOUR,
    actual_start=NOON,
    actual_end=None,
    details=ASHA,
    auto_checkout=False,
    payment_method="CASH",
    payment_status="pending",
    paid=5000,
    bill=None,
    checked_out_by="USSTAFF001",
    counted=True,
    confirmation=Confirmation(NOON, NOON, NOON, failed=False),
    deadline=Deadline(DeadlineKind.AUTO_CHECKOUT, NOON + HOUR),
    group_id="GRCVSTMR011NG1QR00020",
    attachments=(Attachment("conversation", "chat-of-asha", NOON),),
    timeline=(TimelineEntry(NOON, "created", "USCVSTMR01", "api", "for the choir"),),
    version=7,
)
OTHER = Booking(
    booking_id="BKCVSTMR021NG1QR00006",
    user_id=None,
    site="north",
    zone_id="zone-b",
    number="A-002",
    kind="venue",
    status=Status.COMPLETED,
    booked=builders.an_interval(NOON + HOUR),
    tariff=builders.FREE,
    created_at=NOON - HOUR,
    updated_at=NOON - HOUR,
    actual_start=NOON + HOUR,
    actual_end=NOON + 2 * HOUR,
    details=MINA,
    auto_checkout=True,
    payment_method="ONLINE",
    payment_status="due",
    paid=0,
    bill=bill.make(
        builders.HOURLY, builders.an_interval(NOON), builders.a_site().tz, paid=Money(0, "INR")
    ),
    checked_out_by=None,
    counted=False,
    confirmation=None,
    deadline=None,
    group_id=None,
    attachments=(),
    timeline=(TimelineEntry(NOON, "checked_in", "USSTAFF001", "gate_entry"),),
    version=8,
)
"""Two bookings that differ in every field; together they hold a value of each field that is not its
default."""

NOT_SHOWN = {
    "attachments": "have a list of their own, /attachments",
    "counted": "whether a quota counts it: of no use to a client",
    "deadline": "what happens next, and when, follows from the policy of its zone",
}
"""Fields that the detailed view of a booking does not depend on, and why."""

NOT_PERSONAL = {
    "booking_id": "the ledger refers to it",
    "user_id": "the id of an account that no longer names anybody",
    "site": "a place",
    "zone_id": "a place",
    "number": "a place",
    "kind": "a place",
    "status": "what happened",
    "booked": "what happened",
    "tariff": "money",
    "created_at": "what happened",
    "updated_at": "what happened",
    "actual_start": "what happened",
    "actual_end": "what happened",
    "auto_checkout": "what happened",
    "payment_method": "money",
    "payment_status": "money",
    "paid": "money",
    "bill": "money",
    "checked_out_by": "an account of staff, answerable for cash",
    "counted": "bookkeeping",
    "confirmation": "what happened",
    "deadline": "bookkeeping",
    "group_id": "other bookings of the same account",
    "timeline": "what happened, by account ids; the notes are erased",
    "version": "bookkeeping",
    "details.auto_renew": "a setting",
}
"""Fields that erasure keeps, and why."""


def _names(kind: type) -> list[str]:
    return [field.name for field in fields(kind)]


def _with(booking: Booking, name: str, other: Booking) -> Booking:
    """`booking` with one field, or one of its details, of the `other`."""
    outer, _, inner = name.partition(".")
    value = getattr(other, outer)
    if inner:
        value = replace(booking.details, **{inner: getattr(value, inner)})
    return replace(booking, **{outer: value})


DETAILS = [f"details.{name}" for name in _names(BookingDetails)]
FIELDS = [*(name for name in _names(Booking) if name != "details"), *DETAILS]


@pytest.fixture
def both(world: World) -> World:
    """A world with the places of both bookings."""
    world.add_site("north")
    world.add_zone("zone-b", builders.METERED, site="north")
    return world


def test_the_two_bookings_differ_in_every_field() -> None:
    assert [name for name in FIELDS if _with(ONE, name, OTHER) == ONE] == []


@pytest.mark.parametrize("booking", [ONE, OTHER], ids=["one", "other"])
def test_every_field_of_a_booking_is_stored(both: World, booking: Booking) -> None:
    for version in range(1, booking.version + 1):
        both.deps.commit(saving(replace(booking, version=version)))
    stored = both.read(booking)
    assert [name for name in FIELDS if _with(booking, name, stored) != booking] == []


def test_every_field_is_shown_or_listed_as_not_shown(both: World) -> None:
    hidden = {
        name
        for name in FIELDS
        if _view(both, _with(ONE, name, OTHER)) == _view(both, ONE)
        and _view(both, _with(OTHER, name, ONE)) == _view(both, OTHER)
    }
    assert hidden == NOT_SHOWN.keys()


def _view(world: World, booking: Booking) -> Any:
    return present.as_json(present.booking_detail(world.deps, booking))


def test_every_field_is_erased_or_listed_as_not_personal() -> None:
    forgotten = erasure.anonymous(ONE)
    kept = {name for name in FIELDS if erasure.anonymous(_with(ONE, name, OTHER)) != forgotten}
    assert kept == NOT_PERSONAL.keys()


def test_each_personal_field_alone_makes_a_booking_personal() -> None:
    forgotten = erasure.anonymous(ONE)
    assert not erasure.is_personal(forgotten)
    personal = {name for name in FIELDS if erasure.is_personal(_with(forgotten, name, ONE))}
    assert personal == {*FIELDS} - NOT_PERSONAL.keys() | {"timeline"}


@pytest.mark.parametrize("name", _names(BookingDetails))
def test_every_detail_can_be_sent_and_edited(name: str) -> None:
    wanted = getattr(ASHA, name)
    sent = bodies.CreateBooking(zone_id="zone-a", **{name: wanted})
    assert sent.order.details == replace(NO_DETAILS, **{name: wanted})
    edited = bodies.EditBooking(**{name: wanted}).edit.details.of(MINA)
    assert edited == replace(MINA, **{name: wanted})


def test_an_edit_has_the_fields_of_the_details() -> None:
    assert _names(DetailsEdit) == _names(BookingDetails)


NOT_CLAIMED = {"auto_renew": "an offer is for one time"}
"""Details that a claim does not take, and why."""


@pytest.mark.parametrize("name", _names(BookingDetails))
def test_every_detail_can_be_said_with_a_claim(name: str) -> None:
    if name in NOT_CLAIMED:
        assert name not in _names(ClaimOffer)
        return
    wanted = getattr(ASHA, name)
    assert ClaimOffer(**{name: wanted}).details == replace(NO_DETAILS, **{name: wanted})
