"""The sites that a request of an owner or of staff is about."""

from __future__ import annotations

from typing import Final

from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.sites.site import Site
from chalicelib.services.core.deps import Deps

MOST_SITES: Final = 50
"""Sites of an admin shown together; with more of them the request must name one."""


def named(deps: Deps, actor: Actor, slug: str | None) -> Site:
    """The site called `slug`; left out, the one where `actor` works. Raises Forbidden,
    SiteNotFound, Invalid where it has to be named."""
    if slug is None:
        slug = only(deps, actor)
    if slug is None:
        raise errors.Invalid({"site": "name the site"})
    access.require_works_at(actor, slug)
    return deps.catalogue.site(slug)


def only(deps: Deps, actor: Actor) -> str | None:
    """The one site of `actor`; of several, the one that is not closed for good. None where more are
    open."""
    slugs = actor.sites
    if len(slugs) > 1:
        slugs = frozenset(site.slug for site in own_sites(deps, actor))
    return next(iter(slugs)) if len(slugs) == 1 else None


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
        raise errors.Invalid({"site": "name one: there are too many to list together"})
    return list(every.records)
