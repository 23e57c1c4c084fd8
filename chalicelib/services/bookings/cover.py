"""Cover of a stay by a season pass of its vehicle (docs/rules/passes.md, Cover). A site that sells
none costs no read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.bookings import covering
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import plates
from chalicelib.domain.sites.site import Zone
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps


def at_entry(deps: Deps, change: BookingChange) -> BookingChange:
    """The check-in `change`, covered where a season pass of the vehicle is valid and covers no
    other stay: one query where the site sells passes. The commit raises StaleVersion where the
    pass has changed meanwhile."""
    booking = change.booking
    zone = places.zone_of(deps, booking)
    plate = _plate(booking.details.vehicle_number)
    if not (plate and sells(deps, zone)):
        return change
    return covering.covered(change, zone, deps.season_passes.at_plate(booking.site, plate))


def prolonged(deps: Deps, booking: Booking) -> Booking:
    """The booking, whose cover may have been renewed: one query where its stay has outlasted the
    cover."""
    cover = booking.cover
    if cover is None or booking.status is not Status.ACTIVE or deps.now() <= cover.until:
        return booking
    found = deps.season_passes.at_plate(booking.site, cover.plate)
    return replace(booking, cover=found.prolonged(cover, places.zone_of(deps, booking)))


def is_covered(deps: Deps, zone: Zone, plate: str | None, start: datetime) -> bool:
    """Whether a season pass covers a stay of a vehicle that begins at `start`: one query where the
    site sells passes."""
    compared = _plate(plate)
    if not (compared and sells(deps, zone)):
        return False
    found = deps.season_passes.at_plate(zone.site, compared)
    return found.season_pass is not None and found.season_pass.covers(zone, start) is not None


def sells(deps: Deps, zone: Zone) -> bool:
    """Whether season passes are sold for a zone, or were."""
    return zone.kind == "parking" and bool(deps.catalogue.site(zone.site).season_plans)


def _plate(shown: str | None) -> str:
    return plates.compared(shown or "")
