"""What a gateway has settled, compared with the ledger: what fits moves to the bank once, what does
not waits for a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings import books
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments import settlement
from chalicelib.domain.payments.gateway import SettlementRow
from chalicelib.domain.payments.review import ReviewCase
from chalicelib.gateways.payment_gateways import Gateways
from chalicelib.services.payments import refunds, settlements
from tests.clock import NOON, Clock
from tests.payments import agreement
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway
from tests.razorpay import AtRazorpay, at_razorpay

TODAY = date(2026, 11, 21)
FEE, GST = 100, 18


@pytest.fixture
def at(clock: Clock) -> Iterator[AtRazorpay]:
    with at_razorpay(clock) as at:
        yield at


def paid_with_fee(paying: PayingCarPark, *, heard: bool = True, **wishes: Any) -> Booking:
    """A booking whose fee of 50.00 was paid online, of which the gateway keeps 1.18."""
    booking = paying.book_online(**wishes)
    order_id = paying.payment(booking).order_id
    assert order_id is not None
    paying.gateway.attempt(order_id, fee=FEE, tax=GST)
    return paying.hear(booking) if heard else booking


def compare(paying: PayingCarPark) -> int:
    return settlements.compare(paying.deps, paying.gateway, TODAY)


def held(paying: PayingCarPark) -> tuple[int, int]:
    """What lies at the bank and at the gateway."""
    sums = books.sums(paying.ledger())
    return sums["bank"], sums["razorpay"]


def cases(paying: PayingCarPark, site: str | None = "central") -> tuple[ReviewCase, ...]:
    return paying.deps.reviews.of_site(site, limit=50, after=None).records


def test_what_is_settled_lies_at_the_bank_net_of_fees(
    paying: PayingCarPark, gateway: MemoryGateway
) -> None:
    booking = paid_with_fee(paying)
    refunds.refund(paying.deps, paying.owner, booking.booking_id, "20.00", reason="goodwill")
    paying.hear(booking)
    gateway.settle(TODAY)

    assert compare(paying) == 2
    assert held(paying) == (5000 - FEE - GST - 2000, 0)
    assert cases(paying) == ()
    agreement.assert_agree(paying, booking)


def test_a_row_that_comes_again_moves_nothing_again(
    paying: PayingCarPark, gateway: MemoryGateway
) -> None:
    booking = paid_with_fee(paying)
    rows = gateway.settle(TODAY)
    gateway.settled[TODAY] = rows * 3
    gateway.settled[TODAY + timedelta(days=1)] = rows
    compare(paying)
    settlements.compare(paying.deps, gateway, TODAY + timedelta(days=1))

    assert held(paying) == (4882, 0)
    agreement.assert_agree(paying, booking)


def test_many_rows_are_compared_in_parts(
    paying: PayingCarPark, gateway: MemoryGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settlements, "CHUNK", 2)
    hours = [NOON + timedelta(hours=2 * n) for n in range(3)]
    bookings = [paid_with_fee(paying, start=start) for start in hours]
    gateway.settle(TODAY)

    assert compare(paying) == 3
    assert held(paying) == (3 * 4882, 0)
    agreement.assert_agree(paying, *bookings)


def test_a_capture_of_which_no_message_has_come_is_asked_about_first(
    paying: PayingCarPark, gateway: MemoryGateway
) -> None:
    booking = paid_with_fee(paying, heard=False)
    gateway.settle(TODAY)
    compare(paying)

    assert paying.read(booking).status == "booked"
    assert (held(paying), cases(paying)) == ((4882, 0), ())


def test_a_refund_in_the_panel_of_which_no_message_has_come_is_recorded(
    paying: PayingCarPark, gateway: MemoryGateway
) -> None:
    booking = paid_with_fee(paying)
    gateway.refund_in_panel("order_1", gateway.orders["order_1"].attempts[0].attempt_id, 1500)
    gateway.settle(TODAY)
    compare(paying)

    assert paying.read(booking).kept == 3500
    assert (held(paying), cases(paying)) == ((4882 - 1500, 0), ())


def test_a_row_whose_order_the_gateway_refuses_to_show_holds_up_no_other(
    paying: PayingCarPark, gateway: MemoryGateway
) -> None:
    booking = paid_with_fee(paying)
    unheard = paid_with_fee(paying, heard=False)
    gateway.settle(TODAY)
    gateway.refuses.add("find_order")

    assert compare(paying) == 2
    assert held(paying) == (4882, 0)
    assert [case.booking_id for case in cases(paying)] == [unheard.booking_id]
    gateway.refuses.clear()
    agreement.assert_agree(paying, booking, unheard)


INR = "INR"
WRONG = [
    ({"amount": Money(4900, INR)}, "settled as 49.00 INR, which is not its amount"),
    ({"fee": 150}, "settled with a fee of 168, booked with 118 (minor units)"),
    ({"gateway_id": "pay_9"}, "a settled payment that the books do not have"),
    ({"kind": "other"}, "a settlement row that is no payment and no refund"),
    ({"amount": Money(5000, "USD")}, "a settled payment that the books do not have"),
]


@pytest.mark.parametrize(("change", "reason"), WRONG)
def test_a_row_that_does_not_fit_waits_for_a_person_and_moves_nothing(
    paying: PayingCarPark, gateway: MemoryGateway, change: dict[str, Any], reason: str
) -> None:
    booking = paid_with_fee(paying)
    (row,) = gateway.settle(TODAY)
    gateway.settled[TODAY] = [replace(row, **change)]
    for _ in range(2):
        compare(paying)

    (case,) = cases(paying)
    assert (case.reason, case.booking_id, case.gateway) == (reason, booking.booking_id, "razorpay")
    assert held(paying) == (0, 4882)


@pytest.mark.parametrize("reference", [None, "invoice 12", "BK7Q2M9X4T1NG1QR00005_1"])
def test_a_row_of_no_booking_waits_for_an_admin(
    paying: PayingCarPark, gateway: MemoryGateway, reference: str | None
) -> None:
    gateway.settled[TODAY] = [SettlementRow("payment", "pay_9", reference, Money(700, INR))]
    compare(paying)

    (case,) = cases(paying, site=None)
    assert (case.order, case.booking_id) == ("pay_9", None)


def test_the_sweep_compares_each_day_that_is_over(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock
) -> None:
    paid_with_fee(paying)
    gateway.settle(TODAY)
    clock.set(NOON.replace(hour=18, minute=0))  # not yet midnight in India
    sweeps.run(paying.deps, "reconcile")
    assert held(paying) == (0, 4882)
    clock.move(hours=1)
    first = sweeps.run(paying.deps, "reconcile")
    again = sweeps.run(paying.deps, "reconcile")
    clock.move(days=1)
    next_day = sweeps.run(paying.deps, "reconcile")

    assert held(paying) == (4882, 0)
    assert (first.done, again.done, next_day.done) == (
        settlement.AGAIN + 1,
        0,
        settlement.AGAIN + 1,
    )


def test_a_day_whose_list_breaks_off_is_compared_again(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock
) -> None:
    paid_with_fee(paying)
    gateway.settle(TODAY)
    clock.move(days=1)
    gateway.breaks.append(("settlement", "after"))
    failed = sweeps.run(paying.deps, "reconcile")
    later = sweeps.run(paying.deps, "reconcile")

    assert (failed.failed, later.failed) == (1, 0)
    assert held(paying) == (4882, 0)


def test_a_dry_run_names_the_days_and_asks_nothing(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock
) -> None:
    clock.move(days=1)
    shown = sweeps.run(paying.deps, "reconcile", dry_run=True).affected

    assert (shown[-1].step, shown[-1].subject) == ("compare-settlement", "razorpay/2026-11-21")
    assert shown[-1].since == "2026-11-21T18:30:00Z"
    assert "settlement" not in gateway.calls


def test_a_gateway_without_a_list_is_not_asked_for_one(paying: PayingCarPark, clock: Clock) -> None:
    phonepe = MemoryGateway(clock.now, name="phonepe")
    deps = replace(paying.deps, gateways=Gateways(phonepe=lambda: phonepe))
    clock.move(days=1)
    sweeps.run(deps, "reconcile")

    assert phonepe.calls == []


# -- captures without a row -------------------------------------------------------------------------


def a_week_later(paying: PayingCarPark, clock: Clock, *, compared: bool = True) -> None:
    for days in range(1, 9):
        clock.set(NOON + timedelta(days=days))
        if compared:
            sweeps.run(paying.deps, "reconcile")
        sweeps.run(paying.deps, "books")


def test_a_capture_that_is_not_settled_within_a_week_waits_for_a_person(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock
) -> None:
    booking = paid_with_fee(paying)
    a_week_later(paying, clock)

    (case,) = cases(paying)
    assert case.order == gateway.orders["order_1"].attempts[0].attempt_id
    assert (case.reason, case.booking_id) == ("not settled within 7 days", booking.booking_id)


def test_a_capture_that_is_settled_waits_for_nobody(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock
) -> None:
    paid_with_fee(paying)
    gateway.settle(TODAY + timedelta(days=2))
    a_week_later(paying, clock)

    assert cases(paying) == ()
    assert held(paying) == (4882, 0)


def test_without_a_comparison_nothing_is_said_of_captures(
    paying: PayingCarPark, clock: Clock
) -> None:
    paid_with_fee(paying)
    a_week_later(paying, clock, compared=False)

    assert cases(paying) == ()


def test_the_rows_of_the_emulated_razorpay_fit(
    paying: PayingCarPark, at: AtRazorpay, clock: Clock
) -> None:
    """The real adapter and the real SDK, over HTTP."""
    paying.deps = replace(paying.deps, gateways=Gateways(razorpay=lambda: at.gateway))
    booking = paying.book_online(start=NOON + timedelta(hours=3))
    order_id = paying.payment(booking).order_id
    assert order_id is not None
    at.emulator.act(order_id, "pay")
    paying.hear(booking)
    refunds.refund(paying.deps, paying.owner, booking.booking_id, "20.00", reason="goodwill")
    paying.hear(booking)
    clock.move(days=4)
    at.emulator.tick()
    paying.hear(booking)
    sweeps.run(paying.deps, "reconcile")

    assert held(paying) == (5000 - 118 - 2000, 0)
    assert cases(paying) == ()
