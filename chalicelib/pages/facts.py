"""The facts that a link page shows, as people read them: on the clocks of the site, in its
currency."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.money import Money
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps
from chalicelib.texts import amounts, clocks

Facts = tuple[tuple[str, str], ...]
"""Labels and values, in order."""


def of_booking(deps: Deps, booking: Booking) -> Facts:
    """Space, place, time and number of a booking."""
    site, zone = places.site_of(deps, booking), places.zone_of(deps, booking)
    return (
        ("Space", f"{booking.number}, {zone.name}"),
        ("Where", site.name),
        ("When", clocks.span(booking.booked, site.tz, "en")),
        ("Booking", booking.booking_id),
    )


def of_entry(deps: Deps, entry: Entry) -> Facts:
    """Space, place, time and price of a waitlist entry and its offer."""
    from chalicelib.rendering.mail import price
    from chalicelib.texts import catalogue

    site, zone = places.site_of(deps, entry), places.zone_of(deps, entry)
    return (
        ("Space", f"{entry.held}, {zone.name}" if entry.held else zone.name),
        ("Where", site.name),
        ("When", clocks.span(entry.interval, site.tz, "en")),
        ("Price", "; ".join(price.in_words(zone.tariff, catalogue.mails("en")))),
    )


def moment(deps: Deps, at: datetime, *, of: Booking | Entry) -> str:
    """An instant on the clocks of the site of a record."""
    return clocks.moment(at, places.site_of(deps, of).tz, "en")


def amount(money: Money) -> str:
    """An amount of money with its symbol."""
    return amounts.show(money, "en")
