"""The mail about a cancellation: what goes back of an online payment, and by which way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.bookings import ends
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.languages import Language
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.payment import Capture, Payment, Refund
from chalicelib.rendering.mail import endings
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.reader import Reader
from tests import builders
from tests.clock import NOON

WAY = "The money comes back the way it was paid, usually within five to seven working days."


def cancelled(back: int, *, paid: int = 5000) -> Booking:
    """A booking whose fee was paid online and is paid back as far as `back`."""
    refunds = (Refund("R1", "pay_1", back, "pending", NOON),) if back else ()
    captures = (Capture("pay_1", paid),)
    fee = Payment(
        "P1", "razorpay", Money(paid, "INR"), "fee", NOON, NOON, "captured", "order_1",
        captures=captures, refunds=refunds,
    )  # fmt: skip
    booking = replace(builders.a_booking(), paid=paid, payments=(fee,))
    return ends.cancel(booking, by=builders.CUSTOMER, source="api", reason="", now=NOON).booking


def text_of(booking: Booking, language: Language = "en") -> str:
    reader = Reader("user1@example.com", language)
    invitation = Invitation(reader, "berth@example.com", "berth.example.com", NOON)
    mail = endings.cancelled(booking, builders.a_site(), builders.a_zone(), invitation=invitation)
    return " ".join(mail.text.split())


def test_the_mail_says_how_much_goes_back_and_by_which_way() -> None:
    text = text_of(cancelled(5000))

    assert "Paid back ₹50.00" in text
    assert WAY in text
    assert "not refunded" not in text


def test_a_part_that_is_kept_is_named() -> None:
    text = text_of(cancelled(2000))

    assert "Paid back ₹20.00" in text
    assert "The other ₹30.00 you paid is not refunded." in text


def test_a_fee_that_is_kept_whole_is_named() -> None:
    text = text_of(cancelled(0))

    assert "The ₹50.00 you paid is not refunded." in text
    assert WAY not in text
    assert "Paid back" not in text


@pytest.mark.parametrize("language", ["en", "hi"])
def test_nothing_is_said_of_money_where_none_was_paid(language: Language) -> None:
    booking = builders.a_booking()
    over = ends.cancel(booking, by=builders.CUSTOMER, source="api", reason="", now=NOON).booking

    assert "₹" not in text_of(over, language)


def test_it_is_said_in_hindi() -> None:
    text = text_of(cancelled(2000), "hi")

    assert "वापस की जा रही राशि ₹20.00" in text
    assert "आपके चुकाए हुए बाकी ₹30.00 वापस नहीं होंगे।" in text
