from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.bookings import group, no_show
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments import ledger
from chalicelib.domain.payments.debt import Debt
from chalicelib.domain.pricing.tariff import Tariff, Tax
from tests.builders import CUSTOMER, FREE, HOURLY, a_booking, a_zone, an_active_booking
from tests.clock import NOON

END = NOON + timedelta(hours=1)
WITH_FEE = replace(HOURLY, no_show_fee=3000)


def expire(booking: Booking) -> BookingChange:
    return no_show.expire(booking, by=SYSTEM, source="sweep", at=END, entry_id="LE1")


def booked(tariff: Tariff = WITH_FEE, *, paid: int = 0, **given: Any) -> Booking:
    return replace(a_booking(a_zone(tariff=tariff), **given), paid=paid)


def test_a_no_show_owes_the_fee() -> None:
    change = expire(booked())
    over = change.booking
    assert (over.status, over.payment_status, over.paid) == (Status.EXPIRED, "due", 0)
    assert over.bill is not None
    assert [(line.text, line.amount.minor) for line in over.bill.lines] == [("No-show fee", 3000)]
    assert change.tallies == (
        Debt(change.booking.booking_id, change.booking.site).arises(CUSTOMER.locator),
    )
    assert ledger.balance(change.ledger, ledger.RECEIVABLE) == {"INR": Money(3000, "INR")}
    assert ledger.balance(change.ledger, ledger.REVENUE) == {"INR": Money(-3000, "INR")}
    assert (change.ledger[0].at, change.ledger[0].kind) == (END, "billed")


@pytest.mark.parametrize(
    ("paid", "due", "status"),
    [
        (0, 3000, "due"),
        (1000, 2000, "due"),
        (3000, 0, "pending"),  # nothing is left to pay
        (5000, 0, "pending"),  # and nothing is paid back
    ],
)
def test_what_was_paid_before_counts_towards_the_fee(paid: int, due: int, status: str) -> None:
    change = expire(booked(paid=paid))
    assert change.booking.bill is not None
    assert (change.booking.bill.amount_due.minor, change.booking.payment_status) == (due, status)
    assert len(change.tallies) == bool(due)
    assert ledger.balance(change.ledger, ledger.RECEIVABLE).get("INR", Money(0, "INR")).minor == due


def test_the_fee_is_taxed_like_the_prices() -> None:
    bill = expire(booked(replace(WITH_FEE, tax=Tax(1800, inclusive=False)))).booking.bill
    assert bill is not None
    assert (bill.total.minor, bill.tax_total.minor) == (3540, 540)


def test_a_zone_free_of_charge_may_have_a_fee() -> None:
    over = expire(booked(replace(FREE, no_show_fee=3000))).booking
    assert over.payment_status == "due"


def test_without_a_fee_a_no_show_owes_nothing() -> None:
    change = expire(booked(HOURLY))
    assert (change.booking.bill, change.ledger, change.tallies) == (None, (), ())


def test_a_guest_without_an_account_owes_nothing_to_an_account() -> None:
    change = expire(booked(user_id=None))
    assert (change.booking.payment_status, change.tallies) == ("due", ())


def test_a_hold_that_lapses_owes_nothing() -> None:
    hold = group.hold([BookingChange.of(booked())], now=NOON).booking
    change = expire(hold)
    assert (change.booking.status, change.booking.bill, change.ledger) == (Status.EXPIRED, None, ())


def test_a_stay_is_no_no_show() -> None:
    with pytest.raises(errors.IllegalTransition):
        expire(an_active_booking(a_zone(tariff=WITH_FEE)))
