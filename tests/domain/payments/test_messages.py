"""What a gateway is asked about, and which questions are answered already."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.messages import Question
from chalicelib.domain.payments.payment import Capture, Payment
from tests.clock import NOON

NAMES = st.text("abcDEF019_", min_size=1, max_size=20)
GATEWAYS = st.sampled_from(("razorpay", "phonepe"))


@given(NAMES, GATEWAYS, st.none() | NAMES, st.none() | NAMES)
def test_a_question_is_read_back_from_its_name(
    order: str, gateway: GatewayName, refund: str | None, attempt: str | None
) -> None:
    for question in (Question(order), Question(order, gateway, refund, attempt)):
        assert Question.read(question.name) == question


def a_payment(*captures: Capture) -> Payment:
    due = Money(5000, "INR")
    until = NOON + timedelta(minutes=15)
    return Payment("BK1_1", "razorpay", due, "fee", NOON, until, captures=captures)


@pytest.mark.parametrize(
    ("attempt", "captures", "answered"),
    [
        ("pay_1", (Capture("pay_1", 5000, 118),), True),
        ("pay_1", (Capture("pay_1", 5000),), False),
        ("pay_2", (Capture("pay_1", 5000, 118),), False),
        ("pay_1", (), False),
        (None, (Capture("pay_1", 5000, 118),), False),
    ],
    ids=["recorded", "fee not known", "another attempt", "no money", "about all of it"],
)
def test_a_question_is_answered_once_the_money_and_the_fee_of_its_attempt_are_recorded(
    attempt: str | None, captures: tuple[Capture, ...], answered: bool
) -> None:
    question = Question("order_1", "razorpay", attempt=attempt)
    assert question.is_answered(a_payment(*captures)) == answered
