"""Mails about bookings that ended without a bill: cancelled, expired, or ended in an emergency.
Each has a calendar file that removes the event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chalicelib.domain.bookings import notices
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.timeline import TimelineEntry
from chalicelib.domain.mail.message import Message
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.domain.stays import check_out
from chalicelib.rendering.mail import calendar, markup, parts, payments
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.layout import Button, Fact
from chalicelib.texts import amounts, clocks
from chalicelib.texts.mails import MailTexts


def cancelled(booking: Booking, site: Site, zone: Zone, *, invitation: Invitation) -> Message:
    """The notice of a cancellation: by the guest, by time without a confirmation, or by the site,
    with the reason of a blackout."""
    texts = invitation.reader.texts
    if booking.auto_cancel is not None:
        return _auto_cancelled(booking, booking.auto_cancel, site, zone, invitation)
    own = notices.is_own(booking)
    return _ended(
        booking,
        site,
        zone,
        invitation,
        subject=texts.given_up_subject,
        heading=texts.given_up_heading,
        lead=texts.own_cancelled_lead if own else texts.booking_cancelled_lead,
        first=(*_why(booking, texts), *_amount_back(booking, texts)),
        notes=tuple(_way_back(booking, texts)),
    )


def _auto_cancelled(
    booking: Booking, step: TimelineEntry, site: Site, zone: Zone, invitation: Invitation
) -> Message:
    """The notice of an auto-cancel: why, by when it should have been confirmed, and where to book
    again."""
    texts, app = invitation.reader.texts, invitation.reader.operator.app_url
    until = clocks.moment(step.at, site.tz, texts.language)
    return _ended(
        booking,
        site,
        zone,
        invitation,
        subject=texts.auto_cancelled_subject,
        heading=texts.auto_cancelled_heading,
        lead=texts.auto_cancelled_lead,
        until=until,
        first=(Fact(texts.reason, texts.auto_cancelled_reason), *_amount_back(booking, texts)),
        button=Button(texts.again_button, app, texts.link_as_text) if app else None,
        notes=(*_way_back(booking, texts), texts.again_hint),
    )


def _amount_back(booking: Booking, texts: MailTexts) -> Iterator[Fact]:
    """What goes back of a booking that was paid online."""
    if booking.returned:
        back = Money(booking.returned, booking.currency)
        yield Fact(texts.returned_amount, amounts.show(back, texts.language))


def _way_back(booking: Booking, texts: MailTexts) -> Iterator[str]:
    """How the money of a booking that was paid online goes back, and what is kept of it."""
    if not booking.payments or not booking.paid:
        return
    if booking.returned:
        yield texts.returned_hint
    if booking.kept:
        kept = texts.cancelled_kept if booking.returned else texts.expired_kept
        yield kept.format(paid=amounts.show(booking.amount_kept, texts.language))


def expired(
    booking: Booking,
    site: Site,
    zone: Zone,
    *,
    invitation: Invitation,
    pay: str | None = None,
) -> Message:
    """The notice of a no-show, with its fee, the link by which it is paid online, if it can be, and
    what is not refunded."""
    texts = invitation.reader.texts
    kept = texts.expired_kept.format(paid=amounts.show(booking.amount_paid, texts.language))
    due = check_out.amount_due(booking)
    return _ended(
        booking,
        site,
        zone,
        invitation,
        subject=texts.expired_subject,
        heading=texts.expired_heading,
        lead=texts.of(booking.kind).expired_lead,
        notice=_no_show_fee(booking, due, site, texts, pay) if due else "",
        button=payments.pay_button(due, pay if due else None, texts),
        notes=(*([kept] if booking.paid else []), texts.expired_mistake.format(site=site.name)),
    )


def _no_show_fee(
    booking: Booking, due: Money, site: Site, texts: MailTexts, pay: str | None
) -> str:
    settle = payments.how_to_settle(booking, texts, pay)
    words = parts.words(booking, site, texts) | {"due": amounts.show(due, texts.language)}
    return f"{texts.expired_fee} {settle.format(**words)}"


def terminated(booking: Booking, site: Site, zone: Zone, *, invitation: Invitation) -> Message:
    """The notice of a stay that an admin ended in an emergency. The reason is an internal note."""
    kind = invitation.reader.texts.of(booking.kind)
    return _ended(
        booking,
        site,
        zone,
        invitation,
        subject=kind.terminated_subject,
        heading=kind.terminated_heading,
        lead=kind.terminated_lead,
    )


def _ended(
    booking: Booking,
    site: Site,
    zone: Zone,
    invitation: Invitation,
    *,
    subject: str,
    lead: str,
    until: str = "",
    first: tuple[Fact, ...] = (),
    notes: tuple[str, ...] = (),
    **content: Any,
) -> Message:
    """The mail of an end; `first` are facts above those of the booking, `until` is when an answer
    was due."""
    reader, texts = invitation.reader, invitation.reader.texts
    words = parts.words(booking, site, texts) | {"until": until}
    letter = parts.of_site(
        reader,
        site,
        parts.about(booking, texts),
        subject=subject.format(**words),
        greeting=reader.greeting,
        lead=lead.format(**words),
        facts=(*first, *parts.booking_facts(booking, site, zone, texts, priced=False)),
        notes=(*notes, texts.given_up_calendar),
        markup=markup.reservation(booking, site, zone, fallback=texts.guest, cancelled=True),
        **content,
    )
    removal = calendar.removal(booking, site, zone, invitation)
    return parts.message(reader, letter, attachments=(removal,))


def _why(booking: Booking, texts: MailTexts) -> Iterator[Fact]:
    """The reason of a blackout. Other reasons are internal notes of staff."""
    for over in booking.timeline:
        if over.source == "blackout":
            yield Fact(texts.reason, over.note)
