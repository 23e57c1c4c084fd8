"""Holds that no field of a booking is lost on its way: each one is stored, is shown by the API or
listed as not shown, and is erased with the person or listed as not personal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import routes
from chalicelib.api.bookings import bodies, present
from chalicelib.api.front_desk.hotels import WalkIn
from chalicelib.api.replaced.parking import LegacyBooking
from chalicelib.api.replaced.timer import OldBooking
from chalicelib.api.waitlist.entries import ClaimOffer
from chalicelib.domain.accounts import erasure
from chalicelib.domain.bookings.attachment import Attachment
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.buyer import Buyer
from chalicelib.domain.bookings.confirmation import Confirmation
from chalicelib.domain.bookings.cover import Cover
from chalicelib.domain.bookings.deadline import Deadline, DeadlineKind
from chalicelib.domain.bookings.details import NO_DETAILS, BookingDetails, DetailsEdit, Guest
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.timeline import TimelineEntry
from chalicelib.domain.payments.deposit import Deposit
from chalicelib.domain.payments.payment import Payment
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.domain.pricing import bill
from chalicelib.services.bookings import book_group, renewal, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.front_desk import walk_ins
from chalicelib.services.waitlist import entries
from tests import builders
from tests.clock import NOON, Clock
from tests.hall import Hall
from tests.hotel import Hotel
from tests.world import World

HOUR = timedelta(hours=1)

ASHA = BookingDetails(
    vehicle_number="KA01AB1234",
    owner_name="Asha Rao",
    purpose="Choir",
    guests=(Guest("Ravi", "ravi@example.com", "+91 80 5550 0100"),),
    auto_renew=True,
    language="hi",
    buyer=Buyer("business", "Rao & Sons", "27AAPFU0939F1ZV", "2 Hill Road, Mumbai"),
)
MINA = BookingDetails(
    vehicle_number="KA05ZZ9999",
    owner_name="Mina Das",
    purpose="Market",
    guests=(Guest("Jo", "jo@example.com", "+91 80 5550 0199"),),
    auto_renew=False,
    language="en",
    buyer=Buyer("private", "Mina Das"),
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
    quoted_at=NOON,
    details=ASHA,
    auto_checkout=False,
    payment_method=PaymentMethod.CASH,
    payment_status="pending",
    paid=5000,
    by_hand=1000,
    payments=(),
    bill=None,
    checked_out_by="USSTAFF001",
    counted=True,
    counts=(("day.zone-a.2026-11-21", 1), ("week.zone-a.2026-W47", 60)),
    redeemed=(("promos#central", "promo.PR1.total"),),
    confirmation=Confirmation(NOON, NOON, NOON, failed=False),
    deadline=Deadline(DeadlineKind.AUTO_CHECKOUT, NOON + HOUR),
    group_id="GRCVSTMR011NG1QR00020",
    provisional=True,
    cancelled_by_site=True,
    free_cancel_window=10,
    attachments=(Attachment("conversation", "chat-of-asha", NOON),),
    timeline=(TimelineEntry(NOON, "created", "USCVSTMR01", "api", "for the choir"),),
    listed_through=NOON + 24 * HOUR,
    pass_issue=2,
    first_day=20770,
    cover=Cover("SP7Q2M9X4T1NG1QR00005", "KA01AB1234", NOON + HOUR),
    renewals=3,
    deposit=Deposit(10000, in_cash=True, by_hand=4000, kept=6000, tax=915, reason="Asha's dog"),
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
    payment_method=PaymentMethod.ONLINE,
    payment_status="due",
    paid=0,
    by_hand=0,
    payments=(
        Payment(
            "BKCVSTMR021NG1QR00006_1",
            "razorpay",
            Money(5000, "INR"),
            "fee",
            NOON,
            NOON + HOUR,
            "open",
            "order_1",
        ),
    ),
    bill=bill.make(
        builders.HOURLY, builders.an_interval(NOON), builders.a_site().tz, paid=Money(0, "INR")
    ),
    checked_out_by=None,
    counted=False,
    counts=(),
    redeemed=(),
    confirmation=None,
    deadline=None,
    group_id=None,
    provisional=False,
    cancelled_by_site=False,
    free_cancel_window=None,
    attachments=(),
    timeline=(TimelineEntry(NOON, "checked_in", "USSTAFF001", "gate_entry"),),
    listed_through=None,
    version=8,
)
"""Two bookings that differ in every field; together they hold a value of each field that is not its
default."""

NOT_SHOWN = {
    "attachments": "have a list of their own, /attachments",
    "cancelled_by_site": "shown once it is cancelled, by the refund in cancellation",
    "counted": "whether a quota counts it: of no use to a client",
    "counts": "its parts in allowances: of no use to a client",
    "redeemed": "the counters of its promo code: of no use to a client",
    "deadline": "what happens next, and when, follows from the policy of its zone",
    "free_cancel_window": "shown as the refund of a cancellation, and its last instant",
    "listed_through": "which sheets list it: of no use to a client",
    "renewals": "each renewal is on the timeline",
    "provisional": "shown until arrival, as space_provisional",
}
"""Fields that the detailed view of a booking does not depend on, and why."""

NOT_PERSONAL = {
    "booking_id": "the ledger refers to it",
    "user_id": "the id of an account without a name",
    "site": "a place",
    "zone_id": "a place",
    "number": "a place",
    "kind": "a place",
    "status": "what happened",
    "booked": "what happened",
    "tariff": "money",
    "free_cancel_window": "money",
    "created_at": "what happened",
    "updated_at": "what happened",
    "actual_start": "what happened",
    "actual_end": "what happened",
    "quoted_at": "what happened",
    "auto_checkout": "what happened",
    "payment_method": "money",
    "payment_status": "money",
    "paid": "money",
    "by_hand": "money",
    "payments": "money",
    "bill": "money",
    "deposit": "money; the reason why a part was kept is erased",
    "checked_out_by": "an account of staff, answerable for cash",
    "counted": "bookkeeping",
    "counts": "bookkeeping",
    "redeemed": "bookkeeping",
    "confirmation": "what happened",
    "deadline": "bookkeeping",
    "listed_through": "bookkeeping",
    "group_id": "other bookings of the same account",
    "provisional": "bookkeeping",
    "cancelled_by_site": "what happened",
    "timeline": "what happened, by account ids; the notes are erased",
    "pass_issue": "bookkeeping",
    "renewals": "what happened",
    "first_day": "what happened",
    "version": "bookkeeping",
    "details.auto_renew": "a setting",
}
"""Fields that erasure keeps, and why."""


def _names(kind: type) -> list[str]:
    """The fields that two equal records share."""
    return [field.name for field in fields(kind) if field.compare]


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
    assert personal == {*FIELDS} - NOT_PERSONAL.keys() | {"timeline", "deposit"}


def test_an_edit_has_the_fields_of_the_details() -> None:
    assert _names(DetailsEdit) == _names(BookingDetails)


@pytest.mark.parametrize("name", _names(BookingDetails))
def test_an_edit_changes_each_detail_alone(name: str) -> None:
    given = {name: getattr(ASHA, name)}
    assert bodies.EditBooking(**given).edit.details.of(MINA) == replace(MINA, **given)


TAKEN: dict[type, Callable[[Any], BookingDetails]] = {
    bodies.BookSlot: lambda body: body.order.details,
    bodies.CreateBooking: lambda body: body.order.details,
    bodies.EditBooking: lambda body: body.edit.details.of(NO_DETAILS),
    ClaimOffer: lambda body: body.details,
    WalkIn: lambda body: body.order("rooms").details,
    OldBooking: lambda body: body.order.details,
    LegacyBooking: lambda body: body.order().details,
}
"""Requests that carry details of a booking, and the details they become."""

NO_BOOKING = {
    "EntryScan": "a plate to compare with that of the booking",
    "ExitScan": "a plate to compare with that of the booking",
    "QuoteScan": "a plate to compare with that of the booking",
    "LetOut": "a plate to compare with that of the booking",
    "LegacyExit": "a plate to compare with that of the booking",
    "LegacyEntry": "a plate to compare with that of the booking",
    "ReportIncident": "the plate of any vehicle",
    **dict.fromkeys(("BuyPass", "SellPass", "TransferPass"), "the plate of a season pass"),
    "PassEdit": "a setting of a season pass",
    **dict.fromkeys(("Register", "EditMe", "CreateUser", "EditUser"), "that of an account"),
    **dict.fromkeys(("NewSite", "SiteEdit"), "that of a site"),
}
"""Requests with a field of the same name that is no detail of a booking, and why."""


def test_every_request_with_a_detail_is_listed() -> None:
    names = {*_names(BookingDetails)}
    taking = {route.takes for route in routes.declared() if route.takes}
    assert {kind.__name__ for kind in taking if names & {*_names(kind)}} == {
        *(kind.__name__ for kind in TAKEN), *NO_BOOKING
    }  # fmt: skip


@pytest.mark.parametrize("kind", TAKEN, ids=lambda kind: kind.__name__)
def test_every_detail_in_a_request_is_taken(kind: type) -> None:
    given = {n: getattr(ASHA, n) for n in _names(BookingDetails) if n in _names(kind)}
    needed = {"zone_id": "zone-a"} if "zone_id" in _names(kind) else {}
    assert TAKEN[kind](kind(**given, **needed)) == replace(NO_DETAILS, **given)


def test_a_new_booking_can_be_given_every_detail() -> None:
    assert {*_names(BookingDetails)} <= {*_names(bodies.CreateBooking)}
    assert {*_names(BookingDetails)} <= {*_names(bodies.EditBooking)}
    assert {*_names(BookingDetails)} - {*_names(ClaimOffer)} == {"auto_renew"}


# -- from the request to the store -------------------------------------------------------------


def _booked(world: World, clock: Clock) -> Booking:
    return world.book(details=ASHA)


def _renewed(world: World, clock: Clock) -> Booking:
    world.leave(world.enter(booking := world.book(details=ASHA)))
    return renewal.renew(world.deps, world.user, booking.booking_id)


def _edited(world: World, clock: Clock) -> Booking:
    edit = BookingEdit(DetailsEdit(**vars(ASHA)))
    return reschedule.modify(world.deps, world.user, world.book(details=MINA).booking_id, edit)


def _edited_and_moved(world: World, clock: Clock) -> Booking:
    edit = BookingEdit(DetailsEdit(**vars(ASHA)), minutes=120)
    return reschedule.modify(world.deps, world.user, world.book(details=MINA).booking_id, edit)


def _in_a_group(world: World, clock: Clock) -> Booking:
    order = Order("zone-a", quantity=2, details=ASHA)
    return book_group.book(world.deps, world.user, order).bookings[1]


def _claimed(world: World, clock: Clock) -> Booking:
    hall = Hall(world, clock)
    booking, entry = hall.book(), hall.join(world.other)
    hall.cancel(booking)
    return entries.claim(world.deps, world.other, entry.entry_id, ASHA)


def _walked_in(world: World, clock: Clock) -> Booking:
    desk = Hotel(world, clock)
    order = Order("rooms", details=ASHA)
    return walk_ins.walk_in(world.deps, desk.staff, "hotel", order)


@pytest.mark.parametrize(
    "make",
    [_booked, _renewed, _edited, _edited_and_moved, _in_a_group, _claimed, _walked_in],
    ids=lambda make: make.__name__.strip("_"),
)
def test_the_details_reach_the_store_whole(
    world: World, clock: Clock, make: Callable[[World, Clock], Booking]
) -> None:
    assert world.read(make(world, clock)).details == ASHA
