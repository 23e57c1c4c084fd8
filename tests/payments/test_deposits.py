"""Deposits: a liability that comes back, or is kept with a reason (docs/rules/deposits.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings import books
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.effect import Effect
from chalicelib.domain.payments.payment import Payment
from chalicelib.domain.payments.tender import PaymentMethod, TenderRequest
from chalicelib.domain.pricing.tariff import Tax
from chalicelib.services.bookings import bookings, settle
from chalicelib.services.operations import shifts
from chalicelib.services.payments import deposits, orders, refunds
from chalicelib.services.stays import check_out
from tests import batches, builders
from tests.clock import NOON, Clock
from tests.payments import agreement
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway

pytestmark = pytest.mark.engine2

TARIFF = replace(builders.HOURLY, tax=Tax(1800), deposit=10_000)
"""A fee of 50.00 and a deposit of 100.00, with 18 % inside the prices."""


@pytest.fixture(autouse=True)
def asked(paying: PayingCarPark) -> None:
    """The zone asks for a deposit."""
    paying.change_zone(paying.zone_a, tariff=TARIFF)


def mails() -> list[str]:
    effects = [Effect(**row) for item in batches.stored() for row in item.effects]
    return [each.subject_id for each in effects if each.name == "deposit_settled"]


def give_back(
    paying: PayingCarPark, booking: Booking, keep: str | None = None, reason: str = "broken gate"
) -> Booking:
    return deposits.settle(
        paying.deps, paying.staff, booking.booking_id, keep=keep, reason=reason if keep else None
    )


def take(paying: PayingCarPark, booking: Booking, amount: str | None = None) -> Booking:
    tender = TenderRequest(PaymentMethod.CASH, amount)
    return deposits.take(paying.deps, paying.staff, booking.booking_id, tender)


def ahead(paying: PayingCarPark) -> Booking:
    """A booking for later, whose fee and deposit were paid online."""
    return paying.book_and_pay(start=NOON + timedelta(hours=2))


def a_stay(paying: PayingCarPark, clock: Clock, booking: Booking | None = None) -> Booking:
    """A stay of an hour that has ended and is paid."""
    booking = paying.enter(booking or paying.book_and_pay())
    clock.move(minutes=60)
    return paying.leave(booking).booking


def held(paying: PayingCarPark) -> dict[str, int]:
    """The balances of the site that are not zero."""
    return {account: minor for account, minor in books.sums(paying.ledger()).items() if minor}


def state(booking: Booking) -> tuple[int, int, int]:
    """What is held, has come back, and is kept."""
    return booking.deposit_held, booking.deposit_back, booking.deposit.kept


# -- the table of docs/rules/deposits.md


def nobody_decides(paying: PayingCarPark, clock: Clock) -> Booking:
    stay = a_stay(paying, clock)
    clock.move(days=3)
    sweeps.run(paying.deps, "expire-bookings")
    return stay


def nobody_decides_yet(paying: PayingCarPark, clock: Clock) -> Booking:
    stay = a_stay(paying, clock)
    clock.move(days=3, seconds=-1)
    sweeps.run(paying.deps, "expire-bookings")
    return stay


def is_given_back(paying: PayingCarPark, clock: Clock) -> Booking:
    return give_back(paying, a_stay(paying, clock))


def a_part_is_kept(paying: PayingCarPark, clock: Clock) -> Booking:
    return give_back(paying, a_stay(paying, clock), "30.00")


def all_is_kept(paying: PayingCarPark, clock: Clock) -> Booking:
    return give_back(paying, a_stay(paying, clock), "100.00")


def is_cancelled_late(paying: PayingCarPark, clock: Clock) -> Booking:
    booking = ahead(paying)
    clock.move(minutes=6)
    bookings.cancel(paying.deps, paying.user, booking.booking_id)
    sweeps.run(paying.deps, "expire-bookings")
    return booking


def is_cancelled_in_time(paying: PayingCarPark, clock: Clock) -> Booking:
    booking = ahead(paying)
    bookings.cancel(paying.deps, paying.user, booking.booking_id)
    sweeps.run(paying.deps, "expire-bookings")
    return booking


def is_not_used(paying: PayingCarPark, clock: Clock) -> Booking:
    booking = ahead(paying)
    clock.move(hours=5)
    sweeps.run(paying.deps, "expire-bookings")
    sweeps.run(paying.deps, "expire-bookings")
    return booking


def is_not_used_and_owes(paying: PayingCarPark, clock: Clock) -> Booking:
    paying.change_zone(paying.zone_a, tariff=replace(TARIFF, no_show_fee=8000))
    return is_not_used(paying, clock)


def is_terminated(paying: PayingCarPark, clock: Clock) -> Booking:
    stay = paying.enter(paying.book_and_pay())
    bookings.terminate(paying.deps, paying.admin, stay.booking_id, reason="fire")
    clock.move(days=3)
    sweeps.run(paying.deps, "expire-bookings")
    return stay


def its_stay_is_unpaid(paying: PayingCarPark, clock: Clock) -> Booking:
    stay = paying.enter(paying.book_and_pay())
    clock.move(minutes=150)
    check_out.check_out(paying.deps, paying.staff, stay.booking_id, tender=None)
    clock.move(days=4)
    sweeps.run(paying.deps, "expire-bookings")
    settle.read(paying.deps, stay.booking_id)
    return stay


def its_stay_is_paid_late(paying: PayingCarPark, clock: Clock) -> Booking:
    stay = its_stay_is_unpaid(paying, clock)
    paying.leave(stay)
    sweeps.run(paying.deps, "expire-bookings")
    return stay


def its_money_came_too_late(paying: PayingCarPark, clock: Clock) -> Booking:
    booking = paying.book_online(number="A-001", start=NOON + timedelta(hours=2))
    clock.move(minutes=15)
    sweeps.run(paying.deps, "expire-bookings")
    paying.book(paying.other, number="A-001", start=NOON + timedelta(hours=2))
    paying.pay(booking)
    return booking


@pytest.mark.parametrize(
    ("case", "found", "ledger"),
    [
        (nobody_decides_yet, (10_000, 0, 0), {"razorpay": 15_000, "deposits": -10_000, "revenue": -4237, "tax": -763}),
        (nobody_decides, (0, 10_000, 0), {"razorpay": 5000, "revenue": -4237, "tax": -763}),
        (is_given_back, (0, 10_000, 0), {"razorpay": 5000, "revenue": -4237, "tax": -763}),
        (a_part_is_kept, (0, 7000, 3000), {"razorpay": 8000, "revenue": -6779, "tax": -1221}),
        (all_is_kept, (0, 0, 10_000), {"razorpay": 15_000, "revenue": -12_712, "tax": -2288}),
        (is_cancelled_late, (0, 10_000, 0), {"razorpay": 5000, "revenue": -4237, "tax": -763}),
        (is_cancelled_in_time, (0, 10_000, 0), {}),
        (is_not_used, (0, 10_000, 0), {"razorpay": 5000, "revenue": -4237, "tax": -763}),
        (is_not_used_and_owes, (0, 10_000, 0), {"razorpay": 5000, "receivable": 3000, "revenue": -6780, "tax": -1220}),
        (is_terminated, (0, 10_000, 0), {"razorpay": 5000, "revenue": -4237, "tax": -763}),
        (its_stay_is_unpaid, (10_000, 0, 0), {"razorpay": 15_000, "deposits": -10_000, "receivable": 10_000, "revenue": -12_712, "tax": -2288}),
        (its_stay_is_paid_late, (0, 10_000, 0), {"razorpay": 5000, "cash": 10_000, "revenue": -12_712, "tax": -2288}),
        (its_money_came_too_late, (0, 0, 0), {}),
    ],
)  # fmt: skip
def test_what_is_held_comes_back_and_is_kept(
    paying: PayingCarPark,
    clock: Clock,
    case: Callable[[PayingCarPark, Clock], Booking],
    found: tuple[int, int, int],
    ledger: dict[str, int],
) -> None:
    booking = case(paying, clock)

    assert state(paying.read(booking)) == found
    assert held(paying) == ledger
    agreement.assert_agree(paying, booking)


# -- with the fee


def test_it_is_paid_with_the_fee_and_credited_to_no_bill(
    paying: PayingCarPark, clock: Clock
) -> None:
    hold = paying.book_online()
    assert hold.payments[0].amount.text() == "150.00"
    booking = paying.pay(hold)

    assert (booking.status, booking.paid, booking.deposit_held) == (Status.BOOKED, 5000, 10_000)
    assert [entry.what for entry in booking.timeline][-2:] == ["fee_paid", "deposit_taken"]
    assert held(paying) == {"razorpay": 15_000, "prepaid": -5000, "deposits": -10_000}
    paying.enter(booking)
    clock.move(minutes=150)
    assert paying.leave(booking).bill.amount_due.text() == "100.00"
    agreement.assert_agree(paying, booking)


def test_a_zone_without_a_fee_holds_the_booking_for_its_deposit(paying: PayingCarPark) -> None:
    paying.change_zone(paying.zone_a, tariff=replace(TARIFF, booking_fee=0))
    hold = paying.book_online()

    assert (hold.status, hold.payments[0].amount.text()) == (Status.PENDING, "100.00")
    booking = paying.pay(hold)
    assert (booking.status, booking.paid, booking.deposit_held) == (Status.BOOKED, 0, 10_000)
    agreement.assert_agree(paying, booking)


def test_a_booking_keeps_the_deposit_it_was_made_under(paying: PayingCarPark, clock: Clock) -> None:
    booking = ahead(paying)
    paying.change_zone(paying.zone_a, tariff=replace(TARIFF, deposit=0))
    clock.move(hours=2)

    assert give_back(paying, a_stay(paying, clock, booking)).deposit_back == 10_000


def test_a_payment_after_the_hold_books_again_with_its_deposit(
    paying: PayingCarPark, clock: Clock
) -> None:
    hold = paying.book_online(start=NOON + timedelta(hours=2))
    clock.move(minutes=15)
    sweeps.run(paying.deps, "expire-bookings")
    booking = paying.pay(hold)

    assert (booking.status, booking.paid, booking.deposit_held) == (Status.BOOKED, 5000, 10_000)
    agreement.assert_agree(paying, booking)


# -- in cash


def test_cash_goes_into_the_drawer_and_comes_out_of_it(paying: PayingCarPark, clock: Clock) -> None:
    drawer = shifts.open_shift(paying.deps, paying.staff, None, "500.00", source_ip="")
    booking = paying.book()
    take(paying, booking)
    assert held(paying) == {"cash": 10_000, "deposits": -10_000}
    stay = a_stay(paying, clock, booking)
    give_back(paying, stay, "30.00")

    report = shifts.report(paying.deps, paying.staff, drawer.shift_id)
    assert report.cash_taken.text() == "80.00"  # the stay of 50.00, and 30.00 that is kept
    assert held(paying) == {"cash": 8000, "revenue": -6779, "tax": -1221}
    agreement.assert_agree(paying, stay)


def test_cash_comes_back_by_hand_only(paying: PayingCarPark, clock: Clock) -> None:
    booking = paying.book()
    take(paying, booking)
    stay = a_stay(paying, clock, booking)
    clock.move(days=30)
    sweeps.run(paying.deps, "expire-bookings")

    assert settle.read(paying.deps, stay.booking_id).deposit_held == 10_000


def test_cash_is_taken_once_and_only_where_it_is_asked_for(
    paying: PayingCarPark, clock: Clock
) -> None:
    booking = paying.book()
    with pytest.raises(errors.NotEnoughCash):
        take(paying, booking, "99.99")
    take(paying, booking, "200.00")
    paid_online = paying.book_and_pay(paying.other)
    free = paying.change_zone(paying.zone_a, tariff=replace(TARIFF, deposit=0))
    without = paying.book(paying.other, free.zone_id)

    for each in (booking, paid_online, without):
        with pytest.raises(errors.IllegalTransition):
            take(paying, each)
    assert held(paying)["cash"] == 10_000


# -- never twice, never more


def test_nothing_comes_back_before_the_stay_is_over(paying: PayingCarPark) -> None:
    stay = paying.enter(paying.book_and_pay())

    with pytest.raises(errors.IllegalTransition):
        give_back(paying, stay)


def test_it_comes_back_once_and_no_more_is_kept_than_is_held(
    paying: PayingCarPark, clock: Clock, gateway: MemoryGateway
) -> None:
    stay = a_stay(paying, clock)
    with pytest.raises(errors.Invalid):
        give_back(paying, stay, "100.01")
    give_back(paying, stay, "40.00")

    for keep in (None, "10.00"):
        with pytest.raises(errors.IllegalTransition):
            give_back(paying, stay, keep)
    clock.move(days=9)
    sweeps.run(paying.deps, "expire-bookings")
    agreement.assert_agree(paying, stay)
    assert gateway.balance == 9000


def test_a_part_is_kept_for_a_reason_only(paying: PayingCarPark, clock: Clock) -> None:
    stay = a_stay(paying, clock)
    with pytest.raises(errors.Invalid):
        deposits.settle(paying.deps, paying.staff, stay.booking_id, keep="10.00", reason=None)

    assert paying.read(stay).deposit_held == 10_000


def test_a_refund_of_the_stay_never_takes_the_deposit(
    paying: PayingCarPark, clock: Clock, gateway: MemoryGateway
) -> None:
    booking = paying.enter(paying.book_and_pay())
    clock.move(minutes=150)
    stay = paying.leave(booking).booking
    with pytest.raises(errors.RefundTooHigh):
        refunds.refund(paying.deps, paying.owner, stay.booking_id, "150.01", reason="goodwill")
    back = refunds.refund(paying.deps, paying.owner, stay.booking_id, None, reason="goodwill")

    assert (back.returned, back.by_hand, back.deposit_held) == (15_000, 10_000, 10_000)
    give_back(paying, stay)
    agreement.assert_agree(paying, stay)
    assert gateway.balance == 0


def test_a_refund_that_fails_is_held_again(
    paying: PayingCarPark, clock: Clock, gateway: MemoryGateway
) -> None:
    gateway.refunds_are = "pending"
    stay = give_back(paying, a_stay(paying, clock))
    assert state(stay) == (0, 10_000, 0)
    paying.hear(stay)
    gateway.decide_refunds("failed")
    failed = paying.hear(stay)
    assert (state(failed), failed.kept) == ((10_000, 0, 0), 5000)
    agreement.assert_agree(paying, stay)
    clock.move(days=9)
    sweeps.run(paying.deps, "expire-bookings")
    assert paying.read(stay).deposit_held == 10_000  # a person looks at it
    gateway.refunds_are = "processed"
    give_back(paying, stay)

    agreement.assert_agree(paying, stay)
    assert (state(paying.read(stay)), gateway.balance) == ((0, 10_000, 0), 5000)


@pytest.mark.parametrize("minor", [5000, 8000, 15_000])
def test_a_refund_in_the_panel_takes_the_fee_first_and_no_more_is_held_than_is_there(
    paying: PayingCarPark, clock: Clock, gateway: MemoryGateway, minor: int
) -> None:
    booking = paying.book_online()
    attempt = gateway.attempt("order_1")
    paying.hear(booking)
    stay = a_stay(paying, clock, booking)
    gateway.refund_in_panel("order_1", attempt, minor)
    left = paying.hear(stay)

    assert left.deposit_held == min(15_000 - minor, 10_000)
    agreement.assert_agree(paying, stay)
    clock.move(days=3)
    sweeps.run(paying.deps, "expire-bookings")
    agreement.assert_agree(paying, stay)
    assert gateway.balance == 0


def test_a_debt_that_is_paid_online_is_no_deposit(
    paying: PayingCarPark, clock: Clock, gateway: MemoryGateway
) -> None:
    stay = its_stay_is_unpaid(paying, clock)
    orders.open_order(paying.deps, paying.user, stay.booking_id)
    paid = paying.pay(stay)

    assert (paid.payment_status, paid.paid, paid.deposit_held) == ("paid", 15_000, 10_000)
    sweeps.run(paying.deps, "expire-bookings")
    agreement.assert_agree(paying, stay)
    assert refunded(paying.read(stay).payments) == [10_000, 0]


def refunded(payments: tuple[Payment, ...]) -> list[int]:
    return [payment.returned for payment in payments]


# -- what people see


def test_its_guest_gets_one_mail(paying: PayingCarPark, clock: Clock) -> None:
    stay = give_back(paying, a_stay(paying, clock), "30.00")

    assert mails() == [stay.booking_id]
    words = [entry.what for entry in stay.timeline]
    assert words[-2:] == ["deposit_returned", "deposit_kept"]
    assert stay.timeline[-1].note == "30.00: broken gate"


def test_only_staff_of_the_site_decide(paying: PayingCarPark, clock: Clock) -> None:
    stay = a_stay(paying, clock)

    with pytest.raises(errors.Forbidden):
        deposits.settle(paying.deps, paying.user, stay.booking_id, keep=None, reason=None)
