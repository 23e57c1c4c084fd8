"""The bookings that an edit of hours or limits leaves outside of them: in the answer to the edit,
and as lists."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from typing import Annotated

from chalicelib.api.bookings import present, views
from chalicelib.api.sites.blackouts import HitView, PageQuery
from chalicelib.api.sites.records import SiteView, ZoneView
from chalicelib.api.web import lists
from chalicelib.api.web.http import OWNER, Answer, Call, Routes, ok
from chalicelib.api.web.spoken import Spoken
from chalicelib.domain.core.constraints import Doc
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.services.sites import affected
from chalicelib.services.sites.affected import Affected
from chalicelib.services.sites.catalogue import Edited

routes = Routes(__name__)

Hit = Annotated[
    HitView | None,
    Doc("The live bookings that the new rules would not allow; null if no such rule was edited."),
]


@dataclass(frozen=True)
class EditedSiteView(SiteView, Spoken):
    """An edited site, and the bookings outside of its new hours."""

    bookings: Hit


@dataclass(frozen=True)
class EditedZoneView(ZoneView, Spoken):
    """An edited zone, and the bookings outside of its new hours and limits."""

    bookings: Hit


def edited_site(call: Call, edited: Edited[Site]) -> Answer:
    """The answer to the edit of a site."""
    site = edited.record
    hit = _hit(call, _of_site(site.slug), edited.affected)
    return ok(present.as_json(EditedSiteView(**asdict(SiteView.of(site)), bookings=hit)))


def edited_zone(call: Call, edited: Edited[Zone]) -> Answer:
    """The answer to the edit of a zone."""
    zone = edited.record
    hit = _hit(call, _of_zone(zone.zone_id), edited.affected)
    return ok(present.as_json(EditedZoneView(**asdict(ZoneView.of(zone)), bookings=hit)))


@routes.get(
    "/api/admin/sites/{slug}/affected-bookings",
    who=OWNER, query=PageQuery, gives=[views.BookingView],
)  # fmt: skip
def list_affected_at_site(call: Call, slug: str) -> Answer:
    """The live bookings of a site that its present hours and limits would not allow."""
    what = _of_site(slug)
    found = affected.at_site(
        call.deps, call.actor, slug, limit=call.query.limit, after=lists.after(call, what)
    )
    return lists.page(call, what, found, partial(present.booking, call.deps))


@routes.get(
    "/api/admin/zones/{zone_id}/affected-bookings",
    who=OWNER, query=PageQuery, gives=[views.BookingView],
)  # fmt: skip
def list_affected_in_zone(call: Call, zone_id: str) -> Answer:
    """The live bookings of a zone that its present hours and limits would not allow."""
    what = _of_zone(zone_id)
    found = affected.in_zone(
        call.deps, call.actor, zone_id, limit=call.query.limit, after=lists.after(call, what)
    )
    return lists.page(call, what, found, partial(present.booking, call.deps))


def _of_site(slug: str) -> str:
    return f"affected/site/{slug}"


def _of_zone(zone_id: str) -> str:
    return f"affected/zone/{zone_id}"


def _hit(call: Call, what: str, found: Affected | None) -> HitView | None:
    if found is None:
        return None
    items = tuple(present.booking(call.deps, each) for each in found.first.records)
    return HitView(found.count, items, lists.sealed(call, what, found.first.after))
