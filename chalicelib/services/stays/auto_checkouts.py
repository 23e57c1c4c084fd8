"""Statistics of a site: the stays that time has ended (docs/rules/checkout.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from chalicelib.domain.core import localtime
from chalicelib.domain.core.access import Actor
from chalicelib.domain.sites.site import Site
from chalicelib.domain.stays.auto_checkout import AutoCheckout
from chalicelib.services.core import current_site
from chalicelib.services.core.deps import Deps
from chalicelib.store import auto_checkouts

LATEST: Final = 10


@dataclass(frozen=True)
class AutoCheckouts:
    """How many stays of a site time ended `on` today, by its calendar, and the `latest` ones."""

    site: Site
    on: date
    count: int
    latest: tuple[AutoCheckout, ...]


def of_site(deps: Deps, actor: Actor, slug: str | None) -> AutoCheckouts:
    """The auto-checkouts of a site, for its staff, or of the only one where `actor` works: two
    queries. A stay counts once a sweep or a read has ended it, on the day of its actual end. Raises
    Forbidden, SiteNotFound, Invalid."""
    site = current_site.named(deps, actor, slug)
    on = localtime.local_date(deps.now(), site.tz)
    return AutoCheckouts(
        site,
        on,
        auto_checkouts.count(site.slug, localtime.day(on, site.tz)),
        auto_checkouts.latest(site.slug, limit=LATEST),
    )
