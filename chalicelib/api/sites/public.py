"""Public routes: health, sites, zones, availability."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from typing import Annotated

from chalicelib import VERSION
from chalicelib.api.sites.views import (
    AvailabilityView,
    PublicSiteView,
    SiteNowView,
    ZoneNowView,
    place,
)
from chalicelib.api.web import lists
from chalicelib.api.web.http import PUBLIC, USER, Answer, Call, Routes, ok
from chalicelib.api.web.lists import Cursor, PageSize
from chalicelib.api.web.moments import Moment
from chalicelib.api.web.values import Instant
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.constraints import Doc, Slug
from chalicelib.domain.core.sentence import say
from chalicelib.services.bookings import availability
from chalicelib.services.core import health

routes = Routes(__name__)

CalendarDay = Annotated[date, Doc("A day of the site's calendar.", "2026-11-21")]


@dataclass(frozen=True)
class HealthView:
    """Berth is up and reaches DynamoDB; otherwise the answer is 503."""

    status: Annotated[str, Doc("`ok`.", "ok")]
    version: Annotated[str, Doc("The version of Berth.", VERSION)]
    time: Instant
    checks: Annotated[dict[str, str], Doc("The checks by name.", {"dynamodb": "ok"})]


@dataclass(frozen=True)
class PageQuery:
    """Which page of a list."""

    limit: PageSize = 20
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ZonesQuery(PageQuery):
    """Which zones."""

    site: Annotated[Slug, Doc("Only the zones of this site.", "central")] | None = None


@dataclass(frozen=True)
class AvailabilityQuery:
    """An interval (by default from now, for the default duration of the zone) or a day."""

    start: Moment | None = None
    end: Moment | None = None
    date: CalendarDay | None = None


@routes.get("/api/public/health", who=PUBLIC, gives=HealthView)
def get_health(call: Call) -> Answer:
    """Whether Berth is up. Tries a read of DynamoDB; 503 where that fails."""
    checks = health.check(call.deps)
    return ok(asdict(HealthView("ok", VERSION, localtime.iso(call.now), checks)))


@routes.get("/api/public/sites", who=PUBLIC, query=PageQuery, gives=[PublicSiteView])
def list_public_sites(call: Call) -> Answer:
    """The sites that take bookings, with contact and opening hours."""
    after = lists.after(call, "public/sites")
    found = availability.open_sites(call.deps, limit=call.query.limit, after=after)
    return lists.page(call, "public/sites", found, partial(PublicSiteView.of, now=call.now))


@routes.get("/api/public/sites/{slug}", who=PUBLIC, gives=SiteNowView)
def get_public_site(call: Call, slug: str) -> Answer:
    """One site with its zones and what is free in them now."""
    site = availability.open_site(call.deps, slug)
    zones = tuple(map(ZoneNowView.of, availability.of_site(call.deps, slug)))
    open_now = site.opening_hours.open_at(call.now, site.tz)
    return ok(asdict(SiteNowView(**place(site), open_now=open_now, zones=zones)))


@routes.get("/api/public/zones", who=PUBLIC, query=ZonesQuery, gives=[ZoneNowView])
def list_public_zones(call: Call) -> Answer:
    """The zones that take bookings, with their rates and what is free now."""
    return _zones(call, "public/zones")


@routes.get("/api/user/zones", who=USER, query=ZonesQuery, gives=[ZoneNowView])
def list_user_zones(call: Call) -> Answer:
    """The zones that take bookings, with their rates and what is free now."""
    return _zones(call, "user/zones")


def _zones(call: Call, name: str) -> Answer:
    what = f"{name}/{call.query.site or ''}"
    found = availability.of_zones(
        call.deps, call.query.site, limit=call.query.limit, after=lists.after(call, what)
    )
    return lists.page(call, what, found, ZoneNowView.of)


@routes.get(
    "/api/zones/{zone_id}/availability",
    who=PUBLIC, query=AvailabilityQuery, gives=AvailabilityView,
)  # fmt: skip
def get_availability(call: Call, zone_id: str) -> Answer:
    """What is free in a zone. For an interval the spaces that can be had for all of it; for a
    `date` the free times of every space."""
    query = call.query
    if query.date is None:
        vacancy = availability.of_interval(call.deps, zone_id, start=query.start, end=query.end)
        return ok(asdict(AvailabilityView.of(vacancy)))
    if query.start is not None or query.end is not None:
        raise errors.Invalid({"date": say("give_date_or_times")})
    return ok(asdict(AvailabilityView.of_day(availability.of_day(call.deps, zone_id, query.date))))
