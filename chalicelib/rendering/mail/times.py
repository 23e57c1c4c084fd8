"""The time of a booking as its guest reads it: hours, or for a room dates and nights."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.sites import nights
from chalicelib.domain.sites.site import ZoneKind
from chalicelib.rendering.mail.layout import Fact
from chalicelib.texts import amounts, clocks
from chalicelib.texts.mails import MailTexts


def of(interval: Interval, kind: ZoneKind, tz: ZoneInfo, texts: MailTexts) -> str:
    """An interval in one line."""
    shown = clocks.dates if kind == "room" else clocks.span
    return shown(interval, tz, texts.language)


def facts(booking: Booking, tz: ZoneInfo, texts: MailTexts) -> Iterator[Fact]:
    """The booked time: for a room arrival, departure and nights."""
    booked, language = booking.booked, texts.language
    if booking.kind != "room":
        yield Fact(texts.when, clocks.span(booked, tz, language))
        return
    for label, form, at in (
        (texts.arrival, texts.from_hour, booked.start),
        (texts.departure, texts.until_hour, booked.end),
    ):
        day = clocks.day(at.astimezone(tz).date(), language)
        yield Fact(label, form.format(day=day, hour=clocks.clock(at, tz, language)))
    yield Fact(texts.nights, amounts.number(nights.count(booked, tz), language))


def of_stay(booking: Booking, stay: Interval, tz: ZoneInfo, texts: MailTexts) -> Iterator[Fact]:
    """The time of a stay, which says AUTO where it ended automatically: for a room its nights."""
    kind, language = texts.of(booking.kind), texts.language
    entry, exit_ = clocks.ends(stay, tz, language)
    yield Fact(kind.entry, entry)
    yield Fact(kind.exit, f"{exit_}\n{texts.check_out_auto}" if booking.auto_checkout else exit_)
    if booking.kind == "room":
        count = nights.count(nights.billed(booking.booked, stay), tz)
        yield Fact(texts.nights, amounts.number(count, language))
    else:
        yield Fact(texts.duration, clocks.length(stay, language))
