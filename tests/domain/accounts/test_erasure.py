from __future__ import annotations

from dataclasses import asdict, replace

from chalicelib.domain.accounts.erasure import anonymous, is_personal
from chalicelib.domain.bookings.attachment import Attachment
from chalicelib.domain.bookings.details import Guest
from tests import builders


def test_an_anonymous_booking_keeps_times_and_money_and_nothing_else() -> None:
    booking = builders.a_booking(
        owner_name="Asha Rao", purpose="Visit", guests=(Guest("Ravi", "ravi@example.com"),)
    )
    chat = Attachment("conversation", "chat-of-asha", booking.created_at)
    booking = replace(booking, attachments=(chat,))
    assert is_personal(booking)
    left = anonymous(booking)
    assert not is_personal(left)
    assert (left.booked, left.tariff, left.paid, left.status) == (
        booking.booked, booking.tariff, booking.paid, booking.status,
    )  # fmt: skip
    assert left.version == booking.version + 1
    text = str(asdict(left)).lower()
    assert not any(word in text for word in ("asha", "ravi", "visit", "ka01ab1234"))


def test_what_hung_on_a_stay_is_personal_too() -> None:
    bare = builders.a_booking(vehicle_number=None)
    order = Attachment("order", "tea", bare.created_at, bare.created_at)
    assert is_personal(replace(bare, attachments=(order,)))


def test_a_booking_without_a_name_or_a_plate_needs_no_change() -> None:
    assert not is_personal(builders.a_booking(vehicle_number=None))
