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
        if len(actor.sites) != 1:
            raise errors.Invalid({"site": "name the site"})
        (slug,) = actor.sites
    access.require_works_at(actor, slug)
    return deps.catalogue.site(slug)


def own_sites(deps: Deps, actor: Actor) -> list[Site]:
    """The existing sites that an owner runs or staff work at, by slug."""
    sites = []
    for slug in sorted(actor.sites):
        try:
            sites.append(deps.catalogue.site(slug))
        except errors.SiteNotFound:
            continue
    return sites


def sites_of(deps: Deps, actor: Actor) -> list[Site]:
    """The sites where `actor` works; all sites for an admin. Raises Invalid above MOST_SITES."""
    if actor.role is not Role.ADMIN:
        return own_sites(deps, actor)
    every = deps.catalogue.sites(limit=MOST_SITES)
    if every.after is not None:
        raise errors.Invalid({"site": "name one: there are too many to list together"})
    return list(every.records)
