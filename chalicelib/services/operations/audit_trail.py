"""The audit trail, for admins and owners."""

from __future__ import annotations

from datetime import date

from chalicelib.domain.core import access
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.listing import Listing
from chalicelib.services.core import current_site
from chalicelib.services.core.deps import Deps


def list_day(
    deps: Deps, actor: Actor, site: str | None, on: date, *, limit: int, after: str | None
) -> Listing[AuditEvent]:
    """The audit events of a UTC day, newest first: of one site, or of all that `actor` runs; for an
    admin also those without a site. One query per site. Raises Forbidden, SiteNotFound, and Invalid
    where there are too many sites to read."""
    found = [
        event
        for slug in _sites(deps, actor, site)
        for event in deps.audit.list_day(slug, on, limit + 1, after).events
    ]
    newest = sorted(found, key=lambda event: event.event_id, reverse=True)
    page = tuple(newest[:limit])
    return Listing(page, page[-1].event_id if len(newest) > limit else None)


def _sites(deps: Deps, actor: Actor, site: str | None) -> list[str | None]:
    if site is not None:
        access.require_runs(actor, site)
        return [deps.catalogue.site(site).slug]
    slugs = [each.slug for each in current_site.sites_of(deps, actor)]
    return [None, *slugs] if actor.role is Role.ADMIN else [*slugs]
