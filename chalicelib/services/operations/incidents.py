"""Incidents of a site: report and list them (docs/rules/shifts.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.core import errors, ids, localtime
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.sentence import Wording, say
from chalicelib.domain.operations.incident import Incident, IncidentKind
from chalicelib.domain.sites.site import Site, split_space_id
from chalicelib.services.core import current_site
from chalicelib.services.core.deps import Deps


@dataclass(frozen=True)
class NewIncident:
    """A report of an incident. `site` defaults to the one where the reporter works, `occurred_at`
    to now. A naive time is a local time of the site."""

    kind: IncidentKind
    text: str
    site: str | None = None
    booking_id: str | None = None
    space_id: str | None = None
    vehicle_number: str | None = None
    occurred_at: datetime | None = None


def report(deps: Deps, actor: Actor, new: NewIncident) -> Incident:
    """Record an incident, which cannot be changed later: one transaction, and a read where it names
    a booking. Raises Forbidden, SiteNotFound, Invalid."""
    site = current_site.named(deps, actor, new.site)
    faults = dict(_faults(deps, site, new))
    if faults:
        raise errors.Invalid(faults)
    incident_id = deps.new_lasting_id("IN")
    now = ids.made_at(incident_id)
    resolved = localtime.instants(site.tz, occurred_at=new.occurred_at)
    incident = Incident(
        incident_id=incident_id,
        site=site.slug,
        kind=new.kind,
        text=new.text,
        occurred_at=resolved["occurred_at"] or now,
        reported_at=now,
        reported_by=actor.account_id,
        booking_id=new.booking_id,
        space_id=new.space_id,
        vehicle_number=new.vehicle_number,
    )
    try:
        deps.commit(saving(incident))
    except errors.AlreadyExists:
        if deps.incidents.find(incident.site, incident_id) != incident:
            raise
    return incident


def list_of(
    deps: Deps, actor: Actor, site: str | None, *, limit: int, after: str | None
) -> Listing[Incident]:
    """The incidents of a site, newest report first, for its staff: one query. Raises Forbidden,
    SiteNotFound, Invalid."""
    slug = current_site.named(deps, actor, site).slug
    return deps.incidents.of_site(slug, limit=limit, after=after)


def _faults(deps: Deps, site: Site, new: NewIncident) -> Iterator[tuple[str, Wording]]:
    """The ids that are not of the site. Ids of other sites and unknown ids give the same answer."""
    if new.booking_id is not None and not _has_booking(deps, site, new.booking_id):
        yield "booking_id", say("is_no_booking_here")
    if new.space_id is not None and not _has_space(deps, site, new.space_id):
        yield "space_id", say("is_no_space_here")


def _has_booking(deps: Deps, site: Site, booking_id: str) -> bool:
    try:
        return deps.bookings.get(booking_id).site == site.slug
    except errors.BookingNotFound:
        return False


def _has_space(deps: Deps, site: Site, space_id: str) -> bool:
    zone_id, number = split_space_id(space_id)
    try:
        zone = deps.catalogue.zone(zone_id)
    except errors.ZoneNotFound:
        return False
    return zone.site == site.slug and deps.catalogue.has_space(zone_id, number)
