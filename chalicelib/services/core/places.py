"""The zone and the site behind a booking or a waitlist entry, also after their deletion.

A place that is closed for good keeps its record. One that an earlier version of Berth deleted has
none: its id stands in for its name, so that no list fails for one missing record and what is due
can still be paid.
"""

from __future__ import annotations

from typing import Final

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.sites.site import Site, Zone, ZoneKind, default_policy
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.services.core.deps import Deps

_NO_PRICE: Final = Tariff("flat", "USD", 0)
"""The tariff of a wish in a zone that is gone: it can no longer be booked."""


def zone_of(deps: Deps, record: Booking | Entry) -> Zone:
    """The zone of a record, cached."""
    try:
        return deps.catalogue.zone(record.zone_id)
    except errors.ZoneNotFound:
        return _unknown_zone(record)


def site_of(deps: Deps, record: Booking | Entry) -> Site:
    """The site of a record, cached."""
    try:
        return deps.catalogue.site(record.site)
    except errors.SiteNotFound:
        return _unknown_site(record)


def remember(deps: Deps, record: Booking | Entry) -> None:
    """Read zone and site into the cache before a commit, so that the answer needs no read after
    it."""
    zone_of(deps, record)
    site_of(deps, record)


def _unknown_zone(record: Booking | Entry) -> Zone:
    kind: ZoneKind = record.kind if isinstance(record, Booking) else "venue"
    return Zone(
        zone_id=record.zone_id,
        site=record.site,
        name=record.zone_id,
        kind=kind,
        policy=default_policy(kind),
        tariff=_tariff(record),
        active=False,
        closed_at=record.updated_at,
    )


def _unknown_site(record: Booking | Entry) -> Site:
    return Site(
        slug=record.site,
        name=record.site,
        timezone="UTC",
        currency=_tariff(record).currency,
        active=False,
        closed_at=record.updated_at,
    )


def _tariff(record: Booking | Entry) -> Tariff:
    return record.tariff if isinstance(record, Booking) else _NO_PRICE
