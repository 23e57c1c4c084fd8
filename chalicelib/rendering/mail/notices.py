"""Mails to the owners and the desk of a site."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.mail.message import Message
from chalicelib.domain.realtime.webhook import Webhook
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.rendering.mail import parts
from chalicelib.rendering.mail.layout import Fact, OwnWords
from chalicelib.rendering.mail.reader import Reader
from chalicelib.texts import clocks
from chalicelib.texts.mails import MailTexts


def webhook_disabled(reader: Reader, webhook: Webhook, site: Site) -> Message:
    """The notice that a webhook is disabled because its calls keep failing."""
    texts = reader.texts
    letter = parts.of_site(
        reader,
        site,
        texts.webhook_why.format(site=site.name),
        to_staff=True,
        subject=texts.webhook_disabled_subject.format(site=site.name),
        heading=texts.webhook_disabled_heading,
        greeting=reader.greeting,
        lead=texts.webhook_disabled_lead.format(webhook.failures, site=site.name),
        facts=(
            Fact(texts.webhook_url, OwnWords(webhook.url.partition("?")[0])),
            Fact(texts.webhook_since, _moment(webhook.failing_since, site, texts)),
            Fact(texts.webhook_disabled_at, _moment(webhook.disabled_at, site, texts)),
        ),
        notes=(texts.webhook_missed, texts.webhook_again),
    )
    return parts.message(reader, letter)


def overstay(reader: Reader, booking: Booking, site: Site, zone: Zone) -> Message:
    """The notice that a guest is still checked in after the booked end. It names no guest: what
    guests have typed stays out of mails to others."""
    texts, kind = reader.texts, reader.texts.of(booking.kind)
    until = clocks.moment(booking.booked.end, site.tz, texts.language)
    words = parts.words(booking, site, texts) | {"until": until}
    letter = parts.of_site(
        reader,
        site,
        texts.desk_why.format(site=site.name),
        to_staff=True,
        subject=texts.overstay_subject.format(**words),
        heading=kind.overstay_heading,
        lead=kind.overstay_lead.format(**words),
        facts=(
            Fact(kind.space, f"{booking.number}, {zone.name}"),
            Fact(texts.booked_until, until),
            *parts.names(booking, texts),
        ),
        notes=(texts.overstay_billed, kind.overstay_kept),
    )
    return parts.message(reader, letter)


def _moment(at: datetime | None, site: Site, texts: MailTexts) -> str:
    return "" if at is None else clocks.moment(at, site.tz, texts.language)
