"""Routes for operators: sites, zones, spaces, manual sweeps, and the audit trail.

Admins may do everything here; owners what concerns their own sites.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Annotated

from chalicelib import sweeps
from chalicelib.api.sites import affected, bodies
from chalicelib.api.sites.affected import EditedSiteView, EditedZoneView
from chalicelib.api.sites.closing import OpenThingsView
from chalicelib.api.sites.records import AuditView, SiteView, SpaceView, ZoneView
from chalicelib.api.web import lists
from chalicelib.api.web.http import ADMIN, OWNER, Answer, Call, Routes, created, no_content, ok
from chalicelib.api.web.lists import Cursor, PageSize
from chalicelib.domain.core.constraints import Doc, Slug, given
from chalicelib.domain.sites.site import Site
from chalicelib.services.core import audit_events
from chalicelib.services.operations import audit_trail
from chalicelib.services.sites import catalogue, closing, spaces
from chalicelib.sweeps import Summary

routes = Routes(__name__)

OfSite = Annotated[Slug, Doc("Only those of this site.", "central")]
OfZone = Annotated[Slug, Doc("The zone whose spaces are listed.", "zone-a")]
UtcDay = Annotated[date, Doc("The day, UTC; today by default.", "2026-11-21")]


@dataclass(frozen=True)
class SitesQuery:
    """Which page of the sites."""

    limit: PageSize = 20
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ZonesQuery(SitesQuery):
    """Which zones."""

    site: OfSite | None = None


@dataclass(frozen=True, kw_only=True)
class SpacesQuery(SitesQuery):
    """Which spaces."""

    zone_id: OfZone


@dataclass(frozen=True)
class AuditQuery(SitesQuery):
    """Which events."""

    site: OfSite | None = None
    date: UtcDay | None = None


@dataclass(frozen=True)
class RunSweep:
    """How to run a sweep."""

    dry_run: Annotated[bool, Doc("Only name what is due, and change nothing.")] = False


@routes.get("/api/admin/sites", who=OWNER, query=SitesQuery, gives=[SiteView])
def list_sites(call: Call) -> Answer:
    """The sites you run, by slug."""
    found = catalogue.list_sites(
        call.deps, call.actor, limit=call.query.limit, after=lists.after(call, "sites")
    )
    return lists.page(call, "sites", found, SiteView.of)


@routes.post(
    "/api/admin/sites",
    who=ADMIN, takes=bodies.NewSite, gives=SiteView, status=201, once=True, sensitive=True,
    located=("/api/admin/sites/{slug}",),
)  # fmt: skip
def create_site(call: Call) -> Answer:
    """Create a site."""
    site = Site(**vars(call.body))
    opened = catalogue.create_site(call.deps, call.actor, site, source_ip=call.source_ip)
    return created(asdict(SiteView.of(opened)))


@routes.get("/api/admin/sites/{slug}", who=OWNER, gives=SiteView)
def get_site(call: Call, slug: str) -> Answer:
    """A site with all its fields."""
    return ok(asdict(SiteView.of(catalogue.get_site(call.deps, call.actor, slug))))


@routes.patch(
    "/api/admin/sites/{slug}",
    who=OWNER, takes=bodies.SiteEdit, gives=EditedSiteView, sensitive=True, versioned=True,
)  # fmt: skip
def edit_site(call: Call, slug: str) -> Answer:
    """Change some fields of a site. Its currency stays while it has zones or plans of season
    passes, its timezone while it takes bookings or has any. After an edit of its hours the answer
    lists the bookings outside of them; these stand."""
    changes = given(call.body)
    edited = catalogue.edit_site(call.deps, call.actor, slug, changes, source_ip=call.source_ip)
    return affected.edited_site(call, edited)


@routes.delete("/api/admin/sites/{slug}", who=ADMIN, status=204, sensitive=True, versioned=True)
def delete_site(call: Call, slug: str) -> Answer:
    """Close a site for good. It must have no zones and no open shifts. Its name stays for the past,
    and its id is never given again."""
    closing.close_site(call.deps, call.actor, slug, source_ip=call.source_ip)
    return no_content()


@routes.get("/api/admin/sites/{slug}/open", who=OWNER, gives=OpenThingsView)
def get_open_at_site(call: Call, slug: str) -> Answer:
    """What has to be finished before a site can be deleted."""
    found = closing.open_at_site(call.deps, call.actor, slug)
    return ok(asdict(OpenThingsView.of(found)))


@routes.get("/api/admin/zones", who=OWNER, query=ZonesQuery, gives=[ZoneView])
def list_zones(call: Call) -> Answer:
    """The zones of the sites you run, or of one of them, by id."""
    what = f"zones/{call.query.site or ''}"
    after = lists.after(call, what)
    found = catalogue.list_zones(
        call.deps, call.actor, call.query.site, limit=call.query.limit, after=after
    )
    return lists.page(call, what, found, ZoneView.of)


@routes.post(
    "/api/admin/zones",
    who=OWNER, takes=bodies.NewZone, gives=ZoneView, status=201, once=True, sensitive=True,
    located=("/api/admin/zones/{zone_id}",),
)  # fmt: skip
def create_zone(call: Call) -> Answer:
    """Create a zone of a site. Missing policy fields get the defaults of its kind."""
    zone = catalogue.create_zone(call.deps, call.actor, **vars(call.body), source_ip=call.source_ip)
    return created(asdict(ZoneView.of(zone)))


@routes.get("/api/admin/zones/{zone_id}", who=OWNER, gives=ZoneView)
def get_zone(call: Call, zone_id: str) -> Answer:
    """A zone with its policy and tariff."""
    return ok(asdict(ZoneView.of(catalogue.get_zone(call.deps, call.actor, zone_id))))


@routes.patch(
    "/api/admin/zones/{zone_id}",
    who=OWNER, takes=bodies.ZoneEdit, gives=EditedZoneView, sensitive=True, versioned=True,
)  # fmt: skip
def edit_zone(call: Call, zone_id: str) -> Answer:
    """Change some fields of a zone, its policy or its tariff. Bookings made before keep the
    prices they were made at. After an edit of hours, blackouts or limits the answer lists the
    bookings outside of them; these stand."""
    changes = given(call.body)
    edited = catalogue.edit_zone(call.deps, call.actor, zone_id, changes, source_ip=call.source_ip)
    return affected.edited_zone(call, edited)


@routes.delete("/api/admin/zones/{zone_id}", who=OWNER, status=204, sensitive=True, versioned=True)
def delete_zone(call: Call, zone_id: str) -> Answer:
    """Close a zone for good. It must have no spaces, live bookings, waitlist entries or unpaid
    stays. Its name stays for the past, and its id is never given again."""
    closing.close_zone(call.deps, call.actor, zone_id, source_ip=call.source_ip)
    return no_content()


@routes.get("/api/admin/zones/{zone_id}/open", who=OWNER, gives=OpenThingsView)
def get_open_in_zone(call: Call, zone_id: str) -> Answer:
    """What has to be finished before a zone can be deleted."""
    found = closing.open_in_zone(call.deps, call.actor, zone_id)
    return ok(asdict(OpenThingsView.of(found)))


@routes.get("/api/admin/spaces", who=OWNER, query=SpacesQuery, gives=[SpaceView])
def list_spaces(call: Call) -> Answer:
    """The spaces of a zone, by number."""
    what = f"spaces/{call.query.zone_id}"
    after = lists.after(call, what)
    found = spaces.list_spaces(
        call.deps, call.actor, call.query.zone_id, limit=call.query.limit, after=after
    )
    return lists.page(call, what, found, SpaceView.of)


@dataclass(frozen=True)
class NewSpacesView(SpaceView):
    """The first of the new spaces, and all of them."""

    spaces: tuple[SpaceView, ...]


@routes.post(
    "/api/admin/spaces",
    who=OWNER, takes=bodies.NewSpaces, gives=NewSpacesView, status=201, once=True, sensitive=True,
    located=("/api/admin/spaces/{space_id}",),
)  # fmt: skip
def create_spaces(call: Call) -> Answer:
    """Add a space to a zone, or many at once, all or none."""
    body = call.body
    added = spaces.create_spaces(
        call.deps,
        call.actor,
        body.zone_id,
        body.all(),
        active=body.active,
        note=body.note,
        source_ip=call.source_ip,
    )
    views = tuple(map(SpaceView.of, added))
    return created(asdict(NewSpacesView(**vars(views[0]), spaces=views)))


@routes.get("/api/admin/spaces/{space_id}", who=OWNER, gives=SpaceView)
def get_space(call: Call, space_id: str) -> Answer:
    """One space."""
    return ok(asdict(SpaceView.of(spaces.get_space(call.deps, call.actor, space_id))))


@routes.patch(
    "/api/admin/spaces/{space_id}",
    who=OWNER, takes=bodies.SpaceEdit, gives=SpaceView, sensitive=True, versioned=True,
)  # fmt: skip
def edit_space(call: Call, space_id: str) -> Answer:
    """Change some fields of a space. An inactive one takes no new bookings."""
    changes = given(call.body)
    space = spaces.edit_space(call.deps, call.actor, space_id, changes, source_ip=call.source_ip)
    return ok(asdict(SpaceView.of(space)))


@routes.delete(
    "/api/admin/spaces/{space_id}", who=OWNER, status=204, sensitive=True, versioned=True
)
def delete_space(call: Call, space_id: str) -> Answer:
    """Close a space for good. It must be neither booked nor waited for. Its number is never given
    again."""
    closing.close_space(call.deps, call.actor, space_id, source_ip=call.source_ip)
    return no_content()


@routes.get("/api/admin/spaces/{space_id}/open", who=OWNER, gives=OpenThingsView)
def get_open_in_space(call: Call, space_id: str) -> Answer:
    """What has to be finished before a space can be deleted."""
    found = closing.open_in_space(call.deps, call.actor, space_id)
    return ok(asdict(OpenThingsView.of(found)))


@routes.post("/api/admin/sweeps/{name}", who=ADMIN, takes=RunSweep, gives=Summary, sensitive=True)
def run_sweep(call: Call, name: str) -> Answer:
    """Run a sweep now, or see which bookings it would handle."""
    summary = sweeps.run(call.deps, name, dry_run=call.body.dry_run)
    if not call.body.dry_run:
        audit_events.note(call.deps, actor=call.actor, action="run_sweep", subject=name)
    return ok(asdict(summary))


@routes.get("/api/admin/audit", who=OWNER, query=AuditQuery, gives=[AuditView])
def list_audit(call: Call) -> Answer:
    """What was done on a day at the sites you run, newest first. Admins also see what belongs to
    no site, such as sign-ins."""
    on = call.query.date or call.now.date()
    what = f"audit/{call.query.site or ''}/{on}/{call.actor.account_id}"
    found = audit_trail.list_day(
        call.deps,
        call.actor,
        call.query.site,
        on,
        limit=call.query.limit,
        after=lists.after(call, what),
    )
    return lists.page(call, what, found, AuditView.of)
