"""The QR pass in a mail."""

from __future__ import annotations

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.mail.message import Picture
from chalicelib.domain.sites.policy import Policy
from chalicelib.rendering.mail import layout, qr
from chalicelib.rendering.mail.layout import Pass
from chalicelib.texts.mails import MailTexts


def of(booking: Booking, policy: Policy, code: str, texts: MailTexts) -> Pass:
    """The pass of a booking. `code` is the QR text."""
    return Pass(
        code=code,
        heading=texts.qr_heading,
        hint=_hint(booking, policy, texts),
        alt=texts.qr_alt.format(booking_id=booking.booking_id),
    )


def _hint(booking: Booking, policy: Policy, texts: MailTexts) -> str:
    kind = texts.of(booking.kind)
    is_inside = booking.status is Status.ACTIVE
    if policy.check_in == "gate":
        return kind.qr_hint_inside if is_inside else kind.qr_hint
    if policy.check_in == "staff" and not is_inside:
        return kind.qr_hint_desk
    return texts.qr_hint_no_gate


def picture(code: str) -> Picture:
    """The picture that the pass names."""
    return Picture(layout.QR_CID, qr.png(code))
