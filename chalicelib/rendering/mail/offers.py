"""Mails of the waitlist: an offer, its lapse, and the end of a wait (docs/rules/waitlist.md)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from chalicelib.domain.core.interval import Interval
from chalicelib.domain.mail.message import Message
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.domain.waitlist.entry import BY_SITE, Entry
from chalicelib.rendering.mail import parts, price, times
from chalicelib.rendering.mail.layout import Button, Fact
from chalicelib.rendering.mail.reader import Reader
from chalicelib.texts import clocks
from chalicelib.texts.mails import MailTexts


def offer(
    reader: Reader,
    entry: Entry,
    site: Site,
    zone: Zone,
    *,
    claim: str,
    decline: str,
    now: datetime,
) -> Message:
    """The mail of the offer of `entry`, sent `now`, with the links `claim` and `decline`. Raises
    ValueError for an entry without an offer."""
    if entry.lapses_at is None or entry.held is None:
        raise ValueError(f"{entry.entry_id} holds no offer")
    texts, until = reader.texts, entry.lapses_at
    words = _words(entry, site, zone, texts) | {
        "clock": clocks.today(until, site.tz, reader.language, now=now),
        "until": clocks.moment(until, site.tz, reader.language),
        "length": clocks.length(Interval(now, until), reader.language),
    }
    letter = parts.of_site(
        reader,
        site,
        texts.offer_why.format(**words),
        subject=texts.offer_subject.format(**words),
        heading=texts.offer_heading,
        greeting=reader.greeting,
        lead=texts.offer_lead.format(**words),
        facts=tuple(_facts(entry, site, zone, words, texts)),
        button=Button(texts.offer_button, claim, texts.link_as_text),
        other=Button(texts.offer_decline, decline, texts.offer_decline_as_text),
        notice=texts.offer_notice.format(**words),
        notes=(texts.offer_then, texts.offer_app),
    )
    return parts.message(reader, letter)


def lapsed(reader: Reader, entry: Entry, site: Site, zone: Zone) -> Message:
    """The notice that an offer was not claimed in time. Raises ValueError for an entry that had
    none."""
    if entry.held is None or entry.ended_at is None:
        raise ValueError(f"{entry.entry_id} held no offer")
    texts = reader.texts
    until = clocks.moment(entry.ended_at, site.tz, reader.language)
    return _ended(
        reader,
        site,
        _words(entry, site, zone, texts) | {"until": until},
        subject=texts.offer_lapsed_subject,
        heading=texts.offer_lapsed_heading,
        lead=texts.offer_lapsed_lead,
    )


def unserved(reader: Reader, entry: Entry, site: Site, zone: Zone) -> Message:
    """The notice that the time of an entry has come without an offer, or that the site has ended
    the entry."""
    texts, by_site = reader.texts, entry.reason == BY_SITE
    return _ended(
        reader,
        site,
        _words(entry, site, zone, texts),
        subject=texts.wait_closed_subject if by_site else texts.wait_ended_subject,
        heading=texts.wait_closed_heading if by_site else texts.wait_ended_heading,
        lead=texts.wait_closed_lead if by_site else texts.wait_ended_lead,
    )


def _ended(
    reader: Reader, site: Site, words: dict[str, str], *, subject: str, heading: str, lead: str
) -> Message:
    texts = reader.texts
    letter = parts.of_site(
        reader,
        site,
        texts.wait_why.format(**words),
        subject=subject.format(**words),
        heading=heading,
        greeting=reader.greeting,
        lead=lead.format(**words),
        facts=(Fact(texts.place, parts.place(site)), Fact(texts.when, words["when"])),
        notes=(texts.wait_again,),
    )
    return parts.message(reader, letter)


def _words(entry: Entry, site: Site, zone: Zone, texts: MailTexts) -> dict[str, str]:
    """The words that the sentences about an entry leave open."""
    number = entry.held or ""
    return {
        "space": texts.of(zone.kind).named.format(number=number),
        "zone": entry.wish.number or zone.name,
        "site": site.name,
        "when": times.of(entry.interval, zone.kind, site.tz, texts),
    }


def _facts(
    entry: Entry, site: Site, zone: Zone, words: dict[str, str], texts: MailTexts
) -> Iterator[Fact]:
    yield Fact(texts.of(zone.kind).space, f"{entry.held}, {zone.name}")
    yield Fact(texts.place, parts.place(site))
    yield Fact(texts.when, words["when"])
    yield Fact(texts.price, "\n".join(price.in_words(zone.tariff, texts)))
    yield Fact(texts.offer_held, words["until"])
