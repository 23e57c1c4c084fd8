"""Refunds of a booking that was paid in several ways."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.bookings import books, online_refund
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.localtime import zone
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments import ledger
from chalicelib.domain.payments.ledger import LedgerEntry, Moved
from chalicelib.domain.payments.payment import Capture, Payment
from chalicelib.domain.pricing import bill
from chalicelib.domain.pricing.tariff import Tariff, Tax
from tests.builders import a_zone, an_active_booking
from tests.clock import NOON

INR = "INR"
MANAGER = Actor("USMANAGER1", Role.OWNER, frozenset({"central"}))


def paid_by(cash: int, online: list[tuple[str, int]]) -> tuple[Booking, list[LedgerEntry]]:
    """A stay that was billed at exactly what was paid: in cash, and by payments at gateways; with
    18 % tax. And its ledger entries."""
    total = cash + sum(minor for _, minor in online)
    tariff = Tariff("flat", INR, total, tax=Tax(1800))
    stay = Interval(NOON, NOON.replace(hour=9))
    payments = tuple(
        Payment(
            f"BK1_{number}", gateway, Money(minor, INR), "dues", NOON, NOON, "captured",  # type: ignore[arg-type]
            captures=(Capture(f"pay_{number}", minor),),
        )
        for number, (gateway, minor) in enumerate(online)
    )  # fmt: skip
    made_out = bill.make(tariff, stay, zone("UTC"), paid=Money(0, INR))
    over = replace(
        an_active_booking(a_zone(tariff=tariff)),
        paid=total, payments=payments, bill=made_out, payment_status="paid",
    )  # fmt: skip
    at_gateways = books.at_gateways(over)
    posting = {"at": NOON, "actor": "US1"}
    billed = ledger.left_due(over, made_out, entry_id="LE1", **posting)  # type: ignore[arg-type]
    money = Moved(at_gateways, cash=cash, settled=total)  # type: ignore[arg-type]
    return over, [billed, ledger.moved(over, INR, money, entry_id="LE2", **posting)]  # type: ignore[arg-type]


PAID = st.tuples(
    st.integers(0, 20_000),
    st.lists(
        st.tuples(st.sampled_from(["razorpay", "phonepe"]), st.integers(1, 20_000)), max_size=4
    ),
).filter(lambda paid: paid[0] + sum(minor for _, minor in paid[1]) > 0)


@given(PAID, st.lists(st.integers(-5, 30_000), max_size=6))
def test_what_goes_back_by_gateways_and_by_hand_is_what_was_asked(
    paid: tuple[int, list[tuple[str, int]]], asked: list[int]
) -> None:
    booking, entries = paid_by(*paid)
    assert books.faults_of(booking, entries) == ()
    for number, minor in enumerate(asked):
        amount = Money(minor, INR)
        refund = {"by": MANAGER, "reason": "kind", "now": NOON, "entry_id": f"LE{number + 3}"}
        if not 0 < minor <= booking.kept:
            with pytest.raises(errors.RefundTooHigh):
                online_refund.refund(booking, amount, **refund)  # type: ignore[arg-type]
            continue
        change = online_refund.refund(booking, amount, **refund)  # type: ignore[arg-type]
        after = change.booking
        entries += change.ledger
        online = sum(p.returned for p in after.payments) - sum(p.returned for p in booking.payments)
        assert online + (after.by_hand - booking.by_hand) == minor
        assert after.by_hand <= paid[0]
        assert all(each.kept >= 0 for each in after.payments)
        assert books.faults_of(after, entries) == ()
        booking = after
