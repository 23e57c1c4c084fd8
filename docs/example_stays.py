"""The bookings and entries that the examples of mails are about."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.bookings import (
    create,
    deposits,
    ends,
    no_show,
    online,
    online_capture,
    online_refund,
)
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import BookingDetails, Guest
from chalicelib.domain.core import ids
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.payment import Capture
from chalicelib.domain.payments.tender import PaymentMethod, Tender
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Zone
from chalicelib.domain.stays import check_in, check_out
from chalicelib.domain.waitlist import entry
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.domain.waitlist.queue import Wish
from docs.example_places import (
    ASHA,
    ATTENDANT,
    BAYS,
    EVENING,
    GARAGE,
    GROUP,
    HALLS,
    HOTEL,
    REHEARSAL,
    ROOMS,
    TIMED_BAYS,
)


def booked(zone: Zone, at: datetime, *, hours: int) -> Booking:
    """A bay, booked 25 minutes before its time."""
    return _book(
        zone,
        "A-001",
        Interval(at, at + timedelta(hours=hours)),
        booking_id="BK7Q2M9X4T1NG1QR00005",
        now=at - timedelta(minutes=25),
        details=BookingDetails("KA 01 AB 1234", "Asha Rao"),
    )


def _book(zone: Zone, number: str, interval: Interval, **wishes: Any) -> Booking:
    of_asha: dict[str, Any] = {"user_id": ASHA.account_id, "by": ASHA, "source": "api"}
    asked = of_asha | {"now": EVENING, "tz": GARAGE.tz} | wishes
    return create.book(zone=zone, number=number, interval=interval, sheets=(), **asked).booking


def entered(zone: Zone, at: datetime) -> Booking:
    booking = booked(zone, at, hours=1)
    return check_in.check_in(
        booking, by=ATTENDANT, source="gate_entry", policy=zone.policy, sheets=(), now=at
    ).booking


def over_midnight() -> Booking:
    """In at 17:40 with the fee paid, out at 00:20: three bands."""
    stay = replace(entered(BAYS, EVENING), paid=5000)
    return check_out.check_out(
        stay,
        by=ATTENDANT,
        source="gate_exit",
        at=EVENING + timedelta(hours=6, minutes=40),
        tz=GARAGE.tz,
        policy=Policy(),
        entry_id="LE1",
        tender=Tender(PaymentMethod.CASH, Money(100000, "INR")),
    ).booking


def forgotten() -> Booking:
    """Ended by itself after an hour, with the bill left due."""
    return check_out.check_out(
        entered(TIMED_BAYS, EVENING),
        by=SYSTEM,
        source="auto_checkout",
        at=EVENING + timedelta(hours=1),
        tz=GARAGE.tz,
        policy=Policy(),
        entry_id="LE1",
        tender=None,
    ).booking


def hall() -> Booking:
    """The big hall in a week, for a rehearsal."""
    return _book(
        HALLS,
        "aula",
        REHEARSAL,
        booking_id="BK7Q2M9X4T1NG1QR00006",
        details=BookingDetails(owner_name="Asha Rao", purpose="Choir rehearsal"),
    )


def _together(zone: Zone, number: str, interval: Interval, position: int) -> Booking:
    """One of several booked together."""
    return _book(
        zone,
        number,
        interval,
        booking_id=ids.member_id(GROUP, position),
        group_id=GROUP,
        details=BookingDetails(owner_name="Asha Rao"),
    )


def spaces() -> list[Booking]:
    """Three bays for one evening."""
    when = Interval(EVENING + timedelta(hours=1), EVENING + timedelta(hours=5))
    return [_together(BAYS, f"A-00{n + 3}", when, n) for n in range(3)]


def series() -> list[Booking]:
    """The big hall on four Saturdays."""
    week, length = timedelta(weeks=1), timedelta(hours=3)
    starts = [EVENING + week * (n + 1) for n in range(4)]
    return [_together(HALLS, "aula", Interval(s, s + length), n) for n, s in enumerate(starts)]


def room() -> Booking:
    """Three nights of a guest whom the desk has booked."""
    arrival = EVENING.replace(day=23, hour=15, minute=0)
    nights = Interval(arrival, arrival + timedelta(days=2, hours=20))
    return _book(
        ROOMS,
        "101",
        nights,
        booking_id="BK7Q2M9X4T1NG1QR00008",
        user_id=None,
        by=ATTENDANT,
        source="staff_api",
        tz=HOTEL.tz,
        details=BookingDetails(guests=(Guest("Asha Rao", "asha@example.com"),)),
    )


def checked_out() -> Booking:
    """The guest of the hotel has left in the morning."""
    booking = room()
    stay = check_in.check_in(
        booking,
        by=ATTENDANT,
        source="staff_api",
        policy=ROOMS.policy,
        sheets=(),
        now=booking.booked.start + timedelta(hours=2, minutes=10),
    ).booking
    return check_out.check_out(
        stay,
        by=ATTENDANT,
        source="staff_api",
        at=booking.booked.end - timedelta(minutes=35),
        tz=HOTEL.tz,
        policy=ROOMS.policy,
        entry_id="LE1",
        tender=Tender(PaymentMethod.CASH, Money(36000, "EUR")),
    ).booking


def first_in_line() -> Entry:
    freed = EVENING + timedelta(days=2)
    [offered] = waiting().offer("aula", policy=HALLS.policy, sheets=(), now=freed).saves
    assert isinstance(offered, Entry)
    return offered


def waiting() -> Entry:
    joined = entry.join(
        entry_id="WL7Q2M9X4T1NG1QR00007",
        user_id=ASHA.account_id,
        site=HALLS.site,
        zone_id=HALLS.zone_id,
        wish=Wish(REHEARSAL),
        day="2026-11-28",
        paging=HALLS.paging,
        priority=0,
        favour="",
        policy=HALLS.policy,
        sheets=(),
        wishes=frozenset(),
        now=EVENING,
    )
    [waiting] = joined.saves
    assert isinstance(waiting, Entry)
    return waiting


def paid_back() -> Booking:
    """Its fee was paid online, and goes back because its customer cancels in time."""
    hold = held()
    paid = replace(hold.payments[0], state="captured", captures=(Capture("pay_1", 5000),))
    now = EVENING + timedelta(minutes=2)
    made = online_capture.record(
        hold, paid, policy=BAYS.policy, source="outbox", now=now, entry_id="LE1"
    )
    assert made is not None
    over = ends.cancel(made.booking, by=ASHA, source="api", reason="", now=now)
    fee = over.booking.amount_paid
    return online_refund.pay_back(over, fee, now=now, entry_id="LE2").booking


def held(*, deposit: int = 0) -> Booking:
    """Its fee, and maybe a deposit, is to be paid online first."""
    booking = booked(BAYS, EVENING, hours=4)
    asked = replace(booking, tariff=replace(booking.tariff, deposit=deposit))
    return online.hold(asked, "razorpay", BAYS.policy, EVENING)


def deposit_settled(keep: int) -> Booking:
    """Its deposit of 100.00, paid online, goes back, less what is kept for a damage."""
    hold = held(deposit=10_000)
    paid = replace(hold.payments[0], state="captured", captures=(Capture("pay_1", 15_000),))
    taken = online_capture.record(
        hold, paid, policy=BAYS.policy, source="outbox", now=EVENING, entry_id="LE1"
    )
    assert taken is not None
    stay = check_in.check_in(
        taken.booking, by=ATTENDANT, source="gate_entry", policy=BAYS.policy, sheets=(), now=EVENING
    ).booking
    out = EVENING + timedelta(hours=1)
    over = check_out.check_out(
        stay, by=ATTENDANT, source="gate_exit", at=out, tz=GARAGE.tz, policy=BAYS.policy,
        entry_id="LE2", tender=Tender(PaymentMethod.CASH, Money(5000, "INR")),
    ).booking  # fmt: skip
    return deposits.settle(
        over, Money(keep, "INR"), by=ATTENDANT, source="staff_api",
        reason="Barrier at the exit damaged" if keep else "", on=out.date(), now=out,
        entry_id="LE3",
    ).booking  # fmt: skip


def not_come() -> Booking:
    """Nobody came, and a fee is due for that."""
    booking = booked(BAYS, EVENING, hours=4)
    priced = replace(booking, tariff=replace(booking.tariff, no_show_fee=3000))
    return no_show.expire(
        priced,
        by=SYSTEM,
        source="sweep",
        at=booking.booked.end,
        entry_id="LE1",
    ).booking


def paid_too_late() -> Booking:
    """Its fee was paid after its hold had lapsed, and goes back."""
    lapsed = ends.expire(
        held(), by=SYSTEM, source="sweep", at=EVENING + timedelta(minutes=15)
    ).booking
    paid = replace(lapsed.payments[0], state="captured", captures=(Capture("pay_1", 5000),))
    now = EVENING + timedelta(minutes=20)
    change = online_capture.record(
        lapsed, paid, policy=BAYS.policy, source="outbox", now=now, entry_id="LE1"
    )
    assert change is not None
    return change.booking
