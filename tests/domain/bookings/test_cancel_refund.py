from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.bookings import cancel_refund, confirmation_steps, ends
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import localtime
from chalicelib.domain.core.access import SYSTEM, Actor
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments.refund import RefundDecision
from chalicelib.domain.pricing.cancellation import CancelDeadline, CancellationTerms
from tests.builders import (
    ATTENDANT,
    CUSTOMER,
    HOURLY,
    METERED,
    VENUE,
    a_booking,
    a_zone,
    an_active_booking,
    an_interval,
)
from tests.clock import NOON

IST = localtime.zone("Asia/Kolkata")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TERMS = CancellationTerms((CancelDeadline(1, 18 * 60, 50),), kept=500)


def paid(booking: Booking) -> Booking:
    return replace(booking, paid=5000)


def with_terms(days_ahead: int) -> Booking:
    zone = a_zone(tariff=replace(HOURLY, cancellation=TERMS))
    return paid(a_booking(zone, interval=an_interval(NOON + days_ahead * DAY)))


def refund(booking: Booking, after: timedelta = timedelta()) -> RefundDecision | None:
    return cancel_refund.current(booking, METERED, IST, now=NOON + after)


def cancel(booking: Booking, *, by: Actor = CUSTOMER, source: Source = "api") -> Booking:
    return ends.cancel(booking, by=by, source=source, reason="", now=NOON + DAY).booking


@pytest.mark.parametrize(
    ("later", "eligible"),
    [(timedelta(), True), (5 * MINUTE, True), (5 * MINUTE + timedelta(seconds=1), False)],
)
def test_a_cancellation_is_free_inside_five_minutes(later: timedelta, eligible: bool) -> None:
    decision = refund(paid(a_booking()), later)
    assert decision is not None
    assert decision.eligible is eligible


def test_nothing_is_paid_back_after_entry() -> None:
    assert not cancel_refund.decide(an_active_booking(), METERED, IST, at=NOON).eligible
    assert refund(an_active_booking()) is None


def test_a_booking_shows_what_comes_back_now_and_what_its_cancellation_brought() -> None:
    booking = with_terms(days_ahead=3)
    now = refund(booking)
    assert now is not None
    assert (now.amount.minor, now.until) == (2000, localtime.parse_instant("2026-11-23T12:30:00Z"))
    brought = refund(cancel(booking), 30 * DAY)  # shown as it was, however much later
    assert brought is not None
    assert (brought.amount.minor, brought.until) == (2000, None)


def test_the_terms_are_those_at_which_it_was_booked() -> None:
    booking = with_terms(days_ahead=3)
    generous = replace(METERED, free_cancel_window=60 * 24 * 30)
    assert cancel_refund.decide(booking, generous, IST, at=NOON).amount.minor == 2000


@pytest.mark.parametrize("later_window", [0, 60])
def test_the_free_window_is_that_at_which_it_was_booked(later_window: int) -> None:
    booking = paid(replace(a_booking(), free_cancel_window=5))
    edited = replace(METERED, free_cancel_window=later_window)
    for minutes, minor in ((5, 5000), (6, 0)):
        at = booking.created_at + timedelta(minutes=minutes)
        assert cancel_refund.decide(booking, edited, IST, at=at).amount.minor == minor


def test_a_booking_of_an_earlier_version_follows_the_window_of_the_policy() -> None:
    booking = paid(replace(a_booking(), free_cancel_window=None))
    at = booking.created_at + timedelta(minutes=5)
    assert cancel_refund.decide(booking, METERED, IST, at=at).amount.minor == 5000


@pytest.mark.parametrize(
    ("by", "source", "minor"),
    [
        (CUSTOMER, "api", 0),  # the guest, too late
        (ATTENDANT, "api", 0),  # staff at the guest's wish
        (ATTENDANT, "blackout", 5000),  # the site has closed
        (SYSTEM, "gate_entry", 5000),  # no space was left at the arrival
    ],
)
def test_the_site_pays_everything_back_for_its_own_cancellations(
    by: Actor, source: Source, minor: int
) -> None:
    brought = refund(cancel(with_terms(days_ahead=1), by=by, source=source))
    assert brought is not None
    assert brought.amount == Money(minor, "INR")


def test_an_auto_cancel_pays_back_what_a_cancellation_at_that_instant_does() -> None:
    zone = a_zone(kind="venue", policy=VENUE, tariff=replace(HOURLY, cancellation=TERMS))
    booking = paid(a_booking(zone, interval=an_interval(NOON + 3 * DAY)))
    reminded = confirmation_steps.remind(booking, policy=VENUE, source="sweep", now=NOON + DAY)
    over = confirmation_steps.auto_cancel(
        reminded.booking, policy=VENUE, source="sweep", at=NOON + 2 * DAY
    ).booking
    brought = refund(over)
    assert brought is not None
    assert brought.amount.minor == 2000


def test_deadlines_are_listed_with_what_comes_back_until_then() -> None:
    listed = list(cancel_refund.deadlines(with_terms(days_ahead=3), IST))
    assert listed == [(localtime.parse_instant("2026-11-23T12:30:00Z"), Money(2000, "INR"))]
    assert list(cancel_refund.deadlines(a_booking(), IST)) == []
