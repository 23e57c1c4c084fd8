"""The sites that a request of an owner or of staff is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.sentence import say
from chalicelib.domain.sites.site import Site
from chalicelib.services.core.deps import Deps

T = TypeVar("T")

MOST_SITES: Final = 50
"""Sites of an admin shown together; with more of them the request must name one."""


def named(deps: Deps, actor: Actor, slug: str | None) -> Site:
    """The site called `slug`; left out, the one where `actor` works. Raises Forbidden,
    SiteNotFound, Invalid where it has to be named."""
    if slug is None:
        slug = only(deps, actor)
    if slug is None:
        raise errors.Invalid({"site": say("name_the_site")})
    access.require_works_at(actor, slug)
    return deps.catalogue.site(slug)


def only(deps: Deps, actor: Actor) -> str | None:
    """The one site of `actor`; of several, the one that is not closed for good. None where more are
    open."""
    slugs = actor.sites
    if len(slugs) > 1:
        slugs = frozenset(site.slug for site in own_sites(deps, actor))
    return next(iter(slugs)) if len(slugs) == 1 else None


def refuse_zone_elsewhere(deps: Deps, slug: str, zone_id: str) -> None:
    """Refuse a zone of another site than `slug`, open or closed. Raises Invalid."""
    try:
        is_elsewhere = deps.catalogue.zone(zone_id).site != slug
    except errors.ZoneNotFound:
        return
    if is_elsewhere:
        raise errors.Invalid({"zone_id": say("is_no_zone_here")})


def own_sites(deps: Deps, actor: Actor) -> list[Site]:
    """The sites that an owner runs or staff work at, by slug, without closed ones."""
    sites = []
    for slug in sorted(actor.sites):
        try:
            sites.append(deps.catalogue.site(slug))
        except errors.SiteNotFound:
            continue
    return [site for site in sites if site.closed_at is None]


def sites_of(deps: Deps, actor: Actor) -> list[Site]:
    """The sites where `actor` works; all sites for an admin. Raises Invalid above MOST_SITES."""
    if actor.role is not Role.ADMIN:
        return own_sites(deps, actor)
    every = deps.catalogue.sites(limit=MOST_SITES)
    if every.after is not None:
        raise errors.Invalid({"site": say("too_many_sites")})
    return list(every.records)


def in_turn(
    deps: Deps,
    actor: Actor,
    page_of: Callable[[str, int, str | None], Listing[T]],
    *,
    limit: int,
    after: str | None,
) -> Listing[T]:
    """A page of a list of all sites where `actor` works, site by site; `page_of` reads that of one
    site, by slug, size and place. Cost: what `page_of` costs, for each site of the page. Raises
    Invalid for too many sites."""
    slugs = [site.slug for site in sites_of(deps, actor)]
    first, _, place = (after or "").partition("/")
    found: list[T] = []
    for slug in (slug for slug in slugs if slug >= first):
        if len(found) == limit:
            return Listing(tuple(found), f"{slug}/")
        since = (place or None) if slug == first else None
        page = page_of(slug, limit - len(found), since)
        found += page.records
        if page.after is not None:
            return Listing(tuple(found), f"{slug}/{page.after}")
    return Listing(tuple(found), None)
