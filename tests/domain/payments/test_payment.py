from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core.money import Money
from chalicelib.domain.payments import paying_back
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.gateway import (
    Attempt,
    AttemptState,
    GatewayOrder,
    GatewayRefund,
    RefundState,
)
from chalicelib.domain.payments.payment import Payment, Refund

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FEE = Money(5000, "INR")
INTENDED = Payment("BK1_1", "razorpay", FEE, "fee", NOW, NOW + timedelta(minutes=15))


def order(*attempts: Attempt, **fields: Any) -> GatewayOrder:
    shown = GatewayOrder("BK1_1", "order_1", FEE, "open", attempts)
    return replace(shown, **fields)


def captured(attempt_id: str = "pay_1", *refunds: GatewayRefund, **fields: Any) -> Attempt:
    paid = Attempt(attempt_id, "captured", FEE, "upi", refunds=refunds)
    return replace(paid, **fields)


def refund(minor: int, state: RefundState = "processed", **fields: Any) -> GatewayRefund:
    made = GatewayRefund("rfnd_1", None, Money(minor, "INR"), state)
    return replace(made, **fields)


def test_an_order_that_is_seen_makes_an_intended_payment_open() -> None:
    opened = payments.observe(INTENDED, order(pay_url="https://pay.example/1"), NOW)

    assert (opened.state, opened.order_id) == ("open", "order_1")
    assert opened.pay_url == "https://pay.example/1"


def test_a_failed_attempt_leaves_the_order_open() -> None:
    failed = payments.observe(INTENDED, order(Attempt("pay_1", "failed", FEE)), NOW)

    assert (failed.state, failed.tried, failed.received) == ("open", 1, 0)


def test_an_authorized_attempt_has_brought_no_money() -> None:
    seen = payments.observe(INTENDED, order(Attempt("pay_1", "authorized", FEE)), NOW)

    assert (seen.state, seen.received) == ("open", 0)


def test_an_attempt_that_failed_first_may_still_bring_its_money() -> None:
    failed = payments.observe(INTENDED, order(Attempt("pay_1", "failed", FEE)), NOW)
    paid = payments.observe(failed, order(captured()), NOW)

    assert (paid.state, paid.received, paid.is_settled) == ("captured", 5000, True)


def test_money_that_comes_after_the_hold_has_lapsed_is_kept_as_captured() -> None:
    (closed,) = payments.closed((INTENDED,))
    paid = payments.observe(closed, order(captured()), NOW)

    assert (closed.state, paid.state) == ("closed", "captured")


def test_what_the_gateway_keeps_may_become_known_later() -> None:
    paid = payments.observe(INTENDED, order(captured()), NOW)
    known = payments.observe(paid, order(captured(fee=100, tax=18)), NOW)
    again = payments.observe(known, order(captured()), NOW)

    assert (paid.fees, known.fees, again.fees) == (0, 118, 118)


def test_a_refund_made_in_the_panel_is_recorded_with_its_trace() -> None:
    seen = captured("pay_1", refund(2000, trace="RRN1"))
    paid = payments.observe(INTENDED, order(seen), NOW)

    assert paid.refunds == (Refund(None, "pay_1", 2000, "processed", NOW, "rfnd_1", "RRN1"),)
    assert (paid.kept, paid.is_settled) == (3000, True)


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        (order(), None),
        (order(captured()), None),
        (order(amount=Money(4999, "INR")), "the amount is 49.99 INR"),
        (order(amount=Money(5000, "USD")), "the currency is USD"),
        (order(captured(amount=Money(1, "INR"))), "the amount is 0.01 INR"),
        (order(reference="BK2_1"), "the order has another reference"),
        (order(order_id="order_2"), "the order has another id"),
    ],
)
def test_an_order_that_does_not_fit_is_found(shown: GatewayOrder, reason: str | None) -> None:
    opened = payments.observe(INTENDED, order(), NOW)

    assert payments.mismatch(opened, shown) == reason


# -- any answers, in any order --------------------------------------------------------------------

REFUND_STATES = ("pending", "failed", "processed")


@st.composite
def attempts(draw: st.DrawFn) -> Attempt:
    """One of two attempts, in any state, with any of its possible refunds."""
    attempt_id = draw(st.sampled_from(["pay_1", "pay_2"]))
    state: AttemptState = draw(st.sampled_from(get_args(AttemptState)))
    if state != "captured":
        return Attempt(attempt_id, state, FEE)
    refunds = draw(
        st.lists(
            st.builds(
                GatewayRefund,
                st.sampled_from([f"rfnd_{attempt_id}_{n}" for n in range(2)]),
                st.none(),
                st.just(Money(2500, "INR")),
                st.sampled_from(REFUND_STATES),
            ),
            unique_by=lambda refund: refund.refund_id,
        )
    )
    fee = draw(st.sampled_from([None, 118]))
    return Attempt(attempt_id, state, FEE, "upi", fee=fee, refunds=tuple(refunds))


ANSWERS = st.builds(
    GatewayOrder,
    st.just("BK1_1"),
    st.just("order_1"),
    st.just(FEE),
    st.sampled_from(["open", "paid", "expired"]),
    st.lists(attempts(), unique_by=lambda attempt: attempt.attempt_id).map(tuple),
)


def folded(answers: list[GatewayOrder], start: Payment = INTENDED) -> Payment:
    for answer in answers:
        start = payments.observe(start, answer, NOW)
    return start


@given(st.lists(ANSWERS, min_size=1), st.data())
def test_answers_in_any_order_and_number_lead_to_the_same_payment(
    answers: list[GatewayOrder], data: st.DataObject
) -> None:
    repeated = data.draw(st.lists(st.sampled_from(answers)))
    shuffled = data.draw(st.permutations([*answers, *repeated]))

    assert folded(shuffled) == folded(answers)


@given(st.lists(ANSWERS, min_size=1))
def test_no_answer_takes_back_what_an_earlier_one_showed(answers: list[GatewayOrder]) -> None:
    states = ("intended", "open", "closed", "captured")
    before = folded(answers[:-1])
    after = folded(answers)

    assert states.index(after.state) >= states.index(before.state)
    assert after.received >= before.received
    assert {c.attempt_id for c in after.captures} >= {c.attempt_id for c in before.captures}
    assert {r.refund_id for r in after.refunds} >= {r.refund_id for r in before.refunds}


# -- refunds --------------------------------------------------------------------------------------


@given(st.lists(ANSWERS, max_size=4), st.lists(st.integers(1, 12_000), max_size=5))
def test_refunds_never_pay_back_more_than_came_in(
    answers: list[GatewayOrder], asked: list[int]
) -> None:
    paid: payments.Payments = (folded(answers),)
    for minor in asked:
        before = paying_back.refundable(paid)
        paid, by_hand = paying_back.pay_back(paid, minor, NOW)
        assert before - paying_back.refundable(paid) + by_hand == minor
        assert by_hand == max(0, minor - before)

    assert all(each.kept >= 0 for each in paid)
    assert all(each.refundable(c) >= 0 for each in paid for c in each.captures)


def test_a_refund_is_spread_over_several_payments_the_latest_first() -> None:
    first = folded([order(captured())])
    second = replace(first, reference="BK1_2")
    both, by_hand = paying_back.pay_back((first, second), 7000, NOW)

    assert [[r.minor for r in each.refunds] for each in both] == [[2000], [5000]]
    assert [each.refunds[0].reference for each in both] == ["BK1_1_r1", "BK1_2_r1"]
    assert by_hand == 0


def test_what_no_gateway_can_pay_back_is_left_for_the_drawer() -> None:
    paid = (folded([order(captured())]),)

    assert paying_back.pay_back(paid, 6000, NOW)[1] == 1000
    assert paying_back.pay_back((), 6000, NOW) == ((), 6000)


def test_a_failed_refund_may_be_paid_back_again_under_another_reference() -> None:
    asked, _ = paying_back.pay_back((folded([order(captured())]),), 5000, NOW)
    failed = payments.refund_refused(asked[0], "BK1_1_r1")
    again, by_hand = paying_back.pay_back((failed,), 5000, NOW)

    assert paying_back.refundable(asked) == 0
    assert [(r.reference, r.state) for r in again[0].refunds] == [
        ("BK1_1_r1", "failed"),
        ("BK1_1_r2", "pending"),
    ]
    assert by_hand == 0


def test_the_answer_to_our_refund_is_recorded_once() -> None:
    asked, _ = paying_back.pay_back((folded([order(captured())]),), 5000, NOW)
    made = refund(5000, "pending", reference="BK1_1_r1")
    answered = payments.refund_seen(asked[0], "BK1_1_r1", made)
    shown = payments.observe(
        answered, order(captured("pay_1", replace(made, state="processed"))), NOW
    )

    assert [(r.refund_id, r.state) for r in shown.refunds] == [("rfnd_1", "processed")]
    assert not answered.refunds[0].is_to_ask


def test_a_refund_that_the_gateway_has_answered_is_not_refused_any_more() -> None:
    asked, _ = paying_back.pay_back((folded([order(captured())]),), 5000, NOW)
    answered = payments.refund_seen(asked[0], "BK1_1_r1", refund(5000, reference="BK1_1_r1"))

    assert payments.refund_refused(answered, "BK1_1_r1") == answered


def test_references_are_short_enough_for_both_gateways_and_name_their_booking() -> None:
    reference = payments.next_reference("BK7Q2M9X4T1NG1QR00005", (INTENDED,))

    assert reference == "BK7Q2M9X4T1NG1QR00005_2"
    assert payments.booking_of(reference) == "BK7Q2M9X4T1NG1QR00005"
    assert len(f"{reference}99_r99") <= 35
