"""A booking whose fee is paid online: held, paid, lapsed, paid too late, cancelled."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.effect import Effect
from chalicelib.domain.sites.policy import Policy
from chalicelib.services.bookings import bookings
from chalicelib.services.payments import advance, asking, orders, webhooks
from tests import batches, builders
from tests.clock import NOON, Clock
from tests.payments import agreement
from tests.payments.car_park import ONLINE, PayingCarPark
from tests.payments.gateway import MemoryGateway, signed

HOUR = timedelta(hours=1)
HOLD = timedelta(minutes=15)


def mails() -> list[tuple[str, str]]:
    """The mails that wait in the outbox, with their subjects."""
    effects = [Effect(**row) for item in batches.stored() for row in item.effects]
    return [(each.name, each.subject_id) for each in effects if each.kind == "mail"]


def test_a_booking_waits_for_its_fee(paying: PayingCarPark, gateway: MemoryGateway) -> None:
    booking = paying.book_online()

    assert booking.status is Status.PENDING
    assert booking.deadline is not None
    assert booking.deadline.at == NOON + HOLD
    assert (booking.payment_status, booking.paid) == ("pending", 0)
    assert paying.payment(booking).order_id == "order_1"
    assert gateway.orders["order_1"].amount.text() == "50.00"
    assert mails() == [("payment_awaited", booking.booking_id)]


def test_the_payment_books(paying: PayingCarPark) -> None:
    booking = paying.book_and_pay()

    assert booking.status is Status.BOOKED
    assert (booking.payment_status, booking.paid) == ("partial", 5000)
    assert [entry.what for entry in booking.timeline] == ["created", "fee_paid"]
    assert sorted(mails()) == [
        ("booking_confirmed", booking.booking_id),
        ("payment_awaited", booking.booking_id),  # not sent, because it is paid
    ]


def test_a_payment_that_is_heard_of_twice_books_once(paying: PayingCarPark) -> None:
    booking = paying.book_and_pay()
    again = paying.hear(booking)

    assert again == booking
    assert len(paying.deps.ledger.of_day("central", NOON.date())) == 1


def test_the_fee_is_credited_at_the_gate(paying: PayingCarPark, clock: Clock) -> None:
    booking = paying.book_and_pay()
    paying.enter(booking)
    clock.move(minutes=150)
    left = paying.leave(booking)

    assert left.bill.amount_paid.text() == "50.00"
    assert left.bill.amount_due.text() == "100.00"
    assert left.booking.payment_status == "paid"


def test_a_zone_without_a_fee_books_at_once(paying: PayingCarPark, gateway: MemoryGateway) -> None:
    paying.add_zone("free", builders.METERED, tariff=builders.FREE)
    booking = paying.book_online(zone="free")

    assert booking.status is Status.BOOKED
    assert gateway.calls == []


def test_nobody_enters_before_the_fee_is_paid(paying: PayingCarPark) -> None:
    booking = paying.book_online()

    with pytest.raises(errors.AlreadyEnded):
        paying.enter(booking)


def test_without_a_gateway_nothing_is_paid_online(paying: PayingCarPark) -> None:
    bare = paying.deps.__class__(**{**vars(paying.deps), "gateways": type(paying.deps.gateways)()})

    with pytest.raises(errors.PaymentMethodUnavailable):
        advance.book(bare, paying.user, Order("zone-a", payment_method=ONLINE))


def test_groups_and_walk_ins_pay_in_cash(paying: PayingCarPark) -> None:
    with pytest.raises(errors.PaymentMethodUnavailable):
        bookings.walk_in(paying.deps, paying.staff, Order("zone-a", payment_method=ONLINE))


def test_a_zone_with_prepayment_takes_no_cash(paying: PayingCarPark) -> None:
    paying.add_zone("prepaid", builders.METERED.__class__(prepay="required"))

    with pytest.raises(errors.PaymentMethodUnavailable):
        paying.book(zone="prepaid")
    assert paying.book_online(zone="prepaid").status is Status.PENDING


def test_a_hold_that_is_not_paid_lapses_and_its_order_is_closed(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock
) -> None:
    booking = paying.book_online(number="A-001")
    clock.move(minutes=15)
    sweeps.run(paying.deps, "expire-bookings")
    lapsed = paying.read(booking)

    assert lapsed.status is Status.EXPIRED
    assert lapsed.payments[0].state == "closed"
    clock.move(minutes=5)
    paying.deliver()
    assert gateway.closed == {"order_1"}
    assert paying.book(paying.other, number="A-001").status is Status.BOOKED


def test_a_late_payment_books_again_what_is_still_free(paying: PayingCarPark, clock: Clock) -> None:
    start = NOON + 2 * HOUR
    booking = paying.book_online(number="A-001", start=start)
    clock.move(minutes=20)
    bookings.get(paying.deps, paying.user, booking.booking_id)
    paid = paying.pay(booking)

    assert (paid.status, paid.number) == (Status.BOOKED, "A-001")
    assert [entry.what for entry in paid.timeline] == ["created", "lapsed", "fee_paid"]
    assert paid.was_made
    assert paid.booked == booking.booked
    assert ("booking_confirmed", paid.booking_id) in mails()
    with pytest.raises(errors.SpaceTaken):
        paying.book(paying.other, number="A-001", start=start)


def test_a_late_payment_of_a_stay_that_should_have_begun_books_the_rest(
    paying: PayingCarPark, clock: Clock
) -> None:
    booking = paying.book_online(number="A-001")
    clock.move(minutes=20)
    paid = paying.pay(booking)

    assert paid.status is Status.BOOKED
    assert paid.booked.start == NOON + timedelta(minutes=20)
    assert paid.booked.end == booking.booked.end


def test_a_late_payment_for_what_is_taken_goes_back_in_full(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock
) -> None:
    booking = paying.book_online(number="A-001")
    clock.move(minutes=15)
    paying.book(paying.other, number="A-001")
    late = paying.pay(booking)

    assert late.status is Status.EXPIRED
    assert (late.paid, late.returned, late.payment_status) == (5000, 5000, "refunded")
    assert ("payment_returned", f"{booking.booking_id}/1") in mails()
    clock.move(minutes=5)
    paying.deliver()
    assert gateway.balance == 0
    assert paying.payment(booking).refunds[0].state == "processed"


def test_a_payment_after_the_booked_end_goes_back(paying: PayingCarPark, clock: Clock) -> None:
    booking = paying.book_online()
    clock.move(hours=2)

    assert paying.pay(booking).payment_status == "refunded"


def test_a_payment_of_a_cancelled_hold_goes_back(
    paying: PayingCarPark, gateway: MemoryGateway
) -> None:
    booking = paying.book_online()
    bookings.cancel(paying.deps, paying.user, booking.booking_id)
    late = paying.pay(booking)
    paying.hear(booking)

    assert late.status is Status.CANCELLED
    assert gateway.balance == 0


def test_a_cancellation_within_the_window_pays_the_fee_back(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock
) -> None:
    booking = paying.book_and_pay()
    cancelled = bookings.cancel(paying.deps, paying.user, booking.booking_id)

    assert cancelled.refund.amount.text() == "50.00"
    assert cancelled.booking.payment_status == "refunded"
    clock.move(minutes=5)
    paying.deliver()
    refunded = paying.read(booking)
    assert gateway.balance == 0
    assert refunded.payments[0].refunds[0].state == "processed"
    assert [entry.what for entry in refunded.timeline][-1] == "refunded"


def test_a_cancellation_after_the_window_keeps_the_fee(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock
) -> None:
    booking = paying.book_and_pay(start=NOON + 2 * HOUR)
    clock.move(minutes=6)
    cancelled = bookings.cancel(paying.deps, paying.user, booking.booking_id)

    assert cancelled.booking.returned == 0
    assert gateway.balance == 5000


def test_a_second_payment_of_one_order_goes_back(
    paying: PayingCarPark, gateway: MemoryGateway
) -> None:
    booking = paying.book_online()
    gateway.attempt("order_1")
    gateway.attempt("order_1")
    paid = paying.hear(booking)
    paying.hear(booking)

    assert (paid.status, paid.paid, paid.kept) == (Status.BOOKED, 10000, 5000)
    assert gateway.balance == 5000


def test_a_wrong_amount_changes_nothing_and_waits_for_a_person(
    paying: PayingCarPark, gateway: MemoryGateway
) -> None:
    booking = paying.book_online()
    order = gateway.orders["order_1"]
    gateway.attempt("order_1", amount=builders.HOURLY.money(1))
    for _ in range(3):
        paying.hear(booking)

    assert paying.read(booking).status is Status.PENDING
    (case,) = paying.deps.reviews.of_site("central", limit=10, after=None).records
    assert case.booking_id == booking.booking_id
    assert case.order == order.order_id
    assert case.reason == "the amount is 0.01 INR"


@pytest.mark.parametrize(
    ("gateway", "order"),
    [("razorpay", "order_of_nobody"), ("phonepe", "BK7Q2M9X4T1NG1QR00005_1")],
)
def test_an_unknown_order_waits_for_a_person_with_its_gateway(
    paying: PayingCarPark, gateway: str, order: str
) -> None:
    assert asking.ask(paying.deps, f"{gateway}/{order}") is None
    (case,) = paying.deps.reviews.of_site(None, limit=10, after=None).records

    assert (case.gateway, case.order, case.booking_id) == (gateway, order, None)


def test_the_messages_about_one_order_of_another_shop_make_one_case(
    paying: PayingCarPark, clock: Clock
) -> None:
    """Two shops may have one account at Razorpay; some messages have the receipt, some do not."""
    for event, receipt in (("payment.captured", None), ("order.paid", "shop-7")):
        content = {"event": event, "order_id": "order_of_shop", "receipt": receipt}
        body = json.dumps(content).encode()
        headers = {"x-razorpay-event-id": event, "x-razorpay-signature": signed(body)}
        webhooks.receive(paying.deps, "razorpay", headers, body)
    clock.move(minutes=3)
    paying.deliver()
    (case,) = paying.deps.reviews.of_site(None, limit=10, after=None).records
    assert case.order == "order_of_shop"


# -- a gateway that does not answer -----------------------------------------------------------------


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_gateway_without_answer_never_fails_a_booking(
    paying: PayingCarPark, gateway: MemoryGateway, moment: str
) -> None:
    gateway.breaks.append(("create_order", moment))  # type: ignore[arg-type]
    booking = paying.book_online()

    assert booking.status is Status.PENDING
    assert paying.payment(booking).order_id is None
    opened = orders.open_order(paying.deps, paying.user, booking.booking_id)
    assert opened.payment.order_id == "order_1"
    assert len(gateway.orders) == 1
    assert opened.key_id == "rzp_test_1"


def test_an_order_whose_answer_was_lost_is_found_by_itself(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock
) -> None:
    gateway.breaks.append(("create_order", "after"))
    booking = paying.book_online()
    clock.move(minutes=3)
    paying.deliver()

    assert paying.payment(booking).order_id == "order_1"


def test_a_refund_whose_answer_was_lost_is_made_once(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock
) -> None:
    booking = paying.book_and_pay()
    bookings.cancel(paying.deps, paying.user, booking.booking_id)
    gateway.breaks.append(("refund", "after"))
    with pytest.raises(errors.Unavailable):
        paying.hear(booking)
    refunded = paying.hear(booking)

    assert gateway.balance == 0
    assert len(refunded.payments[0].refunds) == 1


def test_a_refund_that_the_gateway_refuses_has_failed_and_waits_for_a_person(
    paying: PayingCarPark, gateway: MemoryGateway
) -> None:
    booking = paying.book_and_pay()
    bookings.cancel(paying.deps, paying.user, booking.booking_id)
    gateway.refuses.add("refund")
    failed = paying.hear(booking)

    assert failed.payments[0].refunds[0].state == "failed"
    assert failed.kept == 5000
    assert failed.timeline[-1].what == "refund_failed"
    assert len(paying.deps.reviews.of_site("central", limit=10, after=None).records) == 1


def test_a_late_payment_of_a_customer_whose_quota_is_used_up_goes_back(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock
) -> None:
    paying.add_zone("rationed", Policy(auto_checkout_after=None, quota_per_user=1))
    start = NOON + 2 * HOUR
    booking = paying.book_online(zone="rationed", start=start)
    clock.move(minutes=20)
    paying.book(zone="rationed", start=start)
    late = paying.pay(booking)
    paying.hear(booking)

    assert (late.status, late.payment_status) == (Status.EXPIRED, "refunded")
    assert gateway.balance == 0
    agreement.assert_agree(paying, late)
