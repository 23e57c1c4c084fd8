"""The facts that a link page shows, as people read them: on the clocks of the site, in its
currency."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.domain.sites.site import Site
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps

if TYPE_CHECKING:
    from chalicelib.texts.pages import PageTexts

Facts = tuple[tuple[str, str], ...]
"""Labels and values, in order."""


def of_booking(deps: Deps, booking: Booking, texts: PageTexts) -> Facts:
    """Space, place, time, code and number of a booking."""
    from chalicelib.texts import catalogue, clocks

    site, zone = places.site_of(deps, booking), places.zone_of(deps, booking)
    kind = catalogue.mails(texts.language).of(booking.kind)
    return (
        (kind.space, f"{booking.number}, {zone.name}"),
        (texts.place, site.name),
        (texts.when, clocks.span(booking.booked, site.tz, texts.language)),
        (texts.booking_code, booking.code),
        (texts.booking, booking.booking_id),
    )


def of_season_pass(held: SeasonPass, site: Site, texts: PageTexts) -> Facts:
    """Plan, place, vehicle, days and number of a season pass."""
    from chalicelib.texts import catalogue, clocks

    mails, language = catalogue.mails(texts.language), texts.language
    days: Facts = ()
    if held.last is not None:
        first, last = (clocks.long_day(day, language) for day in (held.first, held.last))
        days = ((mails.pass_days, mails.pass_days_value.format(first=first, last=last)),)
    return (
        (mails.pass_plan, held.plan.name),
        (texts.place, site.name),
        (mails.vehicle, held.plate),
        *days,
        (mails.pass_number, held.pass_id),
    )


def of_entry(deps: Deps, entry: Entry, texts: PageTexts) -> Facts:
    """Space, place, time and price of a waitlist entry and its offer."""
    from chalicelib.rendering.mail import price
    from chalicelib.texts import catalogue, clocks

    site, zone = places.site_of(deps, entry), places.zone_of(deps, entry)
    mails = catalogue.mails(texts.language)
    kind, rules = mails.of(zone.kind), price.in_words(zone.tariff, mails)
    return (
        (kind.space, f"{entry.held}, {zone.name}" if entry.held else zone.name),
        (texts.place, site.name),
        (texts.when, clocks.span(entry.interval, site.tz, texts.language)),
        (texts.price, "; ".join(rules)),
    )


def moment(deps: Deps, at: datetime, texts: PageTexts, *, of: Booking | Entry) -> str:
    """An instant on the clocks of the site of a record."""
    from chalicelib.texts import clocks

    return clocks.moment(at, places.site_of(deps, of).tz, texts.language)
