"""Mails about bookings that ended without a bill: cancelled, expired, or ended in an emergency.
Each has a calendar file that removes the event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chalicelib.domain.bookings import notices
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.money import Money
from chalicelib.domain.mail.message import Message
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.domain.stays import check_out
from chalicelib.rendering.mail import calendar, markup, parts
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.layout import Fact, Letter
from chalicelib.texts import amounts
from chalicelib.texts.mails import MailTexts


def cancelled(
    booking: Booking, site: Site, zone: Zone, *, invitation: Invitation, texts: MailTexts
) -> Message:
    """The notice of a cancellation: by the guest, by time without a confirmation, or by the site,
    with the reason of a blackout."""
    return _ended(
        booking,
        site,
        zone,
        invitation,
        texts,
        subject=texts.given_up_subject,
        heading=texts.given_up_heading,
        lead=_lead(booking, texts),
    )


def expired(
    booking: Booking, site: Site, zone: Zone, *, invitation: Invitation, texts: MailTexts
) -> Message:
    """The notice of a no-show, with its fee and what is not refunded."""
    kept = texts.expired_kept.format(paid=amounts.show(booking.amount_paid, texts.language))
    due = check_out.amount_due(booking)
    return _ended(
        booking,
        site,
        zone,
        invitation,
        texts,
        subject=texts.expired_subject,
        heading=texts.expired_heading,
        lead=texts.expired_lead,
        notice=_no_show_fee(booking, due, site, texts) if due else "",
        notes=(*([kept] if booking.paid else []), texts.expired_mistake.format(site=site.name)),
    )


def _no_show_fee(booking: Booking, due: Money, site: Site, texts: MailTexts) -> str:
    settle = texts.settle_account if booking.user_id else texts.settle_guest
    words = {
        "due": amounts.show(due, texts.language),
        "site": site.name,
        "booking_id": booking.booking_id,
    }
    return f"{texts.expired_fee} {settle.format(**words)}"


def terminated(
    booking: Booking, site: Site, zone: Zone, *, invitation: Invitation, texts: MailTexts
) -> Message:
    """The notice of a stay that an admin ended in an emergency. The reason is an internal note."""
    return _ended(
        booking,
        site,
        zone,
        invitation,
        texts,
        subject=texts.terminated_subject,
        heading=texts.terminated_heading,
        lead=texts.terminated_lead,
    )


def _lead(booking: Booking, texts: MailTexts) -> str:
    if booking.auto_cancel is not None:
        return texts.auto_cancelled_lead
    return texts.own_cancelled_lead if notices.is_own(booking) else texts.booking_cancelled_lead


def _ended(
    booking: Booking,
    site: Site,
    zone: Zone,
    invitation: Invitation,
    texts: MailTexts,
    *,
    subject: str,
    heading: str,
    lead: str,
    notice: str = "",
    notes: tuple[str, ...] = (),
) -> Message:
    words = parts.words(booking, site, texts)
    letter = Letter(
        language=texts.language,
        sender=site.name,
        subject=subject.format(**words),
        heading=heading,
        lead=lead.format(**words),
        notice=notice,
        facts=(
            *_why(booking, texts),
            *parts.booking_facts(booking, site, zone, texts, priced=False),
        ),
        notes=(*notes, texts.given_up_calendar),
        footer=parts.site_footer(booking, site, texts),
        markup=markup.reservation(booking, site, zone, fallback=texts.guest, cancelled=True),
    )
    removal = calendar.removal(booking, site, zone, invitation)
    return replace(parts.plain(invitation.to, letter), attachments=(removal,))


def _why(booking: Booking, texts: MailTexts) -> Iterator[Fact]:
    """The reason of a blackout. Other reasons are internal notes of staff."""
    over = booking.timeline[-1]
    if over.source == "blackout":
        yield Fact(texts.reason, over.note)
