"""Whether booking, ledger and gateway agree at the end."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.domain.bookings import books
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.operations import day_books
from tests.payments.car_park import PayingCarPark


def assert_agree(paying: PayingCarPark, *bookings: Booking) -> None:
    """All tasks are carried out, and the books of these bookings, all there are, agree with those
    of the gateway."""
    for booking in bookings:
        for _ in range(2):
            paying.hear(booking)
    stored = [paying.read(booking) for booking in bookings]
    assert day_books.faults_of_site("central", stored, paying.ledger()) == ()
    for booking in stored:
        assert booking.kept >= 0
        check_purpose(booking)
    at_gateway = sum(books.at_gateways(booking)["razorpay"] for booking in stored)
    fees = sum(payment.fees for booking in stored for payment in booking.payments)
    assert at_gateway + fees == paying.gateway.balance


def check_purpose(booking: Booking) -> None:
    """The money that is kept is for something: a booking, a stay, or what a cancellation keeps."""
    if booking.status is Status.PENDING:
        assert booking.kept == 0
    if booking.status is Status.EXPIRED and not booking.was_made and not any(has_failed(booking)):
        assert booking.kept == 0
    if not booking.is_live and not any(has_failed(booking)):
        assert booking.prepaid == 0
    if booking.status in (Status.BOOKED, Status.ACTIVE):
        at_exit = sum(p.kept for p in booking.payments if p.purpose == "exit")
        assert booking.kept - at_exit <= booking.tariff.booking_fee
        assert booking.status is Status.ACTIVE or not at_exit


def has_failed(booking: Booking) -> Iterator[bool]:
    """For each refund whether it has failed: then its money is the guest's."""
    for payment in booking.payments:
        yield from (refund.state == "failed" for refund in payment.refunds)
