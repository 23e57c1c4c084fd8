"""The mails about a booking that has changed or has ended before its stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.bookings import auto_renewal, confirmation_steps, ends, reschedule
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.promise import News
from chalicelib.domain.core.access import SYSTEM, Actor
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.mail.message import Message
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.rendering.mail import (
    changes,
    deposits,
    endings,
    groups,
    payments,
    renewals,
)
from chalicelib.rendering.mail.reader import Reader
from docs import example_stays as stays
from docs.example_mails.ingredients import TOKENS, invitation, link
from docs.example_places import (
    ASHA,
    ATTENDANT,
    BAYS,
    EVENING,
    GARAGE,
    HALLS,
    HOTEL,
    ROOMS,
    TOWN_HALL,
)


def examples(asha: Reader) -> dict[str, Message]:
    return {
        "booking-moved": _moved(asha, stays.hall(), days=2, own=False),
        "booking-moved-own": _moved(asha, stays.hall(), days=2, own=True),
        "booking-shortened": _moved(asha, stays.hall(), minutes=-60, own=False),
        "booking-other-space": _other_space(asha),
        "booking-other-room": _other_room(asha),
        "stay-renewed": _renewed(asha),
        "stay-not-renewed": _not_renewed(asha),
        "pass-replaced": _new_pass(asha),
        "group-cancelled": _group_cancelled(asha, stays.series()[1:]),
        "auto-cancelled": _lapsed(asha, stays.hall()),
        "booking-cancelled": _cancelled(asha, stays.hall()),
        "booking-cancelled-own": _cancelled(asha, stays.hall(), "api", ASHA),
        "booking-cancelled-paid-back": _paid_back(asha),
        "booking-cancelled-blackout": _cancelled(asha, stays.hall(), source="blackout"),
        "booking-expired": _expired(asha),
        "booking-expired-fee": _no_show_fee(asha),
        "payment-awaited": _payment_awaited(asha),
        "payment-returned": _payment_returned(asha),
        "payment-awaited-deposit": _deposit_awaited(asha),
        "deposit-returned": deposits.settled(asha, stays.deposit_settled(0), GARAGE, BAYS),
        "deposit-kept": deposits.settled(asha, stays.deposit_settled(3000), GARAGE, BAYS),
    }


def _changed(
    reader: Reader, after: Booking, before: Booking, site: Site, zone: Zone, *, own: bool
) -> Message:
    news = News(after.version, after.updated_at, before.promise, own=own)
    return changes.booking_changed(
        after,
        site,
        zone,
        news,
        code=TOKENS.qr(after),
        invitation=invitation(reader, after.updated_at),
    )


def _moved(
    reader: Reader, booking: Booking, *, days: int = 0, minutes: int = 0, own: bool
) -> Message:
    """The hall on another day, or for another length."""
    start = booking.booked.start + timedelta(days=days)
    length = booking.booked.end - booking.booked.start + timedelta(minutes=minutes)
    moved = reschedule.move(
        booking,
        Interval(start, start + length),
        by=ASHA if own else ATTENDANT,
        source="api" if own else "staff_api",
        policy=HALLS.policy,
        tz=TOWN_HALL.tz,
        sheets=(),
        now=EVENING + timedelta(days=1),
    ).booking
    return _changed(reader, moved, booking, TOWN_HALL, HALLS, own=own)


def _other_space(reader: Reader) -> Message:
    booking = stays.booked(BAYS, EVENING, hours=4)
    assigned = reschedule.assign(
        booking,
        "A-017",
        by=ATTENDANT,
        source="staff_api",
        sheets=(),
        now=EVENING - timedelta(minutes=20),
    ).booking
    return _changed(reader, assigned, booking, GARAGE, BAYS, own=False)


def _other_room(reader: Reader) -> Message:
    booking = stays.room()
    assigned = reschedule.assign(
        booking,
        "204",
        by=ATTENDANT,
        source="staff_api",
        sheets=(),
        now=booking.booked.start - timedelta(days=1),
    ).booking
    return _changed(reader, assigned, booking, HOTEL, ROOMS, own=False)


def _renewed(reader: Reader) -> Message:
    """The car is still there at the end, and the bay is free."""
    stay = _staying()
    added = auto_renewal.added(stay, BAYS.policy)
    renewed = auto_renewal.renew(
        stay,
        auto_renewal.renewed(stay, added),
        source="sweep",
        policy=BAYS.policy,
        tz=GARAGE.tz,
        sheets=(),
        now=stay.booked.end - timedelta(minutes=20),
        room=None,
    ).booking
    letter = invitation(reader, renewed.updated_at)
    return renewals.renewed(renewed, GARAGE, BAYS, invitation=letter)


def _not_renewed(reader: Reader) -> Message:
    """The bay is booked from the end on."""
    stay, now = _staying(), EVENING + timedelta(hours=3)
    taken = auto_renewal.Reason.TAKEN
    refused = auto_renewal.refuse(stay, taken, source="sweep", policy=BAYS.policy, now=now).booking
    return renewals.refused(reader, refused, GARAGE, BAYS, taken)


def _staying() -> Booking:
    stay = stays.entered(BAYS, EVENING)
    return replace(stay, details=replace(stay.details, auto_renew=True))


def _new_pass(reader: Reader) -> Message:
    booking = replace(stays.booked(BAYS, EVENING, hours=4), pass_issue=1)
    return changes.pass_replaced(reader, booking, GARAGE, BAYS, code=TOKENS.qr(booking))


def _group_cancelled(reader: Reader, made: list[Booking]) -> Message:
    over = [
        ends.cancel(
            booking, by=ATTENDANT, source="staff_api", reason="repairs", now=EVENING
        ).booking
        for booking in made
    ]
    return groups.group_cancelled(over, TOWN_HALL, HALLS, invitation=invitation(reader, EVENING))


def _lapsed(reader: Reader, booking: Booking) -> Message:
    at = booking.booked.start - timedelta(hours=2)
    over = confirmation_steps.auto_cancel(
        booking, policy=HALLS.policy, source="sweep", at=at
    ).booking
    return endings.cancelled(over, TOWN_HALL, HALLS, invitation=invitation(reader, at))


def _cancelled(
    reader: Reader, booking: Booking, source: Source = "staff_api", by: Actor = ATTENDANT
) -> Message:
    now = booking.booked.start - timedelta(days=2)
    why = "The floor is polished"
    over = ends.cancel(booking, by=by, source=source, reason=why, now=now).booking
    return endings.cancelled(over, TOWN_HALL, HALLS, invitation=invitation(reader, now))


def _expired(reader: Reader) -> Message:
    """Nobody came, and the booking fee had been paid."""
    booking = replace(stays.booked(BAYS, EVENING, hours=4), paid=5000)
    over = ends.expire(booking, by=SYSTEM, source="sweep", at=booking.booked.end).booking
    return endings.expired(over, GARAGE, BAYS, invitation=invitation(reader, over.updated_at))


def _paid_back(reader: Reader) -> Message:
    over = stays.paid_back()
    return endings.cancelled(over, GARAGE, BAYS, invitation=invitation(reader, over.updated_at))


def _no_show_fee(reader: Reader) -> Message:
    """Nobody came, and the site asks a fee for that, which can be paid online."""
    over = stays.not_come()
    letter = invitation(reader, over.updated_at)
    return endings.expired(over, GARAGE, BAYS, invitation=letter, pay=link("pay"))


def _payment_awaited(reader: Reader) -> Message:
    """The fee is to be paid within a quarter of an hour."""
    held = stays.held()
    return payments.awaited(reader, held, held.payments[0], GARAGE, BAYS, pay=link("pay"))


def _deposit_awaited(reader: Reader) -> Message:
    """The fee and a deposit are to be paid within a quarter of an hour."""
    held = stays.held(deposit=10_000)
    return payments.awaited(reader, held, held.payments[0], GARAGE, BAYS, pay=link("pay"))


def _payment_returned(reader: Reader) -> Message:
    """The fee was paid after the hold had lapsed, and the space had gone to another guest."""
    over = stays.paid_too_late()
    return payments.returned(reader, over, over.payments[0], GARAGE, BAYS)
