"""The mail about a payment that goes back by itself says why it was not needed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.payment import Capture, Payment, Refund
from chalicelib.rendering.mail import payments
from chalicelib.rendering.mail.reader import Reader
from docs.example_stays import paid_too_late
from tests import builders
from tests.clock import NOON

BACK = Payment(
    "P1", "razorpay", Money(5000, "INR"), "exit", NOON, NOON, "captured", "order_1",
    captures=(Capture("pay_1", 5000),), refunds=(Refund("R1", "pay_1", 5000, "pending", NOON),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("booking", "why"),
    [
        (builders.a_booking(), "It was not needed"),
        (replace(builders.a_booking(), status=Status.COMPLETED), "It was not needed"),
        (replace(builders.a_booking(), status=Status.CANCELLED), "after that booking had ended"),
        (paid_too_late(), "after the time to pay was over"),
    ],
)
def test_the_mail_says_why_the_money_comes_back(booking: Booking, why: str) -> None:
    reader = Reader("user1@example.com", "en")
    mail = payments.returned(reader, booking, BACK, builders.a_site(), builders.a_zone())

    assert why in " ".join(mail.text.split())
