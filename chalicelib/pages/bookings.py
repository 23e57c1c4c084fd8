"""Pages of the confirm and cancel links: a question with one button, or the state of the booking. A
button pressed twice or too late shows that state and is no error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.api.web.http import Call
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.payments.refund import RefundDecision
from chalicelib.pages import facts
from chalicelib.pages.page import Page
from chalicelib.services.bookings import links

if TYPE_CHECKING:
    from chalicelib.texts.pages import PageTexts


def ask_to_confirm(call: Call, token: str, texts: PageTexts) -> Page:
    """The button to confirm, while the booking is not confirmed."""
    booking = links.open_link(call.deps, token, "confirm")
    if booking.confirmed_at is not None or not _is_ahead(call, booking):
        return _state(call, booking, texts)
    return Page(
        texts,
        texts.confirm_title,
        texts.confirm_text,
        texts.confirm_button,
        facts=facts.of_booking(call.deps, booking, texts),
    )


def confirm(call: Call, token: str, texts: PageTexts) -> Page:
    """Confirm, and show the state."""
    try:
        return _state(call, links.confirm(call.deps, token), texts)
    except (errors.AlreadyEnded, errors.IllegalTransition):
        return _state(call, links.open_link(call.deps, token, "confirm"), texts)


def ask_to_cancel(call: Call, token: str, texts: PageTexts) -> Page:
    """The refund of a cancellation, and the button to cancel."""
    from chalicelib.texts import sentences

    booking = links.open_link(call.deps, token, "cancel")
    if not _is_ahead(call, booking):
        return _state(call, booking, texts)
    back = links.refund(call.deps, booking)
    reason = sentences.in_words(back.reason, texts.language)
    return Page(
        texts,
        texts.cancel_title,
        texts.cancel_text,
        texts.cancel_button,
        facts=(*facts.of_booking(call.deps, booking, texts), *_money(back, booking, texts)),
        notes=(texts.cancel_free if booking.is_free else reason,),
        grave=True,
    )


def cancel(call: Call, token: str, texts: PageTexts) -> Page:
    """Cancel, and show the refund."""
    try:
        done = links.cancel(call.deps, token)
    except (errors.AlreadyEnded, errors.IllegalTransition):
        return _state(call, links.open_link(call.deps, token, "cancel"), texts)
    shown = facts.of_booking(call.deps, done.booking, texts)
    return Page(
        texts,
        texts.cancelled_title,
        texts.cancelled_text,
        facts=(*shown, *_money(done.refund, done.booking, texts)),
    )


def over(call: Call, booking: Booking, texts: PageTexts) -> Page:
    """That a booking is over, and why."""
    from chalicelib.texts import sentences

    why = sentences.in_words(booking.why_over, texts.language)
    return Page(texts, texts.over_title, why, facts=facts.of_booking(call.deps, booking, texts))


def _money(back: RefundDecision, booking: Booking, texts: PageTexts) -> tuple[tuple[str, str], ...]:
    from chalicelib.texts import amounts

    amount = amounts.show(back.amount, texts.language)
    return () if booking.is_free else ((texts.paid_back, amount),)


def _is_ahead(call: Call, booking: Booking) -> bool:
    return booking.status is Status.BOOKED and call.now < booking.booked.start


def _state(call: Call, booking: Booking, texts: PageTexts) -> Page:
    if booking.auto_cancel is None and not booking.is_live:
        return over(call, booking, texts)
    title, text = _description(call, booking, texts)
    return Page(texts, title, text, facts=facts.of_booking(call.deps, booking, texts))


def _description(call: Call, booking: Booking, texts: PageTexts) -> tuple[str, str]:
    if booking.auto_cancel is not None:
        since = facts.moment(call.deps, booking.auto_cancel.at, texts, of=booking)
        return texts.auto_cancelled_title, texts.auto_cancelled_text.format(since=since)
    if not _is_ahead(call, booking):
        return texts.begun_title, texts.begun_text
    assert booking.confirmed_at is not None
    since = facts.moment(call.deps, booking.confirmed_at, texts, of=booking)
    return texts.confirmed_title, texts.confirmed_text.format(since=since)
