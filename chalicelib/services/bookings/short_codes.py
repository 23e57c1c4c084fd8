"""Bookings by their short code, for staff of the site. A code gives no rights."""

from __future__ import annotations

from chalicelib.domain.bookings import short_code
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.sentence import Fault
from chalicelib.services.bookings import settle
from chalicelib.services.core.deps import Deps
from chalicelib.store import short_codes


def find(deps: Deps, site: str, code: str) -> tuple[Booking, ...]:
    """Every booking of a site with that code, settled, the earliest first: a query for each of one
    or two days, one of moved bookings, and one batch read."""
    candidates = short_codes.find(site, code, short_code.days(code, deps.now()))
    found = (
        each for each in deps.bookings.many(candidates) if (each.site, each.code) == (site, code)
    )
    return settle.each(deps, sorted(found, key=lambda each: (each.booked.start, each.booking_id)))


def find_typed(deps: Deps, site: str, text: str) -> tuple[Booking, ...]:
    """The same for what is typed; none where that is no code."""
    try:
        code = short_code.read(text)
    except Fault:
        return ()
    return find(deps, site, code)
