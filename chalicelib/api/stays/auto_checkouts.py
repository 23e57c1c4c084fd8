"""The statistics of stays that time has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

from chalicelib.api.web.http import STAFF, Answer, Call, Routes, ok
from chalicelib.api.web.values import Instant
from chalicelib.domain.core import localtime, serialize
from chalicelib.domain.core.constraints import Doc, Slug
from chalicelib.domain.stays.auto_checkout import AutoCheckout
from chalicelib.services.stays import auto_checkouts

routes = Routes(__name__)


@dataclass(frozen=True)
class SiteQuery:
    """Which site."""

    site: Annotated[Slug, Doc("By default the one site where you work.", "central")] | None = None


@dataclass(frozen=True)
class AutoCheckoutView:
    """A stay that time has ended."""

    booking_id: Annotated[str, Doc("", "BK7Q2M9X4T1NG1QR00005")]
    actual_start_time: Instant
    actual_end_time: Instant
    auto_checkout: bool = True

    @classmethod
    def of(cls, ended: AutoCheckout) -> Self:
        return cls(ended.booking_id, localtime.iso(ended.started_at), localtime.iso(ended.ended_at))


@dataclass(frozen=True)
class AutoCheckoutsView:
    """The auto-checkouts of a site."""

    site: str
    date: Annotated[str, Doc("Today by the calendar of the site.", "2026-11-21")]
    today: Annotated[int, Doc("Stays that time ended today, by their actual end.", 4)]
    latest: Annotated[tuple[AutoCheckoutView, ...], Doc("The ten latest, by their actual end.")]


@routes.get("/api/staff/auto-checkouts", who=STAFF, query=SiteQuery, gives=AutoCheckoutsView)
def list_auto_checkouts(call: Call) -> Answer:
    """How many stays time has ended today, and the ten latest."""
    found = auto_checkouts.of_site(call.deps, call.actor, call.query.site)
    latest = tuple(map(AutoCheckoutView.of, found.latest))
    view = AutoCheckoutsView(found.site.slug, found.on.isoformat(), found.count, latest)
    return ok(serialize.fields(view))
