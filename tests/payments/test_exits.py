"""A stay that is paid online at the exit: awaited, paid, failed, paid too late, let out unpaid."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.effect import Effect
from chalicelib.domain.core.expected import Expected
from chalicelib.domain.payments.gateway import AttemptState
from chalicelib.domain.payments.tender import TenderRequest
from chalicelib.gateways.payment_gateways import Gateways
from chalicelib.services.bookings import bookings
from chalicelib.services.payments import asking, orders, refunds
from chalicelib.services.stays import exit_quotes, online_exits
from chalicelib.services.stays.check_out import Exit
from chalicelib.services.stays.exit_quotes import Quote
from tests import batches, builders
from tests.clock import Clock
from tests.payments import agreement
from tests.payments.car_park import ONLINE, PayingCarPark
from tests.payments.gateway import MemoryGateway

HOLDS = timedelta(minutes=15)


def mails(name: str) -> list[str]:
    """The subjects of the mails of a name that wait in the outbox."""
    effects = [Effect(**row) for item in batches.stored() for row in item.effects]
    return [each.subject_id for each in effects if (each.kind, each.name) == ("mail", name)]


def scan(paying: PayingCarPark, stay: Booking) -> Exit | Quote:
    """Scan at the exit, to be paid online."""
    code = paying.deps.tokens.qr(stay)
    return online_exits.scan_exit(paying.deps, paying.staff, code, tender=TenderRequest(ONLINE))


def awaited(paying: PayingCarPark, stay: Booking) -> Quote:
    outcome = scan(paying, stay)
    assert isinstance(outcome, Quote)
    return outcome


def left(paying: PayingCarPark, stay: Booking) -> Exit:
    outcome = scan(paying, stay)
    assert isinstance(outcome, Exit)
    return outcome


def quote(paying: PayingCarPark, stay: Booking) -> Quote:
    code = paying.deps.tokens.qr(stay)
    return exit_quotes.quote_exit(paying.deps, paying.staff, code, plate=None)


def let_out(paying: PayingCarPark, stay: Booking, reason: str = "no network") -> Quote:
    code = paying.deps.tokens.qr(stay)
    return online_exits.let_out(paying.deps, paying.staff, code, reason=reason)


@pytest.fixture
def stay(paying: PayingCarPark, clock: Clock) -> Booking:
    """A stay of 66 minutes, which costs 100.00."""
    booking = paying.enter(paying.book())
    clock.move(minutes=66)
    return booking


def words(booking: Booking) -> list[str]:
    return [entry.what for entry in booking.timeline]


# -- awaited, paid


def test_a_stay_goes_on_until_its_payment_has_arrived(
    paying: PayingCarPark, gateway: MemoryGateway, stay: Booking
) -> None:
    presented = awaited(paying, stay)
    payment = paying.payment(stay)

    assert presented.booking.status is Status.ACTIVE
    assert not presented.may_leave
    assert (payment.purpose, payment.order_id) == ("exit", "order_1")
    assert gateway.orders["order_1"].amount.text() == "100.00"
    assert payment.expires_at == presented.until == paying.deps.now() + HOLDS
    assert words(paying.read(stay))[-1] == "payment_asked"


def test_the_capture_ends_the_stay_with_exactly_the_bill_that_was_presented(
    paying: PayingCarPark, clock: Clock, stay: Booking
) -> None:
    presented = awaited(paying, stay)
    clock.move(minutes=14)  # five minutes into the third hour
    over = paying.pay(stay)

    assert over.status is Status.COMPLETED
    assert over.bill == presented.bill
    assert (over.payment_status, over.paid, over.payment_method) == ("paid", 10000, ONLINE)
    assert over.actual_end == paying.deps.now()
    assert (over.auto_checkout, over.timeline[-1].note) == (False, "ONLINE")
    assert mails("stay_ended") == [stay.booking_id]
    agreement.assert_agree(paying, stay)


def test_the_fee_that_was_paid_online_is_credited_at_an_online_exit(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock
) -> None:
    booking = paying.enter(paying.book_and_pay())
    clock.move(minutes=126)
    awaited(paying, booking)
    over = paying.pay(booking)

    assert gateway.orders["order_2"].amount.text() == "100.00"
    assert (over.payment_status, over.paid, gateway.balance) == ("paid", 15000, 15000)
    agreement.assert_agree(paying, booking)


def test_a_capture_that_is_heard_of_twice_ends_the_stay_once(
    paying: PayingCarPark, stay: Booking
) -> None:
    awaited(paying, stay)
    over = paying.pay(stay)

    assert paying.hear(stay) == over
    assert len(paying.ledger()) == 1


def test_the_scan_repeated_asks_the_gateway_and_lets_the_car_out(
    paying: PayingCarPark, gateway: MemoryGateway, stay: Booking
) -> None:
    awaited(paying, stay)
    gateway.attempt("order_1")
    out = left(paying, stay)

    assert out.booking.status is Status.COMPLETED
    assert (out.tender.method, out.tender.amount.text()) == (ONLINE, "100.00")
    assert out.change.text() == "0.00"
    assert words(paying.read(stay))[-2:] == ["checked_out", "exit_scanned"]


def test_a_car_whose_payment_came_by_a_message_is_let_out_once(
    paying: PayingCarPark, clock: Clock, stay: Booking
) -> None:
    awaited(paying, stay)
    paying.pay(stay)
    clock.move(minutes=15)
    assert quote(paying, stay).may_leave
    paying.leave(stay)  # whatever the attendant chose

    with pytest.raises(errors.StayEnded):
        scan(paying, stay)
    with pytest.raises(errors.StayEnded):
        quote(paying, stay)


def test_a_car_that_has_not_left_after_a_quarter_of_an_hour_is_worth_a_look(
    paying: PayingCarPark, clock: Clock, stay: Booking
) -> None:
    awaited(paying, stay)
    paying.pay(stay)
    clock.move(minutes=15, seconds=1)

    with pytest.raises(errors.StayEnded):
        scan(paying, stay)


def test_a_free_stay_ends_at_once(paying: PayingCarPark, gateway: MemoryGateway) -> None:
    paying.change_zone(paying.zone_a, tariff=builders.FREE)
    booking = paying.enter(paying.book())

    assert left(paying, booking).booking.status is Status.COMPLETED
    assert gateway.calls == []


def test_without_a_gateway_nobody_pays_online_at_the_exit(
    paying: PayingCarPark, clock: Clock
) -> None:
    booking = paying.enter(paying.book())
    paying.deps = replace(paying.deps, gateways=Gateways())

    with pytest.raises(errors.PaymentMethodUnavailable):
        scan(paying, booking)
    assert paying.read(booking) == booking


# -- failed, slow, again


def test_a_failed_attempt_keeps_the_gate_shut_and_another_one_opens_it(
    paying: PayingCarPark, gateway: MemoryGateway, stay: Booking
) -> None:
    awaited(paying, stay)
    gateway.attempt("order_1", "failed")
    assert awaited(paying, stay).booking.status is Status.ACTIVE
    gateway.attempt("order_1")

    assert left(paying, stay).booking.payment_status == "paid"
    agreement.assert_agree(paying, stay)


def test_a_repeated_scan_awaits_the_same_order(
    paying: PayingCarPark, gateway: MemoryGateway, stay: Booking
) -> None:
    first, second = awaited(paying, stay), awaited(paying, stay)

    assert first.bill == second.bill
    assert list(gateway.orders) == ["order_1"]


def test_a_gateway_that_does_not_answer_fails_no_scan_and_the_next_one_finds_the_order(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock, stay: Booking
) -> None:
    gateway.breaks = [("create_order", "after")]
    presented = awaited(paying, stay)
    assert presented.booking.payments[-1].order_id is None
    assert awaited(paying, stay).booking.payments[-1].order_id is None  # it may still be created
    clock.move(seconds=11)

    assert awaited(paying, stay).booking.payments[-1].order_id == "order_1"
    assert len(gateway.orders) == 1


def test_an_order_that_nobody_heard_of_is_created_by_the_scan_repeated(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock, stay: Booking
) -> None:
    gateway.breaks = [("create_order", "before")]
    awaited(paying, stay)
    clock.move(seconds=11)

    assert awaited(paying, stay).booking.payments[-1].order_id == "order_1"


def test_a_gateway_that_cannot_be_asked_changes_nothing(
    paying: PayingCarPark, gateway: MemoryGateway, stay: Booking
) -> None:
    awaited(paying, stay)
    gateway.attempt("order_1")
    gateway.breaks = [("find_order", "before")]

    assert awaited(paying, stay).booking.status is Status.ACTIVE
    assert left(paying, stay).booking.status is Status.COMPLETED


# -- bills that hold no more


def test_after_a_quarter_of_an_hour_the_next_scan_bills_anew_and_closes_the_order(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock, stay: Booking
) -> None:
    awaited(paying, stay)
    clock.move(minutes=60)
    again = awaited(paying, stay)

    assert again.bill.amount_due.text() == "150.00"
    assert [payment.state for payment in paying.read(stay).payments] == ["closed", "open"]
    paying.hear(stay)
    assert gateway.closed == {"order_1"}


def test_a_quote_made_anew_closes_the_order_of_the_bill_before(
    paying: PayingCarPark, clock: Clock, stay: Booking
) -> None:
    awaited(paying, stay)
    clock.move(minutes=60)

    assert quote(paying, stay).bill.amount_due.text() == "150.00"
    assert paying.payment(stay).state == "closed"


@pytest.mark.parametrize("look", [scan, quote])
def test_a_payment_in_time_that_is_heard_of_late_ends_the_stay_with_its_bill(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock, stay: Booking, look: object
) -> None:
    presented = awaited(paying, stay)
    gateway.attempt("order_1")
    clock.move(minutes=60)
    assert callable(look)
    look(paying, stay)

    over = paying.read(stay)
    assert (over.status, over.bill) == (Status.COMPLETED, presented.bill)
    agreement.assert_agree(paying, stay)


def test_a_sweep_that_hears_of_the_payment_ends_the_stay(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock, stay: Booking
) -> None:
    awaited(paying, stay)
    gateway.attempt("order_1")
    clock.move(minutes=26)
    sweeps.run(paying.deps, "reconcile")

    assert paying.read(stay).payment_status == "paid"


def test_money_for_an_older_smaller_bill_is_kept_and_the_rest_is_due(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock, stay: Booking
) -> None:
    awaited(paying, stay)
    clock.move(minutes=60)
    awaited(paying, stay)
    gateway.attempt("order_1")
    kept = paying.hear(stay)

    assert (kept.status, kept.paid, kept.returned) == (Status.ACTIVE, 10000, 0)
    assert words(kept)[-1] == "part_paid"
    assert [payment.state for payment in kept.payments] == ["captured", "closed"]
    assert quote(paying, stay).bill.amount_due.text() == "50.00"
    agreement.assert_agree(paying, stay)
    awaited(paying, stay)
    assert gateway.orders["order_3"].amount.text() == "50.00"
    assert paying.pay(stay).payment_status == "paid"
    agreement.assert_agree(paying, stay)


def test_payments_of_two_bills_pay_one_and_the_other_goes_back_with_a_mail(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock, stay: Booking
) -> None:
    awaited(paying, stay)
    clock.move(minutes=60)
    awaited(paying, stay)
    gateway.attempt("order_1")
    gateway.attempt("order_2")
    paying.hear(stay)
    over = paying.hear(stay)

    assert (over.status, over.kept, over.paid) == (Status.COMPLETED, 15000, 25000)
    assert mails("payment_returned") == [f"{stay.booking_id}/2"]
    agreement.assert_agree(paying, stay)
    assert gateway.balance == 15000


def test_two_payments_of_one_order_pay_it_once_and_the_mail_says_so(
    paying: PayingCarPark, gateway: MemoryGateway, stay: Booking
) -> None:
    awaited(paying, stay)
    gateway.attempt("order_1")
    gateway.attempt("order_1")
    over = paying.hear(stay)

    assert (over.status, over.kept) == (Status.COMPLETED, 10000)
    assert mails("payment_returned") == [f"{stay.booking_id}/1"]
    agreement.assert_agree(paying, stay)


# -- cash after all


def test_cash_closes_the_order(
    paying: PayingCarPark, gateway: MemoryGateway, stay: Booking
) -> None:
    awaited(paying, stay)
    paying.leave(stay)
    paying.hear(stay)

    assert gateway.closed == {"order_1"}
    assert paying.payment(stay).state == "closed"


def test_cash_and_a_payment_pay_the_bill_once(
    paying: PayingCarPark, gateway: MemoryGateway, stay: Booking
) -> None:
    awaited(paying, stay)
    gateway.attempt("order_1")
    paying.leave(stay)
    over = paying.hear(stay)

    assert (over.payment_status, over.kept, over.returned) == ("paid", 10000, 10000)
    assert mails("payment_returned") == [f"{stay.booking_id}/1"]
    agreement.assert_agree(paying, stay)
    assert gateway.balance == 0


def test_cash_for_a_debt_closes_the_order_that_would_pay_it_once_more(
    paying: PayingCarPark, gateway: MemoryGateway, stay: Booking
) -> None:
    let_out(paying, stay)
    orders.open_order(paying.deps, paying.user, stay.booking_id)
    paying.leave(stay)
    paying.hear(stay)

    assert gateway.closed == {"order_1"}


def test_an_order_for_a_debt_that_another_one_replaces_is_closed(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock, stay: Booking
) -> None:
    let_out(paying, stay)
    orders.open_order(paying.deps, paying.user, stay.booking_id)
    clock.move(minutes=16)
    orders.open_order(paying.deps, paying.user, stay.booking_id)
    clock.move(minutes=16)
    scan(paying, stay)
    clock.move(minutes=3)
    paying.deliver()

    assert gateway.closed == {"order_1", "order_2"}


# -- let out


def test_a_car_is_let_out_with_a_reason_and_owes_its_bill(
    paying: PayingCarPark, gateway: MemoryGateway, stay: Booking
) -> None:
    gateway.breaks = [("create_order", "before")]
    awaited(paying, stay)
    out = let_out(paying, stay)

    assert out.may_leave
    over = paying.read(stay)
    assert (over.status, over.payment_status) == (Status.COMPLETED, "due")
    assert (over.amount_owed.text(), over.timeline[-1].note) == ("100.00", "no network")
    assert over.timeline[-1].actor == paying.staff.account_id
    assert paying.deps.accounts.get(paying.user.account_id).owing == 1
    agreement.assert_agree(paying, stay)


def test_letting_out_twice_changes_nothing(paying: PayingCarPark, stay: Booking) -> None:
    let_out(paying, stay)
    before = paying.read(stay)

    assert let_out(paying, stay, "again").may_leave
    assert paying.read(stay) == before


def test_a_payment_under_way_pays_the_debt_of_a_car_that_was_let_out(
    paying: PayingCarPark, gateway: MemoryGateway, stay: Booking
) -> None:
    awaited(paying, stay)
    let_out(paying, stay)
    over = paying.pay(stay)

    assert (over.payment_status, over.kept, over.amount_owed.minor) == ("paid", 10000, 0)
    assert paying.deps.accounts.get(paying.user.account_id).owing == 0
    agreement.assert_agree(paying, stay)


def test_a_payment_of_an_older_bill_pays_a_part_of_the_debt(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock, stay: Booking
) -> None:
    awaited(paying, stay)
    clock.move(minutes=60)
    let_out(paying, stay)
    partly = paying.pay(stay)

    assert (partly.payment_status, partly.amount_owed.text()) == ("due", "50.00")
    assert paying.deps.accounts.get(paying.user.account_id).owing == 1
    agreement.assert_agree(paying, stay)
    paying.leave(stay)
    agreement.assert_agree(paying, stay)
    assert paying.read(stay).kept == 15000


def test_a_payment_of_an_older_bill_that_went_back_before_it_was_heard_of_pays_nothing(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock, stay: Booking
) -> None:
    awaited(paying, stay)
    clock.move(minutes=60)
    let_out(paying, stay)
    attempt_id = gateway.attempt("order_1")
    gateway.refund_in_panel("order_1", attempt_id, 10000)
    heard = paying.hear(stay)

    assert (heard.kept, heard.amount_owed.text()) == (0, "150.00")
    agreement.assert_agree(paying, stay)


def test_a_car_that_an_auto_checkout_left_due_is_let_out_too(
    paying: PayingCarPark, clock: Clock
) -> None:
    paying.add_zone("timed", builders.TIMED)
    booking = paying.enter(paying.book(zone="timed", minutes=60))
    clock.move(minutes=61)

    assert let_out(paying, booking).may_leave
    assert words(paying.read(booking))[-2:] == ["checked_out", "let_out"]


def test_a_paid_stay_is_not_let_out_again(paying: PayingCarPark, stay: Booking) -> None:
    paying.leave(stay)

    with pytest.raises(errors.AlreadyEnded):
        let_out(paying, stay)


# -- time and people meanwhile


def test_an_auto_checkout_while_a_payment_is_awaited_leaves_its_bill_due_and_the_payment_pays_it(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock
) -> None:
    paying.add_zone("timed", builders.TIMED)
    booking = paying.enter(paying.book(zone="timed", minutes=60))
    clock.move(minutes=58)
    presented = awaited(paying, booking)
    clock.move(minutes=3)
    sweeps.run(paying.deps, "auto-checkout")
    ended = paying.read(booking)
    assert (ended.payment_status, ended.bill) == ("due", presented.bill)
    assert paying.payment(booking).is_awaited
    gateway.attempt("order_1")

    assert left(paying, booking).booking.payment_status == "paid"
    agreement.assert_agree(paying, booking)


@pytest.mark.parametrize("state", ["failed", "authorized"])
def test_an_attempt_that_brings_no_money_after_an_auto_checkout_keeps_the_order_open(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock, state: AttemptState
) -> None:
    paying.add_zone("timed", builders.TIMED)
    booking = paying.enter(paying.book(zone="timed", minutes=60))
    clock.move(minutes=58)
    awaited(paying, booking)
    clock.move(minutes=3)
    sweeps.run(paying.deps, "auto-checkout")
    gateway.attempt("order_1", state)
    heard = paying.hear(booking)

    assert paying.payment(booking).is_awaited
    assert words(heard)[-1] == "checked_out"
    gateway.attempt("order_1")
    assert paying.hear(booking).payment_status == "paid"
    agreement.assert_agree(paying, booking)


def test_an_overstay_that_is_being_paid_goes_on_as_one_and_ends_with_its_payment(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock
) -> None:
    policy = replace(builders.VENUE, check_in="gate", confirmation=False)
    paying.add_zone("studios", policy, kind="venue")
    booking = paying.enter(paying.book(zone="studios", minutes=60))
    clock.move(minutes=58)
    presented = awaited(paying, booking)
    clock.move(minutes=3)
    sweeps.run(paying.deps, "auto-checkout")
    noticed = paying.read(booking)
    assert (noticed.status, words(noticed)[-1]) == (Status.ACTIVE, "overstayed")
    assert paying.payment(booking).is_awaited
    gateway.attempt("order_1")

    assert left(paying, booking).bill == presented.bill
    assert paying.read(booking).payment_status == "paid"
    agreement.assert_agree(paying, booking)


def test_the_next_driver_gets_the_space_of_a_stay_that_was_paid(
    paying: PayingCarPark, stay: Booking
) -> None:
    awaited(paying, stay)
    with pytest.raises(errors.SpaceTaken):
        paying.book(paying.other, number=stay.number)
    paying.pay(stay)

    assert paying.book(paying.other, number=stay.number).number == stay.number


def test_a_refund_of_the_fee_meanwhile_leaves_the_rest_due_at_the_gate(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock
) -> None:
    booking = paying.enter(paying.book_and_pay())
    clock.move(minutes=126)
    awaited(paying, booking)
    refunds.refund(paying.deps, paying.owner, booking.booking_id, "50.00", reason="goodwill")
    gateway.attempt("order_2")
    kept = paying.hear(booking)

    assert kept.status is Status.ACTIVE
    assert quote(paying, booking).bill.amount_due.text() == "50.00"
    agreement.assert_agree(paying, booking)


def test_money_for_a_stay_that_was_terminated_goes_back(
    paying: PayingCarPark, gateway: MemoryGateway, stay: Booking
) -> None:
    awaited(paying, stay)
    bookings.terminate(paying.deps, paying.admin, stay.booking_id, reason="fire")
    over = paying.pay(stay)

    assert (over.status, over.kept) == (Status.CANCELLED, 0)
    agreement.assert_agree(paying, stay)


def test_a_customer_pays_once_the_bill_was_presented_at_the_exit(
    paying: PayingCarPark, stay: Booking
) -> None:
    with pytest.raises(errors.ExitNotScanned):
        orders.open_order(paying.deps, paying.user, stay.booking_id)
    quote(paying, stay)
    opened = orders.open_order(paying.deps, paying.user, stay.booking_id)

    assert (opened.payment.purpose, opened.payment.amount.text()) == ("exit", "100.00")
    assert awaited(paying, stay).booking.payments[-1] == opened.payment
    assert paying.pay(stay).status is Status.COMPLETED


def test_what_is_due_after_the_stay_is_paid_online_at_the_gate_too(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock
) -> None:
    paying.add_zone("timed", builders.TIMED)
    booking = paying.enter(paying.book(zone="timed", minutes=60))
    clock.move(minutes=61)
    presented = awaited(paying, booking)
    assert presented.bill.amount_due.text() == gateway.orders["order_1"].amount.text()
    gateway.attempt("order_1")

    assert left(paying, booking).booking.payment_status == "paid"
    agreement.assert_agree(paying, booking)


def test_the_task_of_a_scan_that_broke_off_finds_the_payment(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock, stay: Booking
) -> None:
    gateway.breaks = [("create_order", "after")]
    awaited(paying, stay)
    gateway.attempt("order_1")
    clock.move(minutes=5)
    paying.deliver()

    assert paying.read(stay).payment_status == "paid"


def test_asking_about_a_closed_order_of_an_ended_stay_changes_nothing(
    paying: PayingCarPark, stay: Booking
) -> None:
    awaited(paying, stay)
    paying.leave(stay)
    over = paying.hear(stay)
    asking.ask(paying.deps, over.payments[0].reference)

    assert paying.read(stay) == over


def test_a_scan_that_names_the_version_it_has_seen_is_let_out_when_it_hears_of_the_payment(
    paying: PayingCarPark, gateway: MemoryGateway, stay: Booking
) -> None:
    awaited(paying, stay)
    gateway.attempt("order_1")
    paying.deps = replace(paying.deps, expected=Expected(frozenset({paying.read(stay).version})))

    assert left(paying, stay).booking.status is Status.COMPLETED
