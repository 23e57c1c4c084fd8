"""Mails of the waitlist: an offer, its lapse, and the end of a wait (docs/rules/waitlist.md)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from chalicelib.domain.core.interval import Interval
from chalicelib.domain.mail.message import Message
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.domain.waitlist.entry import BY_SITE, Entry
from chalicelib.rendering.mail import parts, price
from chalicelib.rendering.mail.layout import Button, Fact, Letter
from chalicelib.texts import clocks
from chalicelib.texts.mails import MailTexts


def offer(
    to: str,
    entry: Entry,
    site: Site,
    zone: Zone,
    *,
    claim: str,
    decline: str,
    now: datetime,
    texts: MailTexts,
) -> Message:
    """The mail of the offer of `entry`, sent `now`, with the links `claim` and `decline`. Raises
    ValueError for an entry without an offer."""
    if entry.lapses_at is None or entry.held is None:
        raise ValueError(f"{entry.entry_id} holds no offer")
    words = _words(entry, entry.held, entry.lapses_at, site, now, texts)
    letter = Letter(
        language=texts.language,
        sender=site.name,
        subject=texts.offer_subject.format(**words),
        heading=texts.offer_heading,
        lead=texts.offer_lead.format(**words),
        facts=tuple(_facts(entry, site, zone, words, texts)),
        button=Button(texts.offer_button, claim, texts.link_as_text),
        other=Button(texts.offer_decline, decline, texts.offer_decline_as_text),
        notice=texts.offer_notice.format(**words),
        notes=(texts.offer_app,),
        footer=parts.footer(site, texts.offer_why.format(**words), texts),
    )
    return parts.plain(to, letter)


def lapsed(to: str, entry: Entry, site: Site, zone: Zone, *, texts: MailTexts) -> Message:
    """The notice that an offer was not claimed in time. Raises ValueError for an entry that had
    none."""
    if entry.held is None or entry.ended_at is None:
        raise ValueError(f"{entry.entry_id} held no offer")
    words = {
        "number": entry.held,
        "until": clocks.moment(entry.ended_at, site.tz, texts.language),
    } | _of_wait(entry, site, zone, texts)
    return _ended(
        to,
        site,
        words,
        texts,
        subject=texts.offer_lapsed_subject,
        heading=texts.offer_lapsed_heading,
        lead=texts.offer_lapsed_lead,
    )


def unserved(to: str, entry: Entry, site: Site, zone: Zone, *, texts: MailTexts) -> Message:
    """The notice that the time of an entry has come without an offer, or that the site has ended
    the entry."""
    by_site = entry.reason == BY_SITE
    return _ended(
        to,
        site,
        _of_wait(entry, site, zone, texts),
        texts,
        subject=texts.wait_closed_subject if by_site else texts.wait_ended_subject,
        heading=texts.wait_closed_heading if by_site else texts.wait_ended_heading,
        lead=texts.wait_closed_lead if by_site else texts.wait_ended_lead,
    )


def _ended(
    to: str,
    site: Site,
    words: dict[str, str],
    texts: MailTexts,
    *,
    subject: str,
    heading: str,
    lead: str,
) -> Message:
    letter = Letter(
        language=texts.language,
        sender=site.name,
        subject=subject.format(**words),
        heading=heading,
        lead=lead.format(**words),
        facts=(Fact(texts.place, parts.place(site)), Fact(texts.when, words["when"])),
        notes=(texts.wait_again,),
        footer=parts.footer(site, texts.wait_why.format(**words), texts),
    )
    return parts.plain(to, letter)


def _of_wait(entry: Entry, site: Site, zone: Zone, texts: MailTexts) -> dict[str, str]:
    return {
        "zone": entry.wish.number or zone.name,
        "site": site.name,
        "when": clocks.span(entry.interval, site.tz, texts.language),
    }


def _words(
    entry: Entry, held: str, until: datetime, site: Site, now: datetime, texts: MailTexts
) -> dict[str, str]:
    return {
        "number": held,
        "site": site.name,
        "when": clocks.span(entry.interval, site.tz, texts.language),
        "clock": clocks.today(until, site.tz, texts.language, now=now),
        "until": clocks.moment(until, site.tz, texts.language),
        "length": clocks.length(Interval(now, until), texts.language),
    }


def _facts(
    entry: Entry, site: Site, zone: Zone, words: dict[str, str], texts: MailTexts
) -> Iterator[Fact]:
    yield Fact(texts.space, f"{entry.held}, {zone.name}")
    yield Fact(texts.place, parts.place(site))
    yield Fact(texts.when, words["when"])
    yield Fact(texts.price, "\n".join(price.in_words(zone.tariff, texts)))
    yield Fact(texts.offer_held, words["until"])
