"""Mails to the owners and the desk of a site."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.mail.message import Message
from chalicelib.domain.realtime.webhook import Webhook
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.rendering.mail import parts
from chalicelib.rendering.mail.layout import Fact, Letter, OwnWords
from chalicelib.texts import clocks
from chalicelib.texts.mails import MailTexts


def webhook_disabled(
    to: str, name: str, webhook: Webhook, site: Site, *, texts: MailTexts
) -> Message:
    """The notice that a webhook is disabled because its calls keep failing."""
    letter = Letter(
        language=texts.language,
        sender=site.name,
        subject=texts.webhook_disabled_subject.format(site=site.name),
        heading=texts.webhook_disabled_heading,
        greeting=texts.greeting.format(name=name),
        lead=texts.webhook_disabled_lead.format(failures=webhook.failures, site=site.name),
        facts=(
            Fact(texts.webhook_url, OwnWords(webhook.url.partition("?")[0])),
            Fact(texts.webhook_since, _moment(webhook.failing_since, site, texts)),
            Fact(texts.webhook_disabled_at, _moment(webhook.disabled_at, site, texts)),
        ),
        notes=(texts.webhook_missed, texts.webhook_again),
        footer=parts.footer(site, texts.webhook_why.format(site=site.name), texts),
    )
    return parts.plain(to, letter)


def overstay(to: str, booking: Booking, site: Site, zone: Zone, *, texts: MailTexts) -> Message:
    """The notice that a guest is still checked in after the booked end. It names no guest: what
    guests have typed stays out of mails to others."""
    until = clocks.moment(booking.booked.end, site.tz, texts.language)
    letter = Letter(
        language=texts.language,
        sender=site.name,
        subject=texts.overstay_subject.format(number=booking.number, site=site.name),
        heading=texts.overstay_heading,
        lead=texts.overstay_lead.format(number=booking.number, until=until),
        facts=(
            Fact(texts.space, f"{booking.number}, {zone.name}"),
            Fact(texts.booked_until, until),
            Fact(texts.booking, booking.booking_id),
        ),
        notes=(texts.overstay_billed, texts.overstay_kept),
        footer=parts.footer(site, texts.desk_why.format(site=site.name), texts),
    )
    return parts.plain(to, letter)


def _moment(at: datetime | None, site: Site, texts: MailTexts) -> str:
    return "" if at is None else clocks.moment(at, site.tz, texts.language)
